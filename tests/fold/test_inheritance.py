"""The way up from a context, and what its steps make of the answer: from plain tables."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.inforce import KnownBy, Lineage
from projector.fold.inheritance import Above, climb, lineage_of

CONTEXTS = ["Course/1", "Account/1", "Account/2", "Account/3"]
KNOWN_BY: tuple[KnownBy, ...] = get_args(KnownBy)
above = st.builds(Above, context=st.sampled_from(CONTEXTS), known_by=st.sampled_from(KNOWN_BY))
trees = st.dictionaries(st.sampled_from(CONTEXTS), above)


@given(trees, st.sampled_from(CONTEXTS))
def test_a_climb_ends_in_any_graph(tree: dict[str, Above], start: str) -> None:
    """Each context is met once; the climb ends at one without another above it, or where a loop closes."""
    steps = list(climb(start, tree.get))
    met = [context for context, _ in steps]
    assert steps[0] == (start, "own")
    assert len(met) == len(set(met))
    for (lower, _), upper in pairwise(steps):
        assert upper == (tree[lower].context, tree[lower].known_by)
    last = tree.get(met[-1])
    assert last is None or last.context in met


@given(st.lists(st.sampled_from(KNOWN_BY), min_size=1), st.randoms(use_true_random=False))
def test_the_weakest_step_names_the_lineage(steps: list[KnownBy], random: Random) -> None:
    """In whatever order the steps are; where nothing was found it is unknown."""
    shuffled = steps[:]
    random.shuffle(shuffled)
    assert lineage_of(shuffled, True) == lineage_of(steps, True)
    assert lineage_of(steps, True) in steps
    assert lineage_of([*steps, *steps], True) == lineage_of(steps, True)
    assert lineage_of(steps, False) == lineage_of([], False) == "unknown"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, ["Course/1"]),
        ({"Course/1": "Course/1"}, ["Course/1"]),
        ({"Course/1": "Account/2", "Account/2": "Account/1"}, ["Course/1", "Account/2", "Account/1"]),
        ({"Course/1": "Account/2", "Account/2": "Account/3", "Account/3": "Account/2"}, CONTEXTS[:1] + CONTEXTS[2:]),
    ],
    ids=["alone", "above itself", "two accounts", "a loop"],
)
def test_the_way_up(tree: dict[str, str], expected: list[str]) -> None:
    """From a context to the top."""
    table = {lower: Above(context=upper, known_by="events") for lower, upper in tree.items()}
    assert [context for context, _ in climb("Course/1", table.get)] == expected


def test_nothing_is_looked_up_before_it_is_needed() -> None:
    """The first step needs nothing that is above it."""

    def refuse(context: str) -> Above | None:
        pytest.fail(f"what is above {context} was asked for")

    assert next(climb("Course/1", refuse)) == ("Course/1", "own")


@pytest.mark.parametrize(
    ("steps", "lineage"),
    [
        (["own"], "own"),
        (["own", "events", "events"], "events"),
        (["own", "events", "hint"], "hint"),
        (["own", "hint", "events"], "hint"),
        (["own", "given"], "given"),
    ],
)
def test_the_lineage_of_steps(steps: list[KnownBy], lineage: Lineage) -> None:
    """A hint on the way makes the answer one by a hint."""
    assert lineage_of(steps, True) == lineage
