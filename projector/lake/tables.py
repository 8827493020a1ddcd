"""The tables of an open store: a file that is brought up to the store's head before each answer."""

from __future__ import annotations

from errno import EACCES, EPERM, EROFS
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from attrs import define, field

from projector.domain.upkeep import OnStep
from projector.lake.asking import Parameters, ask
from projector.lake.basis import Basis
from projector.lake.digest import digest_of_tables
from projector.lake.failures import DamagedTables
from projector.lake.folder import TablesFolder
from projector.lake.statement import statement_of
from projector.lake.switching import Found, brought_up, found_in

if TYPE_CHECKING:
    from projector.lake.rows import Rows
    from projector.store.store import Store

_NOT_ALLOWED: Final = frozenset({EACCES, EPERM, EROFS})


@define
class Tables:
    """The tables of a store, for one process; several share one file, and one of them brings it up to date."""

    _store: Store
    _folder: TablesFolder | None = field(default=None, init=False)
    _found: Found | None = field(default=None, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def close(self) -> None:
        """Remove a temporary folder."""
        if self._folder is not None:
            self._folder.remove()

    def sql(self, query: str, params: Parameters = None, tz: str = "UTC", on_step: OnStep | None = None) -> Rows:
        """The rows that answer a query: see `projector.lake.asking.ask`.

        Args:
            on_step: Called with the number of events done, and of all, where tables are made first.

        Raises:
            StoreError: the tables cannot be made.
        """
        statement_of(query)  # before tables are made
        path = self.path(on_step)
        try:
            return ask(path, query, params, tz)
        except DamagedTables:
            path.unlink(missing_ok=True)
            return ask(self.path(on_step), query, params, tz)

    def digest(self) -> str | None:
        """The state digest of everything; None where the tables are not there, or cannot give it."""
        folder = self._folder or TablesFolder.of(self._store.location.path)
        found = None if folder is None else found_in(folder)
        if found is None or not self._is_of_now(found):
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
        with self._lock:
            if not self._is_of_now(self._found):
                self._found = self._brought_up(on_step)
            assert self._found is not None
            return self._found.file.path

    def _is_of_now(self, found: Found | None) -> bool:
        if found is None or not found.file.path.exists():
            return False
        return found.basis == Basis.of(self._store, self._store.pin())

    def _brought_up(self, on_step: OnStep | None) -> Found:
        if self._folder is None:
            self._folder = TablesFolder.beside(self._store.location.path)
        found = found_in(self._folder)
        if found is not None and self._is_of_now(found):
            return found
        try:
            return brought_up(self._store, self._folder, on_step)
        except OSError as error:
            if error.errno not in _NOT_ALLOWED:
                raise
        self._folder = TablesFolder.apart()
        return brought_up(self._store, self._folder, on_step)
