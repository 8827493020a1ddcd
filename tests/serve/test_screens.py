"""Every screen of the program: as it was looked at, fitted to terminals, and the same in a pipe."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from projector.serve.cli.app import app
from tests.endurance.running import COMMAND
from tests.recipes import STORE
from tests.serve.screens import PICTURES, SCREENS, make_folder, on_screen, picture
from tests.test_words import NOT_SAID, OF_THE_CONTRACT

CHANGING = {"replay", "demo", "rebuild", "backup"}  # what they print has times, and is tested with them
STREAMED = re.compile(rb"[^\S\n]\n|\x1b|\r")  # a blank at a line's end, a colour, a progress bar


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the screens are of."""
    return make_folder(tmp_path_factory.mktemp("screens"))


def piped(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A command line whose answer goes into a pipe."""
    return subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PROJECTOR_STORE": STORE, **env},
    )


def test_every_command_has_a_screen() -> None:
    """One that is added has one, too."""
    commands = {name for name in app if not name.startswith("-")}
    assert commands - CHANGING <= {words[0] for words in SCREENS.values() if words}


def test_every_picture_is_of_a_screen() -> None:
    """None is left of one that is no more."""
    assert {file.stem for file in PICTURES.iterdir()} == {*SCREENS}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_as_it_was_looked_at(folder: Path, name: str) -> None:
    """At 80 columns; `python -m tests.serve.screens` writes them anew, to be looked at again."""
    seen = on_screen(folder, *SCREENS[name])
    assert picture(seen) == (PICTURES / f"{name}.txt").read_text(encoding="utf-8")
    assert max(map(len, seen.lines)) <= 80 or "Traceback" not in seen.text


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 100, 160])
@pytest.mark.parametrize("name", SCREENS)
def test_every_word_on_a_terminal_is_a_word_of_the_piped_answer(folder: Path, name: str, columns: int) -> None:
    """No header or cell breaks within a word, whatever the width; long ids and words are shortened in their middle."""
    whole = piped(folder, *SCREENS[name])
    words = {*(whole.stdout + whole.stderr).decode().split()}
    said_of_the_table = {
        *[
            "Not",
            "shown",
            "for",
            "lack",
            "of",
            "room:",
            "Use",
            "a",
            "wider",
            "terminal,",
            "or",
            "--json,",
            "--csv,",
            "to",
            "see",
            "all",
            "columns.",
        ]
    }
    seen = on_screen(folder, *SCREENS[name], columns=columns)
    body = [line for line in seen.lines if "━" not in line]
    shown = {word for line in body for word in line.split()}
    headings = {word.rstrip(",.") for line in body for word in line.split()} & {word.rstrip(",.") for word in words}
    odd = {
        word
        for word in shown - words - said_of_the_table
        if "…" not in word and word.rstrip(",.") not in headings | said_of_the_table
    }
    assert odd == set()
    assert max(map(len, body)) <= columns or seen.code == 2


@pytest.mark.parametrize("name", SCREENS)
def test_a_piped_answer_is_plain(folder: Path, name: str) -> None:
    """No colour, no wrapping, nothing at line ends, whatever the surroundings say of terminals."""
    narrow = piped(folder, *SCREENS[name], COLUMNS="40", FORCE_COLOR="1", TERM="xterm-256color")
    wide = piped(folder, *SCREENS[name], COLUMNS="400")
    assert (narrow.stdout, narrow.stderr) == (wide.stdout, wide.stderr)
    assert STREAMED.search(narrow.stdout + b"\n" + narrow.stderr) is None


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_uses_the_fields_words(folder: Path, name: str) -> None:
    """None of the words that were replaced is printed, to either stream."""
    answer = piped(folder, *SCREENS[name])
    printed = OF_THE_CONTRACT.sub("", (answer.stdout + answer.stderr).decode())
    assert [line for line in printed.splitlines() if NOT_SAID.search(line)] == []
