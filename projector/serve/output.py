"""Files that commands write: never over the store, nor over a file of another kind; whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

from projector.domain.arguments import path_asked
from projector.domain.errors import BadQuestion, ProjectorError
from projector.store.failures import not_written

HEAD: Final = 65_536  # bytes of an existing file by which its kind is known

_SIDE_FILES: Final = ("-wal", "-shm", "-journal")  # of an SQLite database

IsOurs = Callable[[bytes], bool]  # whether a file that begins so may be replaced


def see_that_apart(name: str | os.PathLike[str], store: Path | None) -> None:
    """See that a file to be written is not the store or one of its side files, by whatever path or link it is named.

    Args:
        store: The store's file; None for one in memory.

    Raises:
        BadQuestion: it is.
    """
    named = path_asked(name, "the file")
    if store is not None and any(_is_same(Path(named), file) for file in _files_of(store)):
        raise BadQuestion(f"{named} belongs to the store {store}; name another file")


def _files_of(store: Path) -> Iterator[Path]:
    for file in {store.absolute(), Path(os.path.realpath(store))}:
        yield file
        yield from (file.with_name(file.name + end) for end in _SIDE_FILES)


def _is_same(one: Path, other: Path) -> bool:
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


@contextmanager
def written(name: str | os.PathLike[str], store: Path | None, is_ours: IsOurs) -> Iterator[BinaryIO]:
    """A file to write to, which only its owner may read, and which is there once it is whole.

    A pipe or a device is written to as it is.

    Args:
        is_ours: Whether an existing file that begins so may be replaced; an empty one may.

    Raises:
        BadQuestion: it is the store's, another kind of file, or cannot be written.
        StoreError: there is no room for it.
    """
    named = path_asked(name, "the file")
    see_that_apart(named, store)
    try:
        file = Path(os.path.realpath(named))
        with _whole(file) if _is_replaced(file, named, is_ours) else file.open("wb") as out:
            yield out
    except (ProjectorError, BrokenPipeError):
        raise
    except OSError as error:
        raise not_written(named, error) from error


def _is_replaced(file: Path, name: str, is_ours: IsOurs) -> bool:
    """Whether a new file takes its place; False for a pipe or a device."""
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return True
    if stat.S_ISREG(mode):
        with file.open("rb") as old:
            head = old.read(HEAD)
        if head and not is_ours(head):
            raise BadQuestion(f"{name} is there already and holds something else; name another file")
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    partial = file.with_name(f".{token_hex(8)}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            yield out
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
