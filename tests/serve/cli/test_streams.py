"""Standard input, output and error: in a pipeline, full, closed or left early."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from projector.serve.cli import main
from tests.conftest import FIXTURES
from tests.endurance.running import COMMAND
from tests.serve.shell import Shell

QUESTIONS = [  # each way of printing
    "list outcome",
    "export --log -",
    *(
        pytest.param(words, marks=pytest.mark.slow)
        for words in (
            "show outcome 12345",
            "history outcome 404 --json",
            "list result --json",
            "tree Account/1 --json",
            "scores",
            "diff 2019-01-01 2024-01-01",
            "digest",
            "tenants --json",
            "quarantine list",
            "verify",
            "rebuild",
        )
    ),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The vendor's ten examples."""
    file = tmp_path_factory.mktemp("streams") / "s.db"
    assert main(["replay", str(FIXTURES / "seed_events.jsonl"), "--store", str(file)]) == 0
    return file


def shell(words: str, store: Path | None, redirected: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command line in a shell, with its streams redirected."""
    where = "" if store is None else f"--store {store}"
    line = f"{' '.join(COMMAND)} {words} {where} {redirected}"
    ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
    return ran.returncode, ran.stdout, ran.stderr


def usual(words: str, store: Path) -> tuple[int, str]:
    """Exit code and answer where nothing is in the way."""
    code, out, _ = shell(words, store, "")
    return code, out


@pytest.mark.parametrize("words", QUESTIONS)
def test_an_answer_that_is_not_written_is_said(store: Path, words: str) -> None:
    """Whether there is no room for it, or nowhere to write it."""
    for redirected, why in ((">/dev/full", "No space left on device"), (">&-", "it is closed")):
        code, _, err = shell(words, store, redirected)
        assert code == 4
        assert f"the answer could not be written to standard output: {why}; send it" in err.splitlines()[-1]


@pytest.mark.parametrize(
    "words", ["list outcome --json --as-of 2001-01-01", "settings --json", "show outcome 1 --tz x"]
)
@pytest.mark.slow
def test_where_nothing_is_printed_no_answer_is_lost(store: Path, words: str) -> None:
    """The exit code is that of the question, with stdout full or closed."""
    expected = usual(words, store)
    assert expected[1] == ""
    for redirected in (">/dev/full", ">&-"):
        assert shell(words, store, redirected)[:2] == expected


@pytest.mark.parametrize("words", QUESTIONS)
@pytest.mark.slow
def test_stderr_is_not_needed_for_an_answer(store: Path, words: str) -> None:
    """Full, closed, or left by its reader: answer and exit code stay."""
    expected = usual(words, store)
    for redirected in ("2>/dev/full", "2>&-", "2> >(true)"):
        assert shell(words, store, redirected)[:2] == expected


@pytest.mark.parametrize("words", [*QUESTIONS, "--help"])
def test_a_pipe_that_is_closed_ends_quietly(store: Path, words: str) -> None:
    """With 0, whoever reads having read enough."""
    where = None if "--help" in words else store
    code, _, err = shell(words, where, "| (exec 0<&-; sleep 0.1); exit ${PIPESTATUS[0]}")
    assert code == 0
    assert "projector:" not in err or "note:" in err


@pytest.mark.parametrize("closed", ["<&-", "<&- 2>&-", "<&- >/dev/full"])
@pytest.mark.slow
def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path, closed: str) -> None:
    """A store that is opened while they are closed is whole afterwards."""
    store = tmp_path / "s.db"
    code, _, _ = shell(f"replay {FIXTURES / 'seed_events.jsonl'}", store, closed)
    assert code in (0, 4)
    assert shell("verify", store, "")[0] == 0
    code, _, _ = shell(f"replay {FIXTURES / 'seed_events.jsonl'}", tmp_path / "t.db", "<&- >&- 2>&-")
    assert code == 4
    assert usual("verify", tmp_path / "t.db") == usual("verify", store) or os.path.exists(tmp_path / "t.db")


def test_a_reader_that_has_read_enough_is_no_error(seeded: Shell) -> None:
    """As in `projector list … | head -1`."""
    command = f"{sys.executable} -m projector history outcome 12345 --json --store {seeded.store} | head -c 1"
    ran = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True)
    assert (ran.stdout, ran.stderr, ran.returncode) == (b"[", b"", 0)


def test_standard_input_and_the_environment(run: Shell, seed: Path, tmp_path: Path) -> None:
    """As in a pipeline; the store by variable."""
    env = {**os.environ, "PROJECTOR_STORE": str(tmp_path / "env.db")}
    command = [sys.executable, "-m", "projector"]
    ran = subprocess.run([*command, "replay", "-"], input=seed.read_bytes(), env=env, capture_output=True, check=True)
    assert ran.stdout.startswith(b"Read 10 events: 10 appended")
    shown = subprocess.run([*command, "list", "group", "--json"], env=env, capture_output=True, check=True)
    assert json.loads(shown.stdout)["id"] == "75033"
