"""The log of the demo: one term of an invented college as Canvas Live Events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from attrs import frozen

from projector.domain.canonical import write_json
from projector.serve.demo.results import assess, learners
from projector.serve.demo.setting import OUTCOME_OF_STORY, SCALE_CHANGED, Register, set_up

SEED: Final = 20250825
_LATE: Final = 0.03
_TWICE: Final = 0.02
_OTHERS: Final = ("submission_created", "user_updated", "grade_change", "enrollment_created", "logged_in")


@frozen(kw_only=True)
class Landmarks:
    """What of the term is worth asking for."""

    tenant: str = Register.uuid
    name: str = "Harbor Lake College"
    context: str = "Account/1"
    scale_id: str = "7"
    before_change: str = (SCALE_CHANGED - timedelta(days=1)).date().isoformat()
    after_change: str = SCALE_CHANGED.date().isoformat()
    outcome_id: str = str(OUTCOME_OF_STORY)
    course: str = "Course/101"
    learner: str = "Ana Souza"


LANDMARKS: Final = Landmarks()


def term(seed: int = SEED) -> Iterator[bytes]:
    """The lines of the log in order of arrival, without line ends: the same for the same seed.

    About 24,000 events of autumn 2025: some late, some twice, some of other families, a few broken.
    """
    random = Random(seed)
    register = Register(random=random)
    set_up(register)
    assess(register)
    arrivals = [(_arrival(random, event), number, event) for number, event in enumerate(register.events)]
    arrivals += _again(random, arrivals)
    arrivals.sort(key=lambda arrival: arrival[:2])
    broken = dict(zip(range(1500, len(arrivals), len(arrivals) // 8), _BROKEN, strict=False))
    for place, (_, number, event) in enumerate(arrivals):
        if place in broken:
            yield broken[place]
        if place % 110 == 50:
            yield write_json(_of_another_family(random, event))
        yield write_json(event if number >= 0 else dict(reversed(event.items())))


def people() -> Iterator[bytes]:
    """The lines of the file of learners' names, without line ends."""
    yield b"user_uuid,name,sis_id"
    for learner in learners():
        yield ",".join(learner).encode()


def _arrival(random: Random, event: dict[str, Any]) -> datetime:
    announced = datetime.fromisoformat(event["metadata"]["event_time"])
    if random.random() < _LATE:
        return announced + timedelta(minutes=random.expovariate(1 / 600))
    return announced + timedelta(seconds=random.uniform(0.1, 4))


def _again(
    random: Random, arrivals: list[tuple[datetime, int, dict[str, Any]]]
) -> Iterator[tuple[datetime, int, dict[str, Any]]]:
    """Second deliveries; half of them spell their members in another order (a number below 0)."""
    for arrived, number, event in arrivals:
        if random.random() < _TWICE:
            yield (
                arrived + timedelta(minutes=random.uniform(5, 60)),
                number if random.random() < 0.5 else -1 - number,
                event,
            )


def _of_another_family(random: Random, event: dict[str, Any]) -> dict[str, Any]:
    metadata = event["metadata"] | {"event_name": random.choice(_OTHERS)}
    return {"metadata": metadata, "body": {"user_id": f"2107{random.randrange(10**13):013}"}}


_AT: Final = f'"event_time":"2025-10-20T10:00:00.000Z","root_account_uuid":"{Register.uuid}"'
_BROKEN: Final = (
    b'{"metadata":{"event_name":"learning_outcome_result_created","event_time":"2025-09-1',
    f'{{"metadata":{{"event_name":"learning_outcome_updated","root_account_uuid":"{Register.uuid}"}},'
    '"body":{"learning_outcome_id":"301"}}'.encode(),
    f'{{"metadata":{{"event_name":"learning_outcome_result_updated",{_AT}}},"body":{{"id":"1","score":NaN}}}}'.encode(),
    f'{{"metadata":{{"event_name":"learning_outcome_link_created",{_AT}}},"body":{{"learning_outcome_id":"301"}}}}'.encode(),
    f'{{"metadata":{{"event_name":"learning_outcome_group_merged",{_AT}}},"body":{{}}}}'.encode(),
    b'{"sensor":"https://canvas.example","sendTime":"2025-10-20T10:00:00.000Z","dataVersion":"ctx/1","data":[]}',
)
