"""Formats that are known by their first bytes: archives, and what is not read."""

from __future__ import annotations

import re
import tarfile
from typing import Final

from attrs import frozen

HEAD: Final = tarfile.BLOCKSIZE  # bytes that decide
_CHECKSUM: Final = slice(148, 156)  # of a tar archive's header


@frozen(kw_only=True)
class Format:
    """A form of file: its name, and how it begins. ``is_packed``: other files are in it, so it can be unpacked."""

    name: str
    magic: re.Pattern[bytes]
    is_packed: bool = False


def _format(name: str, magic: bytes, *, is_packed: bool = False) -> Format:
    return Format(name=name, magic=re.compile(magic, re.DOTALL), is_packed=is_packed)


ZIP: Final = _format("a zip archive", rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", is_packed=True)
TAR: Final = _format("a tar archive", rb"(?!)", is_packed=True)  # known by its checksum

_PACKED: Final = {
    "a 7z archive": rb"7z\xbc\xaf\x27\x1c",
    "a RAR archive": rb"Rar!\x1a\x07",
    "a cabinet archive (.cab)": rb"MSCF\0\0\0\0",
    "an ar or Debian archive": rb"!<arch>\n",
    "a cpio archive": rb"07070[12][0-9a-fA-F]{104}|070707[0-7]{70}|\xc7\x71|\x71\xc7",
    "a xar archive": rb"xar!\0",
    "an LZH archive": rb"..-lh[0-9d]-",
    "an lz4 file": rb"\x04\x22\x4d\x18|\x02\x21\x4c\x18",
    "an lzip file": rb"LZIP[\0\x01]",
    "an lzop file": rb"\x89LZO\0\r\n\x1a\n",
    "an lzma file": rb"\x5d\0\0..(?:\xff{8}|.{5}\0\0\0)",
    "a compress file (.Z)": rb"\x1f[\x9d\xa0]",
    "a pack file (.z)": rb"\x1f\x1e",
    "a snappy file": rb"\xff\x06\0\0sNaPpY",
}
_OTHERS: Final = {
    "a Parquet file": rb"PAR[1E]",
    "an Avro file": rb"Obj\x01",
    "an ORC file": rb"ORC(?![\s\x20-\x7e])",
    "an Arrow file": rb"ARROW1\0\0|FEA1",
    "an SQLite file": rb"SQLite format 3\0",
    "a DuckDB file": rb".{8}DUCK",
    "an HDF5 file": rb"\x89HDF\r\n\x1a\n",
    "a PDF file": rb"%PDF-",
    "an old Office file": rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "a PNG image": rb"\x89PNG\r\n\x1a\n",
    "a JPEG image": rb"\xff\xd8\xff",
    "a GIF image": rb"GIF8[79]a",
    "a program": rb"\x7fELF|MZ\x90\0|\xcf\xfa\xed\xfe",
}
_FORMATS: Final = (
    ZIP,
    *(_format(name, magic, is_packed=True) for name, magic in _PACKED.items()),
    *(_format(name, magic) for name, magic in _OTHERS.items()),
)
_ANY: Final = re.compile(b"|".join(format.magic.pattern for format in _FORMATS), re.DOTALL)
_NUMBER: Final = re.compile(rb"[\x80\xff]|[0-7oO_+\-\s\x1c-\x1f]*+(?:\0|\Z)")  # as tar may spell one


def format_of(head: bytes) -> Format | None:
    """The format of a file that begins with these bytes; None where it may be text.

    >>> format_of(b"PAR1...").name, format_of(b'{"metadata":{}}')
    ('a Parquet file', None)
    """
    if _ANY.match(head):
        return next(format for format in _FORMATS if format.magic.match(head))
    return TAR if _is_tar_header(head) else None


def _is_tar_header(head: bytes) -> bool:
    if len(head) < tarfile.BLOCKSIZE or b"\0" not in head or not _NUMBER.match(head[_CHECKSUM]):
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True
