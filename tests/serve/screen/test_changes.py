"""What changed, in words: each part with its old and new value, instants in the reader's zone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.fold.changes import changes
from projector.serve.screen.changes import changed_parts
from tests.builders import outcome, reported, scale
from tests.serve.shell import Shell, log_of

EARLY, LATER = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"


def rating(description: str = "Mastery", points: Any = 3, **more: Any) -> dict[str, Any]:
    """One rating of a scale."""
    return {"description": description, "points": points, "mastery": True, "color": "00AC18"} | more


def criterion(*points: Any, **more: Any) -> dict[str, Any]:
    """A criterion with ratings of these points."""
    ratings = [{"description": f"R{n}", "points": p} for n, p in enumerate(points)]
    return {"description": "C", "mastery_points": 3, "points_possible": 5, "ratings": ratings} | more


RATINGS, CRITERION = "outcome_proficiency_ratings", "rubric_criterion"


@pytest.mark.parametrize(
    ("member", "old", "new", "words"),
    [
        (RATINGS, [rating()], [rating(color="0B874B")], ['rating "Mastery": colour 00AC18 → 0B874B']),
        (RATINGS, [rating()], [rating(color=None)], ['rating "Mastery": colour 00AC18 → –']),
        (RATINGS, [rating()], [rating(points=2)], ["ratings: 3 Mastery ◄ → 2 Mastery ◄"]),
        (RATINGS, [rating()], [rating("Met", 3)], ["ratings: 3 Mastery ◄ → 3 Met ◄"]),
        (
            RATINGS,
            [rating()],
            [rating(mastery=False, new={"a": [1, 2]})],
            ["ratings: 3 Mastery ◄ → 3 Mastery", 'rating "Mastery": new – → {"a":[1,2]}'],
        ),
        (
            RATINGS,
            [rating()],
            [rating(), rating("Low", 0, mastery=False)],
            ["ratings: 3 Mastery ◄ → 3 Mastery ◄, 0 Low"],
        ),
        (RATINGS, [rating()], None, ["ratings: 3 Mastery ◄ → –"]),
        (RATINGS, [rating(mastery=None)], [rating(mastery=False)], ['rating "Mastery": mastery – → no']),
        (RATINGS, [rating(points="3")], [rating(points=3)], ['rating "Mastery": points "3" → 3']),
        (CRITERION, criterion(5, 2, 0), criterion(5, 1, 0), ['rating "R1": points 2 → 1']),
        (CRITERION, criterion(5, 2), criterion(5, 2, 0), ["rating: – → 0 R2"]),
        (CRITERION, criterion(5, 2), criterion(5), ["rating: 2 R1 → –"]),
        (CRITERION, criterion(5), criterion(5, mastery_points=4), ["criterion: mastery points 3 → 4"]),
        (CRITERION, criterion(5), criterion(5, description="D"), ["criterion: description C → D"]),
        (
            CRITERION,
            criterion(5),
            None,
            ['criterion: {"description":"C","mastery_points":3,"points_possible":5,"… → –'],
        ),
        ("new_one", {"a": {"b": 1}}, {"a": {"b": 2}, "c": 3}, ["new one: a: b 1 → 2", "new one: c – → 3"]),
        ("new_one", {"a": [1, 2]}, {"a": [1, 3]}, ["new one: a 2: 2 → 3"]),
        ("new_one", [1, 2], [1, 3, 4], ["new one 2: 2 → 3", "new one 3: – → 4"]),
        ("new_one", {"a": 1}, "text", ['new one: {"a":1} → text']),
        ("title", "5", 5, ['title: "5" → 5']),
        ("title", "", None, ['title: "" → null']),
        ("description", "<p>A</p>", "<b>A</b>", ['description: "<p>A</p>" → "<b>A</b>"']),
    ],
)
def test_each_part_that_changed_is_named(member: str, old: Any, new: Any, words: list[str]) -> None:
    """Old and new; what did not change is not."""
    assert [str(part) for part in changed_parts(member, old, new, "UTC")] == words


def test_long_texts_are_shown_where_they_differ() -> None:
    """Not their common beginning."""
    (part,) = changed_parts("title", "a" * 100 + "b" + "x" * 100, "a" * 100 + "c" + "x" * 100, "UTC")
    assert part.old.startswith("…aaaa")
    assert ("ab" in part.old, "ac" in part.new, max(map(len, part)) <= 60) == (True, True, True)


@pytest.mark.parametrize(
    ("zone", "shown"), [("UTC", "2024-03-01 10:00:00 UTC"), ("America/Denver", "2024-03-01 03:00:00 -07:00")]
)
@pytest.mark.parametrize("spelling", ["2024-03-01T10:00:00Z", "2024-03-01 02:00:00 -0800"])
def test_instants_inside_changes_are_in_the_readers_zone(zone: str, shown: str, spelling: str) -> None:
    """At any depth; what cannot be read is as it was sent."""
    assert [str(p) for p in changed_parts("assessed_at", None, spelling, zone)] == [f"assessed at: – → {shown}"]
    (part,) = changed_parts("new_one", {"a": [{"seen_at": "soon"}]}, {"a": [{"seen_at": spelling}]}, zone)
    assert str(part) == f"new one: a 1: seen at soon → {shown}"


def test_history_and_diff_name_parts_in_the_readers_zone(run: Shell, tmp_path: Path) -> None:
    """On the screens themselves."""
    before, after = scale(EARLY), scale(LATER)
    after["body"]["outcome_proficiency_ratings"][0]["color"] = "0B874B"
    result = {"id": "5", "learning_outcome_id": "7"}
    events = [
        before,
        after,
        outcome("Cells", EARLY, id="7", rubric_criterion=criterion(5, 2, 0)),
        outcome("Cells", LATER, id="7", rubric_criterion=criterion(5, 1, 0)),
        reported("learning_outcome_result_created", result | {"assessed_at": "2024-01-01T12:00:00Z"}, EARLY),
        reported("learning_outcome_result_updated", result | {"assessed_at": "2024-02-01T12:00:00Z"}, LATER),
    ]
    run("replay", log_of(tmp_path, *events))
    zone = "--tz America/Denver"
    for shown in (run(f"diff 2024-01-15 2024-02-15 {zone}").out, run(f"history result 5 {zone}").out):
        assert "2024-01-01 05:00:00 -07:00" in shown
        assert "2024-02-01 05:00:00 -07:00" in shown
    for ask in ("history scale 9", "diff 2024-01-15 2024-02-15 --kind scale"):
        assert 'rating "Step 1": colour' in run(ask).out
        assert "0B874B" in run(ask).out
    for ask in ("history outcome 7", "diff 2024-01-15 2024-02-15 --kind outcome"):
        assert 'rating "R1": points' in run(ask).out


def test_what_is_compared_with_is_no_assumption(run: Shell, tmp_path: Path) -> None:
    """The basis is that of the later side; the other one is said beside it."""
    run("replay", log_of(tmp_path, outcome("Cells", EARLY, id="7"), outcome("Cell", LATER, id="7")))
    for words in ("diff 2024-01-15 2024-02-15", "diff 2024-02-15 --known-at 2020-01-01 --known-at 2099-01-01"):
        assert run(words + " --json").err.count("\n") == 1
        assert '"assumed":[]' in run(words + " --json").err
        assert "assumed" not in run(words).err
    assert "Compared with 2024-01-15 23:59:59.999999 UTC, data recorded up to " in run("diff 2024-01-15 2024-02-15").err


LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b", "", "5", "2024-01-01T00:00:00Z", 2.5])
)
KEYS = st.sampled_from(["points", "description", "mastery", "color", "ratings", "seen_at", "other_id", "new"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(st.sampled_from([RATINGS, CRITERION, "new_one", "title", "seen_at"]), VALUES, VALUES)
def test_every_change_is_shown_with_what_was_and_what_is(member: str, old: Any, new: Any) -> None:
    """Whatever it is of: two sides that are seen to differ."""
    for name, (before, after) in changes({member: old}, {member: new}).items():
        parts = changed_parts(name, before, after, "UTC")
        assert parts
        assert all(part.old != part.new and len(part.old) <= 60 for part in parts if part.name != "ratings")
