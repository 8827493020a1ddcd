"""Puts a folder or a file in the place of an earlier one: whole or not at all, also where the machine stops."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import Final

from projector.domain.arguments import path_asked, shown_path
from projector.domain.errors import BadQuestion
from projector.lake.folder import synchronise
from projector.serve.output import see_that_apart
from projector.store.failures import not_written

IsOurs = Callable[[Path], bool]  # whether what is there may be replaced

_PARTIAL: Final = ".partial"
_HERE: Final = -100  # AT_FDCWD: paths are what they are
_EXCHANGE: Final = 2  # RENAME_EXCHANGE of renameat2
_LOG: Final = ".wal"  # of a DuckDB file that was changed


@contextmanager
def replacing(name: str | os.PathLike[str], store: Path | None, is_ours: IsOurs) -> Iterator[Path]:
    """Where something new is to be made, a file or a folder, that takes the place of what has this name.

    It is made in a folder beside that place, which only this user can enter, and which is removed at the end. What a
    process that was killed has left of its own is removed too.

    Args:
        store: The store's file; None for one in memory.
        is_ours: Whether a file or folder that is there may be replaced; one that is empty may.

    Raises:
        BadQuestion: it is the store's, holds something else, or cannot be written.
        StoreError: there is no room for it.
    """
    named = path_asked(name, "the export")
    see_that_apart(named, store)
    place = Path(os.path.realpath(named))
    if not place.parent.is_dir():
        raise BadQuestion(f"there is no folder {shown_path(str(place.parent))}; make it, or name another place")
    try:
        _see_that_replaceable(named, place, is_ours)
        _remove_left_over(place)
        with _working_beside(place) as work:
            new = work / "new"
            yield new
            _synchronise(new)
            _see_that_replaceable(named, place, is_ours)  # another process may have written there meanwhile
            _put(new, place, work / "old")
            synchronise(place.parent)
    except OSError as error:
        raise not_written(named, error) from error


def _see_that_replaceable(named: str, place: Path, is_ours: IsOurs) -> None:
    if place.with_name(f"{place.name}{_LOG}").exists():
        raise BadQuestion(f"{shown_path(named)}{_LOG} exists: the file was changed in DuckDB; name another place")
    if not os.path.lexists(place) or _is_empty(place):
        return
    if not ((place.is_dir() or place.is_file()) and is_ours(place)):
        raise BadQuestion(f"{shown_path(named)} exists already and holds something else; name another place")


def _is_empty(place: Path) -> bool:
    return next(place.iterdir(), None) is None if place.is_dir() else place.is_file() and place.stat().st_size == 0


@contextmanager
def _working_beside(place: Path) -> Iterator[Path]:
    """A folder beside a place, locked while it is in use."""
    work = place.with_name(f".{place.name}.{token_hex(6)}{_PARTIAL}")
    work.mkdir(mode=0o700)
    work.chmod(0o700)  # a umask may have taken more away
    lock = os.open(work, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        flock(lock, LOCK_EX | LOCK_NB)
        yield work
    finally:
        rmtree(work, ignore_errors=True)
        os.close(lock)


def _remove_left_over(place: Path) -> None:
    """Remove the working folders of this place that nobody uses any more."""
    for work in place.parent.glob(f".{_escaped(place.name)}.*{_PARTIAL}"):
        with suppress(OSError):
            lock = os.open(work, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                flock(lock, LOCK_EX | LOCK_NB)
                rmtree(work, ignore_errors=True)
            finally:
                os.close(lock)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _put(new: Path, place: Path, old: Path) -> None:
    """Give a file or a folder its place, at one moment where the system can; what was there goes to ``old``."""
    if _exchanged(new, place):
        return
    if place.is_dir() or (place.exists() and new.is_dir()):
        os.replace(place, old)  # nothing is there for a moment
    try:
        os.replace(new, place)
    except OSError:
        if os.path.lexists(old):
            os.replace(old, place)
        raise


def _exchanged(new: Path, place: Path) -> bool:
    """Whether the two have exchanged their names; no: nothing is there, or the system cannot."""
    if not place.exists():
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    return bool(renameat2(_HERE, os.fsencode(new), _HERE, os.fsencode(place), _EXCHANGE) == 0)


def _synchronise(new: Path) -> None:
    """Wait until the system has written a file, or a folder with its files, to its disk; only the owner may read it."""
    for path in (*new.iterdir(), new) if new.is_dir() else (new,):
        path.chmod(0o700 if path.is_dir() else 0o600)
        synchronise(path)
