"""Files that commands write: never over the store or a file of another kind; whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

from projector.domain.arguments import path_asked, shown_path
from projector.domain.errors import BadQuestion, ProjectorError
from projector.lake.extras import tables_beside
from projector.store.failures import not_written

HEAD: Final = 65_536  # bytes of an existing file by which its kind is known

_SIDE_FILES: Final = ("-wal", "-shm", "-journal")  # of an SQLite database
_STREAMS: Final = ("/dev/fd", "/proc/self/fd")  # folders that name what this process has open, by number

STDOUT: Final = 1
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_MOST_LINKS: Final = 40  # that are followed, as the system does

IsOurs = Callable[[bytes], bool]  # whether a file that begins so may be replaced


def see_that_apart(name: str | os.PathLike[str], store: Path | None) -> None:
    """See that a file to be written is not of the store, by whatever path or link it is named.

    Neither the store itself, nor one of its side files, nor one in the folder of its tables.

    Args:
        store: The store's file; None for one in memory.

    Raises:
        BadQuestion: it is.
    """
    named = path_asked(name, "the file")
    if store is None:
        return
    ignoring_case, places = _ignores_case(store), (named, *map(str, Path(os.path.realpath(named)).parents))
    if any(_is_same(place, own, ignoring_case=ignoring_case) for place in places for own in _owned_by(store)):
        raise BadQuestion(f"{shown_path(named)} belongs to the store {shown_path(str(store))}; name another file")


def _owned_by(store: Path) -> Iterator[str]:
    for file in {os.path.abspath(store), os.path.realpath(store)}:
        yield from (file + end for end in ("", *_SIDE_FILES))
        yield str(tables_beside(Path(file)))


def _is_same(one: str, other: str, *, ignoring_case: bool = False) -> bool:
    places = os.path.realpath(one), os.path.realpath(other)
    if places[0] == places[1] or (ignoring_case and places[0].casefold() == places[1].casefold()):
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _ignores_case(store: Path) -> bool:
    """Whether the store's folder ignores case in names: then a file that is not there yet needs a look."""
    other = store.with_name(store.name.swapcase())
    return other.name != store.name and _is_same(str(store), str(other))


def see_that_free(name: str | os.PathLike[str], store: Path | None, is_ours: IsOurs) -> None:
    """See, before there is anything to write, that `written` does not refuse a file.

    Raises:
        BadQuestion: it is the store's, another kind of file, or cannot be written.
    """
    named = path_asked(name, "the file")
    see_that_apart(named, store)
    if stream_named(named) is None:
        try:
            _is_replaced(named, is_ours)
        except OSError as error:
            raise not_written(named, error) from error


@contextmanager
def written(name: str | os.PathLike[str], store: Path | None, is_ours: IsOurs) -> Iterator[BinaryIO]:
    """A file to write to, which only its owner may read, and which is there once it is whole.

    A pipe, a device or a stream that is open already (``/dev/stdout``) is written to as it is.

    Args:
        is_ours: Whether an existing file that begins so may be replaced; an empty one may.

    Raises:
        BadQuestion: it is the store's, another kind of file, or cannot be written.
        StoreError: there is no room for it.
        OSError: it is stdout, which cannot be written to.
    """
    named = path_asked(name, "the file")
    see_that_apart(named, store)
    stream = stream_named(named)
    try:
        with _opened(named, stream, is_ours) as out:
            yield out
    except (ProjectorError, BrokenPipeError):
        raise
    except OSError as error:
        if stream == STDOUT:
            raise
        raise not_written(named, error) from error


def stream_named(name: str | os.PathLike[str]) -> int | None:
    """The number of the open stream that a path names, as ``/dev/stdout`` does; None: it names none.

    >>> stream_named("/dev/fd/7"), stream_named("evidence.html")
    (7, None)
    """
    folders, path = {os.path.realpath(folder) for folder in _STREAMS}, os.fspath(name)
    for _ in range(_MOST_LINKS):
        folder, number = os.path.split(path)
        if os.path.realpath(folder) in folders and _NUMBER.fullmatch(number):
            return int(number)
        if not os.path.islink(path):
            break
        path = os.path.join(folder, os.readlink(path))
    return None


def _opened(name: str, stream: int | None, is_ours: IsOurs) -> AbstractContextManager[BinaryIO]:
    if stream is not None:
        return os.fdopen(os.dup(stream), "wb")  # not by its name: a file would be written from its beginning
    if _is_replaced(name, is_ours):
        return _whole(Path(os.path.realpath(name)))
    return open(name, "wb")


def _is_replaced(name: str, is_ours: IsOurs) -> bool:
    """Whether a new file takes its place; False for a pipe or a device."""
    try:
        mode = os.stat(name).st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    else:
        if stat.S_ISREG(mode) and not _may_be_replaced(name, is_ours):
            raise BadQuestion(f"{shown_path(name)} exists already and holds something else; name another file")
    if stat.S_ISDIR(mode) or os.path.basename(name) in ("", "."):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return stat.S_ISREG(mode)


def _may_be_replaced(name: str, is_ours: IsOurs) -> bool:
    with open(name, "rb") as old:
        head = old.read(HEAD)
    return not head or is_ours(head)


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    partial = file.with_name(f".{token_hex(8)}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())  # whole also after a power cut
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
