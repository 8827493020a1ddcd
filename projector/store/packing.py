"""How an event lies in the log: its digest, then its text as it came, compressed."""

from __future__ import annotations

import zlib
from importlib.resources import files
from typing import Final

from eventsourcing.persistence import Compressor

DEFLATED: Final = b"\x01"  # the one format so far: raw deflate, primed with words.txt
_HEADER: Final = 1 + 32
_WORDS: Final = files(__package__).joinpath("words.txt").read_bytes()


class PrimedDeflate(Compressor):
    """Deflate that knows Canvas' words beforehand, so that even one small event shrinks to a third.

    >>> PrimedDeflate().decompress(PrimedDeflate().compress(b'{"metadata":{}}'))
    b'{"metadata":{}}'
    """

    def compress(self, data: bytes) -> bytes:
        """The data as raw deflate."""
        deflate = zlib.compressobj(1, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, _WORDS)
        return deflate.compress(data) + deflate.flush()

    def decompress(self, data: bytes) -> bytes:
        """The data that was compressed."""
        inflate = zlib.decompressobj(-15, _WORDS)
        return inflate.decompress(data) + inflate.flush()


_deflate = PrimedDeflate()


def pack(digest: bytes, text: bytes) -> bytes:
    """An event's digest and text as the log keeps them.

    >>> unpack(pack(bytes(32), b"{}")) == (bytes(32), b"{}")
    True
    """
    return DEFLATED + digest + _deflate.compress(text)


def unpack(state: bytes) -> tuple[bytes, bytes]:
    """The digest and the text of an event in the log.

    Raises:
        ValueError: not a state that `pack` made, or one that was damaged.
    """
    if state[:1] != DEFLATED or len(state) <= _HEADER:
        raise ValueError("this event was written by a newer release, or is damaged")
    try:
        return state[1:_HEADER], _deflate.decompress(state[_HEADER:])
    except zlib.error as error:
        raise ValueError(f"this event is damaged: {error}") from error
