"""The tutorial and the README show what their commands print."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import pytest

from projector.serve.cli import main
from tests.blocks import DOCS, Block, blocks
from tests.serve.screens import make_folder, on_screen

PAGE: Final = DOCS / "tutorial/first-questions.md"
LEFT_OUT: Final = "…"  # a line for lines that are left out
SHOWN: Final = [one for one in blocks(PAGE) if one.output]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo."""
    return make_folder(tmp_path_factory.mktemp("tutorial"))


def test_an_appeal_takes_five_commands_at_most() -> None:
    """Each with what it prints."""
    appeal = [one for one in blocks(PAGE) if one.section == "An appeal"]
    assert 1 <= len(appeal) <= 5
    assert all(one.output and len(one.text.splitlines()) == 1 for one in appeal)


@pytest.mark.slow
@pytest.mark.parametrize("shown", SHOWN, ids=lambda one: one.text.split()[1])
def test_a_command_prints_what_the_page_shows(folder: Path, shown: Block) -> None:
    """On a terminal of 80 columns."""
    program, *words = shlex.split(shown.text)
    assert program == "projector"
    printed = "\n".join(on_screen(folder, *words).lines)
    for part in f"\n{shown.output}".split(f"\n{LEFT_OUT}\n"):
        assert part.strip("\n") in printed


def test_the_readme_shows_what_the_demo_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe; without how long it took."""
    (shown,) = (one.text for one in blocks(DOCS.parent / "README.md") if one.language == "text")
    assert main(["demo", "--dir", str(tmp_path / "demo")]) == 0
    printed = {line.partition(" quarantined; ")[0] for line in capsys.readouterr().out.splitlines()}
    lines = [line.partition(" quarantined; ")[0] for line in shown.splitlines() if line != LEFT_OUT]
    assert [line for line in lines if line not in printed] == []
