"""Events as Canvas would report them, the dull parts supplied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

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
