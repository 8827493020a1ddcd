"""Scores as rows: those of an institution from its tables, learner by learner; those of few from the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import pyarrow as pa

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
    """The scores of all learners, some at a time; the query has begun to run when this returns."""
    of = 0 if on_step is None else _count(tables, question)
    columns, order = "user_uuid, id, state", "user_uuid, id"
    query = versions_in_effect(question, "result", columns=columns, where=_COUNTING, order=order)
    run = tables.run_at(question.pin, query)

    def scored() -> Iterator[Collection[Score]]:
        done = 0
        for texts in _of_whole_learners(run):
            yield in_turn.of_states((id, read_json(text)) for id, text in texts)
            done += len(texts)
            if on_step is not None:
                on_step(done, of)

    return scored()


def _count(tables: Tables, question: Question) -> int:
    query = versions_in_effect(question, "result", columns="count(*)", where=_COUNTING, order="1")
    (batch,) = tables.run_at(question.pin, query)
    return batch.column(0)[0].as_py()  # type: ignore[no-any-return]


def _of_whole_learners(run: QueryRun) -> Iterator[Texts]:
    """The states of results in the order of learners, about so many at once: with all of each learner's."""
    texts, last = Texts(), None
    for batch in run:
        for learner, id, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if learner != last and len(texts) >= _RESULTS_AT_ONCE:
                yield texts
                texts = []
            last = learner
            if learner_of(learner) is not None:  # a blank text names nobody
                texts.append((id, text))
    yield texts
