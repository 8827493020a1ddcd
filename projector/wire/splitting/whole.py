"""Whether a text is JSON, by the decoder's own library."""

from __future__ import annotations

import msgspec

_check = msgspec.json.Decoder(msgspec.Raw).decode
_NO_JSON = (ValueError, msgspec.MsgspecError)


def is_json(text: bytes) -> bool:
    """Whether a text is JSON, and not nested so deep that the library gives up.

    >>> is_json(b'{"a":1}'), is_json(b'{"a":1}{"b":2}')
    (True, False)
    """
    try:
        _check(text)
    except (*_NO_JSON, RecursionError):
        return False
    return True


def is_balanced_json(text: bytes | memoryview) -> bool:
    """Whether a text whose brackets match is JSON; one nested too deep is taken for it, and the decoder refuses it."""
    try:
        _check(text)
    except RecursionError:
        return True
    except _NO_JSON:
        return False
    return True
