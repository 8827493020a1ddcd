"""The interfaces between a log, which keeps events, and an index, which is derived from it.

An index follows a log from any position; appending hands each batch on in the same transaction, so that the index
of a store's own file is never behind. Neither knows how the other keeps its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from attrs import frozen

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


Located = tuple[LiveEvent, AggregateKey, Owner]


def stream_of(placed: Located) -> str:
    """The readable id of the stream where a log puts an event on arrival."""
    event, key, account = placed
    return f"{account.name}/{event.kind}/{key[2]}"


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

    def every(self, nth: int, batch: BatchSpan) -> list[int]:
        """The positions in a batch of events that are the n-th of their stream, the 2n-th, and so on."""

    def aliases(self, after: int) -> list[Alias]:
        """The aliases behind a number, in the order in which they were declared."""


class Follower(Protocol):
    """An index as it takes what the log has, within the same transaction."""

    @property
    def tenancy(self) -> Tenancy:
        """What is known of institutions."""

    def place(self, events: Sequence[LiveEvent]) -> list[Located]:
        """Each event with the aggregate it belongs to, after taking in what is new of tenants."""

    def known(self, placed: Sequence[Located]) -> Mapping[bytes, int]:
        """The positions, by digest, of those that the log has already."""

    def take(self, batch: BatchSpan, placed: Sequence[Located]) -> None:
        """Take in the next batch, whose events are placed already."""

    def take_aliases(self) -> None:
        """Take in the aliases declared since."""

    def follow(self, events: int) -> bool:
        """Take in the next batches, of about so many events; return whether there were any."""

    def write(self) -> None:
        """Write the rows of what was taken in."""
