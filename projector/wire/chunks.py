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
from projector.wire.envelopes import opened
from projector.wire.keys import KeySet, read_keys
from projector.wire.sources import Damage, Input

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
    """Inputs of one source, decoded: ``refused`` and ``warnings`` stand with their positions.

    ``ignored`` are the names of events of other families. ``count`` and ``size`` (bytes) are of the inputs; ``offset``
    counts the bytes of all sources read so far. ``damage`` says why a source could not be read to its end.
    """

    source: str
    events: list[LiveEvent] = field(factory=list)
    refused: list[tuple[int, Refusal]] = field(factory=list)
    ignored: list[str] = field(factory=list)
    warnings: list[tuple[int, str]] = field(factory=list)
    damage: str | None = None
    count: int = 0
    size: int = 0
    offset: int = 0

    def add(self, input: Input, terms: Terms) -> None:
        """Take an input: an event, or all that are in a wrapper."""
        _, position, content, self.offset = input
        self.count += 1
        if isinstance(content, Refusal):
            self._refuse(position, content)
            return
        self.size += len(content)
        item = decode(content, terms.dropped)
        if isinstance(item, LiveEvent):
            self.events.append(item)
            if item.warnings:
                self.warnings += [(position, text) for text in item.warnings]
        else:
            self._take(position, opened(content, item, terms.keys, terms.dropped))

    def _take(self, position: int, items: list[LiveEvent | Refusal | Ignored]) -> None:
        for item in items:
            match item:
                case LiveEvent():
                    self.events.append(item)
                    self.warnings += [(position, text) for text in item.warnings]
                case Refusal():
                    self._refuse(position, item)
                case Ignored(name=name):
                    self.ignored.append(name)

    def _refuse(self, position: int, refusal: Refusal) -> None:
        self.refused.append((position, refusal))
        self.size += len(refusal.raw)

    def __bool__(self) -> bool:
        return self.count > 0 or self.damage is not None


def chunks(inputs: Iterable[Input | Damage], terms: Terms) -> Iterator[Chunk]:
    """The inputs in chunks, each of one source."""
    chunk, began = Chunk(source=""), monotonic()
    for input in inputs:
        if isinstance(input, Damage):
            if chunk:
                yield chunk
            chunk = Chunk(source=input.source)
            yield Chunk(source=input.source, damage=input.reason)
            continue
        if input.source != chunk.source:
            if chunk:
                yield chunk
            chunk, began = Chunk(source=input.source), monotonic()
        chunk.add(input, terms)
        if chunk.count >= MOST or chunk.size >= MOST_BYTES or monotonic() - began > LONGEST:
            yield chunk
            chunk, began = Chunk(source=input.source), monotonic()
    if chunk:
        yield chunk
