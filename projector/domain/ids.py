"""Canvas ids: text or number, local, global or tilde, brought to one spelling."""

from __future__ import annotations

import re
from collections.abc import Collection

SHARD = 10**13  # a global id is shard * SHARD + local id
GLOBAL = 14  # digits that a global id has at least

_TILDE = re.compile(r"([1-9]\d{0,5})~(\d{1,13})", re.ASCII)
_NO_SHARDS: frozenset[int] = frozenset()


def long_id(value: object) -> str | None:
    """The id a value spells, as text, a tilde id written out as a global one; None where it is not an id.

    An empty text, one of spaces only, a boolean, a fraction, an object or a list is not an id.

    >>> long_id(5), long_id("5"), long_id("2107~565"), long_id(" "), long_id(True)
    ('5', '5', '21070000000000565', None, None)
    """
    if isinstance(value, str):
        if value.isdecimal():
            return value
        if "~" in value and (tilde := _TILDE.fullmatch(value)):
            return str(int(tilde[1]) * SHARD + int(tilde[2]))
        return value if value and not value.isspace() else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def learner_of(value: object) -> str | None:
    """The learner that a ``user_uuid`` names: the text as it is, a whole number as its digits.

    None where it names nobody: absent, an empty text, one of spaces only, or no text at all.

    >>> learner_of("Ada"), learner_of(42), learner_of(" "), learner_of("2107~5")
    ('Ada', '42', None, '2107~5')
    """
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    return long_id(value)


def shard_of(long: str) -> int | None:
    """The shard that a global id names, None for a local one.

    >>> shard_of("21070000000000565"), shard_of("565")
    (2107, None)
    """
    return int(long) // SHARD if is_global(long) else None


def is_global(long: str) -> bool:
    """Whether an id names a shard.

    >>> is_global("21070000000000565"), is_global("565")
    (True, False)
    """
    return GLOBAL <= len(long) <= 19 and long[0] != "0" and long.isascii() and long.isdigit()


def local_id(long: str, shards: Collection[int] = _NO_SHARDS) -> str:
    """The id within the tenant's own shards: local where the shard is its own, else as it is.

    >>> local_id("21070000000000565", {2107}), local_id("21070000000000565", {9})
    ('565', '21070000000000565')
    """
    if len(long) < GLOBAL or (shard := shard_of(long)) is None or shard not in shards:
        return long
    return str(int(long) % SHARD)
