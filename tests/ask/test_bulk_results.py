"""Results that one bulk job made: they share their outcome and their time of creation, and many have no id."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector import Projector
from projector.domain.instants import to_datetime
from tests.bench.bulk import RESULTS
from tests.builders import HARBOR, Clock, Event, outcome, result
from tests.conftest import Stores
from tests.counting import Counting, counting
from tests.naive import Known

__all__ = ["counting"]

DAYS = ("2024-03-01T10:00:00Z", "2024-03-01T04:00:00-06:00", "2024-03-02T00:00:00Z", "2024-04-01 02:30:00 -0800")

rows = st.fixed_dictionaries(
    {"artifact_type": st.sampled_from(["RubricAssessment", "Quizzes::QuizSubmission"])},
    optional={
        "id": st.sampled_from(["1", 2, "g2-own", "g1-" + "0" * 31, " "]),
        "user_uuid": st.sampled_from(["Ada", "Ben", "Cyd"]),
        "title": st.sampled_from(["Ada, quiz", "Ben, quiz", None]),
        "associated_asset_id": st.sampled_from(["56", 57]),
        "workflow_state": st.just("deleted"),
    },
)
jobs = st.lists(st.tuples(rows, st.sampled_from(DAYS)), min_size=5, max_size=24)


def known_to(p: Projector) -> Known:
    """The same log, for the plain recomputation."""
    recorded = [to_datetime(b.recorded_at) for b in p.store.log.batches() for _ in range(b.first, b.last + 1)]
    return Known(list(zip(recorded, map(json.loads, p.log_lines()), strict=True)))


@given(jobs, st.integers(1, 9), st.sampled_from([None, *DAYS]))
def test_many_rows_of_one_time_are_as_plainly_recomputed(store: Stores, job: Any, size: int, day: str | None) -> None:
    """Lists, single answers and histories: which are guessed, by what they are continued, and who counts."""
    reports = [result(at, verb="updated", **row) for row, at in job]
    with store(clock=Clock()) as p:
        for first in range(0, len(reports), size):
            p.append(reports[first : first + size])
        known, view = known_to(p), p.as_of(day)
        expected = known.continuations(HARBOR, view.as_of, None)
        standing = {id: state for (_, _, id), state in known.standing(view.as_of, None).items()}
        listed = {version.id: version.guessed for version in view.all("result", deleted=True)}
        assert set(listed) == {id for id in standing if expected.get(id) is None}
        for id, state in standing.items():
            version = view.get("result", id)
            assert version is not None
            assert (version.state, bool(version.guessed)) == (state, id in expected)
            assert version.continued_by == expected.get(id)
            assert listed.get(id, version.guessed) == version.guessed
        counted = {s.learner: s.results for s in view.scores()}
        assert counted.keys() <= {standing[id].get("user_uuid") for id in listed}


@given(jobs)
def test_a_history_says_of_each_version_what_continued_it_then(store: Stores, job: Any) -> None:
    """At the last moment of each version."""
    with store(clock=Clock()) as p:
        p.append([result(at, verb="updated", **row) for row, at in job])
        known = known_to(p)
        for _, _, id in known.aggregates():
            for version in p.history("result", id):
                end = None if version.valid_to is None else version.valid_to - timedelta(microseconds=1)
                then = end if end is None else max(end, version.valid_from)
                expected = known.continuations(HARBOR, then, None)
                assert bool(version.guessed) == (id in expected)
                assert version.continued_by == expected.get(id)


QUESTIONS: dict[str, Callable[[Projector, str], object]] = {
    "list": lambda p, _: list(p.now().all("result")),
    "list of an earlier day": lambda p, _: list(p.as_of("2024-03-15").all("result")),
    "list as first known": lambda p, _: list(p.now(known_at="2026-01-01T00:00:01Z").all("result")),
    "scores": lambda p, _: list(p.now().scores()),
    "summaries": lambda p, _: p.now().summaries(),
    "digest": lambda p, _: p.digest(),
}
SINGLE: dict[str, Callable[[Projector, str], object]] = {
    "show": lambda p, id: p.now().get("result", id),
    "show of the first day": lambda p, id: p.as_of("2024-03-02").get("result", id),
    "history": lambda p, id: p.history("result", id),
}


def in_batches(p: Projector, events: Iterator[Event]) -> str:
    """One of the results that were appended."""
    p.append(outcome("Cells", id="311"))
    kept = list(events)
    for first in range(0, len(kept), 50):
        p.append(kept[first : first + 50])
    ids = [version.id for version in p.as_of("2024-03-02").all("result")]
    return ids[len(ids) // 2]


def works(store: Stores, counting: Counting, shape: str, ask: Callable[[Projector, str], object]) -> list[int]:
    """The work of a question to 100 results of a job, and to 200."""
    found = []
    for count in (100, 200):
        with store(clock=Clock()) as p:
            one = in_batches(p, RESULTS[shape](count))
            ask(p, one)  # what is looked up once in a store's life was looked up
            found.append(counting.work(lambda p=p, one=one: ask(p, one)))  # type: ignore[misc]
    return found


@pytest.mark.parametrize("shape", RESULTS)
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.slow
def test_twice_the_results_are_about_twice_the_work(
    store: Stores, counting: Counting, shape: str, question: str
) -> None:
    """However many share their time of creation."""
    once, twice = works(store, counting, shape, QUESTIONS[question])
    assert twice < 2.3 * once


@pytest.mark.parametrize("shape", RESULTS)
@pytest.mark.parametrize("question", SINGLE)
def test_a_single_result_costs_the_same_among_many(
    store: Stores, counting: Counting, shape: str, question: str
) -> None:
    """However many share its time of creation."""
    once, twice = works(store, counting, shape, SINGLE[question])
    assert twice < 1.3 * once


@pytest.mark.parametrize("shape", ["g1", "g2"])
def test_a_result_that_was_regraded_often_has_a_history_in_proportion(
    store: Stores, counting: Counting, shape: str
) -> None:
    """Also one without an id, of which each version says what continued it."""
    who = {"user_uuid": "Ada"} if shape == "g2" else {}
    found = []
    for count in (50, 100):
        with store(clock=Clock()) as p:
            p.append([result(f"2024-03-01T10:{n // 60:02}:{n % 60:02}Z", verb="updated", **who) for n in range(count)])
            (one,) = p.now().all("result")
            found.append(counting.work(lambda p=p, one=one: p.history("result", one.id)))  # type: ignore[misc]
    assert found[1] < 2.3 * found[0]
