"""What takes long: memory over many events, and thorough properties."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from projector.serve.college import term
from tests.wire.test_sources import PEAK

pytestmark = pytest.mark.slow

PROGRAM = f"""
import projector, sys
with projector.open(sys.argv[1]) as p:
    report = p.replay(sys.argv[2])
print(report.read, report.appended, {PEAK})
"""


def test_no_structure_in_memory_grows_with_the_log(tmp_path: Path) -> None:
    """300,000 events replay in less than 250 MB."""
    log = tmp_path / "log.jsonl"
    with log.open("wb") as file:
        for copy in range(14):  # the same term at 14 institutions
            for line in term():
                other = line.replace(b"HarborLakeCollege", b"HarborLakeColleg%x" % copy).replace(
                    b'"2107', b'"21%02d' % copy
                )
                file.write(other + b"\n")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "s.db"), str(log)], capture_output=True, text=True, check=True
    )
    read, appended, kib = map(int, ran.stdout.split())
    assert read > 300_000
    assert appended > 290_000
    assert kib < 250 * 1024
