"""Without the extra `tables`."""

from __future__ import annotations

import subprocess
import sys

import pytest

import projector
from projector.lake.extras import see_that_installed


@pytest.mark.parametrize("package", ["duckdb", "pyarrow", "pytz"])
def test_what_is_missing_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the line that installs it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(projector.MissingExtra, match=r"pip install 'outcome-projector\[tables\]'"):
        see_that_installed()


def test_the_command_says_it_too() -> None:
    """And exits with 2."""
    program = "import sys; sys.modules['duckdb'] = None"
    program += "; from projector.serve.cli import main; sys.exit(main(['sql', 'FROM x']))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 2
    assert "pip install 'outcome-projector[tables]'" in ran.stderr
