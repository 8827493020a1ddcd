"""Every screen of the program: as it was looked at, fitted to terminals, and the same in a pipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import frozen

from projector.serve.cli import main
from projector.serve.cli.app import app
from tests.recipes import STORE
from tests.serve.screens import OTHERS, PICTURES, SCREENS, make_folder, on_screen, picture
from tests.test_words import NOT_SAID, OF_THE_CONTRACT

ODD = re.compile(rb"[^\S\n]\n|[\x1b\r]")  # a blank at the end of a line, a colour, a bar of progress
NOTE = "Not shown for lack of room: Use a wider terminal, or --json, --csv, to see all columns."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the screens are of."""
    return make_folder(tmp_path_factory.mktemp("screens"))


@frozen
class Pipe:
    """Command lines whose answers go into pipes, in the folder of the screens."""

    _monkeypatch: pytest.MonkeyPatch
    _capfdbinary: pytest.CaptureFixture[bytes]

    def __call__(self, name: str, **env: str) -> tuple[bytes, bytes]:
        """What a screen's command line writes to both streams."""
        return self.run(*SCREENS[name], **env)

    def run(self, *words: str, **env: str) -> tuple[bytes, bytes]:
        """What a command line writes to both streams."""
        for variable, value in env.items():
            self._monkeypatch.setenv(variable, value)
        main(words)
        return self._capfdbinary.readouterr()

    def words(self, name: str) -> set[str]:
        """The words of it."""
        return {*b"\n".join(self(name)).decode().split()}


@pytest.fixture
def piped(folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Pipe:
    """Runs command lines in the folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PROJECTOR_STORE", STORE)
    return Pipe(monkeypatch, capfdbinary)


def test_every_command_is_among_them() -> None:
    """One that is added is, too."""
    commands = {name for name in app if not name.startswith("-")}
    assert commands <= {words[0] for words in (*SCREENS.values(), *OTHERS) if words}


def test_every_picture_is_of_a_screen() -> None:
    """None is left of one that is no more."""
    assert {file.stem for file in PICTURES.iterdir()} == {*SCREENS}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_as_it_was_looked_at(folder: Path, name: str) -> None:
    """At 80 columns; `python -m tests.serve.screens` writes all again, to be looked at."""
    assert picture(on_screen(folder, *SCREENS[name])) == (PICTURES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 100, 160])
@pytest.mark.parametrize("name", SCREENS)
def test_no_word_breaks_on_a_terminal(folder: Path, piped: Pipe, name: str, columns: int) -> None:
    """Each is a word of the piped answer, of the note on columns without room, or shortened in its middle."""
    known = {word.rstrip(",.") for word in piped.words(name) | {*NOTE.split()}}
    lines = [line for line in on_screen(folder, *SCREENS[name], columns=columns).lines if "━" not in line]
    shown = {word.rstrip(",.") for line in lines for word in line.split() if "…" not in word}
    assert shown - known == set()
    assert [line for line in lines if len(line) > columns] == []


@pytest.mark.parametrize("name", SCREENS)
def test_a_piped_answer_is_plain(piped: Pipe, name: str) -> None:
    """No colour, no wrapping, nothing at line ends, whatever the surroundings say of terminals; no word replaced."""
    narrow = piped(name, COLUMNS="40", FORCE_COLOR="1", TERM="xterm-256color")
    assert narrow == piped(name, COLUMNS="400")
    assert ODD.search(b"\n".join(narrow)) is None
    assert old_words(b"\n".join(narrow)) == []


def old_words(printed: bytes) -> list[str]:
    """The lines with words that are not said any more."""
    return [line for line in OF_THE_CONTRACT.sub("", printed.decode()).splitlines() if NOT_SAID.search(line)]


@pytest.mark.slow
def test_commands_that_change_the_store_print_no_other_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """In a folder of their own, one after the other."""
    monkeypatch.chdir(make_folder(tmp_path))
    monkeypatch.setenv("PROJECTOR_STORE", STORE)
    piped = Pipe(monkeypatch, capfdbinary)
    piped.run("export", "--log", "log.jsonl")
    for words in OTHERS:
        printed = b"\n".join(piped.run(*words))
        assert printed.strip(), words
        assert old_words(printed) == [], words
        assert ODD.search(printed) is None, words
