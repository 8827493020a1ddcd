"""Compressed files as the bytes in them: gzip, zstd, bzip2 and xz, known by content, in bounded memory.

Members (gzip), frames (zstd) and streams (bzip2, xz) follow one another in a file, with NUL bytes between them or at
the end. The libraries' own readers take a zstd file that is cut short for a whole one, unpack some members of bzip2
without a bound, and lose bytes where a pipe has none at hand: so members are followed here, for all four in one way.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from attrs import frozen
from zstandard import ZstdDecompressor, ZstdError

from projector.wire.files.streams import BLOCK, Bytes, Damaged, Lookahead

LAYERS: Final = 4  # of compression within compression
_STEP: Final = 2**14  # bytes unpacked at once
_BOUND: Final = 2**18  # bytes that may be made of them at once
_STEP_UNBOUND: Final = 512  # bytes unpacked at once where there is no bound: zstd can make 16 MiB of them
_MEMORY: Final = 128 * 2**20  # bytes that a window may take
_ROUNDS: Final = 4096  # steps that may give nothing before control returns to the reader
_READ_ON: Final = "what could be read is stored: replay the file when it is whole"
_FAULTS: Final = (zlib.error, ZstdError, lzma.LZMAError, OSError, ValueError, EOFError)  # of the decompressors


@frozen(kw_only=True)
class Codec:
    """A form of compression: how a file of it begins, and what unpacks one member of it."""

    name: str
    magic: re.Pattern[bytes]
    member: Callable[[], Any]
    step: int = _STEP
    bound: tuple[int, ...] = (_BOUND,)  # the second argument of its ``decompress``
    remedy: str = ""  # where the window is too large


_CODECS: Final = (
    Codec(name="a gzip archive", magic=re.compile(rb"\x1f\x8b"), member=partial(zlib.decompressobj, 31)),
    Codec(
        name="a zstd archive",
        magic=re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),  # the second: a frame to be skipped
        member=lambda: ZstdDecompressor(max_window_size=_MEMORY).decompressobj(),
        step=_STEP_UNBOUND,
        bound=(),
        remedy="without --long",
    ),
    Codec(
        name="a bzip2 archive",
        magic=re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
        member=bz2.BZ2Decompressor,
    ),
    Codec(
        name="an xz archive",
        magic=re.compile(rb"\xfd7zXZ\x00"),
        member=partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _MEMORY),
        remedy="with --lzma2=dict=64MiB, or -9 at most",
    ),
)


_ANY: Final = re.compile(b"|".join(codec.magic.pattern for codec in _CODECS))


def codec_of(head: bytes) -> Codec | None:
    """The compression of a file that begins with these bytes, or None.

    >>> codec_of(b"BZh91AY&SY...").name, codec_of(b"BZh, a text")
    ('a bzip2 archive', None)
    """
    return next(codec for codec in _CODECS if codec.magic.match(head)) if _ANY.match(head) else None


class Members(Bytes):
    """What the members of a compressed file hold, one after the other.

    Reading raises `Damaged` where the file is cut short or damaged, after all that could be read.
    """

    def __init__(self, packed: Lookahead, codec: Codec) -> None:
        self._packed = packed
        self._codec = codec
        self._member: Any = None  # the one that is open
        self._rest = b""  # what was read and is not unpacked yet
        self._ready = b""
        self._fault: Damaged | None = None

    def read1(self, size: int = BLOCK, /) -> bytes:
        if not self._ready:
            self._fill()
        if len(self._ready) <= size:
            data, self._ready = self._ready, b""
        else:
            data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _fill(self) -> None:
        """Unpack until something is ready, or to the end."""
        for _ in range(_ROUNDS):
            if self._fault is not None:
                raise self._fault
            if not self._advance() or self._ready:
                return
        raise BlockingIOError("nothing unpacked yet")

    def _advance(self) -> bool:
        """Unpack a little; False at the end."""
        packed = self._rest
        if not packed and getattr(self._member, "needs_input", True):
            packed = self._packed.read1(self._codec.step)
            if not packed and self._member is not None:
                self._fault = Damaged(f"is {self._codec.name} cut short or damaged; {_READ_ON}")
            if not packed:
                return self._fault is not None
        self._rest = b""
        if self._member is not None or (packed := packed.lstrip(b"\0")):
            self._unpack(packed)
        return True

    def _unpack(self, packed: bytes) -> None:
        member = self._member = self._member or self._codec.member()
        try:
            self._ready = member.decompress(packed, *self._codec.bound)
        except _FAULTS as error:
            self._fault = Damaged(self._words(str(error)))
            return
        if member.eof:
            self._member, self._rest = None, member.unused_data
        else:
            self._rest = getattr(member, "unconsumed_tail", b"")

    def _words(self, error: str) -> str:
        archive = f"is {self._codec.name} that"
        if "too much memory" in error or "Memory usage limit" in error:
            return f"{archive} takes more than 128 MiB to unpack: pack it again {self._codec.remedy}"
        return f"{archive} is damaged; {_READ_ON}"
