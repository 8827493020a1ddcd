"""The unit for systemd, as the documentation has it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from projector.serve.cli.app import app
from tests.blocks import DOCS

UNIT = DOCS / "how-to/service/outcome-projector.service"
PROGRAM = "/opt/outcome-projector/bin/projector"


@pytest.mark.slow  # it needs systemd
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Without a word of warning, once the program is where it says."""
    program = tmp_path / "projector"
    program.write_text(f"#!{sys.executable}\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace(PROGRAM, str(program)), encoding="utf-8")
    ran = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_unit_runs_a_command_line_that_there_is() -> None:
    """With options that the command has."""
    line = next(line for line in UNIT.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart="))
    program, *words = shlex.split(line.removeprefix("ExecStart="))
    assert program == PROGRAM
    app.parse_args(words, exit_on_error=False, print_error=False)
