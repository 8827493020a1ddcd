"""The help: the page of the program, of each command, and what is said of a command line that cannot be meant."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from projector.serve.cli.app import app
from projector.serve.cli.help import examples_of
from tests.endurance.running import COMMAND, Ran, ask

GROUPS = ["Feed", "Ask", "Judge", "Explain", "Keep", "Serve", "People"]


def commands(page: App = app, *before: str) -> Iterator[tuple[str, App]]:
    """Every command of the program and the commands below it."""
    for name in page:
        if not name.startswith("-"):
            words = (*before, name)
            yield " ".join(words), page[name]
            yield from commands(page[name], *words)


COMMANDS = dict(commands())
EXAMPLES = {name: examples_of(command.help) for name, command in COMMANDS.items()}


def test_the_help_lists_each_command_once_in_its_group() -> None:
    """On one line, with its summary; the groups in the order in which people come to them."""
    listed = re.findall(r"^(\w*) +([a-z]+)  +(\S.+)$", ask("--help").out, re.MULTILINE)
    assert [title for title, _, _ in listed if title] == GROUPS
    assert sorted(name for _, name, _ in listed) == sorted(name for name in COMMANDS if " " not in name)
    for _, name, summary in listed:
        assert COMMANDS[name].help.startswith(f"{summary}.")


@pytest.mark.parametrize("name", ["", *COMMANDS], ids=lambda name: name or "projector")
def test_a_page_fits(name: str) -> None:
    """It is plain text of 80 columns, with words for values, and without what is true of all."""
    ran = ask(*name.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith(" ".join(["Usage: projector", *name.split()]))
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line != line.rstrip()]
    assert not re.search(r"False|None|\bSTR\b|\bPATH=|\bINT\b|CHOICE|\[default|[│─\x1b`]", ran.out)
    assert ("Exit codes" in ran.out) == (name == "")
    assert "\n\n\n" not in ran.out


def test_the_page_of_the_program_fits_a_screen() -> None:
    """With room for commands to come; the exit codes are there, those of a lost answer and an interruption too."""
    out = ask("--help").out
    assert len(out.splitlines()) <= 36
    words = " ".join(out.split())
    assert "Help for one command: projector COMMAND --help" in words
    assert "4 the answer could not be written to standard output; 130 interrupted." in words


def test_a_commands_own_options_come_before_those_that_all_share() -> None:
    """And the examples last."""
    out = ask("scores", "--help").out
    places = [out.index(text) for text in ("\nOptions:", "--over", "\nShared options:", "--store FILE", "\nExamples:")]
    assert places == sorted(places)
    assert "Default: $PROJECTOR_TZ, else UTC." in " ".join(out.split())


def test_projector_alone_says_how_to_begin() -> None:
    """With three questions that run on the demo; see the examples below."""
    ran = ask()
    assert (ran.code, ran.err) == (0, "")
    assert "projector demo\n" in ran.out
    assert ran.out.endswith("projector --help\n")
    assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize("width", [80, 100, 160])
def test_on_a_terminal_words_stay_whole(width: int) -> None:
    """At any width; titles are bold there."""
    code = (
        "import os, pty, sys\n"
        f"os.environ |= {{'COLUMNS': '{width}', 'TERM': 'xterm'}}\n"
        "sys.exit(os.waitstatus_to_exitcode(pty.spawn([sys.executable, '-m', 'projector', 'scores', '--help'])))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "\x1b[1mShared options:\x1b[0m" in shown
    lines = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert max(map(len, lines)) <= min(width, 100)
    assert " ".join(" ".join(lines).split()) == " ".join(ask("scores", "--help").out.split())


def test_a_command_is_asked_without_importing_the_help() -> None:
    """Nor other commands."""
    code = "import sys; from projector.serve.cli import main; main(['show', 'outcome', '1']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "projector.serve.cli.asking" in loaded
    assert not {f"projector.serve.cli.{name}" for name in ("help", "misuse", "scoring", "replaying")} & {*loaded}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("shwo", "unknown command 'shwo' (did you mean show?); see: projector --help"),
        ("--frob", "unknown option --frob; see: projector --help"),
        ("quarantine lst", "unknown command 'lst' (did you mean list?); see: projector quarantine --help"),
        ("show", "KIND is missing; see: projector show --help"),
        ("backup", "FILE is missing; see: projector backup --help"),
        ("tenants alias Old", "A is missing; see: projector tenants alias --help"),
        ("verify tables", "unexpected argument 'tables'; see: projector verify --help"),
        ("show outcome 1 2 3", "unexpected arguments '2', '3'; see: projector show --help"),
        ("show outcome 1 --as-off x", "unknown option --as-off (did you mean --as-of?); see: projector show --help"),
        ("show outcome 1 --as-of", "--as-of needs a value; see: projector show --help"),
        ("show outcome 1 --tz UTC --tz UTC", "--tz may be given only once; see: projector show --help"),
        (
            "scores --format xml",
            "invalid value 'xml' for --format: write parquet, csv or arrow; see: projector scores --help",
        ),
        ("verify --json=maybe", "invalid value 'maybe' for --json: it takes no value; see: projector verify --help"),
        ("verify \x1b[1m", "unexpected argument '\\x1b[1m'; see: projector verify --help"),
    ],
    ids=lambda text: text if "see:" not in text else "",
)
def test_a_command_line_that_cannot_be_meant_names_the_help_of_its_command(line: str, said: str) -> None:
    """In a sentence, on stderr."""
    ran = ask(*line.split(" "))
    assert (ran.code, ran.out, ran.err) == (2, "", f"projector: {said}\n")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `projector demo` was run."""
    folder = tmp_path_factory.mktemp("demo")
    assert ask("demo", "--dir", folder / "projector-demo").code == 0
    return folder


@pytest.fixture
def beside_a_demo(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a copy of that folder, asking the copy of its store."""
    shutil.copytree(demo, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("PROJECTOR_STORE", "projector-demo/college.db")
    (tmp_path / "copy" / "tokens.txt").write_text(ask("token", "--scope", "admin").out.splitlines()[1] + "\n")


def run_example(line: str) -> Ran:
    """A command line as it is written, after a pipe as a process."""
    before, pipe, after = line.rpartition(" | ")
    if line.startswith("projector serve"):
        return run_server(shlex.split(line)[1:])
    if not pipe:
        return ask(*shlex.split(line)[1:])
    given = subprocess.run(before, shell=True, capture_output=True, check=True).stdout
    words = [*COMMAND, *shlex.split(after)[1:]]
    ran = subprocess.run(words, input=given, capture_output=True, check=False)
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def run_server(words: list[str]) -> Ran:
    """A command line that serves, ended as soon as it does."""
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        return Ran(process.returncode, line + out, err)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_examples_of_itself(name: str) -> None:
    """At least two, with options that there are; its page shows them as they are."""
    assert len(EXAMPLES[name]) >= 2
    page = ask(*name.split(), "--help").out
    for example in EXAMPLES[name]:
        assert f"\n  {example}\n" in page
        words = shlex.split(example.rpartition(" | ")[2])
        assert words[: 1 + len(name.split())] == ["projector", *name.split()]
        app.parse_args(words[1:], exit_on_error=False, print_error=False)


@pytest.mark.slow
@pytest.mark.usefixtures("beside_a_demo")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_command_run(name: str) -> None:
    """One after another, beside what `projector demo` made."""
    for example in EXAMPLES[name]:
        ran = run_example(example)
        assert ran.code == 0, ran.err
        assert ran.out


@pytest.mark.usefixtures("beside_a_demo")
def test_the_questions_to_begin_with_run() -> None:
    """Each gives an answer."""
    questions = re.findall(r"^  (projector (?!demo).+)$", ask().out, re.MULTILINE)
    assert len(questions) == 3
    for question in questions:
        ran = run_example(question)
        assert ran.code == 0, ran.err
