"""The event log: what was heard, in the order it was heard, and the tables derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from sqlite3 import Cursor
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from eventsourcing.utils import Environment, EnvType, get_topic

from projector.domain.errors import StoreError
from projector.domain.events import LiveEvent, Quarantined, Refusal
from projector.domain.instants import SECOND, from_datetime, to_text
from projector.domain.people import Person
from projector.domain.settings import Setting, Switch
from projector.domain.tenancy import Tenancy
from projector.store import quarantine
from projector.store.appending import append_events, read_head
from projector.store.derived.moving import derivation_after
from projector.store.institutions import Known, read_known, read_settings, write_alias, write_number, write_setting
from projector.store.mapper import LogEntry, LogEntryMapper
from projector.store.people import delete_people, find_people, write_people
from projector.store.pins import Pin
from projector.store.reading import Reading
from projector.store.receipts import Batch, Origin, Receipt
from projector.store.sources import Spans
from projector.store.sqlite import LogRecorder, StoreFactory
from projector.store.transactions import Transactions

if TYPE_CHECKING:
    from projector.store.upkeep.settling import Rebuilt

Clock = Callable[[], datetime]

_AHEAD: Final = 5 * 60 * SECOND  # how far the head may lie ahead of the clock
_PAGE: Final = 1000
_INPUTS: Final = 50  # in quarantine that are read at once: each may be of 1 MiB
_SOURCE_CHANGES: Final = "SELECT position, source FROM source_change WHERE position > ? ORDER BY position LIMIT ?"


def wall_clock() -> datetime:
    """Now, by the machine's clock."""
    return datetime.now(UTC)


class EventLog(Transactions):
    """An event-sourced application of the eventsourcing library that is fed by batches of Live Events.

    A batch is one transaction: its events, what is derived from them and what was refused are all there or none.
    """

    name = "projector"
    log_section_size = _PAGE
    env: ClassVar[dict[str, str]] = {
        "PERSISTENCE_MODULE": get_topic(StoreFactory),
        "APPLICATION_RECORDER_TOPIC": get_topic(LogRecorder),
        "MAPPER_TOPIC": get_topic(LogEntryMapper),
        "ORIGINATOR_ID_TYPE": "text",
    }

    def __init__(self, env: EnvType, clock: Clock) -> None:
        super().__init__(env)
        self.news: tuple[str, ...] = ()  # what its user should know of its opening
        self.rebuilt: Rebuilt | None = None  # when it was opened
        self._clock = clock
        self._known: Known | None = None  # of institutions, as of some commit: never what a transaction only wrote

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Our own settings only: no variable of the surroundings may change how the log is written."""
        return Environment(name, {**self.env, **(env or {})})

    # what is known

    def pin(self, known_at: int | None = None) -> Pin:
        """What the store knows now, or knew at an instant; later than the head, or None, is the head."""
        with self.reader() as reader:
            version = reader.data_version()
            if reader.version != version:
                reader.remembered, reader.version = self._newest_pin(reader.connection.cursor()), version
            newest: Pin = reader.remembered
            if known_at is None or newest.recorded_at is None or known_at >= newest.recorded_at:
                return newest
            row = reader.connection.execute(
                "SELECT number, last FROM batch WHERE recorded_at <= ? ORDER BY recorded_at DESC LIMIT 1", (known_at,)
            ).fetchone()
            number, last = row or (0, 0)
            return newest.earlier(number, last, known_at)

    def _newest_pin(self, cursor: Cursor) -> Pin:
        head = read_head(cursor)
        return Pin(
            position=head.position,
            batch=head.batch,
            recorded_at=head.recorded_at if head.batch else None,
            head=head.position,
            tenancy=self._tenancy(cursor),
            settings=read_settings(cursor),
        )

    def _tenancy(self, cursor: Cursor) -> Tenancy:
        """What is known of institutions where a transaction begins."""
        self._known = known = read_known(cursor, self._known)
        return known.tenancy

    def reading(self, pin: Pin, tenant: str) -> Reading:
        """A short read transaction of an institution, under a pin; one within another of a thread is part of it."""
        return Reading(self.reader(), pin, tenant)

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The batches in the order of their commits, from behind a number."""
        while True:
            with self.transaction(commit=False) as cursor:
                cursor.execute("SELECT * FROM batch WHERE number > ? ORDER BY number LIMIT ?", (after, _PAGE))
                page = [Batch(**row) for row in cursor.fetchall()]
            if not page:
                return
            yield from page
            after = page[-1].number

    def origins(self) -> Iterator[Origin]:
        """Where events were read from and when they were recorded, in order of their positions.

        Each holds until the position of the next one.
        """
        changes = self._source_changes()
        change = next(changes, None)
        for batch in self.batches():
            yield Origin(batch.first, batch.recorded_at, batch.source)
            while change is not None and change[0] <= batch.last:
                yield Origin(change[0], batch.recorded_at, change[1])
                change = next(changes, None)

    def _source_changes(self) -> Iterator[tuple[int, str]]:
        after = 0
        while True:
            with self.transaction(commit=False) as cursor:
                cursor.execute(_SOURCE_CHANGES, (after, _PAGE))
                page = [(row["position"], row["source"]) for row in cursor.fetchall()]
            if not page:
                return
            yield from page
            after = page[-1][0]

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, LogEntry]]:
        """The events of the log by position, read through the library's notification log."""
        while page := self.notification_log.select(start=first, limit=_PAGE, stop=last):
            for notification in page:
                yield notification.id, cast(Any, self.mapper.to_domain_event(notification))
            first = page[-1].id + 1

    def head_hash(self) -> bytes:
        """The running hash over the whole log."""
        with self.transaction(commit=False) as cursor:
            return read_head(cursor).hash

    def quarantined(self, *, retried: bool = False) -> Iterator[Quarantined]:
        """What is kept apart when the first is asked for, in order of arrival."""
        after, last = 0, None
        while last is None or after < last:
            with self.transaction(commit=False) as cursor:
                last = quarantine.last_number(cursor) if last is None else last
                page = quarantine.page(cursor, after, last, _INPUTS, retried=retried)
            yield from (kept for _, kept in page)
            after = page[-1][0] if page else last

    # appending

    def append(
        self,
        events: Sequence[LiveEvent],
        sources: str | Spans,
        *,
        refused: Sequence[tuple[str, int, Refusal]] = (),
        recorded_at: int | None = None,
        retried: Sequence[bytes] = (),
    ) -> Receipt:
        """What became of a batch, committed as one transaction.

        Args:
            sources: The source of all of these events, or where in their order each source begins.
            refused: What is to be quarantined, each with its source and its position there.
            recorded_at: Given where a log is restored; else the clock's, later than any before.
            retried: The SHA-256 of inputs in quarantine that these events are, accepted after all.
        """
        spans = [(0, sources)] if isinstance(sources, str) else sources
        with self.transaction(commit=True) as cursor:
            moment = self._moment(cursor) if recorded_at is None else recorded_at
            known = self._tenancy(cursor)
            appended = append_events(cursor, events, spans, moment, known) if events else 0
            quarantine.keep(cursor, refused, moment)
            quarantine.mark_retried(cursor, retried, moment)
        return Receipt(
            appended=appended,
            duplicates=len(events) - appended,
            quarantined=len(refused),
            recorded_at=moment if appended else None,
        )

    def now(self) -> int:
        """The instant by the store's clock."""
        return from_datetime(self._clock())

    def _moment(self, cursor: Cursor) -> int:
        """Now, but later than the head; taken while the write lock is held."""
        now, head = self.now(), read_head(cursor).recorded_at
        if head > now + _AHEAD:
            raise StoreError(
                f"the last events were recorded at {to_text(head)}, ahead of this machine's clock ({to_text(now)});"
                " set the clock right; if it was wrong then, begin a new store: projector export --log FILE,"
                " then projector replay FILE --store NEW"
            )
        return max(now, head + 1)

    # what no event tells

    def set(self, tenant: str, name: str, value: Switch, valid_from: int) -> None:
        """Let a flag of an institution have a value from an instant on."""
        with self.transaction(commit=True) as cursor:
            moment = self._moment(cursor)
            setting = Setting(tenant=tenant, name=name, value=value, valid_from=valid_from, recorded_at=moment)
            write_setting(cursor, setting)

    def alias(self, other: str, stands_for: str) -> None:
        """Declare two names one institution's."""
        with self.transaction(commit=True) as cursor:
            before, moment, head = self._tenancy(cursor), self._moment(cursor), read_head(cursor)
            after = before.with_alias(other, stands_for)
            write_alias(cursor, other, after.aliases.meant(other), head.batch, moment)
            write_number(cursor, after)
            derivation_after(cursor, before, after, head.position)

    # people

    def know_people(self, people: Sequence[Person]) -> None:
        """Note who learners are, beside the log."""
        with self.transaction(commit=True) as cursor:
            write_people(cursor, people)

    def forget_people(self, user_uuid: str | None) -> int:
        """How many people were forgotten: one, or with None everybody."""
        with self.transaction(commit=True) as cursor:
            return delete_people(cursor, user_uuid)

    def people(self, words: str) -> list[Person]:
        """The people with this uuid, SIS id or exact name."""
        with self.transaction(commit=False) as cursor:
            return find_people(cursor, words)
