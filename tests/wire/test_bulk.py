"""Decoding by column finds what decoding one by one finds, whatever the texts hold."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.catalogue import BY_NAME, CATALOGUE, METADATA
from projector.domain.columns import Columns
from projector.domain.events import Ignored, LiveEvent
from projector.domain.packing import kept_digest, unpack
from projector.wire.bulk import BulkDecoder, Decoded
from projector.wire.decode import decode
from projector.wire.kept import KeptDecoder
from tests.builders import outcome, reported, result
from tests.conftest import FIXTURES
from tests.strategies import json_values, logs

Facts = dict[str, Any]
_EVENTS: Final = [json.loads(path.read_text("utf-8")) for path in sorted((FIXTURES / "events").glob("*.json"))]
_REFUSED: Final = [path.read_bytes() for path in sorted((FIXTURES / "refused").glob("*.json"))]
_MEMBERS: Final = sorted({name for entry in CATALOGUE for name in entry.members} | {"novel", "alignments", "class"})
_METADATA: Final = sorted(METADATA | {"region", "trace", "from"})
_VALUES: Final = st.sampled_from(
    [
        *(None, "", " ", "5", "x", "é\u0000\u2028", "deleted", "parked", True, False),
        *(0, 5, 5.0, 0.1, -0.0, 3e-5, 1e-7, 1e16, 1e300, 2**64, 2**1024, "4.5", "1e400", "g2-" + "0" * 32),
        *("21070000000000005", "2107~5", 21080000000000005, 21070000000000005),
        *("2024-03-01T10:00:00Z", "2024-03-01T10:00:00.123Z", "2024-03-01T24:00:00Z", "2024-02-31T10:00:00Z"),
        *("2024-03-01 02:30:00 -0800", "2024-03-01T10:00:00", "٢024-03-01T10:00:00Z", "soon"),
        *(
            {},
            [],
            {"points": 5.0},
            [{"points": 1.0}],
            [{"points": 1e-9}],
            [{"points": 1e22}],
            {"points": 3e-5},
            {"deep": [[{"x": 2.0}]]},
        ),
        *("highest", "n_mastery", "wished_average", "RubricAssessment", "Course", "Account"),
    ]
)
_changes = st.lists(
    st.tuples(st.just("body"), st.sampled_from(_MEMBERS), _VALUES | json_values)
    | st.tuples(st.just("metadata"), st.sampled_from(_METADATA), _VALUES | json_values)
    | st.tuples(st.sampled_from(["body", "metadata", "other"]), st.none(), _VALUES),
    max_size=4,
)


def _changed(event: dict[str, Any], changes: list[tuple[str, str | None, Any]]) -> bytes:
    """An event with other values in places."""
    event = json.loads(json.dumps(event))
    for part, name, value in changes:
        if name is None:
            event[part] = value
        elif isinstance(event.get(part), dict):
            event[part][name] = value
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")


_texts = st.lists(
    st.builds(_changed, st.sampled_from(_EVENTS), _changes) | st.sampled_from(_REFUSED),
    max_size=8,
)


def _facts(columns: Columns, index: int) -> Facts:
    """Everything that columns say of one event."""
    mentions = {
        (kind, what, id)
        for (kind, what), (events, ids) in columns.mentions.items()
        for event, id in zip(events, ids, strict=True)
        if event == index
    }
    return {
        "names": columns.names[index],
        "account": columns.accounts[columns.account[index]],
        "times": (columns.times[index], columns.updated[index]),
        "id": columns.ids[index],
        "digest": columns.digests[index],
        "packed": columns.packed[index],
        "mentions": mentions,
        "titled": index in columns.titled,
        "hints": dict(columns.hints).get(index),
        "part": columns.parts.get(index),
        "row": columns.rows.get(index),
        "unresolved": index in columns.unresolved,
    }


def _see_that_they_are_equal(texts: list[bytes], found: Decoded, dropped: frozenset[str] = frozenset()) -> None:
    one_by_one = {place: decode(text, dropped) for place, text in enumerate(texts) if place not in found.odd}
    events = {place: item for place, item in one_by_one.items() if isinstance(item, LiveEvent)}
    assert found.places == list(events)
    expected = Columns.of(events.values())
    for index in range(len(expected)):
        assert _facts(found.events, index) == _facts(expected, index)
    assert found.events.guessed == expected.guessed
    others = [(place, item.name) for place, item in one_by_one.items() if isinstance(item, Ignored)]
    assert found.ignored == others
    assert len(found.places) + len(others) + len(found.odd) == len(texts)
    warned = sorted((place, text) for text, places in found.warnings.items() for place in places)
    assert warned == sorted((place, text) for place, event in events.items() for text in event.warnings)
    assert all(places == sorted(places) for places in found.warnings.values())


@given(st.lists(_texts, max_size=3), st.sampled_from([frozenset[str](), frozenset({"context_id", "user_agent"})]))
def test_it_finds_what_decoding_one_by_one_finds(several: list[list[bytes]], dropped: frozenset[str]) -> None:
    """Of texts in a row, since names of members are learnt on the way."""
    decoder = BulkDecoder(dropped, with_rows=True)
    for texts in several:
        _see_that_they_are_equal(texts, decoder.decode(texts), dropped)


@given(logs)
def test_it_finds_the_same_in_logs_of_a_small_world(log: list[dict[str, Any]]) -> None:
    """Of several institutions, with results of any producer generation and ids of other shards."""
    texts = [json.dumps(event).encode() for event in log]
    _see_that_they_are_equal(texts, BulkDecoder(with_rows=True).decode(texts))


@given(logs)
def test_events_that_were_kept_are_read_as_they_were_found(log: list[dict[str, Any]]) -> None:
    """With the digests they were kept with; packed are only those that may have to be read again."""
    events = [decode(json.dumps(event).encode()) for event in log]
    kept = [event for event in events if isinstance(event, LiveEvent)]
    found = KeptDecoder(checked=True).decode([event.packed for event in kept])
    expected = Columns.of(event if event.has_global_id else event._replace(packed=b"") for event in kept)
    assert [_facts(found.events, i) for i in range(len(kept))] == [_facts(expected, i) for i in range(len(kept))]
    assert found.altered == []


@pytest.mark.parametrize("event", _EVENTS, ids=lambda event: event["metadata"]["event_name"])
def test_what_canvas_usually_sends_is_not_odd(event: dict[str, Any]) -> None:
    """Every kind of event of the fixtures is decoded by column."""
    assert BulkDecoder().decode([json.dumps(event).encode()]).odd == []


@pytest.mark.parametrize(
    "metadata",
    [{"region": "eu"}, {"trace": {"id": "7", "sampled": [1.0, 2]}}, {f"m{number}": number for number in range(20)}],
)
def test_members_that_are_new_are_learnt(metadata: dict[str, Any]) -> None:
    """So that events which have them are decoded by column from the first on."""
    texts = [json.dumps(outcome("Cells", id=str(id)) | {}).encode() for id in range(3)]
    novel = [reported("learning_outcome_created", {"learning_outcome_id": "5", "hue": {"a": 1.0}}, **metadata)]
    texts += [json.dumps(event).encode() for event in novel * 2]
    found = BulkDecoder().decode(texts)
    assert found.odd == []
    _see_that_they_are_equal(texts, found)


def test_no_more_names_are_learnt_than_a_number() -> None:
    """Of events with ever other members the rest is read one by one."""
    texts = [
        json.dumps(
            result(id=str(id)) | {"body": {"id": str(id), "learning_outcome_id": "5", f"novel_{id}": 1}}
        ).encode()
        for id in range(100)
    ]
    found = BulkDecoder(with_rows=True).decode(texts)
    assert 0 < len(found.odd) < 100
    _see_that_they_are_equal(texts, found)


def test_dropped_members_are_not_kept() -> None:
    """The digest is of the whole event."""
    event = result(id="5") | {}
    event["metadata"]["client_ip"] = "192.0.2.1"
    text = json.dumps(event).encode()
    events = BulkDecoder(frozenset({"client_ip"})).decode([text] * 2).events
    assert b"client_ip" not in unpack(events.packed[0])[1]
    assert kept_digest(events.packed[0]) is not None
    assert events.digests == BulkDecoder().decode([text] * 2).events.digests


def test_every_name_of_the_catalogue_is_read() -> None:
    """Each by its own types."""
    bodies = {name: {entry.id: "5"} for name, entry in BY_NAME.items()}
    texts = [json.dumps(reported(name, body)).encode() for name, body in bodies.items()]
    assert BulkDecoder().decode(texts).events.names == list(bodies)
