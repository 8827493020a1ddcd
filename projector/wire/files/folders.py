"""Which files are read: those named, and those in folders and archives that may hold events."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from attrs import define, evolve, field, frozen

from projector.domain.arguments import SHOWN, shown, shown_path
from projector.domain.errors import BadQuestion, MissingInput
from projector.domain.reports import LeftOut
from projector.wire.files.archives import Unreadable, is_hidden
from projector.wire.files.content import ARCHIVES, Content, files_in, has_known_suffix, size_of_small_text
from projector.wire.files.opened import SMALL, OpenFile
from projector.wire.files.streams import Damaged, Origin, finished
from projector.wire.files.survey import STDIN, File, Survey, shown_left_out, source_text

_OF_THIS_PROCESS: Final = ("/dev/fd/", "/dev/stdin", "/proc/")  # another one would open something else
_KINDS: Final = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
Name = str | bytes | os.PathLike[str]


def survey(names: Iterable[Name]) -> Survey:
    """What is to be read of these files, folders and archives; ``-`` is standard input.

    Raises:
        BadQuestion: one is not a path.
        MissingInput: one is missing, cannot be read, is of a form that is not read, or holds nothing that is read.
    """
    found = _Search()
    for name in names:
        found.take(_as_text(name))
    return Survey(files=tuple(found.files), left_out=tuple(found.left_out))


def _as_text(name: Name) -> str:
    try:
        text = os.fsdecode(name)
    except (TypeError, UnicodeError) as error:
        raise BadQuestion(f"{shown(name)} is not a path; name a file or folder") from error
    return text if text in ("", STDIN) else str(Path(text))


@define
class _Search:
    files: list[File] = field(factory=list)
    left_out: list[LeftOut] = field(factory=list)

    def take(self, path: str) -> None:
        """Take what was named."""
        if path == STDIN:
            self._take_standard_input()
            return
        with _said_of(path):
            found = os.stat(path)
            if stat.S_ISDIR(found.st_mode):
                self._take_folder(path)
            elif stat.S_ISREG(found.st_mode) and not path.startswith(_OF_THIS_PROCESS):
                self._take_file(path, found.st_size)
            else:
                self._take_pipe(path, found.st_mode)

    def _take_standard_input(self) -> None:
        if sys.stdin is None:
            raise MissingInput("standard input is closed")
        self.files.append(File(path=STDIN, source="stdin", named="stdin"))

    def _take_pipe(self, path: str, mode: int) -> None:
        """Take a pipe or device; it is not opened, as that would begin to read it."""
        if stat.S_ISSOCK(mode):
            raise MissingInput(f"{_shown(path)} cannot be read: it is a socket")
        if not os.access(path, os.R_OK):
            raise MissingInput(f"{_shown(path)} cannot be read: Permission denied")
        self.files.append(_file(path, source_text(path)))

    def _take_file(self, path: str, size: int) -> None:
        with OpenFile(path) as origin:
            content = Content(origin)
            with suppress(Damaged):  # it is said when the file is read
                finished(content.look)
            file = _file(path, source_text(path), size, is_packed=content.layers > 0)
            format = content.format
            if format in ARCHIVES:
                if (left := self._look_into(file, content, origin)) is not None:
                    raise MissingInput(f"nothing in {_shown(path)} is read{shown_left_out(left)}")
            elif format is not None and format.is_packed:
                raise MissingInput(
                    f"{_shown(path)} is {format.name}, which is not read: unpack it and name what it holds"
                )
            else:
                self.files.append(file)

    def _take_folder(self, folder: str) -> None:
        before, left = len(self.files), len(self.left_out)
        named = source_text(folder)
        for entry, reason in _walk(folder):
            with _said_of(entry.path):
                reason = reason or self._look_at(entry, named)
            if reason is not None:
                self.left_out.append(LeftOut(path=source_text(entry.path), reason=reason, named=named))
        if len(self.files) == before:
            raise MissingInput(f"nothing in {_shown(folder)} is read{shown_left_out(self.left_out[left:])}")

    def _look_at(self, entry: os.DirEntry[str], named: str) -> str | None:
        """Take a file of a folder, or say why it is left out."""
        may_be_small = has_known_suffix(entry.name) and entry.stat().st_size <= SMALL
        if may_be_small and (size := size_of_small_text(entry.path)) is not None:
            self.files.append(_file(entry.path, named, size))
            return None
        with OpenFile(entry.path) as origin:
            content = Content(origin)
            reason = finished(partial(content.why_not, entry.name))
            file = _file(entry.path, named, origin.size, is_packed=content.layers > 0)
            if content.format in ARCHIVES:
                left = self._look_into(file, content, origin)
                return None if left is None else f"{reason} in which nothing is read"
            if reason is None:
                self.files.append(file)
            return reason

    def _look_into(self, file: File, archive: Content, origin: Origin) -> list[LeftOut] | None:
        """Take an archive, with what of it is left out; where nothing of it is read, only return that."""
        left: list[LeftOut] = []
        is_read = False
        try:
            for inner in files_in(archive, origin, searched=True):
                if inner is not None and inner.text is None:
                    path = f"{file.source}/{inner.name}"
                    left.append(LeftOut(path=path, reason=inner.left_out, named=file.named))
                is_read = is_read or (inner is not None and inner.text is not None)
        except Unreadable as error:
            raise MissingInput(f"{file.source} {error}") from error
        except Damaged:  # it is said when the archive is read
            is_read = True
        if not is_read:
            return left
        self.files.append(evolve(file, is_packed=True))
        self.left_out += left
        return None


def _file(path: str, named: str, size: int | None = None, *, is_packed: bool = False) -> File:
    return File(path=path, source=source_text(path), named=named, size=size, is_packed=is_packed)


@frozen
class _said_of:  # noqa: N801 - used like a function; a generator would take longer for each file of a folder
    """Names the path that the system could not open."""

    path: str

    def __enter__(self) -> None:
        pass

    def __exit__(self, type: object, error: BaseException | None, at: object) -> None:
        path = self.path
        match error:
            case MissingInput():
                pass
            case OSError():
                raise MissingInput(
                    f"{_shown(path)} cannot be read: {error.strerror or error}{_advice(path)}"
                ) from error
            case ValueError():  # a NUL, or what no file name can hold
                raise MissingInput(f"{_shown(path)} cannot be read: it is not a file name") from error


def _shown(path: str) -> str:
    """A path as it is named in errors, of text that cannot be one only the beginning."""
    try:
        text = source_text(path)
    except UnicodeEncodeError:
        text = path.encode("ascii", "backslashreplace").decode()
    return f"{text[:SHOWN]}…" if _advice(text) else shown_path(text)


def _advice(path: str) -> str:
    is_event = path.lstrip().startswith(("{", "[")) and not os.path.exists(path)
    return "; a str is a path: give an event as a dict or as bytes" if is_event else ""


def _walk(folder: str) -> Iterator[tuple[os.DirEntry[str], str | None]]:
    """Every file of a folder at any depth, in order of path, and why it is left out at once; of a hidden folder itself.

    Raises:
        MissingInput: a folder cannot be read.
    """
    waiting = _entries(folder)
    while waiting:
        entry = waiting.pop()
        if is_hidden(entry.name):
            yield entry, "hidden"
        elif entry.is_dir(follow_symlinks=False):
            waiting += _entries(entry.path)
        else:
            yield entry, None if entry.is_file(follow_symlinks=False) else _kind_of(entry)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, the last first."""
    with _said_of(folder), os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name, reverse=True)


def _kind_of(entry: os.DirEntry[str]) -> str | None:
    with _said_of(entry.path):
        mode = entry.stat(follow_symlinks=False).st_mode
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "not a regular file")
