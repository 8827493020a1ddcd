"""Inputs decoded, some at a time: what is handed on towards the log."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Final

from attrs import define, field, frozen

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
class Terms:
    """On what terms inputs are taken: members of the metadata that are not kept, and keys that check signatures."""

    dropped: frozenset[str] = frozenset()
    keys_file: str | None = None  # a JWK set
    keys: KeySet | None = field(default=None, repr=False)

    @classmethod
    def asked(cls, drop_metadata: str | Iterable[str], keys: str | os.PathLike[str] | None) -> Terms:
        """The terms that a user names.

        Raises:
            BadQuestion: a name that cannot be dropped, or a file that is no key set.
            MissingInput: there is no such file.
        """
        file = None if keys is None else os.fspath(keys)
        read = None if file is None else read_keys(file)
        return cls(dropped=names_to_drop(drop_metadata or ()), keys_file=file, keys=read)


@define(kw_only=True)
class Chunk:
    """Inputs, decoded, of any number of sources.

    ``sources`` are spans: the index of the first of the ``events`` of a source, and the source, wherever it changes.
    ``refused`` and ``warnings`` have their source and position, ``ignored`` (the names of events of other families) and
    ``damage`` (why a source could not be read to its end) their source. ``count`` and ``size`` (bytes) are of the
    inputs; ``offset`` counts the bytes of all sources read so far.
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

    def add(self, input: Input, terms: Terms) -> None:
        """Take an input: an event, or all that are in a wrapper."""
        content = input.content
        self.offset = input.offset
        self.count += 1
        if isinstance(content, Refusal):
            self._refuse(input, content)
            return
        self.size += len(content)
        item = decode(content, terms.dropped)
        if isinstance(item, LiveEvent):
            if input.source != self._source:
                self._begin(input.source)
            self.events.append(item)
            if item.warnings:
                self._warn(input, item)
        else:
            self._take(input, opened(content, item, terms.keys, terms.dropped))

    def add_lines(self, input: InputLines, first: int, terms: Terms) -> int:
        """Take lines from a place on, until the chunk is full, or one is not JSON: that one is cut text by text.

        Returns:
            The place of the line to go on with.
        """
        source, lines, offset = input
        texts, dropped = lines.texts, terms.dropped
        self.offset = offset
        for place in range(first, len(texts)):
            text = texts[place]
            item = decode(text, dropped)
            if isinstance(item, LiveEvent) and not item.warnings:
                if source != self._source:
                    self._begin(source)
                self.events.append(item)
            elif isinstance(item, Refusal) and item.reason.startswith("not JSON"):
                lines.taken = place
                return len(texts)
            else:
                at = Input(source, lines.first + place, text, offset)
                self._take(at, [item] if isinstance(item, LiveEvent) else opened(text, item, terms.keys, dropped))
            self.count += 1
            self.size += len(text)
            if self.is_full():
                return place + 1
        return len(texts)

    def is_full(self) -> bool:
        """Whether it holds as much as one should."""
        return self.count >= MOST or self.size >= MOST_BYTES

    def _begin(self, source: str) -> None:
        self._source = source
        self.sources.append((len(self.events), source))

    def _warn(self, input: Input, event: LiveEvent) -> None:
        self.warnings += [(input.source, input.position, text) for text in event.warnings]

    def _take(self, input: Input, items: list[LiveEvent | Refusal | Ignored]) -> None:
        for item in items:
            match item:
                case LiveEvent():
                    if input.source != self._source:
                        self._begin(input.source)
                    self.events.append(item)
                    self._warn(input, item)
                case Refusal():
                    self._refuse(input, item)
                case Ignored(name=name):
                    self.ignored.append((input.source, name))

    def _refuse(self, input: Input, refusal: Refusal) -> None:
        self.refused.append((input.source, input.position, refusal))
        self.size += len(refusal.raw)

    def __bool__(self) -> bool:
        return self.count > 0 or bool(self.damage)


def chunks(inputs: Iterable[Input | InputLines | Damage | None], terms: Terms) -> Iterator[Chunk]:
    """The inputs in chunks.

    None among the inputs says that there is nothing to be read yet: where nothing comes for long, empty chunks do, so
    that whoever takes them can commit what waits, or stop.
    """
    chunk, began = Chunk(), monotonic()
    for input in inputs:
        first, count = 0, len(input.lines.texts) if isinstance(input, InputLines) else 1
        while first < count:
            if isinstance(input, InputLines):
                first = chunk.add_lines(input, first, terms)
            else:
                first = count
                if isinstance(input, Input):
                    chunk.add(input, terms)
                elif input is not None:
                    chunk.damage.append((input.source, input.reason))
            if chunk.is_full() or monotonic() - began > LONGEST:
                yield chunk
                chunk, began = Chunk(offset=chunk.offset), monotonic()
    if chunk:
        yield chunk
