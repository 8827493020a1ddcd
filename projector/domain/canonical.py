"""Canonical JSON: equal events have equal text, and so equal digests, on every engine."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from functools import cache
from hashlib import sha256
from typing import Any, Final

import msgspec

JSON = Any  # None, bool, int, float, str, list or dict with text keys, nested

DEEPEST: Final = 200  # levels; comparing two states takes three calls a level
SMALL: Final = 1e-4  # of a float that is nearer to zero the two encoders' spellings part
_DOUBLE: Final = 1023  # bits

_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_encode = msgspec.json.Encoder().encode
_encode_as_python = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


_decode = msgspec.json.Decoder().decode


def make_whole(value: JSON, depth: int = 0) -> bool:
    """Turn floats with an integral value, within a list or an object, into integers.

    Returns:
        Whether there is a float below `SMALL`.
    """
    if depth > DEEPEST:
        raise ValueError(f"nested deeper than {DEEPEST} levels")
    small, items = False, enumerate(value) if isinstance(value, list) else value.items()
    for key, item in items:
        kind = type(item)
        if kind is str:
            continue
        if kind is float:
            if item.is_integer():
                value[key] = int(item)
            elif -SMALL < item < SMALL:
                small = True
        elif kind is dict or kind is list:
            small |= make_whole(item, depth + 1)
        elif kind is int and item.bit_length() > _DOUBLE:
            float(item)  # may overflow
    return small


def read_json(text: bytes | str) -> JSON:
    """What a JSON text says, numbers as they are spelled: ``5.0`` stays a float.

    >>> read_json(b'{"points":5.0}')
    {'points': 5.0}
    """
    return _decode(text)


def read_whole(text: bytes | str) -> tuple[JSON, bool]:
    """What a JSON text says, a number with an integral value as an integer, for `canonical_of_whole`.

    Returns:
        The value, and whether it holds a float below `SMALL`.

    Raises:
        ValueError: it is not JSON, holds a number beyond a double, or is nested too deep.

    >>> read_whole(b'[5.0,1e3,0.5]')
    ([5, 1000, 0.5], False)
    """
    value = [_decode(text)]
    try:
        small = make_whole(value)
    except OverflowError as error:
        raise ValueError("a number is beyond a double") from error
    return value[0], small


def made_whole(value: JSON) -> JSON:
    """A value as `read_whole` gives it.

    Raises:
        ValueError: it holds a number beyond a double or below `SMALL`, or is nested too deep.

    >>> made_whole({"points": [5.0]})
    {'points': [5]}
    """
    held = [value]
    try:
        small = make_whole(held)
    except OverflowError as error:
        raise ValueError("a number is beyond a double") from error
    if small:
        raise ValueError("a number is small")
    return held[0]


def is_flat(text: bytes) -> bool:
    """Whether an event's text surely holds no object beside the event and its two parts, and no list."""
    return text.count(b"{") <= 3 and b"[" not in text


def write_json(value: JSON) -> bytes:
    """A value as compact JSON, members in the order they have.

    >>> write_json({"b": 1, "a": 5.0})
    b'{"b":1,"a":5.0}'
    """
    return _encode(value)


def write_deep(value: JSON) -> bytes:
    """The same as `write_json` of a value that is nested too deep for it: a tree of thousands of levels.

    >>> write_deep({"b": [1, {}], "a": []})
    b'{"b":[1,{}],"a":[]}'
    """
    written: list[bytes] = []
    waiting: list[Any] = [value]  # values, and the bytes between them
    while waiting:
        one = waiting.pop()
        if isinstance(one, bytes):
            written.append(one)
        elif isinstance(one, dict) and one:
            parts = [part for key, item in one.items() for part in (b",", _encode(key) + b":", item)]
            waiting += reversed([b"{", *parts[1:], b"}"])
        elif isinstance(one, list) and one:
            parts = [part for item in one for part in (b",", item)]
            waiting += reversed([b"[", *parts[1:], b"]"])
        else:
            written.append(_encode(one))
    return b"".join(written)


def canonical_json(value: JSON) -> bytes:
    """The canonical JSON of a value; floats with an integral value are written as integers.

    UTF-8, keys by code point, no spaces, integers exact at any size, other numbers in the shortest
    form that reads back, as Python spells a float.

    >>> canonical_json({"b": [1e-7, 5.0], "a": "é"}).decode()
    '{"a":"é","b":[1e-07,5]}'
    """
    return canonical_of_whole(*read_whole(_encode(value)))


def canonical_of_whole(value: JSON, small: bool) -> bytes:
    """The canonical JSON of what `read_whole` returned."""
    return _encode_as_python(value).encode() if small else _encode_sorted(value)


def digest_of(text: bytes) -> bytes:
    """The digest of an event, from its JSON text.

    >>> digest_of(b'{"attributes":{},"body":{}}') == digest_of(b'{"body":{},"metadata":{}}')
    True
    """
    event, small = read_whole(text)
    return event_digest(event["metadata"] if "metadata" in event else event["attributes"], event["body"], small)


def event_digest(metadata: JSON, body: JSON, small: bool) -> bytes:
    """An event's digest: the SHA-256, 32 bytes, of its canonical JSON.

    Args:
        metadata: As `read_whole` gives it; likewise ``body``, and whether some float is small.
    """
    return sha256(canonical_of_whole({"body": body, "metadata": metadata}, small)).digest()


# of an event's text only the body, in half the time


class _Event(msgspec.Struct, gc=False):
    body: dict[str, JSON]


_decode_event = msgspec.json.Decoder(_Event).decode


def read_body(text: bytes) -> dict[str, JSON]:
    """The body of an event, from its JSON text; the rest of it is passed over.

    >>> read_body(b'{"metadata":{},"body":{"points":5.0}}')
    {'points': 5.0}
    """
    return _decode_event(text).body


def read_whole_body(text: bytes) -> tuple[dict[str, JSON], bool]:
    """The body of an event that the log has, as `read_whole` would give it."""
    body = _decode_event(text).body
    return body, make_whole(body)


# texts as they were sent


class _EventTexts(msgspec.Struct, gc=False):
    body: msgspec.Raw


_decode_texts = msgspec.json.Decoder(_EventTexts).decode


def body_text(text: bytes) -> bytes:
    """The JSON text of an event's body, as it was sent.

    >>> body_text(b'{"metadata":{},"body":{"points": 5.0}}')
    b'{"points": 5.0}'
    """
    return bytes(_decode_texts(text).body)


def member_texts(bodies: Iterable[bytes], member: str) -> list[bytes | None]:
    """The JSON text of a member of each of some objects, as it was sent; None where it is null or not there.

    >>> member_texts([b'{"points": [5.0]}', b'{"points": null}', b"{}"], "points")
    [b'[5.0]', None, None]
    """
    decode = _only(member)
    texts = [getattr(decode(body), member) for body in bodies]
    return [None if text is msgspec.UNSET or (sent := bytes(text)) == b"null" else sent for text in texts]


def without_members(text: bytes, names: Collection[str]) -> bytes:
    """A JSON text without the members of some names, at any depth; the rest as it was sent, its spaces left out.

    >>> without_members(b'{"id":5.0,"title":"Cells","ratings":[{"title":"A","points":1e0}]}', ["title"])
    b'{"id":5.0,"ratings":[{"points":1e0}]}'
    """
    begins = text.lstrip()[:1]
    if begins == b"[":
        return _encode([_nested_without(item, names) for item in _decode_items(text)])
    if begins != b"{":
        return text
    members = _decode_members(text)
    for name in names:
        members.pop(name, None)
    if text.count(b"{") > 1 or b"[" in text:
        members = {name: _nested_without(value, names) for name, value in members.items()}
    return _encode(members)


def _nested_without(value: msgspec.Raw, names: Collection[str]) -> msgspec.Raw:
    text = bytes(value)
    return msgspec.Raw(without_members(text, names)) if text[:1] in (b"{", b"[") else value


_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


def has_member(bodies: Iterable[bytes], member: str) -> list[bool]:
    """Whether each of some objects has a member, be it null.

    >>> has_member([b'{"title": null}', b"{}"], "title")
    [True, False]
    """
    decode = _only(member)
    return [getattr(decode(body), member) is not msgspec.UNSET for body in bodies]


@cache
def _only(member: str) -> Any:
    """What reads one member of an object, and passes over the others."""
    only = msgspec.defstruct("Only", [(member, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET)], gc=False)
    return msgspec.json.Decoder(only).decode
