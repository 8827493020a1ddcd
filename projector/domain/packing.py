"""How the log keeps an event: its digest, then its text, compressed.

    0x02  digest  frame          zstd with ``events.zdict``, a dictionary trained on invented events
    0x03  digest  key  frame     zstd with a dictionary of the store's own, which has this key
    0x01  digest  deflated       as the first format compressed

With 0x80 added, parts of the event were dropped at intake: between the digest and the rest is the digest of what was
kept. A dictionary's key is the beginning of its SHA-256, so that a key means the same dictionary in every store.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache, partial
from hashlib import sha256
from inspect import ismethod
from threading import local
from typing import Any, Final
from weakref import WeakMethod

import zstandard
from attrs import field, frozen

from projector.domain.errors import DamagedLog, MissingDictionary

_DEFLATED: Final = 1
_ZSTD: Final = 2
_OWN: Final = 3
_REDUCED: Final = 0x80
_DIGEST: Final = 32
_KEY: Final = 4
_WHOLE: Final = 1 + _DIGEST  # where what follows the digest of a whole event begins
_LEVEL: Final = 1
_SIZE: Final = 48 * 2**10  # bytes of a dictionary; larger ones leave hardly less
_SEGMENT: Final = 1024  # how the trainer cuts samples, and the length that it looks for: its own search takes longer
_SHORTEST: Final = 8
_FEWEST: Final = 8  # samples that a dictionary can be trained on

Source = Callable[[], Iterable[bytes]]  # of dictionaries


class _Zstd(local):
    """A compressor and a decompressor for each thread, made when it first uses one: neither may be shared."""

    compress: Callable[[bytes], bytes]
    compress_all: Callable[[Sequence[bytes]], list[bytes]]
    decompress: Callable[[bytes], bytes]
    decompress_all: Callable[[Sequence[bytes]], list[bytes]]

    def __init__(self, known: zstandard.ZstdCompressionDict) -> None:  # once for each thread
        self._known = known

    def __getattr__(self, name: str) -> Any:
        if name in ("compress", "compress_all"):
            compressor = zstandard.ZstdCompressor(
                level=_LEVEL, dict_data=self._known, write_dict_id=False, write_checksum=False
            )
            self.compress, self.compress_all = compressor.compress, partial(_compress_all, compressor)
        elif name in ("decompress", "decompress_all"):
            decompressor = zstandard.ZstdDecompressor(dict_data=self._known)
            self.decompress, self.decompress_all = decompressor.decompress, partial(_decompress_all, decompressor)
        else:
            raise AttributeError(name)
        return self.__dict__[name]


def _compress_all(compressor: zstandard.ZstdCompressor, texts: Sequence[bytes]) -> list[bytes]:
    """Several texts, each by itself; at once it takes a fifth less than one by one."""
    if not texts or not hasattr(compressor, "multi_compress_to_buffer"):  # where zstandard has no compiled code
        return list(map(compressor.compress, texts))
    found = compressor.multi_compress_to_buffer(list(texts), threads=0)
    return [found[index].tobytes() for index in range(len(found))]


def _decompress_all(decompressor: zstandard.ZstdDecompressor, frames: Sequence[bytes]) -> list[bytes]:
    """The texts of several frames; at once it takes half the time."""
    if not frames or not hasattr(decompressor, "multi_decompress_to_buffer"):
        return list(map(decompressor.decompress, frames))
    found = decompressor.multi_decompress_to_buffer(list(frames), threads=0)
    return [found[index].tobytes() for index in range(len(found))]


def _zstd_with(dictionary: bytes) -> _Zstd:
    known = zstandard.ZstdCompressionDict(dictionary)
    known.precompute_compress(level=_LEVEL)  # before any compressor uses it: it must not change afterwards
    return _Zstd(known)


def _resource(name: str) -> bytes:
    from importlib.resources import files

    return files(__package__).joinpath(name).read_bytes()


@cache
def _words() -> bytes:
    return _resource("words.txt")


@cache
def _invented() -> _Zstd:
    return _zstd_with(_resource("events.zdict"))


# dictionaries of stores

_learnt: Final[dict[bytes, _Zstd]] = {}  # by key
_sources: Final[list[Callable[[], Source | None]]] = []  # None: what was asked is no more


@lru_cache(64)  # to hash a dictionary takes longer than to pack an event with it
def key_of(dictionary: bytes) -> bytes:
    """The key of a dictionary in packed events."""
    return sha256(dictionary).digest()[:_KEY]


def learn(dictionary: bytes) -> None:
    """Make a store's dictionary known to this process."""
    if (key := key_of(dictionary)) not in _learnt:
        _learnt[key] = _zstd_with(dictionary)


def ask_for_dictionaries(source: Source) -> Callable[[], None]:
    """Ask a source, such as an open store, where an event was compressed with a dictionary not known yet.

    A method is asked as long as its object lives.

    Returns:
        What ends that.
    """
    asked = WeakMethod(source) if ismethod(source) else lambda: source
    _sources.append(asked)
    return lambda: _sources.remove(asked) if asked in _sources else None


def train(samples: Sequence[bytes]) -> bytes | None:
    """A dictionary for events like these; None where there are too few."""
    if len(samples) < _FEWEST:
        return None
    try:
        return zstandard.train_dictionary(_SIZE, list(samples), k=_SEGMENT, d=_SHORTEST).as_bytes()
    except zstandard.ZstdError:  # they are too short or too much alike
        return None


def _with_key(key: bytes) -> _Zstd:
    if (found := _learnt.get(key)) is None:
        for asked in list(_sources):
            if (source := asked()) is None:
                _sources.remove(asked)
                continue
            for dictionary in source():
                learn(dictionary)
        if (found := _learnt.get(key)) is None:
            raise MissingDictionary
    return found


# packing


@frozen
class Packing:
    """How new events are packed: with a dictionary of the store's own, or without one.

    >>> unpack(Packing().pack(bytes(32), b"{}")) == (bytes(32), b"{}")
    True
    """

    dictionary: bytes | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.dictionary is not None:
            learn(self.dictionary)

    @property
    def heads(self) -> tuple[bytes, bytes]:
        """What is before the digest of an event that is whole, and what is between its digest and its text."""
        return (b"\x02", b"") if self.dictionary is None else (b"\x03", key_of(self.dictionary))

    @property
    def compress(self) -> Callable[[bytes], bytes]:
        """What compresses a text, for this thread alone."""
        return self._zstd.compress

    @property
    def _zstd(self) -> _Zstd:
        return _invented() if self.dictionary is None else _learnt[key_of(self.dictionary)]

    def pack(self, digest: bytes, text: bytes, *, reduced: bool = False) -> bytes:
        """An event's digest and text as the log keeps them.

        Args:
            reduced: The digest is of more than the text: parts of the event were dropped at intake.
        """
        head, key = self.heads
        if reduced:
            head, digest = bytes((head[0] | _REDUCED,)), digest + sha256(text).digest()
        return head + digest + key + self.compress(text)

    def pack_all(self, digests: Sequence[bytes], texts: Sequence[bytes]) -> list[bytes]:
        """Whole events as the log keeps them."""
        head, key = self.heads
        return [
            b"%b%b%b%b" % (head, digest, key, packed)
            for digest, packed in zip(digests, self._zstd.compress_all(texts), strict=True)
        ]


UNTRAINED: Final = Packing()


def pack(digest: bytes, text: bytes, *, reduced: bool = False) -> bytes:
    """An event's digest and text as the log keeps them, without a dictionary of a store's own; see `Packing.pack`.

    >>> unpack(pack(bytes(32), b"{}")) == (bytes(32), b"{}")
    True
    """
    return UNTRAINED.pack(digest, text, reduced=reduced)


def is_packed(state: bytes) -> bool:
    """Whether this is an event as the log keeps it, and not its text.

    >>> is_packed(pack(bytes(32), b"{}")), is_packed(b"{}")
    (True, False)
    """
    return state[0] & ~_REDUCED in (_DEFLATED, _ZSTD, _OWN)


def kept_digest(packed: bytes) -> bytes | None:
    """The SHA-256 of the text of a reduced event; None where the event is whole.

    >>> kept_digest(pack(bytes(32), b"{}")) is None
    True
    """
    return packed[1 + _DIGEST : 1 + 2 * _DIGEST] if packed[0] & _REDUCED else None


def unpack(packed: bytes) -> tuple[bytes, bytes]:
    """The digest and the text of an event in the log.

    Raises:
        DamagedLog: not what `pack` made, or its dictionary is missing.
    """
    format = packed[0] & ~_REDUCED if packed else 0
    start = 1 + (2 * _DIGEST if packed and packed[0] & _REDUCED else _DIGEST)
    if format not in (_OWN, _ZSTD, _DEFLATED) or len(packed) <= start + _KEY * (format == _OWN):
        raise DamagedLog("an event was written by a newer release, or is damaged; see: projector verify")
    try:
        if format == _OWN:
            text = _with_key(packed[start : start + _KEY]).decompress(packed[start + _KEY :])
        elif format == _ZSTD:
            text = _invented().decompress(packed[start:])
        else:
            text = _inflated(packed[start:])
    except (zlib.error, zstandard.ZstdError, MemoryError) as error:
        raise DamagedLog(f"an event is damaged ({error}); see: projector verify") from error
    return packed[1 : 1 + _DIGEST], text


def texts_of(packed: Sequence[bytes]) -> list[bytes]:
    """The texts of many events in the log.

    Raises:
        DamagedLog: as `unpack` does.

    >>> texts_of([pack(bytes(32), b"{}"), pack(bytes(32), b"[]")])
    [b'{}', b'[]']
    """
    texts: list[bytes] = [b""] * len(packed)
    alike = defaultdict[bytes, list[int]](list)  # of whole events: what is before the digest, and the dictionary's key
    for index, one in enumerate(packed):
        alike[one[:1] + one[_WHOLE : _WHOLE + _KEY] if one[:1] == b"\x03" else one[:1]].append(index)
    for head, indexes in alike.items():
        known = _invented() if head == b"\x02" else _learnt.get(head[1:]) if head[:1] == b"\x03" else None
        start = _WHOLE + len(head) - 1
        try:
            if known is None:
                raise zstandard.ZstdError
            found = known.decompress_all([packed[index][start:] for index in indexes])
        except zstandard.ZstdError:  # one by one it is found out which one is damaged, and how
            found = [unpack(packed[index])[1] for index in indexes]
        for index, text in zip(indexes, found, strict=True):
            texts[index] = text
    return texts


def _inflated(data: bytes) -> bytes:
    inflate = zlib.decompressobj(-15, _words())
    return inflate.decompress(data) + inflate.flush()
