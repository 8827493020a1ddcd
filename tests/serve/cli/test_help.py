"""`projector --help`."""

from __future__ import annotations

from tests.endurance.running import run


def test_the_help_names_every_exit_code() -> None:
    """Those of a lost answer and of an interruption too."""
    words = " ".join(run("--help").out.split())
    assert "Exit codes" in words
    assert "4 the answer could not be written to standard output" in words
    assert "130 interrupted" in words


def test_the_help_names_the_commands() -> None:
    """Each group of them."""
    help = run("--help").out
    assert all(name in help for name in ("replay", "show", "history", "list", "scale", "digest", "quarantine", "demo"))
