"""Opening a store: the log at a place, made where there is none."""

from __future__ import annotations

import os

from projector.domain.errors import StoreError
from projector.store.failures import advised
from projector.store.log import Clock, EventLog, wall_clock
from projector.store.place import StorePlace, sign
from projector.store.upkeep.settling import OnStep, settle


def open_log(
    url: str | os.PathLike[str],
    *,
    create: bool,
    read_only: bool,
    clock: Clock = wall_clock,
    on_step: OnStep | None = None,
) -> EventLog:
    """The event log at a place, made where there is none and ``create`` allows it.

    Args:
        on_step: Told how far it is, where the store must be derived anew first.

    Raises:
        StoreError: it cannot be used; the message says why and what to do.
    """
    place = StorePlace.of(url)
    migrated = place.prepare(create=create, read_only=read_only)
    env = {"SQLITE_DBNAME": place.database(read_only=read_only), "CREATE_TABLE": "no" if read_only else "yes"}
    with advised():
        log = EventLog(env, clock)
    try:
        if place.path is None:
            with log.transaction(commit=True) as cursor:
                sign(cursor)  # for a backup of it
        log.rebuilt = rebuilt = settle(log, read_only=read_only, on_step=on_step)
    except StoreError:
        log.close()
        raise
    log.news = tuple(filter(None, (migrated, rebuilt.sentence if rebuilt else None)))
    return log
