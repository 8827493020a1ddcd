"""What opening costs, and what is said of a file that was read whole."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from zstandard import ZstdCompressor

from projector.domain.files import FileRead
from projector.wire.chunks import MOST, chunks
from projector.wire.files.folders import survey
from projector.wire.files.formats import TAR, format_of
from projector.wire.files.opened import SMALL
from projector.wire.files.survey import File
from projector.wire.options import IntakeOptions
from projector.wire.parallel import parallel_chunks
from projector.wire.sources import Damage, Input, InputLines, read_any, read_files, read_stretches
from tests.wire.inputs import A, B, C, Halting, contents, tar_of, written, zip_of

MANY = b"".join(b"%b\n" % text for text in (A, B, C)) * 4000  # several blocks
RANDOM = os.urandom(300_000)


def items(*paths: str | Path) -> list[Input | InputLines | Damage | FileRead]:
    """All that is read of files, lines taken as JSON."""
    return [item for item in read_stretches(survey(paths).files) if item is not None]


def files_read(*paths: str | Path) -> list[FileRead]:
    """The files that were read whole."""
    return [item for item in items(*paths) if isinstance(item, FileRead)]


def as_it_is(path: Path) -> FileRead:
    """A file by other means."""
    found = path.stat()
    return FileRead(
        path=str(path), size=found.st_size, modified_at=found.st_mtime_ns, sha256=sha256(path.read_bytes()).digest()
    )


# what opening costs


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the system was asked, by the name of the function."""
    counts: Counter[str] = Counter()

    def counted(name: str) -> Callable[..., Any]:
        function = getattr(os, name)

        def count(*args: Any, **more: Any) -> Any:
            counts[name] += 1
            return function(*args, **more)

        return count

    for name in ("open", "read", "fstat", "stat", "lstat", "lseek", "access", "close", "scandir"):
        monkeypatch.setattr(os, name, counted(name))
    return counts


def test_a_small_file_is_opened_and_read_once_to_be_found_and_once_for_its_events(
    tmp_path: Path, calls: Counter[str]
) -> None:
    """And it is asked once for its size; nothing is asked by its path."""
    folder = tmp_path / "f"
    folder.mkdir()
    for number in range(7):
        written(folder / f"{number}.json", (A + b"\n") * (number + 1))
    calls.clear()
    files = survey([folder]).files
    assert calls == {"stat": 1, "scandir": 1} | dict.fromkeys(("open", "fstat", "read", "close"), 7)
    calls.clear()
    assert sum(isinstance(item, InputLines) for item in read_stretches(files)) == 7
    assert calls == dict.fromkeys(("open", "fstat", "read", "close"), 7)


def test_a_large_file_is_opened_once_to_be_found_and_only_its_beginning_is_read(
    tmp_path: Path, calls: Counter[str]
) -> None:
    """However large; then once more for its events."""
    written(tmp_path / "a.json", MANY)
    calls.clear()
    files = survey([tmp_path]).files
    assert (calls["open"], calls["read"], calls["fstat"], calls["stat"]) == (1, 1, 1, 1)
    calls.clear()
    list(read_stretches(files))
    assert (calls["open"], calls["fstat"], calls["stat"], calls["lseek"]) == (1, 1, 0, 0)


def test_a_zip_archive_is_opened_once_however_it_is_read(tmp_path: Path, calls: Counter[str]) -> None:
    """Its members are those of the file that is hashed, whatever its path names by then."""
    path = written(tmp_path / "a.zip", zip_of({"a.json": MANY, "b.json": B}))
    expected = as_it_is(path)
    files = survey([path]).files
    calls.clear()
    found = list(read_stretches(files))
    assert calls["open"] == 1
    assert found[-1] == expected


# files that changed between


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (B, [B]),
        (MANY, [A, B, C] * 4000),
        (gzip.compress(B), [B]),
        (zip_of({"b.json": B}), [B]),
        (B.decode().encode("utf-16"), [B]),
        (b"", []),
        (B + b"\n{broken\n" + C, [B, b"{broken", C]),
    ],
    ids=["one", "many", "gzip", "zip", "UTF-16", "empty", "broken"],
)
@pytest.mark.parametrize("before", [A, MANY], ids=["small", "large"])
def test_a_file_is_read_as_it_is_when_its_turn_comes(
    tmp_path: Path, before: bytes, content: bytes, texts: list[bytes]
) -> None:
    """Whatever it was when it was found."""
    files = survey([written(tmp_path / "a.json", before)]).files
    written(tmp_path / "a.json", content)
    assert [item.content for item in read_files(files) if isinstance(item, Input)] == texts
    assert [item for item in read_stretches(files) if isinstance(item, FileRead)] == [as_it_is(tmp_path / "a.json")]


def test_a_small_file_that_is_gone_by_then_costs_only_itself(tmp_path: Path) -> None:
    """It is said where its events would have been."""
    for name in ("a", "b", "c"):
        written(tmp_path / f"{name}.json", A)
    files = survey([tmp_path]).files
    (tmp_path / "b.json").unlink()
    found = [item for item in read_stretches(files) if item is not None]
    assert [type(item) for item in found] == [InputLines, FileRead, Damage, InputLines, FileRead]
    assert isinstance(found[2], Damage)
    assert "No such file" in found[2].reason


def test_offsets_rise_through_small_and_large_files(tmp_path: Path) -> None:
    """Up to the size of all."""
    for name, content in {"a": A, "b": MANY, "c": gzip.compress(B), "d": C + b"\n\nwords", "e": A}.items():
        written(tmp_path / f"{name}.json", content)
    found = survey([tmp_path])
    offsets = [item.offset for item in read_stretches(found.files) if isinstance(item, Input | InputLines)]
    assert offsets == sorted(offsets)
    assert offsets[-1] == found.size()


# files that were read whole

WHOLE: dict[str, bytes] = {
    "small": A + b"\n" + B,
    "small but one byte": (A + b"\n") * (SMALL // (len(A) + 1)) + b" " * (SMALL % (len(A) + 1)),
    "one byte more": (A + b"\n") * (SMALL // (len(A) + 1)) + b" " * (SMALL % (len(A) + 1) + 1),
    "empty": b"",
    "many": MANY,
    "no line end": MANY[:-1],
    "an array": b"[" + A + b"," + B + b"]",
    "broken": A + b"\n{broken\n" + B,
    "no event": b"words\n" * 100_000,
    "a long line": b"x" * 3_000_000,
    "UTF-16": MANY.decode().encode("utf-16"),
    "gzip": gzip.compress(MANY),
    "gzip twice with NULs": gzip.compress(A) + bytes(600_000) + gzip.compress(B) + bytes(9),
    "zstd of bzip2": ZstdCompressor().compress(bz2.compress(MANY)),
    "xz": lzma.compress(MANY),
    "tar": tar_of({"a.json": MANY, "b.bin": RANDOM, "c.json": A}) + bytes(512_000),
    "tar.gz": gzip.compress(tar_of({"a.json": MANY, "b.bin": RANDOM})),
    "zip": zip_of({"a.json": MANY, "b.bin": RANDOM, "c.json": A}),
    "zip.gz": gzip.compress(zip_of({"a.json": MANY})),
}


@pytest.mark.parametrize("form", WHOLE)
def test_a_file_that_was_read_whole_is_named_behind_its_last_input(tmp_path: Path, form: str) -> None:
    """With the hash of its bytes as they are on disk; an archive once, not its members."""
    path = written(tmp_path / "log.txt", WHOLE[form])
    *inputs, last = items(path)
    assert last == as_it_is(path)
    assert not any(isinstance(item, FileRead | Damage) for item in inputs)
    assert bool(inputs) == bool(WHOLE[form])
    assert not any(isinstance(item, FileRead) for item in read_files(survey([path]).files))


def test_each_file_of_a_folder_is_named(tmp_path: Path) -> None:
    """Small or large, behind its own inputs."""
    for number, content in enumerate(WHOLE.values()):
        written(tmp_path / f"{number:02}.log", content)
    paths = sorted(tmp_path.iterdir())
    found = items(tmp_path)
    assert [item for item in found if isinstance(item, FileRead)] == [as_it_is(path) for path in paths]
    current = 0
    for item in found:
        if isinstance(item, FileRead):
            current += 1
        else:
            assert not isinstance(item, Damage)
            assert f"{item.source}/".startswith(f"{paths[current]}/")


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(MANY)[:-20],
        lzma.compress(A)[:-5],
        tar_of({"a.json": A, "b.json": B})[:1500],
        zip_of({"a.json": A, "b.json": B}, zipfile.ZIP_STORED).replace(A[:20], b"x" * 20),
        zip_of({"a.json": MANY})[:-30],
    ],
    ids=["gzip", "xz", "tar", "zip member", "zip directory"],
)
def test_a_damaged_file_was_not_read_whole(tmp_path: Path, content: bytes) -> None:
    """Nothing is said but the damage."""
    found = items(written(tmp_path / "a.json", content))
    assert any(isinstance(item, Damage) for item in found)
    assert not any(isinstance(item, FileRead) for item in found)


@pytest.mark.parametrize("size", [len(MANY) + 1, 2 * len(MANY), 300_000, 0])
def test_a_file_that_changes_while_it_is_read_was_not_read_whole(tmp_path: Path, size: int) -> None:
    """Longer or shorter."""
    path = written(tmp_path / "a.json", MANY)
    reading = read_stretches(survey([path]).files)
    first = next(item for item in reading if item is not None)
    assert isinstance(first, InputLines)
    os.truncate(path, size)
    assert not any(isinstance(item, FileRead) for item in reading)


def test_a_pipe_and_an_open_file_are_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor standard input; they cannot be read once more."""
    path = written(tmp_path / "a.json", A)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(A,))
    writer.start()
    assert [type(item) for item in items(tmp_path / "pipe")] == [InputLines]
    writer.join()
    with path.open("rb") as file:
        assert [type(item) for item in read_any(file) if item is not None] == [InputLines]
        file.seek(0)
        monkeypatch.setattr(sys, "stdin", file)
        assert [type(item) for item in items("-")] == [InputLines]
        file.seek(0)
        assert [type(item) for item in items(f"/dev/fd/{file.fileno()}")] == [InputLines]
    assert [type(item) for item in read_any(Halting(A, 1)) if item is not None][-1] is InputLines


def test_the_path_is_absolute_and_leads_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also through a link, and behind one."""
    (tmp_path / "d" / "sub").mkdir(parents=True)
    written(tmp_path / "d" / "a.json", A)
    os.symlink("d/a.json", tmp_path / "link.json")
    os.symlink("d/sub", tmp_path / "sub")
    monkeypatch.chdir(tmp_path)
    names: list[str | Path] = ["d/a.json", "./d", "link.json", "sub/../a.json", tmp_path / "d" / "a.json"]
    found = [one.path for one in files_read(*names)]
    a = str(tmp_path / "d" / "a.json")
    assert found == [a, a, str(tmp_path / "link.json"), a, a]
    (tmp_path / "d..").mkdir()
    assert [one.path for one in files_read(written(tmp_path / "d.." / "b.json", A))] == [f"{tmp_path}/d../b.json"]


def test_the_path_is_spelled_as_sources_are(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 as escapes; other letters as they are."""
    for name in (b"\xff.json", "é.json".encode()):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
            file.write(A)
    assert [one.path for one in files_read(tmp_path)] == [f"{tmp_path}/é.json", f"{tmp_path}/\\xff.json"]


# in chunks


def test_chunks_carry_the_files_that_were_read_whole(tmp_path: Path) -> None:
    """No earlier than the last of their events, and the same from another process."""
    for number, content in enumerate([A, MANY, b"", gzip.compress(MANY)[:-20], B]):
        written(tmp_path / f"{number}.json", content)
    files: tuple[File, ...] = survey([tmp_path]).files
    here = list(chunks(read_stretches(files), IntakeOptions()))
    whole = [as_it_is(tmp_path / f"{number}.json") for number in (0, 1, 2, 4)]
    assert [file for chunk in here for file in chunk.files] == whole
    last = {source: number for number, chunk in enumerate(here) for _, source in chunk.sources}
    where = {file.path: number for number, chunk in enumerate(here) for file in chunk.files}
    assert all(where[path] >= last.get(path, 0) for path in where)
    beside = list(filter(None, parallel_chunks(files, IntakeOptions())))
    assert contents(beside) == contents(here)


def test_a_file_that_ends_with_a_full_chunk_is_not_lost(tmp_path: Path) -> None:
    """The chunk behind it holds nothing else."""
    path = written(tmp_path / "a.json", (A + b"\n") * MOST)
    first, *more = chunks(read_stretches(survey([path]).files), IntakeOptions())
    assert first.count == MOST
    assert [chunk.files for chunk in more if chunk] == [[as_it_is(path)]]


# tar archives are known by their checksum


@pytest.mark.parametrize("form", [b"%06o\0 ", b"%07o\0", b" %06o\0", b"%08o", b"0o%05o\0", b"%6o\0x", b"%6o\t\n"])
def test_a_tar_archive_is_known_however_its_checksum_is_spelled(form: bytes) -> None:
    """By whatever the library reads as its number."""
    header = tarfile.TarInfo("a.json").tobuf()[:512]
    number = sum(header[:148]) + 8 * 32 + sum(header[156:])
    spelled = form % number
    assert len(spelled) == 8
    assert format_of(header[:148] + spelled + header[156:]) is TAR
    assert format_of(header[:148] + b"\x80" + number.to_bytes(7, "big") + header[156:]) is TAR
    assert format_of(header[:148] + form % (number + 1) + header[156:]) is None


def test_a_zip_archive_in_memory_is_no_file() -> None:
    """It is read, and nothing is said of it."""
    found = list(read_any(io.BytesIO(zip_of({"a.json": A}))))
    assert [type(item) for item in found if item is not None] == [InputLines]
