"""Chooses the dictionary that events are compressed with: trained on the store's own, and again where they change."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Final

from attrs import define, field

from projector.domain.packing import UNTRAINED, Packing, train
from projector.wire.files.survey import File

_FIRST: Final = 2**20  # bytes of events that a first dictionary is trained on, at least
_WINDOW: Final = 2**21  # bytes of events after which it is looked whether the dictionary still fits
_SAMPLES: Final = 400  # events that a dictionary is trained on, about
_PLACES: Final = 20  # in files where samples are taken,
_STRETCH: Final = 2**17  # and bytes that are read at each
_COMPARED: Final = 100  # others that two dictionaries are compared by
_WORSE: Final = 1.2  # times the bytes that the same dictionary left of earlier events
_BETTER: Final = 0.9  # of the bytes: for less a further dictionary is not worth its place
_PART: Final = 16  # every so many of events that are packed later are packed to see how they would be
_RAREST: Final = 64  # windows between two attempts, at most


def trained(samples: Sequence[bytes], before: Packing = UNTRAINED) -> Packing:
    """The packing that suits these events: the one before, or one with a dictionary that is trained on them.

    Args:
        samples: From many places; every fifth of them is only compared by.
    """
    learnt_from = [text for place, text in enumerate(samples) if place % 5]
    dictionary = train(learnt_from)
    if dictionary is None:
        return before
    new, compared = Packing(dictionary), samples[::5][:_COMPARED]
    return new if _bytes(new, compared) < _BETTER * _bytes(before, compared) else before


def sample(files: Sequence[File]) -> list[bytes]:
    """Lines from many places of files that look as if they were events; none of files that are compressed."""
    plain = [file for file in files if file.size and not file.is_packed]
    step = max(1, sum(file.size or 0 for file in plain) // _PLACES)
    found, begun, due = list[bytes](), 0, 0
    for file in plain:
        size = file.size or 0
        with suppress(OSError), open(file.path, "rb", buffering=0) as stream:
            while due < begun + size:
                found += _lines_at(stream, due - begun)
                due += step
        begun += size
        due = max(due, begun)
    return found


def _lines_at(stream: IO[bytes], offset: int) -> list[bytes]:
    """Some of the whole lines behind an offset."""
    stream.seek(offset)
    lines = stream.read(_STRETCH).split(b"\n")[offset > 0 : -1]
    events = [line for line in lines if line[:1] == b"{" and line[-1:] == b"}"]
    return events[:: max(1, len(events) // (_SAMPLES // _PLACES))]


def _bytes(packing: Packing, texts: Sequence[bytes]) -> int:
    compress = packing.compress
    return sum(len(compress(text)) for text in texts)


@define
class Dictionaries:
    """The packing of events that come one after the other, and the dictionaries that nobody stored yet.

    Whether it still fits is seen by how much it leaves of them, window by window. ``fits``: the first one was chosen
    for events like these.
    """

    packing: Packing = UNTRAINED
    fits: bool = False
    new: list[bytes] = field(init=False)
    _text: int = field(default=0, init=False)  # bytes in this window
    _packed: float = field(default=0, init=False)  # bytes that are left of them
    _samples: list[bytes] = field(factory=list, init=False)
    _usual: float | None = field(default=None, init=False)  # what is left of a byte, in a dictionary's first window
    _pause: int = field(default=0, init=False)  # windows until another one may be trained
    _next_pause: int = field(default=1, init=False)

    def __attrs_post_init__(self) -> None:
        self.new = [self.packing.dictionary] if self.fits and self.packing.dictionary is not None else []

    def note(self, texts: Sequence[bytes], packed: Sequence[bytes]) -> None:
        """Note events that were packed, or are to be packed; afterwards the packing may be another one."""
        if not texts:
            return
        size, window = sum(map(len, texts)), _WINDOW if self._is_settled() else _FIRST
        self._samples += texts[:: max(1, window * len(texts) // (size * _SAMPLES))]
        self._text += size
        self._packed += self._bytes(size, texts, packed)
        if self._text >= window:
            self._end_window(self._packed / self._text)

    def _bytes(self, size: int, texts: Sequence[bytes], packed: Sequence[bytes]) -> float:
        """The bytes of packed events; of those that are not packed yet about so many, as a part of them shows."""
        if packed[0] is not texts[0]:
            return sum(map(len, packed))
        part = texts[::_PART]
        return size * _bytes(self.packing, part) / sum(map(len, part))

    def _is_settled(self) -> bool:
        return self._usual is not None or self.packing.dictionary is not None

    def _end_window(self, left: float) -> None:
        if self._usual is None and self.fits:
            self._usual = left
        elif self._pause:
            self._pause -= 1
        elif self._usual is None or left > _WORSE * self._usual:
            self._train(left)
        self._samples.clear()
        self._text = self._packed = 0

    def _train(self, left: float) -> None:
        packing = trained(self._samples[:: max(1, len(self._samples) // _SAMPLES)], self.packing)
        if packing.dictionary is None or packing is self.packing:  # no other one would be better
            self._usual, self._pause, self._next_pause = left, self._next_pause, min(2 * self._next_pause, _RAREST)
            return
        self.packing, self.fits, self._usual, self._next_pause = packing, True, None, 1
        self.new.append(packing.dictionary)
