"""What is asked for in bytes that are no UTF-8: an answer or a sentence, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import projector
from tests.builders import outcome

ODD = os.fsdecode(b"caf\xe9")  # Latin-1; a lone surrogate in Python
DOORS = [
    *([command, "outcome", ODD] for command in ("show", "history", "why", "evidence")),
    *([command, "outcome", ODD, "--json"] for command in ("show", "history", "why")),
    *([command, "outcome", "12345", "--tenant", ODD] for command in ("show", "history")),
    ["show", ODD, "12345"],
    ["list", ODD],
    ["list", "outcome", "--tenant", ODD],
    ["scale", ODD],
    ["scale", f"Course/{ODD}", "--json"],
    ["scale", "--outcome", "12345", "--in", f"Course/{ODD}"],
    ["scale", "Course/1", "--lineage", f"Course/1,Account/{ODD}"],
    ["method", f"Account/{ODD}"],
    ["method", "--outcome", ODD],
    ["tree", f"Course/{ODD}"],
    ["scores", "--learner", ODD],
    ["scores", "--learner", ODD, "--summary", "--json"],
    ["scores", "--outcome", ODD],
    ["scores", "--in", ODD],
    ["scores", "--over", ODD],
    ["scores", "--scale-as-of", ODD],
    ["impact", f"Course/{ODD}", "2024-01-01", "2024-02-01"],
    ["evidence", "--learner", ODD, "--outcome", "12345"],
    ["evidence", "--learner", "Ada", "--outcome", ODD],
    ["diff", "2024-01-01", "2025-01-01", "--kind", ODD],
    ["diff", "2024-01-01", "2025-01-01", "--context", f"Course/{ODD}"],
    ["diff", "2024-01-01", "2025-01-01", "--tenant", ODD],
    ["gaps", "--tenant", ODD],
    ["gaps", "--longer-than", ODD],
    ["digest", "--tenant", ODD],
    ["digest", "--as-of", ODD],
    ["show", "outcome", "12345", "--as-of", ODD],
    ["show", "outcome", "12345", "--known-at", ODD],
    ["show", "outcome", "12345", "--tz", ODD],
    ["settings", "--tenant", ODD],
    ["settings", ODD, "off"],
    ["settings", "account_level_mastery_scales", ODD],
    ["settings", "account_level_mastery_scales", "off", "--tenant", ODD],
    ["settings", "account_level_mastery_scales", "off", "--from", ODD],
    ["tenants", "alias", ODD, "Other"],
    ["tenants", "alias", "Other", ODD],
    ["people", ODD],
    ["people", "--forget", ODD],
    ["quarantine", "drop", "--source", ODD],
    ["quarantine", "drop", "--reason", ODD],
    ["quarantine", "drop", "--before", ODD],
    ["quarantine", "drop", "--sha256", ODD],
    ["verify", "--head", ODD],
    ["show", f"--{ODD}"],
    [ODD],
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one outcome."""
    path = tmp_path_factory.mktemp("odd") / "s.db"
    with projector.open(path) as p:
        p.append(outcome("Cells"))
    return path


def ran(store: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """A command line in a process of its own, its words as bytes."""
    command = [sys.executable, "-m", "projector", *words]
    environment = {**os.environ, "PROJECTOR_STORE": str(store)}
    return subprocess.run([os.fsencode(w) for w in command], capture_output=True, cwd=store.parent, env=environment)


@pytest.mark.parametrize("words", DOORS, ids=lambda words: " ".join(words).encode("ascii", "backslashreplace").decode())
@pytest.mark.slow
def test_the_command_line_says_a_sentence(store: Path, words: list[str]) -> None:
    """Exit 1 or 2, one sentence on stderr at most, nothing changed."""
    done = ran(store, *words)
    assert done.returncode in (1, 2), done.stderr
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1 or done.stderr.startswith(b"projector: ")
    assert b"caf" in done.stdout + done.stderr or done.returncode == 1
    with projector.open(store, read_only=True) as p:
        assert p.now().outcome("12345") is not None
        assert (p.settings(), len(p.tenants)) == ([], 1)


@pytest.mark.slow
def test_files_of_such_names_are_fine(store: Path, tmp_path: Path) -> None:
    """A store, a page, a backup and an export."""
    place = f"{tmp_path}/{ODD}"
    for words in (
        ["evidence", "outcome", "12345", "--out", f"{place}.html"],
        ["backup", f"{place}.db"],
        ["backup", f"{place}-2.db", "--json"],
        ["export", "--log", f"{place}.jsonl"],
        ["show", "outcome", "12345", "--store", f"{place}.db"],
        ["verify", "--store", f"{place}-2.db"],
    ):
        done = ran(store, *words)
        assert (done.returncode, done.stderr) == (0, b""), words
