"""How the log keeps an event: its digest, then its text, compressed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from threading import local
from typing import Any, Final

import zstandard

from projector.domain.errors import DamagedLog

_DEFLATED: Final = 1  # how the first format compressed: raw deflate, primed with words.txt
_ZSTD: Final = 2  # zstd, with events.zdict, a dictionary trained on invented events
_REDUCED: Final = 0x80  # beside either: parts were dropped at intake, and a digest of what was kept follows
_DIGEST: Final = 32
_LEVEL: Final = 1


@cache
def _words() -> bytes:
    from importlib.resources import files

    return files(__package__).joinpath("words.txt").read_bytes()


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    from importlib.resources import files

    known = zstandard.ZstdCompressionDict(files(__package__).joinpath("events.zdict").read_bytes())
    known.precompute_compress(level=_LEVEL)
    return known


class _Zstd(local):
    """A compressor and a decompressor for each thread, made when it first uses one: neither may be shared."""

    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes], bytes]

    def __getattr__(self, name: str) -> Any:
        if name not in _Zstd.__annotations__:
            raise AttributeError(name)
        known = _dictionary()
        self.compress = zstandard.ZstdCompressor(level=_LEVEL, dict_data=known, write_dict_id=False).compress
        self.decompress = zstandard.ZstdDecompressor(dict_data=known).decompress
        return self.__dict__[name]


_zstd = _Zstd()


def pack(digest: bytes, text: bytes, *, reduced: bool = False) -> bytes:
    """An event's digest and text as the log keeps them.

    Args:
        reduced: The digest is of more than the text: parts of the event were dropped at intake.

    >>> unpack(pack(bytes(32), b"{}")) == (bytes(32), b"{}")
    True
    """
    if reduced:
        return bytes((_ZSTD | _REDUCED,)) + digest + sha256(text).digest() + _zstd.compress(text)
    return b"\x02" + digest + _zstd.compress(text)


def digest_in(packed: bytes) -> bytes:
    """The digest of an event that `pack` packed."""
    return packed[1 : 1 + _DIGEST]


def kept_digest(packed: bytes) -> bytes | None:
    """The SHA-256 of the text of a reduced event; None where the event is whole.

    >>> kept_digest(pack(bytes(32), b"{}")) is None
    True
    """
    return packed[1 + _DIGEST : 1 + 2 * _DIGEST] if packed[0] & _REDUCED else None


def unpack(packed: bytes) -> tuple[bytes, bytes]:
    """The digest and the text of an event in the log.

    Raises:
        DamagedLog: not what `pack` made.
    """
    format = packed[0] & ~_REDUCED if packed else 0
    header = 1 + (2 * _DIGEST if packed and packed[0] & _REDUCED else _DIGEST)
    if format not in (_ZSTD, _DEFLATED) or len(packed) <= header:
        raise DamagedLog("an event was written by a newer release, or is damaged; see: projector verify")
    try:
        text = _zstd.decompress(packed[header:]) if format == _ZSTD else _inflated(packed[header:])
    except (zlib.error, zstandard.ZstdError, MemoryError) as error:
        raise DamagedLog(f"an event is damaged ({error}); see: projector verify") from error
    return packed[1 : 1 + _DIGEST], text


def _inflated(data: bytes) -> bytes:
    inflate = zlib.decompressobj(-15, _words())
    return inflate.decompress(data) + inflate.flush()
