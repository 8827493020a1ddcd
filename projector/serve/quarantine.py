"""Which inputs in quarantine a user means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack

from projector.ask.instants import Instant, start_asked
from projector.ask.texts import text_asked
from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion
from projector.store.log.quarantine import QuarantineFilter


class QuarantineChoice(TypedDict, total=False):
    """What can be said of inputs in quarantine."""

    source: str | None  # as `quarantine list` shows it
    reason: str | None  # a part of it
    before: Instant | None  # seen before then; of a day: before its beginning
    sha256: Iterable[str] | None  # one of these, in hex
    all: bool  # every one: said, so that nothing is dropped by leaving something out
    retried: bool  # the receipts of what a retry has appended, instead of what still waits
    tz: str


def filter_asked(**asked: Unpack[QuarantineChoice]) -> QuarantineFilter:
    """The inputs that match everything that is named.

    Raises:
        BadQuestion: nothing is named, ``all`` beside something else, or a value that cannot be understood.

    >>> filter_asked(reason="no tenant").reason
    'no tenant'
    """
    if unknown := asked.keys() - QuarantineChoice.__annotations__.keys():
        raise BadQuestion(
            f"{shown(min(unknown))} is unknown here; choose by {', '.join(QuarantineChoice.__annotations__)}"
        )
    before, sha256 = asked.get("before"), asked.get("sha256")
    source, reason = (text_asked(asked.get(name), f"the {name}") for name in ("source", "reason"))
    said = any(asked.get(name) is not None for name in ("source", "reason", "before", "sha256"))
    if said and asked.get("all"):
        raise BadQuestion("--all drops every input; leave it out to drop only those that the other options choose")
    if not said and not asked.get("all") and not asked.get("retried"):
        raise BadQuestion("say what to drop: --source, --reason, --before or --sha256, --retried, or --all")
    if reason is not None and not str(reason).strip():
        raise BadQuestion("a blank reason matches every input; to drop all of them, write --all")
    return QuarantineFilter(
        source=None if source is None else str(source),
        reason=None if reason is None else str(reason),
        before=None if before is None else start_asked(before, asked.get("tz", "UTC")),
        sha256=None if sha256 is None else frozenset(map(hash_asked, _several(sha256))),
        retried=bool(asked.get("retried", False)),
    )


def _several(sha256: Iterable[str]) -> Iterable[str]:
    if isinstance(sha256, str) or not isinstance(sha256, Iterable):
        raise BadQuestion(f"{shown(sha256)} is not a list of SHA-256 in hex")
    return sha256


def hash_asked(hex: str) -> bytes:
    """The hash that a user names.

    Raises:
        BadQuestion: it is not a SHA-256 in hex.
    """
    try:
        digest = bytes.fromhex(hex) if isinstance(hex, str) else b""
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise BadQuestion(f"{shown(hex)} is not a SHA-256; write its 64 hex digits")
    return digest
