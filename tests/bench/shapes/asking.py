"""One aggregate at an instant, of any institution: ours beside the bare seek."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import projector
from tests.bench.bare import CACHE, GUESSED, stream_events
from tests.bench.measuring import Figures, each_timed
from tests.bench.timeline import SEEK, Question, add, make, some_streams

ASKED: Final = 2000
_HALF: Final = "2020-09-01T00:00:00Z"  # about half of the events of a shape are earlier


def ask(log: str, store: str, database: str) -> Figures:
    """Median times of one question: by a bare seek, of a view that is kept, and with the view made for it."""
    make(database)
    with Path(log).open("rb") as lines:
        last = add(stream_events(lines), database)
    streams = [stream for stream in some_streams(database, last, ASKED, Random(7)) if GUESSED not in stream]
    questions = [Question(stream, _HALF) for stream in streams]
    with projector.open(store, read_only=True) as p, closing(sqlite3.connect(database)) as beside:
        beside.execute(CACHE)
        views = {tenant: p.as_of(_HALF, tenant=tenant) for tenant in sorted({tenant_of(q) for q in questions})}
        for question in questions[:100]:
            assert p.now(tenant=tenant_of(question)).get(question.kind, question.id) is not None
        rows = [question.values for question in questions]
        asked = [(tenant_of(question), question.kind, question.id) for question in questions]
        return {
            "bare": each_timed(lambda row: beside.execute(SEEK, row).fetchone(), rows),
            "kept": each_timed(lambda q: views[q[0]].get(q[1], q[2]), asked),
            "whole": each_timed(lambda q: p.as_of(_HALF, tenant=q[0]).get(q[1], q[2]), asked),
        }


def tenant_of(question: Question) -> str:
    """The institution that a question is about."""
    return question.stream.split("/")[0]
