"""A progress bar on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from projector.domain.upkeep import OnStep


@contextmanager
def progress(what: str) -> Iterator[OnStep]:
    """A function to call with how much is done and of how much, which shows a bar; nothing before the first call."""
    bar: Progress | None = None
    with ExitStack() as shown:

        def step(done: int, all: int) -> None:
            nonlocal bar
            if bar is None and sys.stderr.isatty():
                bar = shown.enter_context(_bar(what))
                bar.add_task(what)
            if bar is not None:
                bar.update(bar.task_ids[0], completed=done, total=all)

        yield step


def _bar(what: str) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from projector.serve.cli.terminal import console

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(what), TimeRemainingColumn())
    return Progress(*columns, console=console(stderr=True), transient=True)
