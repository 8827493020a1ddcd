"""Every input of every kind of source is found, with its place, and nothing is lost."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.errors import MissingInput
from projector.domain.events import Refusal
from projector.wire import splitting
from projector.wire.sources import Damage, Input, paths, read_iterable, read_paths, read_stream, size
from tests.builders import outcome

A, B, C = (json.dumps(outcome(title)).encode() for title in ("A", "B", "C"))
PRETTY = json.dumps(outcome("Pretty [with {odd} text]"), indent=2).encode()


PEAK = "next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'))"


def read(data: bytes, name: str = "log") -> list[tuple[int, bytes]]:
    """Place and bytes of each input; a refusal as its reason."""
    return [
        (found.position, found.content if isinstance(found.content, bytes) else found.content.reason.encode())
        for found in read_stream(io.BytesIO(data), name)
        if isinstance(found, Input)
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (A + b"\n" + B + b"\n", [(1, A), (2, B)]),
        (A + b"\r\n\r\n" + B, [(1, A), (3, B)]),
        (b"\xef\xbb\xbf" + A + b"\n", [(1, A)]),
        (b"", []),
        (b" \n\t\n", []),
        (b"[" + A + b"," + B + b"]\n" + C, [(1, A), (1, B), (2, C)]),
        (b"[]\n" + A, [(1, b"an empty array"), (2, A)]),
        (b"[\n" + A + b",\n" + B + b"\n]\n", [(1, A), (2, B)]),
        (b"[\n]\n", [(2, b"an empty array")]),
        (json.dumps([json.loads(A), json.loads(B)], indent=2).encode(), None),
        (b"[" + A + b",\n{broken},\n" + C + b"]", [(1, A), (2, b"{broken}"), (3, C + b"]")]),
        (b"[\n" + A + b",\n" + B[:-6] + b",\n" + C + b"\n]\n", [(1, A), (3, B[:-6]), (4, C)]),
        (PRETTY, [(1, PRETTY)]),
        (PRETTY + b"\n" + PRETTY + b"\n", [(1, PRETTY), (1 + PRETTY.count(b"\n") + 1, PRETTY)]),
        (A[:-2] + b"\n" + B + b"\n" + C, [(1, A[:-2]), (2, B), (3, C)]),
        (A[:30] + b"\n" + B + b"\n" + C, [(1, A[:30]), (2, B), (3, C)]),
        (b"nonsense\n" + A, [(1, b"nonsense"), (2, A)]),
        (A + b"\n[broken\n" + B, [(1, A), (2, b"[broken"), (3, B)]),
    ],
)
def test_inputs_of_a_stream(data: bytes, expected: list[tuple[int, bytes]] | None) -> None:
    """Lines, arrays on a line, arrays over lines, objects over lines, and what is broken."""
    found = read(data)
    if expected is None:  # an array that was printed over lines
        assert [(place, json.loads(text)) for place, text in found] == [(1, json.loads(A)), (2, json.loads(B))]
    else:
        assert found == expected


@given(st.lists(st.sampled_from([A, B, C, b"{", b"[1", b"]", b'"', b"", PRETTY, b"}\n{"]), max_size=8), st.booleans())
def test_no_good_line_is_lost(lines: list[bytes], in_array: bool) -> None:
    """Whatever stands between them: every whole event on a line of its own comes out, as it was."""
    first = b"[\n" if in_array else A + b"\n"
    found = [text for _, text in read(first + b"\n".join(lines))]
    whole = [line for line in lines if line in (A, B, C)] + ([] if in_array else [A])
    assert all(found.count(line) >= whole.count(line) for line in (A, B, C))


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_arrays_are_cut_at_any_chunk(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a read ends in a string or a bracket makes no difference."""
    monkeypatch.setattr(splitting, "_CHUNK", chunk)
    monkeypatch.setattr(splitting, "LONGEST", 4096)
    many = [json.dumps(outcome(f'"{n}" [{n}] \\ {{')).encode() for n in range(40)]
    line = b"[" + b", ".join(many) + b"]"
    assert len(line) > 4096
    assert read(line + b"\n" + A) == [(1, text) for text in many] + [(2, A)]
    assert read(b"[\n" + b",\n".join(many) + b"\n]") == list(enumerate(many, 1))


def test_a_line_too_long_to_hold_is_refused_with_length_and_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head is kept, and the next line is read as ever."""
    monkeypatch.setattr(splitting, "LONGEST", 100_000)
    long = b'{"a":"' + b"x" * 250_000 + b'"}'
    first, second = read_stream(io.BytesIO(long + b"\r\n" + A + b"\n"), "log")
    assert isinstance(first, Input)
    assert isinstance(second, Input)
    assert isinstance(first.content, Refusal)
    assert (first.content.length, first.content.sha256) == (len(long), sha256(long).digest())
    assert first.content.raw == long[: 2**16]
    assert (second.position, second.content) == (2, A)


def test_memory_stays_bounded_at_a_line_of_100_mb(tmp_path: Path) -> None:
    """A process that replays it stays small."""
    log = tmp_path / "long.jsonl"
    with log.open("wb") as file:
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b"\n" + A + b"\n")
    program = (
        "import projector, sys\n"
        "with projector.open(':memory:') as p: r = p.replay(sys.argv[1])\n"
        f"print(r.appended, r.quarantined, {PEAK})"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(log)], capture_output=True, text=True, check=True)
    appended, quarantined, kib = map(int, ran.stdout.split())
    assert (appended, quarantined) == (1, 1)
    assert kib < 250 * 1024


@pytest.mark.parametrize("name", ["log.jsonl.gz", "log.jsonl"])
def test_gzip_is_unpacked_by_name_or_by_content(tmp_path: Path, name: str) -> None:
    """An archive is known by its first bytes too."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(A + b"\n" + B + b"\n"))
    found = [input for input in read_paths(paths([path])) if isinstance(input, Input)]
    assert [(input.source, input.content) for input in found] == [(str(path), A), (str(path), B)]
    assert found[-1].offset == path.stat().st_size == size([path])


def test_a_gzip_that_is_cut_short_gives_what_could_be_read(tmp_path: Path) -> None:
    """Then says what happened and what to do."""
    path = tmp_path / "cut.gz"
    events = b"".join(json.dumps(outcome(os.urandom(40).hex())).encode() + b"\n" for _ in range(2000))
    path.write_bytes(gzip.compress(events)[:-2000])
    *found, last = read_paths(paths([path]))
    assert len(found) > 1000
    assert isinstance(last, Damage)
    assert "cut short" in last.reason


def test_what_is_no_gzip_says_so(tmp_path: Path) -> None:
    """The name alone makes no archive."""
    path = tmp_path / "plain.gz"
    path.write_bytes(A)
    (damage,) = read_paths(paths([path]))
    assert isinstance(damage, Damage)
    assert "no gzip" in damage.reason


def test_a_directory_gives_its_event_files_in_order(tmp_path: Path) -> None:
    """Folders within it too; hidden files and other endings are left alone."""
    for name in ("b.jsonl", "a/z.json", "a/y.ndjson.gz", ".hidden.json", "store.db", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(A)
    assert [str(Path(path).relative_to(tmp_path)) for path in paths([tmp_path])] == [
        "a/y.ndjson.gz",
        "a/z.json",
        "b.jsonl",
        "c",
    ]


@pytest.mark.parametrize("make", ["nothing", "empty directory"])
def test_a_missing_input_is_said_before_anything_is_read(tmp_path: Path, make: str) -> None:
    """A path that is not there, and a folder with nothing to read."""
    place = tmp_path / "nowhere" if make == "nothing" else tmp_path
    with pytest.raises(MissingInput, match=str(place)):
        paths([place])


@pytest.mark.parametrize(
    ("item", "content"),
    [
        (json.loads(A), A),
        (A, A),
        (A.decode(), A),
        (bytearray(A), A),
        ({"a": float("nan")}, "not JSON: the number nan"),
        ({"a": {1, 2}}, "not JSON: a set"),
        ({"a": {1: 2}}, "not JSON: a key that is no text"),
        ({"a": "\ud800"}, "not JSON: "),
        (7, "not an object"),
        (None, "not an object"),
    ],
    ids=repr,
)
def test_elements_of_an_iterable(item: Any, content: Any) -> None:
    """Mappings, text and bytes; whatever else is refused with what it was."""
    (found,) = read_iterable([item])
    if isinstance(content, bytes):
        assert isinstance(found.content, bytes)
        assert json.loads(found.content) == json.loads(content)
    else:
        assert isinstance(found.content, Refusal)
        assert found.content.reason.startswith(content)


def test_an_open_text_file_is_read_as_its_bytes(seed: Path) -> None:
    """Text or binary makes no difference."""
    with seed.open(encoding="utf-8") as text, seed.open("rb") as binary:
        as_text = [i.content for i in read_stream(text, "a") if isinstance(i, Input)]
        assert as_text == [i.content for i in read_stream(binary, "b") if isinstance(i, Input)]
    assert [i.content for i in read_stream(io.StringIO(A.decode()), "c") if isinstance(i, Input)] == [A]
