"""Memory over many events: no structure grows with the log, in the process that writes and in the one that decodes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from projector.domain.canonical import write_json
from tests.builders import institutions, outcome

pytestmark = pytest.mark.slow

MOST = 250 * 1024  # KiB of both processes together
PROGRAM = """
import json, projector, resource, sys
with projector.open(sys.argv[1]) as p:
    report = p.replay(sys.argv[2])
# not RUSAGE_SELF: its peak counts the memory of the process that started this one, as it was then
(itself,) = (int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM:"))
others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([report.read, report.appended, itself, others]))
"""


def unknown_events(count: int) -> Iterator[bytes]:
    """Events each of which is of another outcome."""
    for number in range(count):
        yield write_json(
            outcome(f"Outcome {number}", f"2024-03-01T10:{number // 60 % 60:02}:{number % 60:02}Z", id=number)
        )


def replayed(folder: Path, lines: Iterator[bytes]) -> tuple[int, int, int]:
    """How many events were read and appended, and the most memory (KiB) of both processes together."""
    log = folder / "log.jsonl"
    with log.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)
    program = [sys.executable, "-c", PROGRAM, str(folder / "s.db"), str(log)]
    read, appended, itself, others = json.loads(subprocess.run(program, capture_output=True, check=True).stdout)
    assert others > 10 * 1024  # somebody decoded beside it
    return read, appended, itself + others


def test_no_structure_in_memory_grows_with_the_log(tmp_path: Path) -> None:
    """300,000 events of 14 institutions replay in less than 250 MB."""
    read, appended, kib = replayed(tmp_path, institutions(14))
    assert read > 300_000
    assert appended > 290_000
    assert kib < MOST


def test_nor_with_the_number_of_aggregates(tmp_path: Path) -> None:
    """300,000 events, each of another outcome."""
    read, appended, kib = replayed(tmp_path, unknown_events(300_000))
    assert (read, appended) == (300_000, 300_000)
    assert kib < MOST
