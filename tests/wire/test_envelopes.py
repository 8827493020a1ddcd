"""Events in wrappers come out as they went in, each for itself; what is broken in one is refused with its place."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.canonical import read_json
from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.wire.envelopes import DEEPEST, decoded, unwrapped
from projector.wire.sources import Input, paths, read_paths
from tests.builders import outcome
from tests.conftest import FIXTURES
from tests.wire.test_decode import json_values

A, B, C = (json.dumps(outcome(title)) for title in ("A", "B", "C"))

EXPECTED = {
    "body-but-no-wrapper.json": ["no event_name"],
    "body-is-no-json.json": ["not JSON: JSON is malformed: invalid character (byte 0) (Body of an SQS message)"],
    "empty-array-in-an-sqs-message.json": ["an empty array"],
    "empty-lambda-batch.json": ["an empty Lambda batch"],
    "empty-sqs-message.json": ["an empty SQS message"],
    "event-with-a-message-id.json": ["body is not an object"],
    "jwt-as-a-json-string.json": ["Cells"],
    "jwt-cut-short.jsonl": ["JWT: 2 parts instead of three"],
    "jwt-in-an-sqs-message.json": ["Cells"],
    "jwt.jsonl": ["Cells", "Tissue"],
    "lambda-batch.json": ["Cells", "Tissue"],
    "lambda-record.json": ["Cells"],
    "lines-of-every-shape.jsonl": ["Cells", "Tissue", "Organs", "Bodies", "Herds"],
    "one-message-of-two-is-broken.json": ["Cells", "not JSON: Input data was truncated (Body of an SQS message)"],
    "receive-message-answer.json": ["Cells", "Tissue"],
    "sns-in-an-sqs-message.json": ["Cells"],
    "sns-notification.json": ["Cells"],
    "sqs-message-of-an-array.json": ["Cells", "Tissue"],
    "sqs-message.json": ["Cells"],
}


def base64url(text: str) -> str:
    """Without padding, as JWTs have it."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def jwt(claims: str, header: str = '{"alg":"RS256","kid":"2024-09"}', signature: str = "c2lnbmVk") -> str:
    """A compact JWT that nobody checks."""
    return f"{base64url(header)}.{base64url(claims)}.{signature}"


def sqs(body: str) -> str:
    """A message as SQS has it."""
    return json.dumps({"MessageId": "1", "Body": body, "Attributes": {"SentTimestamp": "1725366601000"}})


def record(body: str) -> str:
    """A message as Lambda spells it."""
    return json.dumps({"messageId": "1", "body": body, "attributes": {"SentTimestamp": "1725366601000"}})


def sns(message: str) -> str:
    """A notification of SNS."""
    return json.dumps({"Type": "Notification", "MessageId": "2", "Message": message})


def batch(body: str) -> str:
    """A Lambda batch of one."""
    return f'{{"Records": [{record(body)}]}}'


def answer(body: str) -> str:
    """What receive-message answers."""
    return f'{{"Messages":[{sqs(body)}],"ResponseMetadata":{{}}}}'


def array(text: str) -> str:
    """An array of one; JWTs stand in it as strings."""
    return f"[{json.dumps(text) if text.startswith('eyJ') else text}]"


def claims(text: str) -> str:
    """A JWT around an object; anything else stays as it is, for claims are an object."""
    return jwt(text) if text.startswith("{") else text


WRAPPERS: list[Callable[[str], str]] = [sqs, record, sns, batch, answer, array, claims]
wrappers = st.lists(st.sampled_from(WRAPPERS), min_size=1, max_size=DEEPEST // 2)


def wrapped(text: str, nest: list[Callable[[str], str]]) -> bytes:
    """A text within wrappers, the first one innermost."""
    for wrap in nest:
        text = wrap(text)
    return text.encode()


def titles(items: list[LiveEvent | Refusal | Ignored]) -> list[str]:
    """What became of each: an event's title, or why there is none."""
    return [
        read_json(item.text)["body"]["title"] if isinstance(item, LiveEvent) else item.reason
        for item in items
        if not isinstance(item, Ignored)
    ]


@pytest.mark.parametrize("name", EXPECTED)
def test_shapes_of_intake(name: str) -> None:
    """Each file gives its events, or says why not."""
    inputs = [input.content for input in read_paths(paths([FIXTURES / "envelopes" / name])) if isinstance(input, Input)]
    found = [item for content in inputs if isinstance(content, bytes) for item in decoded(content)]
    assert titles(found) == EXPECTED[name]


def test_every_envelope_is_tested() -> None:
    """No file lies there for nothing."""
    assert {path.name for path in (FIXTURES / "envelopes").iterdir()} == set(EXPECTED)


@given(wrappers, st.sampled_from([A, B, '{"metadata":1}', "{}", '{ "é" : "\\u00e9\\n" }', '{"a":5.0}']))
def test_any_nest_of_wrappers_gives_the_same_text(nest: list[Callable[[str], str]], text: str) -> None:
    """Byte for byte, whatever it is wrapped in; and what comes out is no wrapper itself."""
    raw = wrapped(text, nest)
    if raw == text.encode():  # nothing but claims of no object
        assert unwrapped(raw) is None
    else:
        assert unwrapped(raw) == [text.encode()]
    assert unwrapped(text.encode()) is None


@given(wrappers, st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=4))
def test_several_events_in_a_wrapper_come_in_order(nest: list[Callable[[str], str]], texts: list[str]) -> None:
    """Each counts as one."""
    assert unwrapped(wrapped(f"[{', '.join(texts)}]", nest)) == [text.encode() for text in texts]


@given(wrappers, st.sampled_from(["{", "Cells", '{"metadata":{}', "[1,", '{"a":NaN}']))
def test_what_is_broken_inside_is_refused_by_its_own_text(nest: list[Callable[[str], str]], text: str) -> None:
    """With its place, so that a later release can try it again."""
    raw = wrapped(text, [sqs, *nest[:7]])  # a batch is two wrappers
    (refusal,) = unwrapped(raw) or []
    assert isinstance(refusal, Refusal)
    assert (refusal.raw, refusal.length) == (text.encode(), len(text))
    assert refusal.reason.startswith("not JSON: ")
    assert refusal.reason.endswith("(Body of an SQS message)")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (sqs(" \n"), "an empty SQS message"),
        (record(""), "an empty SQS message"),
        (sns(""), "an empty SNS notification"),
        ('{"Records":[]}', "an empty Lambda batch"),
        ('{"Messages": [ ]}', "an empty receive-message answer"),
        (sqs('{"Records":[]}'), "an empty Lambda batch"),
        (batch("[]"), "an empty array"),
    ],
)
def test_an_empty_wrapper_is_one_refusal(raw: str, reason: str) -> None:
    """Kept with the wrapper that is empty, so that something is kept."""
    (refusal,) = unwrapped(raw.encode()) or []
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert refusal.raw.strip()


@pytest.mark.parametrize(
    "raw",
    [
        A,
        json.dumps({"attributes": outcome("A")["metadata"], "body": {}}),
        '{"body":"{}"}',
        '{"Body":"{}","MessageId":null,"metadata":{}}',
        '{"MessageId":"1","Body":{}}',
        '{"Type":"Notification","Message":{}}',
        '{"Type":7,"Message":"{}"}',
        '{"Records":{}}',
        '{"Messages":"{}"}',
        '"text"',
        "7",
        "null",
        "",
        "{",
        '"eyJ',
        '{"Records":[}',
    ],
)
def test_what_is_no_wrapper_stays_what_it_is(raw: str) -> None:
    """A broken event above all: it is refused as ever."""
    assert unwrapped(raw.encode()) is None


@pytest.mark.parametrize("body", [rb"\ud800", rb"\udc00\ud800", b"\xff"])
def test_a_body_that_is_no_text_is_refused(body: bytes) -> None:
    """A lone surrogate, or bytes that are no UTF-8."""
    raw = b'{"MessageId":"1","Body":"' + body + b'"}'
    (refusal,) = decoded(raw)
    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith("not JSON: ")
    assert refusal.raw == raw


def test_a_lone_surrogate_within_the_event_in_a_body_is_refused_alone() -> None:
    """Its neighbours are taken."""
    raw = f'{{"Messages":[{sqs(A)},{sqs(A[:-2] + chr(92) + "ud800}}")},{sqs(B)}]}}'.encode()
    first, refusal, last = titles(decoded(raw))
    assert (first, last) == ("A", "B")
    assert refusal.startswith("not JSON: ")


def test_wrappers_are_opened_to_a_depth() -> None:
    """The rest is kept, and a retry opens it further."""
    assert unwrapped(wrapped(A, [array] * DEEPEST)) == [A.encode()]
    (refusal,) = unwrapped(wrapped(A, [array] * (DEEPEST + 2))) or []
    assert isinstance(refusal, Refusal)
    assert refusal.reason == f"wrapped more than {DEEPEST} times"
    assert unwrapped(refusal.raw) == [A.encode()]


def test_events_of_other_families_are_ignored_inside_too() -> None:
    """Each counts by its own name."""
    other = '{"metadata":{"event_name":"user_created"}}'
    assert decoded(sqs(f"[{other},{A}]").encode())[0] == Ignored(name="user_created")


def test_claims_of_a_jwt_are_its_event() -> None:
    """Other claims beside are no part of it."""
    event = outcome("Cells") | {"iat": 1725366600, "iss": "Canvas"}
    (item,) = decoded(jwt(json.dumps(event)).encode())
    (same,) = decoded(json.dumps(outcome("Cells")).encode())
    assert isinstance(item, LiveEvent)
    assert isinstance(same, LiveEvent)
    assert (item.digest, b"iat" in item.text) == (same.digest, False)


def test_a_long_text_in_a_wrapper_is_kept_by_its_head() -> None:
    """Beyond 1 MiB: length, hash and 64 KiB, of the text inside."""
    long = "x" * (2**20 + 1)
    (refusal,) = unwrapped(sqs(long).encode()) or []
    assert isinstance(refusal, Refusal)
    assert (refusal.length, refusal.raw) == (len(long), long[: 2**16].encode())
    (refused,) = decoded(sqs(f'{{"body":"{long}"}}').encode())
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.length, len(refused.raw)) == ("no event_name", len(long) + 11, 2**16)


members = st.sampled_from(["MessageId", "messageId", "Body", "body", "Records", "Messages", "Type", "Message", "x"])
near_wrappers = st.dictionaries(members, json_values | st.sampled_from([A, "[]", "eyJ", "eyJ.e30.", "{}"]), max_size=5)


@given(
    st.binary(max_size=60)
    | near_wrappers.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=20).map(lambda raw: b"eyJ" + raw)
    | st.text("eyJ.{}[]\"'", max_size=20).map(str.encode)
)
def test_unwrapping_never_raises(raw: bytes) -> None:
    """Whatever it is: texts that are no wrappers, or refusals that keep something."""
    for found in unwrapped(raw) or []:
        if isinstance(found, bytes):
            assert unwrapped(found) is None
        else:
            assert found.raw


@given(near_wrappers)
def test_nothing_in_a_wrapper_is_lost(value: dict[str, Any]) -> None:
    """At least one item comes of every input."""
    assert decoded(json.dumps(value).encode())


@pytest.mark.parametrize("text", ["[" * 100_000, '{"Records":' * 100_000, "[" * 500 + "]" * 500])
def test_nesting_without_end_is_refused(text: str) -> None:
    """At any place."""
    for raw in (text, sqs(text), jwt(f'{{"Records":[{text}]}}')):
        assert all(isinstance(item, Refusal) for item in decoded(raw.encode()))
