"""Why something stands, what differs between two views, what may be missing, and which institutions are one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import projector
from projector.fold.silence import HOUR, silences
from tests.builders import HARBOR, ROOT, Clock, outcome, reported, result, scale
from tests.conftest import Stores

Projector = projector.Projector


def test_why_tells_what_became_of_every_event(store: Stores) -> None:
    """Later, not yet known, superseded, in effect, received again."""
    with store(clock=Clock("2026-01-01T12:00:00+00:00")) as p:
        first = outcome("A", "2024-03-01T10:00:00Z", verb="created")
        p.append([first, outcome("B", "2024-04-01T10:00:00Z"), first])
        p.append([outcome("late", "2024-03-15T10:00:00Z"), first])
        answer = p.as_of("2024-03-20", known_at="2026-01-01T12:00:00Z").why("outcome", "12345")
        assert [(t.event.body["title"], t.verdict) for t in answer.testimonies] == [
            ("A", "stands"),
            ("late", "not yet known"),
            ("B", "later than as_of"),
        ]
        assert answer.basis.decided_by == "only"
        assert answer.testimonies[0].duplicates is not None
        assert answer.testimonies[0].duplicates[0] == 2
        now = p.as_of("2024-03-20").why("outcome", "12345")
        beaten, stands, _ = now.testimonies
        assert (beaten.verdict, beaten.decided_by, beaten.beaten_by) == ("beaten", "event_time", stands.event)
        assert now.in_effect is stands
        assert stands.source == "python"
        assert p.now().why("outcome", "9").testimonies == ()


def test_why_warns_where_canvas_contradicts_itself(p: Projector) -> None:
    """Announced later, changed earlier: as in the vendor's own group example."""
    p.append(outcome("A", "2024-03-01T10:00:00Z", updated_at="2024-05-01T00:00:00Z"))
    p.append(outcome("B", "2024-04-01T10:00:00Z", updated_at="2024-02-01T00:00:00Z"))
    first, second = p.now().why("outcome", "12345").testimonies
    assert (first.contradiction, second.contradiction) == (False, True)
    assert (second.verdict, second.changed_at) == ("stands", datetime(2024, 2, 1, tzinfo=UTC))


def differing(p: Projector, *args: Any, **kwargs: Any) -> list[tuple[str, str, tuple[str, str], set[str]]]:
    """Kind, id, statuses and changed members."""
    return [(d.kind, d.id, d.status, set(d.changes)) for d in p.diff(*args, **kwargs)]


def test_what_differs_between_two_days(p: Projector) -> None:
    """What came, what went, what changed; nothing else."""
    p.append([outcome("A", "2024-03-01T10:00:00Z", id=str(n)) for n in range(3)])
    p.append([outcome("B", "2024-04-01T10:00:00Z", id="1"), scale("2024-04-01T10:00:00Z")])
    p.append(
        [
            outcome("A", "2024-04-02T10:00:00Z", id="2", workflow_state="deleted"),
            outcome("A", "2024-04-02T10:00:00Z", id="0"),
        ]
    )
    assert differing(p, "2024-03-15", "2024-04-15") == [
        ("outcome", "1", ("active", "active"), {"title"}),
        ("outcome", "2", ("active", "deleted"), {"workflow_state"}),
        (
            "scale",
            "9",
            ("unknown", "active"),
            {"outcome_proficiency_id", "context_type", "context_id", "outcome_proficiency_ratings"},
        ),
    ]
    assert [d[1] for d in differing(p, "2024-03-15", "2024-04-15", kind="outcomes")] == ["1", "2"]
    assert [d[0] for d in differing(p, "2024-03-15", "2024-04-15", context="Account/1")] == ["scale"]
    assert differing(p, "2024-03-15", "2024-03-16") == []


def test_what_late_news_rewrote(store: Stores) -> None:
    """One instant, by what was known before and after."""
    with store(clock=Clock("2026-01-01T12:00:00+00:00")) as p:
        p.append(outcome("A", "2024-03-01T10:00:00Z"))
        p.append([outcome("late", "2024-03-10T10:00:00Z"), result("2024-03-10T10:00:00Z", id="5")])
        knowns = ("2026-01-01T12:00:00Z", None)
        assert differing(p, "2024-03-15", "2024-03-15", known_at=knowns, kind="outcome") == [
            ("outcome", "12345", ("active", "active"), {"title"})
        ]
        assert [d[2] for d in differing(p, "2024-03-15", "2024-03-15", known_at=knowns, kind="result")] == [
            ("unknown", "active")
        ]
        assert differing(p, "2024-03-05", "2024-03-05", known_at=knowns) == []


def hours_of(*spans: tuple[int, int], every: int = 1) -> list[tuple[int, int, int, int]]:
    """Ten events in each hour of these spans (first and last hour since 1970)."""
    return [(h, 10, h * HOUR, h * HOUR + HOUR - 1) for first, last in spans for h in range(first, last, every)]


def test_a_silence_in_busy_hours_is_a_gap() -> None:
    """Held against the same weekday and hour of other weeks."""
    month = 4 * 168
    (found,) = silences(hours_of((0, 300), (324, month)), 6, month * HOUR)
    assert (round(found.hours), found.expected) == (24, 240)
    assert list(silences(hours_of((0, 300), (304, month)), 6, month * HOUR)) == []


def test_a_quiet_night_is_none() -> None:
    """Where other weeks are quiet too."""
    days = [(24 * day, 24 * day + 12) for day in range(28)]
    assert list(silences(hours_of(*days), 6, 28 * 24 * HOUR)) == []


def test_a_subscription_that_was_switched_off_shows() -> None:
    """The silence lasts, and other weeks had events."""
    (found,) = silences(hours_of((0, 3 * 168)), 6, (3 * 168 + 48) * HOUR)
    assert found.until is None
    assert found.expected > 400
    assert list(silences([], 6, HOUR)) == []


def test_what_is_named_but_has_no_event(p: Projector) -> None:
    """The outcome of a result, a parent group, an account; by what was known."""
    p.append(result(id="5", result_context_type="Course", result_context_id="21070000000000077"))
    view_known = p.now().known_at
    p.append(
        reported("learning_outcome_group_created", {"learning_outcome_group_id": "1", "parent_outcome_group_id": "2"})
    )
    p.append(reported("course_created", {"course_id": "77", "account_id": "8"}))
    named = [(u.kind, u.id, u.named_by) for u in p.dangling_references()]
    assert named == [
        ("account", "8", ("course", "77")),
        ("group", "2", ("group", "1")),
        ("outcome", "311", ("result", "5")),
    ]
    before = [(u.kind, u.id) for u in p.dangling_references(known_at=view_known)]
    assert before == [("course", "77"), ("outcome", "311")]
    p.append(outcome("Told", id="311"))
    assert "outcome" not in {u.kind for u in p.dangling_references()}


def of_jobs(title: str, at: str) -> dict[str, Any]:
    """An outcome's report under another name of the institution."""
    return reported(
        "learning_outcome_updated", {"learning_outcome_id": "12345", "title": title}, at, root_account_uuid="Jobs"
    )


def test_two_names_of_one_institution(store: Stores) -> None:
    """Background jobs name the shard's default one; declared one, their events are one history."""
    with store(clock=Clock()) as p:
        p.append(outcome("A", "2024-03-01T10:00:00Z"))
        p.append(of_jobs("B", "2024-04-01T10:00:00Z"))
        group = {"learning_outcome_group_id": "1", "context_type": "Account", "context_id": "1"}
        p.append(reported("learning_outcome_group_created", group, root_account_uuid="Jobs"))
        before = p.now(tenant=HARBOR)
        assert list(p.tenants) == [HARBOR, "Jobs"]
        p.alias("Jobs", HARBOR)
        assert list(p.tenants) == [HARBOR]
        assert [v.state["title"] for v in p.history("outcome", "12345")] == ["A", "B"]
        assert p.now(tenant="Jobs").tenant == HARBOR
        assert [root.id for root in p.now().tree("Account/1").roots] == ["1"]
        assert before.outcome("12345").title == "A"  # type: ignore[union-attr]
        assert before.tree("Account/1").roots == ()
        p.append(of_jobs("C", "2024-05-01T10:00:00Z"))
        assert p.now().outcome("12345").title == "C"  # type: ignore[union-attr]
        (institution,) = p.institutions()
        assert (institution.names, institution.events, institution.roots) == ((HARBOR, "Jobs"), 4, ("1",))
        digest = p.digest()
        p.rebuild()
        assert p.digest() == digest
        assert before.outcome("12345").title == "A"  # type: ignore[union-attr]
        for pair in (("Jobs", HARBOR), (HARBOR, "Jobs"), ("x", "x")):
            with pytest.raises(projector.BadQuestion, match="one institution already"):
                p.alias(*pair)


def test_an_account_id_that_two_uuids_share_is_its_own_until_they_are_one(p: Projector) -> None:
    """Then its events without a uuid have a home again."""
    homeless = reported("learning_outcome_created", {"learning_outcome_id": "1"}, root_account_uuid=None)
    p.append(
        [
            homeless,
            outcome("A"),
            reported("learning_outcome_created", {"learning_outcome_id": "2"}, root_account_uuid="Second"),
        ]
    )
    assert p.tenants == (ROOT, HARBOR, "Second")
    p.alias("Second", HARBOR)
    assert list(p.tenants) == [HARBOR]
    assert [v.id for v in p.now().all("outcome")] == ["1", "12345", "2"]


def test_dates_of_settings_begin_with_their_day(p: Projector) -> None:
    """In the reader's zone."""
    p.append(outcome("A"))
    p.set("account_level_mastery_scales", "off", "2024-02-01", tz="America/Denver")
    (setting,) = p.settings()
    assert setting.valid_from == datetime(2024, 2, 1, 7, tzinfo=UTC)
