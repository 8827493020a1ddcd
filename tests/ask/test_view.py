"""Questions to a view: winners, statuses, institutions, identities."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest

import projector
from projector.domain.instants import to_datetime
from tests.builders import HARBOR, ROOT, Clock, Event, outcome, reported, result, scale
from tests.conftest import Stores

Projector = projector.Projector


def state_of(p: Projector, kind: str = "outcome", id: str = "12345", **view: Any) -> dict[str, Any]:
    """The state that stands."""
    version = p.as_of(view.pop("as_of", None), **view).get(kind, id)
    assert version is not None
    return dict(version.state)


@pytest.mark.parametrize(
    ("loser", "winner", "decided"),
    [
        (outcome("A", "2024-03-01T10:00:00Z"), outcome("B", "2024-03-01T05:00:00-06:00"), "event_time"),
        (outcome("A", verb="updated"), outcome("B", "2024-03-01T10:00:00.000001Z", verb="created"), "event_time"),
        (outcome("A", verb="created", updated_at="2030-01-01T00:00:00Z"), outcome("B", verb="updated"), "verb"),
        (outcome("A"), outcome("B", updated_at="1999-01-01T00:00:00Z"), "updated_at"),
        (outcome("A", updated_at="soon"), outcome("B", updated_at="1999-01-01T00:00:00Z"), "updated_at"),
        (
            outcome("A", updated_at="2024-01-01T00:00:00Z"),
            outcome("B", updated_at="2024-01-01T01:00:01+01:00"),
            "updated_at",
        ),
    ],
)
def test_which_report_stands(store: Stores, loser: Event, winner: Event, decided: str) -> None:
    """By event time, then verb, then the body's own time, in whatever order they arrive."""
    for order in permutations([loser, winner]):
        with store() as p:
            p.append(list(order))
            version = p.now().get("outcome", "12345")
            assert version is not None
            assert (version.state["title"], version.basis.decided_by) == ("B", decided)


def test_where_canvas_gave_no_order_the_content_decides(store: Stores) -> None:
    """The same one in either order of arrival, and the answer says so."""
    titles = set()
    for order in permutations([outcome("A"), outcome("B")]):
        with store() as p:
            p.append(list(order))
            version = p.now().get("outcome", "12345")
            assert version is not None
            assert version.basis.decided_by == "content"
            titles.add(version.state["title"])
            beaten, standing = p.history("outcome", "12345")
            assert beaten.valid_to == beaten.valid_from == standing.valid_from
            assert standing.valid_to is None
    assert len(titles) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, "active"),
        ({"workflow_state": None}, "active"),
        ({"workflow_state": ""}, "active"),
        ({"workflow_state": "active"}, "active"),
        ({"workflow_state": "archived"}, "archived"),
        ({"workflow_state": "deleted"}, "deleted"),
    ],
)
def test_statuses(p: Projector, body: dict[str, Any], status: str) -> None:
    """What a state says of itself; nothing means active."""
    p.append(outcome("A", **body))
    version = p.now().get("outcome", 12345)
    assert version is not None
    assert version.status == status
    assert len(list(p.now().all("outcome"))) == (status != "deleted")


def test_a_deletion_is_undone_by_a_later_event(p: Projector) -> None:
    """And asked for by id the deleted one answers with its last state."""
    p.append(
        [outcome("A", f"2024-03-0{day}T10:00:00Z", workflow_state=s) for day, s in ((1, "deleted"), (2, "active"))]
    )
    assert state_of(p, as_of="2024-03-01")["workflow_state"] == "deleted"
    assert [v.status for v in p.now().all("outcome")] == ["active"]
    assert list(p.as_of("2024-03-01").all("outcome")) == []


def test_late_news_changes_the_past_only_for_those_who_know_it(store: Stores) -> None:
    """The same instant, asked by what was known before and after."""
    with store(clock=Clock("2026-01-01T12:00:00+00:00")) as p:
        p.append(outcome("A", "2024-03-01T10:00:00Z"))
        p.append(outcome("B", "2024-05-01T10:00:00Z"))
        p.append(outcome("late", "2024-04-01T10:00:00Z"))
        before, after = "2026-01-01T12:00:01Z", "2026-01-01T12:00:02Z"
        assert state_of(p, as_of="2024-04-15", known_at=before)["title"] == "A"
        assert state_of(p, as_of="2024-04-15", known_at=after)["title"] == "late"
        first, *_ = p.history("outcome", "12345", known_at=before)
        assert first.valid_to == datetime(2024, 5, 1, 10, tzinfo=UTC)
        first, *_ = p.history("outcome", "12345")
        assert first.valid_to == datetime(2024, 4, 1, 10, tzinfo=UTC)


def test_instants_may_be_text_dates_or_datetimes(p: Projector) -> None:
    """A day means its last instant in the reader's zone."""
    p.append([outcome("A", "2024-03-01T10:00:00Z"), outcome("B", "2024-03-02T04:00:00Z")])
    assert state_of(p, as_of="2024-03-01")["title"] == state_of(p, as_of=date(2024, 3, 1))["title"] == "A"
    assert state_of(p, as_of="2024-03-01", tz="America/Denver")["title"] == "B"
    assert state_of(p, as_of=datetime(2024, 3, 2, 4, tzinfo=UTC))["title"] == "B"
    with pytest.raises(projector.BadQuestion, match="aware datetime"):
        p.as_of(datetime(2024, 3, 2, 4))


@pytest.mark.parametrize(
    "asked",
    [
        "2024-03-01 10:00:00Z",
        "2024-03-01T10:00Z",
        "2024-03-01t10:00z",
        "2024-03-01 10:00 UTC",
        " 2024-03-01T10:00:00 gmt ",
        "2024-03-01T10:00:00+00",
        "2024-03-01 03:00 -0700",
        "2024-03-01T03:00-07",
    ],
)
def test_an_instant_is_asked_in_every_spelling_of_events(p: Projector, asked: str) -> None:
    """Inclusive to the microsecond, whatever the reader's zone."""
    p.append([outcome("A", "2024-03-01T10:00:00Z"), outcome("B", "2024-03-01T10:00:00.000001Z")])
    for tz in ("UTC", "Asia/Tokyo"):
        view = p.as_of(asked, tz=tz)
        assert view.as_of == datetime(2024, 3, 1, 10, tzinfo=UTC)
        assert view.outcome("12345").title == "A"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("asked", "utc"),
    [
        ("2024-03-01 03:00:00", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("2024-03-01t03:00", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("2024-03-01T03:00:00.5", datetime(2024, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2016-12-31T16:59:60", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_the_zones(p: Projector, asked: str, utc: datetime) -> None:
    """With or without seconds, a leap second too."""
    assert p.as_of(asked, tz="America/Denver").as_of == utc


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        ("2024-11-03 01:30", "twice"),
        ("2024-11-03T01:30:00.25", "twice"),
        ("2024-03-10 02:30", "never"),
        ("2024-03-10T02:30:00", "never"),
    ],
)
def test_a_time_that_the_clocks_showed_twice_or_never_is_refused(p: Projector, asked: str, came: str) -> None:
    """With an offset it is fine."""
    with pytest.raises(projector.BadQuestion, match=rf"{came}; write the offset: \S+-06:00 or \S+-07:00"):
        p.as_of(asked, tz="America/Denver")
    assert p.as_of(f"{asked}-07:00", tz="America/Denver").as_of is not None


@pytest.mark.parametrize(
    "since", ["2024-13-01", "2024-W13-1", "abcdefghij", "", "10:00", "2024-03-01T10", 5, b"2024-03-01"]
)
def test_what_is_no_instant_is_a_bad_question_everywhere(p: Projector, since: Any) -> None:
    """As the start of a setting too, where ten characters look like a day."""
    p.append(outcome("A"))
    for ask in (p.as_of, lambda value: p.set("account_level_mastery_scales", "off", value)):
        with pytest.raises(projector.BadQuestion, match="invalid date-time"):
            ask(since)
    with pytest.raises(projector.BadQuestion) as error:
        p.as_of("x" * 5000)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("since", "tz", "first"),
    [
        ("2024-03-02", "UTC", "2024-03-02T00:00:00Z"),
        (" 2024-03-02 ", "America/Denver", "2024-03-02T07:00:00Z"),
        (date(2024, 3, 2), "Asia/Tokyo", "2024-03-01T15:00:00Z"),
        ("0001-01-01", "UTC", "0001-01-01T00:00:00Z"),
        ("0001-01-01", "Asia/Tokyo", "0001-01-01T00:00:00Z"),
        ("2024-03-02 00:00 UTC", "America/Denver", "2024-03-02T00:00:00Z"),
    ],
)
def test_a_setting_is_in_force_from_the_first_instant_of_a_day(p: Projector, since: Any, tz: str, first: str) -> None:
    """In the reader's zone, on the first day there is as well."""
    p.append(outcome("A"))
    p.set("account_level_mastery_scales", "off", since, tz=tz)
    (made,) = p.settings()
    assert made.valid_from == datetime.fromisoformat(first)


def test_ids_in_any_spelling(p: Projector) -> None:
    """Of the institution's own shard; another shard's stays apart."""
    p.append([outcome("A"), outcome("B", id="21080000000012345")])
    view = p.now()
    for id in ("12345", 12345, "21070000000012345", 21070000000012345, "2107~12345"):
        assert view.outcome(id).title == "A"  # type: ignore[union-attr]
    assert view.outcome("2108~12345").title == "B"  # type: ignore[union-attr]
    assert view.get("outcome", "") is None


def test_a_shard_that_becomes_known_later_makes_its_ids_local(p: Projector) -> None:
    """The global spelling was another thing until the institution's shard was known."""
    early = outcome("A", "2024-03-01T10:00:00Z", id="21070000000012345")
    early["metadata"].pop("root_account_id")
    p.append(early)
    before = p.now()
    p.append(outcome("B", "2024-04-01T10:00:00Z"))
    assert [v.id for v in p.now().all("outcome")] == ["12345"]
    assert len(p.history("outcome", "12345")) == 2
    assert [v.id for v in before.all("outcome")] == ["21070000000012345"]


def test_events_without_a_uuid_go_to_the_one_that_goes_with_their_account(p: Projector) -> None:
    """While there is one; with two the account's own id stands."""
    homeless = reported("learning_outcome_created", {"learning_outcome_id": "1"}, root_account_uuid=None)
    p.append(homeless)
    assert list(p.tenants) == [ROOT]
    view = p.now()
    p.append(outcome("A"))
    assert list(p.tenants) == [HARBOR]
    assert [v.id for v in p.now().all("outcome")] == ["1", "12345"]
    assert view.get("outcome", "1") is not None
    p.append(reported("learning_outcome_created", {"learning_outcome_id": "2"}, root_account_uuid="Second"))
    assert list(p.tenants) == [ROOT, HARBOR, "Second"]
    assert [v.id for v in p.now(tenant=ROOT).all("outcome")] == ["1"]
    assert [v.id for v in p.now(tenant=HARBOR).all("outcome")] == ["12345"]
    with pytest.raises(projector.AmbiguousTenant) as several:
        p.now()
    assert several.value.tenants == (ROOT, HARBOR, "Second")


def test_a_title_that_later_producers_leave_out_stays(p: Projector) -> None:
    """A null counts, and a late title counts from its own time on."""
    p.append([result(id="7", title="Ada, Quiz 1"), result("2024-04-01T10:00:00Z", verb="updated", id="7", score=1)])
    assert state_of(p, "result", "7")["title"] == "Ada, Quiz 1"
    assert p.history("result", "7")[1].changes == {"score": (3.0, 1)}
    p.append(result("2024-03-15T10:00:00Z", verb="updated", id="7", title=None))
    assert state_of(p, "result", "7")["title"] is None
    assert state_of(p, "result", "7", as_of="2024-03-10")["title"] == "Ada, Quiz 1"


def test_a_g2_identity_is_continued_by_the_row_with_its_tuple(p: Projector) -> None:
    """From the first event of that row on, a deleted one too; it leaves the list and keeps its history."""
    old = result(
        user_uuid="Ada", artifact_type="Quizzes::QuizSubmission", associated_asset_id="5", associated_asset_type="Quiz"
    )
    p.append(old)
    (guessed,) = p.now().all("result")
    assert (guessed.guessed, guessed.continued_by) == (True, None)
    assert guessed.id.startswith("g2-")
    other = {**old["body"], "associated_asset_id": "6"}
    p.append(reported("learning_outcome_result_created", {**other, "id": "70"}, "2024-04-01T10:00:00Z"))
    assert p.now().get("result", guessed.id).continued_by is None  # type: ignore[union-attr]
    same = {**old["body"], "id": "71", "workflow_state": "deleted", "created_at": "2024-03-01T02:00:00.000-07:00"}
    p.append(reported("learning_outcome_result_updated", same, "2024-05-01T10:00:00Z"))
    assert p.now().get("result", guessed.id).continued_by == "71"  # type: ignore[union-attr]
    assert [v.id for v in p.now().all("result")] == ["70"]
    assert [v.id for v in p.as_of("2024-04-30").all("result")] == ["70", guessed.id]
    assert [v.continued_by for v in p.history("result", guessed.id)] == ["71"]


def test_two_assets_make_a_guess_doubtful(p: Projector) -> None:
    """A rubric result's asset is no part of its identity; an absent one says nothing."""
    rubric = {"user_uuid": "Ada", "artifact_type": "RubricAssessment", "associated_asset_type": "Assignment"}
    p.append([result(**rubric, associated_asset_id=56), result("2024-03-02T10:00:00Z", verb="updated", **rubric)])
    (version,) = p.now().all("result")
    assert version.guessed is True
    p.append(result("2024-03-03T10:00:00Z", verb="updated", **rubric, associated_asset_id="57"))
    (version,) = p.now().all("result")
    assert version.guessed == "doubtful"
    assert p.as_of("2024-03-02").get("result", version.id).guessed is True  # type: ignore[union-attr]


def test_a_g1_identity_is_continued_where_there_is_one_on_either_side(p: Projector) -> None:
    """By the g2 or the id row with the same time of creation; a continued g2 is not counted."""
    p.append(result(title="Ada, Quiz 1"))
    (g1,) = p.now().all("result")
    assert g1.id.startswith("g1-")
    p.append(result("2024-04-01T10:00:00Z", verb="updated", user_uuid="Ada"))
    (g2,) = p.now().all("result")
    assert p.now().get("result", g1.id).continued_by == g2.id  # type: ignore[union-attr]
    p.append(result("2024-05-01T10:00:00Z", verb="updated", user_uuid="Ada", id="7"))
    assert p.now().get("result", g2.id).continued_by == "7"  # type: ignore[union-attr]
    assert p.now().get("result", g1.id).continued_by == "7"  # type: ignore[union-attr]
    assert [v.id for v in p.now().all("result")] == ["7"]
    p.append(result("2024-06-01T10:00:00Z", title="Ben, Quiz 1"))
    assert p.now().get("result", g1.id).continued_by is None  # type: ignore[union-attr]
    assert p.as_of("2024-05-15").get("result", g1.id).continued_by == "7"  # type: ignore[union-attr]


def test_a_mastery_that_is_a_number_is_unknown(p: Projector) -> None:
    """A producer once put the outcome's id there; the state keeps it."""
    p.append([result(id="1", mastery=311), result(id="2", mastery="311"), result(id="3", mastery=True)])
    assert [p.now().result(id).mastery for id in "123"] == [None, None, True]  # type: ignore[union-attr]
    assert state_of(p, "result", "1")["mastery"] == 311


def test_the_scale_of_a_context_follows_its_versions(p: Projector) -> None:
    """Several ids over time: the active one; of two, the one announced last."""
    p.append([scale("2024-01-01T00:00:00Z"), scale("2024-02-01T00:00:00Z", workflow_state="deleted")])
    p.append(scale("2024-03-01T00:00:00Z", points=(2, 1), mastery=2, outcome_proficiency_id="10"))
    found = {day: p.as_of(day).scale_in_force("Account/1") for day in ("2024-01-15", "2024-02-15", "2024-03-15")}
    assert [answer.scale and answer.scale.outcome_proficiency_id for answer in found.values()] == ["9", None, "10"]
    assert found["2024-03-15"].scale.mastery_points == 2  # type: ignore[union-attr]
    assert found["2024-02-15"].because == "deleted"
    moved = scale("2024-04-01T00:00:00Z", outcome_proficiency_id="10", context="Account/2")
    p.append(moved)
    assert p.now().scale_in_force("Account/1").scale is None
    assert p.now().scale_in_force("Account/2").found_at == "Account/2"


def test_typed_lookups_of_every_kind(p: Projector) -> None:
    """Each kind has its class; unknown ids give None."""
    view = p.now()
    names = ("outcome", "group", "link", "result", "scale", "method", "description", "assessment", "course", "account")
    assert names == projector.KINDS
    assert [getattr(view, name)("1") for name in names] == [None] * 10


def test_a_batch_reports_what_became_of_it(p: Projector) -> None:
    """One event, several, an open file or JSON text."""
    assert p.append(outcome("A")).appended == 1
    assert p.replay(outcome("A")).duplicates == 1
    assert p.append(iter([outcome("A"), outcome("B")])).appended == 1
    report = p.append([{"metadata": {"event_name": "user_created"}}, b"{"])
    assert (report.ignored_names, report.quarantined) == ({"user_created": 1}, 1)


def test_the_last_event_of_an_institution_is_its_own(p: Projector) -> None:
    """The basis says the time of the last event, by what was known then."""
    p.append(outcome("A", "2024-03-01T10:00:00Z"))
    view = p.now()
    p.append(outcome("B", "2024-04-01T10:00:00Z"))
    p.append(outcome("C", "2024-02-01T10:00:00Z"))
    assert p.now().basis.heard_until == datetime(2024, 4, 1, 10, tzinfo=UTC)
    assert view.basis.heard_until == datetime(2024, 3, 1, 10, tzinfo=UTC)


def test_deep_bodies_and_long_ids_are_no_trouble(p: Projector) -> None:
    """As deep as the wire lets them be, and an id of 10,000 characters."""

    def deep(leaf: int) -> Any:
        value: Any = leaf
        for level in range(190):
            value = [value] if level % 2 else {"x": value}
        return value

    p.append([outcome("A", f"2024-03-0{day}T10:00:00Z", deep=deep(day)) for day in (1, 2)])
    assert set(p.history("outcome", "12345")[1].changes) == {"deep"}
    assert p.append(outcome("A", deep=[deep(1)] * 2, note=[[deep(1)]] * 2)).appended == 1
    long = "x" * 10_000
    p.append(outcome("Long", id=long))
    assert p.now().outcome(long).title == "Long"  # type: ignore[union-attr]
    assert [v.id for v in p.now().all("outcome")] == ["12345", long]


@pytest.mark.parametrize("tz", ["UTC", "America/Denver", "Asia/Tokyo"])
def test_the_first_and_the_last_day_there_are(p: Projector, tz: str) -> None:
    """Asked for in any zone."""
    p.append([outcome("First", "0001-01-01T00:00:00Z"), outcome("Last", "9999-12-31T23:59:59.999999Z")])
    last = {"UTC": "Last", "America/Denver": "Last", "Asia/Tokyo": "First"}[tz]
    assert state_of(p, as_of="9999-12-31", tz=tz)["title"] == last
    assert state_of(p, as_of="0001-01-01T00:00:00", tz=tz)["title"] == "First"


def test_a_replay_can_be_stopped_among_events_of_other_families(p: Projector) -> None:
    """It is asked there too, and says how far it came."""
    others = [{"metadata": {"event_name": "user_created"}}] * 5000
    report = p.replay(iter(others), should_stop=lambda: True)
    assert (report.interrupted, report.read, report.ignored) == (True, 2000, 2000)


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 2000])
def test_lists_come_in_pages_of_any_size(p: Projector, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """Also where one aggregate has more events than a page; each is what it is when asked for alone."""
    monkeypatch.setattr("projector.store.index.reading._EVENTS_AT_ONCE", at_once)
    days = [f"2024-03-{day:02}T10:00:00Z" for day in range(1, 9)]
    p.append([outcome(f"Cells {day}", day, id=id) for id in ("1", "2", "31") for day in days])
    p.append([outcome("Later", "2024-04-01T10:00:00Z", id="4"), outcome("Once", days[0], id="5")])
    for day in (None, *days, "2024-01-01"):
        view = p.as_of(day)
        found = {id: view.get("outcome", id) for id in ("1", "2", "31", "4", "5")}
        alone = [version for version in found.values() if version is not None]
        listed = list(view.all("outcome"))
        assert [(v.id, v.state, v.valid_from, v.valid_to, v.changes) for v in listed] == [
            (v.id, v.state, v.valid_from, v.valid_to, v.changes) for v in alone
        ]


def test_old_knowledge_of_an_aggregate_with_many_corrections(p: Projector) -> None:
    """By what was known at each moment, whatever order they came in: as if the later ones had never come."""
    minutes = [n * 37 % 200 for n in range(200)]
    for minute in minutes:
        p.append(outcome(f"Cells {minute}", f"2024-03-01T{minute // 60:02}:{minute % 60:02}:00Z"))
    moments = [to_datetime(batch.recorded_at) for batch in p.store.log.batches()]
    for count in (1, 5, 31, 32, 33, 64, 100, 199, 200):
        known = sorted(minutes[:count])
        for upto in (0, 50, 199):
            view = p.as_of(f"2024-03-01T{upto // 60:02}:{upto % 60:02}:30Z", known_at=moments[count - 1])
            expected = [minute for minute in known if minute <= upto]
            version = view.get("outcome", "12345")
            later = [minute for minute in known if minute > upto]
            assert (version and version.state["title"]) == (f"Cells {expected[-1]}" if expected else None)
            assert version is None or (version.valid_to is None) == (not later)
