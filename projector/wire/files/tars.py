"""The members of a tar archive, read once from front to back, so that it may come through a pipe.

The standard library's reader keeps all headers in memory, takes a damaged header for the end, and loses its place where
a pipe has nothing at hand; only its reading of a header is used.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from projector.wire.files.archives import Member, Names, is_hidden
from projector.wire.files.streams import BLOCK, Bytes, Damaged, Lookahead, patiently

_BLOCK: Final = tarfile.BLOCKSIZE
_LONGEST: Final = 2**20  # bytes of a header that is held in memory
_READ_ON: Final = "what could be read is stored: replay the file when it is whole"
_RECORD: Final = re.compile(rb"(\d{1,9}) ")
_KINDS: Final = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}
_LONG: Final = {tarfile.GNUTYPE_LONGNAME: b"path", tarfile.GNUTYPE_LONGLINK: b"linkpath"}
_PAX: Final = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)

Steps = Generator[None, None, bytes]


def tar_members(stream: Lookahead) -> Iterator[Member | None]:
    """The members of a tar archive; None where nothing is at hand yet. Each is to be read before the next.

    Raises:
        Damaged: it is cut short or damaged.
    """
    names, more, has_end = Names(), dict[bytes, bytes](), False
    while block := (yield from _exactly(stream, _BLOCK)):
        if has_end := not block.strip(b"\0"):  # the end, or that of the first of several archives
            yield None
            continue
        header = _header(block)
        yield from _sparse_map(stream, header, block)
        if header.type in _LONG or header.type in _PAX or header.type == tarfile.XGLTYPE:
            more |= _described(header.type, (yield from _held(stream, header.size)))
            continue
        has_data = header.isreg() or header.type not in tarfile.SUPPORTED_TYPES
        section = _Section(stream, int(more.get(b"size", header.size)) if has_data else 0)
        yield from _member(names, header, more, section)
        yield from section.skipped()
        more = {}
    if not has_end:
        raise Damaged(f"is a tar archive cut short or damaged; {_READ_ON}")


def _member(
    names: Names, header: tarfile.TarInfo, more: dict[bytes, bytes], section: _Section
) -> Iterator[Member | None]:
    name = more[b"path"].decode("utf-8", "surrogateescape") if b"path" in more else header.name
    shown = names.of(name)
    if header.isdir():
        return
    if any(map(is_hidden, PurePosixPath(shown).parts)):
        yield from names.hidden(shown)
    elif any(key.startswith(b"GNU.sparse") for key in more):
        yield Member(name=shown, left_out="a sparse file")
    elif header.type in tarfile.REGULAR_TYPES and header.type not in _KINDS:
        yield Member(name=shown, stream=section)
    else:
        yield Member(name=shown, left_out=_KINDS.get(header.type, "not a regular file"))


def _sparse_map(stream: Lookahead, header: tarfile.TarInfo, block: bytes) -> Generator[None, None, None]:
    """Read past the blocks that go on with the header of a sparse file."""
    is_extended = header.type == tarfile.GNUTYPE_SPARSE and block[482]
    while is_extended and (block := (yield from _exactly(stream, _BLOCK))):
        is_extended = block[504]


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        raise Damaged(f"is a tar archive that is damaged; {_READ_ON}") from error
    if header.size < 0:
        raise Damaged(f"is a tar archive that is damaged; {_READ_ON}")
    return header


def _held(stream: Lookahead, size: int) -> Steps:
    """The text of a header that describes the next member."""
    if size > _LONGEST:
        raise Damaged(f"is a tar archive with a header of more than 1 MiB; {_READ_ON}")
    text = yield from _exactly(stream, -(-size // _BLOCK) * _BLOCK)
    return text[:size]


def _described(type: bytes, text: bytes) -> dict[bytes, bytes]:
    """What a header says of the next member: its path, its size.

    >>> _described(tarfile.XHDTYPE, b"20 path=a/log.jsonl\\n")
    {b'path': b'a/log.jsonl'}
    """
    if type == tarfile.XGLTYPE:
        return {}
    if type in _LONG:
        return {_LONG[type]: text.partition(b"\0")[0]}
    said, at = {}, 0
    while found := _RECORD.match(text, at):
        key, _, value = text[found.end() : at + int(found[1]) - 1].partition(b"=")
        said[key] = value
        at += max(int(found[1]), 1)
    if not said.get(b"size", b"0").isdigit():
        raise Damaged(f"is a tar archive that is damaged; {_READ_ON}")
    return said


def _exactly(stream: Lookahead, size: int) -> Steps:
    """So many bytes; none at the end of the archive."""
    data = yield from patiently(partial(stream.head, size))
    if data and len(data) < size:
        raise Damaged(f"is a tar archive cut short or damaged; {_READ_ON}")
    return stream.read1(size) if data else b""


class _Section(Bytes):
    """What a member holds."""

    def __init__(self, stream: Lookahead, size: int) -> None:
        self._stream = stream
        self._left = size
        self._padding = -size % _BLOCK

    def read1(self, size: int = BLOCK, /) -> bytes:
        if not self._left:
            return b""
        data = self._stream.read1(min(size, self._left))
        if not data:
            raise Damaged(f"is a tar archive cut short or damaged; {_READ_ON}")
        self._left -= len(data)
        return data

    def skipped(self) -> Iterator[None]:
        """Read past what was not read, with None now and then."""
        while self._left:
            yield from patiently(self.read1)
            yield None
        yield from patiently(partial(self._stream.head, self._padding))
        if self._padding:
            self._stream.read1(self._padding)
