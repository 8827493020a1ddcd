"""The ordering rule: the last of an aggregate's events in precedence gives its state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import field, frozen

from projector.domain.facts import unread_update, with_title_of
from projector.domain.instants import BEFORE_ALL
from projector.domain.recorded import Recorded
from projector.domain.versions import DecidedBy, State


@frozen(kw_only=True)
class Standing:
    """What one event made of its aggregate, and until when; instants in microseconds since 1970.

    ``before`` is the state it replaced, None for the first version; ``runner_up`` the event next before it in the
    order that decides. A version superseded at its own ``event_time`` ends where it begins.
    """

    event: Recorded
    state: State
    runner_up: Recorded | None = field(default=None, repr=False)
    before: State | None = field(default=None, repr=False)
    valid_to: int | None = None
    decided_by: DecidedBy = "only"


def evolve(before: State | None, event: Recorded) -> State:
    """The state after an event: its body, for a body is a full snapshot.

    One exception: a result's ``title``, which later producers no longer send, stays as it was.
    """
    body = event.body
    return with_title_of(before, body) if event.kind == "result" and before is not None else body


def fold(events: Iterable[Recorded]) -> list[Standing]:
    """Every version of one aggregate, in winning order, from its events in any order."""
    ordered = sorted(events, key=lambda event: event.precedence)
    standings: list[Standing] = []
    before: State | None = None
    for place, event in enumerate(ordered):
        state, runner_up = evolve(before, event), ordered[place - 1] if place else None
        standings.append(
            Standing(
                event=event,
                state=state,
                runner_up=runner_up,
                before=before,
                valid_to=ordered[place + 1].event_time if place + 1 < len(ordered) else None,
                decided_by=decided_by(event, runner_up),
            )
        )
        before = state
    return standings


def standing_at(standings: Sequence[Standing], as_of: int) -> Standing | None:
    """The version in effect at an instant, or None before the first."""
    for standing in reversed(standings):
        if standing.event.event_time <= as_of:
            return standing
    return None


def decided_by(winner: Recorded, runner_up: Recorded | None) -> DecidedBy:
    """What put an event before the next best one of its aggregate."""
    if runner_up is None:
        return "only"
    if winner.event_time != runner_up.event_time:
        return "event_time"
    if winner.created != runner_up.created:
        return "verb"
    return "content" if winner.updated_at == runner_up.updated_at else "updated_at"


def unread(winner: Recorded, runner_up: Recorded | None, of: str) -> tuple[str, ...]:
    """What could not be read where two events' ``updated_at`` were to decide between them.

    Args:
        of: Whose it is, such as ``outcome 5``.
    """
    if runner_up is None or (winner.event_time, winner.created) != (runner_up.event_time, runner_up.created):
        return ()
    unsure = [unread_update(event.body, of) for event in (winner, runner_up) if event.updated_at == BEFORE_ALL]
    return tuple(dict.fromkeys(note for note in unsure if note is not None))
