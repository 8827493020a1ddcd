"""Removes members of the metadata that a store is not to keep, such as a learner's address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from projector.domain.errors import BadQuestion

NEEDED: Final = ("event_name", "event_time", "root_account_id", "root_account_uuid")
_PARTS: Final = ("metadata", "attributes")
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_object = msgspec.json.Encoder().encode


def names_to_drop(asked: str | Iterable[str]) -> frozenset[str]:
    """The members of metadata to leave out: text with commas between them, or several names.

    Raises:
        BadQuestion: a name is blank, or of a member that no event can do without.

    >>> sorted(names_to_drop("client_ip, user_agent"))
    ['client_ip', 'user_agent']
    """
    names = [name.strip() for name in (asked.split(",") if isinstance(asked, str) else asked)]
    if not all(names):
        raise BadQuestion("a name to drop is blank; write names such as client_ip,user_agent")
    if needed := [name for name in NEEDED if name in names]:
        raise BadQuestion(f"{', '.join(needed)} cannot be dropped; every event needs {', '.join(NEEDED)}")
    return frozenset(names)


def reduced(text: bytes, names: frozenset[str]) -> bytes:
    """An event's text without these members of its metadata, every other value spelled as it came.

    The same object where there is nothing to leave out. Of a repeated member only the last, which counts, is kept.

    >>> reduced(b'{"metadata":{"event_name":"x","client_ip":"::1"},"body":{"points":5.0}}', frozenset({"client_ip"}))
    b'{"metadata":{"event_name":"x"},"body":{"points":5.0}}'
    """
    try:
        return _reduced(text, names)
    except (ValueError, RecursionError, msgspec.MsgspecError):  # no event, so nothing to leave out
        return text


def _reduced(text: bytes, names: frozenset[str]) -> bytes:
    event, changed = _members(text), False
    parts = [part for part in _PARTS if bytes(event.get(part, b""))[:1] == b"{"]
    for part in parts:
        found = _members(event[part])
        kept = {name: value for name, value in found.items() if name not in names}
        if len(kept) < len(found):
            event[part], changed = msgspec.Raw(_object(kept)), True
    return _object(event) if changed or _may_repeat(text, parts, names) else text


def _may_repeat(text: bytes, parts: list[str], names: frozenset[str]) -> bool:
    """Whether metadata may be there more than once, an earlier one with a member to leave out."""
    return sum(text.count(f'"{part}"'.encode()) for part in parts) > len(parts) and any(
        f'"{name}"'.encode() in text for name in names
    )
