"""`projector why`: every event of an aggregate with its verdict."""

from __future__ import annotations

from tests.serve.shell import Shell


def test_why_shows_every_event(curriculum: Shell) -> None:
    """In words, as JSON, and with the events themselves."""
    shown = curriculum("why outcome 12345 --as-of 2024-02-01").out
    assert "● 2024-01-01 00:00:00 UTC  in effect" in shown
    assert "later than the instant asked for" in shown
    assert "Canvas updated_at: 2024-02-28 23:00:00 UTC" in shown
    answer = curriculum("why outcome 12345 --json").json
    assert [event["verdict"] for event in answer["events"]] == ["beaten", "stands"]
    assert answer["events"][0]["beaten_by"] == answer["events"][1]["digest"]
    assert answer["events"][1]["changed_at"] == "2024-02-28T23:00:00.000000Z"
    raw = curriculum("why outcome 12345 --json --raw").json["events"][1]["event"]
    assert raw["body"]["title"] == "Cell biology"
    assert curriculum("why outcome 9").code == 1
