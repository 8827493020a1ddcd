"""Who caused a version: what the metadata of its own event says."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from itertools import count
from typing import Any

from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector import By, Projector, Version
from tests.builders import HARBOR, Clock, Event, outcome, reported, result
from tests.naive import Known
from tests.strategies import SOME_TIMES, json_values, verbs

USER = "21070000000000012"
PLAIN = json_values.filter(lambda value: not isinstance(value, list | dict))  # those are refused
TEXTS = st.sampled_from(["ana.lima", "OutcomeImport#run", "", " ", None]) | PLAIN
WHO = st.fixed_dictionaries(
    {}, optional={"user_id": st.sampled_from([USER, 12, 12.0, "2107~12", 1.5]) | PLAIN, "user_login": TEXTS}
).flatmap(lambda who: st.fixed_dictionaries({}, optional={"job_tag": TEXTS}).map(lambda job: who | job))
BODIES = st.sampled_from(
    [
        {"learning_outcome_id": "5"},
        {"id": "5", "learning_outcome_id": "7"},
        {"learning_outcome_id": "7", "created_at": "2024-03-01T09:00:00Z", "user_uuid": "Ada"},
        {"learning_outcome_id": "7", "created_at": "2024-03-01T09:00:00Z", "user_uuid": "Ada", "id": "6"},
    ]
)
DROPPED = st.frozensets(st.sampled_from(["user_id", "user_login", "job_tag", "time_zone"]))


@st.composite
def events(draw: st.DrawFn) -> Event:
    """A report of an outcome or a result, with or without an id, and who caused it."""
    body = draw(BODIES)
    stem = "learning_outcome_result" if "id" in body or "user_uuid" in body else "learning_outcome"
    event = reported(f"{stem}_{draw(verbs)}", dict(body), draw(SOME_TIMES))
    event["metadata"] |= draw(WHO)
    return event


def numbered(log: list[Event]) -> list[Event]:
    """The same events, each with a member by which its versions are found again."""
    numbers = count()
    return [event | {"body": event["body"] | {"number": next(numbers)}} for event in log]


def same(version: Version, log: list[Event], dropped: frozenset[str]) -> None:
    """Check that a version says what the metadata of its event does."""
    assert asdict(version.by) == Known.by(log[version.state["number"]], dropped)
    assert version.by.to_dict() == Known.by(log[version.state["number"]], dropped)


@given(st.lists(events(), max_size=8), DROPPED)
def test_a_version_says_what_its_own_event_does(log: list[Event], dropped: frozenset[str]) -> None:
    """In histories, lists and alone; also where events share an instant, an id is guessed, and members were dropped."""
    log = numbered(log)
    with projector.open(":memory:", clock=Clock()) as p:
        p.replay(log, drop_metadata=dropped)
        now = p.now()
        for kind in ("outcome", "result"):
            listed = {version.id: version for version in now.all(kind, deleted=True)}
            for key in Known([(datetime.now(UTC), event) for event in log]).aggregates():
                if key[:2] != (HARBOR, kind):
                    continue
                alone, history = now.get(kind, key[2]), p.history(kind, key[2])
                assert alone is not None
                for version in (alone, *history):
                    same(version, log, dropped)
                assert history[-1].by == alone.by
                if key[2] in listed:
                    assert listed[key[2]].by == alone.by


@given(st.lists(events(), max_size=8), DROPPED)
def test_so_does_each_event_of_why(log: list[Event], dropped: frozenset[str]) -> None:
    """Whatever its verdict; and so does an event of the log."""
    log = numbered(log)
    with projector.open(":memory:", clock=Clock()) as p:
        p.replay(log, drop_metadata=dropped)
        for event in p.events():
            assert asdict(event.by) == Known.by(log[event.body["number"]], dropped)
            (shape,) = [
                one
                for one in p.as_of("2024-03-01").why(event.kind, event.id).to_dict()["events"]
                if one["digest"] == event.digest
            ]
            assert shape["by"] == Known.by(log[event.body["number"]], dropped)


def test_two_events_of_one_instant(p: Projector) -> None:
    """The version that was superseded at its own instant has its own user, too."""
    first, second = outcome("Cells", verb="created", id="5"), outcome("Cell biology", id="5")
    first["metadata"] |= {"user_id": USER, "user_login": "ana.lima"}
    second["metadata"] |= {"job_tag": "OutcomeImport#run"}
    p.append([second, first])
    assert [version.by for version in p.history("outcome", "5")] == [
        By(user_id=USER, user_login="ana.lima"),
        By(job_tag="OutcomeImport#run"),
    ]


def test_a_guessed_result(p: Projector) -> None:
    """And the one that continues it."""
    guessed = result(user_uuid="Ada")
    guessed["metadata"] |= {"job_tag": "Quizzes::SubmissionGrader#update_outcomes"}
    continuing = reported("learning_outcome_result_updated", guessed["body"] | {"id": "5"}, "2024-04-01T00:00:00Z")
    continuing["metadata"] |= {"user_id": 12}
    p.append([guessed, continuing])
    (one,) = p.as_of("2024-03-02").all("result")
    assert (one.guessed, one.by.job_tag) == (True, "Quizzes::SubmissionGrader#update_outcomes")
    assert [version.by for version in p.now().all("result")] == [By(user_id="12")]


def test_a_raw_stream_has_attributes(p: Projector) -> None:
    """They are its metadata."""
    event = outcome("Cells", id="5")
    p.append({"attributes": event["metadata"] | {"user_login": "ana.lima"}, "body": event["body"]})
    assert p.history("outcome", "5")[0].by == By(user_login="ana.lima")


def test_the_shape_of_a_history_has_it_and_no_other_shape(p: Projector) -> None:
    """Beside the changes; a version that was shown or listed says it in Python only."""
    event = outcome("Cells", id="5")
    event["metadata"] |= {"user_id": 12, "user_login": None}
    p.append(event)
    (version,) = p.history("outcome", "5")
    shape: dict[str, Any] = version.to_dict()
    assert [*shape][-2:] == ["changes", "by"]
    assert json.dumps(shape["by"]) == '{"user_id": "12", "user_login": null, "job_tag": null}'
    for other in (p.now().get("outcome", "5"), *p.now().all("outcome")):
        assert other is not None
        assert "by" not in other.to_dict()
        assert other.by == version.by


def test_a_history_that_was_kept_elsewhere(p: Projector) -> None:
    """Also after its store is closed."""
    event = outcome("Cells", id="5")
    event["metadata"] |= {"user_id": USER}
    p.append(event)
    kept = pickle.dumps(p.history("outcome", "5"))
    p.close()
    assert pickle.loads(kept)[0].by == By(user_id=USER)
