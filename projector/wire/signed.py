"""Signed deliveries: the claims of a compact JWT, checked by public keys where there are some."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Final

import msgspec

from projector.domain.events import Refusal
from projector.wire.decode import refuse
from projector.wire.keys import KeySet

_PARTS: Final = ("header", "payload", "signature")
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
