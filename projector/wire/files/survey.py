"""The files that are read, and those that are left out of folders and archives."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from projector.domain.reports import LeftOut

STDIN: Final = "-"
_SHOWN: Final = 5  # names of what is left out


@frozen(kw_only=True)
class File:
    """A file to be read.

    ``source`` is its path as text, ``named`` the argument that it belongs to; ``size`` in bytes, None of a pipe, a
    device and standard input; ``is_packed``: it is compressed, or an archive.
    """

    path: str
    source: str
    named: str
    size: int | None = None
    is_packed: bool = False


@frozen(kw_only=True)
class Survey:
    """The files that names stand for, in order, and what is left out."""

    files: tuple[File, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    _named: Mapping[str, tuple[str, ...]] = field(init=False, eq=False, repr=False)

    @_named.default
    def _named_by_source(self) -> Mapping[str, tuple[str, ...]]:
        named: dict[str, tuple[str, ...]] = {}
        for file in self.files:
            known = named.get(file.source, ())
            named[file.source] = known if file.named in known else (*known, file.named)
        return named

    def named_of(self, source: str) -> tuple[str, ...]:
        """The arguments that a source belongs to; a member of an archive belongs to those of the archive."""
        while source not in self._named and "/" in source:
            source = source.rpartition("/")[0]
        return self._named.get(source, (source,))

    def size(self) -> int | None:
        """The bytes that the files have on disk; None where a pipe or standard input is among them."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)


def path_text(path: str) -> str:
    r"""A path as text for people and databases: bytes that are not UTF-8 as escapes.

    >>> path_text("caf\udce9.jsonl")
    'caf\\xe9.jsonl'
    """
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def absolute(path: str) -> str:
    """A path from the root on; a folder's parent is looked up, as ``..`` behind a symbolic link leads elsewhere.

    >>> absolute("/logs/a.jsonl")
    '/logs/a.jsonl'
    """
    if ".." in path:
        folder, name = os.path.split(path)
        return os.path.join(os.path.realpath(folder), name)
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def source_text(path: str) -> str:
    """A path as the source of its inputs: the same text, without ``./`` in front."""
    return path_text(path).removeprefix("./")


def shown_left_out(left_out: Sequence[LeftOut]) -> str:
    """What is left out of one folder or archive: the first names in it with their reasons, then a count.

    >>> shown_left_out([LeftOut(path="logs/a.parquet", reason="a Parquet file", named="logs")])
    ': a.parquet (a Parquet file)'
    """
    if not left_out:
        return ""
    names = [f"{left.path.removeprefix(left.named + '/')} ({left.reason})" for left in left_out[:_SHOWN]]
    more = [f"and {len(left_out) - _SHOWN:,} more"] if len(left_out) > _SHOWN else []
    return f": {', '.join(names + more)}"
