"""Opening a projector over a store."""

from __future__ import annotations

import os

from projector.serve.projector import Projector
from projector.store.log import Clock, wall_clock
from projector.store.opening import open_log
from projector.wire.decode import decode_stored


def open(
    url: str | os.PathLike[str], *, create: bool = True, read_only: bool = False, clock: Clock = wall_clock
) -> Projector:
    """The projector over a store: a path, ``sqlite:///…`` or ``:memory:``.

    Args:
        create: Make the store where there is none.
        read_only: Ask only; nothing is written, and none is made.
        clock: Gives the times of recording, as aware datetimes.

    Raises:
        StoreError: the store cannot be used; the message says why and what to do.
    """
    return Projector(open_log(url, create=create, read_only=read_only, reread=decode_stored, clock=clock))
