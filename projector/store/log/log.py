"""The event log: appends batches, and reads what was appended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from sqlite3 import Cursor
from typing import ClassVar, Final, NamedTuple

from eventsourcing.utils import Environment, EnvType, get_topic

from projector.domain.columns import Columns
from projector.domain.errors import StoreError
from projector.domain.events import LiveEvent, Refusal
from projector.domain.files import FileRead
from projector.domain.instants import SECOND, from_datetime, to_text
from projector.domain.settings import Person, Switch
from projector.domain.upkeep import Clock, Quarantined
from projector.store.interfaces import BatchSpan, Follower, Head
from projector.store.log.appending import Appending, Receipt, Together
from projector.store.log.connections import Location, Mode
from projector.store.log.dictionaries import last_dictionary
from projector.store.log.files import files_read
from projector.store.log.institutions import write_alias, write_setting
from projector.store.log.kept import KeptLog
from projector.store.log.mapper import LogEntry, LogEntryMapper
from projector.store.log.people import delete_people, find_people, write_people
from projector.store.log.quarantine import inputs_kept, kept_inputs, last_kept
from projector.store.log.recorder import Intake
from projector.store.log.sharing import SharedCommits
from projector.store.log.transactions import Transactions
from projector.store.log.writing import Spans, last_versions, next_versions, spans_among

_AHEAD: Final = 5 * 60 * SECOND  # how far the head may lie ahead of the clock
_PAGE: Final = 1000
_EVENTS: Final = 100_000  # of batches that are listed at once
_INPUTS: Final = 50  # in quarantine that are read at once: each may be of 1 MiB


class Origin(NamedTuple):
    """When events were recorded (microseconds since 1970) and from which source, from a position on."""

    position: int
    recorded_at: int
    source: str


class Decoding(NamedTuple):
    """The dictionary that new events are compressed with, and whether the rows of all results are needed."""

    dictionary: bytes | None
    with_rows: bool


class EventLog(Transactions):
    """An event-sourced application of the eventsourcing library that is fed by batches of Live Events.

    A batch is one transaction: its events, what is derived from them and what was refused are all there or none.
    """

    name = "projector"
    log_section_size = _PAGE
    env: ClassVar[dict[str, str]] = {"MAPPER_TOPIC": get_topic(LogEntryMapper), "ORIGINATOR_ID_TYPE": "text"}

    def __init__(self, location: Location, follower: Callable[[Cursor, Head], Follower], clock: Clock) -> None:
        writes = location.mode in (Mode.WRITE, Mode.MEMORY)
        super().__init__(location, {"SQLITE_DBNAME": location.url, "CREATE_TABLE": "yes" if writes else "no"})
        self._follower = follower  # of the index, where a writing transaction begins
        self._clock = clock
        self._commits = SharedCommits(self._append)
        self._decoding: Decoding | None = None

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Our own settings only: no variable of the surroundings may change how the log is written."""
        return Environment(name, {**self.env, **(env or {})})

    # what it has

    def batches(self) -> Iterator[BatchSpan]:
        """The batches in the order of their commits."""
        after: int | None = 0
        while after is not None:
            with self.transaction(commit=False) as cursor:
                page = KeptLog(cursor).batches(after, _EVENTS)
            yield from page
            after = page[-1].number if page else None

    def origins(self) -> Iterator[Origin]:
        """Where events were read from and when they were recorded, in order of their positions.

        Each holds until the position of the next one.
        """
        last, ranges, source = self.head().position, self._source_ranges(), ""
        coming = next(ranges, None)
        for batch in self.batches():
            if batch.first > last:  # it came meanwhile, and its sources may have been passed
                return
            if coming is None or coming[0] > batch.first:
                yield Origin(batch.first, batch.recorded_at, source)
            while coming is not None and coming[0] <= batch.last:
                first, source = coming
                yield Origin(first, batch.recorded_at, source)
                coming = next(ranges, None)

    def _source_ranges(self) -> Iterator[tuple[int, str]]:
        after: int | None = 0
        while after is not None:
            with self.transaction(commit=False) as cursor:
                page = KeptLog(cursor).source_ranges(after, _PAGE)
            yield from page
            after = page[-1][0] if page else None

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, LogEntry]]:
        """The events of the log by position, read through the library's notification log."""
        while page := self.notification_log.select(start=first, limit=_PAGE, stop=last):
            for notification in page:
                entry = self.mapper.to_domain_event(notification)
                assert isinstance(entry, LogEntry), "our mapper makes no other"
                yield notification.id, entry
            first = page[-1].id + 1

    def recorded(self, after: int, last: int) -> Iterator[tuple[int, int, bytes]]:
        """The events behind a position up to another one: position, time of recording, and the event as it is kept."""
        while after < last:
            upto = min(after + _PAGE, last)
            with self.transaction(commit=False) as cursor:
                page = KeptLog(cursor).recorded(after, upto)
            yield from page
            after = upto

    def head(self) -> Head:
        """The end of the log, with the running hash over all of it."""
        with self.transaction(commit=False) as cursor:
            return KeptLog(cursor).head()

    def quarantined(self, *, retried: bool = False) -> Iterator[Quarantined]:
        """What is kept apart when the first is asked for, in order of arrival."""
        after, last = 0, None
        while last is None or after < last:
            with self.transaction(commit=False) as cursor:
                last = last_kept(cursor) if last is None else last
                page = kept_inputs(cursor, after, last, _INPUTS, retried=retried)
            yield from (kept for _, kept in page)
            after = page[-1][0] if page else last

    def quarantine_size(self) -> int:
        """The number of inputs that are kept apart, also of those that a retry has appended."""
        with self.transaction(commit=False) as cursor:
            return inputs_kept(cursor)

    def files_read(self) -> Iterator[FileRead]:
        """The files that were read to their end, each as it was then, by path."""
        after: str | None = ""
        while after is not None:
            with self.transaction(commit=False) as cursor:
                page = files_read(cursor, after, _PAGE)
            yield from page
            after = page[-1].path if page else None

    def dictionaries(self) -> list[bytes]:
        """The dictionaries that events are compressed with, in the order of their numbers."""
        with self.transaction(commit=False) as cursor:
            return [content for _, content in KeptLog(cursor).dictionaries(0)]

    def decoding(self) -> Decoding:
        """What decoders for this log should know; read once, then kept up to date by what is appended here."""
        if self._decoding is None:
            with self.transaction(commit=False) as cursor:
                rows = self._follower(cursor, KeptLog(cursor).head()).needs_rows()
                self._decoding = Decoding(last_dictionary(cursor), rows)
        return self._decoding

    def _note(self, request: Appending) -> None:
        if self._decoding is not None and (request.dictionaries or request.events.guessed):
            dictionary = request.dictionaries[-1] if request.dictionaries else self._decoding.dictionary
            self._decoding = Decoding(dictionary, self._decoding.with_rows or request.events.guessed)

    # appending

    def append(
        self,
        events: Columns | Iterable[LiveEvent],
        sources: str | Spans,
        *,
        refused: Sequence[tuple[str, int, Refusal]] = (),
        recorded_at: int | None = None,
        retried: Sequence[bytes] = (),
        files: Sequence[FileRead] = (),
        dictionaries: Sequence[bytes] = (),
    ) -> Receipt:
        """Append a batch in one transaction, and report what became of it.

        Args:
            sources: The source of all of these events, or where in their order each source begins.
            refused: What is to be quarantined, each with its source and its position there.
            recorded_at: Given where a log is restored; else the clock's, later than any before.
            retried: The SHA-256 of inputs in quarantine that these events are, accepted after all.
            files: Files that were read to their end, none of whose events are still to come.
            dictionaries: Those that events are compressed with; only new ones are added.
        """
        columns = events if isinstance(events, Columns) else Columns.of(events)
        request = Appending(
            events=columns,
            sources=[(0, sources)] if isinstance(sources, str) else sources,
            refused=refused,
            retried=retried,
            files=files,
            dictionaries=dictionaries,
        )
        if recorded_at is not None:
            return self.append_together(Together.of([request]), recorded_at)[0]
        return self.submit(request)

    def submit(self, request: Appending) -> Receipt:
        """Append what is requested in one transaction, perhaps together with what other threads submit meanwhile."""
        return self._commits.submit(request)

    def append_together(self, together: Together, recorded_at: int | None = None) -> list[Receipt]:
        """Append several requests in one transaction; a receipt for each, in their order."""
        request, appended = together.request, list[int]()
        with self.transaction(commit=True) as cursor:
            intake = self._begin(cursor, request, recorded_at)
            if request.events:
                appended = _sift(cursor, intake, request.events, request.sources)
            self._recorder.write(cursor, intake)
        intake.index.committed()
        self._note(request)
        return together.receipts(appended, intake.moment)

    def _append(self, requests: Sequence[Appending]) -> list[Receipt]:
        return self.append_together(Together.of(requests))

    def _begin(self, cursor: Cursor, request: Appending, recorded_at: int | None = None) -> Intake:
        """What every writing transaction begins with, the write lock held."""
        head = KeptLog(cursor).head()
        moment = self._moment(head) if recorded_at is None else recorded_at
        return Intake(head=head, moment=moment, index=self._follower(cursor, head), request=request)

    def now(self) -> int:
        """The instant by the store's clock."""
        return from_datetime(self._clock())

    def _moment(self, head: Head) -> int:
        """The time of recording: now, but later than the head; read while the write lock is held."""
        now, last = self.now(), head.recorded_at
        if last > now + _AHEAD:
            raise StoreError(
                f"the last events were recorded at {to_text(last)}, ahead of this machine's clock ({to_text(now)});"
                " set the clock right; if it was wrong then, begin a new store: projector export --log FILE,"
                " then projector replay FILE --store NEW"
            )
        return max(now, last + 1)

    # what no event says

    def set(self, tenant: str, name: str, value: Switch, valid_from: int) -> None:
        """Set a flag of a tenant from an instant on."""
        with self.transaction(commit=True) as cursor:
            moment = self._moment(KeptLog(cursor).head())
            write_setting(cursor, tenant, name, value, valid_from, moment)

    def alias(self, other: str, stands_for: str) -> None:
        """Declare two names one institution's."""
        with self.transaction(commit=True) as cursor:
            intake = self._begin(cursor, Appending())
            meant = intake.index.tenancy.with_alias(other, stands_for).aliases.meant(other)
            write_alias(cursor, other, meant, intake.head.batch, intake.moment)
            intake.index.take_aliases()

    # people

    def know_people(self, people: Sequence[Person]) -> None:
        """Store names of learners, beside the log."""
        with self.transaction(commit=True) as cursor:
            write_people(cursor, people)

    def forget_people(self, user_uuid: str | None) -> int:
        """Remove the names of one learner, or with None of all; return how many."""
        with self.transaction(commit=True) as cursor:
            return delete_people(cursor, user_uuid)

    def people(self, words: str) -> list[Person]:
        """The people with this uuid, SIS id or exact name."""
        with self.transaction(commit=False) as cursor:
            return find_people(cursor, words)


def _sift(cursor: Cursor, intake: Intake, events: Columns, sources: Spans) -> list[int]:
    """Put into an intake the events that the log does not have yet, and the positions of the duplicates.

    Returns:
        The indexes of the new events.
    """
    placed = intake.index.place(events)
    streams, indexes = placed.streams(), list(range(len(events)))
    last = last_versions(cursor, dict.fromkeys(streams))
    positions = dict(intake.index.known(placed, [last[stream] > 0 for stream in streams]))
    if positions or len(set(events.digests)) < len(events):
        indexes, intake.duplicates = _new_ones(events.digests, positions, intake.head.position + 1)
        placed, streams = placed.chosen(indexes), [streams[index] for index in indexes]
        sources = spans_among(sources, indexes)
    intake.placed, intake.streams, intake.sources = placed, streams, sources
    intake.versions = next_versions(streams, last)
    return indexes


def _new_ones(digests: Sequence[bytes], known: dict[bytes, int], first: int) -> tuple[list[int], list[int]]:
    """The indexes of new events, which get positions from the first one on; and the positions of duplicates."""
    indexes, duplicates = list[int](), list[int]()
    for index, digest in enumerate(digests):
        if (position := known.get(digest)) is not None:
            duplicates.append(position)
        else:
            known[digest] = first + len(indexes)
            indexes.append(index)
    return indexes, duplicates
