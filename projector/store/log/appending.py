"""What is to be appended to a log, and what becomes of it; several requests make one batch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Self

from attrs import define, evolve, field, frozen

from projector.domain.columns import Columns
from projector.domain.events import LiveEvent, Refusal
from projector.domain.files import FileRead
from projector.store.log.writing import Spans


@frozen(kw_only=True)
class Appending:
    """What is to be appended in one transaction.

    ``sources`` says at which of the events, counted from 0, each source begins. ``refused`` is what is to be
    quarantined, each with its source and its position there; ``retried`` has the SHA-256 of inputs in quarantine that
    the events are, accepted after all. ``files`` were read to their end, and none of their events is still to come;
    ``dictionaries`` are those that the events are compressed with.
    """

    events: Columns = field(factory=Columns)
    sources: Spans = ()
    refused: Sequence[tuple[str, int, Refusal]] = ()
    retried: Sequence[bytes] = ()
    files: Sequence[FileRead] = ()
    dictionaries: Sequence[bytes] = ()


@frozen(kw_only=True)
class Receipt:
    """The counts of one batch; ``recorded_at`` is None where nothing was appended."""

    appended: int = 0
    duplicates: int = 0
    quarantined: int = 0
    recorded_at: int | None = None


@define
class Together:
    """Several requests as one, in their order; ``sizes`` are the events and the refused inputs of each."""

    request: Appending = field(factory=Appending)
    sizes: list[tuple[int, int]] = field(factory=list)
    _sources: list[tuple[int, str]] = field(factory=list)
    _refused: list[tuple[str, int, Refusal]] = field(factory=list)

    @classmethod
    def of(cls, requests: Sequence[Appending]) -> Self:
        """These requests as one."""
        if len(requests) == 1:
            return cls(requests[0], [(len(requests[0].events), len(requests[0].refused))])
        together = cls()
        for request in requests:
            together.add(request)
        return together.ended()

    def add(self, request: Appending) -> None:
        """Add a request."""
        so_far, first = self.request, len(self.request.events)
        self._sources += [(first + index, source) for index, source in request.sources if request.events]
        self._refused += request.refused
        so_far.events.extend(request.events)  # a copy: the request may be read again
        self.request = evolve(
            so_far,
            retried=[*so_far.retried, *request.retried],
            files=[*so_far.files, *request.files],
            dictionaries=[*so_far.dictionaries, *request.dictionaries],
        )
        self.sizes.append((len(request.events), len(request.refused)))

    def add_event(self, event: LiveEvent, source: str) -> None:
        """Add a request of one event: to make one of it would take as long as to decode it."""
        if not self._sources or self._sources[-1][1] != source:
            self._sources.append((len(self.request.events), source))
        self.request.events.add(event)
        self.sizes.append((1, 0))

    def ended(self) -> Self:
        """The same, when no more is added."""
        self.request = evolve(self.request, sources=self._sources, refused=self._refused)
        return self

    def receipts(self, appended: Sequence[int], recorded_at: int) -> list[Receipt]:
        """What became of each request.

        Args:
            appended: The indexes of those events of all that were new, rising.
        """
        found, first = list[Receipt](), 0
        new, again = Receipt(appended=1, recorded_at=recorded_at), Receipt(duplicates=1)
        for events, refused in self.sizes:
            last = first + events
            if events == 1 and not refused:  # most requests are of one event
                place = bisect_left(appended, first)
                found.append(new if place < len(appended) and appended[place] == first else again)
                first = last
                continue
            count = bisect_left(appended, last) - bisect_left(appended, first)
            found.append(
                Receipt(
                    appended=count,
                    duplicates=last - first - count,
                    quarantined=refused,
                    recorded_at=recorded_at if count else None,
                )
            )
            first = last
        return found
