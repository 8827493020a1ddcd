"""One question bound to a read transaction: makes versions of index rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Self

from attrs import evolve, frozen

from projector.ask.deadline import see_that_in_time
from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.facts import carries_id, has_title, hinted_account, status_of
from projector.domain.instants import AFTER_ALL, shared_datetime, to_datetime
from projector.domain.recorded import By, Recorded
from projector.domain.versions import Because, Changes, History, NoOrigin, Origin, State, Unknown, Version
from projector.fold.changes import changes
from projector.fold.winning import Standing, decided_by, fold, standing_at, unread

if TYPE_CHECKING:
    from projector.ask.guessed import Guesses
    from projector.store.pins import Winner
    from projector.store.store import Reading

_PAGE: Final = 500


class Asking:
    """One short read transaction under a question, to be used in a ``with`` statement.

    ``reading`` has the plain seeks. One within another, of the same thread, is part of it.
    """

    __slots__ = ("_guesses", "question", "reading")

    def __init__(self, question: Question) -> None:
        self.question: Question = question
        self.reading: Reading = question.store.reading(question.pin, question.tenant)
        self._guesses: Guesses | None = None

    def __enter__(self) -> Self:
        see_that_in_time()
        self.reading.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.reading.__exit__(kind, error, at)

    # one aggregate

    def winner(self, kind: Kind, id: str) -> Winner | None:
        """The event in effect, with the runner-up and the start of the next; None before the first."""
        return self.reading.winner(kind, id, self.question.as_of)

    def state(self, kind: Kind, id: str) -> State | None:
        """The state in effect, without what an answer says about it."""
        found, as_of = self.winner(kind, id), self.question.as_of
        if found is None or not found.has_title or has_title(found.event.body):
            return None if found is None else found.event.body
        standing = standing_at(fold(self.reading.events(kind, id, as_of)), as_of)
        return None if standing is None else standing.state

    def version(self, kind: Kind, id: str) -> Version | None:
        """The version in effect; its basis says what decided it."""
        found = self.winner(kind, id)
        if found is None:
            return None
        event, runner_up = found.event, found.runner_up
        if kind == "result" and not is_plain(event.body, found.has_title, runner_up):
            events, as_of = self.reading.events(kind, id), self.question.as_of
            standing = standing_at(fold(events), as_of)
            return None if standing is None else self._result(id, standing, events, as_of)
        by, until = decided_by(event, runner_up), found.next_at
        return self._version(
            kind, id, Standing(event=event, state=event.body, runner_up=runner_up, valid_to=until, decided_by=by)
        )

    def versions(self, kind: Kind, id: str) -> list[Version]:
        """Every version that was known, oldest first."""
        events = self.reading.events(kind, id)
        if kind != "result" or all(carries_id(event.body) for event in events):
            return [_of_history(self._version(kind, id, standing)) for standing in fold(events)]
        ends = (
            (one, AFTER_ALL if one.valid_to is None else max(one.valid_to - 1, one.event.event_time))
            for one in fold(events)
        )
        return [_of_history(self._result(id, standing, events, as_of)) for standing, as_of in ends]

    def why_unknown(self, kind: Kind, id: str) -> Because:
        """Why an aggregate has no state here."""
        events = self.reading.events(kind, id)
        if not events:
            return "never heard of"
        return "created later" if min(events, key=lambda e: e.precedence).created else "first heard of later"

    def unknown(self, kind: Kind, id: str) -> Unknown:
        """The answer that an aggregate has no state, with the reason."""
        question, because = self.question, self.why_unknown(kind, id)
        return Unknown(tenant=question.tenant, kind=kind, id=id, because=because, basis=question.basis)

    def account_of(self, course: str, as_of: int) -> str | None:
        """The account that a course's page named last, of the events up to an instant."""
        event = self.reading.account_hint_event(course, as_of)
        return None if event is None else self.question.local(hinted_account(event.metadata))

    # many

    def ids(self, kind: Kind | Literal["account_hint"], after: str = "") -> Iterator[str]:
        """The ids of a kind, in order, from behind one; also of aggregates with no event yet known."""
        while page := self.reading.ids(kind, after, _PAGE):
            yield from page
            after = page[-1]

    # results without an id

    @property
    def guesses(self) -> Guesses:
        """What is known here of results without an id."""
        if self._guesses is None:
            from projector.ask.guessed import Guesses  # most stores have none

            self._guesses = Guesses(self.reading, self.question.shards)
        return self._guesses

    def _result(self, id: str, standing: Standing, events: list[Recorded], as_of: int) -> Version:
        version = self._version("result", id, standing)
        if carries_id(standing.event.body):
            return version
        guessed, continued_by = self.guesses.of(id, as_of, events)
        return evolve(version, guessed=guessed, continued_by=continued_by)

    # putting together

    def _version(self, kind: Kind, id: str, standing: Standing) -> Version:
        question, event = self.question, standing.event
        basis = question.basis_decided(standing.decided_by)
        if notes := unread(event, standing.runner_up, f"{kind} {id}"):
            basis = evolve(basis, assumed=(*basis.assumed, *notes))
        return Version(
            tenant=question.tenant,
            kind=kind,
            id=id,
            status=status_of(standing.state),
            valid_from=to_datetime(event.event_time),
            valid_to=None if standing.valid_to is None else to_datetime(standing.valid_to),
            recorded_at=shared_datetime(event.recorded_at),
            event_name=event.name,
            state=standing.state,
            basis=basis,
            find_origin=partial(_Origin, standing, question.shards),
        )


def id_pages(question: Question, kind: Kind, size: int, behind: str = "") -> Iterator[list[str]]:
    """The ids of a kind in pages from behind one, each page from a read transaction of its own."""
    page = [behind]
    while page:
        with Asking(question) as asking:
            page = list(islice(asking.ids(kind, page[-1]), size))
        if page:
            yield page


def is_plain(body: State, has_titles: bool, runner_up: Recorded | None = None) -> bool:
    """Whether an event alone gives a result's state: it has an id, and a title where some event has one."""
    says_title = has_title(body) and (runner_up is None or has_title(runner_up.body))
    return carries_id(body) and (says_title or not has_titles)


def history_of(question: Question, kind: Kind, id: str) -> History:
    """Every version of an aggregate, oldest first; the id may be in any spelling."""
    with Asking(question) as asking:
        return History(asking.versions(kind, question.own_id(id)))


def _of_history(version: Version) -> Version:
    """A version as one of a history, whose shape shows its changes and who made them."""
    return evolve(version, of_history=True)


def looked_up(question: Question, kind: Kind, id: str) -> Origin:
    """The origin of a version of many, looked up when it is asked for."""
    with Asking(question) as asking:
        return asking.version(kind, id) or NoOrigin()


@frozen
class _Origin:
    """The origin of one version: its event and the state before it, which may not be read yet."""

    _standing: Standing
    _shards: Collection[int]

    @property
    def changes(self) -> Changes:
        before, runner_up = self._standing.before, self._standing.runner_up
        state = runner_up.body if before is None and runner_up is not None else before
        return changes(state, self._standing.state, self._shards)

    @property
    def by(self) -> By:
        return By.of(self._standing.event.metadata)
