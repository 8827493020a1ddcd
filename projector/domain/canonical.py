"""Canonical JSON: one text for one meaning, so that equal events have equal digests on every engine."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import msgspec

JSON = Any  # None, bool, int, float, str, list or dict with text keys, nested

_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_encode = msgspec.json.Encoder().encode
_encode_as_python = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def _whole(text: str) -> int | float:
    number = float(text)
    if number - number != 0:  # infinite: beyond a double
        raise ValueError(f"the number {text[:20]} is beyond a double")
    return int(number) if number.is_integer() else number


_decode_whole = msgspec.json.Decoder(float_hook=_whole).decode
_decode = msgspec.json.Decoder().decode


def read_json(text: bytes | str) -> JSON:
    """What a JSON text says, numbers as they are spelled: ``5.0`` stays a float.

    >>> read_json(b'{"points":5.0}')
    {'points': 5.0}
    """
    return _decode(text)


def read_canonical(text: bytes | str) -> JSON:
    """What a JSON text says, a number with an integral value as an integer.

    Raises:
        ValueError: it is no JSON, or holds a number beyond a double.

    >>> read_canonical(b'[5.0,1e3,0.5]')
    [5, 1000, 0.5]
    """
    return _decode_whole(text)


def write_json(value: JSON) -> bytes:
    """A value as compact JSON, members in the order they have.

    >>> write_json({"b": 1, "a": 5.0})
    b'{"b":1,"a":5.0}'
    """
    return _encode(value)


def canonical_json(value: JSON) -> bytes:
    """The canonical JSON of a value; floats with an integral value are written as integers.

    UTF-8, keys by code point, no spaces, integers exact at any size, other numbers in the shortest
    form that reads back, as Python spells a float.

    >>> canonical_json({"b": [1e-7, 5.0], "a": "é"}).decode()
    '{"a":"é","b":[1e-07,5]}'
    """
    return canonical_of_whole(read_canonical(_encode(value)))


def canonical_of_whole(value: JSON) -> bytes:
    """The canonical JSON of what `read_canonical` returned, which holds no integral floats."""
    text = _encode_sorted(value)
    small = b"e-" in text or b"0.0000" in text  # a float below 1e-4 perhaps, where the two encoders' spellings part
    return _encode_as_python(value).encode() if small else text


def event_digest(metadata: JSON, body: JSON) -> bytes:
    """An event's digest: the SHA-256, 32 bytes, of its canonical JSON.

    Args:
        metadata: As `read_canonical` gives it; likewise ``body``.
    """
    return sha256(canonical_of_whole({"body": body, "metadata": metadata})).digest()
