"""Command lines as processes of their own: replays of bytes, pipes and files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.endurance.running import COMMAND

NOBODY = 65534  # a user without rights


def ran(words: list[Any], input: bytes = b"", **more: Any) -> subprocess.CompletedProcess[bytes]:
    """A command line of its own, with bytes for its standard input."""
    return subprocess.run(words, input=input, capture_output=True, timeout=60, **more)


def replayed(store: Path, *names: Any, input: bytes = b"") -> tuple[int, dict[str, Any], str]:
    """Exit code, report and what was said of a replay."""
    done = ran([*COMMAND, "replay", "--json", "--store", store, *names], input)
    return done.returncode, json.loads(done.stdout or b"{}"), done.stderr.decode()


def sources(store: Path) -> set[str]:
    """Whence the events of a store came."""
    done = ran([*COMMAND, "export", "--log", "-", "--store", store])
    return {json.loads(line)["source"] for line in done.stdout.splitlines()}
