"""Bytes from files, pipes and open files; nothing is lost while a source has none ready."""

from __future__ import annotations

import io
import os
import select
import stat
from collections.abc import Callable, Generator, Iterator
from time import sleep
from typing import IO, Any, Final, TypeVar

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion
from projector.domain.files import FileRead

BLOCK: Final = 2**20  # bytes read at once
_PATIENCE: Final = 0.5  # seconds that a pipe is waited for, before its reader may do something else
_NAP: Final = 0.05  # seconds between two looks at an open file that does not block

T = TypeVar("T")


class Damaged(Exception):
    """What is read is cut short, damaged or of a form that is not read; the message says so, and what to do."""


class Bytes:
    """A stream of bytes.

    `read1` gives what is at hand, ``b""`` at the end. It raises BlockingIOError where nothing is at hand yet: asked
    again later it goes on where it stopped.
    """

    def read1(self, size: int = BLOCK, /) -> bytes:
        raise NotImplementedError


class Origin(Bytes):
    """What a file or pipe holds; ``offset`` counts the bytes of all sources read so far."""

    def __init__(self, read: Callable[[int], bytes | None], offset: int = 0) -> None:
        self._read = read
        self._ended = False  # a terminal would wait for a second end
        self.offset: int = offset

    def read1(self, size: int = BLOCK, /) -> bytes:
        if self._ended:
            return b""
        data = self._read(size)
        if data is None:
            sleep(_NAP)
            raise BlockingIOError("nothing to read yet")
        if not isinstance(data, bytes | bytearray | memoryview):
            raise BadQuestion(f"an open file must give bytes or text, not {shown(data)}")
        self.offset += len(data)
        self._ended = not data
        return data

    def searchable(self) -> IO[bytes] | None:
        """The same file, to be read at any place instead; None where it cannot be."""
        return None

    def read_again(self) -> Iterator[None]:
        """Read all bytes of a file that was read at any place."""
        yield from ()

    def whole(self) -> FileRead | None:
        """The file that was read to its end; None of a pipe, and where the file was changed meanwhile."""
        return None


class Lookahead(Bytes):
    """A stream whose first bytes can be looked at before they are read; damage is raised again by each reading.

    Args:
        first: Bytes that are read at once the first time; they may be all that is wanted.
    """

    def __init__(self, inner: Bytes, first: int = BLOCK) -> None:
        self._inner = inner
        self._size = first
        self._held = b""
        self._at = 0  # how many of the held bytes are read
        self._damage: Damaged | None = None

    def head(self, size: int, is_enough: Callable[[bytes], bool] = lambda _: False) -> bytes:
        """The next ``size`` bytes, fewer at the end, or as soon as they are enough."""
        while (count := len(self._held) - self._at) < size and not (count and is_enough(self._held[self._at :])):
            if not (more := self._more()):
                break
            self._held, self._at = self._held[self._at :] + more, 0
        return self.at_hand(size)

    def at_hand(self, size: int) -> bytes:
        """The next bytes as far as they have been looked at already."""
        return self._held[self._at : self._at + size]

    def read1(self, size: int = BLOCK, /) -> bytes:
        if self._at == len(self._held):
            self._held, self._at = self._more(), 0
        data = self.at_hand(size)
        self._at += len(data)
        return data

    def _more(self) -> bytes:
        if self._damage is not None:
            raise self._damage
        size, self._size = self._size, BLOCK
        try:
            return self._inner.read1(size)
        except Damaged as damage:
            self._damage = damage
            raise


def patiently(call: Callable[[], T]) -> Generator[None, None, T]:
    """What a call returns; None is yielded each time that it has to wait."""
    while True:
        try:
            return call()
        except BlockingIOError:
            yield None


def finished(call: Callable[[], T]) -> T:
    """What a call returns, however often it has to wait."""
    while True:
        try:
            return call()
        except BlockingIOError:
            continue


def origin_of(stream: Any, offset: int = 0) -> Origin:
    """The bytes of an open file, text or binary."""
    binary = getattr(stream, "buffer", None)
    if binary is None and isinstance(stream.read(0), str):
        return Origin(lambda size: _encoded(stream.read(size)), offset)
    binary = stream if binary is None else binary
    read: Callable[[int], bytes | None] = getattr(binary, "read1", binary.read)
    if isinstance(getattr(binary, "raw", binary), io.FileIO):
        return Origin(when_ready(binary.fileno(), read), offset)
    return Origin(read, offset)


def _encoded(text: Any) -> Any:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


def when_ready(number: int, read: Callable[[int], bytes | None]) -> Callable[[int], bytes | None]:
    """Reading that waits only a short time for a pipe, a terminal or a device, and not at all behind what it gave."""
    if stat.S_ISREG(os.fstat(number).st_mode) or not hasattr(select, "poll"):
        return read
    poll, patience = select.poll(), _PATIENCE
    poll.register(number, select.POLLIN)

    def read_when_ready(size: int) -> bytes | None:
        nonlocal patience
        is_ready = poll.poll(patience * 1000)
        patience = 0 if is_ready else _PATIENCE  # what came is handed on before more is waited for
        if not is_ready:
            raise BlockingIOError("nothing to read yet")
        return read(size)

    return read_when_ready
