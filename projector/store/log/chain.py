"""The running hash over the log: it proves every event's content, order and time of recording."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

BEGINNING: Final = bytes(32)


def running_hash(before: bytes, first: int, recorded_at: int, digests: Iterable[bytes]) -> bytes:
    """The hash after these events: h(n) = SHA-256(h(n-1), n, digest, recorded_at).

    Args:
        before: The hash of everything earlier, 32 zero bytes at the beginning.
        first: The first event's position n, from 1.
        recorded_at: Microseconds since 1970.
    """
    when = recorded_at.to_bytes(8, "big", signed=True)
    for position, digest in enumerate(digests, first):
        before = sha256(b"%b%b%b%b" % (before, position.to_bytes(8, "big"), digest, when)).digest()
    return before
