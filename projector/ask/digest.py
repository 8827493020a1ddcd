"""The state digest: one hash for everything that stands, the same from every store and engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from projector.ask.finding import Frame
from projector.domain.canonical import canonical_json
from projector.domain.kinds import KINDS
from projector.store.sorting import sorted_lines

_PAGE: Final = 500


def state_digest(frames: Iterable[Frame]) -> str:
    """The SHA-256, in hex, of a line for each aggregate with a state, sorted and joined with newlines.

    Args:
        frames: One for each institution that counts.
    """
    digest, first = sha256(), True
    for line in sorted_lines(line for frame in frames for line in _lines(frame)):
        digest.update(line if first else b"\n" + line)
        first = False
    return digest.hexdigest()


def _lines(frame: Frame) -> Iterator[bytes]:
    for kind in KINDS:
        after, more = "", True
        while more:
            with frame.log.reading(frame.pin) as reading:
                page = reading.ids(frame.tenant, kind, after, _PAGE)
                states = [(id, frame.state_at(reading, kind, id)) for id in page]
            for id, state in states:
                if state is not None:
                    yield canonical_json({"id": id, "kind": kind, "state": state, "tenant": frame.tenant})
            after, more = (page[-1], True) if len(page) == _PAGE else ("", False)
