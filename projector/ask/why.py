"""Every event of an aggregate in the order that decides, each with its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from projector.ask.asking import Asking
from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.explanation import EventVerdict, Explanation, Verdict
from projector.domain.instants import BEFORE_ALL, to_datetime
from projector.domain.recorded import Event, Recorded
from projector.fold.winning import decided_by, unread

if TYPE_CHECKING:
    from projector.store.store import Reading


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
            testimonies.append(_event_verdict(question, asking.reading, event, winner, latest, id))
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
    question: Question, reading: Reading, event: Recorded, winner: Recorded | None, latest: int, id: str
) -> EventVerdict:
    verdict: Verdict = "beaten"
    if event.position > question.pin.position:
        verdict = "not yet known"
    elif event.event_time > question.as_of:
        verdict = "later than as_of"
    elif event is winner:
        verdict = "stands"
    superseded_by = winner if verdict == "beaten" else None
    duplicates = reading.log.duplicates(event.position)
    return EventVerdict(
        event=Event.of(event, question.tenant, id),
        source=reading.log.source_of(event.position),
        verdict=verdict,
        beaten_by=superseded_by and Event.of(superseded_by, question.tenant, id),
        decided_by=superseded_by and decided_by(superseded_by, event),
        changed_at=None if event.updated_at == BEFORE_ALL else to_datetime(event.updated_at),
        duplicates=duplicates and (duplicates[0], to_datetime(duplicates[1])),
        contradiction=BEFORE_ALL < event.updated_at < latest,
        unread=unread(superseded_by, event, f"{event.kind} {id}") if superseded_by else (),
    )
