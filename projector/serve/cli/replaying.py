"""The command replay."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Final

from attrs import define
from cyclopts import Parameter

from projector.domain.reports import LeftOut, OnProgress, Progress, Report
from projector.serve.cli.options import Flag, Intake, Json, StoreOption
from projector.serve.cli.terminal import INTERRUPTED, complain, console, owns_process, print_json, say
from projector.serve.screen.text import counted, plain
from projector.wire.checking import is_of_instant
from projector.wire.files.folders import survey
from projector.wire.files.survey import shown_left_out
from projector.wire.process import lower_priority

_MOST_WARNINGS: Final = 20
_STOPPED: Final = "stopped as asked; what was read is stored; run the same command again to continue"
_STOPPED_RESTORE: Final = "stopped as asked; the store holds only the beginning of the log: remove it to restore again"


def replay(
    *path: Annotated[
        str,
        Parameter(
            help="Files, folders, archives (.zip, .tar) or pipes; gzip, zstd, bzip2 and xz are unpacked;"
            " - is standard input.",
            allow_leading_hyphen=True,
        ),
    ],
    strict: Annotated[bool, Flag, Parameter(help="Exit 1 when anything was quarantined.")] = False,
    keep_recorded_at: Annotated[
        bool, Flag, Parameter(help="Restore a log that export --log wrote, with its times of recording.")
    ] = False,
    intake: Intake = Intake(),
    json: Json = False,
    where: StoreOption = StoreOption(),
) -> int:
    """Append Canvas Live Events to the store.

    The store is made if there is none. Duplicates change nothing.

    Examples:
        projector replay projector-demo/college.jsonl
        projector replay projector-demo --store new.db --drop-metadata client_ip
    """
    if not path:
        complain("name at least one file or folder, or - for standard input; see: projector replay --help")
        return 2
    intake.check()
    found = survey(path)
    if owns_process():
        lower_priority()
    with (
        where.opened(create=True, read_only=False) as projector,
        _stopping() as stop,
        _progress(found.size()) as advance,
    ):
        report = projector.replay_paths(
            found,
            keep_recorded_at=keep_recorded_at,
            drop_metadata=intake.drop_metadata,
            keys=intake.keys,
            on_progress=advance,
            should_stop=lambda: stop.asked,
        )
    if json:
        print_json(report)
    else:
        say(summary(report))
    explain(report, where.store)
    if report.interrupted:
        complain(_STOPPED_RESTORE if keep_recorded_at else _STOPPED)
        return INTERRUPTED
    return 1 if report.damaged or (strict and report.quarantined) else 0


def summary(report: Report) -> str:
    """A replay in one line."""
    rate = f" ({report.read / report.seconds:,.0f} a second)" if report.read and report.seconds > 0 else ""
    kept = f"{report.appended:,} appended, {counted(report.duplicates, 'duplicate')}"
    rest = f"{report.ignored:,} ignored, {report.quarantined:,} quarantined"
    return f"Read {counted(report.read, 'event')}: {kept}, {rest}; {report.seconds:.1f} s{rate}."


def explain(report: Report, store: str) -> None:
    """What else there is to say of a replay, on stderr."""
    for folder, left in _by_folder(report.left_out).items():
        complain(f"left out of {plain(folder)}{plain(shown_left_out(left))}")
    for named in report.without_events:
        complain(f"none of {plain(named.path)} is an event (first reason: {plain(named.reason)})")
    first = sorted(report.warnings, key=lambda note: not is_of_instant(note.text))  # answers rest on these
    for note in first[:_MOST_WARNINGS]:
        place = f"{plain(note.source)}:{note.position}"
        complain(f"warning: {plain(note.text)} ({counted(note.count, 'time')}, first at {place})")
    if len(first) > _MOST_WARNINGS:
        complain(f"warning: {len(first) - _MOST_WARNINGS} more kinds of warning")
    if report.ignored:
        names = sorted(report.ignored_names.items(), key=lambda name: -name[1])
        shown = ", ".join(f"{plain(name)} {count:,}" for name, count in names[:5])
        complain(f"ignored events of other kinds: {shown}{', …' if len(names) > 5 else ''}")
    if report.quarantined:
        complain(f"see what was quarantined, and why: projector quarantine list --store {store}")
    for damage in report.damaged:
        complain(f"damaged: {plain(damage)}")


def _by_folder(left_out: Iterable[LeftOut]) -> dict[str, list[LeftOut]]:
    """What is left out, by the folder or archive that was named."""
    folders: dict[str, list[LeftOut]] = {}
    for left in left_out:
        folders.setdefault(left.named, []).append(left)
    return folders


@define
class _Stop:
    asked: bool = False


@contextmanager
def _stopping() -> Iterator[_Stop]:
    """Lets the first Ctrl-C end the work after its batch; the second one ends it at once."""
    stop = _Stop()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        complain("stopping after this batch; press Ctrl-C again to stop at once")

    try:
        before = signal.signal(signal.SIGINT, ask)
    except ValueError:  # not the main thread: the program around us handles signals
        yield stop
        return
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(total: int | None) -> Iterator[OnProgress | None]:
    """A bar on stderr with share, events a second and time left; none where that is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    speed = TextColumn("{task.fields[events]:,} events, {task.fields[rate]:,.0f} a second")
    bar = Bar(
        BarColumn(), TaskProgressColumn(), speed, TimeRemainingColumn(), console=console(stderr=True), transient=True
    )
    task = bar.add_task("replay", total=total, events=0, rate=0)
    with bar:

        def advance(progress: Progress) -> None:
            elapsed = bar.tasks[0].elapsed or 0
            rate = progress.read / elapsed if elapsed else 0
            bar.update(task, completed=progress.offset, events=progress.read, rate=rate)

        yield advance
