"""The tables of an open store: a file that is brought up to the store's head before each answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import define, field

from projector.domain.upkeep import OnStep
from projector.lake.apart import TablesApart
from projector.lake.asking import Parameters, Query, QueryRun, rows_of
from projector.lake.basis import Basis
from projector.lake.choice import ExportChoice
from projector.lake.digest import digest_of_tables
from projector.lake.exporting import Written, export
from projector.lake.failures import DamagedTables
from projector.lake.folder import TablesFolder, remove
from projector.lake.sessions import POOL
from projector.lake.switching import Found, advised, brought_up, found_in

if TYPE_CHECKING:
    from projector.lake.rows import Rows
    from projector.store.pins import Pin
    from projector.store.store import Store

T = TypeVar("T")

_ATTEMPTS: Final = 5  # to open a file that others replace, or that is damaged


@define
class Tables:
    """The tables of a store, for one process; several share one file, and one of them brings it up to date."""

    _store: Store
    _folder: TablesFolder | None = field(default=None, init=False)
    _found: Found | None = field(default=None, init=False)
    _apart: TablesApart = field(init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self._apart = TablesApart(self._store)

    def close(self) -> None:
        """Remove a temporary folder, and let go of files that are gone."""
        folder, self._folder, self._found = self._folder, None, None
        if folder is not None:
            folder.remove()
        self._apart.close()
        POOL.tidy()

    def sql(self, query: str, params: Parameters = None, tz: str = "UTC", on_step: OnStep | None = None) -> Rows:
        """The rows that answer a query: see `projector.lake.asking.ask`.

        Args:
            on_step: Called with the number of events done, and of all, where tables are made first.

        Raises:
            StoreError: the tables cannot be made.
        """
        prepared = Query.of(query, params, tz)
        return rows_of(lambda: self._begun(prepared, lambda: self._current(on_step)))

    def run_at(self, pin: Pin, query: Query, on_step: OnStep | None = None) -> QueryRun:
        """A run of a query over tables by what a pin knows of institutions.

        Where more is known of them now, tables are made for the pin, from the beginning. Others go on behind it: ask
        the macros by its time of recording.

        Raises:
            BadQuestion: the query cannot be answered.
            StoreError: the tables cannot be made.
        """
        return self._begun(query, lambda: self._found_at(pin, on_step))

    def export(
        self, choice: ExportChoice, new: Path, on_step: OnStep | None = None, on_rows: OnStep | None = None
    ) -> Written:
        """Write tables to other files: see `projector.lake.exporting.export`.

        Args:
            on_step: As in `sql`.
            on_rows: Called with the number of rows written, and of all.

        Raises:
            StoreError: the tables cannot be made, or there is no room for their export.
            OSError: a file cannot be written.
        """
        return _repeated(lambda: self._exported(choice, new, on_step, on_rows))

    def digest(self) -> str | None:
        """The state digest of everything; None where the tables are not there, or cannot give it."""
        folder = self._folder or TablesFolder.of(self._store.location.path)
        found = None if folder is None else found_in(folder)
        if found is None or not found.rests_on(self._basis()):
            return None
        try:
            return digest_of_tables(found.file.path)
        except DamagedTables:
            return None

    def path(self, on_step: OnStep | None = None) -> Path:
        """The file with the tables of the store as it is now.

        Raises:
            StoreError: it cannot be made.
        """
        return self._current(on_step).file.path

    def _current(self, on_step: OnStep | None) -> Found:
        with self._lock:
            basis = self._basis()
            if self._found is None or not self._found.rests_on(basis):
                self._found = self._brought_up(basis, on_step)
            return self._found

    def _found_at(self, pin: Pin, on_step: OnStep | None) -> Found:
        """The file with the tables by what a pin knows of institutions."""
        generation = pin.tenancy.generation
        if generation == self._store.pin().tenancy.generation:
            found = self._current(on_step)
            if generation == found.basis.generation:  # no more became known meanwhile
                return found
        return self._apart.found(pin, on_step)

    def _begun(self, query: Query, find: Callable[[], Found]) -> QueryRun:
        """A run of a query over the file that is found; again where it is damaged, or replaced meanwhile."""

        def begun() -> QueryRun:
            found = find()
            return QueryRun(found.file.path, query, lambda: self._discard(found))

        return _repeated(begun)

    def _exported(self, choice: ExportChoice, new: Path, on_step: OnStep | None, on_rows: OnStep | None) -> Written:
        found = self._current(on_step)
        try:
            return export(found.file.path, choice, new, on_rows)
        except DamagedTables:
            self._discard(found)
            remove(new)
            raise

    def _discard(self, damaged: Found) -> None:
        """Remove a damaged file; where that cannot be done, use a temporary folder from now on."""
        if self._apart.discarded(damaged):
            return
        with self._lock:
            if self._found is not damaged:
                return  # another process has done it
            self._found = None
            try:
                damaged.file.path.unlink(missing_ok=True)
            except OSError:
                self._folder = TablesFolder.apart()

    def _basis(self) -> Basis:
        return Basis.of(self._store, self._store.pin())

    def _brought_up(self, basis: Basis, on_step: OnStep | None) -> Found:
        if self._folder is None:
            self._folder = TablesFolder.of(self._store.location.path) or TablesFolder.apart()
        found = found_in(self._folder)
        if found is not None and found.rests_on(basis):
            self._folder.tidy(found.file)
            return found
        try:
            return brought_up(self._store, self._folder, on_step)
        except OSError:  # the folder cannot be used
            self._folder = TablesFolder.apart()
        with advised(self._folder):
            return brought_up(self._store, self._folder, on_step)


def _repeated(work: Callable[[], T]) -> T:
    """What ``work`` returns; done again where the file that it uses is damaged, or replaced meanwhile."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(DamagedTables):
            return work()
    return work()
