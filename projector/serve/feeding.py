"""From sources to the log: files by a process beside this one where that pays, all else by this one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing

from projector.serve.intake import OnProgress, ShouldStop, never, take
from projector.serve.logfile import restore
from projector.serve.report import Report
from projector.store.log import EventLog
from projector.wire.beside import chunks_beside, is_worthwhile
from projector.wire.chunks import Terms, chunks
from projector.wire.sources import Damage, Input, paths, read_paths


def feed_paths(
    log: EventLog,
    names: Iterable[str | os.PathLike[str]],
    terms: Terms,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop = never,
    *,
    keep_recorded_at: bool = False,
) -> Report:
    """What became of files and directories."""
    found = paths(list(names))
    if keep_recorded_at or not is_worthwhile(found):
        return feed(log, read_paths(found), terms, on_progress, should_stop, keep_recorded_at=keep_recorded_at)
    with closing(chunks_beside(found, terms)) as beside:
        return take(log, beside, on_progress, should_stop)


def feed(
    log: EventLog,
    inputs: Iterable[Input | Damage],
    terms: Terms,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop = never,
    *,
    keep_recorded_at: bool = False,
) -> Report:
    """What became of inputs."""
    if keep_recorded_at:
        return restore(log, inputs, on_progress)
    return take(log, chunks(inputs, terms), on_progress, should_stop)
