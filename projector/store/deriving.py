"""What is derived from the log: whose events they are, in which order they count, what they mention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import define, field, frozen
from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import LiveEvent
from projector.domain.ids import local_id, shard_of
from projector.domain.instants import ALWAYS
from projector.domain.kinds import BIRTH, KINDS, TWIN, Kind
from projector.domain.tenancy import Account, Tenancy

AggregateKey = tuple[int, int, str]  # tenant and kind by number, id
Rank = tuple[int, int, int, bytes]  # event_time, updated, updated_at, digest

DERIVED: Final = ("root_account", "institution", "stream", "aggregate", "timeline", "mention", "heard")

_OPEN_STREAMS: Final = """
    SELECT a.stream, s.institution, s.abroad FROM aggregate a JOIN stream s ON s.number = a.stream
    WHERE a.tenant = ? AND a.kind = ? AND a.id = ? AND a.until = ? ORDER BY a.stream
"""


@frozen(kw_only=True)
class Place:
    """Where an event belongs by what is known now."""

    tenant: str
    kind: Kind
    id: str
    shards: frozenset[int]


@define(kw_only=True)
class _Stream:
    number: int
    institution: int
    abroad: bool
    fresh: bool = False  # begun by this transaction


def place_of(event: LiveEvent, tenancy: Tenancy) -> Place:
    """The aggregate that an event belongs to."""
    tenant = tenancy.tenant_of(event.uuid, event.root_account)
    shards = tenancy.shards(tenant)
    return Place(tenant=tenant, kind=event.kind, id=event.own_id(shards), shards=shards)


def rank_of(event: LiveEvent) -> Rank:
    """Where an event stands among those of its aggregate, as the timeline keys it."""
    return event.event_time, int(not event.created), event.updated_at, event.digest


def _named(event: LiveEvent, place: Place) -> Iterator[tuple[str, str]]:
    for what, id in event.mentions:
        yield what, local_id(id, place.shards)
    if event.row is not None:
        yield BIRTH, event.row.birth(place.shards)
        if event.id is not None and event.row.user_uuid is not None:
            yield TWIN, event.row.guessed_id(place.shards)


def _is_abroad(event: LiveEvent, place: Place) -> bool:
    """Whether it holds a global id that a shard heard of later may turn into a local one."""
    ids = [event.id, *(id for _, id in event.mentions)]
    if event.row is not None:
        ids += [event.row.outcome, event.row.asset_id]
    return any(id is not None and len(id) >= 14 and shard_of(local_id(id, place.shards)) is not None for id in ids)


@define
class Derivation:
    """The derived rows of one transaction, gathered and then written together."""

    cursor: SQLiteCursor
    tenancy: Tenancy
    _institutions: dict[str, int] = field(factory=dict, init=False)
    _streams: dict[AggregateKey, list[_Stream]] = field(factory=dict, init=False)
    _ranks: set[tuple[int, Rank]] = field(factory=set, init=False)
    _timeline: list[tuple[int, int, int, int, bytes, int, bool]] = field(factory=list, init=False)
    _mentions: set[tuple[int, str, str, int, str]] = field(factory=set, init=False)
    _heard: dict[int, tuple[int, int, int]] = field(factory=dict, init=False)  # until, since, events
    _next_stream: int = field(default=0, init=False)

    def institution(self, name: str) -> int:
        """The number of an institution, given one where it has none."""
        if (number := self._institutions.get(name)) is None:
            self.cursor.execute("INSERT OR IGNORE INTO institution (name) VALUES (?)", (name,))
            self.cursor.execute("SELECT number FROM institution WHERE name = ?", (name,))
            number = self._institutions[name] = self.cursor.fetchone()[0]
        return number

    def key_of(self, place: Place) -> AggregateKey:
        """An aggregate as the tables key it."""
        return self.institution(place.tenant), KINDS.index(place.kind), place.id

    def _open_streams(self, key: AggregateKey) -> list[_Stream]:
        if (streams := self._streams.get(key)) is None:
            self.cursor.execute(_OPEN_STREAMS, (*key, ALWAYS))
            streams = self._streams[key] = [
                _Stream(number=number, institution=institution, abroad=bool(abroad))
                for number, institution, abroad in self.cursor.fetchall()
            ]
        return streams

    def holds(self, event: LiveEvent, place: Place) -> bool:
        """Whether an event with the same content is there already."""
        rank = rank_of(event)
        return any(
            (stream.number, rank) in self._ranks or (not stream.fresh and self._is_ranked(stream.number, rank))
            for stream in self._open_streams(self.key_of(place))
        )

    def _is_ranked(self, stream: int, rank: Rank) -> bool:
        self.cursor.execute(
            "SELECT 1 FROM timeline"
            " WHERE stream = ? AND event_time = ? AND updated = ? AND updated_at = ? AND digest = ?",
            (stream, *rank),
        )
        return self.cursor.fetchone() is not None

    def add(self, event: LiveEvent, place: Place, position: int) -> None:
        """Take an event of the log into the derived tables."""
        key = self.key_of(place)
        stream = self._stream_for(event, place, key)
        rank = rank_of(event)
        self._ranks.add((stream.number, rank))
        self._timeline.append((stream.number, *rank, position, event.titled))
        self._mention(event, place, key)
        until, since, events = self._heard.get(stream.institution, (event.event_time, event.event_time, 0))
        self._heard[stream.institution] = max(until, event.event_time), min(since, event.event_time), events + 1

    def _mention(self, event: LiveEvent, place: Place, key: AggregateKey) -> None:
        tenant, kind, id = key
        self._mentions.update((tenant, what, named, kind, id) for what, named in _named(event, place))

    def _stream_for(self, event: LiveEvent, place: Place, key: AggregateKey) -> _Stream:
        institution = self.institution(event.uuid or event.root_account or "")
        abroad = _is_abroad(event, place)
        streams = self._open_streams(key)
        for stream in streams:
            if stream.institution == institution:
                if abroad and not stream.abroad:
                    stream.abroad = True
                    self.cursor.execute("UPDATE stream SET abroad = 1 WHERE number = ?", (stream.number,))
                return stream
        stream = _Stream(number=self._new_stream(), institution=institution, abroad=abroad, fresh=True)
        streams.append(stream)
        self.cursor.execute("INSERT INTO stream VALUES (?, ?, ?)", (stream.number, institution, abroad))
        self.cursor.execute(
            "INSERT INTO aggregate VALUES (?, ?, ?, ?, ?, ?)", (*key, stream.number, self.tenancy.number, ALWAYS)
        )
        return stream

    def _new_stream(self) -> int:
        if not self._next_stream:
            self.cursor.execute("SELECT coalesce(max(number), 0) + 1 FROM stream")
            self._next_stream = self.cursor.fetchone()[0]
        self._next_stream += 1
        return self._next_stream - 1

    def move(self, stream: int, events: Sequence[LiveEvent], before: Tenancy) -> None:
        """Let a stream's events belong where they belong now; a view made earlier still sees them where they were."""
        was, now = (self.key_of(place_of(events[0], known)) for known in (before, self.tenancy))
        for event in events:
            self._mention(event, place_of(event, self.tenancy), now)
        if was != now:
            number = self.tenancy.number
            self.cursor.execute(
                "UPDATE aggregate SET until = ? WHERE tenant = ? AND kind = ? AND id = ? AND stream = ? AND until = ?",
                (number, *was, stream, ALWAYS),
            )
            self.cursor.execute("INSERT INTO aggregate VALUES (?, ?, ?, ?, ?, ?)", (*now, stream, number, ALWAYS))
            self._streams.clear()

    def write(self, batch: int) -> None:
        """Write what was gathered, as of one batch."""
        self.cursor.executemany("INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?, ?)", sorted(self._timeline))
        self.cursor.executemany("INSERT OR IGNORE INTO mention VALUES (?, ?, ?, ?, ?)", sorted(self._mentions))
        for institution, (until, since, events) in self._heard.items():
            self.cursor.execute(
                "SELECT until, since, events FROM heard WHERE institution = ? ORDER BY batch DESC LIMIT 1",
                (institution,),
            )
            if (row := self.cursor.fetchone()) is not None:
                until, since, events = max(until, row[0]), min(since, row[1]), events + row[2]
            self.cursor.execute("INSERT INTO heard VALUES (?, ?, ?, ?, ?)", (institution, batch, until, since, events))


def read_tenancy(cursor: SQLiteCursor) -> Tenancy:
    """What the store knows of institutions."""
    cursor.execute("SELECT tenancy FROM derivation")
    row = cursor.fetchone()
    cursor.execute("SELECT uuid, id FROM root_account")
    pairs: list[Account] = [(uuid, id) for uuid, id in cursor.fetchall()]
    return Tenancy(number=row[0] if row else 0, pairs=pairs)


def grow_tenancy(cursor: SQLiteCursor, known: Tenancy, events: Sequence[LiveEvent]) -> Tenancy:
    """What the store knows of institutions with these events, written down."""
    new = {(event.uuid, event.root_account) for event in events} - known.pairs
    if not new:
        return known
    grown = known.with_pairs(new)
    cursor.executemany("INSERT INTO root_account VALUES (?, ?)", list(new))
    cursor.execute("UPDATE derivation SET tenancy = ?", (grown.number,))
    return grown
