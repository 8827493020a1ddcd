"""A stream without its compression and encoding."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Final

from attrs import frozen

from projector.wire.files.archives import Member, zip_members
from projector.wire.files.compressed import LAYERS, Members, codec_of
from projector.wire.files.encodings import Utf16, encoding_of
from projector.wire.files.formats import HEAD, TAR, ZIP, Format, format_of
from projector.wire.files.streams import Bytes, Damaged, Lookahead, Origin, patiently
from projector.wire.files.tars import tar_members

ARCHIVES: Final = (ZIP, TAR)  # whose members are read
_LOOKED_AT: Final = 2**16  # bytes in which a line must begin like JSON
_TEXT: Final = 128  # bytes without a NUL, from which no tar archive can come
_SUFFIX: Final = re.compile(r"\.(?:jsonl?|jsonlines|ndjson|log|txt)(?:\.(?:gz|zst|bz2|xz))?\Z", re.IGNORECASE)
_LIKE_JSON: Final = re.compile(rb"^[ \t\r,\x1e]*+(?:[{\[]|eyJ)", re.MULTILINE)
_MARK: Final = b"\xef\xbb\xbf"


class Content:
    """The content of a stream: after `look`, ``stream`` is its text in UTF-8, or what its ``format`` says.

    ``layers``: how often it is compressed.
    """

    def __init__(self, origin: Bytes) -> None:
        self.stream: Lookahead = Lookahead(origin)
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
        try:
            self.look()
            if self.format is not None and (self.format.is_packed or not _SUFFIX.search(name) or self._is_binary()):
                return self.format.name
            head = b"" if _SUFFIX.search(name) else self.stream.head(_LOOKED_AT)
        except Damaged as damage:
            head = self.stream.at_hand(_LOOKED_AT)
            if not head and not _SUFFIX.search(name):
                return str(damage).partition(";")[0].removeprefix("is ")
        if _SUFFIX.search(name) or _LIKE_JSON.search(head.removeprefix(_MARK)):
            return None
        return "no line begins like JSON" if head else "empty"

    def _is_binary(self) -> bool:
        return b"\0" in self.stream.head(_LOOKED_AT)


def _is_enough(head: bytes) -> bool:
    """Whether these first bytes decide what follows, so that a pipe need not give more before it is read.

    A tar archive begins with NULs behind a name, and without a line end.
    """
    if codec_of(head) or encoding_of(head):
        return True
    return head[:1] < b"\x80" and (b"\n" in head or (len(head) >= _TEXT and b"\0" not in head))


@frozen(kw_only=True)
class Inner:
    """A file in an archive: its text where it is read, else why it is left out."""

    name: str
    text: Bytes | None = None
    left_out: str = ""


def files_in(archive: Content, origin: Origin, path: str | None = None) -> Iterator[Inner | None]:
    """The files in an archive, each to be read before the next; None where nothing is at hand yet.

    Args:
        path: Of the file that the archive is, where it can be opened once more.

    Raises:
        Damaged: it is cut short, damaged, or of a form that is not read.
    """
    for member in _members(archive, origin, path):
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


def _members(archive: Content, origin: Origin, path: str | None) -> Iterator[Member | None]:
    if archive.format is TAR:
        yield from tar_members(archive.stream)
    elif path is not None and not archive.layers:
        start = origin.offset - len(archive.stream.at_hand(2**30))
        with open(path, "rb") as file:
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
