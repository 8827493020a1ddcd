"""The interfaces between a log, which keeps events, and an index, which is derived from it.

An index follows a log from any position; appending hands each batch on in the same transaction, so that the index
of a store's own file is never behind. Neither knows how the other keeps its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import add
from typing import NamedTuple, Protocol

from attrs import define, frozen

from projector.domain.catalogue import BY_NAME
from projector.domain.columns import Columns
from projector.domain.events import LiveEvent
from projector.domain.tenancy import Tenancy

AggregateKey = tuple[int, int, str]  # tenant and kind by number, id


@frozen
class Head:
    """A log's end: its last batch and position, when that was recorded, and the running hash up to it."""

    batch: int = 0
    position: int = 0
    recorded_at: int = 0
    hash: bytes = bytes(32)


@frozen
class BatchSpan:
    """What was committed at one instant (microseconds since 1970); ``hash`` is the running one after it."""

    number: int
    first: int
    last: int
    recorded_at: int
    hash: bytes


class Entry(NamedTuple):
    """An event as the log keeps it: its position, its stream and version there, its name, and its packed text."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes


class Alias(NamedTuple):
    """That two names are one institution's; ``batch`` is the last one before it was declared."""

    number: int
    batch: int
    other: str
    stands_for: str


@frozen
class Owner:
    """An institution as events name it, and the tenant that it belongs to by what is known now."""

    name: str
    number: int  # of the name
    tenant: int  # the number of the tenant's name
    shards: frozenset[int]


@define
class Placed:
    """Events by column, and to which aggregate each belongs.

    ``owners`` has an institution for each of the accounts of the events; ``tenants``, ``kinds`` and ``ids`` are the
    keys of the aggregates, one an event. ``apart`` are events with global ids whose institution has further shards
    than that of their root account: what their columns say is not localised.
    """

    events: Columns
    owners: Sequence[Owner]
    tenants: list[int]
    kinds: list[int]
    ids: list[str]
    apart: Mapping[int, LiveEvent]

    def __len__(self) -> int:
        return len(self.ids)

    def key(self, index: int) -> AggregateKey:
        """The aggregate that an event belongs to."""
        return self.tenants[index], self.kinds[index], self.ids[index]

    def owner(self, index: int) -> Owner:
        """The institution that an event names."""
        return self.owners[self.events.account[index]]

    def streams(self) -> list[str]:
        """The readable ids of the streams where a log puts the events on arrival."""
        events = self.events
        pairs = list(zip(events.account, events.names, strict=True))
        begins = {pair: f"{self.owners[pair[0]].name}/{BY_NAME[pair[1]].kind}/" for pair in dict.fromkeys(pairs)}
        return list(map(add, map(begins.__getitem__, pairs), self.ids))

    def chosen(self, indexes: Sequence[int]) -> Placed:
        """Some of these events, in this order."""
        return Placed(
            self.events.chosen(indexes),
            self.owners,
            [self.tenants[index] for index in indexes],
            [self.kinds[index] for index in indexes],
            [self.ids[index] for index in indexes],
            {place: self.apart[index] for place, index in enumerate(indexes) if index in self.apart},
        )


class KeptEvents(NamedTuple):
    """Events of a log by column, with their streams and versions there, where they are read again.

    ``reduced`` counts those that were taken without parts of them; ``fault`` is the index of the first that is not as
    it was recorded, where that was looked for, and what is wrong with it.
    """

    events: Columns
    streams: Sequence[str]
    versions: Sequence[int]
    reduced: int = 0
    fault: tuple[int, str] | None = None


class Log(Protocol):
    """A log as an index follows it, within one transaction."""

    def head(self) -> Head:
        """The end of the log."""

    def batches(self, after: int, events: int) -> list[BatchSpan]:
        """The next batches behind a number, of about so many events."""

    def entries(self, batch: BatchSpan) -> list[Entry]:
        """The events of a batch; raises ``DamagedLog`` where one is missing."""

    def entries_of(self, tenant_name: str, upto: int) -> Iterator[list[Entry]]:
        """The events whose streams begin with a name, up to a position, a page at a time."""

    def states_named(self, topics: Sequence[str], upto: int) -> Iterator[list[bytes]]:
        """The events of these names, up to a position, a page at a time."""

    def state_at(self, position: int) -> bytes:
        """The event at a position."""

    def aliases(self, after: int) -> list[Alias]:
        """The aliases behind a number, in the order in which they were declared."""


class Follower(Protocol):
    """An index as it takes what the log has, within the same transaction."""

    @property
    def tenancy(self) -> Tenancy:
        """What is known of institutions."""

    def place(self, events: Columns) -> Placed:
        """The aggregates of these events, after taking in what is new of tenants."""

    def known(self, placed: Placed, streams_known: Sequence[bool]) -> Mapping[bytes, int]:
        """The positions, by digest, of those that the log has already.

        Args:
            streams_known: Of each event, whether the log has its stream.
        """

    def take(self, batch: BatchSpan, placed: Placed, versions: Sequence[int]) -> None:
        """Take in the next batch, whose events are placed already, the n-th ones of their streams."""

    def take_aliases(self) -> None:
        """Take in the aliases declared since."""

    def follow(self, events: int) -> bool:
        """Take in the next batches, of about so many events; return whether there were any."""

    def write(self) -> None:
        """Write the rows of what was taken in."""

    def needs_rows(self) -> bool:
        """Whether the rows of results that have ids are needed too: see `projector.domain.columns.Columns`."""

    def committed(self) -> None:
        """Called after the transaction."""
