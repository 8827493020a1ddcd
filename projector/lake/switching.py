"""Brings the tables of a store up to its head: a new file is worked on, and takes the place of the old one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from shutil import copyfile
from typing import TYPE_CHECKING, Final, Self

import duckdb
from attrs import frozen

from projector.domain.arguments import shown_path
from projector.domain.errors import StoreError
from projector.domain.upkeep import OnStep
from projector.lake.basis import Basis
from projector.lake.failures import DamagedTables, in_short, is_of_room
from projector.lake.folder import TablesFile, TablesFolder
from projector.lake.making import follow, make
from projector.lake.sessions import SessionKey

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Store

_MOST_CHANGED: Final = 0.3  # of the events of a store: with more new ones its tables are made from the beginning


@frozen
class Found:
    """A tables file, which one it is, and what it rests on."""

    file: TablesFile
    key: SessionKey
    basis: Basis

    @classmethod
    def of(cls, file: TablesFile, basis: Basis) -> Self:
        """A file that has just been made.

        Raises:
            DamagedTables: it is gone.
        """
        return cls(file, SessionKey.of(file.path, "UTC"), basis)

    def rests_on(self, basis: Basis) -> bool:
        """Whether the file is the same still, and rests on this."""
        return self.basis == basis and self.key.is_current()


def found_in(folder: TablesFolder) -> Found | None:
    """The newest tables file of a folder; None where there is none that this release can read."""
    if (file := folder.newest()) is None:
        return None
    with suppress(DamagedTables):
        key = SessionKey.of(file.path, "UTC")
        if (basis := Basis.kept_in(file.path)) is not None:
            return Found(file, key, basis)
    return None


def brought_up(store: Store, folder: TablesFolder, on_step: OnStep | None = None) -> Found:
    """The tables file of a store as it is now, made or changed while other processes wait.

    Raises:
        OSError: the folder cannot be made or written to.
        StoreError: the tables cannot be written to their end, or the log is damaged.
    """
    with folder.alone():
        pin = store.pin()
        basis, found = Basis.of(store, pin), found_in(folder)
        if found is not None and found.basis == basis:
            return found
        with advised(folder):
            if found is not None and _is_worth_following(found.basis, basis, store, pin):
                with suppress(duckdb.Error):  # it is damaged
                    return _followed(store, pin, folder, found, basis)
            with folder.working() as work:
                make(store, pin, basis, work, on_step)
                return Found.of(folder.take(work, basis.position), basis)


def _is_worth_following(before: Basis, after: Basis, store: Store, pin: Pin) -> bool:
    few = after.position - before.position <= _MOST_CHANGED * after.position
    return few and before.leads_to(after, store, pin)


def _followed(store: Store, pin: Pin, folder: TablesFolder, found: Found, basis: Basis) -> Found:
    with folder.working() as work:
        copyfile(found.file.path, work)
        follow(store, pin, basis, work, found.basis.position)
        return Found.of(folder.take(work, basis.position), basis)


@contextmanager
def advised(folder: TablesFolder) -> Iterator[None]:
    """Turn a failure to write into a `StoreError` that says what to do."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or in_short(str(error))
        remedy = "make room and ask again" if is_of_room(error) else "delete that folder and ask again"
        raise StoreError(
            f"the tables in {shown_path(str(folder.path))} cannot be made: {reason};"
            f" the store was not changed; {remedy}"
        ) from error
