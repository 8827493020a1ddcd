"""What stood of one aggregate: ours beside the bare seek, of any aggregate and of much corrected ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

import projector
from projector import Projector
from projector.domain.canonical import read_json
from tests.bench import corrections
from tests.bench.bare import CACHE, stream_events
from tests.bench.bodies import UUID
from tests.bench.campus import SPAN, START
from tests.bench.measuring import Figures, each_timed
from tests.bench.metadata import second
from tests.bench.timeline import SEEK, Question, add, make, some_streams

ASKED: Final = 2000
LATE: Final = second(START + SPAN // 2)  # after every correction
_COMPARED: Final = 100


def seek(log: str, store: str, database: str) -> Figures:
    """Median times of one question, ours and bare; the store grows by the corrections."""
    random = Random(7)
    make(database)
    with Path(log).open("rb") as lines:
        last = add(stream_events(lines), database)
    add(stream_events(corrections.correction_lines(0, corrections.LAST)), database, last + 1)
    streams = some_streams(database, last, ASKED, random)
    questions = [Question(stream, second(START + random.randrange(SPAN))) for stream in streams]
    with projector.open(store) as p, closing(sqlite3.connect(database)) as beside:
        beside.execute(CACHE)
        known = correct(p)
        agree(p, beside, questions[:_COMPARED])
        figures = dict(_asked("any", p, beside, questions, None))
        for times, known_at in known.items():
            stream = f"{UUID}/result/{corrections.corrected(times)}"
            moments = [second(corrections.corrected_at(random.randint(0, times))) for _ in range(ASKED)]
            figures |= _asked(f"{times}", p, beside, [Question(stream, at) for at in moments], None)
            figures |= _asked(f"{times} pinned", p, beside, [Question(stream, LATE)] * ASKED, known_at)
    return figures


def correct(p: Projector) -> dict[int, datetime]:
    """Replay the corrections; by how often a result is corrected, an instant at which half of that was known."""
    p.replay(corrections.correction_lines(0, 0))
    known: dict[int, datetime] = {}
    first = 1
    for times in corrections.TIMES:
        p.replay(corrections.correction_lines(first, times // 2))
        view = p.now()
        assert view.known_at is not None
        known[times], first = view.known_at, max(first, times // 2 + 1)
    p.replay(corrections.correction_lines(first, corrections.LAST))
    return known


def agree(p: Projector, beside: sqlite3.Connection, questions: list[Question]) -> None:
    """See that both give the same answers."""
    for question in questions:
        row = beside.execute(SEEK, question.values).fetchone()
        version = p.as_of(question.at).get(question.kind, question.id)
        assert (None if version is None else version.state) == (None if row is None else read_json(row[0])["body"])


def _asked(
    what: str, p: Projector, beside: sqlite3.Connection, questions: list[Question], known_at: datetime | None
) -> Iterator[tuple[str, float]]:
    """Medians of the bare seek, of a view made for one question, and of one that is kept."""
    values = [question.values for question in questions]
    asked = [(question.at, question.kind, question.id) for question in questions]
    kept = p.as_of(questions[0].at, known_at)
    yield f"{what}: bare", each_timed(lambda some: beside.execute(SEEK, some).fetchone(), values)
    yield f"{what}: whole", each_timed(lambda q: p.as_of(q[0], known_at).get(q[1], q[2]), asked)
    yield f"{what}: kept", each_timed(lambda q: kept.get(q[1], q[2]), asked)
