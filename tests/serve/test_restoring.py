"""A log that was exported and is restored: honest lines come back as they were, forged digests are not believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import projector
from tests.builders import Event, outcome
from tests.serve.shell import Shell, log_of

DROPPED = "client_ip,user_agent"


def events() -> list[Event]:
    """Three, two of which differ only in what is dropped."""
    found = [outcome("Cells", id="7"), outcome("Cells", id="8"), outcome("Cells", id="8")]
    for number, event in enumerate(found):
        event["metadata"] |= {"client_ip": f"10.0.0.{number}", "user_agent": "x", "user_login": "ada"}
    return found


def lines(*, reduced: bool = True) -> list[dict[str, Any]]:
    """The lines of an exported log."""
    with projector.open(":memory:") as p:
        p.replay(events(), drop_metadata=DROPPED if reduced else "")
        return [json.loads(line) for line in p.log_lines()]


@pytest.mark.parametrize("reduced", [True, False])
def test_an_honest_log_comes_back_as_it_was(reduced: bool) -> None:
    """Same digests, same head hash; what was stored once is known again, whole."""
    with projector.open(":memory:") as p, projector.open(":memory:") as q:
        p.replay(events(), drop_metadata=DROPPED if reduced else "")
        report = q.replay(p.log_lines(), keep_recorded_at=True)
        assert (report.appended, report.quarantined) == (3, 0)
        assert (q.head_hash(), q.digest()) == (p.head_hash(), p.digest())
        assert q.replay(events()).duplicates == 3
        assert q.verify().damage is None
        assert list(q.log_lines()) == list(p.log_lines())


def test_a_restore_can_drop_more(tmp_path: Path) -> None:
    """The digests stay those of the events as Canvas sent them."""
    with projector.open(":memory:") as p, projector.open(":memory:") as q:
        p.replay(events(), drop_metadata="client_ip")
        q.replay(p.log_lines(), keep_recorded_at=True, drop_metadata="user_login")
        assert q.head_hash() == p.head_hash()
        assert b"user_login" not in b"".join(q.log_lines())
        assert q.replay(events()).duplicates == 3
        assert q.verify().damage is None


FORGED: list[dict[str, Any]] = [
    {"digest": "zz" * 32},
    {"digest": "ab" * 31},
    {"digest": "ab" * 33},
    {"digest": "٣" * 64},
    {"digest": 5},
    {"digest": ["ab" * 32]},
    {"digest": ""},
    {"digest": "ab" * 32},
    {"digest": "AB" * 32, "kept": "CD" * 32},
    {"digest": "ab" * 32, "kept": "x"},
]


@pytest.mark.parametrize("forged", FORGED, ids=str)
@pytest.mark.parametrize("reduced", [True, False])
def test_a_digest_that_cannot_be_believed_is_refused(forged: dict[str, Any], reduced: bool) -> None:
    """By itself: the lines beside it are restored, and its event is not taken twice."""
    first, *others = lines(reduced=reduced)
    first.pop("kept", None)
    with projector.open(":memory:") as p:
        report = p.replay([first | forged, *others], keep_recorded_at=True)
        assert (report.read, report.appended, report.quarantined) == (3, 2, 1)
        (kept,) = p.quarantined()
        assert kept.reason.startswith("not a line of an exported log: ")
        assert "digest" in kept.reason
        assert p.replay(events()).appended == 1
        assert p.replay(events()).appended == 0


@pytest.mark.parametrize(
    "altered",
    [
        {"digest": "ab" * 32},
        {"digest": None},
        {"kept": None},
        {"kept": "ab" * 32},
        {"body": {"learning_outcome_id": "7", "title": "Other"}},
    ],
    ids=str,
)
def test_a_line_of_which_parts_were_dropped_cannot_be_altered(altered: dict[str, Any]) -> None:
    """Its digest, ``kept``, and what is in the line belong together."""
    first, *others = lines()
    with projector.open(":memory:") as p:
        report = p.replay([first | altered, *others], keep_recorded_at=True)
        assert (report.read, report.appended, report.quarantined) == (3, 2, 1)
        assert p.replay(events()).appended == 1
        assert p.replay(events()).appended == 0


def test_the_seal_of_one_event_is_not_that_of_another() -> None:
    """Nor may both members be moved to an event that was never reduced."""
    first, second, *_ = lines()
    plain = lines(reduced=False)[1]
    with projector.open(":memory:") as p:
        taken = {name: first[name] for name in ("digest", "kept")}
        assert p.replay([second | taken, plain | taken], keep_recorded_at=True).quarantined == 2


@pytest.mark.parametrize("spelling", [str.upper, str.lower])
def test_an_events_own_digest_is_no_news(spelling: Any) -> None:
    """A line may name it, in either case of its letters."""
    first, *_ = lines(reduced=False)
    with projector.open(":memory:") as p:
        p.replay([first], keep_recorded_at=True)
        (digest,) = [t.event.digest for t in p.now().why("outcome", "7").testimonies]
    for named in ({"digest": spelling(digest)}, {"digest": None}, {"digest": spelling(digest), "kept": None}):
        with projector.open(":memory:") as p:
            assert p.replay([first | named], keep_recorded_at=True).appended == 1
            assert p.replay(events()).duplicates == 1


def test_on_the_command_line_there_is_no_traceback(run: Shell, tmp_path: Path) -> None:
    """What is not believed is in quarantine, with its reason."""
    first, *others = lines()
    ran = run("replay --keep-recorded-at --strict", log_of(tmp_path, first | {"digest": "zz" * 32}, *others))
    assert (ran.code, "2 appended" in ran.out, "1 quarantined" in ran.out) == (1, True, True)
    assert "a digest is 64 hex digits" in run("quarantine list --json").json["reason"]
