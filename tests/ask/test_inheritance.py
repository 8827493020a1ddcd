"""Which scale counted where and when: a story in the worst order, and random trees against plain recomputation."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from tests.builders import Clock, Event, outcome, reported, scale
from tests.conftest import FIXTURES, Stores
from tests.naive import canonical

STORY = FIXTURES / "scenarios" / "scale-through-the-year.jsonl"
QUESTIONS = json.loads(STORY.with_suffix(".expected.json").read_text())


@pytest.fixture(scope="module")
def story(store: Stores) -> Any:
    """The story, with the times at which its news came."""
    with store() as p:
        p.replay(STORY, keep_recorded_at=True)
        yield p


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q['context']}-{q['as_of']}-{q['known_at']}")
def test_the_story_of_a_year(story: projector.Projector, question: dict[str, Any]) -> None:
    """Defined, changed, deleted, restored, moved; asked by what was known when."""
    answer = story.as_of(question["as_of"], known_at=question["known_at"]).scale_in_force(question["context"])
    found = answer.version.id if answer.version else None
    assert (answer.found_at, found, answer.lineage) == (question["found_at"], question["scale"], question["lineage"])
    assert answer.chain[0].context == question["context"]
    assert [step.found for step in answer.chain if step.found] == ([found] if found else [])


def test_enough_is_asked() -> None:
    """At least 25 questions."""
    assert len(QUESTIONS) >= 25


def test_the_answer_names_its_way(story: projector.Projector) -> None:
    """Every context that was asked, how it was reached, and the hints used."""
    answer = story.as_of("2024-05-02").scale_in_force("Course/202")
    assert [(step.context, step.known_by, step.found) for step in answer.chain] == [
        ("Course/202", "own", None),
        ("Account/10", "hint", None),
        ("Account/1", "events", "1"),
    ]
    assert answer.basis.assumed == (
        "account_level_mastery_scales=on (default)",
        "Account/10 above Course/202 (hint)",
    )
    assert answer.scale is not None
    assert answer.scale.mastery_points == 3.0


def test_a_given_lineage_overrides_all(story: projector.Projector) -> None:
    """Nearest first; one that loops is refused."""
    view = story.as_of("2024-04-15")
    assert view.scale_in_force("Course/101", lineage="Course/101,Account/10").found_at == "Account/10"
    given = view.scale_in_force("Course/101", lineage=["Course/101", "Account/1"])
    assert (given.found_at, given.lineage) == ("Account/1", "given")
    for loop in ("Course/101,Account/1,Course/101", "", "Account", "Account/1,,Account/2"):
        with pytest.raises(projector.BadQuestion):
            view.scale_in_force("Course/101", lineage=loop)


def test_the_method_is_found_on_its_own(p: projector.Projector) -> None:
    """A course may have its own method and its account's scale."""
    method = {
        "outcome_calculation_method_id": "3",
        "context_type": "Course",
        "context_id": "5",
        "calculation_method": "latest",
    }
    p.append([scale("2024-01-01T00:00:00Z"), reported("outcome_calculation_method_created", method)])
    view = p.now()
    assert view.scale_in_force("Course/5").found_at == "Account/1"
    assert view.method_in_force("Course/5").found_at == "Course/5"
    assert view.method_in_force("Course/5").method.calculation_method == "latest"  # type: ignore[union-attr]


def test_a_tree_that_loops_is_climbed_once(p: projector.Projector) -> None:
    """Delivery may show a temporary cycle."""
    for account, parent in (("7", "8"), ("8", "7")):
        p.append(reported("account_created", {"account_id": account, "parent_account_id": parent}))
    answer = p.now().scale_in_force("Account/7")
    assert [step.context for step in answer.chain] == ["Account/7", "Account/8"]
    assert answer.lineage == "unknown"


def test_which_scale_judged_an_outcome(p: projector.Projector) -> None:
    """The one in force in its context, or where it was taught, else its own criterion; the same shape."""
    criterion = {
        "mastery_points": 3,
        "ratings": [{"description": "Yes", "points": 5}, {"description": "Meets", "points": 3}],
    }
    own = outcome("Cells", "2024-01-01T00:00:00Z", context_type="Account", context_id="10", rubric_criterion=criterion)
    p.append(
        [
            own,
            scale("2024-02-01T00:00:00Z"),
            scale("2024-03-01T00:00:00Z", context="Course/5", outcome_proficiency_id="50"),
        ]
    )
    before = p.as_of("2024-01-15").scale_in_force(outcome="12345")
    assert (before.found_at, before.context, before.lineage) == ("outcome", "Account/10", "unknown")
    assert [(r.points, r.mastery) for r in before.scale.outcome_proficiency_ratings] == [(5, False), (3, True)]  # type: ignore[union-attr]
    assert before.version.kind == "outcome"  # type: ignore[union-attr]
    assert p.as_of("2024-02-15").scale_in_force(outcome=12345).found_at == "Account/1"
    assert p.now().scale_in_force(outcome="12345", within="Course/5").version.id == "50"  # type: ignore[union-attr]
    assert p.as_of("2023-01-01").scale_in_force(outcome="12345").because == "first heard of later"
    assert p.now().method_in_force(outcome="12345").method.calculation_method == "highest"  # type: ignore[union-attr]
    with pytest.raises(projector.BadQuestion):
        p.now().scale_in_force("Account/1", outcome="12345")


def test_settings_count_as_of_the_instant(p: projector.Projector) -> None:
    """Switched off, every outcome counts by its own; the digest knows nothing of it."""
    p.append(
        [
            scale("2024-01-01T00:00:00Z"),
            outcome("Cells", "2024-01-01T00:00:00Z", rubric_criterion={"ratings": [{"points": 1}]}),
        ]
    )
    digest, view = p.digest(), p.now()
    p.set("account_level_mastery_scales", "off", "2024-02-01")
    p.set("account_level_mastery_scales", True, "2024-03-01")
    assert p.as_of("2024-01-31").scale_in_force("Account/1").found_at == "Account/1"
    off = p.as_of("2024-02-15").scale_in_force("Account/1")
    assert (off.version, off.because, off.chain) == (None, "switched off", ())
    assert off.basis.assumed == ("account_level_mastery_scales=off (set from 2024-02-01T00:00:00.000000Z)",)
    assert p.as_of("2024-02-15").scale_in_force(outcome="12345").found_at == "outcome"
    assert p.now().scale_in_force("Account/1").found_at == "Account/1"
    assert view.scale_in_force("Account/1").basis.assumed == ("account_level_mastery_scales=on (default)",)
    assert p.digest() == digest
    for name, value in (("colour", "on"), ("account_level_mastery_scales", "perhaps")):
        with pytest.raises(projector.BadQuestion):
            p.set(name, value)


ACCOUNTS = ["1", "2", "3", "4"]
DAYS = [f"2024-01-{day:02}T00:00:00Z" for day in range(1, 9)]


@st.composite
def tree_events(draw: st.DrawFn) -> Event:
    """A move of an account or a course, or news of a scale."""
    at, what = draw(st.sampled_from(DAYS)), draw(st.sampled_from(["account", "course", "scale"]))
    if what == "scale":
        context = draw(st.sampled_from([*(f"Account/{a}" for a in ACCOUNTS), "Course/5", "Course/6"]))
        id = draw(st.sampled_from(["1", "2", "3"]))
        state = draw(st.sampled_from(["active", "deleted"]))
        return scale(at, context=context, outcome_proficiency_id=f"{context[-1]}{id}", workflow_state=state)
    parent = draw(st.sampled_from([*ACCOUNTS, None]))
    if what == "account":
        return reported(
            "account_updated", {"account_id": draw(st.sampled_from(ACCOUNTS)), "parent_account_id": parent}, at
        )
    hint = {
        "context_type": "Course",
        "context_id": "21070000000000006",
        "context_account_id": f"2107000000000000{parent}",
    }
    if parent is not None and draw(st.booleans()):
        return reported("learning_outcome_updated", {"learning_outcome_id": "9"}, at, **hint)
    return reported("course_updated", {"course_id": draw(st.sampled_from(["5", "6"])), "account_id": parent}, at)


def naive_answer(received: list[Event], place: str, as_of: datetime) -> str | None:
    """Where the scale in force is defined, by going through every event for every question."""

    def last(of: Any) -> Event | None:
        known = [e for e in received if datetime.fromisoformat(e["metadata"]["event_time"]) <= as_of and of(e)]
        best = None
        for event in known:
            if best is None or rank(event) >= rank(best):
                best = event
        return best

    def rank(event: Event) -> tuple[str, bytes]:
        return event["metadata"]["event_time"], sha256(canonical(event)).digest()

    def above(place: str) -> str | None:
        kind, id = place.split("/")
        event = last(
            lambda e: e["body"].get(f"{kind.lower()}_id") == id and e["metadata"]["event_name"].startswith(kind.lower())
        )
        field = "account_id" if kind == "Course" else "parent_account_id"
        if event is not None and event["body"][field] is not None:
            return f"Account/{event['body'][field]}"
        if kind == "Account" and event is not None:
            return None
        if kind == "Course":
            page = last(lambda e: e["metadata"].get("context_id") == f"210700000000000{int(id):02}")
            if page is not None:
                return f"Account/{int(page['metadata']['context_account_id']) % 10**13}"
        return "Account/1" if place != "Account/1" else None

    seen: list[str] = []
    while place is not None and place not in seen:
        seen.append(place)
        type, id = place.split("/")
        for scale_id in {e["body"].get("outcome_proficiency_id") for e in received} - {None}:
            event = last(lambda e, s=scale_id: e["body"].get("outcome_proficiency_id") == s)
            body = event["body"] if event else {}
            if [body.get(m) for m in ("workflow_state", "context_type", "context_id")] == ["active", type, id]:
                return place
        place = above(place)  # type: ignore[assignment]
    return None


@given(st.lists(tree_events(), max_size=14), st.sampled_from(DAYS), st.integers(1, 4))
def test_random_trees_answer_as_the_plain_recomputation(
    store: Stores, events: list[Event], day: str, size: int
) -> None:
    """Moves, deletions, hints and loops, in any batches, at any instant and known time."""
    with store(clock=Clock()) as p:
        knowns: list[tuple[Any, list[Event]]] = []
        for start in range(0, len(events), size):
            p.append(events[start : start + size])
            knowns.append((p.now().known_at, events[: start + size]))
        for known_at, received in knowns[-2:]:
            view = p.as_of(day, known_at=known_at)
            moment = datetime.fromisoformat(day)
            for place in ("Course/5", "Course/6", *(f"Account/{a}" for a in ACCOUNTS)):
                assert view.scale_in_force(place).found_at == naive_answer(received, place, moment), place
