"""Which files of a folder are read, what is left out and why, and what cannot be read is said before anything is."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.errors import MissingInput
from projector.wire.files.content import Content
from projector.wire.files.folders import survey
from projector.wire.files.streams import Origin
from projector.wire.files.survey import shown_left_out
from projector.wire.sources import Damage, Input, read_files
from tests.conftest import FIXTURES
from tests.wire.inputs import PNG, A, B, tar_of, written, zip_of

FILES = FIXTURES / "files"
NOBODY = 65534


def filled(folder: Path, **files: bytes) -> Path:
    """A folder of files, their names with __ for a slash."""
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def read(path: Path) -> list[str]:
    """The files that are read, within the folder."""
    return [file.source.removeprefix(f"{path}/") for file in survey([path]).files]


def left(path: Path) -> dict[str, str]:
    """What is left out within the folder, and why."""
    return {one.path.removeprefix(f"{path}/"): one.reason for one in survey([path]).left_out}


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that everybody may read."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


# the smallest input of each kind


@pytest.mark.parametrize("path", sorted((FILES / "read").iterdir()), ids=lambda path: path.name)
def test_every_kind_of_file_gives_the_same_two_events(path: Path) -> None:
    """Named by itself, and from its folder."""
    found = [item for item in read_files(survey([path]).files) if item is not None]
    expected = (FILES / "read" / "utf-8.jsonl").read_bytes().splitlines()
    assert [item.content for item in found if isinstance(item, Input)] == expected
    assert len(found) == 2
    assert path.name in read(FILES / "read")


@pytest.mark.parametrize("path", sorted((FILES / "refused").iterdir()), ids=lambda path: path.name)
def test_every_kind_of_file_that_is_not_read_is_named(path: Path) -> None:
    """Before anything is stored."""
    with pytest.raises(MissingInput, match=path.name):
        survey([path])


@pytest.mark.parametrize("path", sorted((FILES / "damaged").iterdir()), ids=lambda path: path.name)
def test_every_kind_of_file_that_is_cut_short_says_so(path: Path) -> None:
    """After what could be read."""
    *_, last = (item for item in read_files(survey([path]).files) if item is not None)
    assert isinstance(last, Damage)
    assert "archive cut short or damaged" in last.reason


def test_what_of_a_folder_is_left_out_and_why(tmp_path: Path) -> None:
    """Each with its reason; a folder in which nothing is read is an error that names some."""
    with pytest.raises(MissingInput, match=r"nothing in .*left-out is read: .hidden.jsonl \(hidden\), .* and 3 more"):
        survey([FILES / "left-out"])
    folder = shutil.copytree(FILES / "left-out", tmp_path / "f")
    assert left(filled(folder, **{"a.json": A})) == {
        ".hidden.jsonl": "hidden",
        "archive.7z": "a 7z archive",
        "empty": "empty",
        "image.png": "a PNG image",
        "nothing-in-it.zip": "a zip archive in which nothing is read",
        "table.avro": "an Avro file",
        "table.csv": "no line begins like JSON",
        "table.parquet": "a Parquet file",
    }


# the rule


@given(
    st.text("aB1._ -é", min_size=1, max_size=9).map(lambda name: f"n{name}"),
    st.sampled_from(["", ".json", ".JSON", ".jsonl", ".JsonLines", ".ndjson", ".log", ".TXT", ".csv", ".jsonx"]),
    st.sampled_from(["", ".gz", ".GZ", ".zst", ".bz2", ".Xz", ".zip", ".1"]),
)
def test_a_known_suffix_is_enough(name: str, suffix: str, packed: str) -> None:
    """In any case, also before that of a compression, whatever is in the file."""
    known = suffix.lower() in (".json", ".jsonl", ".jsonlines", ".ndjson", ".log", ".txt")
    known = known and packed.lower() in ("", ".gz", ".zst", ".bz2", ".xz")
    reason = Content(Origin(io.BytesIO(b"# words\n").read)).why_not(name + suffix + packed)
    assert (reason is None) == known


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("d.txt", b"%PDF-log of a service\n" + A, None),
        ("b.json", b"GIF89a is how it began\n" + A, None),
        ("b.json", b"PAR1" + b"\0" * 50, "a Parquet file"),
        ("b.log", b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        ("b.pdf", b"%PDF-1.7\n[", "a PDF file"),
    ],
)
def test_text_under_a_known_suffix_is_read_whatever_it_begins_with(
    name: str, content: bytes, reason: str | None
) -> None:
    """What is binary, and what others are packed in, is left out."""
    assert Content(Origin(io.BytesIO(content).read)).why_not(name) == reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (A, None),
        (b"\xef\xbb\xbf \t,[" + A + b"]", None),
        (b"# a note\r\n , ,{", None),
        (b"\x1e" + A, None),
        (b"eyJhbGciOiJSUzI1NiJ9.e30.c2ln", None),
        (b"\n" * 60_000 + b"{", None),
        (b"\n" * 70_000 + b"{", "no line begins like JSON"),
        (b"x" * 70_000, "no line begins like JSON"),
        (b"one {", "no line begins like JSON"),
        (b"ey J", "no line begins like JSON"),
        (b"", "empty"),
        (b"\xff\xfe", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (gzip.compress(b"#\n" + A, mtime=0), None),
        (gzip.compress(b"1,2\n", mtime=0), "no line begins like JSON"),
        (gzip.compress(A, mtime=0)[:-9], None),
        (gzip.compress(b"1,2\n", mtime=0)[:-9], "no line begins like JSON"),
        (b"\x1f\x8b{}\n{", "a gzip archive that is damaged"),
        (A.decode().encode("utf-16"), None),
        ("1,2\r\n".encode("utf-16"), "no line begins like JSON"),
        (b"SQLite format 3\0\n{", "an SQLite file"),
        (b"%PDF-1.7\n{", "a PDF file"),
        (b"ORC\x00\n{", "an ORC file"),
        (b"ORChard\n{", None),
        (b"Rar!\x1a\x07\x00\n{", "a RAR archive"),
        (b"\xfd7zXZ\x00\n{", "an xz archive cut short or damaged"),
    ],
)
def test_a_file_without_a_known_suffix_is_read_by_its_content(
    tmp_path: Path, content: bytes, reason: str | None
) -> None:
    """A line of its first 64 KiB begins like JSON, and it is of no format that is known not to be text."""
    filled(tmp_path, a__b=content, c=A)
    assert left(tmp_path) == ({} if reason is None else {"a/b": reason})
    assert read(tmp_path) == (["a/b", "c"] if reason is None else ["c"])


def test_a_folder_gives_its_files_in_order_of_path(tmp_path: Path) -> None:
    """At any depth."""
    filled(
        tmp_path, **{"b.jsonl": A, "a__z.json": A, "a__y.ndjson.gz": A, "a.json": A, "A.txt": A, "z__y__x__w.log": A}
    )
    assert read(tmp_path) == ["A.txt", "a/y.ndjson.gz", "a/z.json", "a.json", "b.jsonl", "z/y/x/w.log"]


def test_a_folder_as_deep_as_paths_may_be(open_to_all: Path) -> None:
    """No limit is met before the system's own."""
    path = os.fspath(open_to_all)
    for _ in range(1200):
        path += "/d"
        os.mkdir(path)
    with open(path + "/x", "wb") as file:
        file.write(A)
    assert len(survey([open_to_all]).files) == 1
    subprocess.run(["rm", "-r", open_to_all / "d"], check=True)


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    """A folder as itself; where it is named it is read."""
    filled(tmp_path, **{".git__a.json": A, ".git__b__c.json": A, "d__.e.json": A, "f.json": A})
    assert left(tmp_path) == {".git": "hidden", "d/.e.json": "hidden"}
    assert read(tmp_path / ".git") == ["a.json", "b/c.json"]


def test_links_pipes_and_sockets_in_a_folder_are_left_out(tmp_path: Path) -> None:
    """None of them is opened."""
    filled(tmp_path, **{"a.json": A, "sub__b.json": A})
    os.symlink("a.json", tmp_path / "link.json")
    os.symlink(tmp_path, tmp_path / "round")
    os.symlink("nowhere", tmp_path / "broken.json")
    os.mkfifo(tmp_path / "pipe.json")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(tmp_path)  # a socket's path is short
        try:
            listening.bind("sock.json")
        finally:
            os.chdir(here)
        assert left(tmp_path) == {
            "link.json": "a symbolic link",
            "round": "a symbolic link",
            "broken.json": "a symbolic link",
            "pipe.json": "a pipe",
            "sock.json": "a socket",
        }
        with pytest.raises(MissingInput, match="it is a socket"):
            survey([tmp_path / "sock.json"])
    assert read(tmp_path) == ["a.json", "sub/b.json"]
    assert [file.source for file in survey([tmp_path / "link.json"]).files] == [str(tmp_path / "link.json")]


def test_archives_in_a_folder_are_read_by_content(tmp_path: Path) -> None:
    """One in which nothing is read is left out as a whole; of the others each member that is not."""
    filled(
        tmp_path,
        **{
            "a.log": zip_of({"x.json": A, "y.csv": b"1"}),
            "b.tgz": gzip.compress(tar_of({"x": A})),
            "c.zip": zip_of({"x.csv": b"1", ".y": A}),
            "d.tar": tar_of({"x.csv": b"1"}),
        },
    )
    assert read(tmp_path) == ["a.log", "b.tgz"]
    assert left(tmp_path) == {
        "a.log/y.csv": "no line begins like JSON",
        "c.zip": "a zip archive in which nothing is read",
        "d.tar": "a tar archive in which nothing is read",
    }


# what cannot be read


@pytest.mark.parametrize("name", ["nowhere", "nowhere/x.json", "a.json/b", "\0", "\ud800", "x" * 300, ""])
def test_a_missing_path_is_said_before_anything_is_read(tmp_path: Path, name: str) -> None:
    """Whatever is wrong with it."""
    written(tmp_path / "a.json", A)
    with pytest.raises(MissingInput, match="cannot be read"):
        survey([tmp_path / "a.json", f"{tmp_path}/{name}" if name else ""])


def test_text_that_is_an_event_is_no_path() -> None:
    """The error says so, without all of it."""
    with pytest.raises(MissingInput, match="a str is a path") as caught:
        survey([A.decode() * 9])
    assert len(str(caught.value)) < 200


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """Also one of empty folders only."""
    (tmp_path / "a").mkdir()
    with pytest.raises(MissingInput, match=r"nothing in .* is read"):
        survey([tmp_path])


def as_nobody(*paths: Path) -> str:
    """What a survey says to a user without rights."""
    program = (
        "import os, sys\n"
        "from projector.wire.files.folders import survey\n"
        f"if os.geteuid() == 0: os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "try: print([file.source for file in survey(sys.argv[1:]).files])\n"
        "except OSError as error: print(error)\n"
    )
    words = [sys.executable, "-c", program, *map(str, paths)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("closed", ["x.json", "sub/x.json", "sub/picture", "sub", "sub/deep"])
@pytest.mark.slow
def test_what_may_not_be_opened_is_said(open_to_all: Path, closed: str) -> None:
    """A file, a folder, also deep inside, and a file whose content would tell whether it is read."""
    filled(open_to_all, **{"a.json": A, "x.json": A, "sub__x.json": A, "sub__picture": b"1", "sub__deep__y.json": A})
    assert as_nobody(open_to_all).startswith("[")
    (open_to_all / closed).chmod(0)
    try:
        assert as_nobody(open_to_all) == f"{open_to_all / closed} cannot be read: Permission denied\n"
        assert as_nobody(open_to_all / "a.json").startswith("[")
    finally:
        (open_to_all / closed).chmod(0o755)


def test_a_closed_hidden_folder_and_a_link_into_one_are_left_out(open_to_all: Path) -> None:
    """They are not opened at all."""
    filled(open_to_all, **{"a.json": A, ".git__x.json": A})
    os.symlink(".git/x.json", open_to_all / "link.json")
    (open_to_all / ".git").chmod(0)
    try:
        assert as_nobody(open_to_all) == f"['{open_to_all}/a.json']\n"
    finally:
        (open_to_all / ".git").chmod(0o755)


# names


def test_a_name_that_is_no_utf_8_is_read(tmp_path: Path) -> None:
    """Its source is text; also of a folder and of what is left out."""
    folder = os.fsencode(tmp_path) + b"/\xe9t\xe9"
    os.mkdir(folder)
    for name in (b"\xff.json", b"b.png"):
        with open(folder + b"/" + name, "wb") as file:
            file.write(A if name.endswith(b"json") else PNG)
    found = survey([folder])
    assert [file.source for file in found.files] == [f"{tmp_path}/\\xe9t\\xe9/\\xff.json"]
    assert [one.path for one in found.left_out] == [f"{tmp_path}/\\xe9t\\xe9/b.png"]
    assert [item.content for item in read_files(found.files) if isinstance(item, Input)] == [A]


def test_paths_are_spelled_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what says nothing; a file that is called - is no standard input."""
    monkeypatch.chdir(tmp_path)
    filled(tmp_path, **{"-": A, "d__a.json": B})
    assert [file.source for file in survey([".", "./d/", "d//a.json"]).files] == [
        "-",
        "d/a.json",
        "d/a.json",
        "d/a.json",
    ]
    assert [item.content for item in read_files(survey(["."]).files) if isinstance(item, Input)] == [A, B]


def test_a_source_belongs_to_the_path_that_was_named(tmp_path: Path) -> None:
    """Through folders and archives."""
    filled(tmp_path, **{"f__a.json": A, "f__z.zip": zip_of({"m/b.json": B})})
    found = survey([tmp_path / "f", "-"])
    assert found.named_of(f"{tmp_path}/f/a.json") == (f"{tmp_path}/f",)
    assert found.named_of(f"{tmp_path}/f/z.zip/m/b.json") == (f"{tmp_path}/f",)
    assert found.named_of("stdin") == ("stdin",)
    assert found.size() is None
    assert survey([tmp_path]).size() == sum(file.stat().st_size for file in (tmp_path / "f").iterdir())


def test_what_is_left_out_in_one_line(tmp_path: Path) -> None:
    """The first five, then a count."""
    filled(tmp_path, **{"a.json": A, **{f"p{n}.png": PNG for n in range(12)}})
    shown = shown_left_out(survey([tmp_path]).left_out)
    assert shown == ": " + ", ".join(f"p{n}.png (a PNG image)" for n in (0, 1, 10, 11, 2)) + ", and 7 more"
