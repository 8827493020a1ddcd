"""Archives give the bytes within them, whatever their frames; what is damaged says so, and what could be read stays."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zstandard import ZstdCompressionParameters, ZstdCompressor

from projector.wire.compressed import unpacked
from projector.wire.sources import Damage, Input, paths, read_paths, read_stream, size
from tests.builders import outcome
from tests.wire.test_sources import PEAK, A, B

zstd = ZstdCompressor(write_checksum=True).compress
EVENTS = b"".join(json.dumps(outcome(os.urandom(40).hex())).encode() + b"\n" for _ in range(2000))
PLAIN_SKIPPED = b"\x50\x2a\x4d\x18\x04\x00\x00\x00note"  # a frame that says nothing, as parallel compressors write


def inputs_of(archive: bytes, name: str = "log.zst") -> tuple[list[bytes | str], list[str]]:
    """What an archive gave, and what was said of its damage."""
    found = list(read_stream(io.BytesIO(archive), name))
    texts = [i.content if isinstance(i.content, bytes) else i.content.reason for i in found if isinstance(i, Input)]
    return texts, [damage.reason for damage in found if isinstance(damage, Damage)]


@pytest.mark.parametrize("name", ["log.jsonl.zst", "log.jsonl", "log.gz"])
def test_zstd_is_unpacked_by_name_or_by_content(tmp_path: Path, name: str) -> None:
    """An archive is known by its first bytes, whatever it is called."""
    path = tmp_path / name
    path.write_bytes(zstd(A + b"\n" + B + b"\n"))
    found = [input for input in read_paths(paths([path])) if isinstance(input, Input)]
    assert [(input.source, input.content) for input in found] == [(str(path), A), (str(path), B)]
    assert found[-1].offset == path.stat().st_size == size([path])


def test_gzip_in_a_file_that_is_called_zst_is_still_gzip() -> None:
    """The bytes say what they are."""
    assert inputs_of(gzip.compress(A)) == ([A], [])


@pytest.mark.parametrize(
    "archive",
    [
        zstd(A + b"\n") + zstd(B),
        PLAIN_SKIPPED + zstd(A + b"\n") + PLAIN_SKIPPED + zstd(B),
        zstd(A[:20]) + zstd(b"") + zstd(A[20:] + b"\n" + B),
    ],
    ids=["two frames", "frames to skip", "an event over frames"],
)
def test_frames_follow_one_another(archive: bytes) -> None:
    """As `cat` of two archives is one."""
    assert inputs_of(archive) == ([A, B], [])


@given(st.lists(st.binary(max_size=2000), max_size=5), st.integers(1, 5000))
def test_unpacking_is_the_way_back(parts: list[bytes], step: int) -> None:
    """Every byte of every frame, however it is read."""
    archive = io.BufferedReader(io.BytesIO(b"".join(map(zstd, parts))))
    stream = unpacked(archive, "log.zst")
    assert b"".join(iter(lambda: stream.read(step), b"")) == b"".join(parts)


@given(st.integers(5, len(zstd(EVENTS)) - 1))
def test_a_zstd_archive_that_is_cut_short_says_so(length: int) -> None:
    """Wherever it ends; the events before are there."""
    texts, (damage,) = inputs_of(zstd(EVENTS)[:length])
    assert "zstd archive cut short" in damage
    assert texts == EVENTS.splitlines()[: len(texts)]


def test_most_of_an_archive_that_is_cut_short_is_read() -> None:
    """Block by block."""
    assert len(inputs_of(zstd(EVENTS)[:-2000])[0]) > 1000


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (A, "is no zstd archive; "),
        (zstd(EVENTS)[:9000] + b"damage" + zstd(EVENTS)[9006:], "is a zstd archive that is damaged; "),
        (zstd(A + b"\n") + A, "is a zstd archive that is damaged; "),
        (zstd(A)[:-1] + b"!", "is a zstd archive that is damaged; "),
    ],
    ids=["plain text", "other bytes", "text behind a frame", "a wrong checksum"],
)
def test_damage_says_what_it_is(archive: bytes, said: str) -> None:
    """And what to do."""
    _, (damage,) = inputs_of(archive)
    assert damage == f"{said}what could be read is stored: replay the file when it is whole"


def test_a_window_too_large_says_how_to_pack() -> None:
    """Memory stays bounded whatever an archive asks for."""
    large = ZstdCompressor(compression_params=ZstdCompressionParameters(window_log=29)).compressobj()
    _, (damage,) = inputs_of(large.compress(A) + large.flush())
    assert "without --long" in damage


def test_an_empty_archive_holds_nothing() -> None:
    """Neither does an empty file."""
    assert inputs_of(zstd(b"")) == inputs_of(b"") == ([], [])


def test_a_directory_gives_its_archives_too(tmp_path: Path) -> None:
    """Beside the plain files."""
    for name in ("a.json.zst", "b.jsonl.gz", "c.zst", "d.db.zst"):
        (tmp_path / name).write_bytes(A)
    assert [os.path.basename(path) for path in paths([tmp_path])] == ["a.json.zst", "b.jsonl.gz", "c.zst"]


def test_memory_stays_bounded_where_little_unpacks_to_much(tmp_path: Path) -> None:
    """A line of a gigabyte in an archive of 33 kB."""
    path, packing = tmp_path / "long.zst", ZstdCompressor().compressobj()
    parts = [packing.compress(b"x" * 2**20) for _ in range(2**10)]
    path.write_bytes(b"".join(parts) + packing.compress(b"\n" + A) + packing.flush())
    program = (
        "import sys; from projector.wire.sources import paths, read_paths\n"
        f"print(sum(1 for _ in read_paths(paths(sys.argv[1:]))), {PEAK})"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    inputs, kib = map(int, ran.stdout.split())
    assert inputs == 2
    assert kib < 250 * 1024
