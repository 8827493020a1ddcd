"""Signed deliveries: the claims of a compact JWT, checked by public keys where there are some."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Final

import msgspec

from projector.domain.events import Refusal
from projector.wire.decode import refuse
from projector.wire.keys import KeySet, key_named

_PARTS: Final = ("header", "payload", "signature")
_JWT: Final = b"eyJ"  # how `{"` begins in base64url
_LEEWAY: Final = 60  # seconds that clocks may differ by


class _Times(msgspec.Struct):
    exp: float | None = None
    nbf: float | None = None


_times = msgspec.json.Decoder(_Times).decode
_base64url = re.compile(rb"[A-Za-z0-9_-]*").fullmatch
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def claims_of(token: bytes, keys: KeySet | None) -> bytes | Refusal:
    """The claims of a compact JWT, JSON as it was sent; a refusal holds the JWT itself, for a later key set to check.

    Args:
        keys: None: nothing is checked but that there are claims.

    >>> claims_of(b"eyJhbGciOiJub25lIn0.eyJib2R5Ijp7fX0.", None)
    b'{"body":{}}'
    >>> claims_of(b"eyJhbGciOiJub25lIn0.e30", None).reason
    'JWT: 2 parts instead of three'
    """
    parts = token.strip().split(b".")
    if len(parts) != len(_PARTS):
        return refuse(token, f"JWT: {len(parts)} parts instead of three")
    for name, part in zip(_PARTS, parts, strict=True):
        if not _base64url(part) or len(part) % 4 == 1:
            return refuse(token, f"JWT: the {name} is not base64url text")
    header, claims, _ = map(_decoded, parts)
    for name, json in zip(_PARTS, (header, claims), strict=False):
        if not _is_object(json):
            return refuse(token, f"JWT: the {name} is not a JSON object")
    if keys is not None and (fault := keys.fault(token.strip(), header)) is not None:
        return refuse(token, f"JWT: {fault}")
    return claims


def is_delivery(text: bytes) -> bool:
    """Whether a text looks like a compact JWT.

    >>> is_delivery(b"eyJhbGciOiJub25lIn0.e30."), is_delivery(b'{"a":"eyJ.e.e"}')
    (True, False)
    """
    return text.startswith(_JWT) and text.count(b".") == 2


def key_of(token: bytes) -> str | None:
    """The ``kid`` of the key that a JWT says it is signed with."""
    header = token.partition(b".")[0]
    return key_named(_decoded(header)) if _base64url(header) and len(header) % 4 != 1 else None


def fault_in_time(claims: bytes, now: float) -> str | None:
    """Why a JWT does not count at a time (seconds since 1970) by its ``exp`` and ``nbf``; None where it does.

    >>> fault_in_time(b'{"exp":100}', 200.0)
    'it has expired'
    """
    try:
        times = _times(claims)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return "its exp or nbf is not a number"
    if times.exp is not None and now > times.exp + _LEEWAY:
        return "it has expired"
    if times.nbf is not None and now < times.nbf - _LEEWAY:
        return "it is not valid yet"
    return None


def needs_keys(refusal: str) -> bool:
    """Whether an input was refused as a JWT, by its reason: a retry without keys must not take what keys refused.

    >>> needs_keys("JWT: the signature does not match")
    True
    """
    return refusal.startswith("JWT: ")


def _decoded(part: bytes) -> bytes:
    return urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _is_object(text: bytes) -> bool:
    try:
        _members(text)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return False
    return True
