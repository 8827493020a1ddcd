"""A shell for every test of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serve.shell import Shell


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell and a store that is not there yet."""
    return Shell(tmp_path / "s.db", capsys)
