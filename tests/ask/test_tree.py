"""The tree as of a day: everything is shown once, and what hangs nowhere is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.domain.tree import TreeGroup
from projector.fold.tree import GroupState, LinkState, grow
from tests.builders import Event, outcome, reported

Projector = projector.Projector


def group(id: str, parent: str | None = None, at: str = "2024-03-01T10:00:00Z", **body: Any) -> Event:
    """A group of Account/1."""
    known = {"learning_outcome_group_id": id, "parent_outcome_group_id": parent, "title": f"G{id}"}
    return reported("learning_outcome_group_updated", known | {"context_type": "Account", "context_id": "1"} | body, at)


def link(id: str, of: str, into: str, at: str = "2024-03-01T10:00:00Z", **body: Any) -> Event:
    """A link of Account/1."""
    known = {"learning_outcome_link_id": id, "learning_outcome_id": of, "learning_outcome_group_id": into}
    return reported("learning_outcome_link_updated", known | {"context_type": "Account", "context_id": "1"} | body, at)


def drawn(p: Projector, as_of: str | None = None, context: str = "Account/1") -> tuple[Any, list[Any]]:
    """Roots as nested (id, [outcomes], [groups]), and problems as (kind, id, problem, missing)."""

    def shape(group: TreeGroup) -> Any:
        return group.id, [(o.id, o.title) for o in group.outcomes], [shape(below) for below in group.groups]

    tree = p.as_of(as_of).tree(context)
    return [shape(root) for root in tree.roots], [(q.kind, q.id, q.problem, q.missing) for q in tree.problems]


def test_groups_by_parent_and_outcomes_by_link(p: Projector) -> None:
    """Each list by id as text, titles as they were that day."""
    p.append([group("1"), group("10", "1"), group("2", "1"), link("5", "7", "10"), link("6", "8", "10")])
    p.append([outcome("Seven", "2024-01-01T00:00:00Z", id="7"), outcome("Eight", "2024-01-01T00:00:00Z", id="8")])
    p.append(outcome("Renamed", "2024-04-01T00:00:00Z", id="7"))
    assert drawn(p, "2024-03-15") == ([("1", [], [("10", [("7", "Seven"), ("8", "Eight")], []), ("2", [], [])])], [])
    assert drawn(p)[0][0][2][0][1] == [("7", "Renamed"), ("8", "Eight")]
    assert drawn(p, "2024-01-01") == ([], [])
    assert drawn(p, context="Course/1") == ([], [])


def test_a_deleted_outcome_takes_its_links_along_and_brings_them_back(p: Projector) -> None:
    """No link event tells of it."""
    p.append([group("1"), link("5", "7", "1"), outcome("Seven", "2024-01-01T00:00:00Z", id="7")])
    p.append(outcome("Seven", "2024-04-01T00:00:00Z", id="7", workflow_state="deleted"))
    p.append(outcome("Seven", "2024-05-01T00:00:00Z", id="7"))
    assert [drawn(p, day) for day in ("2024-03-15", "2024-04-15", "2024-05-15")] == [
        ([("1", [("7", "Seven")], [])], []),
        ([("1", [], [])], []),
        ([("1", [("7", "Seven")], [])], []),
    ]
    assert p.as_of("2024-04-15").get("link", "5").status == "active"  # type: ignore[union-attr]


def test_what_lies_below_a_deleted_group_goes_with_it(p: Projector) -> None:
    """Groups and links, though nothing was said of them."""
    p.append([group("1"), group("2", "1", workflow_state="deleted"), group("3", "2"), link("5", "7", "3")])
    assert drawn(p) == ([("1", [], [])], [])


def test_moves_are_by_parent_and_group_as_of_the_day(p: Projector) -> None:
    """A group to another parent, a link to another group."""
    p.append([group("1"), group("2", "1"), group("3", "1"), link("5", "7", "2"), outcome("Seven", id="7")])
    p.append([group("3", "2", "2024-04-01T00:00:00Z"), link("5", "7", "3", "2024-05-01T00:00:00Z")])
    assert drawn(p, "2024-03-15")[0] == [("1", [], [("2", [("7", "Seven")], []), ("3", [], [])])]
    assert drawn(p, "2024-04-15")[0] == [("1", [], [("2", [("7", "Seven")], [("3", [], [])])])]
    assert drawn(p)[0] == [("1", [], [("2", [], [("3", [("7", "Seven")], [])])])]


def test_what_hangs_nowhere_is_a_problem(p: Projector) -> None:
    """Unknown parents, loops, a group that is its own parent, links to nothing."""
    p.append([group("1"), group("2", "99"), group("3", "4"), group("4", "3"), group("6", "6"), group("7", "4")])
    p.append([link("50", "70", "1"), link("51", "71", "88"), outcome("Known", id="71"), link("52", "72", "2")])
    roots, problems = drawn(p)
    assert roots == [
        ("1", [("70", None)], []),
        ("2", [("72", None)], []),
        ("3", [], [("4", [], [("7", [], [])])]),
        ("6", [], []),
    ]
    assert problems == [
        ("group", "2", "unknown parent", "99"),
        ("group", "3", "cycle", None),
        ("group", "6", "cycle", None),
        ("link", "50", "unknown outcome", "70"),
        ("link", "51", "unknown group", "88"),
        ("link", "52", "unknown outcome", "72"),
    ]


def test_an_outcome_of_the_account_above_has_its_title(p: Projector) -> None:
    """A course links what its account owns."""
    p.append(outcome("Owned above", id="7", context_type="Account", context_id="1"))
    p.append(group("1", context_type="Course", context_id="5"))
    p.append(link("5", "7", "1", context_type="Course", context_id="21070000000000005"))
    assert drawn(p, context="Course/5") == ([("1", [("7", "Owned above")], [])], [])


def test_a_group_that_moved_to_another_context_is_there_and_no_longer_here(p: Projector) -> None:
    """Though Canvas does not let it."""
    p.append([group("1"), group("2", "1"), group("3")])
    p.append(group("2", "9", "2024-04-01T00:00:00Z", context_type="Course", context_id="5"))
    p.append(group("9", None, "2024-04-01T00:00:00Z", context_type="Course", context_id="5"))
    assert drawn(p, "2024-03-15")[0] == [("1", [], [("2", [], [])]), ("3", [], [])]
    assert drawn(p)[0] == [("1", [], []), ("3", [], [])]
    assert drawn(p, context="Course/5")[0] == [("9", [], [("2", [], [])])]


@pytest.mark.parametrize("zero", [0, "0", 0.0])
@pytest.mark.parametrize("first", [1, "1", "21070000000000001"])
def test_a_context_may_have_the_id_0(p: Projector, zero: Any, first: Any) -> None:
    """Also for what moved there from another one, however the ids are spelled."""
    p.append([group("1", context_id=first), group("2", context_id=zero), outcome("Seven", id="7")])
    p.append([group("1", None, "2024-04-01T10:00:00Z", context_id=zero), group("3", "1", context_id=zero)])
    p.append([link("5", "7", "1", context_id=first), link("5", "7", "3", "2024-04-01T10:00:00Z", context_id=zero)])
    assert drawn(p, "2024-03-15", "Account/1") == ([("1", [("7", "Seven")], [])], [])
    roots, problems = drawn(p, None, "Account/0")
    assert roots == [("1", [], [("3", [("7", "Seven")], [])]), ("2", [], [])]
    assert problems == []
    assert drawn(p, None, "Account/1") == ([], [])


@pytest.mark.parametrize("elsewhere", [{"context_id": "2"}, {"context_type": "Course", "context_id": 9}])
def test_a_link_into_a_group_of_another_context_says_so(p: Projector, elsewhere: dict[str, Any]) -> None:
    """That group is known; one that no event tells of is not."""
    p.append([group("1"), group("2", **elsewhere), outcome("Seven", id="7")])
    p.append([link("5", "7", "2"), link("6", "7", "404"), link("8", "7", "1")])
    assert drawn(p) == (
        [("1", [("7", "Seven")], [])],
        [("link", "5", "group in another context", None), ("link", "6", "unknown group", "404")],
    )


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        (5, "5"),
        (5.0, "5"),
        (4.5, "4.5"),
        (True, "True"),
        (10**30, str(10**30)),
        (-0.0, "0"),
        ("5.0", "5.0"),
        (None, None),
    ],
)
def test_a_title_is_text_by_whichever_way_it_is_found(p: Projector, sent: Any, title: str | None) -> None:
    """In the context, moved there, and looked up in the account above: as the typed outcome has it."""
    account = {"context_type": "Account", "context_id": "9"}
    p.append(
        [
            group("1", title=sent),
            group("2", title=sent, **account),
            group("2", None, "2024-04-01T10:00:00Z", title=sent),
        ]
    )
    here = {"context_type": "Account", "context_id": "1"}
    p.append([outcome(sent, id="7", **here), outcome(sent, id="8", **account)])
    p.append([link("5", "7", "1"), link("6", "8", "2")])
    tree = p.now().tree("Account/1")
    assert [root.title for root in tree.roots] == [title, title]
    assert [found.title for root in tree.roots for found in root.outcomes] == [title, title]
    assert [getattr(p.now().outcome(id), "title", None) for id in ("7", "8")] == [title, title]


@pytest.mark.parametrize(("sent", "status"), [(5, "5"), (5.0, "5"), (True, "True"), (0, "0"), ("", "active")])
def test_a_status_is_text_by_whichever_way_it_is_found(p: Projector, sent: Any, status: str) -> None:
    """In the context, moved there, and asked for by itself."""
    p.append([group("1", workflow_state=sent), group("2", context_id="9")])
    p.append(group("2", None, "2024-04-01T10:00:00Z", workflow_state=sent))
    assert [root.status for root in p.now().tree("Account/1").roots] == [status, status]
    assert [getattr(p.now().get("group", id), "status", None) for id in ("1", "2")] == [status, status]


@pytest.mark.parametrize("title", ["Seven", ""])
def test_an_outcome_may_call_its_own_status_unknown(p: Projector, title: str) -> None:
    """Events tell of it, so it is no problem."""
    p.append([group("1"), outcome(title, id="7", workflow_state="unknown"), link("5", "7", "1"), link("6", "8", "1")])
    assert drawn(p)[1] == [("link", "6", "unknown outcome", "8")]


@pytest.mark.parametrize("status", ["archived", "retired", "active"])
def test_an_outcome_in_a_tree_has_its_status(p: Projector, status: str) -> None:
    """Of its own context, and of the account above."""
    p.append([group("1"), outcome("Seven", id="7", workflow_state=status, context_type="Account", context_id=1)])
    p.append(
        [outcome("Eight", id="8", workflow_state=status), link("5", "7", "1"), link("6", "8", "1"), link("9", "9", "1")]
    )
    (root,) = p.now().tree("Account/1").roots
    assert [found.status for found in root.outcomes] == [status, status, "unknown"]


def test_a_tree_follows_its_institution_when_its_name_becomes_known_later(p: Projector) -> None:
    """And a view that was made before keeps it where it was."""
    homeless = group("1")
    homeless["metadata"].pop("root_account_uuid")
    p.append(homeless)
    view = p.now()
    p.append(group("2", "1"))
    assert drawn(p)[0] == [("1", [], [("2", [], [])])]
    assert [root.id for root in view.tree("Account/1").roots] == ["1"]


def test_a_deep_tree_is_no_trouble() -> None:
    """Deeper than any stack."""
    groups: dict[str, GroupState] = {str(n): (None, "active", str(n - 1) if n else None) for n in range(5000)}
    (root,), problems = grow(groups, {}, {}, lambda id: False)
    assert problems == ()
    depth, group_ = 0, root
    while group_.groups:
        (group_,) = group_.groups
        depth += 1
    assert depth == 4999


states = st.sampled_from(["active", "archived", "deleted"])
some_ids = st.sampled_from(list("abcdef"))
group_states = st.tuples(st.none(), states, st.none() | some_ids | st.just("z"))
link_states = st.tuples(states, st.none() | some_ids, st.sampled_from(["o", "p", "x"]))


@given(st.dictionaries(some_ids, group_states), st.dictionaries(st.sampled_from(list("1234")), link_states))
def test_nothing_is_lost_and_nothing_loops(groups: dict[str, GroupState], links: dict[str, LinkState]) -> None:
    """Every group that is not deleted, nor below a deleted one, is there once; every link is there or is a problem."""
    outcomes = {"o": ("active", "O"), "p": ("deleted", "P")}
    roots, problems = grow(groups, links, outcomes, lambda id: False)
    shown: list[str] = []
    hung: list[str] = []
    waiting = list(roots)
    while waiting:
        group_ = waiting.pop()
        shown.append(group_.id)
        hung += [o.link_id for o in group_.outcomes]
        waiting += group_.groups

    def gone(id: str | None) -> bool:
        seen: set[str] = set()
        while id in groups and id not in seen:
            seen.add(id)
            if groups[id][1] == "deleted":
                return True
            id = groups[id][2]
        return False

    assert sorted(shown) == sorted(id for id in groups if not gone(id))
    alive = {id for id, ln in links.items() if ln[0] != "deleted" and ln[2] != "p" and not gone(ln[1])}
    lost = {q.id for q in problems if q.problem == "unknown group"}
    assert len(hung) == len(set(hung))
    assert set(hung) | lost == alive
    assert not set(hung) & lost
