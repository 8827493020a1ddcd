"""What the eventsourcing library offers, on a store of ours; and that nothing comes in past the one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import ProgrammingError, StoredEvent, Tracking
from eventsourcing.sqlite import SQLiteDatastore, SQLiteTrackingRecorder

from projector import Projector
from tests.builders import HARBOR, outcome, result, scale

STREAM = f"{HARBOR}/outcome/12345"


@pytest.fixture
def filled(p: Projector) -> Projector:
    """Some events of several streams, one of them twice."""
    events = [outcome("A", "2024-03-01T10:00:00Z", verb="created"), outcome("C", "2024-03-03T10:00:00Z")]
    p.append([*events, scale("2024-03-01T10:00:00Z"), events[0]])
    p.append([outcome("B", "2024-03-02T10:00:00Z"), result(id="9")])
    return p


@pytest.fixture(autouse=True)
def _whole(p: Projector) -> Iterator[None]:
    """Whatever was tried, the store is whole afterwards and can be appended to."""
    yield
    before = p.store.log.head().position
    assert p.append(outcome("After", "2030-01-01T00:00:00Z")).appended == 1
    assert p.verify().damage is None
    assert p.verify().events == before + 1


def test_the_notification_log_has_every_event_in_its_place(filled: Projector) -> None:
    """By position from 1 without a gap, in sections of any size, of one topic, until an end."""
    log = filled.store.log
    found = [n for start in range(1, 6, 2) for n in log.notification_log.select(start=start, limit=2)]
    assert [n.id for n in found] == [1, 2, 3, 4, 5]
    assert [(n.originator_id, n.originator_version) for n in found if n.originator_id == STREAM] == [
        (STREAM, 1),
        (STREAM, 2),
        (STREAM, 3),
    ]
    assert [n.id for n in log.notification_log.select(start=1, limit=9, topics=["outcome_proficiency_updated"])] == [3]
    assert [n.id for n in log.notification_log.select(start=2, limit=9, stop=3)] == [2, 3]
    assert log.notification_log["1,5"].id == "1,5"
    assert log.recorder.max_notification_id() == 5


def test_a_stream_has_its_events_in_the_order_of_their_arrival(filled: Projector) -> None:
    """Which is not the order in which they count."""
    log = filled.store.log
    assert [event.originator_version for event in log.recorder.select_events(STREAM)] == [1, 2, 3]
    assert [event.originator_version for event in log.recorder.select_events(STREAM, gt=1, desc=True)] == [3, 2]
    assert [event.originator_version for event in log.recorder.select_events(STREAM, lte=2, limit=1)] == [1]
    assert [entry.body["title"] for entry in _entries(log.events.get(STREAM))] == ["A", "C", "B"]
    assert list(log.recorder.select_events("nobody/outcome/1")) == []


def _entries(events: Iterable[Any]) -> Iterable[Any]:
    """Log entries, of which the library knows no more than that they are domain events."""
    return events


def test_a_repository_makes_an_aggregate_by_a_function_of_ones_own(filled: Projector) -> None:
    """Also as of a version; of a stream that there is not it says so."""

    def titles(before: Any, events: Iterable[Any]) -> Any:
        return [*(before or []), *(event.body["title"] for event in events)] or None

    repository = filled.store.log.repository
    assert repository.get(STREAM, projector_func=titles) == ["A", "C", "B"]
    assert repository.get(STREAM, version=2, projector_func=titles) == ["A", "C"]
    with pytest.raises(Exception, match="not found"):
        repository.get("nobody/outcome/1", projector_func=titles)


def test_what_the_mapper_reads_it_writes_again_to_the_byte(filled: Projector) -> None:
    """So that events of one application can be compared with another's."""
    mapper = filled.store.log.mapper
    for stored in filled.store.log.recorder.select_events(STREAM):
        assert mapper.to_stored_event(mapper.to_domain_event(stored)) == stored


class Titles(SQLiteTrackingRecorder):
    """How often each stream spoke, and up to where that was followed, in one transaction an event."""

    def construct_create_table_statements(self) -> list[str]:
        return [
            *super().construct_create_table_statements(),
            "CREATE TABLE spoken (stream TEXT PRIMARY KEY, times INT)",
        ]

    def follow(self, p: Projector, limit: int, fail_at: int | None = None) -> None:
        """Take some more events in; of the one at a position only the row, and then fail."""
        application = p.store.log
        after = self.max_tracking_id(application.name) or 0
        for notification in application.notification_log.select(start=after + 1, limit=limit):
            with self.datastore.transaction(commit=True) as cursor:
                row = (notification.originator_id,)
                cursor.execute("INSERT INTO spoken VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1", row)
                if notification.id == fail_at:
                    raise RuntimeError
                self._insert_tracking(cursor, Tracking(application.name, notification.id))

    @property
    def spoken(self) -> dict[str, int]:
        """By stream."""
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute("SELECT stream, times FROM spoken")
            return {row["stream"]: row["times"] for row in cursor.fetchall()}


def test_a_projection_follows_with_its_position_in_one_transaction(filled: Projector, tmp_path: Path) -> None:
    """Ended between the row and the position it has neither, and goes on with that event."""
    titles = Titles(SQLiteDatastore(str(tmp_path / "titles.db"), originator_id_type="text"))
    titles.create_table()
    titles.follow(filled, 2)
    assert titles.spoken == {STREAM: 2}
    with pytest.raises(RuntimeError):
        titles.follow(filled, 9, fail_at=4)
    assert titles.max_tracking_id("projector") == 3
    titles.follow(filled, 9)
    filled.append(outcome("D", "2024-03-04T10:00:00Z"))
    titles.follow(filled, 9)
    assert titles.spoken == {STREAM: 4, f"{HARBOR}/scale/9": 1, f"{HARBOR}/result/9": 1}
    titles.datastore.close()


def test_nothing_comes_in_past_the_one_way(filled: Projector) -> None:
    """Neither by the application nor by the recorder, an event of ours or not; the sentence says what to do."""
    log = filled.store.log
    (first, *_) = log.recorder.select_events(STREAM)
    new = StoredEvent(originator_id=STREAM, originator_version=4, topic=first.topic, state=first.state)
    strange = StoredEvent(originator_id="mine", originator_version=1, topic="mine", state=b"{}")
    for events in ([new], [strange], []):
        with pytest.raises(ProgrammingError, match=r"hand it to Projector\.append or Projector\.replay"):
            log.recorder.insert_events(events)
    with pytest.raises(ProgrammingError, match="nothing was written"):
        log.save(log.mapper.to_domain_event(new))
    assert log.head().position == 5


def test_subscriptions_say_that_there_are_none(filled: Projector) -> None:
    """The library has none on SQLite."""
    with pytest.raises(NotImplementedError, match="does not support subscriptions"):
        filled.store.log.recorder.subscribe()
