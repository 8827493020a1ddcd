"""`projector quarantine`: what is listed, retried and dropped."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from projector.domain.canonical import write_json
from tests.builders import outcome
from tests.serve.shell import COUNTS, Shell, log_of

BROKEN, UNNAMED, MERGED = b"{", b'{"body":{"name":"Ada L."}}', b'{"metadata":{"event_name":"outcome_merged"}}'


@pytest.fixture
def kept(run: Shell, tmp_path: Path) -> Shell:
    """A store with an event, and three inputs in quarantine."""
    run("replay", log_of(tmp_path, outcome("A"), BROKEN, UNNAMED, MERGED))
    return run


def waiting(run: Shell, *options: str) -> list[str]:
    """The texts in quarantine."""
    return [json.loads(line)["raw"] for line in run("quarantine list --json", *options).out.splitlines()]


def test_quarantine_is_listed_and_retried(run: Shell, tmp_path: Path) -> None:
    """With places and reasons; strict replays exit 1."""
    log = log_of(tmp_path, b"{", outcome("A"), b'{"metadata":{"event_name":"outcome_merged"}}', b"\xff\xfe")
    assert run("replay --strict", log).code == 1
    assert run("replay", log).code == 0
    lines = [json.loads(line) for line in run("quarantine list --json").out.splitlines()]
    assert [list(line) for line in lines[:2]] == [["source", "position", "reason", "seen_at", "raw"]] * 2
    assert [(line["position"], line.get("raw"), line.get("raw_base64")) for line in lines] == [
        (1, "{", None),
        (3, '{"metadata":{"event_name":"outcome_merged"}}', None),
        (4, None, "//4="),
    ]
    assert "unknown event outcome_merged" in run("quarantine list").out
    retried = run("quarantine retry --json").json
    assert [retried[name] for name in COUNTS[:5]] == [3, 0, 0, 0, 3]


@pytest.mark.parametrize(
    ("options", "stays"),
    [
        (["--all"], []),
        (["--reason", "no event_name"], [BROKEN, MERGED]),
        (["--reason", "event"], [BROKEN]),
        (["--sha256", sha256(BROKEN).hexdigest(), sha256(MERGED).hexdigest().upper()], [UNNAMED]),
        (["--reason", "not JSON", "--sha256", sha256(MERGED).hexdigest()], [BROKEN, UNNAMED, MERGED]),
        (["--source", "elsewhere.jsonl"], [BROKEN, UNNAMED, MERGED]),
        (["--before", "2024-01-01"], [BROKEN, UNNAMED, MERGED]),
        (["--before", "2100-01-01"], []),
        (["--retried"], [BROKEN, UNNAMED, MERGED]),
    ],
    ids=str,
)
def test_what_is_named_is_dropped(kept: Shell, options: list[str], stays: list[bytes]) -> None:
    """All that is said must hold; nothing dropped is exit 1."""
    ran = kept.run("quarantine", "drop", "--json", *options)
    assert ran.json == {"dropped": 3 - len(stays)}
    assert ran.code == (1 if len(stays) == 3 else 0)
    assert waiting(kept) == [raw.decode() for raw in stays]
    assert kept("show outcome 12345").code == 0


def test_a_source_is_named_as_the_list_shows_it(kept: Shell, tmp_path: Path) -> None:
    """And the count is printed."""
    other = tmp_path / "other"
    other.mkdir()
    kept("replay", log_of(other, b"not"))
    source = json.loads(kept("quarantine list --json").out.splitlines()[0])["source"]
    assert kept("quarantine drop --source", source).out == "Dropped 3 inputs.\n"
    assert waiting(kept) == ["not"]
    assert kept("quarantine drop --all").out == "Dropped 1 input.\n"
    assert kept("quarantine drop --all").code == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--source, --reason, --before or --sha256, --retried, or --all"),
        (["--all", "--reason", "no tenant"], "leave it out"),
        (["--reason", " "], "write --all"),
        (["--sha256", "b540"], "64 hex digits"),
        (["--sha256", "x" * 64], "64 hex digits"),
        (["--before", "yesterday"], "invalid date-time"),
        (["--before", "2024-01-01", "--tz", "Mars"], "unknown time zone"),
    ],
    ids=str,
)
def test_what_is_not_said_clearly_drops_nothing(kept: Shell, options: list[str], said: str) -> None:
    """Exit 2, and what to write."""
    ran = kept.run("quarantine", "drop", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(waiting(kept)) == 3


def test_dropping_makes_no_store(run: Shell) -> None:
    """As with any command but those that feed one."""
    assert run("quarantine drop --all").code == 3
    assert not run.store.exists()


def test_a_long_input_is_listed_by_its_head_length_and_hash(run: Shell, tmp_path: Path) -> None:
    """Beyond 1 MiB; a wrapper in which nothing is an event is kept as it came."""
    long = write_json({"body": "x" * 2**20})
    run("replay", log_of(tmp_path, long, BROKEN))
    message = write_json({"MessageId": "1", "Body": "y" * (2**20 + 1)})
    run("replay", log_of(tmp_path, message))
    first, second, third = map(json.loads, run("quarantine list --json").out.splitlines())
    assert (first["length"], first["sha256"]) == (len(long), sha256(long).hexdigest())
    assert (third["length"], third["sha256"]) == (len(message), sha256(message).hexdigest())
    assert (first["raw"], third["raw"]) == (long[: 2**16].decode(), message[: 2**16].decode())
    assert not {"length", "sha256"} & second.keys()
    assert run("quarantine drop --json --sha256", first["sha256"]).json == {"dropped": 1}
