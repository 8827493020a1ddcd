"""Types from outside: what a type checker says of a program that uses `projector`, and of the package itself."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import projector
from tests.conftest import FIXTURES

PROGRAM = FIXTURES / "types/whole_api.py"


def ran(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of this environment, run in a folder outside the repository."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The program, outside the repository."""
    return Path(shutil.copy(PROGRAM, tmp_path))


def test_mypy_accepts_a_program_that_uses_everything(program: Path) -> None:
    """In its strict mode."""
    done = ran(program.parent, sys.executable, "-m", "mypy", "--strict", "--no-incremental", program.name)
    assert done.returncode == 0, done.stdout


def test_pyright_accepts_a_program_that_uses_everything(program: Path) -> None:
    """In its strict mode."""
    (program.parent / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    done = ran(program.parent, sys.executable, "-m", "pyright", "--pythonpath", sys.executable, program.name)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_types_of_the_package_are_complete(tmp_path: Path) -> None:
    """Every symbol of every module has a type that all type checkers read alike."""
    done = ran(tmp_path, sys.executable, "-m", "pyright", "--verifytypes", "projector", "--ignoreexternal")
    assert "Type completeness score: 100%" in done.stdout, done.stdout


def test_the_program_uses_everything() -> None:
    """Every exported name, and every public member of a projector and a view."""
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    members = {name for owner in (projector.Projector, projector.View) for name in vars(owner) if name[0] != "_"}
    assert {*projector.__all__, *members} - used == set()
