"""Scores as rows are the scores of `View.scores`, however they are come to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pandas
import polars
import pyarrow as pa
import pytest
from hypothesis import given

import projector
from projector import Basis, Score
from projector.ask.view import Judging, View
from projector.lake import scores
from projector.lake.scores import SCHEMA
from projector.serve.demo.college import term
from tests.builders import Clock, Event, mark, method, outcome, reported, scale
from tests.lake.hostile import START, batches, hostile, text_of, times
from tests.lake.test_laws import SEEDS, few, instants

EARLY = "2024-01-01T00:00:00Z"
LEARNERS = ("Ada", "Ben", "Cyd", 42, "42", 4.0e3, "4000", "ü", "a\0b", " ", "", None, True, 4.5, "2107~5")
METHODS = ("highest", "latest", "average", "n_mastery", "decaying_average", "standard_decaying_average", "mode")


def row_of(score: Score) -> tuple[Any, ...]:
    """A score as a row has it."""
    shape = score.to_dict()
    judged_by = shape.pop("judged_by")
    shape |= {f"judged_by.{name}": value for name, value in judged_by.items()}
    values = [shape[name] for name in SCHEMA.names]
    return tuple(
        float(value) if type == pa.float64() and value is not None else value
        for value, type in zip(values, SCHEMA.types, strict=True)
    )


def scored(view: View, *named: Any, **how: Any) -> list[tuple[Any, ...]]:
    """The scores of a view, as rows."""
    return [row_of(score) for score in view.scores(*named, **how)]


def assert_same(view: View, *named: Any, **how: Any) -> None:
    """See that the frame has the scores of the view, in their order, and rests on the same."""
    bases = list[Basis]()
    frame = view.scores_frame(*named, on_basis=bases.append, **how)
    assert frame.columns == tuple(SCHEMA.names)
    assert frame.fetchall() == scored(view, *named, **how)
    (found,), expected = bases, view.scoring(*named, **how).basis
    if len(expected.assumed) < 20:
        assert (found.as_of, found.known_at, sorted(found.assumed)) == (
            expected.as_of,
            expected.known_at,
            sorted(expected.assumed),
        )
    else:
        assert (len(found.assumed), found.assumed[-1]) == (len(expected.assumed), expected.assumed[-1])


# hostile logs


def graded(random: Random, count: int) -> Iterator[Event]:
    """Results of few learners on few outcomes, and all that decides what they come to."""
    for _ in range(count):
        at = text_of(times(random), random)
        context = random.choice(("Account/1", "Course/1", "Course/2"))
        match random.randrange(20):
            case 0:
                yield method(random.choice(METHODS), random.choice((None, 2, 70)), context)
            case 1:
                yield scale(at, context=context, points=random.choice(((4, 3, 0), (10**300, 3, 1), (5, 2.5))))
            case 2:
                yield outcome(
                    "Cells",
                    at,
                    id=random.choice((1, "2")),
                    workflow_state=random.choice(("active", "deleted", "archived")),
                )
            case 3:
                link = {"learning_outcome_link_id": random.choice("12"), "learning_outcome_id": random.choice("12")}
                link |= {"context_type": "Course", "context_id": random.choice("12")}
                yield reported(
                    "learning_outcome_link_updated", link | {"workflow_state": random.choice(("active", "deleted"))}, at
                )
            case 4:
                said = random.choice((at, "soon", None))
                yield reported("rubric_assessed", {"id": random.choice("567"), "submitted_at": said}, at)
            case _:
                yield _mark(random, at)


def _mark(random: Random, at: str) -> Event:
    learner, percent = random.choice(LEARNERS), random.choice((0, 0.5, 0.61, 0.77, 1, 1.7e308))
    more: dict[str, Any] = {
        "artifact_type": random.choice(("RubricAssessment", "Quizzes::QuizSubmission", None)),
        "artifact_id": random.choice(("5", "6", 7, None)),
        "result_context_id": random.choice(("1", 1, "2", "21070000000000002", None)),
        "assessed_at": random.choice((at, "soon", None, "2024-02-01T10:00:00Z")),
        "score": random.choice((percent * 5, "3.5", None, 2)),
        "workflow_state": random.choice(("active", "active", "active", "deleted")),
    }
    event = mark(str(random.randrange(40)), "", percent, of=random.choice("12"), user_uuid=learner, **more)
    event["metadata"]["event_time"] = at
    if random.random() < 0.3:
        del event["body"]["id"]
    if random.random() < 0.2:
        event["metadata"] |= {"root_account_uuid": "Other", "root_account_id": "21080000000000001"}
    return event


@contextmanager
def college(random: Random, events: int) -> Iterator[projector.Projector]:
    """A store of results and of all else that is odd."""
    sent = [*graded(random, events), *hostile(random, events // 4)]
    random.shuffle(sent)
    with projector.open(":memory:", clock=Clock()) as p:
        for batch in batches(random, sent):
            p.append(batch)
        yield p


def how_asked(random: Random) -> Judging:
    """How results are judged."""
    judged = random.choice((None, None, START + timedelta(minutes=random.randrange(40)), "2024-04-01"))
    return {"scale_as_of": judged, "across": random.random() < 0.3, "inactive": random.random() < 0.5}


@pytest.mark.parametrize("events", [80, pytest.param(500, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_the_rows_are_the_scores_of_the_view(seed: int, events: int) -> None:
    """Of any institution, as of any instant, by what was known at any other, however judged; some results at a time."""
    random = Random(seed)
    with college(random, events) as p, pytest.MonkeyPatch.context() as patch:
        for as_of, known_at in islice(instants(random, p), 12):
            patch.setattr(scores, "_RESULTS_AT_ONCE", random.choice((1, 3, 20_000)))
            patch.setattr(scores, "_SORTED_AT_ONCE", random.choice((1, 4, 100_000)))
            patch.setattr(scores, "_MOST_STRETCHES", random.choice((1, 3, 1000)))
            patch.setattr(scores, "_ROWS_AT_ONCE", random.choice((1, 2, 8192)))
            for tenant in p.tenants:
                view, how = p.as_of(as_of, known_at=known_at, tenant=tenant), how_asked(random)
                assert_same(view, **how)
                assert_same(view, *random.choice((("Ada",), ("42", "1"), (None, "2"), (None, None, "1"))), **how)


@pytest.mark.parametrize("events", [100, pytest.param(300, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_the_rows_of_an_earlier_view_are_its_scores(seed: int, events: int) -> None:
    """Whatever came since, also of institutions."""
    random = Random(seed)
    with projector.open(":memory:", clock=Clock()) as p:
        views, sent = list[View](), [*graded(random, events), *hostile(random, events // 2)]
        random.shuffle(sent)
        for batch in batches(random, sent):
            p.append(batch)
            views += [p.now(tenant=tenant) for tenant in p.tenants]
        for view in random.sample(views, 5):
            assert_same(view, **how_asked(random))


@pytest.fixture(scope="module")
def demo() -> Iterator[projector.Projector]:
    """The term of the demo."""
    with projector.open(":memory:", clock=Clock()) as p:
        p.replay(term())
        yield p


@pytest.mark.parametrize("how", [{}, {"scale_as_of": "2025-10-12"}, {"across": True}, {"inactive": True}], ids=str)
@pytest.mark.parametrize(
    "day", [None, *(pytest.param(day, marks=pytest.mark.slow) for day in ("2025-12-01", "2025-10-01"))]
)
def test_the_rows_of_a_term_are_its_scores(demo: projector.Projector, day: str | None, how: Judging) -> None:
    """All of them, and those of a course, an outcome and a learner."""
    view = demo.as_of(day)
    assert_same(view, **how)
    first = next(view.scores(), None)
    assert first is not None
    assert_same(view, first.learner, **how)
    assert_same(view, None, first.outcome, "101", **how)


# reading back


@pytest.fixture
def some(p: projector.Projector) -> View:
    """Scores with and without each of their members."""
    p.append([scale(EARLY), method("decaying_average"), outcome("Cells", EARLY, id="7")])
    p.append([mark("1", "Ada", 0.5), mark("2", "Ben", 1.0), mark("3", 'ü,"\n', 0.1, of="8", result_context_id=None)])
    p.append([mark("4", "Ben", 0.7, assessed_at="soon"), mark("5", "Cyd", 1.0, result_context_type=None)])
    return p.now()


def test_other_libraries_read_the_rows(some: View) -> None:
    """By Arrow: the same values, of the same types."""
    frame, expected = some.scores_frame(), scored(some)
    assert len(expected) == 4
    table = pa.table(frame)
    assert table.schema == SCHEMA
    assert [tuple(row.values()) for row in table.to_pylist()] == expected
    read = polars.DataFrame(frame)
    assert read.rows() == expected
    assert [str(read.schema[name]) for name in ("learner", "score", "mastery", "results")] == [
        "String",
        "Float64",
        "Boolean",
        "Int64",
    ]
    shown = pandas.DataFrame.from_arrow(frame)
    assert list(shown.columns) == list(SCHEMA.names)
    assert [None if pandas.isna(value) else value for value in shown["score"]] == [row[3] for row in expected]
    with duckdb.connect() as connection:
        connection.register("rows", table)
        assert connection.execute("SELECT * FROM rows").fetchall() == expected


def test_the_rows_are_the_same_at_each_reading(some: View, p: projector.Projector) -> None:
    """Whatever was appended meanwhile; several readings may go on at once."""
    frame, expected = some.scores_frame(), scored(some)
    one, other = iter(frame), iter(frame)
    first = next(one), next(other)
    p.append(mark("9", "Aaa", 0.5))
    assert first == (expected[0], expected[0])
    assert [list(one), list(other), frame.fetchall()] == [expected[1:], expected[1:], expected]


def test_without_a_score_there_are_columns() -> None:
    """In an empty store, before the first event, and where nothing counts."""
    with projector.open(":memory:") as p:
        empty = p.now()
        p.append(mark("1", "", 0.5, user_uuid=" "))
        for view in (empty, p.as_of("2001-01-01"), p.as_of(None, known_at="2001-01-01"), p.now()):
            for named in ((), ("Ada",)):
                frame = view.scores_frame(*named)
                assert (frame.columns, frame.fetchall()) == (tuple(SCHEMA.names), [])
                assert pa.table(frame).schema == SCHEMA


def test_what_cannot_be_asked_is_refused_at_once(some: View) -> None:
    """As by `View.scores`."""
    refused: list[tuple[Any, Any]] = [((" ",), {}), ((None, 4.5), {}), ((None, None, "Account/1/2"), {})]
    for named, how in [*refused, ((), {"scale_as_of": "soon"})]:
        with pytest.raises(projector.BadQuestion) as of_scores:
            list(some.scores(*named, **how))
        with pytest.raises(projector.BadQuestion) as of_frame:
            some.scores_frame(*named, **how)
        assert str(of_frame.value) == str(of_scores.value)


def test_notes_are_named_once_and_then_counted(p: projector.Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many results at a time they come from; of very many not all are remembered."""
    p.append([scale(EARLY), method("mode", context="Course/2")])
    p.append([mark(f"{n:02}", f"Learner {n:02}", 0.5, assessed_at=f"soon {n}") for n in range(30)])
    p.append([mark(f"x{n}", f"Learner {n:02}", 0.5, result_context_id="2") for n in range(30)])
    expected = p.now().scoring().basis.assumed
    assert expected[-1] == "and 11 more"
    monkeypatch.setattr(scores, "_RESULTS_AT_ONCE", 1)
    for remembered in (10_000, 25):
        monkeypatch.setattr("projector.ask.streaming._REMEMBERED", remembered)
        bases = list[Basis]()
        assert len(p.now().scores_frame(on_basis=bases.append).fetchall()) == 30
        assert [basis.assumed for basis in bases] == [expected]


def test_each_reading_says_how_far_it_is_and_what_it_rests_on(some: View) -> None:
    """Of the results that may count, where all are asked for."""
    steps, bases = list[tuple[int, int]](), list[Basis]()
    frame = some.scores_frame(on_step=lambda done, of: steps.append((done, of)), on_basis=bases.append)
    assert (steps, bases) == ([], [])
    for number in (1, 2):
        frame.fetchall()
        assert (steps, len(bases)) == ([(5, 5)] * number, number)
    some.scores_frame("Ada", on_step=lambda done, of: steps.append((done, of))).fetchall()
    assert len(steps) == 2


def test_a_closed_store_answers_no_further(tmp_path: Path) -> None:
    """It says so."""
    with projector.open(tmp_path / "s.db") as p:
        p.append(mark("1", "Ada", 0.5))
        frames = p.now().scores_frame(), p.now().scores_frame("Ada")
    for frame in frames:
        with pytest.raises(projector.StoreError, match="closed"):
            frame.fetchall()
