"""From sources to the log: files by a process beside this one where that pays, all else by this one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from attrs import evolve

from projector.serve.intake import OnProgress, ShouldStop, never, take
from projector.serve.logfile import restore
from projector.serve.report import Report, Seen
from projector.store.log import EventLog
from projector.wire.beside import chunks_beside, is_worthwhile
from projector.wire.chunks import Terms, chunks
from projector.wire.files.folders import survey
from projector.wire.files.survey import LeftOut, Survey
from projector.wire.sources import name_of, one_by_one, read_any, read_files, read_stretches


def feed_paths(
    log: EventLog,
    names: Iterable[str | os.PathLike[str]] | Survey,
    terms: Terms,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop = never,
    *,
    keep_recorded_at: bool = False,
) -> Report:
    """What became of files and folders."""
    found = names if isinstance(names, Survey) else survey(names)
    left_out, seen = list(found.left_out), Seen(found.named_of)
    if keep_recorded_at:
        report = restore(log, read_files(found.files, left_out), on_progress, should_stop, seen)
    elif is_worthwhile(found.files):
        with closing(chunks_beside(found.files, terms)) as beside:
            report = take(log, seen.noted(beside), on_progress, should_stop)
    else:
        here = chunks(read_stretches(found.files, left_out), terms)
        report = take(log, seen.noted(here), on_progress, should_stop)
    return evolve(report, left_out=tuple(left_out), without_events=seen.without_events(report))


def feed(
    log: EventLog,
    source: Any,
    terms: Terms,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop = never,
    *,
    keep_recorded_at: bool = False,
) -> Report:
    """What became of an open file, one event, or an iterable of events."""
    name = name_of(source)
    left_out: list[LeftOut] = []
    inputs, seen = read_any(source, left_out), Seen(lambda _: (name,))
    if keep_recorded_at:
        report = restore(log, one_by_one(inputs), on_progress, should_stop, seen)
    else:
        report = take(log, seen.noted(chunks(inputs, terms)), on_progress, should_stop)
    return evolve(report, left_out=tuple(left_out), without_events=seen.without_events(report))
