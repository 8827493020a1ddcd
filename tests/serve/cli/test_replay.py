"""`projector replay`: its counts, its warnings, damage, and an interruption."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from projector.domain.canonical import write_json
from tests.builders import outcome
from tests.serve.shell import COUNTS, Shell, log_of


def test_replaying_the_ten_examples_and_again(run: Shell, seed: Path) -> None:
    """Ten appended, then ten duplicates."""
    first, again = run("replay --json", seed), run("replay --json", seed)
    assert (first.code, again.code) == (0, 0)
    assert list(first.json) == COUNTS
    assert [first.json[name] for name in COUNTS[:5]] == [10, 10, 0, 0, 0]
    assert [again.json[name] for name in COUNTS[:5]] == [10, 0, 10, 0, 0]
    assert run("replay", seed).out.startswith("Read 10 events: 0 appended, 10 duplicates, 0 ignored, 0 quarantined;")


def test_damage_in_a_source_is_reported(run: Shell, tmp_path: Path) -> None:
    """What was readable is stored, the rest reported, exit 1."""
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(
        gzip.compress(b"\n".join(map(write_json, map(outcome, map(os.urandom(9).hex().__add__, "abc" * 900)))))[:-9]
    )
    ran = run("replay", path)
    assert ran.code == 1
    assert "cut short or damaged" in ran.err
    assert not ran.out.startswith("Read 0")


def test_warnings_name_their_first_place(run: Shell, tmp_path: Path) -> None:
    """Counted, on stderr."""
    events = [outcome("A"), outcome("B", colour=1), outcome("C", colour=2)]
    ran = run("replay", log_of(tmp_path, *events, {"metadata": {"event_name": "user_created"}}))
    assert "unknown field body.colour of outcome (2 times, first at " in ran.err
    assert "log.jsonl:2)" in ran.err
    assert "ignored events of other kinds: user_created 1" in ran.err
