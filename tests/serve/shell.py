"""Command lines in this process, against one store; the members of what they answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from projector.domain.canonical import write_json
from projector.serve.cli import main

SHOW = ["tenant", "kind", "id", "status", "valid_from", "valid_to", "recorded_at", "event_name", "state", "basis"]
BASIS = ["as_of", "known_at", "tz", "rules", "heard_until", "decided_by", "assumed"]
COUNTS = ["read", "appended", "duplicates", "ignored", "quarantined", "seconds", "left_out"]


@frozen
class Ran:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer, of one line."""
        return json.loads(self.out)


class Shell:
    """Runs command lines against one store."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.store = store
        self._capsys = capsys

    def __call__(self, line: str, *more: object) -> Ran:
        return self.run(*line.split(), *map(str, more))

    def run(self, *words: str) -> Ran:
        """A command line whose words may hold spaces."""
        code = main([*words, "--store", str(self.store)])
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)


def log_of(folder: Path, *events: Any) -> Path:
    """A log file of these events."""
    path = folder / "log.jsonl"
    path.write_bytes(b"\n".join(e if isinstance(e, bytes) else write_json(e) for e in events) + b"\n")
    return path
