"""``verify`` proves every event, its order and its time."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import projector
from tests.endurance.running import ask, run
from tests.endurance.tampering import Tampered


def head(store: Path) -> str:
    """What a registrar wrote down."""
    with projector.open(store, read_only=True) as p:
        return p.head_hash()


def damage(store: Path, head: str | None = None) -> str | None:
    """What verification says of a store; None where it is sound."""
    with projector.open(store, read_only=True) as p:
        return p.verify(head).damage


def test_a_sound_store_says_what_was_checked(tampered: Tampered) -> None:
    """In words and as JSON."""
    hash = head(tampered.store)
    ran = ask("verify", "--store", tampered.store)
    assert ran.code == 0
    assert ran.out == f"OK: 24 events in 6 batches.\nHead hash {hash}\n"
    assert ask("verify", "--json", "--head", hash, "--store", tampered.store).json == {
        "ok": True,
        "events": 24,
        "batches": 6,
        "reduced": 0,
        "head_hash": hash,
        "damage": None,
    }
    assert ask("digest", "--log", "--json", "--store", tampered.store).json == {"head_hash": hash}
    ran = ask("verify", "--json", "--head", "ab" * 32, "--store", tampered.store)
    assert (ran.code, ran.json["ok"], "never had that head hash" in ran.json["damage"]) == (1, False, True)


def test_a_changed_body_is_named_by_its_position(tampered: Tampered) -> None:
    """Though it is an event that can be read: another one's."""
    tampered.execute(
        "UPDATE stored_events SET state = (SELECT state FROM stored_events WHERE rowid = 10) WHERE rowid = 7"
    )
    assert str(damage(tampered.store)).startswith("batch 2: the running hash at position 8 is")
    tampered.execute("UPDATE stored_events SET state = CAST(substr(state, 1, 60) AS BLOB) WHERE rowid = 3")
    assert damage(tampered.store) == "stored_events: the event at position 3 is damaged; restore a backup"


def test_two_events_that_changed_places_are_found(tampered: Tampered) -> None:
    """In the log, or in their stream."""
    first, second = (tampered.execute("SELECT * FROM stored_events WHERE rowid = ?", n)[0] for n in (4, 7))
    for position, (_, _, topic, state) in ((4, second), (7, first)):
        tampered.execute("UPDATE stored_events SET topic = ?, state = ? WHERE rowid = ?", topic, state, position)
    assert str(damage(tampered.store)).startswith("batch 1: the running hash at position 4 is")


def test_two_versions_that_changed_places_in_a_stream_are_found(tampered: Tampered) -> None:
    """Though none is missing."""
    for version, other in ((2, -1), (3, 2), (-1, 3)):
        tampered.execute("UPDATE stored_events SET originator_version = ? WHERE originator_version = ?", other, version)
    assert str(damage(tampered.store)).startswith("stored_events: the stream ")


def test_a_gap_in_a_stream_is_found(tampered: Tampered) -> None:
    """Though every event is there."""
    tampered.execute("UPDATE stored_events SET originator_version = 99 WHERE rowid = 24")
    assert str(damage(tampered.store)).endswith("/outcome/2 has version 99 where 8 should be")


def test_a_broken_running_hash_is_named_by_its_batch(tampered: Tampered) -> None:
    """And so is a time of recording that was moved."""
    tampered.execute("UPDATE batch SET recorded_at = recorded_at + 1 WHERE number = 3")
    assert str(damage(tampered.store)).startswith("batch 3: the running hash at position 12 is")


def test_bytes_altered_at_random_in_the_log_are_found(tampered: Tampered) -> None:
    """Wherever in an event they lie."""
    random = Random(3)
    for _ in range(60):
        position = random.randint(1, 24)
        ((state,),) = tampered.execute("SELECT state FROM stored_events WHERE rowid = ?", position)
        at = random.randrange(len(state))
        other = state[:at] + bytes([state[at] ^ random.randint(1, 255)]) + state[at + 1 :]
        tampered.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", other, position)
        assert damage(tampered.store) is not None, (position, at)
        tampered.execute("UPDATE stored_events SET state = ? WHERE rowid = ?", state, position)


@pytest.mark.parametrize("command", [["show", "outcome", "0"], ["history", "outcome", "0"], ["rebuild"], ["digest"]])
def test_a_question_to_a_damaged_log_says_so(tampered: Tampered, command: list[str]) -> None:
    """In a sentence, with exit 3."""
    tampered.execute("UPDATE stored_events SET state = substr(state, 1, 50)")
    ran = run(*command, "--store", tampered.store)
    assert (ran.code, ran.out) == (3, "")
    assert "damaged" in ran.err


def test_a_page_of_the_file_that_was_overwritten_is_found(tampered: Tampered) -> None:
    """By the database itself."""
    (page,) = tampered.execute("SELECT rootpage FROM sqlite_master WHERE name = 'mention'")[0]
    (size,) = tampered.execute("PRAGMA page_size")[0]
    tampered.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(tampered.store.read_bytes())
    content[(page - 1) * size : page * size] = bytes(size)
    tampered.store.write_bytes(content)
    ran = ask("verify", "--store", tampered.store)
    assert ran.code == 1
    assert ran.out.startswith("Damaged. the database: ")
