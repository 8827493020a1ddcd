"""Ids of the form of guessed identities: no result may carry one; all that only begin like them are ordinary."""

from __future__ import annotations

import json
from typing import Any

import pytest

import projector
from projector import Projector
from projector.domain.canonical import digest_of
from projector.domain.events import LiveEvent, Refusal, is_reserved
from projector.domain.facts import event_kept
from projector.domain.packing import pack
from projector.wire.decode import decode
from tests.builders import Event, outcome, reported, result

HEX = "fc6e8afc93bb13d0cefd94857dc48cbb"
RESERVED = [f"g1-{HEX}", f"g2-{HEX}", f"g2-{HEX.upper()}", "g1-" + "0" * 32, "g2-" + HEX[:16] + HEX[16:].upper()]
ORDINARY = [
    "g2-own",
    "g1-",
    f"g2-{HEX[:-1]}",
    f"g1-{HEX}0",
    f"g3-{HEX}",
    f"G2-{HEX}",
    f" g2-{HEX}",
    f"g2-{HEX}\n",
    f"g2-{HEX[:-1]}g",
    f"g2-{HEX[:-1]}٣",
    "2107~5",
    90017,
]


def decoded(event: Event) -> Any:
    """What an event's text reports."""
    return decode(json.dumps(event).encode())


@pytest.mark.parametrize("id", RESERVED)
@pytest.mark.parametrize("row", [{}, {"user_uuid": "Ada"}, {"created_at": None}, {"learning_outcome_id": ""}])
def test_a_result_with_a_reserved_id_is_refused(id: str, row: dict[str, Any]) -> None:
    """Whatever else its body says."""
    refusal = decoded(result(id=id, **row))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "no id: reserved"


@pytest.mark.parametrize("id", ORDINARY)
def test_any_other_id_is_an_ordinary_one(id: Any) -> None:
    """However it begins."""
    event = decoded(result(id=id))
    assert isinstance(event, LiveEvent)
    assert event.id is not None
    assert not is_reserved(event.id)


@pytest.mark.parametrize("id", RESERVED)
def test_ids_of_other_kinds_are_ordinary(id: str) -> None:
    """Only results are ever guessed."""
    assert isinstance(decoded(outcome("Cells", id=id)), LiveEvent)
    assert isinstance(decoded(reported("rubric_assessed", {"id": id})), LiveEvent)
    assert isinstance(decoded(result(id="5", artifact_id=id, user_uuid=id)), LiveEvent)


def test_a_reserved_id_is_quarantined_and_stays_there(p: Projector) -> None:
    """Also when it is tried again."""
    report = p.append([result(id=RESERVED[0]), result(id=RESERVED[2], user_uuid="Ada"), result(id="5")])
    assert (report.read, report.appended, report.quarantined) == (3, 1, 2)
    assert [kept.reason for kept in p.quarantined()] == ["no id: reserved"] * 2
    assert p.retry().quarantined == 2


@pytest.mark.parametrize("id", ["g2-own", "g1-5", f"g2-{HEX}0"])
def test_a_result_whose_id_begins_like_a_guess_is_a_row_with_an_id(p: Projector, id: str) -> None:
    """Without a time of creation, and beside other rows: nothing continues it, and it says nothing of that."""
    place = {"result_context_type": "Course", "result_context_id": "6"}
    body: dict[str, Any] = {"user_uuid": "Ada", "percent": 0.5} | place
    p.append([outcome("Cells", id="311"), result(id=id, created_at=None, **body), result(id="9", user_uuid="Ben")])
    (version,) = [version for version in p.now().all("result") if version.id == id]
    for one in (version, p.now().get("result", id), *p.history("result", id)):
        assert one is not None
        assert (one.guessed, one.continued_by) == (False, None)
        assert not {"guessed", "continued_by"} & one.to_dict().keys()
    assert [(score.learner, score.results) for score in p.now().scores(course="6")] == [("Ada", 1)]


@pytest.mark.parametrize("id", ["g2-own", "g1-own", "7"])
def test_such_a_row_continues_the_guesses_of_its_time(p: Projector, id: str) -> None:
    """As any other row with an id: the g2 of its tuple, and the only g1."""
    p.append([result("2024-03-01T10:00:00Z", title="a"), result("2024-04-01T10:00:00Z", user_uuid="Ada")])
    (g1,) = p.as_of("2024-03-15").all("result")
    (g2,) = p.as_of("2024-04-15").all("result")
    assert g2.to_dict() | {"guessed": True, "continued_by": None} == g2.to_dict()
    p.append(result("2024-05-01T10:00:00Z", id=id, user_uuid="Ada"))
    assert [version.id for version in p.now().all("result")] == [id]
    answers = [p.now().get("result", one.id) for one in (g1, g2)]
    assert [answer and answer.continued_by for answer in answers] == [id, id]


# stores that were written before ids were reserved


def kept_before(p: Projector, *events: Event) -> None:
    """Put events into the log that an earlier release took, ids of results being ordinary then."""
    texts = [json.dumps(event).encode() for event in events]
    p.store.log.append([event_kept(pack(digest_of(text), text)) for text in texts], "before")


@pytest.mark.parametrize("id", [RESERVED[0], RESERVED[1], RESERVED[2]])
def test_a_store_that_holds_reserved_ids_answers_as_for_any_id(p: Projector, id: str) -> None:
    """Lists, scores, histories, digests; it can be derived anew, verified, exported and restored."""
    place = {"result_context_type": "Course", "result_context_id": "6"}
    row: dict[str, Any] = {"user_uuid": "Ada", "percent": 0.5} | place
    kept_before(p, result(id=id, **row), result("2024-04-01T10:00:00Z", verb="updated", id=id, created_at=None, **row))
    p.append([outcome("Cells", id="311"), result("2024-05-01T10:00:00Z", user_uuid="Ben")])
    for _ in range(2):
        listed = {version.id: (bool(version.guessed), version.continued_by) for version in p.now().all("result")}
        assert listed.pop(id) == (False, None)
        assert list(listed.values()) == [(True, None)]
        assert [version.guessed for version in p.history("result", id)] == [False, False]
        assert [(score.learner, score.results) for score in p.now().scores(course="6")] == [("Ada", 1)]
        assert p.verify().damage is None
        p.rebuild()
    with projector.open(":memory:") as q:
        q.replay([json.loads(line) for line in p.log_lines()], keep_recorded_at=True)
        assert (q.digest(), q.head_hash()) == (p.digest(), p.head_hash())


def test_an_identity_is_guessed_no_longer_once_an_event_carries_it_as_its_id(p: Projector) -> None:
    """As somebody may have sent back what this store once answered."""
    p.append(result("2024-03-01T10:00:00Z", user_uuid="Ada"))
    (guessed,) = p.now().all("result")
    kept_before(p, result("2024-04-01T10:00:00Z", id=guessed.id, user_uuid="Ada"))
    p.append(result("2024-05-01T10:00:00Z", verb="updated", user_uuid="Ada", score=1))
    days = ("2024-03-15", "2024-04-15", "2024-05-15")
    answers = [p.as_of(day).get("result", guessed.id) for day in days]
    assert [one and (one.guessed, one.continued_by) for one in answers] == [(True, None), (False, None), (False, None)]
    assert [one.guessed for one in p.history("result", guessed.id)] == [True, False, False]
    assert [[version.id for version in p.as_of(day).all("result")] for day in days] == [[guessed.id]] * 3
