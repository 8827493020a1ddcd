"""The projector that people embed: one store, fed and asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from projector.ask.asking import Asking
from projector.ask.difference import Difference, differences
from projector.ask.digest import state_digest
from projector.ask.gaps import DanglingReference, dangling_references, silences_of
from projector.ask.instants import Instant, hours_asked, instant_asked, zone_named
from projector.ask.institutions import tenant_named
from projector.ask.question import Question
from projector.ask.texts import id_asked
from projector.ask.view import View
from projector.domain.arguments import shown
from projector.domain.catalogue import kind_named
from projector.domain.errors import BadQuestion
from projector.domain.instants import AFTER_ALL
from projector.domain.versions import Version
from projector.fold.silence import Silence
from projector.serve.feeding import feed, feed_paths
from projector.serve.intake import OnProgress, ShouldStop, never, retry
from projector.serve.report import Report
from projector.serve.upkeep import Upkeep
from projector.store.pins import Pin
from projector.wire.chunks import IntakeOptions
from projector.wire.files.survey import Survey

KnownAt = Instant | None
Event = Mapping[str, Any] | str | bytes
Source = str | os.PathLike[str] | IO[Any] | Mapping[str, Any] | bytes | Iterable[Event]


class Projector(Upkeep):
    """A store of Live Events: append to it, and ask what stood on any day.

    It may be shared by threads, not across a fork. Close it, or use it in a ``with`` statement.

    >>> import projector
    >>> with projector.open(":memory:") as p:
    ...     report = p.append({
    ...         "metadata": {"event_name": "learning_outcome_created", "event_time": "2019-11-05T10:03:37Z",
    ...                      "root_account_uuid": "Harbor"},
    ...         "body": {"learning_outcome_id": "12345", "title": "Cells"}})
    ...     p.as_of("2019-11-05").outcome("12345").title
    'Cells'
    """

    # appending

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
        """What became of everything in a source, committed batch by batch.

        Args:
            source: A path (``str`` or path object) of a file, an archive or a folder, ``"-"`` for standard input, an
                open file, one event (a mapping), or an iterable of events (mappings, or JSON as text or bytes).
            keep_recorded_at: The source is an exported log, as `log_lines` gives it, to be restored with its times
                of recording into an empty store.
            drop_metadata: Members of the metadata that are not kept, such as ``client_ip``.
            keys: A file with the JWK set by which signed deliveries are checked.
            on_progress: Called after each batch.
            should_stop: Asked now and then; True leaves the rest unread.

        Raises:
            BadQuestion: the source is none of these.
            MissingInput: a path is missing, cannot be read, or nothing in it is read; nothing was stored.
            StoreError: the store cannot be written to; earlier batches are safe.
        """
        options = IntakeOptions.asked(drop_metadata, keys)
        if isinstance(source, str | os.PathLike):
            return feed_paths(
                self.store.log, source, options, on_progress, should_stop, keep_recorded_at=keep_recorded_at
            )
        return feed(self.store.log, source, options, on_progress, should_stop, keep_recorded_at=keep_recorded_at)

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
        """What became of several files and folders, or of a survey of them, as of one source; see `replay`.

        Raises:
            BadQuestion: these are no paths.
            MissingInput: one is missing, cannot be read, or nothing in it is read; nothing was stored.
        """
        options = IntakeOptions.asked(drop_metadata, keys)
        return feed_paths(self.store.log, names, options, on_progress, should_stop, keep_recorded_at=keep_recorded_at)

    def append(
        self,
        events: Mapping[str, Any] | Iterable[Event],
        *,
        drop_metadata: str | Iterable[str] = (),
        keys: str | os.PathLike[str] | None = None,
    ) -> Report:
        """What became of one event (a mapping) or several, as in `replay`.

        Raises:
            BadQuestion: these are no events; a text alone is none either, as in `replay` it is a path.
        """
        return feed(self.store.log, events, IntakeOptions.asked(drop_metadata, keys))

    def retry(self, *, drop_metadata: str | Iterable[str] = (), keys: str | os.PathLike[str] | None = None) -> Report:
        """What became of the inputs in quarantine, tried again with this release."""
        return retry(self.store.log, IntakeOptions.asked(drop_metadata, keys))

    # asking

    def as_of(
        self,
        instant: Instant | None,
        known_at: Instant | None = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> View:
        """The store as it stood at an instant, by what was known at another.

        Args:
            instant: Valid time; text, date (its last instant in ``tz``) or aware datetime; None: no bound.
            known_at: Transaction time; None, or one later than the head, is the head now.
            tenant: The institution; may be left out while the store holds one.
            tz: The zone in which dates are read.

        Raises:
            BadQuestion: an instant or zone that is none.
            AmbiguousTenant: several institutions and none named.
        """
        return View(question=self._question(instant, known_at, tenant, tz))

    def now(self, tenant: str | None = None, known_at: Instant | None = None, tz: str = "UTC") -> View:
        """The store by everything announced so far."""
        return self.as_of(None, known_at, tenant, tz)

    def history(
        self, kind: str, id: str | int, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> list[Version]:
        """Every version of an aggregate, oldest first; empty where nothing is known of it."""
        question = self._question(None, known_at, tenant, tz)
        with Asking(question) as asking:
            return asking.versions(kind_named(kind), question.own_id(id_asked(id)))

    def digest(
        self, as_of: Instant | None = None, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> str:
        """The state digest, in hex, of every institution or of one; the same from every store of the same events."""
        zone_named(tz)
        pin = self._pin(known_at, tz)
        instant = AFTER_ALL if as_of is None else instant_asked(as_of, tz)
        tenants = pin.tenancy.tenants if tenant is None else (tenant_named(tenant, pin),)
        return state_digest(Question(store=self.store, pin=pin, tenant=name, as_of=instant, tz=tz) for name in tenants)

    def head_hash(self) -> str:
        """The running hash over the whole log, in hex: it proves every event's content, order and time of recording."""
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
        """Every aggregate that differs between two instants, with its changes.

        Args:
            kind: Only of this kind; ``context``: only in this one, such as ``Course/565``.
            known_at: One, or one for each side: of one instant, what late news rewrote.

        Raises:
            BadQuestion: an instant, kind, context or tenant that is none.
        """
        first, second = _pair(known_at)
        sides = self._question(before, first, tenant, tz), self._question(after, second, tenant, tz)
        return differences(*sides, None if kind is None else kind_named(kind), context)

    def silences(
        self,
        longer_than: float = 6,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> Iterator[Silence]:
        """The silences of more than so many hours in which events would have been expected."""
        return silences_of(self._question(as_of, known_at, tenant, tz), hours_asked(longer_than), self.store.log.now())

    def dangling_references(
        self, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> list[DanglingReference]:
        """What is named by events, yet was never told of."""
        return dangling_references(self._question(None, known_at, tenant, tz))

    def _pin(self, known_at: Instant | None, tz: str) -> Pin:
        return self.store.pin(None if known_at is None else instant_asked(known_at, tz))

    def _question(self, as_of: Instant | None, known_at: Instant | None, tenant: str | None, tz: str) -> Question:
        zone_named(tz)
        pin = self._pin(known_at, tz)
        return Question(
            store=self.store,
            pin=pin,
            tenant=tenant_named(tenant, pin),
            as_of=AFTER_ALL if as_of is None else instant_asked(as_of, tz),
            tz=tz,
        )


def _pair(known_at: KnownAt | tuple[KnownAt, KnownAt]) -> tuple[KnownAt, KnownAt]:
    """What is known on either side of a comparison."""
    if not isinstance(known_at, tuple):
        return known_at, known_at
    if len(known_at) != 2:
        raise BadQuestion(f"{shown(known_at)} is no pair of instants; name one, or one for each side")
    return known_at
