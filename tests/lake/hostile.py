"""Logs in which all that is odd is common: ties, late and repeated events, aliases, shards learnt late, lost titles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any, Final

from projector.domain.catalogue import CATALOGUE, Entry, Nested
from tests.builders import HARBOR, ROOT, Event, reported

_WEIGHTS: Final = {"result": 12, "outcome": 2, "link": 3}
_OFTEN: Final = [entry for entry in CATALOGUE for _ in range(_WEIGHTS.get(entry.kind, 1))]
START: Final = datetime(2024, 3, 1, 10, tzinfo=UTC)
_INSTITUTIONS: Final = (
    (HARBOR, ROOT),
    (HARBOR, None),
    (None, ROOT),
    ("Other", "21080000000000001"),
    (None, "21080000000000001"),
    (None, "7"),
)
_IDS: Final = ("1", 1, "21070000000000001", "2107~2", "2", "99990000000000002", "3", 3.0, "g2-own", "a\0b", "ü'")
_ROWS: Final = ("2024-03-01T09:00:00Z", "2024-03-01T03:00:00-06:00", "2024-03-01T09:00:01Z")


def times(random: Random, spread: float = 40.0) -> datetime:
    """One of few instants, so that ties are common."""
    return START + timedelta(minutes=random.randrange(int(spread)), milliseconds=random.choice((0, 0, 500)))


def text_of(moment: datetime, random: Random) -> str:
    """One of the spellings of an instant."""
    text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    away = moment.astimezone(timezone(timedelta(hours=-6))).isoformat()
    return random.choice((text, text, text, text.replace("T", " ").replace("Z", " +0000"), away))


def hostile(random: Random, count: int) -> list[Event]:
    """So many events of every kind, in the order in which they arrive; some of them twice."""
    events = [_event(random) for _ in range(count)]
    return events + random.sample(events, count // 10)


def batches(random: Random, events: list[Event], most: int = 40) -> Iterator[list[Event]]:
    """The events in stretches of random lengths."""
    at = 0
    while at < len(events):
        size = random.choice((1, 1, 2, 3, random.randrange(1, most)))
        yield events[at : at + size]
        at += size


def _event(random: Random) -> Event:
    entry = random.choice(_OFTEN)
    uuid, root = random.choice(_INSTITUTIONS)
    body = _result(random) if entry.kind == "result" else _body(entry, random)
    verb = "" if entry.kind == "assessment" else random.choice(("_created", "_updated", "_updated"))
    return reported(
        f"{entry.stem}{verb}", body, text_of(times(random), random), root_account_uuid=uuid, root_account_id=root
    )


def _body(entry: Entry, random: Random) -> dict[str, Any]:
    body: dict[str, Any] = {entry.id: random.choice(_IDS)}
    for name, shape in entry.members.items():
        if name != entry.id and random.random() < 0.6:
            body[name] = _value(name, shape, random)
    body["workflow_state"] = random.choice(("active", "deleted", "active", None, ""))
    return body


def _value(name: str, shape: Any, random: Random) -> Any:
    if isinstance(shape, Nested):
        some = [(inner, inside) for inner, inside in shape.members.items() if random.random() < 0.7]
        one = {inner: _value(inner, inside, random) for inner, inside in some}
        return random.choice((None, [one, {}, None][: random.randrange(4)] if shape.many else one))
    if name == "context_type":
        return random.choice(("Account", "Course"))
    if name.endswith("_id") or name == "id":
        return random.choice((*_IDS, None))
    if name.endswith("_at"):
        return random.choice((text_of(times(random), random), None, "soon", "2024-03-01"))
    if shape == "number":
        return random.choice((5, 5.0, 0.1, -0.0, 3e-5, 1e16, None, "4.5", 12345678901234567890))
    return random.choice(("Cells", "Zellen ü", "a\0b", None, True, 7, "", "2024-03-01T10:00:00Z"))


def _result(random: Random) -> dict[str, Any]:
    """A result of any of the three generations of producers, of few rows."""
    body: dict[str, Any] = {
        "learning_outcome_id": random.choice(("1", "1", "2", "21070000000000001")),
        "created_at": random.choice(_ROWS),
        "artifact_type": random.choice(("RubricAssessment", "Quizzes::QuizSubmission")),
        "score": random.choice((1, 2.0, "3.5", None)),
        "mastery": random.choice((True, False, None, 17)),
        "percent": random.random(),
        "updated_at": text_of(times(random), random),
    }
    generation = random.choice((1, 2, 2, 3, 3))
    if generation == 3:
        body["id"] = random.choice(("1", "2", 3, "21070000000000004", "2107~5"))
    if generation > 1:
        body["user_uuid"] = random.choice(("Ada", "Ben"))
        body["associated_asset_id"] = random.choice(("56", 57, "21070000000000056", None))
        body["associated_asset_type"] = "Assignment"
    if random.random() < 0.5:
        body["title"] = random.choice(("Ada, quiz", "Ben, quiz", None))
    if random.random() < 0.2:
        body["workflow_state"] = "deleted"
    return body
