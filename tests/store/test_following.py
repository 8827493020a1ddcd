"""An index follows its log from wherever it is, and comes to be what it would have been."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.store.index.comparing import first_difference
from projector.store.index.following import SqliteFollower
from projector.store.index.tables import create_derived
from projector.store.log.kept import KeptLog
from tests.builders import HARBOR, Clock, Event, outcome, reported, result
from tests.conftest import Stores

NAMES = st.sampled_from([("Ab", "21070000000000001"), ("Ab", None), (None, "21070000000000001"), ("Cd", "2")])
IDS = st.sampled_from([None, "5", "6", "21070000000000005", "90000000000005"])


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Of several institutions, whose names come to be known; ids of theirs and of has_global_id shards, and none."""
    uuid, root = draw(NAMES)
    named: dict[str, str | None] = {"root_account_uuid": uuid, "root_account_id": root}
    day, title = f"2024-03-0{draw(st.integers(1, 9))}T10:00:00Z", draw(st.sampled_from("ABC"))
    if draw(st.booleans()):
        context = {"context_type": "Course", "context_id": draw(st.sampled_from(["1", "21070000000000001"]))}
        outcome = {"learning_outcome_id": draw(IDS) or "7", "title": title} | context
        return reported("learning_outcome_updated", outcome, day, **named)
    body = {"id": draw(IDS), "learning_outcome_id": "5", "created_at": "2024-03-01T09:00:00Z", "title": title}
    return reported("learning_outcome_result_updated", body, day, **named)


@given(st.lists(st.lists(events(), min_size=1, max_size=6), min_size=1, max_size=8), st.data())
def test_however_often_it_stops(store: Stores, batches: list[list[Event]], data: st.DataObject) -> None:
    """Each time it goes on from what its own tables say, some events further; aliases come where they were declared."""
    declared = data.draw(st.integers(0, len(batches)))
    with store(clock=Clock()) as p:
        for number, batch in enumerate(batches):
            if number == declared:
                p.alias("Cd", "Ab")
            p.append(batch)
        with p.store.log.connection(), closing(sqlite3.connect("", uri=True, isolation_level=None)) as connection:
            connection.execute("ATTACH ? AS store", (p.store.log.location.reading_url,))
            cursor = connection.cursor()
            create_derived(cursor)
            more = True
            while more:
                more = SqliteFollower.resumed(cursor, KeptLog(cursor)).follow(data.draw(st.integers(1, 9)))
            assert first_difference(cursor) is None


@pytest.mark.parametrize("behind", [0, 1, 3])
def test_an_index_that_is_behind_follows_when_it_is_opened(tmp_path: Path, behind: int) -> None:
    """As one would be that lies apart from its log."""
    whole, late = tmp_path / "whole.db", tmp_path / "late.db"
    with projector.open(whole, clock=Clock()) as p:
        for day in range(1, behind + 1):
            p.append([outcome(f"A{day}", f"2024-03-0{day}T10:00:00Z"), result(f"2024-03-0{day}T10:00:00Z")])
        p.backup(late)
        p.append(reported("learning_outcome_updated", {"learning_outcome_id": "7"}, root_account_uuid="Other"))
        p.alias("Other", HARBOR)
        for day in range(4, 8):
            p.append([outcome(f"B{day}", f"2024-03-0{day}T10:00:00Z"), result(f"2024-03-0{day}T10:00:00Z", id="9")])
        expected = p.digest(), p.head_hash()
    with closing(sqlite3.connect(late)) as connection:
        connection.execute("ATTACH ? AS whole", (str(whole),))
        for table in ("stored_events", "batch", "source_range", "checksum", "alias"):
            connection.execute(f"DELETE FROM {table}")
            rowid = "rowid, " if table == "stored_events" else ""
            columns = rowid + ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM whole.{table}")
        connection.commit()
    with projector.open(late) as p:
        assert (p.digest(), p.head_hash()) == expected
        assert p.verify().damage is None
        assert p.append(outcome("C", "2024-03-09T10:00:00Z")).appended == 1
        assert p.verify().damage is None


def test_an_index_that_lost_rows_is_left_to_verify_and_rebuild(tmp_path: Path) -> None:
    """It is not where it seems to be: opening must not fail over it, for then nobody could mend it."""
    store = tmp_path / "s.db"
    copy = tmp_path / "copy.db"
    with projector.open(store, clock=Clock()) as p:
        for day in range(1, 4):
            p.append(outcome(f"A{day}", f"2024-03-0{day}T10:00:00Z"))
    copyfile(store, copy)
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DELETE FROM received WHERE batch > 1")
        connection.commit()
    with projector.open(store) as p:
        assert "received" in (p.verify().damage or "")
        p.rebuild()
        assert p.verify().damage is None
