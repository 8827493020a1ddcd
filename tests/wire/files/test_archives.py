"""The members of zip and tar archives are read like the files of a folder."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.errors import MissingInput
from projector.wire.files.folders import survey
from projector.wire.sources import Damage, Input, read_files
from tests.wire.inputs import PACKINGS, PEAK, A, B, Pack, read, tar_of, written, zip_of


def texts(path: Path) -> list[tuple[str, bytes]]:
    """Source within the archive and bytes of each input."""
    found = (item for item in read_files(survey([path]).files) if item is not None)
    return [
        (item.source.removeprefix(f"{path}/"), item.content)
        if isinstance(item, Input) and isinstance(item.content, bytes)
        else (item.source, str(item).encode())
        for item in found
    ]


def left(path: Path) -> dict[str, str]:
    """What of an archive is left out, and why."""
    return {one.path.removeprefix(f"{path}/"): one.reason for one in survey([path]).left_out}


BOTH = pytest.mark.parametrize("pack", [zip_of, tar_of])


@BOTH
@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", ["logs.zip", "logs.tar.gz", "logs.tgz", "logs"])
def test_members_are_read_whatever_the_archive_is_called(tmp_path: Path, pack: Pack, packing: str, name: str) -> None:
    """Known by content, compressed in any way."""
    archive = pack({"a.jsonl": A + b"\n", "sub/b": B, "sub/c.txt": A + B})
    path = written(tmp_path / name, PACKINGS[packing](archive))
    assert texts(path) == [("a.jsonl", A), ("sub/b", B), ("sub/c.txt", A), ("sub/c.txt", B)]
    assert left(path) == {}


@BOTH
def test_members_may_be_compressed_or_utf_16_themselves(tmp_path: Path, pack: Pack) -> None:
    """Each by its own bytes."""
    members = {name: packing(A) for name, packing in PACKINGS.items()} | {"wide": A.decode().encode("utf-16")}
    path = written(tmp_path / "x", pack(members))
    assert texts(path) == [(name, A) for name in members]


@BOTH
def test_what_of_an_archive_is_left_out(tmp_path: Path, pack: Pack) -> None:
    """By the rule of folders, each with its reason; an archive in it, too."""
    path = written(
        tmp_path / "x",
        pack(
            {
                "a.json": A,
                "b.csv": b"one,two\n1,2\n",
                "c.parquet": b"PAR1" + A,
                ".git/x.json": A,
                ".git/y.json": A,
                "d/.hidden.json": A,
                "e.zip": zip_of({"a.json": A}),
                "f.json": gzip.compress(tar_of({"a.json": A})),
                "g": b"",
                "h.7z": b"7z\xbc\xaf\x27\x1c" + A,
            }
        ),
    )
    assert texts(path) == [("a.json", A)]
    assert left(path) == {
        "b.csv": "no line begins like JSON",
        "c.parquet": "a Parquet file",
        ".git": "hidden",
        "d/.hidden.json": "hidden",
        "e.zip": "an archive in an archive",
        "f.json": "an archive in an archive",
        "g": "empty",
        "h.7z": "a 7z archive",
    }


def test_links_and_devices_in_an_archive_are_left_out(tmp_path: Path) -> None:
    """They have no bytes of their own; a directory is none of the files."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, type in (("d", tarfile.DIRTYPE), ("l.json", tarfile.SYMTYPE), ("h.json", tarfile.LNKTYPE)):
            header = tarfile.TarInfo(name)
            header.type, header.linkname = type, "a.json"
            archive.addfile(header)
        for name, type in (("p.json", tarfile.FIFOTYPE), ("n.json", tarfile.CHRTYPE)):
            header = tarfile.TarInfo(name)
            header.type = type
            archive.addfile(header)
        header = tarfile.TarInfo("a.json")
        header.size = len(A)
        archive.addfile(header, io.BytesIO(A))
    path = written(tmp_path / "x.tar", file.getvalue())
    assert texts(path) == [("a.json", A)]
    assert list(left(path).values()) == ["a symbolic link", "a hard link", "a pipe", "a device"]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as both:
        link = zipfile.ZipInfo("l.json")
        link.external_attr = 0o120777 << 16
        both.writestr(link, "a.json")
        both.writestr("d/", "")
        both.writestr("a.json", A)
    path = written(tmp_path / "x.zip", zipped.getvalue())
    assert texts(path) == [("a.json", A)]
    assert left(path) == {"l.json": "a symbolic link"}


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(
    st.dictionaries(
        st.lists(st.text("abé", min_size=1, max_size=12), min_size=1, max_size=9).map("/".join),
        st.binary(),
        min_size=1,
        max_size=5,
    )
)
def test_every_form_of_tar_gives_its_members(format: int, members: dict[str, bytes]) -> None:
    """Whatever their names and lengths; `tarfile` writes, and reads the same."""
    files = {f"{name}.json": b'{"a":"' + content.hex().encode() + b'"}' for name, content in members.items()}
    data = tar_of(files, format)
    assert read(io.BytesIO(data), "t") == [(f"t/{name}", content) for name, content in files.items()]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == list(files)


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_names_that_are_no_utf_8(tmp_path: Path, format: int) -> None:
    """As text; a leading ./ is no part of them."""
    deep = "/".join(["folder" * 5] * 9)
    members = {f"./{deep}.json": A, os.fsdecode(b"caf\xe9.json"): B, "/abs.json": A}
    path = written(tmp_path / "x.tar", tar_of(members, format))
    assert texts(path) == [(f"{deep}.json", A), ("caf\\xe9.json", B), ("abs.json", A)]


def test_several_tars_in_a_row(tmp_path: Path) -> None:
    """As `cat` of two archives is one."""
    path = written(tmp_path / "x.tar", tar_of({"a.json": A}) + tar_of({"b.json": B}))
    assert texts(path) == [("a.json", A), ("b.json", B)]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_members_of_every_method(tmp_path: Path, method: int) -> None:
    """Stored, bzip2, LZMA."""
    path = written(tmp_path / "x.zip", zip_of({"a.json": A, "b.json": B}, method))
    assert texts(path) == [("a.json", A), ("b.json", B)]


def _with_method(number: int, packed: bytes) -> bytes:
    """A zip archive whose member says that it is packed by this method."""
    data = zip_of({"a.json": packed}, zipfile.ZIP_STORED)
    code = number.to_bytes(2, "little")
    at = data.index(b"PK\x01\x02")
    return data[:8] + code + data[10 : at + 10] + code + data[at + 12 :]


@pytest.mark.parametrize(("number", "pack"), [(93, PACKINGS["zstd"]), (95, lzma.compress)])
def test_zip_members_of_newer_methods(tmp_path: Path, number: int, pack: Callable[[bytes], bytes]) -> None:
    """Their data are a zstd or an xz file."""
    assert texts(written(tmp_path / "x.zip", _with_method(number, pack(A)))) == [("a.json", A)]


@pytest.mark.parametrize(("number", "said"), [(9, "deflate64"), (98, "PPMd"), (77, "method 77")])
def test_a_zip_of_another_method_is_named_before_anything_is_stored(tmp_path: Path, number: int, said: str) -> None:
    """With the member."""
    path = written(tmp_path / "x.zip", _with_method(number, A))
    with pytest.raises(MissingInput, match=rf"packed with {said} \(a.json\)"):
        survey([path])


def encrypted(members: dict[str, bytes]) -> bytes:
    """A zip archive that says of its last member that it is encrypted."""
    data = zip_of(members)
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 8] + b"\x01\x00" + data[at + 10 :]


def test_an_encrypted_member_is_named_before_anything_is_stored(tmp_path: Path) -> None:
    """Also where the archive lies in a folder."""
    written(tmp_path / "a.json", A)
    path = written(tmp_path / "x.zip", encrypted({"a.json": A, "b.json": B}))
    for name in (path, tmp_path):
        with pytest.raises(MissingInput, match=r"x.zip is a zip archive with an encrypted member \(b.json\)"):
            survey([name])


@BOTH
@pytest.mark.parametrize("members", [{}, {"a.csv": b"1,2"}, {"a": b""}])
def test_an_archive_in_which_nothing_is_read(tmp_path: Path, pack: Pack, members: dict[str, bytes]) -> None:
    """Is an error where it is named, unless its bytes are no archive at all."""
    path = written(tmp_path / "x", pack(members))
    if pack is tar_of and not members:  # NULs only
        assert texts(path) != []
        return
    with pytest.raises(MissingInput, match=r"nothing in .*x is read"):
        survey([path])


@BOTH
def test_an_archive_that_is_cut_short_says_so(tmp_path: Path, pack: Pack) -> None:
    """Wherever it ends; of a tar archive the members before are there."""
    whole = pack({"a.json": A, "b.json": B * 20})
    for length in range(520, len(whole) - (1024 if pack is tar_of else 0), 97):
        path = written(tmp_path / "x", whole[:length])
        *found, last = [item for item in read_files(survey([path]).files) if item is not None]
        assert isinstance(last, Damage)
        assert "archive" in last.reason
        assert pack is zip_of or length < 512 + len(A) or A in [i.content for i in found if isinstance(i, Input)]


def test_a_damaged_header_is_not_the_end(tmp_path: Path) -> None:
    """It is said, and what comes before it is read."""
    data = bytearray(tar_of({"a.json": A, "b.json": B}))
    data[1024 + 50] ^= 1
    found = texts(written(tmp_path / "x.tar", bytes(data)))
    assert found[0] == ("a.json", A)
    assert b"damaged" in found[1][1]


def test_a_damaged_zip_member_costs_only_itself(tmp_path: Path) -> None:
    """The others are read."""
    data = bytearray(zip_of({"a.json": A, "b.json": B}, zipfile.ZIP_STORED))
    data[data.index(A) + 5] ^= 1
    found = texts(written(tmp_path / "x.zip", bytes(data)))
    assert ("b.json", B) in found
    assert any(b"damaged member" in said for _, said in found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zip", "zip of bzip2", "tar.gz"])
def test_memory_stays_bounded_at_a_member_of_a_gigabyte(tmp_path: Path, kind: str) -> None:
    """Also at one that is left out; and a header that claims to be large is not held."""
    path = tmp_path / "bomb"
    program = (
        "import sys; from projector.wire.files.folders import survey; from projector.wire.sources import read_files\n"
        "files = survey(sys.argv[1:]).files\n"
        f"print(sum(1 for item in read_files(files) if item is not None), {PEAK})"
    )
    large = 2**29
    if kind == "tar.gz":
        header = tarfile.TarInfo("long.png")
        header.size = large
        with gzip.open(path, "wb", 1) as file:
            file.write(header.tobuf())
            for _ in range(large // 2**20):
                file.write(bytes(2**20))
            file.write(tar_of({"a.json": A}))
    else:
        method = zipfile.ZIP_DEFLATED if kind == "zip" else zipfile.ZIP_BZIP2
        with zipfile.ZipFile(path, "w", method) as archive:
            with archive.open("long.json", "w") as member:
                for _ in range(large // 2**20):
                    member.write(b"x" * 2**20)
            archive.writestr("a.json", A)
    ran = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    inputs, kib = map(int, ran.stdout.split())
    assert inputs == (1 if kind == "tar.gz" else 2)
    assert kib < 250 * 1024


def test_a_tar_header_that_claims_to_be_large_is_not_held() -> None:
    """A few kB could ask for gigabytes."""
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.XHDTYPE, 2**32
    ((_, said),) = read(io.BytesIO(header.tobuf() + bytes(4096)))
    assert b"header of more than 1 MiB" in said
