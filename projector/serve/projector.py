"""The projector: one open store, to be fed, asked and maintained.

What only feeding and upkeep need is imported where it is used, so that `import projector` stays quick.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, Unpack

from projector.ask.asking import history_of
from projector.ask.difference import KnownAt, differences, pair_asked
from projector.ask.digest import state_digest, state_digests
from projector.ask.gaps import dangling_references, silences_of
from projector.ask.instants import Instant, hours_asked
from projector.ask.log import events_behind
from projector.ask.questions import Questions
from projector.ask.texts import id_asked
from projector.ask.view import View
from projector.domain.catalogue import kind_named
from projector.domain.comparison import Difference
from projector.domain.digests import DigestPart
from projector.domain.gaps import DanglingReference, Silence
from projector.domain.recorded import Event
from projector.domain.reports import OnProgress, Report, ShouldStop, never
from projector.domain.settings import Setting
from projector.domain.upkeep import Exported, Institution, OnStep, Quarantined, Rebuilt, Verified
from projector.domain.versions import History
from projector.serve.tables import StoreTables
from projector.serve.upkeep import Upkeep

if TYPE_CHECKING:
    from projector.lake.rows import Rows
    from projector.serve.quarantine import QuarantineChoice
    from projector.store.store import Store
    from projector.wire.files.survey import Survey

EventInput = Mapping[str, Any] | str | bytes
Source = str | os.PathLike[str] | IO[Any] | Mapping[str, Any] | bytes | Iterable[EventInput]


class Projector:
    """An open store of Live Events: feed it, ask it as of any instant, maintain it.

    It may be shared by threads, not across a fork. Close it, or use it in a ``with`` statement. ``store`` is the store
    itself; its ``log`` is an application of the eventsourcing library.

    The examples below use ``p = projector.open("projector-demo/college.db")`` and ``view = p.as_of("2025-12-01")``,
    over the store that ``projector demo`` makes; those that write open one in memory.

    >>> with projector.open(":memory:") as new:
    ...     report = new.append({
    ...         "metadata": {"event_name": "learning_outcome_created", "event_time": "2019-11-05T10:03:37Z",
    ...                      "root_account_uuid": "Harbor"},
    ...         "body": {"learning_outcome_id": "12345", "title": "Cells"}})
    ...     new.as_of("2019-11-05").outcome("12345").title
    'Cells'
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._questions = Questions(store)
        self._upkeep = Upkeep(store)
        self._tables = StoreTables(store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, type: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        head = self.store.log.head().position if not self.store.log.closing.is_set() else None
        state = "closed" if head is None else f"{head:,} events"
        return f"<Projector {self.file or ':memory:'}: {state}>"

    def close(self) -> None:
        """Close the store; asking afterwards raises `StoreError`.

        >>> new = projector.open(":memory:")
        >>> new.close()
        """
        self._tables.close()
        self.store.close()

    @property
    def file(self) -> Path | None:
        """The store's file; None in memory.

        >>> projector.open(":memory:").file is None
        True
        """
        return self.store.log.location.path

    # feeding

    def replay(
        self,
        source: Source,
        *,
        keep_recorded_at: bool = False,
        drop_metadata: str | Iterable[str] = (),
        keys: str | os.PathLike[str] | None = None,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop = never,
    ) -> Report:
        """Append everything in a source, batch by batch, and report what became of it.

        Args:
            source: A path (``str`` or path object) of a file, an archive or a folder, ``"-"`` for standard input, an
                open file, one event (a mapping), or an iterable of events (mappings, or JSON as text or bytes).
            keep_recorded_at: The source is an exported log (see `log_lines`), to be restored with its times of
                recording into an empty store.
            drop_metadata: Members of the metadata that are not kept, such as ``client_ip``.
            keys: A file with the JWK set by which signed deliveries are checked.
            on_progress: Called after each batch.
            should_stop: Called after each chunk; where it returns True, the rest is not read.

        Raises:
            BadQuestion: the source is not one of these.
            MissingInput: a path is missing, cannot be read, or nothing in it is read; nothing was stored.
            StoreError: the store cannot be written to; earlier batches are stored.

        >>> with projector.open(":memory:") as new:
        ...     report = new.replay([b'{"metadata": {}}', b"not JSON"])
        ...     report.read, report.appended, report.quarantined
        (2, 0, 2)
        """
        from projector.serve.ingest import ingest, ingest_paths
        from projector.wire.options import IntakeOptions

        options, log = IntakeOptions.asked(drop_metadata, keys), self.store.log
        if isinstance(source, str | os.PathLike):
            return ingest_paths(log, source, options, on_progress, should_stop, keep_recorded_at=keep_recorded_at)
        return ingest(log, source, options, on_progress, should_stop, keep_recorded_at=keep_recorded_at)

    def replay_paths(
        self,
        names: Iterable[str | os.PathLike[str]] | Survey,
        *,
        keep_recorded_at: bool = False,
        drop_metadata: str | Iterable[str] = (),
        keys: str | os.PathLike[str] | None = None,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop = never,
    ) -> Report:
        """Append several files and folders as one source; see `replay`.

        Args:
            names: Paths, or a survey of them.
            keep_recorded_at: As in `replay`.
            drop_metadata: As in `replay`.
            keys: As in `replay`.
            on_progress: As in `replay`.
            should_stop: As in `replay`.

        Raises:
            BadQuestion: one is not a path.
            MissingInput: one is missing, cannot be read, or nothing in it is read; nothing was stored.

        >>> with projector.open(":memory:") as new:
        ...     new.replay_paths(["projector-demo/college.jsonl"]).appended
        22138
        """
        from projector.serve.ingest import ingest_paths
        from projector.wire.options import IntakeOptions

        options = IntakeOptions.asked(drop_metadata, keys)
        return ingest_paths(self.store.log, names, options, on_progress, should_stop, keep_recorded_at=keep_recorded_at)

    def append(
        self,
        events: Mapping[str, Any] | Iterable[EventInput],
        *,
        drop_metadata: str | Iterable[str] = (),
        keys: str | os.PathLike[str] | None = None,
    ) -> Report:
        """Append one event (a mapping) or several, and report what became of them.

        Args:
            events: One mapping, or an iterable as in `replay`.
            drop_metadata: As in `replay`.
            keys: As in `replay`.

        Raises:
            BadQuestion: these are not events; a text alone is not one, since `replay` takes it as a path.

        >>> event = next(p.events())
        >>> with projector.open(":memory:") as new:
        ...     new.append({"metadata": event.metadata, "body": event.body}).appended
        1
        """
        from projector.serve.ingest import ingest
        from projector.wire.options import IntakeOptions

        return ingest(self.store.log, events, IntakeOptions.asked(drop_metadata, keys))

    def retry(self, *, drop_metadata: str | Iterable[str] = (), keys: str | os.PathLike[str] | None = None) -> Report:
        """Try the inputs in quarantine again with this release, and append what is acceptable now.

        Args:
            drop_metadata: As in `replay`.
            keys: As in `replay`.

        >>> with projector.open(":memory:") as new:
        ...     new.replay([b"not JSON"]).quarantined, new.retry().appended
        (1, 0)
        """
        from projector.serve.batches import retry
        from projector.wire.options import IntakeOptions

        return retry(self.store.log, IntakeOptions.asked(drop_metadata, keys))

    # asking

    def as_of(
        self,
        instant: Instant | None,
        known_at: Instant | None = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> View:
        """The store as of an instant, by what was recorded up to another.

        Args:
            instant: Valid time: text, date (its last instant in ``tz``) or aware datetime; None: no bound.
            known_at: Transaction time: None, or an instant later than the head, is the head now.
            tenant: The institution; may be left out while the store holds one.
            tz: The zone in which dates are read.

        Raises:
            BadQuestion: an instant, a zone or a tenant cannot be understood or is not there.
            AmbiguousTenant: several institutions and none named.

        >>> p.as_of("2025-10-12").scale_in_force("Account/1").scale.points_possible
        4.0
        """
        return View(question=self._questions.one(instant, known_at, tenant, tz), frames=self._tables.frames)

    def now(self, tenant: str | None = None, known_at: Instant | None = None, tz: str = "UTC") -> View:
        """The latest state.

        Args:
            tenant: As in `as_of`.
            known_at: As in `as_of`.
            tz: As in `as_of`.

        >>> p.now().outcome("304").title
        'Interprets data and graphs'
        """
        return self.as_of(None, known_at, tenant, tz)

    def history(
        self, kind: str, id: str | int, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> History:
        """Every version of an aggregate, oldest first; empty where no event of it was received.

        Args:
            kind: Such as ``outcome``.
            id: Local, global or tilde.
            known_at: As in `as_of`.
            tenant: As in `as_of`.
            tz: As in `as_of`.

        >>> [(version.valid_from.date().isoformat(), [*version.changes]) for version in p.history("scale", "7")]
        [('2025-07-06', []), ('2025-10-13', ['outcome_proficiency_ratings', 'updated_at'])]
        """
        return history_of(self._questions.one(None, known_at, tenant, tz), kind_named(kind), id_asked(id))

    def events(self, after: int = 0) -> Iterator[Event]:
        """The events of the log behind a position, in the order in which they were recorded.

        The iteration ends at the head, which is looked at when the first event is asked for; go on behind the last
        ``position`` to follow the log.

        Args:
            after: A position; 0 is before the first event.

        Raises:
            BadQuestion: it is not a position.

        >>> event = next(p.events(after=100))
        >>> event.position, event.kind, event.event_name
        (101, 'outcome', 'learning_outcome_created')
        """
        return events_behind(self.store, after)

    def digest(
        self, as_of: Instant | None = None, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> str:
        """The state digest in hex, of every institution or of one: the same from every store of the same events.

        Args:
            as_of: As in the method `as_of`.
            known_at: As in `as_of`.
            tenant: One institution; None: all.
            tz: As in `as_of`.

        >>> p.digest(as_of="2025-10-12") == p.digest(as_of="2025-10-13")
        False
        """
        if as_of is None and known_at is None and tenant is None and (found := self._tables.digest()) is not None:
            return found
        return state_digest(self._questions.each(as_of, known_at, tenant, tz))

    def digest_parts(
        self, as_of: Instant | None = None, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> Iterator[DigestPart]:
        """The state digest of each kind of each institution, as ``digest --parts`` prints it.

        Args:
            as_of: As in the method `as_of`.
            known_at: As in `as_of`.
            tenant: One institution; None: all.
            tz: As in `as_of`.

        >>> [(part.kind, part.aggregates) for part in p.digest_parts()][:3]
        [('outcome', 38), ('group', 25), ('link', 110)]
        """
        return state_digests(self._questions.each(as_of, known_at, tenant, tz))

    def head_hash(self) -> str:
        """The running hash over the whole log, in hex: it proves every event's content, order and time of recording.

        >>> len(p.head_hash())
        64
        """
        return self.store.log.head().hash.hex()

    def diff(
        self,
        before: Instant | None,
        after: Instant | None,
        *,
        kind: str | None = None,
        context: str | None = None,
        known_at: KnownAt | tuple[KnownAt, KnownAt] = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> Iterator[Difference]:
        """Every aggregate that differs between two instants, by kind and id.

        Args:
            before: The one instant.
            after: The other.
            kind: Only of this kind.
            context: Only in this context, such as ``Course/565``.
            known_at: One for both sides, or a pair; of one instant, a pair shows what late events changed.
            tenant: As in `as_of`.
            tz: As in `as_of`.

        Raises:
            BadQuestion: an instant, kind, context or tenant cannot be understood or is not there.

        >>> [(one.kind, one.id, [*one.changes]) for one in p.diff("2025-10-12", "2025-10-13", kind="scale")]
        [('scale', '7', ['outcome_proficiency_ratings', 'updated_at'])]
        """
        first, second = pair_asked(known_at)
        sides = self._questions.one(before, first, tenant, tz), self._questions.one(after, second, tenant, tz)
        return differences(*sides, None if kind is None else kind_named(kind), context)

    def silences(
        self,
        longer_than: float = 6,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> Iterator[Silence]:
        """The stretches without events in which events are usual, in order of time.

        Args:
            longer_than: The least length, in hours.
            as_of: The end of the period; None: now.
            known_at: As in `as_of`.
            tenant: As in `as_of`.
            tz: As in `as_of`.

        >>> [(one.since.date().isoformat(), round(one.hours)) for one in p.silences(200, as_of="2025-12-01")]
        [('2025-07-06', 238), ('2025-07-16', 953)]
        """
        return silences_of(
            self._questions.one(as_of, known_at, tenant, tz), hours_asked(longer_than), self.store.log.now()
        )

    def dangling_references(
        self, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> list[DanglingReference]:
        """The outcomes, groups, courses and accounts that events name while no event of their own was received.

        Args:
            known_at: As in `as_of`.
            tenant: As in `as_of`.
            tz: As in `as_of`.

        >>> p.dangling_references()[:1]
        []
        """
        return dangling_references(self._questions.one(None, known_at, tenant, tz))

    # tables

    def sql(
        self,
        query: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        tz: str = "UTC",
        on_step: OnStep | None = None,
    ) -> Rows:
        """The rows that answer a query in SQL over the tables of the store, which ``docs/reference/tables.md`` lists.

        The tables lie in a folder beside the store, and are brought up to its head before the answer.

        Args:
            query: One statement that reads, in the SQL of DuckDB.
            params: The values of ``?`` in order, or of ``$name`` by name.
            tz: The zone in which dates, and times without an offset, are read.
            on_step: Called with the number of events done, and of all, where the tables are made first.

        Returns:
            Rows with ``.columns``, iterable as tuples; ``fetchall()``; an Arrow stream.

        Raises:
            BadQuestion: the query, a parameter or the zone cannot be used.
            MissingExtra: the packages of the extra ``tables`` are not installed.
            StoreError: there is no room for the tables.

        >>> p.sql("SELECT count(*) FROM outcomes_as_of('2025-12-01') WHERE status = 'active'").fetchall()
        [(38,)]
        """
        return self._tables.opened().sql(query, params, tz, on_step)

    def frame(self, table: str) -> Rows:
        """A whole table of the store, which ``docs/reference/tables.md`` lists, as a frame.

        Args:
            table: Such as ``outcomes``, ``outcomes_bitemporal`` or ``scale_ratings``.

        Returns:
            Rows as those of `sql`; ``pyarrow.table``, polars and pandas read them, too.

        Raises:
            BadQuestion: there is no such table.
            MissingExtra: As in `sql`.
            StoreError: As in `sql`.

        >>> p.frame("scale_ratings").columns[:6]
        ('tenant', 'id', 'valid_from', 'valid_to', 'recorded_at', 'status')
        """
        return self._tables.frames().of_table(table)

    def export(
        self,
        out: str | os.PathLike[str],
        format: str = "parquet",
        kinds: str | Iterable[str] | None = None,
        without: str | Iterable[str] = (),
        on_step: OnStep | None = None,
        on_rows: OnStep | None = None,
    ) -> Exported:
        """Write the tables of the store to a folder, a file for each and ``manifest.json``, or to one DuckDB file.

        The export is complete, or nothing is written; an earlier export is replaced in one step.

        Args:
            out: The folder, or for the format ``duckdb`` the file.
            format: ``parquet``, ``csv``, ``arrow`` or ``duckdb``.
            kinds: Only the tables of these kinds; None: of all.
            without: Names of columns that are left out, with the members of ``state`` that have them, at any depth:
                several, or one text with commas.
            on_step: As in `sql`.
            on_rows: Called with the number of rows written, and of all.

        Raises:
            BadQuestion: unknown format, kind or column, or something else exists under that name.
            MissingExtra: As in `sql`.
            StoreError: there is no room.

        >>> p.export("projector-demo/tables", kinds=["scale"], without="color").tables["scale_ratings"]
        18
        """
        return self._tables.export(out, format, kinds, without, on_step, on_rows)

    # institutions

    @property
    def tenants(self) -> tuple[str, ...]:
        """The names of the institutions in the store.

        >>> p.tenants
        ('HarborLakeCollege0000000000000000000001x',)
        """
        return self._upkeep.tenants

    def institutions(self) -> list[Institution]:
        """The institutions with their events, first and last.

        >>> [(one.tenant, one.events) for one in p.institutions()]
        [('HarborLakeCollege0000000000000000000001x', 22138)]
        """
        return self._upkeep.institutions()

    def alias(self, other: str, stands_for: str) -> None:
        """Declare that two names are one institution's; events under the first belong to the second from now on.

        Args:
            other: The name that is given up.
            stands_for: The name that both have from now on.

        Raises:
            BadQuestion: the two are one institution already, the first is an alias already, or one is not a name.

        >>> with projector.open(":memory:") as new:
        ...     new.alias("Lakeside", "Harbor")
        ...     new.set("account_level_mastery_scales", "off", tenant="Lakeside")
        ...     [one.value for one in new.settings("Harbor")]
        ['off']
        """
        self._upkeep.alias(other, stands_for)

    def settings(self, tenant: str | None = None) -> list[Setting]:
        """Every setting that was made for an institution, in that order.

        Args:
            tenant: The institution's whole name, also one that no event names yet; may be left out while the store
                holds one. While it holds none, the settings of every name are listed.

        >>> p.settings()
        []
        """
        return self._upkeep.settings(tenant)

    def set(
        self, name: str, value: str | bool, since: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> None:
        """Set a flag that no event carries, from an instant on.

        Args:
            name: ``account_level_mastery_scales`` or ``outcomes_new_decaying_average_calculation``.
            value: On or off.
            since: The instant from which it is in force; a date means its beginning; None: always.
            tenant: As in `settings`.
            tz: As in `as_of`.

        Raises:
            BadQuestion: no such setting or value, or no institution is named and the store holds none yet.

        >>> with projector.open(":memory:") as new:
        ...     new.set("account_level_mastery_scales", "off", since="2025-09-01", tenant="Harbor")
        ...     new.settings()[0].to_dict()["from"]
        '2025-09-01T00:00:00.000000Z'
        """
        self._upkeep.set(name, value, since, tenant, tz)

    # people

    def know_people(self, path: str | os.PathLike[str]) -> int:
        """Store the names of learners, for display and for finding them; return how many.

        Args:
            path: A CSV file with the columns ``user_uuid,name,sis_id``.

        Raises:
            MissingInput: the file cannot be read.
            BadQuestion: it has no such columns, or a line without a uuid; nothing was stored.

        >>> with projector.open(":memory:") as new:
        ...     new.know_people("people.csv")
        Traceback (most recent call last):
        projector.domain.errors.MissingInput: people.csv cannot be read: No such file or directory
        """
        return self._upkeep.know_people(path)

    def forget_people(self, user_uuid: str | None = None) -> int:
        """Remove the names of one learner, or of all, for good; return how many.

        Args:
            user_uuid: One learner; None: all.

        >>> with projector.open(":memory:") as new:
        ...     new.forget_people()
        0
        """
        return self._upkeep.forget_people(user_uuid)

    def learner(self, text: str) -> str:
        """A learner's uuid, by the uuid itself, an SIS id or an exact name.

        Args:
            text: Any of the three; what is not found is returned as it is.

        Raises:
            BadQuestion: several people have that name, or it is not a name.

        >>> p.learner("learner00000000000000000000000000000000001")
        'learner00000000000000000000000000000000001'
        """
        return self._upkeep.learner(text)

    def name_of(self, user_uuid: str) -> str | None:
        """A learner's name, or None where it is not stored.

        Args:
            user_uuid: The learner.

        >>> p.name_of("learner00000000000000000000000000000000001") is None
        True
        """
        return self._upkeep.name_of(user_uuid)

    # quarantine

    def quarantined(self, *, retried: bool = False) -> Iterator[Quarantined]:
        """The inputs in quarantine, in order of arrival.

        Args:
            retried: Also those that a retry has appended since.

        >>> [one.reason for one in p.quarantined()][:2]
        ['not JSON: Input data was truncated', 'no event_time']
        """
        return self._upkeep.quarantined(retried=retried)

    def drop_quarantined(self, **choice: Unpack[QuarantineChoice]) -> int:
        """Remove from quarantine for good the inputs that match everything named; return how many.

        Args:
            choice: Any of ``source``, ``reason`` (a part of it), ``before`` (seen before then), ``sha256`` (an
                iterable of hex), ``retried``; or ``all=True``; and ``tz``.

        Raises:
            BadQuestion: nothing is named, ``all`` beside something else, or a value that cannot be understood.

        >>> with projector.open(":memory:") as new:
        ...     new.replay([b"not JSON"]).quarantined, new.drop_quarantined(reason="not JSON")
        (1, 1)
        """
        return self._upkeep.drop_quarantined(**choice)

    # the log and what is derived from it

    def log_lines(self) -> Iterator[bytes]:
        """The whole log in order, a JSON object a line, for a file that ``replay(…, keep_recorded_at=True)`` restores.

        >>> sum(1 for line in p.log_lines())
        22138
        """
        return self._upkeep.log_lines()

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages about its opening, such as that the store was migrated or rebuilt.

        >>> p.notices
        ()
        """
        return self.store.notices

    @property
    def rebuilt(self) -> Rebuilt | None:
        """What a rebuild at its opening did; None where none was needed.

        >>> p.rebuilt is None
        True
        """
        return self.store.rebuilt

    def verify(self, head: str | None = None, on_step: OnStep | None = None) -> Verified:
        """Recompute every hash and every derived table from the log, and compare.

        Args:
            head: A head hash, in hex, that the log must have had: finds a log whose end was cut off.
            on_step: Called now and then with the number of events done, and of all.

        Raises:
            BadQuestion: ``head`` is not a hash.

        >>> p.verify().damage is None
        True
        """
        return self._upkeep.verify(head, on_step)

    def rebuild(self, on_step: OnStep | None = None) -> Rebuilt:
        """Derive everything again from the log; the store answers meanwhile.

        Args:
            on_step: Called now and then with the number of events done, and of all.

        Raises:
            StoreError: another rebuild is under way, or the log is damaged; nothing was changed.

        >>> with projector.open(":memory:") as new:
        ...     new.rebuild().changed
        0
        """
        return self._upkeep.rebuild(on_step)

    def backup(self, file: str | os.PathLike[str]) -> str:
        """Copy the store into a new file while it is read and written; return the head hash of the copy.

        Args:
            file: A file that does not exist yet.

        Raises:
            BadQuestion: the file exists already, belongs to the store, or cannot be written.
            StoreError: a store cannot have that name.

        >>> p.backup("projector-demo/college.db")
        Traceback (most recent call last):
        projector.domain.errors.BadQuestion: projector-demo/college.db belongs to the store …
        """
        return self._upkeep.backup(file)
