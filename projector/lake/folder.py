"""The folder of a store's tables files: their names, one writer at a time; a temporary one where none can be made."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final, NamedTuple

from attrs import frozen

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
    temporary: bool = False

    @classmethod
    def of(cls, store: Path | None) -> TablesFolder | None:
        """The folder beside a store, whether it is there or not; None in memory."""
        return None if store is None else cls(store.with_name(f"{store.name}.tables"))

    @classmethod
    def beside(cls, store: Path | None) -> TablesFolder:
        """The folder beside a store, made where it is missing; a temporary one where that cannot be, or in memory."""
        if (folder := cls.of(store)) is not None:
            with suppress(OSError):
                folder.path.mkdir(mode=0o700, exist_ok=True)
                return folder
        return cls.apart()

    @classmethod
    def apart(cls) -> TablesFolder:
        """A new temporary folder."""
        return cls(Path(mkdtemp(prefix="projector-tables-")), temporary=True)

    def remove(self) -> None:
        """Remove a temporary folder."""
        if self.temporary:
            rmtree(self.path, ignore_errors=True)

    def newest(self) -> TablesFile | None:
        """The tables file that was made last; None where there is none."""
        return max(self._files(), default=None)

    def _files(self) -> Iterator[TablesFile]:
        with suppress(FileNotFoundError):
            for path in self.path.iterdir():
                if (name := _NAME.fullmatch(path.name)) is not None:
                    yield TablesFile(int(name[2]), int(name[1]), path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process changes the folder, and keep them waiting meanwhile.

        Raises:
            OSError: the folder cannot be written to.
        """
        lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            flock(lock, LOCK_EX)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def working(self) -> Iterator[Path]:
        """The name of a file to be worked on; what is left of it at the end, or was left by others, is removed."""
        self._remove_work()
        try:
            yield self.path / f"{_WORK}{token_hex(6)}.duckdb"
        finally:
            self._remove_work()

    def _remove_work(self) -> None:
        for path in self.path.glob(f"{_WORK}*"):
            rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def take(self, work: Path, position: int) -> TablesFile:
        """Give a finished file its name, which no file ever had, and remove the earlier ones."""
        earlier = list(self._files())
        number = max(earlier).number + 1 if earlier else 1
        path = self.path / f"{position}-{number}.duckdb"
        os.chmod(work, 0o600)
        os.replace(work, path)
        for file in earlier:
            file.path.unlink(missing_ok=True)  # a process that has it open reads on
        return TablesFile(number, position, path)
