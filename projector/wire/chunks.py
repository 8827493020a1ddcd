"""Inputs decoded in chunks, for the log."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Final

from attrs import define, field, frozen

from projector.domain.arguments import path_asked, shown
from projector.domain.errors import BadQuestion
from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.wire.decode import decode
from projector.wire.dropping import names_to_drop
from projector.wire.keys import KeySet, read_keys
from projector.wire.sources import Damage, Input, InputLines
from projector.wire.wrappers import opened

MOST: Final = 1000  # inputs of a chunk
MOST_BYTES: Final = 2**20
LONGEST: Final = 1.0  # seconds that an input waits for its chunk to fill


@frozen(kw_only=True)
class IntakeOptions:
    """How inputs are taken: members of the metadata that are not kept, and keys that check signatures."""

    dropped: frozenset[str] = frozenset()
    keys_file: str | None = None  # a JWK set
    keys: KeySet | None = field(default=None, repr=False)

    @classmethod
    def asked(cls, drop_metadata: str | Iterable[str], keys: str | os.PathLike[str] | None) -> IntakeOptions:
        """The options that a user names.

        Raises:
            BadQuestion: a name that cannot be dropped, or a file that is no key set.
            MissingInput: there is no such file.
        """
        file = None if keys is None else path_asked(keys, "the key set")
        read = None if file is None else read_keys(file)
        return cls(dropped=names_to_drop(_texts(drop_metadata)), keys_file=file, keys=read)


def _texts(asked: str | Iterable[str]) -> str | list[str]:
    """The names that are given to be dropped; an empty text names none."""
    if isinstance(asked, str):
        return asked or []
    names = [] if asked is None else list(asked) if isinstance(asked, Iterable) else [asked]
    if not all(isinstance(name, str) for name in names):
        raise BadQuestion(f"{shown(asked)} does not name members of the metadata; write them as client_ip,user_agent")
    return names


@define(kw_only=True)
class Chunk:
    """Inputs, decoded, of any number of sources.

    ``sources`` are spans: the index of the first of the ``events`` of a source, and the source, wherever it changes.
    ``refused`` and ``warnings`` have their source and position, ``ignored`` (the names of events of other families) and
    ``damage`` (why a source could not be read to its end) their source. ``count`` and ``size`` (bytes) are of all
    of these; ``offset`` counts the bytes of all sources read so far.
    """

    events: list[LiveEvent] = field(factory=list)
    sources: list[tuple[int, str]] = field(factory=list)
    refused: list[tuple[str, int, Refusal]] = field(factory=list)
    ignored: list[tuple[str, str]] = field(factory=list)
    warnings: list[tuple[str, int, str]] = field(factory=list)
    damage: list[tuple[str, str]] = field(factory=list)
    count: int = 0
    size: int = 0
    offset: int = 0
    _source: str | None = field(default=None, init=False, eq=False, repr=False)  # of the last event

    def take(self, at: Input, item: LiveEvent | Refusal | Ignored) -> None:
        """Take what an input at a place was found to be, or one of several."""
        self.count += 1
        match item:
            case LiveEvent():
                self.begin(at.source)
                self.events.append(item)
                self.size += len(item.packed)
                self.warnings += [(at.source, at.position, text) for text in item.warnings]
            case Refusal():
                self.refused.append((at.source, at.position, item))
                self.size += len(item.raw)
            case Ignored(name=name):
                self.ignored.append((at.source, name))

    def begin(self, source: str) -> None:
        """Note that the next event is of a source."""
        if source != self._source:
            self._source = source
            self.sources.append((len(self.events), source))

    def is_full(self) -> bool:
        """Whether it holds as much as one should."""
        return self.count >= MOST or self.size >= MOST_BYTES

    def __bool__(self) -> bool:
        return self.count > 0 or bool(self.damage)


def chunks(inputs: Iterable[Input | InputLines | Damage | None], options: IntakeOptions) -> Iterator[Chunk]:
    """The inputs in chunks.

    None among the inputs says that there is nothing to be read yet: where nothing comes for long, empty chunks do, so
    that their reader can commit what waits, or stop.
    """
    decoder = _Decoder(options)
    for input in inputs:
        match input:
            case InputLines():
                yield from decoder.lines(input)
            case Input():
                yield from decoder.one(input)
            case Damage(source=source, reason=reason):
                decoder.chunk.damage.append((source, reason))
        yield from decoder.due()
    if decoder.chunk:
        yield decoder.chunk


class _Decoder:
    """Fills one chunk after the other."""

    def __init__(self, options: IntakeOptions) -> None:
        self.options = options
        self.chunk = Chunk()
        self._began = monotonic()

    def due(self) -> Iterator[Chunk]:
        """The chunk, where it is full or has waited for long; then another one is begun."""
        if self.chunk.is_full() or monotonic() - self._began > LONGEST:
            yield self.chunk
            self.chunk, self._began = Chunk(offset=self.chunk.offset), monotonic()

    def one(self, input: Input) -> Iterator[Chunk]:
        """Decode one input."""
        self.chunk.offset = input.offset
        if isinstance(input.content, Refusal):
            self.chunk.take(input, input.content)
        else:
            yield from self._opened(input, input.content, decode(input.content, self.options.dropped))

    def lines(self, input: InputLines) -> Iterator[Chunk]:
        """Decode lines, up to one that is not JSON: that one is cut text by text."""
        source, lines, offset = input
        chunk, dropped = self.chunk, self.options.dropped
        chunk.offset = offset
        for place, text in enumerate(lines.texts):
            item = decode(text, dropped)
            if isinstance(item, LiveEvent) and not item.warnings:
                if source != chunk._source:
                    chunk.begin(source)
                chunk.events.append(item)
                chunk.count += 1
                chunk.size += len(text)
            elif isinstance(item, Refusal) and item.reason.startswith("not JSON"):
                lines.taken = place
                return
            else:
                yield from self._opened(Input(source, lines.first + place, text, offset), text, item)
            if chunk.is_full():
                yield from self.due()
            chunk = self.chunk

    def _opened(self, at: Input, text: bytes, item: LiveEvent | Refusal | Ignored) -> Iterator[Chunk]:
        """Take what an input is, or all that is in the wrapper that it is."""
        if isinstance(item, LiveEvent):
            self.chunk.take(at, item)
            return
        for one in opened(text, item, self.options.keys, self.options.dropped):
            if one is not None:
                self.chunk.take(at, one)
            yield from self.due()
