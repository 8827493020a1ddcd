"""Settings follow the institution that their name stands for, whatever is learned of institutions later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import projector
from projector import AmbiguousTenant, BadQuestion
from tests.builders import HARBOR, ROOT, Event, outcome, reported, scale
from tests.serve.shell import Shell, log_of

NAME = "account_level_mastery_scales"


def named(uuid: str | None, root: Any = None, **event: Any) -> Event:
    """A scale of Account/1, of an institution that is named so."""
    found = scale("2024-01-01T00:00:00Z", **event)
    found["metadata"] |= {"root_account_uuid": uuid, "root_account_id": root}
    return {**found, "metadata": {k: v for k, v in found["metadata"].items() if v is not None}}


def is_off(p: projector.Projector, tenant: str | None = None) -> bool:
    """Whether the account's scale is switched off."""
    answer = p.now(tenant=tenant).scale_in_force("Account/1")
    assert (answer.because == "switched off") == answer.basis.assumed[0].startswith(f"{NAME}=off (set ")
    return answer.because == "switched off"


LEARNED: dict[str, tuple[list[Event], str, Callable[[projector.Projector], object], str]] = {
    "the uuid of its root account": ([named(None, ROOT)], ROOT, lambda p: p.append(named(HARBOR, ROOT)), HARBOR),
    "the uuid, the id being sent as a number": (
        [named(None, int(ROOT))],
        ROOT,
        lambda p: p.append(named(HARBOR, int(ROOT))),
        HARBOR,
    ),
    "the uuid, the id being named with a tilde": (
        [named(None, ROOT)],
        "2107~1",
        lambda p: p.append(named("U", ROOT)),
        "U",
    ),
    "an alias": ([named("B"), named("A")], "B", lambda p: p.alias("B", "A"), "A"),
    "an alias of the other name": ([named("B"), named("A")], "A", lambda p: p.alias("A", "B"), "B"),
    "an alias of its uuid": ([named("B", ROOT)], ROOT, lambda p: p.alias("B", "A"), "A"),
    "its first event": ([named("A")], "B", lambda p: p.append(named("B")), "B"),
}


@pytest.mark.parametrize("learned", LEARNED)
def test_a_setting_stays_with_its_institution(p: projector.Projector, learned: str) -> None:
    """Whatever name it was made under, and whichever name the institution has later."""
    events, before, learn, after = LEARNED[learned]
    p.append(events)
    p.set(NAME, "off", tenant=before)
    if learned != "its first event":
        assert is_off(p, before)
    learn(p)
    assert is_off(p, after)
    assert [(s.tenant, s.value) for s in p.settings(after)] == [(after, "off")]
    assert p.settings(before) == p.settings(after)
    others = [tenant for tenant in p.tenants if tenant != after]
    assert not any(is_off(p, tenant) for tenant in others)


@pytest.mark.parametrize("last", ["A", "B"])
def test_of_settings_under_two_names_of_one_institution_the_last_counts(p: projector.Projector, last: str) -> None:
    """As if they had been made under one."""
    p.append([named("A"), named("B")])
    first = "B" if last == "A" else "A"
    p.set(NAME, "off", tenant=first)
    p.set(NAME, "on", "2024-01-01", tenant=last)
    p.set(NAME, "off", "2024-01-01", tenant=last)
    p.alias("B", "A")
    assert [setting.value for setting in p.settings("A")] == ["off", "on", "off"]
    assert is_off(p, "A")
    assert p.as_of("2023-12-31", tenant="A").scale_in_force("Account/1").because == "switched off"
    assert p.as_of("2024-02-01", tenant="A").scale_in_force("Account/1").because == "switched off"
    p.set(NAME, "on", "2024-03-01", tenant="B")
    assert p.as_of("2024-03-02", tenant="A").scale_in_force("Account/1").version is not None


def test_before_there_is_an_institution_one_must_be_named(run: Shell, p: projector.Projector) -> None:
    """No store is made for nothing; by its name it can be set, and is listed."""
    ran = run("settings", NAME, "off")
    assert (ran.code, "--tenant" in ran.err, run.store.exists()) == (2, True, False)
    ran = run(f"settings {NAME} off --tenant Harbor")
    assert (ran.code, f"{NAME} off, always" in ran.out) == (0, True)
    assert run("settings --json").json["tenant"] == "Harbor"
    assert run("settings --tenant Harbor --json").json["value"] == "off"
    assert run(f"settings {NAME} off").code == 2
    with pytest.raises(BadQuestion, match="no institution yet"):
        p.set(NAME, "off")
    assert p.settings() == []
    p.append([named("A"), named("B")])
    with pytest.raises(AmbiguousTenant):
        p.set(NAME, "off")


def test_a_setting_that_cannot_be_meant_makes_no_store(run: Shell) -> None:
    """It is looked at first."""
    for words in (
        f"settings {NAME} maybe --tenant A",
        "settings x on --tenant A",
        f"settings {NAME} on --from soon --tenant A",
    ):
        assert run(words).code == 2
        assert not run.store.exists()


def test_scores_keep_their_scale_when_the_uuid_becomes_known(p: projector.Projector) -> None:
    """The change of name alone changes no number."""
    criterion = {"mastery_points": 3, "points_possible": 5, "ratings": [{"points": 5}]}
    bare: dict[str, Any] = {"root_account_uuid": None}
    result = {"id": "1", "learning_outcome_id": "7", "user_uuid": "Ada", "percent": 0.6, "score": 3}
    cells = reported("learning_outcome_created", {"learning_outcome_id": "7", "rubric_criterion": criterion}, **bare)
    p.append([named(None, ROOT), cells, reported("learning_outcome_result_created", result, **bare)])
    p.set(NAME, "off")
    before = list(p.now().scores())
    p.append(outcome("Other", id="8"))
    assert p.tenants == (HARBOR,)
    assert list(p.now().scores()) == before
    assert [(score.score, score.judged_by.scale) for score in before] == [(3.0, "outcome")]


def test_the_help_of_an_alias_names_both_sides_as_they_are(run: Shell, tmp_path: Path) -> None:
    """The first is given up, the second stays."""
    shown = " ".join(run("tenants alias --help").out.replace("│", " ").split())
    assert "B A [OPTIONS]" in shown
    assert "B The name to give up" in shown
    assert "A The name that both have from now on" in shown
    run("replay", log_of(tmp_path, named("Old"), named("New")))
    assert "called New" in run("tenants alias Old New").out
    assert [run("tenants --json").json["tenant"]] == ["New"]


@pytest.mark.parametrize("value", ["off", "on"])
def test_of_settings_made_at_one_instant_the_last_counts(value: str) -> None:
    """A clock that stands still gives them one time of recording."""
    with projector.open(":memory:", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as p:
        p.set(NAME, "on" if value == "off" else "off", "2024-01-01", tenant="A")
        p.set(NAME, value, "2024-01-01", tenant="A")
        p.append(named("A"))
        assert is_off(p, "A") == (value == "off")
