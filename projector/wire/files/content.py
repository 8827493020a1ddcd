"""A stream without its compression and encoding."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Final

from attrs import frozen

from projector.domain.files import FileRead
from projector.wire.files.archives import Member, zip_members
from projector.wire.files.compressed import LAYERS, Members, codec_of
from projector.wire.files.encodings import Utf16, encoding_of
from projector.wire.files.formats import HEAD, TAR, ZIP, Format, format_of
from projector.wire.files.opened import file_read, small_file
from projector.wire.files.streams import Bytes, Damaged, Lookahead, Origin, patiently
from projector.wire.files.tars import tar_members

ARCHIVES: Final = (ZIP, TAR)  # whose members are read
_FIRST: Final = 2**14  # bytes read at first
_LOOKED_AT: Final = 2**16  # bytes in which a line must begin like JSON
_TEXT: Final = 128  # bytes without a NUL, from which no tar archive can come
_SUFFIX: Final = re.compile(r"\.(?:jsonl?|jsonlines|ndjson|log|txt)(?:\.(?:gz|zst|bz2|xz))?\Z", re.IGNORECASE)
_LIKE_JSON: Final = re.compile(rb"^[ \t\r,\x1e]*+(?:[{\[]|eyJ)", re.MULTILINE)
_MARK: Final = b"\xef\xbb\xbf"


def small_text(path: str) -> tuple[bytes, FileRead] | None:
    """What a small file holds, where it is text as it is; None: it is to be read step by step."""
    try:
        small = small_file(path)
    except OSError:  # it is met again when its turn comes
        return None
    if small is None or not _is_text(small[0]):
        return None
    text, found = small
    return text, file_read(path, found, sha256(text).digest())


def size_of_small_text(path: str) -> int | None:
    """The bytes of a small file, where it is text as it is.

    Raises:
        OSError: it cannot be read.
    """
    small = small_file(path)
    return len(small[0]) if small is not None and _is_text(small[0]) else None


def _is_text(data: bytes) -> bool:
    head = data[:HEAD]
    return codec_of(head) is None and encoding_of(head) is None and format_of(head) is None


class Content:
    """The content of a stream: after `look`, ``stream`` is its text in UTF-8, or what its ``format`` says.

    ``layers``: how often it is compressed.
    """

    def __init__(self, origin: Bytes) -> None:
        self.stream: Lookahead = Lookahead(origin, _FIRST)
        self.layers: int = 0
        self.format: Format | None = None  # None: it may be text
        self._is_known = False

    def look(self) -> None:
        """Take off compression and encoding. To be called again after BlockingIOError.

        Raises:
            Damaged: its compression is damaged, or too deep.
        """
        if self._is_known:
            return
        while codec := codec_of(head := self._head()):
            if self.layers == LAYERS:
                raise Damaged(f"is compressed more than {LAYERS} times: unpack it first")
            self.layers += 1
            self.stream = Lookahead(Members(self.stream, codec))
        self._is_known = True
        if encoding := encoding_of(head):
            self.stream = Lookahead(Utf16(self.stream, encoding))
        else:
            self.format = format_of(head)

    def _head(self) -> bytes:
        try:
            return self.stream.head(HEAD, _is_enough)
        except Damaged:
            if head := self.stream.at_hand(HEAD):
                return head  # what can be read of it is read before the damage is met again
            raise

    def why_not(self, name: str) -> str | None:
        """Why a file of a folder or archive is left out, by its name and content; None where it is read.

        To be called again after BlockingIOError.
        """
        is_known = has_known_suffix(name)
        try:
            self.look()
            if self.format is not None and (self.format.is_packed or not is_known or self._is_binary()):
                return self.format.name
            head = b"" if is_known else self.stream.head(_LOOKED_AT)
        except Damaged as damage:
            head = self.stream.at_hand(_LOOKED_AT)
            if not head and not is_known:
                return str(damage).partition(";")[0].removeprefix("is ")
        if is_known or _LIKE_JSON.search(head.removeprefix(_MARK)):
            return None
        return "no line begins like JSON" if head else "empty"

    def _is_binary(self) -> bool:
        return b"\0" in self.stream.head(_LOOKED_AT)


def has_known_suffix(name: str) -> bool:
    """Whether a file of a folder or archive is read for its name."""
    return _SUFFIX.search(name) is not None


def _is_enough(head: bytes) -> bool:
    """Whether these first bytes decide what follows, so that a pipe need not give more before it is read.

    A tar archive begins with NULs behind a name, and without a line end.
    """
    if head[:1] < b"\x80" and (b"\n" in head or (len(head) >= _TEXT and b"\0" not in head)):
        return True
    return codec_of(head) is not None or encoding_of(head) is not None


@frozen(kw_only=True)
class Inner:
    """A file in an archive: its text where it is read, else why it is left out."""

    name: str
    text: Bytes | None = None
    left_out: str = ""


def files_in(archive: Content, origin: Origin, *, searched: bool = False) -> Iterator[Inner | None]:
    """The files in an archive, each to be read before the next; None where nothing is at hand yet.

    Args:
        searched: A file on disk may be read at any place, not only on from where it was looked at.

    Raises:
        Damaged: it is cut short, damaged, or of a form that is not read.
    """
    for member in _members(archive, origin, searched):
        if member is None:
            yield None
            continue
        if member.stream is None:
            yield Inner(name=member.name, left_out=member.left_out)
            continue
        content = Content(member.stream)
        reason = yield from patiently(partial(content.why_not, member.name))
        if content.format in ARCHIVES:
            reason = "an archive in an archive"
        yield Inner(name=member.name, left_out=reason) if reason else Inner(name=member.name, text=content.stream)


def _members(archive: Content, origin: Origin, searched: bool) -> Iterator[Member | None]:
    if archive.format is TAR:
        yield from tar_members(archive.stream)
    elif searched and not archive.layers and (whole := origin.searchable()) is not None:
        start = origin.offset - len(archive.stream.at_hand(2**30))
        with whole as file:
            for member in zip_members(file):
                origin.offset = start + file.tell()
                yield member
    else:
        with TemporaryFile() as file:  # the directory of a zip archive is at its end
            yield from _copied(archive.stream, file)
            yield from zip_members(file)


def _copied(stream: Bytes, file: IO[bytes]) -> Generator[None, None, None]:
    while data := (yield from patiently(stream.read1)):
        file.write(data)
        yield None
