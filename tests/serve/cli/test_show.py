"""`projector show`: one aggregate as of an instant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import projector
from tests.builders import outcome, result
from tests.conftest import FIXTURES
from tests.serve.shell import BASIS, SHOW, Shell, log_of


def test_the_mastery_points_of_two_days(seeded: Shell) -> None:
    """A date means its last instant; an instant counts from itself on."""

    def points(as_of: str) -> float:
        answer = seeded("show --json outcome 12345 --as-of", as_of).json
        return float(answer["state"]["rubric_criterion"]["mastery_points"])

    assert points("2019-11-02") == 3
    assert points("2019-11-05T10:03:37.525999Z") == 3
    assert points("2019-11-05T10:03:37.526Z") == 2
    assert points("2019-11-05T03:03:37.526-07:00") == 2
    assert points("2019-11-05") == 2


def test_show_has_the_shape_of_the_contract(seeded: Shell) -> None:
    """Members in their order, instants in UTC with microseconds."""
    answer = seeded("show --json outcome 12345 --as-of 2019-11-02").json
    assert list(answer) == SHOW
    assert list(answer["basis"]) == BASIS
    assert answer["valid_from"] == "2019-11-01T21:42:55.950000Z"
    assert answer["valid_to"] == "2019-11-05T10:03:37.526000Z"
    assert answer["basis"] | {"known_at": None} == {
        "as_of": "2019-11-02T23:59:59.999999Z",
        "known_at": None,
        "tz": "UTC",
        "rules": projector.RULES,
        "heard_until": "2020-08-18T23:28:24.396000Z",
        "decided_by": "only",
        "assumed": [],
    }


def test_the_update_of_one_instant_stands(seeded: Shell) -> None:
    """Of the vendor's proficiency pair with equal event_time."""
    answer = seeded("show --json scale 1").json
    assert answer["event_name"] == "outcome_proficiency_updated"
    assert answer["basis"]["decided_by"] == "verb"


@pytest.mark.parametrize(
    ("question", "because"),
    [
        ("outcome 9", "never heard of"),
        ("outcome 12345 --as-of 2019-10-31", "first heard of later"),
        ("scale 1 --as-of 2020-08-17", "created later"),
    ],
)
def test_what_is_unknown_says_why(seeded: Shell, question: str, because: str) -> None:
    """Exit 1, null times and state."""
    answer = seeded(f"show --json {question}")
    assert answer.code == 1
    assert answer.json["because"] == because
    assert [answer.json[name] for name in ("status", "valid_from", "valid_to", "recorded_at", "state")] == [
        "unknown",
        *[None] * 4,
    ]
    assert "Unknown" in seeded(f"show {question}").out


def test_times_are_printed_in_the_readers_zone(seeded: Shell) -> None:
    """And dates are read in it."""
    shown = seeded("show outcome 12345 --as-of 2019-11-05 --tz America/Denver").out
    assert "2019-11-05 03:03:37.526 -07:00" in shown
    assert "2019-11-05 23:59:59.999999 -07:00" in shown
    answer = seeded("show --json outcome 12345 --as-of 2019-11-05 --tz America/Denver").json
    assert answer["basis"]["as_of"] == "2019-11-06T06:59:59.999999Z"


def test_the_last_instant_there_is_can_be_shown(run: Shell, tmp_path: Path) -> None:
    """In a zone where it is a day later."""
    run("replay", log_of(tmp_path, outcome("Last", "9999-12-31T23:59:59Z")))
    assert "9999-12-31 23:59:59 UTC" in run("show outcome 12345 --tz Asia/Tokyo").out


def test_a_result_that_was_continued(run: Shell, tmp_path: Path) -> None:
    """It names its successor, leaves the list, and says so to people."""
    old = result(user_uuid="Ada")
    new = result("2024-05-01T10:00:00Z", verb="updated", user_uuid="Ada", id="77")
    run("replay", log_of(tmp_path, old, new))
    ids = [json.loads(line)["id"] for line in run("list result --json").out.splitlines()]
    assert ids == ["77"]
    (guessed,) = [json.loads(line) for line in run("list result --json --as-of 2024-04-01").out.splitlines()]
    assert guessed["continued_by"] is None
    answer = run("show result", guessed["id"]).out
    assert "Continued by result 77" in answer


@pytest.mark.parametrize(
    ("kind", "id", "words"),
    [
        ("outcome", "12345", ["Cells", "Decaying Average 65/35", "◄ mastery"]),
        ("group", "75033", ["Biology", "Within group"]),
        ("link", "5001", ["In group", "75033"]),
        ("result", "90017", ["LearnerUuid", "75 %", "2024-09-03 12:29:59 UTC", "RubricAssessment/77"]),
        ("scale", "9", ["Secure", "◄ mastery"]),
        ("method", "3", ["n Number of Times: 3 at mastery"]),
        ("description", "4", ["You can name the parts of a cell."]),
        ("assessment", "77", ["Submission/7701", "2024-09-02 20:11:00 UTC"]),
        ("course", "565", ["Cell Biology", "In account"]),
        ("account", "79", ["Faculty of Science", "Within account"]),
    ],
)
def test_every_kind_has_its_card_and_its_row(run: Shell, kind: str, id: str, words: list[str]) -> None:
    """In words a person knows."""
    run("replay", FIXTURES / "events")
    card = run(f"show {kind} {id}")
    assert card.code == 0
    assert all(word in card.out for word in words), card.out
    assert id in run(f"list {kind}").out
    heading = run(f"history {kind} {id}").out.splitlines()[0]
    assert id in heading
    assert heading.endswith((": 1 version", ": 2 versions"))
    assert '"event_name"' in run(f"why {kind} {id} --raw").out.replace("\n", "")
