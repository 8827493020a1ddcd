"""Quarantine in Python: what is dropped, what stays, and that its bytes are gone."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import projector
from projector.store.log.quarantine import mark_retried
from projector.wire.decode import refuse
from tests.builders import Clock, outcome

BROKEN, UNNAMED, MERGED = b"{", b'{"body":{"name":"Ada L."}}', b'{"metadata":{"event_name":"outcome_merged"}}'


def test_the_bytes_are_gone_from_every_file_at_once(tmp_path: Path) -> None:
    """Also while the store is open, and of long inputs; the same bytes are kept again when they come again."""
    secrets = [b'{"body":{"name":"Ada L."}}', b'{"body":{"name":"Ada L.","essay":"' + b"x" * 50_000 + b'Ada L."}}']
    with projector.open(tmp_path / "s.db") as p:
        p.append([outcome(str(n)) for n in range(50)] + secrets + [b"{"])
        files = list(tmp_path.iterdir())
        assert any(b"Ada L." in file.read_bytes() for file in files)
        assert p.drop_quarantined(reason="no event_name") == 2
        assert not any(b"Ada L." in file.read_bytes() for file in tmp_path.iterdir())
        assert [kept.raw for kept in p.quarantined()] == [b"{"]
        assert p.append(secrets).quarantined == len(list(p.quarantined())) - 1 == 2


def test_receipts_stay_until_they_are_named(p: projector.Projector) -> None:
    """They say whence an event came; what waits stays in turn."""
    p.append([BROKEN, MERGED])
    with p.store.log.transaction(commit=True) as cursor:
        mark_retried(cursor, [sha256(MERGED).digest()], 1)
    assert p.drop_quarantined(all=True) == 1
    assert [kept.raw for kept in p.quarantined(retried=True)] == [MERGED]
    assert p.drop_quarantined(all=True, retried=True) == 1
    assert list(p.quarantined(retried=True)) == []


EARLIER = [  # kept whole by a release that could not cut or open them
    json.dumps(outcome("A", id="1")) + json.dumps(outcome("B", id="2")) + json.dumps(outcome("C", id="3")),
    json.dumps(outcome("D", id="4")) + ",",
    json.dumps({"detail-type": "learning_outcome_updated", "detail": outcome("E", id="5")}),
    json.dumps({"Records": [{"Sns": {"Message": json.dumps(outcome("F", id="6"))}}, {"Sns": {"Message": "{"}}]}),
    json.dumps({"version": "2.0", "body": json.dumps(outcome("G", id="7"))}),
    json.dumps(json.dumps(outcome("H", id="8"))),
    json.dumps(outcome("I", id="9", at="2019-11-05 15:38 UTC")),
    '{"a": nope} ' + json.dumps(outcome("J", id="10")) + '{"metadata":{"event_name":"user_created"}}',
    '{"metadata":{"event_name":"user_created"}},',
]
STILL_REFUSED = ["# a comment", '{"metadata":{"event_name":"outcome_merged"}}', '{"Body":"{"}']


def test_what_an_earlier_release_kept_is_taken_by_a_retry(p: projector.Projector) -> None:
    """Each event in it, once; what is broken beside an event is then kept by itself, the receipt stays."""
    kept = [text.encode() for text in (*EARLIER, *STILL_REFUSED)]
    p.store.log.append(
        [], "old.jsonl", refused=[("old.jsonl", n, refuse(raw, "not JSON")) for n, raw in enumerate(kept, 1)]
    )
    report = p.retry()
    assert (report.appended, report.quarantined, report.ignored, report.read) == (10, 5, 2, 17)
    assert sorted(version.id for version in p.now().all("outcome")) == sorted(map(str, range(1, 11)))
    assert {event["source"] for event in map(json.loads, p.log_lines())} == {"old.jsonl"}
    waiting = {kept.raw.decode(): kept.position for kept in p.quarantined()}
    assert waiting == {text: n for n, text in enumerate(STILL_REFUSED, 10)} | {"{": 4, '{"a": nope}': 8}
    assert p.retry().appended == 0
    assert p.append([kept[0]]).duplicates == 3


def test_before_is_when_an_input_was_seen(tmp_path: Path) -> None:
    """Of a day its beginning, in the zone that is named."""
    with projector.open(tmp_path / "s.db", clock=Clock("2024-09-03T02:00:00Z")) as p:
        p.append([BROKEN])
        assert p.drop_quarantined(before="2024-09-03") == 0
        assert p.drop_quarantined(before="2024-09-03", tz="Asia/Tokyo") == 0
        assert p.drop_quarantined(before="2024-09-03", tz="America/Denver") == 1


@pytest.mark.parametrize("asked", [{}, {"all": False}, {"tz": "UTC"}, {"reason": None}])
def test_saying_nothing_drops_nothing(p: projector.Projector, asked: Any) -> None:
    """In Python too."""
    with pytest.raises(projector.BadQuestion, match="say what to drop"):
        p.drop_quarantined(**asked)
