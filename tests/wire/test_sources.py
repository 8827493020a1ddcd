"""Every kind of source gives its inputs: open files, pipes that wait, iterables."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.events import Refusal
from projector.wire.files.folders import survey
from projector.wire.sources import Input, name_of, read_files, read_iterable, read_stream
from projector.wire.splitting import Lines, checked, pieces, pieces_of
from tests.wire.inputs import PEAK, PNG, A, B, C, Halting, read, tar_of, zip_of


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


# streams that wait


LINES = A + b"\n" + B + b",\n" + C
SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "gzip": lambda data: gzip.compress(data[:40]) + bytes(7) + gzip.compress(data[40:]),
    "xz of UTF-16": lambda data: lzma.compress(b"\xfe\xff" + data.decode().encode("utf-16-be")),
    "bzip2 of gzip": lambda data: bz2.compress(gzip.compress(data)),
}


@given(st.sampled_from(list(SHAPES)), st.integers(0, 2**16), st.sampled_from([1, 7, 300, 100_000]))
def test_nothing_is_lost_where_a_stream_waits(shape: str, seed: int, most: int) -> None:
    """Whatever lies above it, and wherever it has nothing at hand."""
    assert read(Halting(SHAPES[shape](LINES), seed, most)) == [("log", A), ("log", B), ("log", C)]


@given(st.sampled_from([zip_of, tar_of]), st.booleans(), st.integers(0, 2**16), st.sampled_from([60, 4000]))
def test_an_archive_in_a_stream_that_waits_is_read(
    pack: Callable[[dict[str, bytes]], bytes], is_packed: bool, seed: int, most: int
) -> None:
    """Member by member."""
    archive = pack({"a.jsonl": A + b"\n", "b/c.log": gzip.compress(B), "d.png": PNG})
    left: list[Any] = []
    stream: Any = Halting(gzip.compress(archive) if is_packed else archive, seed, most)
    found = [item for item in read_stream(stream, "stdin", left_out=left) if item is not None]
    assert [(i.source, i.content) for i in found if isinstance(i, Input)] == [
        ("stdin/a.jsonl", A),
        ("stdin/b/c.log", B),
    ]
    assert [(one.path, one.reason) for one in left] == [("stdin/d.png", "a PNG image")]


def test_a_waiting_stream_says_that_there_is_nothing_yet(tmp_path: Path) -> None:
    """Whoever reads a pipe gets its turn, before anything is written and between two events."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    inputs = read_files(survey([pipe]).files)
    assert next(inputs) is None
    writer = os.open(pipe, os.O_WRONLY)
    try:
        os.write(writer, A + b"\n")
        first = next(item for item in inputs if item is not None)
        assert isinstance(first, Input)
        assert first.content == A
        assert None in [next(inputs), next(inputs)]
        os.write(writer, B)
    finally:
        os.close(writer)
    assert [item.content for item in inputs if isinstance(item, Input)] == [B]


def test_a_slow_writer_is_not_waited_for_until_much_has_come(tmp_path: Path) -> None:
    """Each event is given soon after it was written."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with open(pipe, "wb", buffering=0) as writer:
            for _ in range(8):
                writer.write(A + b"\n")
                time.sleep(0.2)

    thread = threading.Thread(target=write)
    thread.start()
    times = [time.monotonic() for item in read_files(survey([pipe]).files) if isinstance(item, Input)]
    thread.join()
    assert len(times) == 8
    assert times[-1] - times[0] > 1


def test_a_stream_that_breaks_off_says_so() -> None:
    """What came before is given."""
    parts = [A + b"\n", B + b"\n" + C[:50]]

    class Breaking:
        def read(self, size: int) -> bytes:
            if size and not parts:
                raise OSError(5, "Input/output error")
            return parts.pop(0) if size else b""

    *texts, (_, said) = read(Breaking())
    assert texts == [("log", A), ("log", B)]
    assert said == b"cannot be read: Input/output error; what was read before is stored"


# texts that are at hand

SCRAPS = st.lists(
    st.sampled_from(
        [A, B, b"{broken}", b"{}", b"\n", b"\n", b"\r\n", b" ", b",", b"[", b"]", b"words", b"\xef\xbb\xbf"]
    )
)


@given(SCRAPS.map(b"".join))
def test_a_text_at_hand_is_cut_as_a_stream_is(text: bytes) -> None:
    """Whether it is lines of one object each or anything else."""
    steps = (checked(step) if isinstance(step, Lines) else [step] for step in pieces_of(text))
    at_hand = [piece for step in steps for piece in step if piece is not None]
    assert at_hand == [piece for piece in pieces(io.BytesIO(text)) if piece is not None]


# open files


def test_an_open_text_file_is_read_as_its_bytes(seed: Path) -> None:
    """Text or binary makes no difference."""
    with seed.open(encoding="utf-8") as text, seed.open("rb") as binary:
        assert read(text) == read(binary)
    assert read(io.StringIO(A.decode())) == [("log", A)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_an_open_text_file_of_another_encoding(tmp_path: Path, encoding: str) -> None:
    """Its bytes say what they are; so does text in memory that begins with a mark."""
    path = tmp_path / "log.jsonl"
    path.write_text(A.decode() + "\n", encoding=encoding)
    with path.open(encoding=encoding) as text, path.open("rb", buffering=0) as raw:
        assert read(text) == read(raw) == [("log", A)]
    assert read(io.StringIO("\ufeff" + A.decode())) == [("log", A)]


def test_an_open_file_may_be_compressed_or_an_archive() -> None:
    """As a file that is named."""
    assert read(io.BytesIO(gzip.compress(A))) == [("log", A)]
    assert read(io.BytesIO(zip_of({"x.json": A, "y.json": B}))) == [("log/x.json", A), ("log/y.json", B)]
    assert read(io.BytesIO(bz2.compress(tar_of({"x.json": A})))) == [("log/x.json", A)]


def test_an_open_file_without_a_text_name_is_called_file(tmp_path: Path) -> None:
    """A pipe's name is a number; a file's may be bytes."""
    reader, writer = os.pipe()
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert name_of(pipe) == "file"
        assert read(pipe) == []
    with open(os.fsencode(tmp_path / "caf") + b"\xe9", "w+b") as odd:
        assert name_of(odd) == f"{tmp_path}/caf\\xe9"


# iterables


@pytest.mark.parametrize(
    ("item", "content"),
    [
        (json.loads(A), A),
        (A, A),
        (A.decode(), A),
        (bytearray(A), A),
        ({"a": float("nan")}, "not JSON: the number nan"),
        ({"a": {1, 2}}, "not JSON: a set"),
        ({"a": {1: 2}}, "not JSON: a key that is not text"),
        ({"a": "\ud800"}, "not JSON: "),
        (7, "not an object"),
        (None, "not an object"),
    ],
    ids=repr,
)
def test_elements_of_an_iterable(item: Any, content: Any) -> None:
    """Mappings, text and bytes; whatever else is refused with what it was."""
    (found,) = read_iterable([item])
    assert isinstance(found, Input)
    if isinstance(content, bytes):
        assert isinstance(found.content, bytes)
        assert json.loads(found.content) == json.loads(content)
    else:
        assert isinstance(found.content, Refusal)
        assert found.content.reason.startswith(content)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (A + B, [A, B]),
        (b"[" + A + b",\n" + B + b"]", [A, B]),
        (A + b"\n\n" + B, [A, B]),
        (A + b"\n{broken", [A, b"{broken"]),
        (b"{broken,\n{,", [b"{broken,\n{,"]),
        (" ", []),
        (b"", []),
    ],
)
def test_an_element_may_hold_several_texts(item: Any, expected: list[bytes]) -> None:
    """All of them at the place of the element."""
    assert [(i.position, i.content) for i in read_iterable([C, item])] == [(1, C), *((2, text) for text in expected)]
