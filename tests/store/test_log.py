"""The store: one transaction a batch, two clocks, and what is refused as a store."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time

import projector
from projector.domain.canonical import write_json
from projector.domain.packing import _words, pack, unpack
from projector.serve.demo.college import term
from projector.store.log.writing import BEGINNING, running_hash
from tests.builders import HARBOR, Clock, outcome, result
from tests.conftest import Stores


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """The store and what SQLite lays beside it."""
    with projector.open(tmp_path / "s.db") as p:
        p.append(outcome("Cells"))
        files = list(tmp_path.iterdir())
        assert len(files) == 3
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_times_of_recording_rise_though_the_clock_stands_still(tmp_path: Path) -> None:
    """One instant a batch, each later than any before."""
    with freeze_time("2026-01-01T12:00:00Z"), projector.open(tmp_path / "s.db") as p:
        p.append([outcome("A"), outcome("B")])
        p.append(outcome("C"))
        moments = [version.recorded_at for version in p.history("outcome", "12345")]
    first = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert sorted(moments) == [first, first, first + timedelta(microseconds=1)]


def test_a_clock_that_fell_behind_the_head_by_minutes_is_refused(tmp_path: Path) -> None:
    """Seconds are bridged; more than five minutes are not, and nothing is lost."""
    with projector.open(tmp_path / "s.db", clock=Clock("2026-01-01T12:00:00+00:00")) as p:
        p.append(outcome("A"))
    with projector.open(tmp_path / "s.db", clock=Clock("2026-01-01T11:56:00+00:00")) as p:
        assert p.append(outcome("B")).appended == 1
    with projector.open(tmp_path / "s.db", clock=Clock("2026-01-01T11:54:00+00:00")) as p:
        with pytest.raises(projector.StoreError, match="set the clock right"):
            p.append(outcome("C"))
        assert p.now().outcome("12345") is not None


def test_known_at_is_pinned_to_the_head(store: Stores) -> None:
    """None, or an instant later than the head, is the head when the view is made."""
    with store(clock=Clock("2026-01-01T12:00:00+00:00")) as p:
        assert p.now().known_at is None
        p.append(outcome("A"))
        head = datetime(2026, 1, 1, 12, tzinfo=UTC)
        view = p.now()
        assert view.known_at == head
        assert p.now(known_at="2030-01-01").known_at == head
        p.append(outcome("B", "2024-04-01T10:00:00Z"))
        assert view.outcome("12345").title == "A"  # type: ignore[union-attr]
        between = head + timedelta(milliseconds=10)
        assert p.now(known_at=between).known_at == between
        assert p.now(known_at=between).outcome("12345").title == "A"  # type: ignore[union-attr]
        assert p.now(known_at=head - timedelta(seconds=1)).outcome("12345") is None


def test_the_running_hash_is_the_contracts(store: Stores) -> None:
    """Recomputed from positions, digests and times of recording."""
    with store(clock=Clock()) as p:
        assert p.head_hash() == BEGINNING.hex()
        p.append([outcome("A"), outcome("B")])
        p.append(outcome("C"))
        hash = BEGINNING
        digests = {position: entry.digest for position, entry in p.store.log.entries()}
        for batch in p.store.log.batches():
            mine = [digests[position] for position in range(batch.first, batch.last + 1)]
            hash = running_hash(hash, batch.first, batch.recorded_at, mine)
            assert hash == batch.hash
        assert p.head_hash() == hash.hex()


def test_stream_ids_are_readable(p: projector.Projector) -> None:
    """Tenant, kind and id, for whoever reads the log with the library alone."""
    p.append([outcome("A"), outcome("B")])
    assert [(e.originator_id, e.originator_version) for _, e in p.store.log.entries()] == [
        (f"{HARBOR}/outcome/12345", 1),
        (f"{HARBOR}/outcome/12345", 2),
    ]


def test_the_stored_format_is_pinned() -> None:
    """Old stores must stay readable: these bytes were written by the first release."""
    assert len(_words()) == 3890
    packed = bytes.fromhex(PACKED)
    assert unpack(packed) == (bytes(range(32)), TEXT)
    assert unpack(pack(bytes(range(32)), TEXT)) == (bytes(range(32)), TEXT)


TEXT = b'{"metadata":{"event_name":"learning_outcome_updated"},"body":{"learning_outcome_id":"12345"}}'
PACKED = (
    "01000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2325ebc1f21c52eac3485c6017191a199b98020d0700"
)


@pytest.mark.parametrize("damage", [b"", b"\x02" + bytes(40), b"\x01" + bytes(32) + b"\xff\xff"])
def test_a_damaged_state_is_distinguished(damage: bytes) -> None:
    """Cut short, of a newer release, or altered."""
    with pytest.raises(ValueError, match="damaged"):
        unpack(damage)


def test_two_replays_at_once_into_one_store(tmp_path: Path) -> None:
    """Writers wait for each other; each event is there once."""
    lines = list(term())[:3000]
    store = tmp_path / "s.db"
    projector.open(store).close()

    def feed() -> None:
        with projector.open(store) as p:
            p.replay(iter(lines))

    threads = [threading.Thread(target=feed) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with projector.open(store) as p, projector.open(":memory:") as q:
        q.replay(iter(lines))
        assert p.digest() == q.digest()
        assert p.store.pin().position == q.store.pin().position


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not a database, only words" * 10, "is not a database"),
        (b"SQLite format 3\0", "is not a database"),
        ("other", "another program's database"),
        ("newer", "written by a newer release"),
    ],
)
def test_what_is_no_store_of_ours_is_refused(tmp_path: Path, content: bytes | str, reason: str) -> None:
    """With what to do instead, and the file stays as it was."""
    path = tmp_path / "s.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "other":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE mine (x)")
        connection.close()
    else:
        projector.open(path).close()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 99")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    before = path.read_bytes()
    with pytest.raises(projector.StoreError, match=reason):
        projector.open(path)
    assert path.read_bytes() == before


def test_places_that_can_be_no_store(tmp_path: Path) -> None:
    """A folder, a folder that is not there, nothing where none may be made, a server of the future."""
    for url in (tmp_path, tmp_path / "no" / "s.db", "sqlite://", "postgresql://host/db"):
        with pytest.raises(projector.StoreError):
            projector.open(url)
    with pytest.raises(projector.StoreError, match="there is no store"):
        projector.open(tmp_path / "s.db", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["s.db", "with space.db", "50%.db", "file:odd?x=1.db", "ünï.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By path or by URL, relative or not."""
    monkeypatch.chdir(tmp_path)
    with projector.open(name) as p:
        p.append(outcome("A"))
    with projector.open(f"sqlite:///{name}", create=False, read_only=True) as p:
        assert p.now().outcome("12345") is not None
        with pytest.raises(projector.StoreError, match="cannot be written"):
            p.append(outcome("B"))
    assert os.path.exists(name)


def test_a_locked_store_says_who_is_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a wait that is long in life and short here."""
    monkeypatch.setattr("projector.store.log.connections.WAIT_FOR_LOCK", 1)
    with projector.open(tmp_path / "s.db") as p:
        other = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(projector.StoreError, match="another process is writing"):
            p.append(outcome("A"))
        other.execute("ROLLBACK")
        other.close()
        assert p.append(outcome("A")).appended == 1


def test_asking_a_closed_projector_says_so(store: Stores) -> None:
    """No traceback of the library's."""
    p = store()
    p.close()
    with pytest.raises(projector.StoreError, match="closed"):
        p.now()


def test_quarantine_keeps_a_long_input_by_its_head(p: projector.Projector) -> None:
    """Beyond 1 MiB: length, hash and 64 KiB; up to it every byte; the same bytes once, with the first place."""
    whole, long = b"{" + b"x" * (2**20 - 1), b"{" + b"x" * 2**20
    report = p.append([whole, long, whole])
    assert (report.quarantined, report.read) == (3, 3)
    kept = list(p.quarantined())
    assert [(k.complete, len(k.raw), k.position) for k in kept] == [(True, 2**20, 1), (False, 2**16, 2)]


def test_what_a_later_release_can_take_is_retried(p: projector.Projector) -> None:
    """It gets the retry's time of recording; its receipt stays."""
    p.append(["{", {"metadata": {"event_name": "learning_outcome_merged"}}])
    with p.store.log.transaction(commit=True) as cursor:  # as if this release had learnt to read it
        cursor.execute("UPDATE quarantine SET raw = ?, length = length(?) WHERE position = 2", (GOOD, GOOD))
    report = p.retry()
    assert (report.read, report.appended, report.quarantined) == (2, 1, 1)
    assert [kept.position for kept in p.quarantined()] == [1]
    receipt = list(p.quarantined(retried=True))[1]
    assert receipt.retried_at is not None
    assert receipt.retried_at > receipt.seen_at
    assert p.now().outcome("12345") is not None


GOOD = write_json(outcome("Cells"))


def test_a_store_by_older_rules_is_derived_anew_when_it_is_opened(tmp_path: Path) -> None:
    """What is derived follows the rules; the log stays."""
    with projector.open(tmp_path / "s.db") as p:
        p.append([outcome("A"), result(user_uuid="Ada")])
        digest, head = p.digest(), p.head_hash()
        with p.store.log.transaction(commit=True) as cursor:
            cursor.execute("UPDATE derivation SET rules = 0")
            cursor.execute("DELETE FROM timeline")
        assert p.digest() != digest
    with pytest.raises(projector.StoreError, match="derived by other rules"):
        projector.open(tmp_path / "s.db", read_only=True)
    with projector.open(tmp_path / "s.db") as p:
        assert (p.digest(), p.head_hash()) == (digest, head)


def test_threads_share_a_projector(store: Stores) -> None:
    """Some ask while one appends; every answer is one that stood."""
    lines = list(term())[:2000]
    wrong: list[object] = []
    with store() as p:
        p.replay(iter(lines[:200]))
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                view = p.now()
                first = [v.id for v in view.all("outcome")]
                if first != [v.id for v in view.all("outcome")]:
                    wrong.append(first)

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for thread in askers:
            thread.start()
        p.replay(iter(lines))
        done.set()
        for thread in askers:
            thread.join()
        with store() as q:
            q.replay(iter(lines))
            assert p.digest() == q.digest()
    assert wrong == []


def test_ids_may_hold_any_character(p: projector.Projector) -> None:
    """Also the one that ends a text elsewhere: each is an aggregate of its own, known again, listed and scored."""
    ids = ["a", "a\0b", "a\0", "\uffff", '"', "\\", " a", "é", "\U0001f600"]
    events = [outcome(f"Cells {id}", id=id) for id in ids]
    events += [result(id=id, user_uuid="Ada\0", percent=0.5, learning_outcome_id="a\0b") for id in ids]
    assert p.append(events).appended == p.append(events).duplicates == 2 * len(ids)
    assert [version.id for version in p.now().all("outcome")] == sorted(ids, key=str.encode)
    assert [p.now().get("outcome", id).state["title"] for id in ids] == [f"Cells {id}" for id in ids]  # type: ignore[union-attr]
    assert [(score.learner, score.outcome, score.results) for score in p.now().scores()] == [
        ("Ada\0", "a\0b", len(ids))
    ]
    digest = p.digest()
    p.rebuild()
    assert (p.digest(), p.verify().damage) == (digest, None)
