"""Every event of an aggregate, in order, and what kept each but one from standing."""

from __future__ import annotations

from typing import Literal

from attrs import evolve, frozen

from projector.ask.asking import Asking
from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.events import Recorded
from projector.domain.instants import BEFORE_ALL
from projector.domain.versions import Basis, DecidedBy
from projector.fold.winning import decided_by, unread
from projector.store.store import Reading

Verdict = Literal["stands", "beaten", "later than as_of", "not yet known"]


@frozen(kw_only=True)
class EventVerdict:
    """One event and what it counts for; instants in microseconds since 1970.

    ``changed_at`` is when Canvas says that the change was made (the body's ``updated_at``), None where it
    does not say; ``event.event_time`` when it was announced. ``duplicates``: how often it was received again, and
    when last. ``contradiction``: an event that was announced later says it was changed earlier.
    ``unread`` tells of instants that were to decide against the next event in order and could not be read.
    """

    event: Recorded
    source: str
    verdict: Verdict
    beaten_by: Recorded | None = None
    decided_by: DecidedBy | None = None
    changed_at: int | None = None
    duplicates: tuple[int, int] | None = None
    contradiction: bool = False
    unread: tuple[str, ...] = ()


@frozen(kw_only=True)
class Explanation:
    """Why an aggregate stands as it does, in winning order; empty where nothing was ever heard of it."""

    tenant: str
    kind: Kind
    id: str
    testimonies: tuple[EventVerdict, ...]
    basis: Basis

    @property
    def standing(self) -> EventVerdict | None:
        """The event that stands, None where none does."""
        return next((t for t in self.testimonies if t.verdict == "stands"), None)


def why(question: Question, kind: Kind, id: str) -> Explanation:
    """Every event of an aggregate that the store now has, judged as of the instant and by what was known."""
    everything = evolve(question, pin=evolve(question.pin, position=question.pin.head))
    with Asking(everything) as asking:
        events = asking.reading.events(kind, id)
        events.sort(key=lambda event: event.precedence)
        winner, second = _best_two(question, events)
        latest = BEFORE_ALL
        testimonies = []
        for event in events:
            testimonies.append(_event_verdict(question, asking.reading, event, winner, latest, f"{kind} {id}"))
            latest = max(latest, event.updated_at)
    basis = question.basis
    if winner is not None:
        notes = unread(winner, second, f"{kind} {id}")
        basis = evolve(basis, decided_by=decided_by(winner, second), assumed=(*basis.assumed, *notes))
    return Explanation(tenant=question.tenant, kind=kind, id=id, testimonies=tuple(testimonies), basis=basis)


def _qualifies(question: Question, event: Recorded) -> bool:
    return event.event_time <= question.as_of and event.position <= question.pin.position


def _best_two(question: Question, events: list[Recorded]) -> tuple[Recorded | None, Recorded | None]:
    """The last two of the events that qualify, the winner first."""
    qualifying = [event for event in events if _qualifies(question, event)]
    winner, second = [*reversed(qualifying), None, None][:2]
    return winner, second


def _event_verdict(
    question: Question, reading: Reading, event: Recorded, winner: Recorded | None, latest: int, of: str
) -> EventVerdict:
    verdict: Verdict = "beaten"
    if event.position > question.pin.position:
        verdict = "not yet known"
    elif event.event_time > question.as_of:
        verdict = "later than as_of"
    elif event is winner:
        verdict = "stands"
    return EventVerdict(
        event=event,
        source=reading.log.source_of(event.position),
        verdict=verdict,
        beaten_by=winner if verdict == "beaten" else None,
        decided_by=decided_by(winner, event) if verdict == "beaten" and winner is not None else None,
        changed_at=None if event.updated_at == BEFORE_ALL else event.updated_at,
        duplicates=reading.log.duplicates(event.position),
        contradiction=BEFORE_ALL < event.updated_at < latest,
        unread=unread(winner, event, of) if verdict == "beaten" and winner is not None else (),
    )
