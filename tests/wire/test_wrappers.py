"""Events in wrappers come out as they went in, each for itself; where none is inside, the wrapper is kept."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.canonical import read_json
from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.wire.decode import decode
from projector.wire.splitting import pieces
from projector.wire.wrappers import DEEPEST, WRAPPERS, decoded, opened
from tests.builders import outcome
from tests.conftest import FIXTURES
from tests.strategies import json_values
from tests.wire.inputs import batch, jwt, record, sns, sqs

A, B, C = (json.dumps(outcome(title)) for title in ("A", "B", "C"))

EXPECTED = {
    "api-gateway-request.json": ["Cells"],
    "api-gateway-request-in-base64.json": ["Cells"],
    "base64-lines.txt": ["Cells", "Tissue"],
    "body-alone.json": ["Cells"],
    "body-is-no-json.json": ["not JSON: invalid character (byte 0) (in Body)"],
    "cloud-event.json": ["Cells"],
    "elastic-hit.json": ["Cells"],
    "empty-array-in-an-sqs-message.json": ["an empty array (in Body)"],
    "empty-lambda-batch.json": ["an empty array (in Records)"],
    "empty-sqs-message.json": ["an empty wrapper (in Body)"],
    "event-with-a-message-id.json": ["body is not an object"],
    "eventbridge-event.json": ["Cells"],
    "eventbridge-event-in-an-sqs-message.json": ["Cells"],
    "events-in-json-text.jsonl": ["Cells", "Tissue", "Tissue", "Organs"],
    "firehose-batch.json": ["Cells", "Tissue"],
    "json-text-in-json-text.json": ["Cells"],
    "jwt-as-a-json-string.json": ["Cells"],
    "jwt-cut-short.jsonl": ["not JSON, and not a signed delivery; dots: 1 instead of 2"],
    "jwt-in-an-sqs-message.json": ["Cells"],
    "jwt.jsonl": ["Cells", "Tissue"],
    "kinesis-get-records.json": ["Cells", "Tissue", "Organs"],
    "kinesis-records.json": ["Cells", "Tissue", "Organs"],
    "lambda-batch.json": ["Cells", "Tissue"],
    "lambda-record.json": ["Cells"],
    "lines-of-every-shape.jsonl": ["Cells", "Tissue", "Organs", "Bodies", "Herds"],
    "nothing-inside-is-an-event.json": ["not JSON: invalid character (byte 0) (in Records.body)"],
    "object-of-other-members.json": ["no event_name: the object has id, name, Zeit"],
    "one-message-of-two-is-broken.json": ["Cells", "not JSON: Input data was truncated (in Messages.Body)"],
    "receive-message-answer.json": ["Cells", "Tissue"],
    "sns-in-an-sqs-message.json": ["Cells"],
    "sns-notification.json": ["Cells"],
    "sns-records.json": ["Cells", "Tissue"],
    "splunk-event.json": ["Cells"],
    "splunk-event-as-text.json": ["Cells"],
    "splunk-export.json": ["no event_name: the object has preview, result"],
    "splunk-result.json": ["Cells"],
    "sqs-message-of-an-array.json": ["Cells", "Tissue"],
    "sqs-message.json": ["Cells"],
}


def answer(body: str) -> str:
    """What receive-message answers."""
    return f'{{"Messages":[{sqs(body)}],"ResponseMetadata":{{}}}}'


def array(text: str) -> str:
    """An array of one; JWTs stand in it as strings."""
    return f"[{json.dumps(text) if text.startswith('eyJ') else text}]"


def claims(text: str) -> str:
    """A JWT around an object; anything else stays as it is, for claims are an object."""
    return jwt(text) if text.startswith("{") else text


def gateway(text: str) -> str:
    """A request at a gateway, in base64."""
    return json.dumps({"isBase64Encoded": True, "body": b64encode(text.encode()).decode()})


def kinesis(text: str) -> str:
    """A record of Kinesis in a Lambda batch, compressed."""
    data = b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    return json.dumps({"Records": [{"kinesis": {"partitionKey": "1", "data": data}}]})


def firehose(text: str) -> str:
    """A Firehose batch of two, the second of which is the same; in the base64 of URLs, without padding."""
    return json.dumps({"records": [{"data": urlsafe_b64encode(text.encode()).decode().rstrip("=")}]})


def quoted(text: str) -> str:
    """JSON text in JSON text."""
    return json.dumps(text)


def inside(member: str) -> Callable[[str], str]:
    """A value as it is in a member, where it is JSON."""

    def wrap(text: str) -> str:
        return f'{{"a":null,"{member}":{json.dumps(text) if text.startswith("eyJ") else text}}}'

    wrap.__name__ = member
    return wrap


OBJECTS = [inside(member) for member in ("detail", "Sns", "Data", "data", "event", "_source", "body")]
WRAPS: list[Callable[[str], str]] = [sqs, record, sns, batch, answer, array, claims, gateway, kinesis, firehose, quoted]
wrappers = st.lists(st.sampled_from([*WRAPS, *OBJECTS]), min_size=1, max_size=DEEPEST // 4)


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


def texts(items: list[LiveEvent | Refusal | Ignored]) -> list[bytes]:
    """The text of each."""
    return [item.text if isinstance(item, LiveEvent) else item.raw for item in items if not isinstance(item, Ignored)]


@pytest.mark.parametrize("name", EXPECTED)
def test_shapes_of_intake(name: str) -> None:
    """Each file gives its events, or says why not."""
    with (FIXTURES / "wrappers" / name).open("rb") as file:
        cut = [piece[1] for piece in pieces(file) if piece is not None]
    found = [item for content in cut if isinstance(content, bytes) for item in decoded(content)]
    assert titles(found) == EXPECTED[name]


def test_every_wrapper_is_tested() -> None:
    """No file lies there for nothing, and each member of the table has one."""
    files = list((FIXTURES / "wrappers").iterdir())
    assert {path.name for path in files} == set(EXPECTED)
    all_of_them = "".join(path.read_text(encoding="utf-8") for path in files)
    assert all(f'"{wrapper.member}"' in all_of_them for wrapper in WRAPPERS)


@given(wrappers, st.sampled_from([A, B, '{ "metadata" : {"event_name" : "outcome_\\u00e9", "é":5.0}}']))
def test_any_nest_of_wrappers_gives_the_same_text(nest: list[Callable[[str], str]], text: str) -> None:
    """Byte for byte, whatever it is wrapped in."""
    assert texts(decoded(wrapped(text, nest))) == [text.encode()]


@given(wrappers, st.lists(st.sampled_from([A, B, C]), min_size=2, max_size=4), st.sampled_from(["[,]", "\n", "", " "]))
def test_several_events_in_a_wrapper_come_in_order(nest: list[Callable[[str], str]], some: list[str], by: str) -> None:
    """Each counts as one: in an array, and where a text holds several."""
    text = f"[{', '.join(some)}]" if by == "[,]" else by.join(some)
    nest = [sqs, *nest]
    assert texts(decoded(wrapped(text, nest))) == [one.encode() for one in some]


@given(wrappers, st.sampled_from(["{", "Cells", '{"metadata":{}', "[1,", '{"a":NaN}', "7", "[]"]))
def test_where_nothing_inside_is_an_event_the_outer_text_is_kept(nest: list[Callable[[str], str]], text: str) -> None:
    """Once, as it came, with the place at fault."""
    raw = wrapped(text, [sqs, *nest])
    (refusal,) = decoded(raw)
    assert isinstance(refusal, Refusal)
    assert (refusal.raw, refusal.length) == (raw, len(raw))
    assert refusal.reason.endswith("Body)")


def test_where_something_inside_is_an_event_the_rest_is_kept_by_itself() -> None:
    """Each text by itself: broken, of no form, unknown to us, and an event that cannot be taken."""
    unknown = '{"metadata":{"event_name":"outcome_merged"}}'
    no_time = '{"metadata":{"event_name":"learning_outcome_created"}}'
    messages = [A, "hello", '{"a":', '{"a":1}', unknown, no_time, B]
    raw = f'{{"Messages":[{",".join(map(sqs, messages))}]}}'.encode()
    found = decoded(raw)
    assert texts(found) == [message.encode() for message in messages]
    assert titles(found)[1:6] == [
        "not JSON: invalid character (byte 0) (in Messages.Body)",
        "not JSON: Input data was truncated (in Messages.Body)",
        "no event_name: the object has a (in Messages.Body)",
        "unknown event outcome_merged",
        "no event_time",
    ]


def test_the_first_member_that_an_object_has_is_opened() -> None:
    """In the table's order; null is none, and an event is never opened."""
    assert titles(decoded(f'{{"_raw":{json.dumps(B)},"detail":{A},"body":null}}'.encode())) == ["A"]
    (refusal,) = decoded(f'{{"Message":7,"data":{A}}}'.encode())
    assert titles([refusal]) == ["no event_name: the object has Message, data"]
    (refusal,) = decoded(f'{{"metadata":{{}},"data":{A}}}'.encode())
    assert titles([refusal]) == ["no event_name"]
    assert titles(decoded(f'{{"attributes":{{"SentTimestamp":"1"}},"body":{json.dumps(A)}}}'.encode())) == ["A"]
    (refusal,) = decoded(f'{{"sensor":"x","data":[{A}]}}'.encode())
    assert titles([refusal])[0].startswith("a Caliper envelope")


def test_a_jwt_has_exactly_two_dots() -> None:
    """Else text that begins so is base64, or nothing."""
    token = jwt(A)
    assert titles(decoded(sqs(token).encode())) == ["A"]
    assert titles(decoded(token.encode())) == titles(decoded(f"{token} ,".encode())) == ["A"]
    assert titles(decoded(sqs(b64encode(A.encode()).decode()).encode())) == ["A"]
    for broken in (token + ".x", token.rsplit(".", 1)[0]):
        (refusal,) = decoded(sqs(broken).encode())
        assert titles([refusal])[0].startswith("not JSON, and not a signed delivery; ")


@pytest.mark.parametrize(
    "text",
    ["aGVsbG8=", "AAAA", "hello", "H4sIAAAAAAAAAA==", "QlpoOTFBWSZTWQ", "eyJ", "{}{", "\x00", "ey J h"],
)
def test_text_that_only_looks_like_base64(text: str) -> None:
    """It is kept with what is around it."""
    raw = sqs(text).encode()
    assert texts(decoded(raw)) == [raw]


def test_what_unpacks_to_too_much_is_refused() -> None:
    """In bounded memory."""
    bomb = b64encode(gzip.compress(b" " * (17 * 2**20) + A.encode())).decode()
    raw = json.dumps({"data": bomb}).encode()
    assert texts(decoded(raw)) == [raw]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (sqs(" \n"), "an empty wrapper (in Body)"),
        (record(""), "an empty wrapper (in body)"),
        (sns(""), "an empty wrapper (in Message)"),
        ('{"Records":[]}', "an empty array (in Records)"),
        ('{"Messages": [ ]}', "an empty array (in Messages)"),
        (sqs('{"Records":[]}'), "an empty array (in Body.Records)"),
        (batch("[]"), "an empty array (in Records.body)"),
    ],
)
def test_an_empty_wrapper_is_one_refusal(raw: str, reason: str) -> None:
    """Kept as it came."""
    assert [(titles([item]), texts([item])) for item in decoded(raw.encode())] == [([reason], [raw.encode()])]


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


@pytest.mark.parametrize(
    ("nest", "objects"),
    [
        ([sqs], 1),
        ([gateway], 1),
        ([inside("detail")], 1),
        ([array, sqs], 1),
        ([claims, gateway], 1),
        ([quoted, inside("data")], 1),
        ([kinesis], 3),
        ([batch], 2),
    ],
)
def test_objects_are_opened_to_a_depth(nest: list[Callable[[str], str]], objects: int) -> None:
    """Lists and codings between them do not count; what is wrapped more is kept as it came."""
    times = DEEPEST // objects if nest[0] is not quoted else 3  # in one another quotes double at each level
    assert titles(decoded(wrapped(A, nest * times))) == ["A"]
    raw = wrapped(A, [inside("detail")] * (DEEPEST - times * objects + 1) + nest * times)
    (refusal,) = decoded(raw)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason.partition(" (")[0], refusal.length) == (f"wrapped more than {DEEPEST} times", len(raw))
    assert raw.startswith(refusal.raw)


def test_lists_in_lists_are_opened_to_a_depth() -> None:
    """Far enough for anybody."""
    assert titles(decoded(wrapped(A, [array] * 64))) == ["A"]
    raw = wrapped(A, [array] * 65)
    assert [(titles([one]), texts([one])) for one in decoded(raw)] == [(["wrapped more than 64 times"], [raw])]


def test_a_text_inside_may_hold_lines_of_any_kind() -> None:
    """Deliveries, base64 and events, each on its line; base64 may be broken into lines itself."""
    coded = b64encode(B.encode()).decode()
    for lines in ([jwt(A), B], [jwt(A), jwt(B)], [A, coded], ["# two", jwt(A), coded], [A, jwt(B)]):
        found = titles(decoded(sqs("\n".join(lines)).encode()))
        assert [title for title in found if not title.startswith("not JSON")] == ["A", "B"]
    assert titles(decoded(sqs("\r\n".join(coded[at : at + 76] for at in range(0, len(coded), 76))).encode())) == ["B"]


def test_an_object_with_metadata_is_an_event_however_broken() -> None:
    """It is kept by itself, and never opened; so with attributes that hold an event's name of any type."""
    raw = f'{{"Records":[{{"metadata":{{}}}},{{"x":1}},{{"attributes":{{"event_name":5}},"body":{A}}}]}}'.encode()
    assert titles(decoded(raw)) == ["no event_name", "no event_name: the object has x (in Records)", "no event_name"]


@pytest.mark.slow
def test_a_wrapper_of_any_size_is_read_text_by_text() -> None:
    """Little of it is held at once, and whoever waits gets a turn."""
    raw = json.dumps({"Body": "{}\n" * 300_000 + A}).encode()
    item = decode(raw)
    assert isinstance(item, Refusal)
    items = list(opened(raw, item, None, frozenset()))
    assert items.count(None) > 1
    *refused, last = filter(None, items)
    assert len(refused) == 300_000
    assert isinstance(last, LiveEvent)


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
    """Beyond 1 MiB: length, hash and 64 KiB, of the text inside where others are events."""
    long = "x" * (2**20 + 1)
    first, refusal = decoded(f'{{"Messages":[{sqs(A)},{sqs(long)}]}}'.encode())
    assert isinstance(first, LiveEvent)
    assert isinstance(refusal, Refusal)
    assert (refusal.length, refusal.raw) == (len(long), long[: 2**16].encode())


members = st.sampled_from([*(wrapper.member for wrapper in WRAPPERS), "MessageId", "x", "sensor", "metadata"])
near_wrappers = st.dictionaries(members, json_values | st.sampled_from([A, "[]", "eyJ", "eyJ.e30.", "{}"]), max_size=5)


@given(
    st.binary(max_size=60)
    | near_wrappers.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=20).map(lambda raw: b"eyJ" + raw)
    | st.text("eyJ.{}[]\"'", max_size=20).map(str.encode)
)
def test_opening_never_raises_and_loses_nothing(raw: bytes) -> None:
    """Whatever it is, at least one item comes of it; a refusal keeps something of what there was."""
    found = decoded(raw)
    assert found
    assert all(item.raw or not raw for item in found if isinstance(item, Refusal))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"Records":' * 100_000, "[" * 500 + "]" * 500])
def test_nesting_without_end_is_refused(text: str) -> None:
    """At any place."""
    for raw in (text, sqs(text), jwt(f'{{"Records":[{text}]}}')):
        assert all(isinstance(item, Refusal) for item in decoded(raw.encode()))
