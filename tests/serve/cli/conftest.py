"""The stores that several tests of the command line ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from projector.serve.demo.college import term
from tests.builders import outcome, reported, scale
from tests.conftest import FIXTURES
from tests.serve.shell import Shell, log_of


@pytest.fixture
def seeded(run: Shell, seed: Path) -> Shell:
    """A shell over a store with the vendor's ten examples."""
    run("replay", seed)
    return run


@pytest.fixture
def curriculum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell over a store with a small tree, two scales and a dangling link."""
    account = {"context_type": "Account", "context_id": "1"}
    group = {"learning_outcome_group_id": "1", "title": "Root", "parent_outcome_group_id": None} | account
    missing = {"learning_outcome_link_id": "6", "learning_outcome_id": "404"}
    link = {"learning_outcome_link_id": "5", "learning_outcome_id": "12345", "learning_outcome_group_id": "1"} | account
    events = [
        reported("learning_outcome_group_created", group, "2024-01-01T00:00:00Z"),
        reported("learning_outcome_link_created", link, "2024-01-01T00:00:00Z"),
        reported("learning_outcome_link_created", link | missing),
        outcome("Cells", "2024-01-01T00:00:00Z", verb="created", **account),
        outcome("Cell biology", "2024-03-01T00:00:00Z", updated_at="2024-02-28T23:00:00Z", **account),
        scale("2024-01-01T00:00:00Z"),
        reported("course_created", {"course_id": "565", "account_id": "10"}, "2024-01-01T00:00:00Z"),
    ]
    shell = Shell(tmp_path / "s.db", capsys)
    shell("replay", log_of(tmp_path, *events))
    return shell


@pytest.fixture
def class_and_scale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell over the story of a class and its scale."""
    shell = Shell(tmp_path / "s.db", capsys)
    shell("replay --keep-recorded-at", FIXTURES / "scenarios" / "class-and-scale.jsonl")
    return shell


@pytest.fixture(scope="session")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that takes seconds."""
    path = tmp_path_factory.mktemp("log") / "term.jsonl"
    path.write_bytes(b"\n".join(term()))
    return path
