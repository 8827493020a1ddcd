"""Inputs decoded, some at a time: what is handed on towards the log."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Final

from attrs import define, field, frozen

from projector.domain.events import LiveEvent, Refusal
from projector.wire.dropping import names_to_drop
from projector.wire.envelopes import decoded
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

    ``ignored`` are the names of events of other families; ``size`` counts bytes; ``offset`` those of all sources
    read so far. ``damage`` says why a source could not be read to its end.
    """

    source: str
    events: list[LiveEvent] = field(factory=list)
    refused: list[tuple[int, Refusal]] = field(factory=list)
    ignored: list[str] = field(factory=list)
    warnings: list[tuple[int, str]] = field(factory=list)
    damage: str | None = None
    size: int = 0
    offset: int = 0

    def add(self, input: Input, terms: Terms) -> None:
        """Take an input: an event, or all that are in a wrapper."""
        self.offset = input.offset
        content = input.content
        for item in [content] if isinstance(content, Refusal) else decoded(content, terms.keys, terms.dropped):
            if isinstance(item, LiveEvent):
                self.events.append(item)
                if item.warnings:
                    self.warnings += [(input.position, text) for text in item.warnings]
            elif isinstance(item, Refusal):
                self.refused.append((input.position, item))
                self.size += len(item.raw)
            else:
                self.ignored.append(item.name)
        if isinstance(content, bytes):
            self.size += len(content)

    def __len__(self) -> int:
        return len(self.events) + len(self.refused) + len(self.ignored)

    def __bool__(self) -> bool:
        return len(self) > 0 or self.damage is not None

    def is_full(self, began: float) -> bool:
        """Whether it is time to hand it on; ``began`` is when it was, by the monotonic clock."""
        return len(self) >= MOST or self.size >= MOST_BYTES or monotonic() - began > LONGEST


def chunks(inputs: Iterable[Input | Damage], terms: Terms) -> Iterator[Chunk]:
    """The inputs in chunks, each of one source."""
    chunk, began = Chunk(source=""), monotonic()
    for input in inputs:
        damage = input.reason if isinstance(input, Damage) else None
        if chunk and (input.source != chunk.source or damage is not None):
            yield chunk
        if not chunk or input.source != chunk.source or damage is not None:
            chunk, began = Chunk(source=input.source, damage=damage), monotonic()
        if isinstance(input, Input):
            chunk.add(input, terms)
        if damage is not None or chunk.is_full(began):
            yield chunk
            chunk = Chunk(source=input.source)
    if chunk:
        yield chunk
