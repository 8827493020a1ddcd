"""`projector export --log` and `projector replay --keep-recorded-at`: a log as a file and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import outcome
from tests.serve.shell import COUNTS, Shell


def test_a_log_is_exported_and_restored(seeded: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same hashes, into an empty store only."""
    file = tmp_path / "log.out"
    assert seeded("export --log", file).out == f"Wrote 10 events to {file}.\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(json.loads(file.read_text().splitlines()[0])) == ["recorded_at", "source", "metadata", "body"]
    assert seeded("export --log -").out == file.read_text()
    other = Shell(tmp_path / "other.db", capsys)
    assert other("replay --keep-recorded-at", file).code == 0
    for question in ("digest", "digest --log", "export --log -"):
        assert other(question).out == seeded(question).out
    refused = other("replay --keep-recorded-at", file)
    assert refused.code == 2
    assert "empty store" in refused.err


def test_lines_that_are_no_log_are_refused_at_a_restore(seeded: Shell, tmp_path: Path) -> None:
    """Kept with their reasons; the rest is restored."""
    lines = seeded("export --log -").out.splitlines()
    unstamped = json.dumps(outcome("A"))
    back = json.dumps(json.loads(lines[0]) | {"recorded_at": "2001-01-01T00:00:00Z"})
    log = tmp_path / "mixed.jsonl"
    log.write_text("\n".join([*lines[:9], "{", unstamped, back, lines[9]]) + "\n")
    seeded.store = tmp_path / "restored.db"
    ran = seeded("replay --keep-recorded-at --json", log)
    assert [ran.json[name] for name in COUNTS[:5]] == [13, 10, 0, 0, 3]
    reasons = [json.loads(line)["reason"] for line in seeded("quarantine list --json").out.splitlines()]
    assert reasons == [
        "not JSON: Input data was truncated",
        "not a line of an exported log: recorded_at or source is missing",
        "recorded_at does not increase: an exported log must keep its order of lines",
    ]
