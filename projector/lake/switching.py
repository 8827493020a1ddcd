"""Brings the tables of a store up to its head: a new file is worked on, and takes the place of the old one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from shutil import copyfile
from typing import TYPE_CHECKING, Final, NamedTuple

import duckdb

from projector.domain.arguments import shown_path
from projector.domain.errors import StoreError
from projector.domain.upkeep import OnStep
from projector.lake.basis import Basis
from projector.lake.failures import in_short
from projector.lake.folder import TablesFile, TablesFolder
from projector.lake.making import follow, make

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Store

_MOST_CHANGED: Final = 0.3  # of the events of a store: with more new ones its tables are made from the beginning


class Found(NamedTuple):
    """A tables file, and what it rests on."""

    file: TablesFile
    basis: Basis


def found_in(folder: TablesFolder) -> Found | None:
    """The newest tables file of a folder; None where there is none that this release can read."""
    file = folder.newest()
    basis = None if file is None else Basis.kept_in(file.path)
    return None if file is None or basis is None else Found(file, basis)


def brought_up(store: Store, folder: TablesFolder, on_step: OnStep | None = None) -> Found:
    """The tables file of a store as it is now, made or changed while other processes wait.

    Raises:
        OSError: the folder cannot be written to.
        StoreError: the tables cannot be written to their end, or the log is damaged.
    """
    with folder.alone():
        pin = store.pin()
        basis, found = Basis.of(store, pin), found_in(folder)
        if found is not None and found.basis == basis:
            return found
        with _advised(folder):
            if found is not None and _is_worth_following(found.basis, basis, store, pin):
                with suppress(duckdb.Error):  # it is damaged
                    return _followed(store, pin, folder, found, basis)
            with folder.working() as work:
                make(store, pin, basis, work, on_step)
                return Found(folder.take(work, basis.position), basis)


def _is_worth_following(before: Basis, after: Basis, store: Store, pin: Pin) -> bool:
    few = after.position - before.position <= _MOST_CHANGED * after.position
    return few and before.leads_to(after, store, pin)


def _followed(store: Store, pin: Pin, folder: TablesFolder, found: Found, basis: Basis) -> Found:
    with folder.working() as work:
        copyfile(found.file.path, work)
        follow(store, pin, basis, work, found.basis.position)
        return Found(folder.take(work, basis.position), basis)


@contextmanager
def _advised(folder: TablesFolder) -> Iterator[None]:
    """Turn a failure to write into a `StoreError` that says what to do."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or in_short(str(error))
        raise StoreError(
            f"the tables in {shown_path(str(folder.path))} cannot be made: {reason};"
            " nothing of the store was changed: make room and ask again"
        ) from error
