"""The instants of a question through time, and how many there may be."""

from __future__ import annotations

import json

import pytest

from tests.builders import mark, outcome
from tests.serve.shell import Shell


def replay(run: Shell, *events: object) -> None:
    """Let a store hold these events."""
    file = run.store.with_suffix(".jsonl")
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    assert run("replay", file).code == 0


def days(run: Shell, *words: str) -> list[str]:
    """The instants for which there is a score of Ada."""
    ran = run.run("scores", "--learner", "Ada", "--json", *words)
    return [json.loads(line)["as_of"][:10] for line in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("first", "over"),
    [
        ("1970-01-01", "weekly"),
        ("1970-01-01", "monthly"),
        ("1999-12-31", "weekly"),
        ("0001-01-01", "weekly"),
        ("0001-01-01", "monthly"),
    ],
)
def test_too_many_instants_are_refused_however_they_are_said(run: Shell, first: str, over: str) -> None:
    """Nothing is left out silently; the sentence says from when until when, and what to do."""
    replay(run, outcome("Cells", f"{first}T00:00:00Z", id="7"), mark("1", "Ada", 0.5, "2024-03-01"))
    ran = run("scores --over", over)
    assert (ran.code, ran.out) == (2, "")
    assert f"from the first event, of {first}, to 2024-03-01 would be more than 520 instants" in ran.err
    assert "--over T1,T2" in ran.err
    assert days(run, "--over", "2024-02-29,2024-03-31") == ["2024-03-31"]
    assert run("scores --over", ",".join(["2024-03-31"] * 521)).code == 2


@pytest.mark.parametrize(
    ("over", "last", "beyond"), [("weekly", "2034-02-12", "2034-02-13"), ("monthly", "2067-06-30", "2067-07-01")]
)
def test_as_many_as_there_may_be_are_answered(run: Shell, over: str, last: str, beyond: str) -> None:
    """520 of them, the last one too; one more is refused."""
    replay(run, mark("1", "Ada", 0.5, "2024-03-01"))
    found = days(run, "--over", over, "--as-of", last)
    assert (len(found), found[-1]) == (520, last)
    assert run("scores --over", over, "--as-of", beyond).code == 2


@pytest.mark.parametrize("over", ["weekly", "monthly"])
def test_an_event_at_the_end_of_the_calendar_ends_nothing(run: Shell, over: str) -> None:
    """The instants go to it, or until --as-of."""
    replay(run, mark("1", "Ada", 0.5, "9999-12-30"))
    assert days(run, "--over", over) == ["9999-12-30"]
    replay(run, mark("2", "Ada", 0.5, "9999-12-31"), mark("3", "Ada", 0.5, "9990-12-31"))
    assert days(run, "--over", over, "--tz", "Pacific/Kiritimati")[-1] == "9999-12-31"
    assert run("scores --over", over, "--as-of", "1990-01-01").code == 1
