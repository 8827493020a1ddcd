"""Sources into the log: a second process decodes large files and long streams, this one everything else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from attrs import evolve

from projector.domain.arguments import see_that_callable, shown
from projector.domain.errors import BadQuestion
from projector.domain.reports import LeftOut, OnProgress, Report, ShouldStop, never
from projector.serve.batches import append_chunks
from projector.serve.logfile import restore
from projector.serve.tally import Seen
from projector.store.log.log import EventLog
from projector.wire.chunks import chunks
from projector.wire.files.folders import survey
from projector.wire.files.survey import Survey
from projector.wire.options import IntakeOptions
from projector.wire.parallel import is_worthwhile, parallel_chunks
from projector.wire.sources import name_of, one_by_one, read_any, read_files, read_stretches
from projector.wire.streamed import streamed_chunks


def ingest_paths(
    log: EventLog,
    names: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | Survey,
    options: IntakeOptions,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = never,
    *,
    keep_recorded_at: bool = False,
) -> Report:
    """Append one or several files or folders, or a survey of them, and report what became of them.

    Raises:
        BadQuestion: one is not a path.
    """
    see_that_callable(on_progress=on_progress, should_stop=should_stop)
    should_stop = should_stop or never
    found = names if isinstance(names, Survey) else survey(_several(names))
    options = as_the_store(log, options)
    left_out, seen = list(found.left_out), Seen(found.named_of)
    if keep_recorded_at:
        inputs = read_files(found.files, left_out)
        report = restore(log, inputs, on_progress, should_stop, seen, options.dropped)
    else:
        if is_worthwhile(found.files):
            decoded = parallel_chunks(found.files, options)
        else:
            decoded = streamed_chunks(read_stretches(found.files, left_out), options)
        with closing(decoded):
            report = append_chunks(log, seen.noted(decoded), on_progress, should_stop)
    return _with_what_gave_none(report, left_out, seen)


def ingest(
    log: EventLog,
    source: Any,
    options: IntakeOptions,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = never,
    *,
    keep_recorded_at: bool = False,
) -> Report:
    """Append an open file, one event, or an iterable of events, and report what became of them.

    Raises:
        BadQuestion: it is not one of these.
    """
    see_that_callable(on_progress=on_progress, should_stop=should_stop)
    should_stop = should_stop or never
    _see_that_it_holds_events(source)
    options = as_the_store(log, options)
    name = name_of(source)
    left_out: list[LeftOut] = []
    inputs, seen = read_any(source, left_out), Seen(lambda _: (name,))
    if keep_recorded_at:
        report = restore(log, one_by_one(inputs), on_progress, should_stop, seen, options.dropped)
    else:
        is_one = isinstance(source, Mapping)
        with closing(chunks(inputs, options) if is_one else streamed_chunks(inputs, options)) as decoded:
            report = append_chunks(log, seen.noted(decoded), on_progress, should_stop)
    return _with_what_gave_none(report, left_out, seen)


def _with_what_gave_none(report: Report, left_out: Sequence[LeftOut], seen: Seen) -> Report:
    without_events = seen.without_events(report)
    if not left_out and not without_events:
        return report
    return evolve(report, left_out=tuple(left_out), without_events=without_events)


def as_the_store(log: EventLog, options: IntakeOptions) -> IntakeOptions:
    """The options with what the store needs: its last dictionary, and rows of results where some have no id."""
    dictionary, with_rows = log.decoding()
    return evolve(options, dictionary=dictionary, with_rows=with_rows)


def _several(names: Any) -> Iterable[str | os.PathLike[str]]:
    if isinstance(names, str | os.PathLike):
        return [names]
    if isinstance(names, bytes) or not isinstance(names, Iterable):
        raise BadQuestion(f"{shown(names)} is not a path; name files and folders")
    return names


def _see_that_it_holds_events(source: Any) -> None:
    if isinstance(source, str):
        raise BadQuestion(f"{shown(source)} is text: a str is a path to replay; give an event as a dict or as bytes")
    if getattr(source, "closed", False) is True:
        raise BadQuestion(f"{shown(source)} is closed; open it again, or give its path")
    is_read = isinstance(source, Iterable) or callable(getattr(source, "read", None))
    if isinstance(source, type) or not is_read:
        raise BadQuestion(f"{shown(source)} holds no events; give a path, an open file, a dict, or several dicts")
