"""Cursors: where a page ended and what was known then, in a text that only this service reads."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from attrs import frozen

from projector.domain.canonical import read_json, write_json
from projector.domain.errors import BadQuestion
from projector.domain.instants import LATEST

_FORMAT: Final = 1
_NOT_OF_THE_QUESTION: Final = frozenset({"cursor", "limit"})


@frozen(kw_only=True)
class Cursor:
    """The key behind which a page begins, and the instant up to which data counts (microseconds since 1970)."""

    known_at: int
    behind: tuple[str | None, ...]


def written(cursor: Cursor, path: str, given: Mapping[str, str]) -> str:
    """A cursor as text, for the same question only."""
    parts = [_FORMAT, _question(path, given), cursor.known_at, *cursor.behind]
    return urlsafe_b64encode(write_json(parts)).decode().rstrip("=")


def read(text: str, path: str, given: Mapping[str, str], keys: int) -> Cursor:
    """The cursor that a text is.

    Args:
        keys: The number of parts of a key.

    Raises:
        BadQuestion: it is not one, or of another question.
    """
    try:
        parts: Any = read_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        parts = None
    if not _is_cursor(parts, keys):
        raise BadQuestion("invalid cursor; give the next of the page before as it is, or leave out cursor to begin")
    _, question, known_at, *behind = parts
    if question != _question(path, given):
        raise BadQuestion(
            "the cursor is of another question; keep all other parameters as they were, or leave out cursor to begin"
        )
    return Cursor(known_at=known_at, behind=tuple(behind))


def _is_cursor(parts: object, keys: int) -> bool:
    match parts:
        case [int(format), str(), int(known_at), *behind]:
            if format != _FORMAT or not 0 <= known_at <= LATEST or isinstance(known_at, bool):
                return False
            return len(behind) == keys and _are_keys(behind)
    return False


def _are_keys(behind: Sequence[object]) -> bool:
    """Whether these are texts, of which only the last may be missing."""
    return all(isinstance(one, str) for one in behind[:-1]) and isinstance(behind[-1], str | None)


def _question(path: str, given: Mapping[str, str]) -> str:
    """What names a question: its address, without what differs from page to page."""
    asked = sorted((name, value) for name, value in given.items() if name not in _NOT_OF_THE_QUESTION)
    return blake2b(write_json([path, asked]), digest_size=9).hexdigest()
