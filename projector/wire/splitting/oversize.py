"""Text too long to hold: its length, its hash and its beginning."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from projector.domain.events import Refusal
from projector.wire.decode import HEAD, KEPT_WHOLE

LONGEST: Final = 16 * 2**20  # bytes of a text that is held in memory
SEPARATORS: Final = b" \t\r\n,\x1e"


class Oversize:
    """A run of bytes, without the separators at both ends.

    >>> run = Oversize()
    >>> for part in (b", [1", b", ", b"2 ,"):
    ...     run.add(part)
    >>> run.length, run.content()
    (5, b'[1, 2')
    """

    def __init__(self) -> None:
        self.length: int = 0  # up to the last byte that is not a separator
        self._sealed = self._digest = sha256()
        self._passed = 0
        self._head = b""

    def add(self, part: bytes) -> None:
        """Take the next bytes."""
        if not self._passed:
            part = part.lstrip(SEPARATORS)
        text = part.rstrip(SEPARATORS)
        if len(self._head) <= KEPT_WHOLE:
            self._head += part[: KEPT_WHOLE + 1 - len(self._head)]
        if text:
            self._digest.update(text)
            self._sealed, self.length = self._digest, self._passed + len(text)
            self._digest = self._digest.copy()
        self._digest.update(part[len(text) :])
        self._passed += len(part)

    def content(self) -> bytes | Refusal:
        """The bytes where they are few, else what is kept of them."""
        if self.length <= KEPT_WHOLE:
            return self._head[: self.length]
        long = self.length > LONGEST
        return Refusal(
            reason=f"longer than {LONGEST // 2**20} MiB" if long else "not JSON: its brackets do not close",
            raw=self._head[:HEAD],
            length=self.length,
            sha256=self._sealed.digest(),
        )
