"""Opening a store: the log at a place and its index, made where there are none."""

from __future__ import annotations

import os

from projector.domain.errors import StoreError
from projector.domain.upkeep import Clock, OnStep
from projector.store.failures import advised
from projector.store.index.rebuilding import ensure_derived
from projector.store.place import StorePlace, sign
from projector.store.store import Store


def open_store(
    url: str | os.PathLike[str],
    *,
    create: bool,
    read_only: bool,
    clock: Clock,
    on_step: OnStep | None = None,
) -> Store:
    """The store at a place, made where there is none and ``create`` allows it.

    Args:
        on_step: Called with the number of events done, and of all, where the store must be rebuilt first.

    Raises:
        StoreError: it cannot be used; the message says why and what to do.
    """
    place = StorePlace.of(url)
    migrated = place.prepare(create=create, read_only=read_only)
    with advised():
        store = Store(location=place.location(read_only=read_only), clock=clock)
    try:
        if place.path is None:
            with store.log.transaction(commit=True) as cursor:
                sign(cursor)  # for a backup of it
        store.rebuilt = rebuilt = ensure_derived(store.log, read_only=read_only, on_step=on_step)
    except StoreError:
        store.close()
        raise
    store.notices = tuple(filter(None, (migrated, rebuilt.sentence if rebuilt else None)))
    return store
