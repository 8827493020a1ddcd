"""Where a store is, and whether what is there is a store of this program."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import uuid4

from attrs import frozen

from projector.domain.arguments import is_file_name, shown, shown_path
from projector.domain.errors import StoreError
from projector.store.failures import advice
from projector.store.log.connections import PAGE_SIZE, Location, Mode
from projector.store.upkeep.migrating import migrate

APPLICATION_ID: Final = 0x0C0A5CA1  # in the file's header: a store of this program
FORMAT: Final = 4  # of the tables that are kept; a newer one is refused, an older one migrated

_LONGEST_END: Final = ".format-00"  # of the names of files beside a store
_LONGEST_PATH: Final = 512 - len("-journal")  # bytes that SQLite takes, links resolved
_SCHEMES: Final = ("sqlite:///", "sqlite://")


def sign(cursor: sqlite3.Cursor) -> None:
    """Say in a database's header that it is a store of ours, within a transaction: nobody may see half of it."""
    cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    cursor.execute(f"PRAGMA user_version = {FORMAT}")


def _begin(path: Path) -> None:
    """Make a file of mode 0600 a database of ours, with nothing in it, in the mode that all later connections need."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path.absolute(), isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("BEGIN IMMEDIATE")
        sign(connection.cursor())
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


@frozen(kw_only=True)
class StorePlace:
    """A database file, or one in memory where ``path`` is None.

    >>> StorePlace.of("sqlite:///outcomes.db").path
    PosixPath('outcomes.db')
    """

    path: Path | None

    @classmethod
    def of(cls, url: str | os.PathLike[str]) -> StorePlace:
        """The place a URL or path names: ``outcomes.db``, ``sqlite:///…`` or ``:memory:``.

        Raises:
            StoreError: it names none, or no file can have that name.
        """
        text = os.fspath(url) if isinstance(url, str | os.PathLike) else None
        if not isinstance(text, str):
            raise StoreError(f"the store must be text or a path object, not {shown(url)}; name a file")
        if text.startswith(("postgresql://", "postgres://")):
            raise StoreError("stores on PostgreSQL are not part of this release; name a file, such as outcomes.db")
        for scheme in _SCHEMES:
            text = text.removeprefix(scheme)
        if not text:
            raise StoreError("the store has no name; name a file, such as outcomes.db")
        if not is_file_name(text):
            raise StoreError(f"{shown(text)} is not a file name; name another file for the store")
        return cls(path=None if text == ":memory:" else Path(text))

    def location(self, *, read_only: bool) -> Location:
        """The database, and how it is opened."""
        if self.path is None:
            return Location(f"projector-{uuid4().hex}", Mode.MEMORY)
        if not read_only:
            return Location(self.path.absolute(), Mode.WRITE)
        return Location(self.path.absolute(), Mode.STILL if self._is_still() else Mode.READ)

    def _is_still(self) -> bool:
        """Whether nothing can be written beside it and everything is in one file: it needs no locks, and none are made.

        Raises:
            StoreError: what was written last is in another file, which needs one for locks that is not there.
        """
        assert self.path is not None
        if os.access(self.path.absolute().parent, os.W_OK):
            return False
        ahead, locks = (self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))
        if not ahead.exists() or ahead.stat().st_size == 0:
            return True
        if not locks.exists():
            raise StoreError(
                f"{self._shown} is in a folder that cannot be written to, and its latest changes are in {ahead.name}"
                " beside it; copy both into a folder that can be written to, and ask there"
            )
        return False

    def prepare(self, *, create: bool, read_only: bool) -> str | None:
        """See that a store of ours can be opened here, an empty file of mode 0600 where there was none.

        Returns:
            What a user should know: that it was migrated, and where its backup is.

        Raises:
            StoreError: there is none and none may be made, or what is there is not a store of ours.
        """
        if self.path is None:
            return None
        try:
            self.see_that_it_can_be_named()
            if self.path.is_dir():
                raise StoreError(f"{self._shown} is a folder; name a file in it, such as {self._shown}/projector.db")
            if self.path.exists() and not self.path.is_file():
                raise StoreError(f"{self._shown} is a pipe or device; name a file for the store")
            if not self.path.exists() or self.path.stat().st_size == 0:
                self._make(create=create and not read_only)
            found = self._format()
        except OSError as error:
            raise StoreError(f"the store {self._shown} cannot be opened: {error.strerror}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._shown}: {advice(error)}") from error
        if found > FORMAT:
            raise StoreError(f"{self._shown} was written by a newer release (format {found}); update outcome-projector")
        if found == FORMAT:
            return None
        if read_only:
            raise StoreError(
                f"{self._shown} was written by an earlier release (format {found}); migrate it, which makes a backup"
                f" first, with: projector rebuild --store {self._shown}"
            )
        backup = migrate(self.path, found, FORMAT)
        if backup is None:
            return None
        return f"{self.path} was migrated from format {found} to {FORMAT}; the file before that is kept as {backup}"

    def see_that_it_can_be_named(self) -> None:
        """See that the names of the files beside it are not too long either, before one of them is made.

        Raises:
            StoreError: they are.
        """
        if self.path is None or not (folder := self.path.absolute().parent).is_dir():
            return
        most = os.pathconf(folder, "PC_NAME_MAX") - len(_LONGEST_END)
        if len(os.fsencode(self.path.name)) > most:
            raise StoreError(
                f"the store's name {shown(self.path.name)} is too long: at most {most} bytes,"
                " so that the names of the files beside it fit"
            )

    @property
    def _shown(self) -> str:
        return shown_path(str(self.path))

    def _make(self, *, create: bool) -> None:
        if not create:
            raise StoreError(
                f"there is no store at {self._shown}; make one with: projector replay PATH --store {self._shown}"
            )
        assert self.path is not None
        if not self.path.absolute().parent.is_dir():
            raise StoreError(f"there is no folder for the store {self._shown}; make it first, or name another one")
        new = self.path.with_name(f".{uuid4().hex[:12]}.new")
        if (over := max(len(os.fsencode(os.path.realpath(path))) for path in (self.path, new)) - _LONGEST_PATH) > 0:
            raise StoreError(f"the path of the store {self._shown} is {over} bytes too long for a database; shorten it")
        if self.path.exists():
            _begin(self.path)
            return
        try:
            _begin(new)
            os.link(new, self.path)  # whole at once: two processes may make the same store at the same moment
        except FileExistsError:
            pass
        except OSError:  # there are no such links here
            _begin(self.path)
        finally:
            new.unlink(missing_ok=True)

    def _format(self) -> int:
        """The format of the store that is there."""
        assert self.path is not None
        with self.path.open("rb") as file:
            header = file.read(100)
        if not header.startswith(b"SQLite format 3\0") or len(header) < 100:
            raise StoreError(f"{self._shown} is not a database; name another file for the store")
        if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
            raise StoreError(f"{self._shown} is another program's database; name another file for the store")
        in_file = int.from_bytes(header[60:64], "big")
        if in_file == FORMAT:
            return in_file
        # what was changed last may still be in the write-ahead file
        with closing(sqlite3.connect(self.location(read_only=True).url, uri=True)) as connection:
            found: int = connection.execute("PRAGMA user_version").fetchone()[0]
            return found
