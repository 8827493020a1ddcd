"""Opening a projector over a store."""

from __future__ import annotations

import os

from projector.domain.arguments import see_that_callable
from projector.domain.upkeep import OnStep
from projector.serve.projector import Projector
from projector.store.log.log import Clock, wall_clock
from projector.store.opening import open_store


def open(
    url: str | os.PathLike[str],
    *,
    create: bool = True,
    read_only: bool = False,
    clock: Clock = wall_clock,
    on_step: OnStep | None = None,
) -> Projector:
    """The projector over a store: a path, ``sqlite:///…`` or ``:memory:``.

    Args:
        create: Make the store where there is none.
        read_only: Ask only; nothing is written, and none is made.
        clock: Gives the times of recording, as aware datetimes.
        on_step: Told how many events are done, of how many, where a store of older rules is derived anew first.

    Raises:
        StoreError: the store cannot be used; the message says why and what to do.
        BadQuestion: ``clock`` or ``on_step`` cannot be called.
    """
    see_that_callable(clock=clock, on_step=on_step)
    return Projector(open_store(url, create=create, read_only=read_only, clock=clock, on_step=on_step))
