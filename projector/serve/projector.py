"""The projector that people embed: one store, fed and asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from projector.ask.difference import Difference, differences
from projector.ask.digest import state_digest
from projector.ask.finding import Frame
from projector.ask.gaps import Unheard, silences_of, unheard_of
from projector.ask.instants import Instant, instant_asked, start_asked, zone_named
from projector.ask.institutions import Institution, institution, tenant_named
from projector.ask.view import View
from projector.domain.errors import BadQuestion
from projector.domain.events import Quarantined
from projector.domain.instants import ALWAYS, MISSING
from projector.domain.kinds import kind_named
from projector.domain.settings import SETTINGS, Setting, switch_asked
from projector.domain.versions import Version
from projector.fold.silence import Silence
from projector.serve.intake import OnProgress, ShouldStop, never, retry, take
from projector.serve.logfile import log_lines, restore
from projector.serve.people import learner_asked, read_people
from projector.serve.report import Report
from projector.store.log import EventLog
from projector.store.reading import Pin
from projector.wire.sources import Damage, Input, paths, read_any, read_iterable, read_paths

Event = Mapping[str, Any] | str | bytes
Source = str | os.PathLike[str] | IO[Any] | Mapping[str, Any] | bytes | Iterable[Event]


class Projector:
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

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def __enter__(self) -> Self:
        return self

    def __exit__(self, type: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; asking afterwards fails."""
        self._log.close()

    # appending

    def replay(
        self,
        source: Source,
        *,
        keep_recorded_at: bool = False,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop = never,
    ) -> Report:
        """What became of everything in a source, committed batch by batch.

        Args:
            source: A path (``str`` or path object) of a file or directory, ``"-"`` for standard input, an open
                file, one event (a mapping), or an iterable of events (mappings, or JSON as text or bytes).
            keep_recorded_at: The source is a log that `export_log` wrote, to be restored with its times
                of recording into an empty store.
            on_progress: Called after each batch.
            should_stop: Asked after each batch; True leaves the rest unread.

        Raises:
            MissingInput: a path is missing or cannot be read; nothing was stored.
            StoreError: the store cannot be written to; earlier batches are safe.
        """
        return self._take(read_any(source), keep_recorded_at, on_progress, should_stop)

    def replay_paths(
        self,
        names: Iterable[str | Path],
        *,
        keep_recorded_at: bool = False,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop = never,
    ) -> Report:
        """What became of several files and directories, as of one source; see `replay`."""
        return self._take(read_paths(paths(list(names))), keep_recorded_at, on_progress, should_stop)

    def _take(
        self,
        inputs: Iterable[Input | Damage],
        keep_recorded_at: bool,
        on_progress: OnProgress | None,
        should_stop: ShouldStop,
    ) -> Report:
        if keep_recorded_at:
            return restore(self._log, inputs, on_progress)
        return take(self._log, inputs, on_progress, should_stop)

    def append(self, events: Mapping[str, Any] | Iterable[Event]) -> Report:
        """What became of one event (a mapping) or several, as in `replay`."""
        return take(self._log, read_iterable([events] if isinstance(events, Mapping) else events))

    def retry(self) -> Report:
        """What became of the inputs in quarantine, tried again with this release."""
        return retry(self._log)

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
        return View(frame=self._frame(instant, known_at, tenant, tz))

    def now(self, tenant: str | None = None, known_at: Instant | None = None, tz: str = "UTC") -> View:
        """The store by everything announced so far."""
        return self.as_of(None, known_at, tenant, tz)

    def history(
        self, kind: str, id: str | int, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> list[Version]:
        """Every version of an aggregate, oldest first; empty where nothing is known of it."""
        frame = self._frame(None, known_at, tenant, tz)
        return frame.versions_of(kind_named(kind), frame.own_id(id))

    def digest(
        self,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> str:
        """The state digest, in hex, of every institution or of one; the same from every store of the same events."""
        zone_named(tz)
        pin = self._pin(known_at, tz)
        instant = ALWAYS if as_of is None else instant_asked(as_of, tz)
        tenants = pin.tenancy.tenants if tenant is None else (tenant_named(tenant, pin),)
        return state_digest(Frame(log=self._log, pin=pin, tenant=name, as_of=instant, tz=tz) for name in tenants)

    def head_hash(self) -> str:
        """The running hash over the whole log, in hex: it proves every event's content, order and time of recording."""
        return self._log.head_hash().hex()

    def diff(
        self,
        before: Instant | None,
        after: Instant | None,
        *,
        kind: str | None = None,
        context: str | None = None,
        known_at: Instant | tuple[Instant | None, Instant | None] | None = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> Iterator[Difference]:
        """Every aggregate that differs between two instants, with its changes.

        Args:
            kind: Only of this kind; ``context``: only in this one, such as ``Course/565``.
            known_at: One, or one for each side: of one instant, what late news rewrote.
        """
        first, second = known_at if isinstance(known_at, tuple) else (known_at, known_at)
        frames = self._frame(before, first, tenant, tz), self._frame(after, second, tenant, tz)
        return differences(*frames, None if kind is None else kind_named(kind), context)

    def silences(
        self,
        longer_than: float = 6,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        tenant: str | None = None,
        tz: str = "UTC",
    ) -> Iterator[Silence]:
        """The silences of more than so many hours in which events would have been expected."""
        return silences_of(self._frame(as_of, known_at, tenant, tz), longer_than, self._log.now())

    def unheard_of(self, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC") -> list[Unheard]:
        """What is named by events, yet was never told of."""
        return unheard_of(self._frame(None, known_at, tenant, tz))

    # institutions

    @property
    def tenants(self) -> tuple[str, ...]:
        """The institutions the store has heard of."""
        return self._log.pin().tenancy.tenants

    def institutions(self) -> list[Institution]:
        """The institutions with their events, first and last."""
        pin = self._log.pin()
        with self._log.reading(pin) as reading:
            return [institution(reading, tenant) for tenant in pin.tenancy.tenants]

    def alias(self, other: str, stands_for: str) -> None:
        """Declare that two names are one institution's; what is stored under the first moves to the second.

        Raises:
            BadQuestion: the two are one already.
        """
        tenancy = self._log.pin().tenancy
        if other == stands_for or other in tenancy.aliases or tenancy.aliases.get(stands_for) == other:
            raise BadQuestion(f"{other} and {stands_for} are one institution already")
        self._log.alias(other, stands_for)

    def settings(self, tenant: str | None = None) -> list[Setting]:
        """Every setting that was made for an institution, in the order in which they were."""
        pin = self._log.pin()
        name = tenant_named(tenant, pin)
        return [setting for setting in pin.settings if setting.tenant == name]

    def set(
        self, name: str, value: str | bool, since: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> None:
        """Let a flag that no event carries have a value from an instant on; None: always.

        Raises:
            BadQuestion: no such setting, or no such value.
        """
        if name not in SETTINGS:
            raise BadQuestion(f"no setting is called {name!r}; the settings are {', '.join(SETTINGS)}")
        switch = switch_asked(value)
        instant = MISSING if since is None else start_asked(since, tz)
        self._log.set(tenant_named(tenant, self._log.pin()), name, switch, instant)

    # people

    def know_people(self, path: str | os.PathLike[str]) -> int:
        """How many people of a CSV file (``user_uuid,name,sis_id``) are known now, for display and for finding them."""
        people = list(read_people(Path(path)))
        self._log.know_people(people)
        return len(people)

    def forget_people(self, user_uuid: str | None = None) -> int:
        """How many people were forgotten at once: one, or everybody."""
        return self._log.forget_people(user_uuid)

    def learner(self, words: str) -> str:
        """A learner's uuid, by the uuid itself, an SIS id or an exact name."""
        return learner_asked(self._log, words)

    def name_of(self, user_uuid: str) -> str | None:
        """A learner's name, where it is known."""
        return next((person.name for person in self._log.people(user_uuid)), None)

    def quarantined(self, *, retried: bool = False) -> Iterator[Quarantined]:
        """What was refused or set aside, in order of arrival; ``retried``: also what was appended since."""
        return self._log.quarantined(retried=retried)

    def log_lines(self) -> Iterator[bytes]:
        """The whole log in order, a JSON object a line, for a file that ``keep_recorded_at`` restores."""
        return log_lines(self._log)

    def rebuild(self) -> None:
        """Make everything that is derived from the log anew."""
        self._log.rebuild()

    def _pin(self, known_at: Instant | None, tz: str) -> Pin:
        return self._log.pin(None if known_at is None else instant_asked(known_at, tz))

    def _frame(self, as_of: Instant | None, known_at: Instant | None, tenant: str | None, tz: str) -> Frame:
        zone_named(tz)
        pin = self._pin(known_at, tz)
        return Frame(
            log=self._log,
            pin=pin,
            tenant=tenant_named(tenant, pin),
            as_of=ALWAYS if as_of is None else instant_asked(as_of, tz),
            tz=tz,
        )
