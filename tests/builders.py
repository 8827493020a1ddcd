"""Events as Canvas would report them and answers as the program would give them, with defaults for most members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from projector.domain.canonical import digest_of, write_json
from projector.domain.events import LiveEvent
from projector.domain.facts import live_event
from projector.domain.instants import instant_of
from projector.domain.packing import pack
from projector.domain.recorded import Recorded
from projector.domain.scores import JudgedBy, Measure, Score
from projector.domain.tree import Tree, TreeGroup, TreeOutcome
from projector.domain.versions import Basis
from projector.fold.scores import is_mastered, step_for
from projector.serve.demo.college import term

Event = dict[str, Any]

HARBOR = "HarborUuid000000000000000000000000000001"
ROOT = "21070000000000001"


def reported(name: str, body: dict[str, Any], at: str = "2024-03-01T10:00:00Z", **metadata: Any) -> Event:
    """One Live Event of Harbor Lake College; a metadata member given as None is left out."""
    known = {"event_name": name, "event_time": at, "root_account_uuid": HARBOR, "root_account_id": ROOT} | metadata
    return {"metadata": {key: value for key, value in known.items() if value is not None}, "body": body}


def outcome(
    title: str, at: str = "2024-03-01T10:00:00Z", *, id: Any = "12345", verb: str = "updated", **body: Any
) -> Event:
    """An outcome's report."""
    return reported(f"learning_outcome_{verb}", {"learning_outcome_id": id, "title": title} | body, at)


def result(at: str = "2024-03-01T10:00:00Z", *, verb: str = "created", **body: Any) -> Event:
    """A learner's result, without an id unless one is given."""
    known = {"learning_outcome_id": "311", "created_at": "2024-03-01T09:00:00Z", "score": 3.0, "possible": 4.0}
    return reported(f"learning_outcome_result_{verb}", known | body, at)


def scale(
    at: str, *, points: Iterable[float] = (4, 3, 0), mastery: float = 3, context: str = "Account/1", **body: Any
) -> Event:
    """A mastery scale of a context."""
    type, id = context.split("/")
    ratings = [
        {"outcome_proficiency_rating_id": str(n), "description": f"Step {n}", "points": p, "mastery": p == mastery}
        for n, p in enumerate(points, 1)
    ]
    known = {
        "outcome_proficiency_id": "9",
        "context_type": type,
        "context_id": id,
        "outcome_proficiency_ratings": ratings,
    }
    return reported("outcome_proficiency_updated", known | body, at)


def ticking(start: str = "2026-01-01T00:00:00+00:00", every: float = 1.0) -> Iterator[datetime]:
    """The times of a clock that is read once a tick."""
    moment = datetime.fromisoformat(start).astimezone(UTC)
    while True:
        yield moment
        moment += timedelta(seconds=every)


class Clock:
    """A clock that moves a second each time it is read."""

    def __init__(self, start: str = "2026-01-01T00:00:00+00:00", every: float = 1.0) -> None:
        self._times = ticking(start, every)

    def __call__(self) -> datetime:
        return next(self._times)


def mark(id: str, learner: str, percent: float, day: str = "2024-03-01", of: str = "7", **body: Any) -> Event:
    """A learner's result in Course/1."""
    known = {
        "id": id,
        "user_uuid": learner,
        "learning_outcome_id": of,
        "score": percent * 5,
        "possible": 5,
        "percent": percent,
    }
    place = {"result_context_type": "Course", "result_context_id": "1", "assessed_at": f"{day}T08:00:00Z"}
    return result(f"{day}T09:00:00Z", verb="updated", **known | place | body)


def method(name: str, number: int | None = None, context: str = "Account/1", day: str = "2024-01-01") -> Event:
    """A calculation method of a context."""
    type, id = context.split("/")
    body = {"outcome_calculation_method_id": f"{type}{id}", "context_type": type, "context_id": id}
    return reported(
        "outcome_calculation_method_updated",
        body | {"calculation_method": name, "calculation_int": number},
        f"{day}T00:00:00Z",
    )


def a_score(points: float, measure: Measure) -> Score:
    """A score of somebody, judged by a measure."""
    step = step_for(points, measure)
    return Score(
        learner="Ada",
        outcome="7",
        context="Course/1",
        score=points,
        method="highest",
        int=None,
        mastery=is_mastered(points, measure),
        rating=step.description if step else None,
        points_possible=measure.points_possible,
        mastery_points=measure.mastery_points,
        results=1,
        ordered_by="assessed_at",
        judged_by=JudgedBy(scale="outcome", method="outcome"),
        outcome_status="active",
    )


def chain(levels: int, last: str = "Cells", branches: int = 1) -> TreeGroup:
    """Groups below one another, an outcome in the lowest."""
    outcome = TreeOutcome(id="7", title=last, link_id="1", status="archived")
    group = TreeGroup(id=str(levels), title=None, status="active", groups=(), outcomes=(outcome,))
    for level in reversed(range(levels)):
        group = TreeGroup(id=str(level), title=f"G{level}", status="active", groups=(group,) * branches, outcomes=())
    return group


def tree(root: TreeGroup) -> Tree:
    """A tree of one root."""
    basis = Basis(as_of=None, known_at=None, tz="UTC", rules=3, heard_until=None)
    return Tree(context="Course/1", roots=(root,), problems=(), basis=basis)


def received(event: Event) -> LiveEvent:
    """A report of the catalogue, read without the wire."""
    text = write_json(event)
    metadata, digest = event["metadata"], digest_of(text)
    at = instant_of(metadata["event_time"])
    assert at is not None
    packed = pack(digest, text)
    return live_event(metadata["event_name"], metadata, event["body"], event_time=at, digest=digest, packed=packed)


def recorded(event: Event, position: int = 1) -> Recorded:
    """A report at its place in the log."""
    live = received(event)
    return Recorded(
        live.kind, live.name, live.event_time, live.updated_at, live.digest, position, position, live.packed
    )


def institutions(copies: int) -> Iterator[bytes]:
    """The same term at several institutions."""
    lines = list(term())
    for copy in range(copies):
        for line in lines:
            named = line.replace(b"HarborLakeCollege", b"HarborLakeColleg%x" % copy)
            yield named.replace(b'"2107', b'"21%02d' % copy)
