"""The members of zip and tar archives, one after the other, as streams; no member is held in memory."""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any, Final

from attrs import frozen

from projector.wire.files.streams import BLOCK, Bytes, Damaged
from projector.wire.files.survey import path_text

_READ_ON: Final = "replay the file when it is whole"
_FAULTS: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, ValueError, NotImplementedError, OSError),
)
_DEFLATED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_AS_FILES: Final = {12: "bzip2", 93: "zstd", 95: "xz"}  # methods whose data are a file of that compression
_METHODS: Final = {1: "shrink", 6: "implode", 9: "deflate64", 14: "LZMA", 97: "WavPack", 98: "PPMd", 99: "AES"}
_ENCRYPTED: Final = 0x1 | 0x40


class Unreadable(Damaged):
    """An archive no member of which can be read, however whole it is."""


@frozen(kw_only=True)
class Member:
    """A member of an archive: a stream of its bytes, or why it has none."""

    name: str
    stream: Bytes | None = None
    left_out: str = ""


class Names:
    """The names of an archive's members as they are shown; a hidden folder is met once."""

    def __init__(self) -> None:
        self._hidden: set[str] = set()

    def of(self, name: str) -> str:
        """A name as text, without ``./`` in front."""
        return str(PurePosixPath(path_text(name).lstrip("/")))

    def hidden(self, name: str) -> Iterator[Member]:
        """The hidden file or folder that a name lies in, the first time."""
        parts = PurePosixPath(name).parts
        first = next(n for n, part in enumerate(parts, 1) if is_hidden(part))
        root = "/".join(parts[:first])
        if root not in self._hidden:
            self._hidden.add(root)
            yield Member(name=root, left_out="hidden")


def is_hidden(part: str) -> bool:
    """Whether a part of a path is hidden.

    >>> is_hidden(".git"), is_hidden(".."), is_hidden("a.b")
    (True, False, False)
    """
    return part.startswith(".") and part not in (".", "..")


def zip_members(file: IO[bytes]) -> Iterator[Member]:
    """The members of a zip archive in a file that can be searched.

    Raises:
        Unreadable: a member is encrypted, or packed in a way that is not read.
        Damaged: it is cut short or damaged.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _FAULTS as error:
        raise Damaged(f"is a zip archive cut short or damaged; {_READ_ON}") from error
    names = Names()
    members = [(info, names.of(info.filename)) for info in archive.infolist() if not info.is_dir()]
    for info, name in members:
        _check(info, name)
    for info, name in members:
        if any(map(is_hidden, PurePosixPath(name).parts)):
            yield from names.hidden(name)
        elif kind := _kind(info.external_attr >> 16):
            yield Member(name=name, left_out=kind)
        else:
            yield Member(name=name, stream=_ZipMember(archive, file, info))


def _check(info: zipfile.ZipInfo, name: str) -> None:
    """Refuse the whole archive for a member that cannot be read."""
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable(f"is a zip archive with an encrypted member ({name}): unpack it first")
    method = info.compress_type
    if method not in _DEFLATED and method not in _AS_FILES and method != zipfile.ZIP_LZMA:
        how = _METHODS.get(method, f"method {method}")
        raise Unreadable(f"is a zip archive with a member packed with {how} ({name}): unpack it first")


def _kind(mode: int) -> str | None:
    """Why a member with this mode is not read; None of a file."""
    match stat.S_IFMT(mode):
        case stat.S_IFLNK:
            return "a symbolic link"
        case 0 | stat.S_IFREG:
            return None
        case _:
            return "not a regular file"


class _ZipMember(Bytes):
    """What a member of a zip archive holds; where it is a compressed file as it is, that file."""

    def __init__(self, archive: zipfile.ZipFile, file: IO[bytes], info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._file = file
        self._info = info
        self._data: Any = None

    def read1(self, size: int = BLOCK, /) -> bytes:
        try:
            if self._data is None:
                self._data = self._opened()
            data: bytes = self._data.read1(size)
        except _FAULTS as error:
            raise Damaged(f"is a damaged member of a zip archive; {_READ_ON}") from error
        return data

    def _opened(self) -> Any:
        if self._info.compress_type not in _AS_FILES:
            return self._archive.open(self._info)
        self._file.seek(self._info.header_offset + 26)
        name, extra = struct.unpack("<HH", self._file.read(4))
        start = self._info.header_offset + 30 + name + extra
        return _Stretch(self._file, start, self._info.compress_size)


class _Stretch(Bytes):
    """A stretch of a file."""

    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        self._file, self._at, self._end = file, start, start + length

    def read1(self, size: int = BLOCK, /) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(min(size, self._end - self._at))
        self._at += len(data)
        if not data and self._at < self._end:
            raise EOFError
        return data
