"""Decodes events that a log kept, many at once, and checks that they are as they were recorded."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from attrs import define, field

from projector.domain.canonical import digest_of
from projector.domain.columns import Columns
from projector.domain.facts import event_kept
from projector.domain.packing import kept_digest, unpack
from projector.wire.bulk import BulkDecoder


class Reread(NamedTuple):
    """Events read again; ``reduced`` counts those without parts of them, ``altered`` have another digest."""

    events: Columns
    reduced: int
    altered: list[int]


@define
class KeptDecoder:
    """Decodes events of a log."""

    checked: bool  # whether their digests are computed again
    _bulk: BulkDecoder = field(factory=lambda: BulkDecoder(with_rows=True), init=False)

    def decode(self, states: Sequence[bytes]) -> Reread:
        """Events, as the log keeps them, by column and in their order.

        Raises:
            Exception: of any kind: one can be read no longer.
        """
        unpacked = [unpack(state) for state in states]
        texts, digests = [text for _, text in unpacked], [digest for digest, _ in unpacked]
        kept = {index: digest for index, state in enumerate(states) if (digest := kept_digest(state)) is not None}
        found = self._bulk.decode(texts, digests, checked=self.checked)
        events = found.events
        if found.odd or found.ignored:
            others = [*found.odd, *(place for place, _ in found.ignored)]
            for place in others:
                events.add(event_kept(states[place])._replace(packed=b""))
            places = [*found.places, *others]
            events = events.chosen(sorted(range(len(places)), key=places.__getitem__))
        for index in events.unresolved:
            events.packed[index] = states[index]  # a store that knows more shards reads them again
        if not self.checked:
            return Reread(events, len(kept), [])
        whole = {**dict(zip(found.places, found.computed, strict=True)), **{p: digest_of(texts[p]) for p in found.odd}}
        altered = [place for place, digest in whole.items() if place not in kept and digest != digests[place]]
        altered += [place for place, digest in kept.items() if sha256(texts[place]).digest() != digest]
        return Reread(events, len(kept), sorted(altered))
