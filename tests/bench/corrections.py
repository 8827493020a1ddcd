"""Results that were corrected again and again, as lines of a log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.bench.bodies import UUID, uuid
from tests.bench.campus import START
from tests.bench.grading import RUBRIC
from tests.bench.metadata import by_job, second

TIMES: Final = (1, 100, 10_000)  # how often
LAST: Final = max(TIMES)
_MINUTE: Final = 60_000


def corrected(times: int) -> str:
    """The id of the result that is corrected so often."""
    return str(10_000 + times)


def corrected_at(number: int) -> int:
    """When a correction was made, in milliseconds; number 0 is the result's creation."""
    return START + number * _MINUTE


def correction_lines(first: int, last: int) -> Iterator[bytes]:
    """The corrections of all these results from one number to another, in order."""
    for number in range(first, last + 1):
        yield from (_line(times, number) for times in TIMES if number <= times)


def _line(times: int, number: int) -> bytes:
    verb, score, at = "updated" if number else "created", number % 9 / 2, corrected_at(number)
    updated = f',"updated_at":"{second(at)}"' if number else ""
    metadata = by_job(f"learning_outcome_result_{verb}", at, RUBRIC, number)
    return (
        f'{{"metadata":{metadata},"body":{{"id":"{corrected(times)}","learning_outcome_id":"1",'
        f'"learning_outcome_context_uuid":"{UUID}","result_context_id":"1","result_context_type":"Course",'
        f'"score":{score},"created_at":"{second(START)}","attempt":{number + 1},"possible":4.0,'
        f'"assessed_at":"{second(at)}","percent":{score / 4},"workflow_state":"active",'
        f'"user_uuid":"{uuid("learner 0")}","artifact_id":"4","artifact_type":"RubricAssessment"{updated}}}}}'
    ).encode()
