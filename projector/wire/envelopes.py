"""Events in wrappers: SQS messages, Lambda batches, SNS notifications, JWTs and arrays, also in one another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from attrs import frozen

from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.wire.decode import decode, refuse
from projector.wire.keys import KeySet
from projector.wire.signed import claims_of

DEEPEST: Final = 16  # wrappers in one another; a batch and a message of it are two
_JWT: Final = b"eyJ"  # how `{"` begins in base64url
_LISTS: Final = {"Records": "Lambda batch", "Messages": "receive-message answer"}
_names = re.compile(rb'"(?:[Mm]essageId|Records|Messages?)"').search
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_string = msgspec.json.Decoder(str).decode
_NO_JSON: Final = (ValueError, RecursionError, msgspec.MsgspecError)


@frozen(kw_only=True)
class _Wrapper:
    """What is in a wrapper, in order; ``place`` says where, of what it holds as text, which may be no JSON."""

    name: str
    contents: Sequence[bytes]
    place: str | None = None

    @property
    def is_empty(self) -> bool:
        return not any(text.strip() for text in self.contents)


def decoded(
    raw: bytes, keys: KeySet | None = None, dropped: frozenset[str] = frozenset()
) -> list[LiveEvent | Refusal | Ignored]:
    """What an input reports: one event, or those in the wrapper that it is.

    Args:
        keys: By which signatures are checked; ``dropped``: members of the metadata that are not kept.

    >>> decoded(b'{"Records":[]}')[0].reason
    'an empty Lambda batch'
    """
    item = decode(raw, dropped)
    return [item] if isinstance(item, LiveEvent) else opened(raw, item, keys, dropped)


def opened(
    raw: bytes, item: Refusal | Ignored, keys: KeySet | None, dropped: frozenset[str]
) -> list[LiveEvent | Refusal | Ignored]:
    """What is in the wrapper that an input is; where it is none, the item that it was found to be."""
    if isinstance(item, Ignored) or (found := unwrapped(raw, keys)) is None:
        return [item]
    return [decode(text, dropped) if isinstance(text, bytes) else text for text in found]


def unwrapped(raw: bytes, keys: KeySet | None = None) -> list[bytes | Refusal] | None:
    """The texts of the events in a wrapper, in order, each byte for byte; None where the input is no wrapper.

    Each text is one that is no wrapper itself. A refusal holds the innermost text at fault, and is never empty.

    Args:
        raw: One input that is no event.
        keys: By which signatures are checked; None: none is.

    >>> unwrapped(b'{"MessageId":"1","Body":"[{},{}]"}')
    [b'{}', b'{}']
    >>> unwrapped(b'{"body":{}}') is None
    True
    """
    return _opened(raw, keys, DEEPEST)


def _opened(raw: bytes, keys: KeySet | None, levels: int) -> list[bytes | Refusal] | None:
    wrapper = _wrapper(raw, keys)
    if wrapper is None:
        return None
    if isinstance(wrapper, Refusal):
        return [wrapper]
    if wrapper.is_empty:
        return [refuse(raw, f"an empty {wrapper.name}")]
    if not levels:
        return [refuse(raw, f"wrapped more than {DEEPEST} times")]
    return [found for text in wrapper.contents for found in _within(text, wrapper.place, keys, levels - 1)]


def _within(text: bytes, place: str | None, keys: KeySet | None, levels: int) -> list[bytes | Refusal]:
    opened = _opened(text, keys, levels)
    if opened is not None:
        return opened
    if place is not None and (fault := _json_fault(text)):
        return [refuse(text, f"not JSON: {fault} ({place})")]
    return [text]


def _json_fault(text: bytes) -> str | None:
    try:
        msgspec.json.decode(text)
    except _NO_JSON as error:
        return str(error) or "nested too deep"
    return None


def _wrapper(raw: bytes, keys: KeySet | None) -> _Wrapper | Refusal | None:
    start = raw.lstrip()[:4]
    try:
        if start.startswith(_JWT):
            return _jwt(raw, keys)
        if start == b'"' + _JWT:
            return _jwt(_string(raw).encode(), keys)
        if start.startswith(b"["):
            return _Wrapper(name="array", contents=list(map(bytes, _elements(raw))))
        if start.startswith(b"{") and _names(raw):
            return _object(raw, _members(raw))
    except _NO_JSON:
        return None
    return None


def _jwt(token: bytes, keys: KeySet | None) -> _Wrapper | Refusal:
    claims = claims_of(token, keys)
    return claims if isinstance(claims, Refusal) else _Wrapper(name="JWT", contents=[claims])


def _object(raw: bytes, members: Mapping[str, msgspec.Raw]) -> _Wrapper | Refusal | None:
    """The wrapper that an object is. A Lambda record has ``attributes``, too, but no event's."""
    if "metadata" in members or b'"event_name"' in bytes(members.get("attributes", b"")):
        return None
    for member, name in _LISTS.items():
        if _begins(members, member, b"["):
            return _Wrapper(name=name, contents=list(map(bytes, _elements(members[member]))))
    if {"MessageId", "messageId"} & members.keys():
        for member in ("Body", "body"):
            if _begins(members, member, b'"'):
                return _text(raw, members, member, "SQS message")
    if _begins(members, "Type", b'"') and _begins(members, "Message", b'"'):
        return _text(raw, members, "Message", "SNS notification")
    return None


def _begins(members: Mapping[str, msgspec.Raw], name: str, mark: bytes) -> bool:
    return name in members and bytes(members[name])[:1] == mark


def _text(raw: bytes, members: Mapping[str, msgspec.Raw], member: str, name: str) -> _Wrapper | Refusal:
    place = f"{member} of an {name}"
    try:
        return _Wrapper(name=name, contents=[_string(members[member]).encode()], place=place)
    except _NO_JSON as error:
        return refuse(raw, f"not JSON: {error} ({place})")
