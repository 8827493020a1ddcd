"""What an event says, read from its metadata and body alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.catalogue import CATALOGUE, KINDS, NAMES_OF, Kind
from projector.domain.events import Row, TreePart
from projector.domain.facts import (
    NoIdentity,
    account_above,
    asset_of,
    carries_id,
    context_of,
    event_kept,
    has_title,
    part_of,
    result_facts,
    row_of,
    status_of,
    submission_said,
    unread_submission,
    unread_update,
    with_title_of,
)
from projector.domain.instants import instant_of
from tests.builders import ROOT, Event, mark, outcome, received, reported, result
from tests.naive import Known
from tests.strategies import events, json_values

CREATED = "2024-03-01T09:00:00Z"
plain_values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()  # all that is taken
bodies = st.dictionaries(
    st.sampled_from(sorted({name for entry in CATALOGUE for name in entry.members})), plain_values, max_size=8
)


# identity


@given(events)
def test_the_identity_is_that_of_the_plain_recomputation(event: Event) -> None:
    """Kind and id, with the shards of the event's own root account."""
    known = Known([(datetime.now(UTC), event)])
    tenant, kind, id = known.key(event)
    live = received(event)
    assert (live.kind, live.own_id(known.shards(tenant))) == (kind, id)
    assert tenant in (live.uuid, live.root_account)


@given(events)
def test_an_event_reads_the_same_from_the_log(event: Event) -> None:
    """Whatever it says, from the bytes that are kept."""
    live = received(event)
    assert event_kept(live.packed) == live


@pytest.mark.parametrize(
    ("event", "missing"),
    [
        (outcome("A", id=None), "no id: body.learning_outcome_id"),
        (outcome("A", id=" "), "no id: body.learning_outcome_id"),
        (outcome("A", id=True), "no id: body.learning_outcome_id"),
        (reported("course_created", {}), "no id: body.course_id"),
        (result(created_at="soon"), "no id: body.id, nor learning_outcome_id and a readable created_at"),
        (result(learning_outcome_id=None), "no id: body.id, nor learning_outcome_id and a readable created_at"),
        (
            reported("course_created", {"course_id": "5"}, root_account_uuid=None, root_account_id=None),
            "no tenant: neither root_account_uuid nor root_account_id",
        ),
    ],
)
def test_an_event_without_an_identity_says_what_is_missing(event: Event, missing: str) -> None:
    """Institution or id."""
    with pytest.raises(NoIdentity) as refused:
        received(event)
    assert str(refused.value).startswith(missing)


@pytest.mark.parametrize(
    ("uuid", "root", "found"),
    [
        ("Ab", None, ("Ab", None)),
        (None, 21070000000000001, (None, ROOT)),
        (" ", "2107~1", (None, ROOT)),
        ("Ab", True, ("Ab", None)),
        ("Ab", 1, ("Ab", "1")),
    ],
)
def test_an_institution_is_named_by_uuid_or_root_account(uuid: Any, root: Any, found: Any) -> None:
    """Each as an id spells it; a boolean is none."""
    live = received(reported("course_created", {"course_id": "5"}, root_account_uuid=uuid, root_account_id=root))
    assert (live.uuid, live.root_account) == found


def test_an_updated_at_that_cannot_be_read_is_before_all_others() -> None:
    """As one that is missing."""
    missing, unreadable, early = (
        received(outcome("A", updated_at=at)) for at in (None, "soon", "0001-01-02T00:00:00Z")
    )
    assert missing.updated_at == unreadable.updated_at < early.updated_at


# guessed identity


@given(json_values, json_values)
def test_a_guess_rests_on_what_never_changes_in_a_row(score: Any, title: Any) -> None:
    """Learner, outcome, time and asset where a learner is named: nothing else counts."""
    row: dict[str, Any] = {"user_uuid": "Ada", "associated_asset_type": "Assignment", "associated_asset_id": "56"}
    first = received(result(**row))
    other = received(result(verb="updated", **row, score=score, title=title, workflow_state="deleted"))
    assert first.id is None
    assert first.guess == other.guess
    assert first.own_id(()).startswith("g2-")


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({}, True),
        ({"created_at": "2024-03-01T03:00:00-06:00"}, True),
        ({"learning_outcome_id": 311}, True),
        ({"associated_asset_id": 56}, True),
        ({"learning_outcome_id": "312"}, False),
        ({"created_at": "2024-03-01T09:00:01Z"}, False),
        ({"user_uuid": "Ben"}, False),
        ({"associated_asset_id": "57"}, False),
        ({"associated_asset_type": "Quizzes::Quiz"}, False),
    ],
    ids=str,
)
def test_rows_that_differ_have_other_guesses(changed: dict[str, Any], same: bool) -> None:
    """Two spellings of one value do not differ."""
    row: dict[str, Any] = {"user_uuid": "Ada", "associated_asset_type": "Assignment", "associated_asset_id": "56"}
    assert (received(result(**row)).guess == received(result(**row | changed)).guess) is same


def test_a_rubric_assessment_is_guessed_without_its_asset() -> None:
    """Canvas drops the asset when the result is deleted."""
    rubric = {"user_uuid": "Ada", "artifact_type": "RubricAssessment"}
    assert received(result(**rubric, associated_asset_id="56")).guess == received(result(**rubric)).guess


def test_without_a_learner_the_title_is_part_of_the_guess() -> None:
    """It says who it was."""
    one, other = (received(result(title=title)) for title in ("Ada, quiz", "Ben, quiz"))
    assert one.own_id(()).startswith("g1-")
    assert one.guess != other.guess


def test_a_result_with_an_id_has_no_guess() -> None:
    """Its row is known all the same."""
    live = received(result(id="5", user_uuid="Ada"))
    assert (live.id, live.guess, carries_id({"id": "5"})) == ("5", None, True)
    assert live.row == Row("311", at(CREATED), "Ada")
    assert not carries_id({"id": None})


# references


@pytest.mark.parametrize(
    ("event", "mentions"),
    [
        (outcome("A", context_type="Course", context_id=565), {("Course", "565")}),
        (outcome("A", context_type="Course"), set()),
        (outcome("A", context_type=5, context_id="565"), set()),
        (
            reported(
                "learning_outcome_link_created",
                {"learning_outcome_link_id": "5", "learning_outcome_id": "2107~7", "learning_outcome_group_id": 8},
            ),
            {("outcome", "7"), ("group", "8")},  # of the shard of its root account
        ),
        (
            reported("course_created", {"course_id": "5", "account_id": "2108~6"}),
            {("account", "21080000000000006")},
        ),
        (
            mark("1", "Ada", 0.5, of="7"),
            {("outcome", "7"), ("learner", "Ada"), ("Course", "1")},
        ),
        (reported("course_created", {"course_id": "5", "account_id": "6"}), {("account", "6")}),
        (reported("account_created", {"account_id": "6", "parent_account_id": None}), set()),
    ],
)
def test_an_event_mentions_what_its_body_names(event: Event, mentions: set[tuple[str, str]]) -> None:
    """With local ids where the shard is that of the event's root account; what is no id is not mentioned."""
    assert set(received(event).mentions) == mentions


@pytest.mark.parametrize(
    ("metadata", "course"),
    [
        ({"context_type": "Course", "context_id": "44", "context_account_id": "55"}, "44"),
        ({"context_type": "Course", "context_id": "44"}, None),
        ({"context_type": "Account", "context_id": "44", "context_account_id": "55"}, None),
    ],
)
def test_a_hint_needs_a_course_and_its_account(metadata: dict[str, Any], course: str | None) -> None:
    """In the metadata of any event."""
    assert (
        received(reported("learning_outcome_created", {"learning_outcome_id": "5"}, **metadata)).hinted_course == course
    )


@pytest.mark.parametrize(
    ("id", "has_one"),
    [("7", False), ("21080000000000007", True), ("2108~7", True), ("21070000000000007", False), ("2107~7", False)],
)
def test_a_global_id_of_another_shard_is_noted(id: str, has_one: bool) -> None:
    """The event's own, and one that it names; those of the shard of its root account are local."""
    assert received(outcome("A", id=id)).has_global_id is has_one
    assert received(outcome("A", context_type="Course", context_id=id)).has_global_id is has_one


# a state


@given(st.sampled_from(KINDS), bodies)
def test_any_state_can_be_read(kind: Kind, state: dict[str, Any]) -> None:
    """Whatever plain values its members hold, nothing is raised."""
    assert status_of(state)
    context_of(kind, state, frozenset({2107}))
    account_above(kind, state)
    part_of(kind, state)
    row_of(state)
    asset_of(state)
    facts = result_facts(state)
    facts.unread("result 5")
    unread_update(state, "result 5")
    unread_submission(submission_said(state), "assessment 5")


@pytest.mark.parametrize(
    ("state", "status"),
    [({}, "active"), ({"workflow_state": None}, "active"), ({"workflow_state": ""}, "active")]
    + [({"workflow_state": word}, word) for word in ("deleted", "archived", "anything")],
)
def test_a_state_that_says_nothing_is_active(state: dict[str, Any], status: str) -> None:
    """Else it has the status that it names."""
    assert status_of(state) == status


@pytest.mark.parametrize(
    ("kind", "state", "context"),
    [
        ("scale", {"context_type": "Account", "context_id": "1"}, "Account/1"),
        ("scale", {"context_type": "Account", "context_id": "2107~1"}, "Account/1"),
        ("outcome", {"context_type": "Course", "context_id": 99990000000000001}, "Course/99990000000000001"),
        ("outcome", {"context_type": "Planet", "context_id": "1"}, None),
        ("outcome", {"context_type": "Course", "context_id": None}, None),
        ("result", {"result_context_type": "Course", "result_context_id": "1"}, "Course/1"),
        ("course", {"context_type": "Account", "context_id": "1"}, None),
    ],
)
def test_the_context_of_a_state(kind: Kind, state: dict[str, Any], context: str | None) -> None:
    """Ids of the institution's own shards are local."""
    assert context_of(kind, state, frozenset({2107})) == context


@pytest.mark.parametrize(
    ("kind", "above"),
    [("course", "7"), ("account", "8"), *((k, None) for k in KINDS if k not in ("course", "account"))],
)
def test_only_courses_and_accounts_lie_in_an_account(kind: Kind, above: str | None) -> None:
    """Each by its own member."""
    assert account_above(kind, {"account_id": "7", "parent_account_id": 8}) == above


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("outcome", TreePart("Course", "5", None, None, "T", "deleted")),
        ("group", TreePart("Course", "5", "1", None, "T", "deleted")),
        ("link", TreePart("Course", "5", "2", "3", "T", "deleted")),
        *((kind, None) for kind in KINDS if kind not in ("outcome", "group", "link")),
    ],
)
def test_the_place_in_a_tree(kind: Kind, part: TreePart | None) -> None:
    """Of the three kinds that have one."""
    state = {
        "context_type": "Course",
        "context_id": 5,
        "parent_outcome_group_id": "1",
        "learning_outcome_group_id": 2,
        "learning_outcome_id": "3",
        "title": "T",
        "workflow_state": "deleted",
    }
    assert part_of(kind, state) == part
    own_id = {
        "outcome": "learning_outcome_id",
        "group": "learning_outcome_group_id",
        "link": "learning_outcome_link_id",
    }
    if kind in own_id:
        assert received(reported(NAMES_OF[kind][0], {own_id[kind]: "9"} | state)).part == part


def test_an_unreadable_time_of_change_is_said() -> None:
    """With the text and whose it is; a missing or readable one is not."""
    assert unread_update({}, "outcome 5") is unread_update({"updated_at": CREATED}, "outcome 5") is None
    said = unread_update({"updated_at": "soon"}, "outcome 5")
    assert said is not None
    assert all(word in said for word in ("updated_at", "soon", "outcome 5"))


# a result


@given(bodies)
def test_a_row_rests_on_few_members(state: dict[str, Any]) -> None:
    """The rest of the state does not matter."""
    row = {
        "learning_outcome_id": "311",
        "created_at": CREATED,
        "user_uuid": "Ada",
        "artifact_type": "Quizzes::QuizSubmission",
        "associated_asset_type": "Assignment",
        "associated_asset_id": "56",
        "title": "Ada, quiz",
    }
    assert row_of(state | row) == Row("311", at(CREATED), "Ada", "Assignment", "56", "Ada, quiz")
    assert row_of(state | row | {"created_at": "soon"}) is row_of(state | row | {"learning_outcome_id": None}) is None


def test_the_row_of_a_rubric_assessment_has_no_asset() -> None:
    """Its asset is read by itself."""
    state = {
        "learning_outcome_id": 311,
        "created_at": CREATED,
        "artifact_type": "RubricAssessment",
        "associated_asset_type": "Assignment",
        "associated_asset_id": 56,
    }
    assert row_of(state) == Row("311", at(CREATED))
    assert asset_of(state) == ("Assignment", "56")
    assert asset_of({"associated_asset_type": "Assignment"}) is None


@given(bodies, bodies)
def test_a_title_is_kept_where_a_state_has_none(before: dict[str, Any], state: dict[str, Any]) -> None:
    """Nothing else is, and no title is replaced."""
    found = with_title_of(before, state)
    assert has_title(found) == (has_title(before) or has_title(state))
    assert {**found, "title": 0} == {**state, "title": 0}
    if has_title(state):
        assert found == state
    elif has_title(before):
        assert found["title"] == before["title"]


@pytest.mark.parametrize(
    ("state", "members"),
    [
        (
            {"learning_outcome_id": 7, "user_uuid": "Ada", "score": "3.5", "possible": 4, "percent": 0.875},
            {"outcome": "7", "learner": "Ada", "score": 3.5, "possible": 4, "percent": 0.875, "status": "active"},
        ),
        ({"result_context_type": "Course", "result_context_id": "2107~5"}, {"course": "21070000000000005"}),
        ({"result_context_type": "Account", "result_context_id": "5"}, {"course": None}),
        ({"artifact_type": "RubricAssessment", "artifact_id": 9}, {"assessment": "9", "quiz": None}),
        ({"artifact_type": "Quizzes::QuizSubmission", "artifact_id": 9}, {"assessment": None, "quiz": "9"}),
        ({"artifact_id": 9}, {"assessment": None, "quiz": None}),
        ({"user_uuid": " ", "score": "many", "percent": True}, {"learner": None, "score": None, "percent": None}),
        ({"assessed_at": "soon", "workflow_state": "deleted"}, {"assessed_at": "soon", "status": "deleted"}),
    ],
)
def test_what_a_score_rests_on(state: dict[str, Any], members: dict[str, object]) -> None:
    """Each member as a value of its own type; None where there is none that can be read."""
    facts = result_facts(state)
    assert {name: getattr(facts, name) for name in members} == members


def at(text: str) -> int:
    """The instant, in microseconds since 1970."""
    found = instant_of(text)
    assert found is not None
    return found
