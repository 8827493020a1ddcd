"""Events that Canvas sends are read as it means them; what cannot be meant is refused with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.canonical import canonical_json, canonical_of_whole, read_whole
from projector.domain.catalogue import BY_NAME, CATALOGUE
from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.domain.facts import event_kept
from projector.wire.decode import decode
from tests import naive
from tests.builders import outcome, reported, result
from tests.conftest import FIXTURES
from tests.strategies import json_values

GOLDEN = json.loads((FIXTURES / "golden.json").read_text(encoding="utf-8"))
EVENTS = sorted((FIXTURES / "events").glob("*.json"))

REASONS = {
    "blank-tenant": "no tenant: neither root_account_uuid nor root_account_id",
    "body-is-text": "body is not an object",
    "caliper-with-attributes": "a Caliper envelope: let Canvas send the raw Canvas format instead of IMS Caliper",
    "caliper": "a Caliper envelope: let Canvas send the raw Canvas format instead of IMS Caliper",
    "criterion-is-text": "wrong type: body.rubric_criterion is not an object",
    "empty-object": "no event_name: an empty object",
    "event-name-is-a-number": "no event_name",
    "event-time-has-month-13": 'event_time: invalid date-time "2024-13-03T12:30:00Z"',
    "event-time-is-a-date": 'event_time: invalid date-time "2024-09-03"',
    "event-time-is-a-number": "event_time: invalid date-time 1725366600",
    "hostname-is-an-object": "wrong type: metadata.hostname is not a plain value",
    "id-is-a-flag": "no id: body.learning_outcome_id",
    "id-is-a-fraction": "no id: body.learning_outcome_id",
    "id-is-an-object": "wrong type: body.learning_outcome_id is not a plain value",
    "id-is-empty": "no id: body.learning_outcome_id",
    "metadata-is-a-list": "no event_name",
    "no-event-name": "no event_name",
    "no-event-time": "no event_time",
    "no-id": "no id: body.learning_outcome_id",
    "no-metadata": "no event_name: the object has id, title, body",
    "no-tenant": "no tenant: neither root_account_uuid nor root_account_id",
    "not-an-object": "not an object",
    "points-are-words": "wrong type: body.rubric_criterion.ratings[0].points is not a number",
    "ratings-hold-a-number": "wrong type: body.rubric_criterion.ratings is not a list of objects",
    "result-without-id-and-birth": (
        "no id: body.id, nor learning_outcome_id and a readable created_at to guess one from"
    ),
    "score-is-a-flag": "wrong type: body.score is not a number",
    "set-aside": "unknown event learning_outcome_group_merged",
    "set-aside-rubric": "unknown event rubric_created",
    "title-is-a-list": "wrong type: body.title is not a plain value",
}


def accepted(event: Any) -> LiveEvent:
    """An event that must be taken."""
    decoded = decode(event if isinstance(event, bytes) else json.dumps(event).encode())
    assert isinstance(decoded, LiveEvent), decoded
    return decoded


def refused(raw: bytes) -> str:
    """The reason for which an input must be refused; its bytes are kept."""
    decoded = decode(raw)
    assert isinstance(decoded, Refusal), decoded
    assert (decoded.raw, decoded.length) == (raw, len(raw))
    return decoded.reason


@pytest.mark.parametrize("golden", GOLDEN["events"], ids=lambda golden: golden["id"])
def test_golden_events(golden: dict[str, Any]) -> None:
    """Canonical JSON, digest and identity come out as every engine must make them."""
    event = accepted(golden["input"].encode())
    parts, small = read_whole(golden["input"])
    whole = {"metadata": parts.get("metadata", parts.get("attributes")), "body": parts["body"]}
    assert canonical_of_whole(whole, small).decode() == golden["canonical"]
    assert event.digest.hex() == golden["digest"]
    assert (event.kind, event.own_id({2107}), event.uuid) == (golden["kind"], golden["id"], golden["tenant"])


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_every_event_is_taken_without_a_warning(path: Path) -> None:
    """Each event name has its example, and each example is all known to the catalogue."""
    event = accepted(path.read_bytes())
    assert (event.name, event.warnings) == (path.stem, ())
    again = event_kept(event.packed)
    assert (again.kind, again.id, again.row, again.mentions) == (event.kind, event.id, event.row, event.mentions)


def test_every_event_name_has_an_example() -> None:
    """The ninth kind looks like the eighth."""
    assert {path.stem for path in EVENTS} == set(BY_NAME)
    assert len(CATALOGUE) == 10


@pytest.mark.parametrize("why", REASONS)
def test_refusals_say_why(why: str) -> None:
    """A reason and a place."""
    assert refused((FIXTURES / "refused" / f"{why}.json").read_bytes()) == REASONS[why]


@pytest.mark.parametrize(
    ("input", "reason"),
    [
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "no event_name: the object has a, b, c, d, e"),
        (
            {str(n): n for n in range(1200)},
            f"no event_name: the object has {', '.join(map(str, range(222)))} and 978 more",
        ),
        ({"x" * 100: 1, "": 2}, f"no event_name: the object has {'x' * 60}…, (blank)"),
        ({"attributes": {"SentTimestamp": "1"}, "body": "{}"}, "no event_name: the object has attributes, body"),
        ({"attributes": {"event_name": ""}, "body": {}}, "no event_name"),
        ({"metadata": None, "sensor": 1, "data": 2}, "no event_name"),
        ({"sensor": 1, "data": 2, "body": {}}, REASONS["caliper"]),
    ],
)
def test_an_object_that_is_no_event_is_refused_with_its_members(input: Any, reason: str) -> None:
    """Their names, of very many a count: what kind of file it is can be seen from them."""
    assert refused(json.dumps(input).encode()) == reason


@pytest.mark.parametrize("event", [{"metadata": {"event_name": "x"}}, {"attributes": {"event_name": "x"}}])
def test_an_event_with_the_members_of_caliper_is_an_event(event: Any) -> None:
    """Other members beside the two are no part of it."""
    assert decode(json.dumps({"sensor": 1, "data": []} | event).encode()) == Ignored(name="x")


def test_every_refused_fixture_is_tested() -> None:
    """No file lies there for nothing."""
    assert {path.stem for path in (FIXTURES / "refused").glob("*.json")} == set(REASONS)


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'a': 1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 400 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 600 + b"]" * 600,
        b"\xff\xfe{\x00}\x00",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_what_is_no_json_says_so(raw: bytes) -> None:
    """Whatever is wrong with it, never a traceback."""
    assert refused(raw).startswith("not JSON: ")


def test_odd_json_that_is_fine() -> None:
    """A null character, a repeated key, an integer of 300 digits, an id of 10,000 characters."""
    odd = b'{"metadata":{"event_name":"learning_outcome_updated","event_time":"2024-09-03T12:30:00Z",'
    odd += b'"root_account_uuid":"A"},"body":{"learning_outcome_id":"1","learning_outcome_id":"%s","title":"\\u0000",'
    odd += b'"vendor_guid":%s}}'
    assert accepted(odd % (b"x" * 10_000, b"7" * 300)).id == "x" * 10_000


def test_an_ignored_event_is_ignored_whatever_else_is_wrong() -> None:
    """The name is looked at first."""
    assert decode(b'{"metadata":{"event_name":"user_created","event_time":[]},"body":7}') == Ignored(
        name="user_created"
    )


@pytest.mark.parametrize("value", ["[" * 300 + "]" * 300, "1e999", '"\\ud800"', "9" * 400])
def test_an_ignored_event_need_not_be_read_whole(value: str) -> None:
    """Its name can be read; where its JSON is broken it cannot."""
    other = f'{{"metadata":{{"event_name":"user_created"}},"body":{{"a":{value}}}}}'
    expected = refused(other.replace("user_created", "learning_outcome_created").encode())
    assert expected.startswith("not JSON: ")
    found = decode(other.encode())
    assert found == Ignored(name="user_created") or (isinstance(found, Refusal) and "ud800" in value)
    assert refused(other[:-1].encode()).startswith("not JSON: ")


@pytest.mark.parametrize("name", ["root_account_uuid", "root_account_id"])
def test_a_flag_is_no_institution_whatever_came_before(name: str) -> None:
    """True is no 1, and false no 0, in any order."""
    events = [
        json.dumps(
            reported("course_created", {"course_id": "1"}, root_account_uuid=None, root_account_id=None)
        ).replace('"event_time"', f'"{name}": {value}, "event_time"')
        for value in ("true", "1", "true", "false", "0", "false", "1.0")
    ]
    taken = [isinstance(decode(event.encode()), LiveEvent) for event in events]
    assert taken == [False, True, False, False, True, False, True]


def test_the_older_name_of_metadata() -> None:
    """`attributes` means the same; where both are there, `metadata` counts."""
    event = outcome("Cells")
    older = {"attributes": event["metadata"], "body": event["body"]}
    assert accepted(older).digest == accepted(event).digest
    assert accepted(event | {"attributes": {"event_name": "user_created"}}).digest == accepted(event).digest


def test_other_members_are_no_part_of_the_event() -> None:
    """They change no digest and are not stored; numbers stay spelled as they came."""
    event = json.dumps(outcome("Cells", points=5.0) | {"extra": [1]}).encode()
    decoded = accepted(event)
    assert decoded.digest == accepted(outcome("Cells", points=5)).digest
    assert b"extra" not in decoded.text
    assert b"5.0" in decoded.text


@pytest.mark.parametrize(
    ("event", "warning"),
    [
        (outcome("Cells", "2024-03-01T10:00:00"), "event_time without an offset, read as UTC"),
        (outcome("Cells", colour="red"), "unknown field body.colour of outcome"),
        (outcome("Cells", workflow_state="asleep"), 'unknown workflow_state "asleep" of outcome'),
        (outcome("Cells", calculation_method="best"), 'unknown calculation_method "best"'),
        (
            outcome("Cells", calculation_method="n_mastery", calculation_int=11),
            "calculation_int out of range for n_mastery",
        ),
    ],
)
def test_what_is_only_warned_of(event: Any, warning: str) -> None:
    """New members, new words and odd numbers are kept."""
    assert accepted(event).warnings == (warning,)


DECIDING = ("updated_at", "created_at", "assessed_at", "submitted_at")
SPELLINGS = [
    ("2024-03-01T10:00:00Z", None),
    ("2024-03-01T10:00:00.526-07:00", None),
    ("2024-03-01 10:00 UTC", None),
    (None, None),
    ("2024-03-01T10:00:00", "without an offset, read as UTC"),
    ("2024-03-01 10:00", "without an offset, read as UTC"),
    ("2024-03-01", "cannot be read"),
    ("2024-13-01T10:00:00Z", "cannot be read"),
    ("soon" * 100, "cannot be read"),
    ("", "cannot be read"),
    (1709287200, "cannot be read"),
    (True, "cannot be read"),
]


@pytest.mark.parametrize("name", DECIDING)
@pytest.mark.parametrize(("value", "warning"), SPELLINGS)
def test_a_deciding_instant_that_is_none_is_warned_of(name: str, value: Any, warning: str | None) -> None:
    """By one text for each member and kind, so that a report can count them."""
    event = accepted(result(id="7", **{name: value}))
    found = [said for said in event.warnings if not said.startswith("unknown field")]
    assert found == ([] if warning is None else [f"body.{name} of result {warning}"])


@given(st.sampled_from(CATALOGUE), st.fixed_dictionaries(dict.fromkeys(DECIDING, st.sampled_from(SPELLINGS))))
def test_deciding_instants_of_every_kind(entry: Any, drawn: dict[str, tuple[Any, str | None]]) -> None:
    """Any mix of them; those that the kind does not have count as well."""
    name = next(name for name, of in BY_NAME.items() if of is entry)
    event = accepted(reported(name, {entry.id: "7"} | {member: value for member, (value, _) in drawn.items()}))
    expected = {f"body.{member} of {entry.kind} {said}" for member, (_, said) in drawn.items() if said}
    assert {said for said in event.warnings if not said.startswith("unknown field")} == expected


def test_an_unreadable_instant_counts_as_missing() -> None:
    """The event is taken all the same."""
    missing, unreadable = accepted(outcome("Cells")), accepted(outcome("Cells", updated_at="soon"))
    assert missing.updated_at == unreadable.updated_at


def test_a_leftover_number_beside_highest_is_no_fault() -> None:
    """The vendor's own example has one."""
    assert accepted(outcome("Cells", calculation_method="highest", calculation_int=65)).warnings == ()


def test_two_mastery_ratings_are_warned_of() -> None:
    """The lowest counts; nothing is refused."""
    ratings = [{"points": 3, "mastery": True}, {"points": 2, "mastery": True}]
    body = {"outcome_proficiency_id": "9", "outcome_proficiency_ratings": ratings}
    assert accepted(reported("outcome_proficiency_created", body)).warnings == ("two mastery ratings in a scale",)


def test_numbers_as_text_and_mastery_as_a_number_are_taken() -> None:
    """Producers have sent both."""
    event = accepted(result(score="4.5", mastery=311, id="7"))
    assert event.id == "7"


@given(json_values)
def test_canonical_json_is_what_python_would_write(value: Any) -> None:
    """The quick encoder and the plain definition agree on every value."""
    assert canonical_json(value) == naive.canonical(value)


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_decoding_never_raises(raw: bytes) -> None:
    """Anything is an event, ignored, or refused with its bytes."""
    decoded = decode(raw)
    assert not isinstance(decoded, Refusal) or decoded.raw == raw


@given(json_values, json_values)
def test_decoding_never_raises_on_strange_events(metadata: Any, body: Any) -> None:
    """Nor where the envelope is right and the rest is not."""
    known = {"event_name": "learning_outcome_result_updated", "event_time": "2024-03-01T10:00:00Z"}
    strange = metadata if isinstance(metadata, dict) else {"root_account_id": metadata}
    raw = json.dumps({"metadata": strange | known, "body": body}).encode()
    assert isinstance(decode(raw), LiveEvent | Refusal)


MEMBERS = sorted({name for entry in CATALOGUE for name in entry.members})


@given(st.sampled_from(CATALOGUE), st.dictionaries(st.sampled_from(MEMBERS), json_values, max_size=6))
def test_decoding_never_raises_on_members_of_other_kinds(entry: Any, body: Any) -> None:
    """Whatever stands in a member that another kind knows, the event is taken with a warning, or refused."""
    name = next(name for name, known in BY_NAME.items() if known is entry)
    found = decode(json.dumps(reported(name, {entry.id: "1"} | body)).encode())
    assert not isinstance(found, Ignored)
    assert isinstance(found, LiveEvent) or found.reason.startswith(("wrong type: body.", "no id: ", "not JSON: "))


@pytest.mark.parametrize("value", [[], {}, [1], "abc", {"a": []}, True])
def test_a_member_of_another_kind_is_only_unknown(value: Any) -> None:
    """It need not even be of a type that the other kind would take."""
    body = {"learning_outcome_group_id": "1", "calculation_method": "n_mastery", "calculation_int": value}
    for group in (body, body | {"calculation_method": value}):
        event = decode(json.dumps(reported("learning_outcome_group_updated", group)).encode())
        assert isinstance(event, LiveEvent)
        unknown = {"unknown field body.calculation_method of group", "unknown field body.calculation_int of group"}
        assert unknown <= set(event.warnings)
