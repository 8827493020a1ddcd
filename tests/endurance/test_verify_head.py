"""With a head hash that was noted elsewhere ``verify`` also finds a tail that is gone, or another log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import projector
from projector.store.log.checksums import computed_checksum
from tests.endurance.running import ask, run
from tests.endurance.tampering import Tampered
from tests.endurance.test_verify_log import damage, head


def _cut_off(tampered: Tampered) -> None:
    """Remove the last batch and its events, and let the store look as if they never came."""
    tampered.execute("DELETE FROM stored_events WHERE rowid > 20")
    tampered.execute("DELETE FROM batch WHERE number = 6")


def test_a_tail_that_was_cut_off_is_found(tampered: Tampered) -> None:
    """By the checksum of the batches; where that was forged too, by the head hash alone."""
    noted = head(tampered.store)
    _cut_off(tampered)
    with projector.open(tampered.store) as p:
        p.rebuild()
    assert damage(tampered.store) == "batch: its checksum does not match: it has 5 rows, not 6"
    with closing(sqlite3.connect(tampered.store)) as connection:
        count, total = computed_checksum(connection.cursor(), "batch")
    tampered.execute("UPDATE checksum SET count = ?, sum = ? WHERE name = 'batch'", count, total)
    assert damage(tampered.store) is None
    assert str(damage(tampered.store, noted)).startswith("this log never had that head hash: its end was cut off")


def test_a_store_that_was_written_anew_is_found_by_its_head(tampered: Tampered, tmp_path: Path) -> None:
    """The same events, another history."""
    noted, exported, other = head(tampered.store), tmp_path / "log.jsonl", tmp_path / "other.db"
    assert ask("export", "--log", exported, "--store", tampered.store).code == 0
    assert run("replay", exported, "--store", other).code == 0
    assert damage(other) is None
    assert "never had that head hash" in str(damage(other, noted))


def test_a_head_of_long_ago_still_proves(tampered: Tampered) -> None:
    """As it stood after any batch; what is no hash is refused."""
    hashes = [hash.hex() for (hash,) in tampered.execute("SELECT hash FROM batch")]
    for hash in (hashes[0], hashes[3], "00" * 32):
        assert damage(tampered.store, hash) is None
    assert ask("verify", "--head", "abc", "--store", tampered.store).code == 2


def test_events_changed_with_every_hash_made_anew_are_found_by_the_head_alone(tampered: Tampered) -> None:
    """Whoever can write to the file can make its hashes fit, but not the one that was noted elsewhere."""
    noted = head(tampered.store)
    with projector.open(tampered.store) as p:
        lines = list(p.log_lines())
    lines[5] = lines[5].replace(b"Cells 5", b"Shells!")
    tampered.store.unlink()
    with projector.open(tampered.store) as p:
        p.replay(iter(lines), keep_recorded_at=True)
    assert damage(tampered.store) is None
    assert "never had that head hash" in str(damage(tampered.store, noted))
