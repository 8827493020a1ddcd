"""What is derived from the log: whose events they are, in which order they count, what they mention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from attrs import define, field, frozen
from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import LiveEvent
from projector.domain.ids import local_id, shard_of
from projector.domain.instants import ALWAYS
from projector.domain.kinds import BIRTH, KINDS, PAGE, TWIN, Kind
from projector.domain.tenancy import Tenancy
from projector.store.parts import AggregateKey, Parts, Rank, context_of, rank_of

FAMILIES: Final[tuple[str, ...]] = (*KINDS, PAGE)  # what streams are of
DERIVED: Final = (
    "root_account",
    "institution",
    "stream",
    "aggregate",
    "timeline",
    "mention",
    "part",
    "wanderer",
    "heard",
)

_OPEN_STREAMS: Final = """
    SELECT a.stream, s.institution, s.context, s.abroad FROM aggregate a JOIN stream s ON s.number = a.stream
    WHERE a.tenant = ? AND a.kind = ? AND a.id = ? AND a.until = ? ORDER BY a.stream
"""


@frozen(kw_only=True)
class Place:
    """Where an event belongs by what is known now; ``family`` is its kind, or `PAGE`."""

    tenant: str
    family: Kind | Literal["page"]
    id: str
    shards: frozenset[int]


@define(kw_only=True)
class _Stream:
    number: int
    institution: int
    context: str | None
    abroad: bool
    fresh: bool = False  # begun by this transaction


def place_of(event: LiveEvent, tenancy: Tenancy, *, on_page: bool = False) -> Place:
    """The aggregate that an event belongs to; or the page on which it happened."""
    tenant = tenancy.tenant_of(event.uuid, event.root_account)
    shards = tenancy.shards(tenant)
    if on_page:
        return Place(tenant=tenant, family=PAGE, id=local_id(event.page or "", shards), shards=shards)
    return Place(tenant=tenant, family=event.kind, id=event.own_id(shards), shards=shards)


def _named(event: LiveEvent, place: Place) -> Iterator[tuple[str, str]]:
    for what, id in event.mentions:
        yield what, local_id(id, place.shards)
    if event.row is not None:
        yield BIRTH, event.row.birth(place.shards)
        if event.id is not None and event.row.user_uuid is not None:
            yield TWIN, event.row.guessed_id(place.shards)


def _is_abroad(event: LiveEvent, place: Place) -> bool:
    """Whether it holds a global id that a shard heard of later may turn into a local one."""
    ids = [event.id, event.page, *(id for _, id in event.mentions)]
    if event.row is not None:
        ids += [event.row.outcome, event.row.asset_id]
    if event.part is not None:
        ids += [event.part.context_id, event.part.parent, event.part.outcome]
    return any(id is not None and len(id) >= 14 and shard_of(local_id(id, place.shards)) is not None for id in ids)


@define
class Derivation:
    """The derived rows of one transaction, gathered and then written together."""

    cursor: SQLiteCursor
    tenancy: Tenancy
    parts: Parts = field(init=False)
    _institutions: dict[str, int] = field(factory=dict, init=False)
    _streams: dict[AggregateKey, list[_Stream]] = field(factory=dict, init=False)
    _ranks: dict[tuple[int, Rank], int] = field(factory=dict, init=False)  # of this transaction: position
    _timeline: list[tuple[int, int, int, int, bytes, int, bool]] = field(factory=list, init=False)
    _mentions: set[tuple[int, str, str, int, str]] = field(factory=set, init=False)
    _heard: dict[int, tuple[int, int, int]] = field(factory=dict, init=False)  # until, since, events
    _next_stream: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.parts = Parts(self.cursor)

    def institution(self, name: str) -> int:
        """The number of an institution, given one where it has none."""
        if (number := self._institutions.get(name)) is None:
            self.cursor.execute("INSERT OR IGNORE INTO institution (name) VALUES (?)", (name,))
            self.cursor.execute("SELECT number FROM institution WHERE name = ?", (name,))
            number = self._institutions[name] = self.cursor.fetchone()[0]
        return number

    def key_of(self, place: Place) -> AggregateKey:
        """An aggregate as the tables key it."""
        return self.institution(place.tenant), FAMILIES.index(place.family), place.id

    def _open_streams(self, key: AggregateKey) -> list[_Stream]:
        if (streams := self._streams.get(key)) is None:
            self.cursor.execute(_OPEN_STREAMS, (*key, ALWAYS))
            streams = self._streams[key] = [
                _Stream(number=number, institution=institution, context=context, abroad=bool(abroad))
                for number, institution, context, abroad in self.cursor.fetchall()
            ]
        return streams

    def position_of(self, event: LiveEvent, place: Place) -> int | None:
        """Where an event with the same content is in the log already; None where there is none."""
        rank = rank_of(event)
        for stream in self._open_streams(self.key_of(place)):
            position = self._ranks.get((stream.number, rank))
            if position is None and not stream.fresh:
                position = self._ranked(stream.number, rank)
            if position is not None:
                return position
        return None

    def _ranked(self, stream: int, rank: Rank) -> int | None:
        self.cursor.execute(
            "SELECT position FROM timeline"
            " WHERE stream = ? AND event_time = ? AND updated = ? AND updated_at = ? AND digest = ?",
            (stream, *rank),
        )
        row = self.cursor.fetchone()
        return None if row is None else row[0]

    def add(self, event: LiveEvent, place: Place, position: int) -> None:
        """Take an event of the log into the derived tables."""
        key = self.key_of(place)
        stream = self._enter(event, place, key, position)
        self._mention(event, place, key)
        self.parts.add(key, event, position, place.shards, self.tenancy.number)
        until, since, events = self._heard.get(stream.institution, (event.event_time, event.event_time, 0))
        self._heard[stream.institution] = max(until, event.event_time), min(since, event.event_time), events + 1
        if event.page is not None:
            page = place_of(event, self.tenancy, on_page=True)
            self._enter(event, page, self.key_of(page), position)

    def _enter(self, event: LiveEvent, place: Place, key: AggregateKey, position: int) -> _Stream:
        stream = self._stream_for(event, place, key)
        rank = rank_of(event)
        self._ranks[stream.number, rank] = position
        self._timeline.append((stream.number, *rank, position, event.titled and place.family != PAGE))
        return stream

    def _mention(self, event: LiveEvent, place: Place, key: AggregateKey) -> None:
        tenant, kind, id = key
        self._mentions.update((tenant, what, named, kind, id) for what, named in _named(event, place))

    def _stream_for(self, event: LiveEvent, place: Place, key: AggregateKey) -> _Stream:
        institution = self.institution(event.uuid or event.root_account or "")
        abroad, streams = _is_abroad(event, place), self._open_streams(key)
        context = context_of(event, place.shards) if place.family != PAGE else None
        if any(stream.context != context for stream in streams):
            self.parts.wander(key)
        for stream in streams:
            if stream.institution == institution:
                if abroad and not stream.abroad:
                    stream.abroad = True
                    self.cursor.execute("UPDATE stream SET abroad = 1 WHERE number = ?", (stream.number,))
                return stream
        stream = _Stream(number=self._new_stream(), institution=institution, context=context, abroad=abroad, fresh=True)
        streams.append(stream)
        row = (stream.number, institution, key[1], context, abroad)
        self.cursor.execute("INSERT INTO stream VALUES (?, ?, ?, ?, ?)", row)
        belongs = (*key, stream.number, self.tenancy.number, ALWAYS)
        self.cursor.execute("INSERT INTO aggregate VALUES (?, ?, ?, ?, ?, ?)", belongs)
        return stream

    def _new_stream(self) -> int:
        if not self._next_stream:
            self.cursor.execute("SELECT coalesce(max(number), 0) + 1 FROM stream")
            self._next_stream = self.cursor.fetchone()[0]
        self._next_stream += 1
        return self._next_stream - 1

    def move(self, stream: int, family: int, events: Sequence[tuple[int, LiveEvent]], before: Tenancy) -> None:
        """Let a stream's events belong where they belong now; a view made earlier still sees them where they were.

        Args:
            events: Positions in the log, and the events there.
        """
        on_page, number = FAMILIES[family] == PAGE, self.tenancy.number
        was, now = (self.key_of(place_of(events[0][1], known, on_page=on_page)) for known in (before, self.tenancy))
        if not on_page:
            for position, event in events:
                here = place_of(event, self.tenancy)
                self._mention(event, here, now)
                if event.part is not None:
                    self.parts.leave(was, event, place_of(event, before).shards, number)
                    self.parts.add(now, event, position, here.shards, number)
                    self.parts.wander(now)
        if was != now:
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
        self.parts.write()
        for institution, (until, since, events) in self._heard.items():
            self.cursor.execute(
                "SELECT until, since, events FROM heard WHERE institution = ? ORDER BY batch DESC LIMIT 1",
                (institution,),
            )
            if (row := self.cursor.fetchone()) is not None:
                until, since, events = max(until, row[0]), min(since, row[1]), events + row[2]
            self.cursor.execute("INSERT INTO heard VALUES (?, ?, ?, ?, ?)", (institution, batch, until, since, events))
