"""From index rows to versions: the one place where an answer about an aggregate is put together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cached_property, partial

from attrs import evolve, field, frozen

from projector.ask.guessed import Guesses
from projector.ask.texts import text_asked
from projector.domain.catalogue import Kind
from projector.domain.events import Recorded
from projector.domain.facts import carries_id, context_of, has_title, status_of
from projector.domain.ids import local_id, long_id
from projector.domain.inforce import Because
from projector.domain.instants import ALWAYS, MISSING, to_datetime, to_text
from projector.domain.rules import RULES
from projector.domain.settings import Switch, settings_of
from projector.domain.settings import in_force as setting_in_force
from projector.domain.versions import Basis, Changes, DecidedBy, Guessed, State, Version
from projector.fold.changes import changes
from projector.fold.winning import Standing, decided_by, fold, standing_at, unread
from projector.store.log import EventLog
from projector.store.pins import Neighbours, Pin
from projector.store.reading import Reading


@frozen(kw_only=True)
class Frame:
    """What a question is asked under; ``as_of`` in microseconds since 1970, ALWAYS for no bound."""

    log: EventLog = field(repr=False)
    pin: Pin = field(repr=False)
    tenant: str
    as_of: int
    tz: str

    @cached_property
    def shards(self) -> frozenset[int]:
        """The shards whose global ids are the institution's own."""
        return self.pin.tenancy.shards(self.tenant)

    @cached_property
    def basis(self) -> Basis:
        """What answers rest on, before it is known what decided them."""
        with self.log.reading(self.pin) as reading:
            heard = reading.heard(self.tenant)
        return Basis(
            as_of=None if self.as_of == ALWAYS else to_datetime(self.as_of),
            known_at=None if self.pin.recorded_at is None else to_datetime(self.pin.recorded_at),
            tz=self.tz,
            rules=RULES,
            heard_until=None if heard is None else to_datetime(heard.until),
        )

    @cached_property
    def _bases(self) -> dict[DecidedBy, Basis]:
        return {}

    def basis_decided(self, by: DecidedBy) -> Basis:
        """What one answer rests on, and what decided it."""
        if by not in self._bases:
            self._bases[by] = evolve(self.basis, decided_by=by)
        return self._bases[by]

    @property
    def heard(self) -> tuple[datetime, datetime] | None:
        """The institution's earliest and latest ``event_time``; None where it was not heard."""
        with self.log.reading(self.pin) as reading:
            found = reading.heard(self.tenant)
        return None if found is None else (to_datetime(found.since), to_datetime(found.until))

    def own_id(self, id: str | int) -> str:
        """An asked id as the institution's own aggregates carry it.

        Raises:
            BadQuestion: it is not UTF-8 text.
        """
        long = long_id(text_asked(id, "the id"))
        return "" if long is None else local_id(long, self.shards)

    def local(self, id: str | None) -> str | None:
        """An id that an event names, as the institution's own aggregates carry it."""
        return None if id is None else local_id(id, self.shards)

    def context_of(self, kind: Kind, state: State) -> str | None:
        """The context that a state lies in, such as ``Course/565``; None where it names none."""
        return context_of(kind, state, self.shards)

    def setting(self, name: str) -> tuple[Switch, str]:
        """A flag as of the instant, and how an answer says that it used it."""
        made = setting_in_force(settings_of(self.pin.settings, self.pin.tenancy, self.tenant), name, self.as_of)
        if made is None:
            return "on", f"{name}=on (default)"
        since = "always" if made.valid_from == MISSING else f"from {to_text(made.valid_from)}"
        return made.value, f"{name}={made.value} (set {since})"

    # versions

    def version_at(
        self, reading: Reading, kind: Kind, id: str, *, alone: bool = True, guesses: Guesses | None = None
    ) -> Version | None:
        """The version that stands.

        Args:
            alone: It is the whole answer, so its basis says what decided it.
            guesses: Where many results are asked for in one reading, what is known of them already.
        """
        found = reading.neighbours(self.tenant, kind, id, self.as_of)
        if found is None:
            return None
        if kind == "result" and not _is_plain(found):
            events = reading.events(self.tenant, kind, id)
            standing = standing_at(fold(events), self.as_of)
            guesses = guesses or self.guesses(reading)
            return None if standing is None else self._result(guesses, id, standing, events, alone=alone)
        standing = Standing(
            event=found.winner,
            state=found.winner.body,
            beaten=found.beaten,
            valid_to=found.next_at,
            decided_by=decided_by(found.winner, found.beaten),
        )
        return self._version(kind, id, standing, alone=alone)

    def state_at(self, reading: Reading, kind: Kind, id: str) -> State | None:
        """The state that stands, without what an answer says about it."""
        found = reading.neighbours(self.tenant, kind, id, self.as_of)
        if found is None or not found.titled or _all_titled(found.winner):
            return None if found is None else found.winner.body
        standing = standing_at(fold(reading.events(self.tenant, kind, id, self.as_of)), self.as_of)
        return None if standing is None else standing.state

    def versions_of(self, kind: Kind, id: str) -> list[Version]:
        """Every version that was known, oldest first."""
        with self.log.reading(self.pin) as reading:
            events = reading.events(self.tenant, kind, id)
            if kind != "result" or all(carries_id(event.body) for event in events):
                return [self._version(kind, id, standing) for standing in fold(events)]
            guesses = self.guesses(reading)
            return [
                evolve(self, as_of=ALWAYS if s.valid_to is None else max(s.valid_to - 1, s.event.event_time))._result(
                    guesses, id, s, events, basis=self.basis
                )
                for s in fold(events)
            ]

    def why_unknown(self, kind: Kind, id: str) -> Because:
        """Why an aggregate has no state here."""
        with self.log.reading(self.pin) as reading:
            return self.why_unknown_in(reading, kind, id)

    def why_unknown_in(self, reading: Reading, kind: Kind, id: str) -> Because:
        """Why an aggregate has no state here, within a reading."""
        events = reading.events(self.tenant, kind, id)
        if not events:
            return "never heard of"
        return "created later" if min(events, key=lambda e: e.precedence).created else "first heard of later"

    def _version(
        self,
        kind: Kind,
        id: str,
        standing: Standing,
        *,
        alone: bool = True,
        guessed: Guessed = False,
        continued_by: str | None = None,
        basis: Basis | None = None,
    ) -> Version:
        event = standing.event
        return Version(
            tenant=self.tenant,
            kind=kind,
            id=id,
            status=status_of(standing.state),
            valid_from=to_datetime(event.event_time),
            valid_to=None if standing.valid_to is None else to_datetime(standing.valid_to),
            recorded_at=to_datetime(event.recorded_at),
            event_name=event.name,
            state=standing.state,
            guessed=guessed,
            continued_by=continued_by,
            basis=self._basis_of(basis, standing, f"{kind} {id}") if alone else basis or self.basis,
            find_changes=partial(_changed, standing, self.shards),
        )

    def _basis_of(self, basis: Basis | None, standing: Standing, of: str) -> Basis:
        """What one answer rests on, what decided it, and what of that could not be read."""
        decided = standing.decided_by
        found = self.basis_decided(decided) if basis is None else evolve(basis, decided_by=decided)
        notes = unread(standing.event, standing.beaten, of)
        return evolve(found, assumed=(*found.assumed, *notes)) if notes else found

    # results without an id

    def guesses(self, reading: Reading) -> Guesses:
        """What is known of results without an id within a reading."""
        return Guesses(reading, self.tenant, self.shards)

    def _result(
        self,
        guesses: Guesses,
        id: str,
        standing: Standing,
        events: list[Recorded],
        *,
        alone: bool = True,
        basis: Basis | None = None,
    ) -> Version:
        guessed: Guessed = False
        continued_by: str | None = None
        if not carries_id(standing.event.body):
            guessed, continued_by = guesses.of(id, self.as_of, events)
        return self._version(
            "result", id, standing, alone=alone, guessed=guessed, continued_by=continued_by, basis=basis
        )


def _is_plain(found: Neighbours) -> bool:
    """Whether the event that stands tells all of a result: its id, and its title where an earlier event has one."""
    return carries_id(found.winner.body) and (not found.titled or _all_titled(found.winner, found.beaten))


def _all_titled(*events: Recorded | None) -> bool:
    """Whether each of these events has a title itself, and keeps none of an earlier one."""
    return all(event is None or has_title(event.body) for event in events)


def _changed(standing: Standing, shards: Collection[int]) -> Changes:
    """What a version changed of the state before it, which may not be read yet."""
    before, beaten = standing.before, standing.beaten
    return changes(beaten.body if before is None and beaten is not None else before, standing.state, shards)
