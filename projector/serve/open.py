"""Opening a store as a projector."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from projector.domain.arguments import see_that_callable
from projector.domain.upkeep import Clock, OnStep
from projector.serve.projector import Projector


def wall_clock() -> datetime:
    """Now, by the machine's clock."""
    return datetime.now(UTC)


def open(
    url: str | os.PathLike[str],
    *,
    create: bool = True,
    read_only: bool = False,
    clock: Clock = wall_clock,
    on_step: OnStep | None = None,
) -> Projector:
    """Open a store, and make it where there is none.

    Args:
        url: A path, ``sqlite:///…`` or ``:memory:``.
        create: Make the store where there is none.
        read_only: Ask only; nothing is written, and none is made.
        clock: Gives the times of recording, as aware datetimes.
        on_step: Called with the number of events done, and of all, where a store of older rules is rebuilt first.

    Raises:
        StoreError: the store cannot be used; the message says why and what to do.
        BadQuestion: ``clock`` or ``on_step`` cannot be called.

    >>> with projector.open(":memory:") as p:
    ...     p.tenants
    ()
    """
    from projector.store.opening import open_store

    see_that_callable(clock=clock, on_step=on_step)
    return Projector(open_store(url, create=create, read_only=read_only, clock=clock, on_step=on_step))
