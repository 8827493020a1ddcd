"""Archives as the bytes within them: gzip and zstd, unpacked in bounded memory."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Any, BinaryIO, Final, cast

from zstandard import ZstdDecompressor, ZstdError

SUFFIXES: Final = (".gz", ".zst")
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_STEP: Final = 512  # bytes unpacked at once: zstd can make 16 MiB of them
_READ_ON: Final = "what could be read is stored: replay the file when it is whole"


class _ZstdFault(Exception):
    """Raised inside this module with the fault."""


FAULTS: Final[tuple[type[Exception], ...]] = (EOFError, gzip.BadGzipFile, zlib.error, _ZstdFault)


def unpacked(file: io.BufferedReader[Any], name: str) -> BinaryIO:
    """The bytes of a file, unpacked where its first bytes, or else its name, say that it is an archive.

    Reading raises one of ``FAULTS`` where the archive is cut short or damaged; `fault` puts it in words.
    """
    head = file.peek(len(_ZSTD))
    if head.startswith(_ZSTD) or (name.endswith(".zst") and not head.startswith(_GZIP)):
        return cast(BinaryIO, io.BufferedReader(_Frames(file), 2**18))
    if head.startswith(_GZIP) or name.endswith(".gz"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    return cast(BinaryIO, file)


def fault(error: Exception) -> str:
    """What is wrong with an archive, and what to do.

    >>> fault(gzip.BadGzipFile("Not a gzipped file (b'{}')"))
    'is no gzip archive; what could be read is stored: replay the file when it is whole'
    """
    match error:
        case _ZstdFault():
            return str(error)
        case gzip.BadGzipFile() if "Not a gzipped" in str(error):
            return f"is no gzip archive; {_READ_ON}"
        case _:
            return f"is a gzip archive cut short or damaged; {_READ_ON}"


class _Frames(io.RawIOBase):
    """What the frames of a zstd archive hold, one after the other.

    The library's own reader takes an archive that is cut short for a whole one, so its frames are followed here.
    """

    def __init__(self, file: io.BufferedReader[Any]) -> None:
        self._file = file
        self._frames = ZstdDecompressor()
        self._frame: Any = None  # the one that is open
        self._rest = b""  # what was read of the next one
        self._ready = memoryview(b"")
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and (packed := self._rest or self._file.read1(_STEP)):
            self._unpack(packed)
        if not self._ready and self._frame is not None:
            raise _ZstdFault(f"is a zstd archive cut short; {_READ_ON}")
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpack(self, packed: bytes) -> None:
        frame = self._frame or self._frames.decompressobj()
        try:
            self._ready = memoryview(frame.decompress(packed))
        except ZstdError as error:
            raise _ZstdFault(self._words(str(error))) from error
        self._rest, self._frame, self._begun = frame.unused_data, None if frame.eof else frame, True

    def _words(self, error: str) -> str:
        if "too much memory" in error:
            return "is a zstd archive that takes more than 128 MiB to unpack: pack it again without --long"
        if "Unknown frame" in error and not self._begun:
            return f"is no zstd archive; {_READ_ON}"
        return f"is a zstd archive that is damaged; {_READ_ON}"
