"""The event log: what was heard, in the order it was heard, and the tables derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import local
from typing import Any, ClassVar, Final, cast

from eventsourcing.application import Application
from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteCursor
from eventsourcing.utils import Environment, EnvType, get_topic

from projector.domain.errors import StoreError
from projector.domain.events import Arrival, LiveEvent, Quarantined
from projector.domain.instants import SECOND, from_datetime, to_text
from projector.domain.people import Person
from projector.domain.rules import RULES
from projector.domain.settings import Setting, Switch
from projector.store import quarantine
from projector.store.chain import BEGINNING, running_hash
from projector.store.deriving import place_of
from projector.store.failures import advised
from projector.store.institutions import (
    grow_tenancy,
    read_settings,
    read_tenancy,
    write_number,
    write_setting,
)
from projector.store.mapper import LogEntry, LogEntryMapper
from projector.store.moving import Reread, derivation_after
from projector.store.packing import PrimedDeflate
from projector.store.people import delete_people, find_people, write_people
from projector.store.reading import Pin, Reading
from projector.store.rebuilding import derive_anew
from projector.store.receipts import Batch, Receipt
from projector.store.sqlite import LogRecorder, StoreFactory
from projector.store.streams import Versions, stored_event

Clock = Callable[[], datetime]

_AHEAD: Final = 5 * 60 * SECOND  # how far the head may lie ahead of the clock
_PAGE: Final = 1000
_REPEATED: Final = (
    "INSERT INTO repeat VALUES (?, 1, ?)"
    " ON CONFLICT (position) DO UPDATE SET times = times + 1, last_at = excluded.last_at"
)


def wall_clock() -> datetime:
    """Now, by the machine's clock."""
    return datetime.now(UTC)


class EventLog(Application[str]):
    """An event-sourced application of the eventsourcing library that is fed by batches of Live Events.

    A batch is one transaction: its events, what is derived from them and what was refused are all there or none.
    """

    name = "projector"
    log_section_size = _PAGE
    env: ClassVar[dict[str, str]] = {
        "PERSISTENCE_MODULE": get_topic(StoreFactory),
        "APPLICATION_RECORDER_TOPIC": get_topic(LogRecorder),
        "MAPPER_TOPIC": get_topic(LogEntryMapper),
        "COMPRESSOR_TOPIC": get_topic(PrimedDeflate),
        "ORIGINATOR_ID_TYPE": "text",
    }

    def __init__(self, env: EnvType, reread: Reread, clock: Clock) -> None:
        super().__init__(env)
        self._reread = reread
        self._clock = clock
        self._reads = local()  # the cursor of a read transaction that this thread has open

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Our own settings only: no variable of the surroundings may change how the log is written."""
        return Environment(name, {**self.env, **(env or {})})

    @property
    def _recorder(self) -> LogRecorder:
        return cast(LogRecorder, self.recorder)

    @contextmanager
    def _transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        with advised(), self._recorder.datastore.transaction(commit=commit) as cursor:
            yield cursor

    # what is known

    def pin(self, known_at: int | None = None) -> Pin:
        """What the store knows now, or knew at an instant; later than the head, or None, is the head."""
        with self._transaction(commit=False) as cursor:
            head, head_at, _ = _head(cursor)
            within = known_at is not None and known_at < head_at
            cursor.execute(
                "SELECT number, last FROM batch WHERE recorded_at <= ? ORDER BY recorded_at DESC LIMIT 1",
                (known_at if within else head_at,),
            )
            number, last = cursor.fetchone() or (0, 0)
            return Pin(
                position=last,
                batch=number,
                recorded_at=known_at if within else head_at if head else None,
                head=head,
                tenancy=read_tenancy(cursor),
                settings=read_settings(cursor),
            )

    @contextmanager
    def reading(self, pin: Pin) -> Iterator[Reading]:
        """A short read transaction under a pin; one within another, of the same thread, is part of it.

        In memory a writer waits for all readers: a reader that waited for a second connection would wait for ever.
        """
        outer: SQLiteCursor | None = getattr(self._reads, "cursor", None)
        if outer is not None:
            yield Reading(SQLiteCursor(outer.sqlite_cursor.connection.cursor()), pin)
            return
        with self._transaction(commit=False) as cursor:
            self._reads.cursor = cursor
            try:
                yield Reading(cursor, pin)
            finally:
                self._reads.cursor = None

    def live_event(self, text: bytes, digest: bytes) -> LiveEvent:
        """An event of the log, read again from its text."""
        return self._reread(text, digest)

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The batches in the order of their commits, from behind a number."""
        while True:
            with self._transaction(commit=False) as cursor:
                cursor.execute("SELECT * FROM batch WHERE number > ? ORDER BY number LIMIT ?", (after, _PAGE))
                page = [Batch(**row) for row in cursor.fetchall()]
            if not page:
                return
            yield from page
            after = page[-1].number

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, LogEntry]]:
        """The events of the log by position, read through the library's notification log."""
        while page := self.notification_log.select(start=first, limit=_PAGE, stop=last):
            for notification in page:
                yield notification.id, cast(Any, self.mapper.to_domain_event(notification))
            first = page[-1].id + 1

    def head_hash(self) -> bytes:
        """The running hash over the whole log."""
        with self._transaction(commit=False) as cursor:
            return _head(cursor)[2]

    def quarantined(self, *, retried: bool = False) -> Iterator[Quarantined]:
        """What is kept apart, in order of arrival."""
        after = 0
        while True:
            with self._transaction(commit=False) as cursor:
                page = quarantine.page(cursor, after, _PAGE, retried=retried)
            if not page:
                return
            yield from (kept for _, kept in page)
            after = page[-1][0]

    # appending

    def append(
        self, arrivals: Sequence[Arrival], source: str, *, recorded_at: int | None = None, retried: Sequence[bytes] = ()
    ) -> Receipt:
        """What became of a batch, committed as one transaction.

        Args:
            recorded_at: Given where a log is restored; else the clock's, later than any before.
            retried: The SHA-256 of inputs in quarantine that these events are, accepted after all.
        """
        with self._transaction(commit=True) as cursor:
            moment = self._moment(cursor) if recorded_at is None else recorded_at
            events = [a.item for a in arrivals if isinstance(a.item, LiveEvent)]
            appended = self._append_events(cursor, events, source, moment) if events else 0
            quarantined = quarantine.keep(cursor, arrivals, source, moment)
            quarantine.mark_retried(cursor, retried, moment)
        return Receipt(
            appended=appended,
            duplicates=len(events) - appended,
            quarantined=quarantined,
            recorded_at=moment if appended else None,
        )

    def now(self) -> int:
        """The instant by the store's clock."""
        return from_datetime(self._clock())

    def _moment(self, cursor: SQLiteCursor) -> int:
        """Now, but later than the head; taken while the write lock is held."""
        now, (_, head, _) = self.now(), _head(cursor)
        if head > now + _AHEAD:
            raise StoreError(
                f"the last events were recorded at {to_text(head)}, ahead of this machine's clock ({to_text(now)});"
                " set the clock right, or wait until then: times of recording must rise"
            )
        return max(now, head + 1)

    def _append_events(self, cursor: SQLiteCursor, events: Sequence[LiveEvent], source: str, moment: int) -> int:
        before = read_tenancy(cursor)
        derivation = derivation_after(cursor, before, grow_tenancy(cursor, before, events), self._reread)
        position, _, hash = _head(cursor)
        first, stored, digests, again = position + 1, list[StoredEvent](), list[bytes](), list[tuple[int, int]]()
        versions = Versions(cursor)
        for event in events:
            place = place_of(event, derivation.tenancy)
            if (known := derivation.position_of(event, place)) is not None:
                again.append((known, moment))
                continue
            derivation.add(event, place, first + len(stored))
            stored.append(stored_event(event, place, versions))
            digests.append(event.digest)
        cursor.executemany(_REPEATED, again)
        if stored:
            self._recorder._insert_events(cursor, stored)
            cursor.execute(
                "INSERT INTO batch (first, last, recorded_at, source, hash) VALUES (?, ?, ?, ?, ?)",
                (first, position + len(stored), moment, source, running_hash(hash, first, moment, digests)),
            )
            derivation.write(batch=cursor.lastrowid)
        return len(stored)

    # what no event tells

    def set(self, tenant: str, name: str, value: Switch, valid_from: int) -> None:
        """Let a flag of an institution have a value from an instant on."""
        with self._transaction(commit=True) as cursor:
            moment = self._moment(cursor)
            setting = Setting(tenant=tenant, name=name, value=value, valid_from=valid_from, recorded_at=moment)
            write_setting(cursor, setting)

    def alias(self, other: str, stands_for: str) -> None:
        """Declare two names one institution's."""
        with self._transaction(commit=True) as cursor:
            before, moment = read_tenancy(cursor), self._moment(cursor)
            cursor.execute("SELECT coalesce(max(number), 0) FROM batch")
            last = cursor.fetchone()[0]
            after = before.with_alias(other, stands_for)
            cursor.execute(
                "INSERT INTO alias (other, stands_for, batch, recorded_at) VALUES (?, ?, ?, ?)",
                (other, after.aliases[other], last, moment),
            )
            write_number(cursor, after)
            derivation_after(cursor, before, after, self._reread).write(last)

    # people

    def know_people(self, people: Sequence[Person]) -> None:
        """Note who learners are, beside the log."""
        with self._transaction(commit=True) as cursor:
            write_people(cursor, people)

    def forget_people(self, user_uuid: str | None) -> int:
        """How many people were forgotten: one, or with None everybody."""
        with self._transaction(commit=True) as cursor:
            return delete_people(cursor, user_uuid)

    def people(self, words: str) -> list[Person]:
        """The people with this uuid, SIS id or exact name."""
        with self._transaction(commit=False) as cursor:
            return find_people(cursor, words)

    # deriving anew

    def settle(self) -> None:
        """See that the derived tables are by this release's rules; a rebuild where they are not."""
        with self._transaction(commit=True) as cursor:
            cursor.execute("INSERT INTO derivation SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM derivation)", (RULES,))
            cursor.execute("SELECT rules FROM derivation")
            rules = cursor.fetchone()[0]
        if rules != RULES:
            self.rebuild()

    def require_rules(self) -> None:
        """See that the derived tables are by this release's rules, where they cannot be made anew."""
        with self._transaction(commit=False) as cursor:
            cursor.execute("SELECT rules FROM derivation")
            if [row[0] for row in cursor.fetchall()] != [RULES]:
                raise StoreError("this store was derived by other rules; let `projector replay` open it once")

    def rebuild(self) -> None:
        """Make the derived tables anew from the log, in one transaction."""
        with self._transaction(commit=True) as cursor:
            derive_anew(cursor, self._reread)


def _head(cursor: SQLiteCursor) -> tuple[int, int, bytes]:
    """Position, time of recording and running hash of the log's end."""
    cursor.execute("SELECT last, recorded_at, hash FROM batch ORDER BY number DESC LIMIT 1")
    last, recorded_at, hash = cursor.fetchone() or (0, 0, BEGINNING)
    return last, recorded_at, hash
