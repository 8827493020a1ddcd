"""Compressed files give the bytes within them; what is damaged says so, and what could be read stays."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import zlib
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zstandard import ZstdCompressionParameters, ZstdCompressor, ZstdDecompressor

from projector.wire.files.content import Content
from projector.wire.files.folders import survey
from projector.wire.files.streams import Origin, finished
from projector.wire.sources import Damage, Input, read_files, read_stream
from tests.builders import outcome
from tests.wire.inputs import PACKINGS, PEAK, A, B, C

zstd = PACKINGS["zstd"]
EVENTS = b"".join(json.dumps(outcome(os.urandom(40).hex())).encode() + b"\n" for _ in range(2000))
PLAIN_SKIPPED = b"\x50\x2a\x4d\x18\x04\x00\x00\x00note"  # a frame that says nothing, as parallel compressors write
NAMES = {form: f"a {form} archive" for form in ("gzip", "zstd", "bzip2")} | {"xz": "an xz archive"}
READ_ON = "what could be read is stored: replay the file when it is whole"
ALL = pytest.mark.parametrize("form", NAMES)


def inputs_of(packed: bytes, name: str = "log") -> tuple[list[bytes | str], list[str]]:
    """What a file gave, and what was said of its damage."""
    found = list(read_stream(io.BytesIO(packed), name))
    texts = [i.content if isinstance(i.content, bytes) else i.content.reason for i in found if isinstance(i, Input)]
    return texts, [damage.reason for damage in found if isinstance(damage, Damage)]


def unpacked(data: bytes, step: int) -> bytes:
    """Everything within compressed bytes, read some at a time."""
    content = Content(Origin(io.BytesIO(data).read))
    finished(content.look)
    return b"".join(iter(lambda: content.stream.read1(step), b""))


@ALL
@pytest.mark.parametrize("name", ["log.jsonl.gz", "log.jsonl", "log.zst"])
def test_a_file_is_unpacked_by_its_content(tmp_path: Path, form: str, name: str) -> None:
    """Whatever it is called."""
    path = tmp_path / name
    path.write_bytes(PACKINGS[form](A + b"\n" + B + b"\n"))
    found = survey([path])
    inputs = [item for item in read_files(found.files) if isinstance(item, Input)]
    assert [(input.source, input.content) for input in inputs] == [(str(path), A), (str(path), B)]
    assert inputs[-1].offset == path.stat().st_size == found.size()


@pytest.mark.parametrize("name", ["plain.gz", "plain.jsonl.zst", "plain.xz"])
def test_a_name_alone_makes_no_compressed_file(tmp_path: Path, name: str) -> None:
    """Plain text is read."""
    (tmp_path / name).write_bytes(A)
    assert [i.content for i in read_files(survey([tmp_path / name]).files) if isinstance(i, Input)] == [A]


@ALL
@pytest.mark.parametrize("padding", [0, 1, 4, 600, 100_000])
def test_members_follow_one_another(form: str, padding: int) -> None:
    """As `cat` of two files is one, also with an event over several, and NUL bytes between and behind them."""
    pack, nul = PACKINGS[form], bytes(padding)
    assert inputs_of(pack(A[:20]) + nul + pack(b"") + nul + pack(A[20:] + b"\n" + B) + nul) == ([A, B], [])


def test_zstd_frames_that_say_nothing_are_skipped() -> None:
    """Also the first one."""
    assert inputs_of(PLAIN_SKIPPED + zstd(A + b"\n") + PLAIN_SKIPPED + zstd(B)) == ([A, B], [])


@pytest.mark.parametrize("layers", [["gzip", "gzip"], ["zstd", "xz", "bzip2"], ["gzip", "zstd", "bzip2", "xz"]])
def test_compression_within_compression(layers: list[str]) -> None:
    """As a file that a backup has compressed once more."""
    packed = A + b"\n" + B
    for form in layers:
        packed = PACKINGS[form](packed)
    assert inputs_of(packed) == ([A, B], [])
    too_deep = gzip.compress(packed) if len(layers) == 4 else packed
    assert bool(inputs_of(too_deep)[1]) == (len(layers) == 4)


@given(
    st.sampled_from(list(NAMES)),
    st.lists(st.binary(max_size=2000), min_size=1, max_size=5),
    st.integers(1, 5000),
)
def test_unpacking_is_the_way_back(form: str, parts: list[bytes], step: int) -> None:
    """Every byte of every member, however it is read."""
    parts = [b"." + part for part in parts]  # no mark of another encoding or compression
    assert unpacked(b"".join(map(PACKINGS[form], parts)), step) == b"".join(parts)


@ALL
@given(st.data())
@pytest.mark.slow
def test_a_file_that_is_cut_short_says_so(form: str, data: st.DataObject) -> None:
    """Wherever it ends; the events before are there."""
    packed = PACKINGS[form](EVENTS)
    texts, (damage,) = inputs_of(packed[: data.draw(st.integers(10, len(packed) - 1))])
    assert damage == f"is {NAMES[form]} cut short or damaged; {READ_ON}"
    assert texts == EVENTS.splitlines()[: len(texts)]


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_most_of_a_file_that_is_cut_short_is_read(form: str) -> None:
    """Block by block; nothing that was unpacked is lost."""
    packed = PACKINGS[form](EVENTS)[:-2000]
    texts, _ = inputs_of(packed)
    assert len(texts) > 1600
    unpacker = zlib.decompressobj(31) if form == "gzip" else ZstdDecompressor().decompressobj()
    assert len(texts) == unpacker.decompress(packed).count(b"\n")


@ALL
@pytest.mark.parametrize("how", ["other bytes", "text behind a member", "a wrong checksum"])
def test_damage_says_what_it_is(form: str, how: str) -> None:
    """And what to do."""
    packed = PACKINGS[form](EVENTS)
    at = len(packed) // 2
    damaged = {
        "other bytes": packed[:at] + b"damage" + packed[at + 6 :],
        "text behind a member": packed + A,
        "a wrong checksum": packed[:-1] + bytes([packed[-1] ^ 0xFF]),
    }[how]
    _, (damage,) = inputs_of(damaged)
    assert damage == f"is {NAMES[form]} that is damaged; {READ_ON}"


def test_a_window_too_large_says_how_to_pack() -> None:
    """Memory stays bounded whatever a file asks for."""
    large = ZstdCompressor(compression_params=ZstdCompressionParameters(window_log=29)).compressobj()
    _, (damage,) = inputs_of(large.compress(A) + large.flush())
    assert "without --long" in damage
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**28}]
    _, (damage,) = inputs_of(lzma.compress(A, filters=filters))
    assert "more than 128 MiB" in damage
    assert "dict=64MiB" in damage
    assert inputs_of(lzma.compress(A, preset=9)) == ([A], [])


def test_one_event_without_a_line_end_is_read_though_the_file_is_cut_short() -> None:
    """The end of a gzip file is its checksum."""
    assert inputs_of(gzip.compress(A)[:-4]) == ([A], ["is a gzip archive cut short or damaged; " + READ_ON])


@ALL
def test_an_empty_compressed_file_holds_nothing(form: str) -> None:
    """Neither does an empty file."""
    assert inputs_of(PACKINGS[form](b"")) == inputs_of(b"") == ([], [])


@pytest.mark.slow
def test_memory_stays_bounded_where_little_unpacks_to_much(tmp_path: Path) -> None:
    """A line of a quarter of a gigabyte in some kB, in each form."""
    program = (
        "import sys; from projector.wire.files.folders import survey; from projector.wire.sources import read_files\n"
        f"print(sum(1 for item in read_files(survey(sys.argv[1:]).files) if item is not None), {PEAK})"
    )
    for form in ("zstd", "bzip2"):  # a frame of the one holds most at once, a block of the other
        path = tmp_path / form
        path.write_bytes(PACKINGS[form](b"x" * 2**28 + b"\n" + A))
        ran = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
        inputs, kib = map(int, ran.stdout.split())
        assert inputs == 2
        assert kib < 250 * 1024


def test_padding_without_end_gives_others_their_turn() -> None:
    """NUL bytes by the gigabyte can be interrupted."""
    blocks = chain([gzip.compress(C)], repeat(bytes(2**18)))
    endless = Content(Origin(lambda _: next(blocks)))
    finished(endless.look)
    assert endless.stream.read1() == C
    with pytest.raises(BlockingIOError):
        endless.stream.read1()
