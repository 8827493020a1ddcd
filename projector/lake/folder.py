"""The folder of a store's tables files: their names, one writer at a time; a temporary one where none can be made."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EACCES
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import Final, NamedTuple

from attrs import field, frozen

from projector.lake.extras import tables_beside
from projector.lake.processes import TemporaryFolder

_NAME: Final = re.compile(r"(\d+)-(\d+)\.duckdb")
_LOCK: Final = "lock"
_WORK: Final = "work-"  # how the names of unfinished files begin


class TablesFile(NamedTuple):
    """A tables file: up to which position it goes, and the how many-th one of the store it is."""

    number: int
    position: int
    path: Path


@frozen
class TablesFolder:
    """A folder of one store's tables files, which only its owner can read; everything in it can be made again."""

    path: Path
    _temporary: TemporaryFolder | None = field(default=None, repr=False)

    @classmethod
    def of(cls, store: Path | None) -> TablesFolder | None:
        """The folder beside a store, whether it is there or not.

        None where there can be none: in memory, and where DuckDB would take the path for another one.
        """
        if store is None or not is_for_duckdb(str(store)):
            return None
        return cls(tables_beside(store))

    @classmethod
    def apart(cls) -> TablesFolder:
        """A new temporary folder.

        Raises:
            StoreError: none can be made.
        """
        temporary = TemporaryFolder("projector-tables-")
        return cls(temporary.path, temporary)

    def remove(self) -> None:
        """Remove a temporary folder."""
        if self._temporary is not None:
            self._temporary.remove()

    def newest(self) -> TablesFile | None:
        """The tables file that was made last; None where there is none, or the folder cannot be looked into."""
        return max(self._files(), default=None)

    def _files(self) -> list[TablesFile]:
        names = [(path, _NAME.fullmatch(path.name)) for path in self._paths()]
        return [TablesFile(int(name[2]), int(name[1]), path) for path, name in names if name is not None]

    def _unfinished(self) -> list[Path]:
        return [path for path in self._paths() if path.name.startswith(_WORK)]

    def _paths(self) -> list[Path]:
        with suppress(OSError):
            return list(self.path.iterdir())
        return []

    @contextmanager
    def alone(self, *, waiting: bool = True) -> Iterator[None]:
        """Wait until no other process changes the folder, and keep them waiting meanwhile.

        Args:
            waiting: Whether to wait; if not, a folder that another process changes counts as one that cannot be used.

        Raises:
            OSError: the folder cannot be made or written to.
        """
        self._see_that_writable()
        lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with suppress(PermissionError):
                os.fchmod(lock, 0o600)  # a umask may have taken more away
            flock(lock, LOCK_EX if waiting else LOCK_EX | LOCK_NB)
            yield
        finally:
            os.close(lock)

    def _see_that_writable(self) -> None:
        if self._temporary is None:
            with suppress(FileExistsError):
                self.path.mkdir(mode=0o700)
                self.path.chmod(0o700)  # a umask may have taken more away
        if self.path.is_dir() and not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(self.path))

    @contextmanager
    def working(self) -> Iterator[Path]:
        """The name of a file to be worked on; what is left of it at the end, or was left by others, is removed."""
        self._remove_unfinished()
        try:
            yield self.path / f"{_WORK}{token_hex(6)}.duckdb"
        finally:
            self._remove_unfinished()

    def take(self, work: Path, position: int) -> TablesFile:
        """Give a finished file its name, which none that is there has, and remove the earlier ones."""
        newest = self.newest()
        number = 1 if newest is None else newest.number + 1
        path = self.path / f"{position}-{number}.duckdb"
        os.chmod(work, 0o600)
        synchronise(work)
        os.replace(work, path)
        self._remove_before(number)
        return TablesFile(number, position, path)

    def tidy(self, newest: TablesFile) -> None:
        """Remove what killed processes left beside the newest file, unless a process changes the folder now."""
        if self._unfinished() or len(self._files()) > 1:
            with suppress(OSError), self.alone(waiting=False):
                self._remove_unfinished()
                self._remove_before(newest.number)

    def _remove_unfinished(self) -> None:
        for path in self._unfinished():
            remove(path)

    def _remove_before(self, number: int) -> None:
        for file in self._files():
            if file.number < number:
                remove(file.path)  # a process that has it open reads on


def is_for_duckdb(path: str) -> bool:
    """Whether DuckDB opens a file of this path: not Windows' separator, nor the beginning of a URL's query in it.

    >>> is_for_duckdb("/data/2020 it's.db"), is_for_duckdb("/data/what?.db"), is_for_duckdb("/data/\\udcff.db")
    (True, False, False)
    """
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return "?" not in path and "\\" not in path


def synchronise(path: Path) -> None:
    """Wait until the system has written a file to its disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def remove(path: Path) -> None:
    """Remove a file, or a folder with what is in it; what cannot be removed stays."""
    if path.is_dir() and not path.is_symlink():
        rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
