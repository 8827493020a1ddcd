"""Files opened by their path: small ones read at once, and each hashed while it is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import IO, Final, Self

from projector.domain.files import FileRead
from projector.wire.files.streams import BLOCK, Origin, when_ready
from projector.wire.files.survey import absolute, path_text

SMALL: Final = 2**14  # bytes of a file that is read at once
_NONBLOCK: Final[int] = getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for its writer
_FLAGS: Final[int] = os.O_RDONLY | _NONBLOCK | getattr(os, "O_BINARY", 0)


def small_file(path: str) -> tuple[bytes, os.stat_result] | None:
    """All that a small regular file holds, and what it was then; None: it is to be opened, and read step by step."""
    number = os.open(path, _FLAGS)
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= SMALL:
            return None
        data = os.read(number, found.st_size + 1)
    finally:
        os.close(number)
    return (data, found) if len(data) == found.st_size else None  # else it was changed just now


def file_read(path: str, found: os.stat_result, sha256: bytes) -> FileRead:
    """A file as it was when it was read whole."""
    return FileRead(path=path_text(absolute(path)), size=found.st_size, modified_at=found.st_mtime_ns, sha256=sha256)


class OpenFile(Origin):
    """A file, pipe or device, opened by its path.

    ``size`` is that of a regular file when it was opened, None of others; ``hashed``: what is read of it is hashed.
    """

    def __init__(self, path: str, offset: int = 0, *, hashed: bool = False) -> None:
        number = os.open(path, _FLAGS)
        found = os.fstat(number)
        is_regular = stat.S_ISREG(found.st_mode)
        read = partial(os.read, number)
        super().__init__(read if is_regular else when_ready(number, read), offset)
        self.size: int | None = found.st_size if is_regular else None
        self._path = path
        self._number = number
        self._found = found
        self._hash = sha256() if hashed and is_regular else None
        self._count = 0  # bytes that were read, and hashed
        self._is_searched = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._number)

    def read1(self, size: int = BLOCK, /) -> bytes:
        data = super().read1(size)
        self._note(data)
        self._ended = self._ended or (len(data) < size and self._count == self.size)  # it need not be asked once more
        return data

    def _note(self, data: bytes) -> None:
        self._count += len(data)
        if self._hash is not None:
            self._hash.update(data)

    def searchable(self) -> IO[bytes] | None:
        if self.size is None:
            return None
        self._is_searched = True
        return open(self._number, "rb", closefd=False)

    def read_again(self) -> Iterator[None]:
        if self._hash is not None and self._is_searched:
            self.again()
            while self.read1():
                yield None

    def whole(self) -> FileRead | None:
        if self._hash is None or self._count != self.size:
            return None
        return file_read(self._path, self._found, self._hash.digest())

    def again(self) -> None:
        """Go back to the beginning of a regular file."""
        os.lseek(self._number, 0, os.SEEK_SET)
        self.offset: int = self.offset - self._count
        self._count, self._ended = 0, False
        if self._hash is not None:
            self._hash = sha256()
