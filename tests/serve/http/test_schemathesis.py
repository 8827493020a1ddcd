"""Whatever is asked, the service answers as its document says; schemathesis makes up what is asked.

All its checks are on, as they are by default: among others, what the document allows is not refused, what it does not
allow is, every answer has a documented status, media type, headers and shape, and other methods are 405.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import HARBOR
from tests.recipes import STORE
from tests.serve.http.running import Running, make_token, serving
from tests.serve.http.stores import OTHER, make_empty, make_two

pytestmark = pytest.mark.slow

SEED = os.environ.get("SCHEMATHESIS_SEED", "7")
EXAMPLES = 20  # made up for each operation, beside those that each limit of a parameter comes to


def tried(server: Running, folder: Path, *options: str) -> None:
    """Try the service with all that schemathesis makes up."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.address}/schema/openapi.json"]
    command += ["--seed", SEED, "--max-examples", str(EXAMPLES), "--continue-on-failure", "--no-color", *options]
    env = os.environ | {"SCHEMATHESIS_HOOKS": "tests.serve.http.accommodations", "PYTHONPATH": os.getcwd()}
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [line for line in server.log.read_text().splitlines() if '"event":"error"' in line] == []


def test_an_empty_store(tmp_path: Path) -> None:
    """Nothing is known of anything."""
    make_empty(tmp_path / "s.db")
    with serving(tmp_path / "s.db") as server:
        tried(server, tmp_path)


def test_a_term_of_a_college(tmp_path: Path, demo_folder: Path) -> None:
    """The demo's store."""
    shutil.copy(demo_folder / STORE, tmp_path / "s.db")
    with serving(tmp_path / "s.db") as server:
        tried(server, tmp_path)


def test_two_institutions(tmp_path: Path) -> None:
    """One of them has to be named."""
    make_two(tmp_path / "s.db")
    with serving(tmp_path / "s.db") as server:
        tried(server, tmp_path)


@pytest.mark.parametrize("options", [["--tenant", HARBOR], ["--tenant", HARBOR, "--tenant", OTHER]])
def test_a_token(tmp_path: Path, options: list[str]) -> None:
    """It is needed; it may only read, of the one institution or of both."""
    make_two(tmp_path / "s.db")
    token = make_token(tmp_path / "tokens", *options)
    with serving(tmp_path / "s.db", "--tokens", str(tmp_path / "tokens")) as server:
        tried(server, tmp_path, "--header", f"Authorization: Bearer {token}")
