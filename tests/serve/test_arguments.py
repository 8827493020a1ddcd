"""Arguments of the wrong kind or form: each is an error of ours, with a short sentence."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector import BadQuestion, ProjectorError, StoreError
from tests.builders import outcome
from tests.serve.shell import Shell, log_of

LONG = '{"metadata": {"event_name": "' + "x" * 500 + '"}}'
SURROGATE = "\udc80"


@pytest.fixture(scope="module")
def store() -> Iterator[projector.Projector]:
    """A store that holds one outcome; nothing here may change it."""
    with projector.open(":memory:") as p:
        p.append(outcome("Cells", id="7"))
        yield p


def closed() -> io.BytesIO:
    """An open file that is closed already."""
    file = io.BytesIO(b"{}")
    file.close()
    return file


class Numbers:
    """What has the methods of an open file, and reads as a number."""

    def read(self, _size: int = -1) -> int:
        return 5


Call = Callable[[Any], Any]

REFUSED: dict[str, Call] = {
    "replay(5)": lambda p: p.replay(5),
    "replay(None)": lambda p: p.replay(None),
    "replay(text of an event)": lambda p: p.replay(LONG),
    "replay(text of a list)": lambda p: p.replay("[" + LONG + "]"),
    "replay(text with a zero byte)": lambda p: p.replay("a\0b"),
    "replay(a lone surrogate)": lambda p: p.replay("\ud800"),
    "replay(a long name)": lambda p: p.replay("x" * 5000),
    "replay(keys=5)": lambda p: p.replay([], keys=5),
    "replay(keys with a zero byte)": lambda p: p.replay([], keys="a\0b"),
    "replay(drop_metadata=5)": lambda p: p.replay([], drop_metadata=5),
    "replay(drop_metadata=[5])": lambda p: p.replay([], drop_metadata=[5]),
    "replay(on_progress=5)": lambda p: p.replay([], on_progress=5),
    "replay(should_stop=5)": lambda p: p.replay([], should_stop=5),
    "replay_paths(5)": lambda p: p.replay_paths(5),
    "replay_paths([5])": lambda p: p.replay_paths([5]),
    "replay(a closed file)": lambda p: p.replay(closed()),
    "replay(a file that gives numbers)": lambda p: p.replay(Numbers()),
    "replay(a class)": lambda p: p.replay(io.BytesIO),
    "append(5)": lambda p: p.append(5),
    "append(None)": lambda p: p.append(None),
    "append(text of an event)": lambda p: p.append(LONG),
    "as_of(5)": lambda p: p.as_of(5),
    "as_of(True)": lambda p: p.as_of(True),
    "as_of(nan)": lambda p: p.as_of(math.nan),
    "as_of(no zone)": lambda p: p.as_of(datetime(2024, 1, 1)),
    "as_of(a list)": lambda p: p.as_of(["2024-01-01"]),
    "as_of(13th month)": lambda p: p.as_of("2020-13-45"),
    "as_of(a surrogate)": lambda p: p.as_of(SURROGATE),
    "as_of(known_at=5)": lambda p: p.as_of(None, 5),
    "as_of(tenant=5)": lambda p: p.as_of(None, tenant=5),
    "as_of(tenant=unknown)": lambda p: p.as_of(None, tenant="Harbor"),
    "as_of(tenant=blank)": lambda p: p.as_of(None, tenant=" "),
    "as_of(tenant=a surrogate)": lambda p: p.as_of(None, tenant=SURROGATE),
    "as_of(tenant=[])": lambda p: p.as_of(None, tenant=[]),
    "as_of(tz=None)": lambda p: p.as_of(None, tz=None),
    "as_of(tz=5)": lambda p: p.as_of(None, tz=5),
    "as_of(tz=a path)": lambda p: p.as_of(None, tz="../../etc/passwd"),
    "as_of(tz with a zero byte)": lambda p: p.as_of(None, tz="\0"),
    "as_of(tz=a folder)": lambda p: p.as_of(None, tz="America"),
    "as_of(tz='')": lambda p: p.as_of(None, tz=""),
    "now(tz=None)": lambda p: p.now(tz=None),
    "history(5, 7)": lambda p: p.history(5, "7"),
    "history(id=None)": lambda p: p.history("outcome", None),
    "history(id=[1])": lambda p: p.history("outcome", [1]),
    "history(id=1.5)": lambda p: p.history("outcome", 1.5),
    "history(id=a surrogate)": lambda p: p.history("outcome", SURROGATE),
    "digest(tenant=5)": lambda p: p.digest(tenant=5),
    "digest(tenant=unknown)": lambda p: p.digest(tenant="Harbor"),
    "digest(tz=None)": lambda p: p.digest(tz=None),
    "diff(known_at of one)": lambda p: list(p.diff("2024-01-01", "2025-01-01", known_at=("2024-01-01",))),
    "diff(kind=5)": lambda p: list(p.diff("2024-01-01", "2025-01-01", kind=5)),
    "diff(context=5)": lambda p: list(p.diff("2024-01-01", "2025-01-01", context=5)),
    "silences(x)": lambda p: list(p.silences("x")),
    "silences(nan)": lambda p: list(p.silences(math.nan)),
    "silences(-1)": lambda p: list(p.silences(-1)),
    "set(unknown)": lambda p: p.set("x", "on"),
    "set(5)": lambda p: p.set(5, "on"),
    "set(value=5)": lambda p: p.set("account_level_mastery_scales", 5),
    "set(value=None)": lambda p: p.set("account_level_mastery_scales", None),
    "set(since=13th month)": lambda p: p.set("account_level_mastery_scales", "on", "2020-13-45"),
    "set(since=5)": lambda p: p.set("account_level_mastery_scales", "on", 5),
    "set(tenant=[])": lambda p: p.set("account_level_mastery_scales", "on", tenant=[]),
    "set(tz=None)": lambda p: p.set("account_level_mastery_scales", "on", tz=None),
    "settings(tenant=[])": lambda p: p.settings([]),
    "alias(5, None)": lambda p: p.alias(5, None),
    "alias('', ' ')": lambda p: p.alias("", " "),
    "alias(itself)": lambda p: p.alias("Ab", "Ab"),
    "know_people(5)": lambda p: p.know_people(5),
    "know_people(a zero byte)": lambda p: p.know_people("a\0b"),
    "know_people(no such)": lambda p: p.know_people("no/such.csv"),
    "forget_people([])": lambda p: p.forget_people([]),
    "forget_people(nan)": lambda p: p.forget_people(math.nan),
    "forget_people(True)": lambda p: p.forget_people(True),
    "learner(None)": lambda p: p.learner(None),
    "learner('')": lambda p: p.learner(""),
    "name_of(None)": lambda p: p.name_of(None),
    "drop(nothing)": lambda p: p.drop_quarantined(),
    "drop(before=13th month)": lambda p: p.drop_quarantined(before="2020-13-45"),
    "drop(before=5)": lambda p: p.drop_quarantined(before=5),
    "drop(sha256=5)": lambda p: p.drop_quarantined(sha256=5),
    "drop(sha256=[5])": lambda p: p.drop_quarantined(sha256=[5]),
    "drop(source=[])": lambda p: p.drop_quarantined(source=[]),
    "drop(reason=5)": lambda p: p.drop_quarantined(reason=[5]),
    "drop(unknown)": lambda p: p.drop_quarantined(what=5),
    "drop(all, unknown)": lambda p: p.drop_quarantined(all=True, sorce="events.jsonl"),
    "verify(head=5)": lambda p: p.verify(5),
    "verify(head=zz)": lambda p: p.verify("zz"),
    "verify(on_step=5)": lambda p: p.verify(on_step=5),
    "rebuild(on_step=5)": lambda p: p.rebuild(5),
    "backup(5)": lambda p: p.backup(5),
    "backup(a zero byte)": lambda p: p.backup("a\0b"),
    "backup(no such folder)": lambda p: p.backup("no/such/s.db"),
    "backup(a long name)": lambda p: p.backup("x" * 250),
    "keys(no such)": lambda p: p.replay([], keys="x" * 120),
    "know_people(a long name)": lambda p: p.know_people("x" * 300),
    "get(5)": lambda p: p.now().get(5, "7"),
    "get(['outcome'])": lambda p: p.now().get(["outcome"], "7"),
    "get(id=None)": lambda p: p.now().get("outcome", None),
    "get(id={})": lambda p: p.now().get("outcome", {}),
    "outcome(object)": lambda p: p.now().outcome(object()),
    "why_unknown(id=[])": lambda p: p.now().why_unknown("outcome", []),
    "why(kind=None)": lambda p: p.now().why(None, "7"),
    "all(5)": lambda p: list(p.now().all(5)),
    "tree(5)": lambda p: p.now().tree(5),
    "tree(text)": lambda p: p.now().tree("x" * 500),
    "scale_in_force()": lambda p: p.now().scale_in_force(),
    "scale_in_force(5)": lambda p: p.now().scale_in_force(5),
    "scale_in_force(lineage=5)": lambda p: p.now().scale_in_force("Course/1", lineage=5),
    "scale_in_force(lineage=[5])": lambda p: p.now().scale_in_force("Course/1", lineage=[5]),
    "scale_in_force(lineage=[])": lambda p: p.now().scale_in_force("Course/1", lineage=[]),
    "scale_in_force(outcome=[])": lambda p: p.now().scale_in_force(outcome=[]),
    "scale_in_force(within=5)": lambda p: p.now().scale_in_force(outcome="7", within=5),
    "method_in_force(5)": lambda p: p.now().method_in_force(5),
    "scores(learner=object)": lambda p: list(p.now().scores(learner=object())),
    "scores(learner='')": lambda p: list(p.now().scores(learner="")),
    "scores(outcome=object)": lambda p: list(p.now().scores(outcome=object())),
    "scores(course=[])": lambda p: list(p.now().scores(course=[])),
    "scores(scale_as_of=5)": lambda p: list(p.now().scores(scale_as_of=5)),
    "summaries(course='a b')": lambda p: p.now().summaries(course="a b"),
    "impact(None)": lambda p: list(p.now().impact(None, "2024-01-01", "2024-01-01")),
    "impact(T=5)": lambda p: list(p.now().impact("Course/1", 5, "2024-01-01")),
    "behind(None)": lambda p: p.now().sources_of(None, "7"),
    "names_context(5)": lambda p: p.now().names_context(5),
    "names_learner([])": lambda p: p.now().names_learner([]),
    "open(5)": lambda _: projector.open(5),  # type: ignore[arg-type]
    "open(None)": lambda _: projector.open(None),  # type: ignore[arg-type]
    "open(bytes)": lambda _: projector.open(b"s.db"),  # type: ignore[arg-type]
    "open('')": lambda _: projector.open(""),
    "open(a zero byte)": lambda _: projector.open("a\0b"),
    "open(a long name)": lambda _: projector.open("x" * 300),
    "open(a long path)": lambda _: projector.open("x/" * 3000),
    "open(clock=5)": lambda _: projector.open(":memory:", clock=5),  # type: ignore[arg-type]
    "open(on_step=5)": lambda _: projector.open(":memory:", on_step=5),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_cannot_be_meant_is_refused_in_one_short_sentence(store: projector.Projector, call: str) -> None:
    """By an error of ours; a whole argument does not stand in it."""
    names_a_store = (call.startswith("open(") and "=" not in call) or call == "backup(a long name)"
    with pytest.raises(StoreError if names_a_store else BadQuestion) as refused:
        REFUSED[call](store)
    message = str(refused.value)
    assert 0 < len(message) < 400
    assert "x" * 100 not in message
    assert store.now().outcome("7") is not None


def test_forgetting_what_is_no_name_forgets_nobody(tmp_path: Path) -> None:
    """Only leaving the name out means everybody."""
    people = tmp_path / "people.csv"
    people.write_text("user_uuid,name\nAda,Ada Lovelace\n1,One\n")
    with projector.open(":memory:") as p:
        assert p.know_people(people) == 2
        for nobody in (math.nan, True, 1.5, b"Ada", ["Ada"]):
            with pytest.raises(BadQuestion):
                p.forget_people(nobody)  # type: ignore[arg-type]
        assert (p.name_of("Ada"), p.name_of("1")) == ("Ada Lovelace", "One")
        assert p.forget_people() == 2


@pytest.mark.parametrize(
    "inputs", [[10**5000], [{"metadata": {}, "body": 10**5000}], [{1: 2}], [object()], [{"a": math.inf}], [None, []]]
)
def test_an_element_that_cannot_be_an_event_is_quarantined(inputs: list[Any]) -> None:
    """Whatever it is: the others are read."""
    with projector.open(":memory:") as p:
        report = p.append([*inputs, outcome("Cells", id="7")])
        assert (report.appended, report.quarantined) == (1, len(inputs))


@pytest.mark.parametrize("asked", [7, "7", "21070000000000007", 21070000000000007, "2107~7"])
def test_a_number_is_an_id(store: projector.Projector, asked: Any) -> None:
    """As events hold them."""
    found = store.now().outcome(asked)
    assert found is not None
    assert found.title == "Cells"


@pytest.mark.parametrize("source", ["{}", " {", '[{"a":1}]', LONG])
def test_a_text_that_looks_like_an_event_says_what_a_text_is(store: projector.Projector, source: str) -> None:
    """A str is a path."""
    with pytest.raises(BadQuestion, match="a str is a path"):
        store.replay(source)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["\0", "\ud800", "outcome", "Course/1", "2024-01-01", "Ab", "on", "a/b/c", "~", "{", "-"]),
    st.binary(max_size=4),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.just(object()),
    st.tuples(st.integers()),
)

ASKED: list[Callable[..., Any]] = [
    lambda p, a, b, c: list(p.as_of(a, b, c).all("outcome")),
    lambda p, a, b, c: p.as_of(date(2024, 1, 1), tz=a).get(b, c),
    lambda p, a, b, c: p.history(a, b, c),
    lambda p, a, b, c: p.digest(a, tenant=b, tz=c),
    lambda p, a, b, c: list(p.diff(a, b, kind=c)),
    lambda p, a, b, c: list(p.diff("2024-01-01", "2025-01-01", context=a, known_at=b, tz=c)),
    lambda p, a, b, c: list(p.silences(a, b, c)),
    lambda p, a, b, c: p.dangling_references(a, b, c),
    lambda p, a, b, c: p.now().scale_in_force(a, outcome=b, within=c),
    lambda p, a, b, c: p.now().method_in_force(a, lineage=b),
    lambda p, a, b, c: p.now().tree(a),
    lambda p, a, b, c: list(p.now().scores(a, b, c)),
    lambda p, a, b, c: p.now().summaries(a, scale_as_of=b, across=c),
    lambda p, a, b, c: list(p.now().impact(a, b, c)),
    lambda p, a, b, c: p.now().why(a, b),
    lambda p, a, b, c: p.now().why_unknown("outcome", a),
    lambda p, a, b, c: p.now().sources_of(a, b, c),
    lambda p, a, b, c: p.set(a, b, c, tenant="Nobody"),
    lambda p, a, b, c: p.settings(a),
    lambda p, a, b, c: p.learner(a),
    lambda p, a, b, c: p.name_of(a),
    lambda p, a, b, c: p.forget_people(a if a is not None else "x"),
    lambda p, a, b, c: p.drop_quarantined(source=a, reason=b, before=c),
    lambda p, a, b, c: p.drop_quarantined(sha256=a, all=b, tz=c),
    lambda p, a, b, c: p.verify(a),
    lambda p, a, b, c: p.append(a, drop_metadata=b),
    lambda p, a, b, c: p.replay([a, b, c]),
    lambda p, a, b, c: p.replay([], drop_metadata=a, keys=b),
    lambda p, a, b, c: p.now().names_context(a),
    lambda p, a, b, c: p.now().names_learner(a),
]


@given(st.sampled_from(ASKED), JUNK, JUNK, JUNK)
def test_no_argument_leads_to_an_error_that_is_not_ours(call: Callable[..., Any], a: Any, b: Any, c: Any) -> None:
    """Whatever is handed over: an answer, or a `ProjectorError`."""
    with projector.open(":memory:") as p:
        p.append(outcome("Cells", id="7"))
        with suppress(ProjectorError):
            call(p, a, b, c)


@pytest.mark.parametrize(
    "words",
    [
        ["settings", "account_level_mastery_scales", "off", "--from", "2020-13-45"],
        ["quarantine", "drop", "--before", "2020-13-45"],
        ["quarantine", "drop", "--before", "yesterday"],
        ["show", "outcome", "7", "--tz", ""],
        ["show", "outcome", "7", "--as-of", "\udc80"],
        ["replay", "a\0b"],
        ["replay", LONG],
        ["gaps", "--longer-than", "nan"],
        ["backup", "a\0b"],
        ["people", "a\0b"],
        ["verify", "--head", "zz"],
        ["tenants", "alias", " ", "x"],
        ["list", "outcome", "--tenant", "Harbor"],
        ["digest", "--tenant", " "],
    ],
)
def test_on_the_command_line_it_is_bad_usage(run: Shell, tmp_path: Path, words: list[str]) -> None:
    """Exit 2 and one sentence."""
    run("replay", log_of(tmp_path, outcome("Cells", id="7")))
    ran = run.run(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert len(ran.err) < 400


@pytest.mark.parametrize("name", ["PROJECTOR_TZ", "PROJECTOR_STORE"])
def test_a_variable_that_is_empty_is_not_set(
    run: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As in a shell script that clears it."""
    run("replay", log_of(tmp_path, outcome("Cells", id="7")))
    monkeypatch.setenv(name, "")
    assert run("show outcome 7").code == 0
    monkeypatch.setenv("PROJECTOR_TZ", "Nowhere/Land")
    assert run("show outcome 7").code == 2


def test_bad_questions_are_value_errors() -> None:
    """As Python programs expect them."""
    assert issubclass(BadQuestion, ValueError)
