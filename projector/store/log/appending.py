"""What is to be appended to a log, and what becomes of it; several requests make one batch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from attrs import field, frozen

from projector.domain.columns import Columns
from projector.domain.events import Refusal
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


def joined(requests: Sequence[Appending]) -> Appending:
    """Several requests as one, in their order."""
    if len(requests) == 1:
        return requests[0]
    events, sources = Columns(), list[tuple[int, str]]()
    for request in requests:
        sources += [(len(events) + index, source) for index, source in request.sources if request.events]
        events.extend(request.events)
    return Appending(
        events=events,
        sources=sources,
        refused=[refused for request in requests for refused in request.refused],
        retried=[digest for request in requests for digest in request.retried],
        files=[file for request in requests for file in request.files],
        dictionaries=[dictionary for request in requests for dictionary in request.dictionaries],
    )


def receipts(requests: Sequence[Appending], appended: Sequence[int], recorded_at: int) -> list[Receipt]:
    """What became of each of several requests.

    Args:
        appended: The indexes of those events of all that were new, rising.
    """
    found, first = list[Receipt](), 0
    for request in requests:
        last = first + len(request.events)
        count = bisect_left(appended, last) - bisect_left(appended, first)
        found.append(
            Receipt(
                appended=count,
                duplicates=last - first - count,
                quarantined=len(request.refused),
                recorded_at=recorded_at if count else None,
            )
        )
        first = last
    return found
