"""Scores as rows: those of an institution from its tables, learner by learner; those of few from the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from attrs import frozen

from projector.ask.streaming import ScoresInTurn
from projector.domain.canonical import read_json
from projector.domain.ids import learner_of
from projector.domain.scores import Score
from projector.lake.asking import QueryRun
from projector.lake.pinned import versions_in_effect
from projector.lake.rows import Batches, Rows
from projector.lake.tables import Tables

if TYPE_CHECKING:
    from projector.ask.frames import OnBasis
    from projector.ask.question import Question
    from projector.ask.scores import ScoresAsked
    from projector.domain.upkeep import OnStep

SCHEMA: Final = pa.schema(
    [
        ("learner", pa.string()),
        ("outcome", pa.string()),
        ("context", pa.string()),
        ("score", pa.float64()),
        ("method", pa.string()),
        ("int", pa.float64()),
        ("mastery", pa.bool_()),
        ("rating", pa.string()),
        ("points_possible", pa.float64()),
        ("mastery_points", pa.float64()),
        ("results", pa.int64()),
        ("ordered_by", pa.string()),
        ("judged_by.scale", pa.string()),
        ("judged_by.method", pa.string()),
        ("outcome_status", pa.string()),
    ]
)

_RESULTS_AT_ONCE: Final = 20_000  # and the others of the last learner
_SORTED_AT_ONCE: Final = 100_000  # results whose states are sorted, in some 150 MB
_MOST_STRETCHES: Final = 16  # for each of which all results are passed over
_ROWS_AT_ONCE: Final = 8192
_COUNTING: Final = "status = 'active' AND user_uuid IS NOT NULL"  # all others are in no score

Texts = list[tuple[str, str]]  # ids, and the JSON texts of states


def scores_of(
    tables: Tables, asked: ScoresAsked, on_step: OnStep | None = None, on_basis: OnBasis | None = None
) -> Rows:
    """The scores that are asked for, a row each, by learner, outcome and course; computed as they are read.

    Args:
        on_step: Called with the number of results done, and of all, where the tables are read.
        on_basis: Called at the end of each reading with what the scores rest on.
    """

    def begun() -> Batches:
        in_turn = ScoresInTurn(asked)
        scores = _of_all(tables, asked.question, in_turn, on_step) if asked.of_all else _of_named(in_turn)
        return _read(scores, in_turn, on_basis)

    return Rows(SCHEMA, [False] * len(SCHEMA), begun(), begun)


def _read(scores: Iterable[Collection[Score]], in_turn: ScoresInTurn, on_basis: OnBasis | None) -> Batches:
    for some in scores:
        left = iter(some)
        while batch := list(islice(left, _ROWS_AT_ONCE)):
            yield batch_of(batch)
    if on_basis is not None:
        on_basis(in_turn.basis())


def batch_of(scores: Collection[Score]) -> pa.RecordBatch:
    """Scores by column."""
    return pa.RecordBatch.from_arrays([_column(scores, field) for field in SCHEMA], schema=SCHEMA)


def _column(scores: Collection[Score], field: pa.Field) -> pa.Array:
    values = map(attrgetter(field.name), scores)
    if field.type == pa.float64():
        return pa.array([None if value is None else float(value) for value in values], field.type)
    return pa.array(list(values), field.type)


def _of_named(in_turn: ScoresInTurn) -> Iterator[Collection[Score]]:
    yield in_turn.of_named()


def _of_all(
    tables: Tables, question: Question, in_turn: ScoresInTurn, on_step: OnStep | None
) -> Iterator[Collection[Score]]:
    """The scores of all learners, some at a time; a query has been answered when this returns."""
    stretches = _stretches(tables, question)
    of = sum(stretch.results for stretch in stretches)

    def scored() -> Iterator[Collection[Score]]:
        done = 0
        for stretch in stretches:
            for texts in _of_whole_learners(_states_of(tables, question, stretch)):
                yield in_turn.of_states((id, read_json(text)) for id, text in texts)
                done += len(texts)
                if on_step is not None:
                    on_step(done, of)

    return scored()


@frozen
class _Stretch:
    """Learners in order, from one to another, and the number of their results that may count."""

    first: str
    last: str
    results: int


def _stretches(tables: Tables, question: Question) -> list[_Stretch]:
    """All learners with results: as many in a stretch as are sorted at once."""
    columns = "user_uuid, count(*), CAST(sum(count(*)) OVER () AS BIGINT)"
    rest = "GROUP BY user_uuid ORDER BY user_uuid"
    query = versions_in_effect(question, "result", columns=columns, where=_COUNTING, rest=rest)
    found, first, last, results = list[_Stretch](), "", "", 0
    for learner, count, all in _rows(tables.run_at(question.pin, query)):
        if learner_of(learner) is None:  # a blank text names nobody
            continue
        first, last, results = first or learner, learner, results + count
        if results >= max(_SORTED_AT_ONCE, all // _MOST_STRETCHES):
            found.append(_Stretch(first, last, results))
            first, results = "", 0
    return [*found, _Stretch(first, last, results)] if results else found


def _states_of(tables: Tables, question: Question, stretch: _Stretch) -> QueryRun:
    """Learner, id and state of the results of some learners, in this order."""
    query = versions_in_effect(
        question,
        "result",
        columns="user_uuid, id, state",
        where=f"{_COUNTING} AND user_uuid BETWEEN $first AND $last",
        rest="ORDER BY user_uuid, id",
        values={"first": stretch.first, "last": stretch.last},
    )
    return tables.run_at(question.pin, query)


def _of_whole_learners(run: QueryRun) -> Iterator[Texts]:
    """The states of results in the order of learners, about so many at once: with all of each learner's."""
    texts, last = Texts(), None
    for learner, id, text in _rows(run):
        if learner != last and len(texts) >= _RESULTS_AT_ONCE:
            yield texts
            texts = []
        last = learner
        if learner_of(learner) is not None:
            texts.append((id, text))
    yield texts


def _rows(run: QueryRun) -> Iterator[tuple[Any, ...]]:
    for batch in run:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
