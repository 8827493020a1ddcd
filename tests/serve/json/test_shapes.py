"""The JSON of answers: every class has one shape, and it is what the command line prints with `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from inspect import isclass
from pathlib import Path
from typing import Any

import pytest

import projector
from projector import Answer, Progress, Projector
from tests.builders import Clock, mark, method, outcome, reported, result, scale
from tests.serve.shell import Shell
from tests.wire.inputs import PNG, written

CONTEXT = {"context_type": "Account", "context_id": "1"}
EVENTS = [
    reported("learning_outcome_group_created", {"learning_outcome_group_id": "1", "title": "Root"} | CONTEXT),
    reported(
        "learning_outcome_link_created",
        {"learning_outcome_link_id": "5", "learning_outcome_id": "7", "learning_outcome_group_id": "1"} | CONTEXT,
    ),
    reported(
        "learning_outcome_link_created",
        {"learning_outcome_link_id": "6", "learning_outcome_id": "404", "learning_outcome_group_id": "1"} | CONTEXT,
    ),
    reported("course_created", {"course_id": "1", "account_id": "1"}, "2024-01-01T00:00:00Z"),
    outcome("Cells", "2024-01-01T00:00:00Z", id="7", verb="created"),
    outcome("Cell biology", "2024-04-01T00:00:00Z", id="7", updated_at="2024-03-31T23:00:00Z", colour=1),
    scale("2024-01-01T00:00:00Z"),
    scale("2024-03-20T00:00:00Z", points=(5, 2, 0), mastery=2),
    method("decaying_average", 65),
    mark("1", "Ada", 0.6),
    mark("2", "Ada", 0.9, "2024-03-05"),
    mark("3", "Ben", 0.2),
    result(learning_outcome_id="7", user_uuid="Cyd"),
]
ABSTRACT = {"Answer", "InForce"}


def exported() -> set[str]:
    """The names of the classes of answers that `projector` exports."""
    found = {name: getattr(projector, name) for name in projector.__all__}
    return {name for name, one in found.items() if isclass(one) and issubclass(one, Answer)} - ABSTRACT


def parts(answer: Any) -> Iterator[Answer]:
    """An answer, and every answer within it."""
    if isinstance(answer, Answer):
        yield answer
        for field in getattr(type(answer), "__attrs_attrs__", ()):
            yield from parts(getattr(answer, field.name))
    elif isinstance(answer, tuple | list):
        for one in answer:
            yield from parts(one)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with something for every question."""
    path = tmp_path_factory.mktemp("shapes") / "s.db"
    with projector.open(path, clock=Clock()) as p:
        p.append([*EVENTS, b"{", b"\xff\xfe", json.dumps({"body": "x" * 2**20})])
        p.set("account_level_mastery_scales", "on", since="2024-01-01")
    return path


@pytest.fixture
def p(place: Path) -> Iterator[Projector]:
    """The same store, opened to ask."""
    with projector.open(place, read_only=True) as opened:
        yield opened


SINCE, UNTIL, QUIET = "2024-03-01", "2024-04-15", "2024-02-20"
QUESTIONS: dict[str, Callable[[Projector], Any]] = {
    "show outcome 7": lambda p: p.now().get("outcome", "7"),
    f"show outcome 7 --as-of {SINCE}": lambda p: p.as_of(SINCE).get("outcome", "7"),
    "show outcome 99": lambda p: p.now().unknown("outcome", "99"),
    "show outcome 7 --as-of 2019-01-01": lambda p: p.as_of("2019-01-01").unknown("outcome", "7"),
    "history outcome 7": lambda p: p.history("outcome", "7"),
    "history outcome 99": lambda p: p.history("outcome", "99"),
    "list outcome": lambda p: list(p.now().all("outcome")),
    "list result": lambda p: list(p.now().all("result")),
    "scale Course/1": lambda p: p.now().scale_in_force("Course/1"),
    "scale Course/1 --on 2019-01-01": lambda p: p.as_of("2019-01-01").scale_in_force("Course/1"),
    "method Course/1": lambda p: p.now().method_in_force("Course/1"),
    "method --outcome 7": lambda p: p.now().method_in_force(outcome="7"),
    "tree Account/1": lambda p: p.now().tree("Account/1"),
    "scores": lambda p: list(p.now().scores()),
    "scores --summary": lambda p: p.now().summaries(),
    f"impact Course/1 {SINCE} {UNTIL}": lambda p: list(p.as_of(UNTIL).impact("Course/1", SINCE, UNTIL)),
    f"diff {SINCE} {UNTIL}": lambda p: list(p.diff(SINCE, UNTIL)),
    "why outcome 7": lambda p: p.now().why("outcome", "7"),
    "why outcome 99": lambda p: p.now().why("outcome", "99"),
    f"gaps --as-of {QUIET}": lambda p: [*p.silences(as_of=QUIET), *p.dangling_references()],
    "quarantine list": lambda p: list(p.quarantined()),
    "settings": lambda p: p.settings(),
    "tenants": lambda p: p.institutions(),
    "verify": lambda p: p.verify(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_command_line_prints_what_to_dict_gives(
    p: Projector, place: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    """One answer a line, or one list of them for a history; members in the same order."""
    answer = QUESTIONS[question](p)
    printed = Shell(place, capsys)(f"{question} --json").out.splitlines()
    shapes = [one.to_dict() for one in answer] if isinstance(answer, list) else answer.to_dict()
    expected = shapes if isinstance(answer, list) and not question.startswith("history") else [shapes]
    assert [json.loads(line) for line in printed] == expected
    assert [json.dumps(json.loads(line)) for line in printed] == [json.dumps(shape) for shape in expected]


def test_the_basis_of_scores_is_printed_once_on_stderr(
    p: Projector, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the lines; `to_dict` has both."""
    ran = Shell(place, capsys)("scores --json")
    found = p.now().scoring()
    assert found.to_dict() == {"scores": [json.loads(line) for line in ran.out.splitlines()], **json.loads(ran.err)}


def test_an_explanation_with_its_events(p: Projector, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `why --raw` prints it."""
    answer = p.now().why("outcome", "7")
    assert Shell(place, capsys)("why outcome 7 --json --raw").json == answer.to_dict(raw=True)


def test_every_exported_class_of_answers_can_be_written_as_json(p: Projector, tmp_path: Path) -> None:
    """Those of the questions above, of the log, of a replay, a rebuild and an export: no class is left out."""
    written(tmp_path / "image.png", PNG)
    written(tmp_path / "a.json", json.dumps(EVENTS[5]).encode())
    with projector.open(":memory:") as q:
        report = q.replay_paths([tmp_path, written(tmp_path / "none.jsonl", b"{\n")])
        exported_tables = q.export(tmp_path / "tables", kinds="outcome")
        answers: list[Any] = [report, q.rebuild(), exported_tables, Progress(offset=12, read=1)]
    answers += [p.now().scoring(), *p.events(), *p.digest_parts(), p.history("outcome", "7")[0].by]
    answers += [ask(p) for ask in QUESTIONS.values()]
    found: dict[str, list[Answer]] = {}
    for one in parts(answers):
        found.setdefault(type(one).__name__, []).append(one)
    assert exported() - found.keys() == set()
    for name in exported():
        for one in found[name]:
            shape = one.to_dict()
            assert shape, name
            assert json.loads(json.dumps(shape, allow_nan=False)) == shape, name
