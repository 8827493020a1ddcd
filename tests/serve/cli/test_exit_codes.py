"""Exit codes: 2 for bad usage, 3 where there is no store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import outcome, reported
from tests.serve.shell import Shell, log_of


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("show", 2, "KIND is missing; see: projector show --help"),
        ("show outcome", 2, "ID is missing; see: projector show --help"),
        ("show thing 1", 2, "the kinds are outcome, group"),
        ("show outcome 1 --as-of yesterday", 2, "invalid date-time"),
        ("show outcome 1 --as-of 2020-13-01", 2, "invalid date-time"),
        ("show outcome 1 --known-at never", 2, "invalid date-time"),
        ("show outcome 1 --tz Mars/Olympus", 2, "unknown time zone"),
        ("show outcome 1 --as-of 2018-02-17T23:30:00 --tz America/Sao_Paulo", 2, "twice"),
        ("show outcome 1 --as-of 2018-11-04T00:30:00 --tz America/Sao_Paulo", 2, "never"),
        ("scale Planet/1", 2, "write Account/1 or Course/565"),
        ("scale Account/", 2, "write Account/1 or Course/565"),
        ("fly", 2, "fly"),
        ("show outcome 1 --frob", 2, "--frob"),
        ("replay", 2, "name at least one file"),
        ("replay /no/such/file", 2, "/no/such/file cannot be read"),
        ("export", 2, "--log"),
        ("export --log /no/such/folder/x", 2, "cannot be written"),
    ],
)
def test_bad_usage_exits_with_two_and_a_sentence(seeded: Shell, line: str, code: int, said: str) -> None:
    """Never a traceback."""
    ran = seeded(line)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert ran.err.startswith("projector: ")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("line", ["show outcome 1", "list outcome", "digest", "history outcome 1", "scale Account/1"])
def test_without_a_store_the_exit_is_three(run: Shell, line: str) -> None:
    """It says how to make one, and makes none."""
    ran = run(line)
    assert ran.code == 3
    assert "make one with: projector replay PATH" in ran.err
    assert not run.store.exists()


def test_a_place_that_can_be_no_store_exits_with_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder, and a file that is not a database."""
    words = tmp_path / "words.db"
    words.write_text("only words, again and again, and no header of a database anywhere in sight of anybody " * 3)
    for place, said in ((tmp_path, "is a folder"), (words, "is not a database")):
        for line in ("show outcome 1", "replay /dev/null"):
            ran = Shell(place, capsys)(line)
            assert ran.code == 3
            assert said in ran.err


def test_several_institutions_must_be_named(run: Shell, tmp_path: Path) -> None:
    """The message lists them; the digest is of all."""
    run(
        "replay",
        log_of(
            tmp_path,
            outcome("A"),
            reported(
                "learning_outcome_created",
                {"learning_outcome_id": "1"},
                root_account_uuid="Other",
                root_account_id="21080000000000001",
            ),
        ),
    )
    ran = run("show outcome 1")
    assert ran.code == 2
    assert "Other" in ran.err
    assert run("show --json outcome 1 --tenant Other").json["tenant"] == "Other"
    assert run("show --json outcome 1 --tenant 2108~1").json["tenant"] == "Other"
    assert run("digest").code == 0
