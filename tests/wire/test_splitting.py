"""Every text of a stream is found once, with its line, wherever lines end and whatever is broken between."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projector.domain.events import LiveEvent, Refusal
from projector.wire.decode import decode
from projector.wire.splitting import SEPARATORS, Lines, broken, cursor, lines, oversize, pieces, rescue, texts, window
from projector.wire.splitting import pieces_and_lines as unchecked
from tests.builders import outcome
from tests.conftest import FIXTURES

A, B, C = (json.dumps(outcome(title)).encode() for title in ("A", "B", "C"))
MARK = b"\xef\xbb\xbf"
PRETTY = json.dumps(outcome("Pretty [with {odd} text]"), indent=2).encode()


class Hesitant(io.RawIOBase):
    """A stream that gives any number of bytes at a time, and at times none yet."""

    def __init__(self, data: bytes, random: Random) -> None:
        self._data, self._random = io.BytesIO(data), random

    def read1(self, size: int) -> bytes:
        if self._random.random() < 0.2:
            raise BlockingIOError
        return self._data.read(min(size, self._random.choice([1, 7, 100, 100_000])))


def read(data: bytes) -> list[tuple[int, bytes]]:
    """Line and bytes of each input; a refusal as its reason."""
    return [(line, text if isinstance(text, bytes) else text.reason.encode()) for line, text in inputs(data)]


def inputs(data: bytes, stream: Any = None) -> list[tuple[int, bytes | Refusal]]:
    """What is cut out of a stream."""
    return [piece for piece in pieces(stream or io.BytesIO(data)) if piece is not None]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Texts of 4,000 bytes are too long to be held, and little is read at once."""
    for module in (texts, cursor, broken, rescue, oversize):
        monkeypatch.setattr(module, "LONGEST", 4000)
    monkeypatch.setattr(window, "BLOCK", 300)
    monkeypatch.setattr(lines, "_LONG", 300)
    monkeypatch.setattr(oversize, "KEPT_WHOLE", 1000)
    monkeypatch.setattr(oversize, "HEAD", 500)
    return 4000


# one shape after the other


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (A + b"\n" + B + b"\n", [(1, A), (2, B)]),
        (A + b"\r\n\r\n" + B, [(1, A), (3, B)]),
        (A + b"\r\n" + B + b"\r\n", [(1, A), (2, B)]),
        (b'{\n"a":1}\r\n' + A + b"\r\n", [(1, b'{\n"a":1}'), (3, A)]),
        (A + b"\n" + B + b"\r\n" + C + b"\r\n", [(1, A), (2, B), (3, C)]),
        (b"\xef\xbb\xbf" + A + b"\n\xef\xbb\xbf" + B, [(1, A), (2, B)]),
        (b"\x1e" + A + b"\n\x1e" + B + b"\n", [(1, A), (2, B)]),
        (b"", []),
        (b" \n\t\n,\n\x1e", []),
        (A + B + C, [(1, A), (1, B), (1, C)]),
        (A + b" \t" + B + b"\n" + C, [(1, A), (1, B), (2, C)]),
        (A + b"\n" + B + C + b"\n\n" + A, [(1, A), (2, B), (2, C), (4, A)]),
        (A + b",\n" + B + b" ,\r\n, " + C, [(1, A), (2, B), (3, C)]),
        (PRETTY, [(1, PRETTY)]),
        (PRETTY + PRETTY, [(1, PRETTY), (1 + PRETTY.count(b"\n"), PRETTY)]),
        (b"# of today\n" + PRETTY + b"\n" + A, [(1, b"# of today"), (2, PRETTY), (3 + PRETTY.count(b"\n"), A)]),
        (b"nonsense\n" + A, [(1, b"nonsense"), (2, A)]),
        (b"INFO " + A + b"\n" + B, [(1, b"INFO " + A), (2, B)]),
        (b" eyJ.e30.,\n42 \r\n-\n", [(1, b"eyJ.e30.,"), (2, b"42 "), (3, b"-")]),
        (b"}}\n" + A + b"]\n}," + B, [(1, b"}}"), (2, A), (2, b"]"), (3, b"}"), (3, B)]),
    ],
)
def test_texts_outside_arrays(data: bytes, expected: list[tuple[int, bytes]]) -> None:
    """Lines, rows without a separator, objects over lines, and lines that begin otherwise."""
    assert read(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[" + A + b"," + B + b"]\n" + C, [(1, A), (1, B), (2, C)]),
        (b"[" + A + b"," + B + b"]" + C + b"[" + A + b"]", [(1, A), (1, B), (1, C), (1, A)]),
        (b"[\n" + A + b",\n" + B + b"\n]\n", [(2, A), (3, B)]),
        (b"[ " + A + b"\n, " + B + b"\n, " + C + b"\n]", [(1, A), (2, B), (3, C)]),
        (b'["eyJ.e30.", 42,null ,\n"a]b"]', [(1, b'"eyJ.e30."'), (1, b"42"), (1, b"null"), (2, b'"a]b"')]),
        (b"[[1, 2],\n[" + A + b"]]", [(1, b"[1, 2]"), (2, b"[" + A + b"]")]),
        (b"[]\n" + A, [(1, b"an empty array"), (2, A)]),
        (b"\n[\n\n ]\n" + A, [(2, b"an empty array"), (5, A)]),
        (b"[" + A + b"," + B, [(1, A), (1, B)]),
        (b"[\n" + A + b",\n" + B + b"\n[" + C + b"]\n", [(2, A), (3, B), (4, C)]),
        (b"[" + PRETTY + b", " + A + b"]", [(1, PRETTY), (1 + PRETTY.count(b"\n"), A)]),
    ],
)
def test_arrays_are_read_element_by_element(data: bytes, expected: list[tuple[int, bytes]]) -> None:
    """On a line, over lines, in a row, in one another, empty, and without an end."""
    assert read(data) == expected


def test_an_array_that_was_printed_over_lines() -> None:
    """Each element at the line on which it begins."""
    data = json.dumps([json.loads(A), json.loads(B)], indent=2).encode()
    found = read(data)
    assert [json.loads(text) for _, text in found] == [json.loads(A), json.loads(B)]
    assert [line for line, _ in found] == [2, 2 + json.dumps(json.loads(A), indent=2).count("\n") + 1]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (A[:-2] + b"\n" + B + b"\n" + C, [(1, A[:-2]), (2, B), (3, C)]),
        (A[:30] + b"\n" + B + b"\n" + C, [(1, A[:30]), (2, B), (3, C)]),
        (b'{"a": nope}' + A + b"\n" + B, [(1, b'{"a": nope}'), (1, A), (2, B)]),
        (b'{"a": nope} {"b"} ' + A + b", {]\n" + B, [(1, b'{"a": nope} {"b"}'), (1, A), (1, b"{]"), (2, B)]),
        (b'{"a": "no end ' + A + b"\n" + B, [(1, b'{"a": "no end'), (1, A), (2, B)]),
        (b"[2024-01-01 10:00] INFO " + A + b"\n" + B, [(1, b"[2024-01-01 10:00] INFO"), (1, A), (2, B)]),
        (A + b"\n[broken\n" + B, [(1, A), (2, b"[broken"), (3, B)]),
        (b"[1", [(1, b"[1")]),
        (b"[" + b"\n" * 100, [(1, b"[")]),
        (PRETTY[:-3] + b"\n" + A, [(1, PRETTY[:-3].rstrip()), (1 + PRETTY.count(b"\n"), A)]),
        (b" {\n  bad\n   {}\n" + A, [(1, b"{\n  bad\n   {}"), (4, A)]),
        (b" {\n  bad\n {}\n" + A, [(1, b"{\n  bad"), (3, b"{}"), (4, A)]),
        (b'{"a":1}\\\n' + A, [(1, b'{"a":1}'), (1, b"\\"), (2, A)]),
        (b'{"metadata": [' + PRETTY + b"\n" + A, None),
    ],
)
def test_a_broken_text_ends_before_a_line_that_may_begin_one(data: bytes, expected: Any) -> None:
    """The whole events in it are taken, each run of bytes between them is one input."""
    if expected is None:
        assert read(data) == [(1, b'{"metadata": ['), (1, PRETTY), (1 + data.count(b"\n"), A)]
    else:
        assert read(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[" + A + b",{broken}," + C + b"]", [(1, A), (1, b"{broken}"), (1, C)]),
        (b"[{broken}, " + A + b" , {nope}]\n" + C, [(1, b"{broken}"), (1, A), (1, b"{nope}"), (2, C)]),
        (b'[{"x"},{"Body":"{}"},{"y"}]', [(1, b'{"x"}'), (1, b'{"Body":"{}"}'), (1, b'{"y"}')]),
        (b"[" + A + b',{"metadata":{"a":1},' + B + b"," + C + b"]\n" + A, None),
        (b"[\n" + A + b",\n{broken},\n" + C + b"]\n" + A, [(2, A), (3, b"{broken}"), (4, C), (5, A)]),
        (b"[\n" + A + b",\n" + B[:-6] + b",\n" + C + b"\n]\n" + A, [(2, A), (3, B[:-6]), (4, C), (6, A)]),
        (b"[\n  " + A + b",\n  " + B[:50] + b"\n" + C, [(2, A), (3, B[:50]), (4, C)]),
        (b"[" + A + b", NaN, Infinity ," + B + b"]", [(1, A), (1, b"NaN"), (1, b"Infinity"), (1, B)]),
        (b"[" + A + b", out of order: " + B + b"]" + C, [(1, A), (1, b"out of order:"), (1, B), (1, C)]),
        (b"[" + A + b'{"b" ' + B + b"]\n[" + C + b"]", [(1, A), (1, b'{"b"'), (1, B), (2, C)]),
    ],
)
def test_a_broken_element_costs_only_itself(data: bytes, expected: Any) -> None:
    """On one line, over lines, and in an array without an end."""
    if expected is None:
        assert read(data) == [(1, A), (1, b'{"metadata":{"a":1}'), (1, B), (1, C), (2, A)]
    else:
        assert read(data) == expected


W = json.dumps({"Body": C.decode()}).encode()
J = [b"eyJ.e30." + mark for mark in (b"a", b"b", b"c")]
BAD = b'{"metadata":{"eve'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            b"[[" + A + b",{broken}," + B + b'],"x",' + C + b"]",
            [(1, b"["), (1, A), (1, b"{broken}"), (1, B), (1, b"]"), (1, b'"x"'), (1, C)],
        ),
        (
            b"[\n [\n  " + A + b",\n  {broken}\n ],\n " + W + b"\n]\n" + B,
            [(2, b"["), (3, A), (4, b"{broken}\n ]"), (6, W), (8, B)],
        ),
        (b"[\n  # note\n  " + W + b",\n  " + A + b"\n]\n" + B, [(2, b"# note"), (3, W), (4, A), (6, B)]),
        (b"[two words, " + W + b", " + A + b"]", [(1, b"two words"), (1, W), (1, A)]),
        (b"[\n" + b"\n".join(J) + b"\n]\n" + A, [(2, J[0]), (3, J[1]), (4, J[2]), (6, A)]),
        (b"[" + A + b",\n" + b"\n".join(J) + b"\n" + B, [(1, A), (2, J[0]), (3, J[1]), (4, J[2]), (5, B)]),
        (b'[\n"a",\n"no end,\n"b",\n' + W + b"]", [(2, b'"a"'), (3, b'"no end'), (4, b'"b"'), (5, W)]),
        (b'["a" "b","c"]' + A, [(1, b'"a"'), (1, b'"b"'), (1, b'"c"'), (1, A)]),
        (b"[\n" + A + b",\n# one\n# two\n" + B + b"]", [(2, A), (3, b"# one"), (4, b"# two"), (5, B)]),
        (b'[\n{"a":1,}\n] words\n' + A, [(2, b'{"a":1,}'), (3, b"words"), (4, A)]),
        (BAD + b"\n\x1e" + W + b"\n, " + A, [(1, BAD), (2, W), (3, A)]),
        (BAD + b"\n" + MARK + W + b"\n" + A, [(1, BAD), (2, W), (3, A)]),
        (MARK + b'{\n "a":\n  {"b": ,\n' + W, [(1, b'{\n "a":\n  {"b":'), (4, W)]),
    ],
)
def test_what_stands_beside_a_broken_element_is_read(data: bytes, expected: list[tuple[int, bytes]]) -> None:
    """In lists within lists, beside words, behind strings without commas; separators are no indentation."""
    assert read(data) == expected


@pytest.mark.parametrize("levels", [3, 50, 900])
@pytest.mark.parametrize("opening", [b"{", b'{"a": [1, 2', b'{"metadata": bad', b'{"a":"x",'])
def test_broken_lines_within_one_another_are_each_an_input(opening: bytes, levels: int) -> None:
    """Although their brackets match; a whole text among them is taken."""
    closing = b"]}" if b"[" in opening else b"}"
    found = read((opening + b"\n") * levels + A + b"\n" + (closing + b"\n") * levels)
    assert [text for _, text in found if text == A] == [A]
    assert found[: levels - 1] == [(line, opening.rstrip(b",")) for line in range(1, levels)]


def test_a_whole_text_is_never_cut_further() -> None:
    """Also where what it holds looks like events."""
    deep = b"[" * 50_000 + b"]" * 50_000
    for text in (b'{"data":' + A + b"}", b'{"a":"{\\"metadata\\":1}"}', deep, b'{"x":1,"x":2}'):
        assert read(b"[" + text + b",7]") == [(1, text), (1, b"7")]
        assert read(b'{"x":' + text + b"}\n" + A) == [(1, b'{"x":' + text + b"}"), (2, A)]


def test_an_event_may_go_on_behind_a_line_that_looks_like_the_next_text() -> None:
    """Printed without indentation, behind what is broken on its line."""
    flat = json.dumps(outcome("Flat", ratings=[{"points": 1}, {"points": 2}]), indent=0).encode()
    assert read(b'{"metadata":{"x":[ ' + flat + b"\n" + A) == [
        (1, b'{"metadata":{"x":['),
        (1, flat),
        (2 + flat.count(b"\n"), A),
    ]


STORIES = {
    "in-a-row.json": [(1, "Cells"), (1, "Tissue"), (1, "Organs")],
    "two-on-a-line.jsonl": [(1, "Cells"), (1, "Tissue"), (2, "Organs")],
    "line-then-printed-then-array.json": [(1, "Cells"), (2, "Tissue"), (14, "Organs"), (25, "Herds")],
    "comment-before-printed.json": [(1, None), (2, "Cells")],
    "lines-that-end-in-a-comma.jsonl": [(1, "Cells"), (2, "Tissue"), (3, "Organs")],
    "text-sequence.json-seq": [(1, "Cells"), (2, "Tissue")],
    "printed-without-indentation.json": [(1, "Cells"), (12, "Tissue")],
    "array-without-its-end.json": [(1, "Cells"), (1, "Tissue")],
    "broken-element-on-one-line.json": [(1, "Cells"), (1, None), (1, "Organs")],
    "line-cut-short.jsonl": [(1, "Cells"), (2, None), (3, "Organs")],
    "printed-cut-short.json": [(1, None), (10, "Tissue")],
    "two-writers-on-a-line.jsonl": [(1, None), (1, "Cells"), (2, "Organs")],
    "bracket-before-an-event.log": [(1, None), (1, "Cells"), (2, "Tissue")],
    "words-before-an-event.log": [(1, None), (2, "Tissue")],
    "bracket-and-line-ends.json": [(1, None)],
}


@pytest.mark.parametrize("name", STORIES)
def test_files_that_people_have(name: str) -> None:
    """The line and title of each event; None where a text is none."""
    decoded = [(line, decode(text)) for line, text in read((FIXTURES / "texts" / name).read_bytes())]
    found = [(line, item.text if isinstance(item, LiveEvent) else None) for line, item in decoded]
    assert [(line, text and json.loads(text)["body"]["title"]) for line, text in found] == STORIES[name]


def test_every_story_is_read() -> None:
    """No file lies there for nothing."""
    assert {path.name for path in (FIXTURES / "texts").iterdir()} == set(STORIES)


# any mix


TITLES = ("x", "Cells [a {b", 'quote " and \\ back', '"}]{[', "é☃", "a\nb\tc", "// # , ")
ENDS = ("", "\n", "\r\n", ",\n", " ", "\n\n", "\x1e", "\n  ")
SCRAPS = ("# a comment", "words before", "-", "}", "]", "}}]", '"', "'", "eyJabc", "\\", '\\"{', "{broken}", "[x")


def event_of(random: Random, number: int) -> dict[str, Any]:
    """An event with text and nesting of any kind, its parts in any order."""
    body: dict[str, Any] = {"title": random.choice(TITLES), "n": number, "ratings": [{"p": 1, "d": "x{"}, {"p": 2}]}
    body |= random.choice([{}, {"deep": {"a": [[{"b": [1, {"c": None}]}]]}}, {"e": [], "o": {}}])
    metadata = {"event_name": "learning_outcome_created", "event_time": str(number)}
    named = {random.choice(["metadata", "attributes"]): metadata}
    return random.choice([named | {"body": body}, {"body": body} | named])


def spelled(random: Random, event: Any, indents: tuple[int | None, ...] = (None, None, 0, 1, 2, 4, 8)) -> str:
    """Compact or not, on one line or over lines."""
    compact = random.choice([None, (",", ":")])
    return json.dumps(
        event, indent=random.choice(indents), separators=compact, ensure_ascii=random.choice([True, False])
    )


def scrap_of(random: Random) -> str:
    """What makes no whole text with what follows: on a line of its own, or cut out of an event."""
    if random.random() < 0.4:
        return random.choice(SCRAPS) + "\n"
    text = spelled(random, event_of(random, 99), (None, 1, 4))
    cut = text[: random.randrange(1, len(text))].rstrip()
    return random.choice(
        [cut + "\n", cut, '{"a": nope}', '{"x": "no end\n', "{" * 3, '{"metadata":{"event_name":"cut"},']
    )


def log_of(random: Random) -> tuple[bytes, list[dict[str, Any]]]:
    """A log in any mix of shapes, and the events in it."""
    parts, events = list[str](), list[dict[str, Any]]()

    def some(most: int) -> list[dict[str, Any]]:
        new = [event_of(random, len(events) + place) for place in range(random.randrange(1, most + 1))]
        events.extend(new)
        return new

    for _ in range(random.randrange(1, 8)):
        match random.choice("eeeallsx"):
            case "e":
                parts += [spelled(random, some(1)[0]), random.choice(ENDS)]
            case "a":
                parts += [spelled(random, some(3)), random.choice(["\n", "", " ", ",\n"])]
            case "l":
                comma = random.choice([",", ",\n", " ,\n", "\n, "])
                texts = comma.join(spelled(random, event) for event in some(3))
                parts += ["[", random.choice(["", "\n", " "]), texts, random.choice(["]", "\n]\n"])]
            case "x":
                elements = [spelled(random, event) for event in some(2)]
                elements.insert(random.randrange(len(elements) + 1), scrap_of(random))
                parts += ["[\n", ",\n".join(elements), random.choice(["\n]\n", "\n", ",\n"])]
            case _:
                parts.append(scrap_of(random))
    return "".join(parts).encode(), events


def check(data: bytes, events: list[dict[str, Any]], found: list[tuple[int, bytes | Refusal]]) -> None:
    """Each event came once and in order; every byte is in an input, or separates some; lines are right."""
    at, whole = 0, []
    for line, content in found:
        text, length = (content, len(content)) if isinstance(content, bytes) else (content.raw, content.length)
        first = data.index(text, at)
        while data.count(b"\n", 0, first) + 1 < line:
            first = data.index(text, first + 1)
        assert data.count(b"\n", 0, first) + 1 == line
        assert data[at:first].replace(MARK, b"").strip(SEPARATORS + b"[]") == b""
        at = first + length
        whole += list(events_of(text))
    assert data[at:].replace(MARK, b"").strip(SEPARATORS + b"[]") == b""
    assert [event for event in whole if event in events] == events


def events_of(text: bytes) -> Iterator[dict[str, Any]]:
    """The objects that a whole text holds: random pieces may close around an event, and then it is not cut further."""
    try:
        yield from objects_in(json.loads(text))
    except ValueError:
        return


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value, in order, the outer ones first."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects_in(inner)


@given(st.integers(0))
@settings(max_examples=300 if os.environ.get("HYPOTHESIS_PROFILE") is None else 2000)
def test_any_mix_of_shapes_comes_back_whole_and_once(seed: int) -> None:
    """With broken pieces between, and however the bytes arrive."""
    random = Random(seed)
    data, events = log_of(random)
    found = inputs(data)
    check(data, events, found)
    assert inputs(data, Hesitant(data, random)) == found


@given(st.integers(0))
def test_so_it_does_where_texts_are_too_long_to_be_held(seed: int) -> None:
    """Broken texts are then looked through piece by piece."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (texts, cursor, broken, rescue, oversize):
            patch.setattr(module, "LONGEST", 4000)
        patch.setattr(window, "BLOCK", 300)
        patch.setattr(broken, "_STRETCH", 700)
        random = Random(seed)
        data, events = log_of(random)
        check(data, events, inputs(data, Hesitant(data, random)))


@given(st.binary(max_size=80) | st.text('{}[]",: \\\nab1\x1e', max_size=60).map(str.encode))
@example(b'{"metadata":{"event_name":"x"},"body":{}\\"}')
def test_nothing_is_lost_whatever_comes(data: bytes) -> None:
    """Every byte that separates nothing is in an input."""
    check(data, [], inputs(data))
    assert inputs(data, Hesitant(data, Random(len(data)))) == inputs(data)


@given(st.lists(st.sampled_from([A, B, C, b"{", b"[1", b"]", b'"', b"", PRETTY, b"}\n{"]), max_size=8), st.booleans())
def test_no_good_line_is_lost(parts: list[bytes], in_array: bool) -> None:
    """Whatever stands between them: every whole event on a line of its own comes out, as it was."""
    first = b"[\n" if in_array else A + b"\n"
    found = [text for _, text in read(first + b"\n".join(parts))]
    whole = [part for part in parts if part in (A, B, C)] + ([] if in_array else [A])
    assert all(found.count(text) >= whole.count(text) for text in (A, B, C))


# lines that come many at a time


def test_lines_come_many_at_a_time_and_are_taken_as_far_as_they_are_json() -> None:
    """One that is not is cut text by text, and the rest comes as before."""
    good = [json.dumps(outcome(str(n))).encode() for n in range(30_000)]
    bad = A[:-1] + b"}" + B
    data = b"\n".join([*good[:15_000], bad, *good[15_000:]]) + b"\n"
    found = list[tuple[int, bytes]]()
    blocks = 0
    for step in unchecked(io.BytesIO(data)):
        if isinstance(step, Lines):
            blocks += 1
            texts = step.texts[: step.texts.index(bad)] if bad in step.texts else step.texts
            step.taken = len(texts)
            found += list(enumerate(texts, step.first))
        elif step is not None:
            found.append((step[0], bytes(step[1])))  # type: ignore[arg-type]
    assert blocks > 2
    assert found == read(data)
    assert [text for _, text in found] == [*good[:15_000], A, B, *good[15_000:]][: len(found)]
    assert [line for line, _ in found] == [*range(1, 15_001), 15_001, 15_001, *range(15_002, 30_002)]


# texts too long to be held


def test_a_long_text_is_refused_by_itself(small: int) -> None:
    """With its length, hash and beginning, and its neighbours are read: on its line, in its array, on the next line."""
    long, other = b'{"a":"' + b"x" * 2 * small + b'"}', b'{"Body":"{}"}'
    for data, rest in (
        (long + b"\r\n" + A, [(2, A)]),
        (long + A + b"\n" + B, [(1, A), (2, B)]),
        (b"[" + long + b"," + other + b",\n" + A + b"]\n" + B, [(1, other), (2, A), (3, B)]),
        (b'["' + b"x" * 2 * small + b'", ' + other + b"]", [(1, other)]),
    ):
        (line, refusal), *found = inputs(data)
        text = long if long in data else data[1 : data.index(b", ")]
        assert isinstance(refusal, Refusal)
        assert (line, refusal.length, refusal.sha256) == (1, len(text), sha256(text).digest())
        assert refusal.raw == text[:500]
        assert refusal.reason.startswith("longer than")
        assert found == rest


def test_events_in_a_long_broken_text_are_taken(small: int) -> None:
    """On one line of any length, each in its place."""
    many = [json.dumps(outcome(str(n))).encode() for n in range(100)]
    found = read(b'{"a": [' + b", ".join(many) + b"\n" + A)
    assert found == [(1, b'{"a": ['), *((1, text) for text in many), (2, A)]
    found = read(b'{"a": bad ' + b"".join(many) + b"}\n" + A)
    assert found == [(1, b'{"a": bad'), *((1, text) for text in many), (1, b"}"), (2, A)]


def test_a_long_line_that_begins_otherwise(small: int) -> None:
    """Only its beginning is kept."""
    (line, refusal), last = inputs(b"\n#" + b"x" * 3 * small + b"\n" + A)
    assert isinstance(refusal, Refusal)
    assert (line, refusal.length, last) == (2, 3 * small + 1, (3, A))
