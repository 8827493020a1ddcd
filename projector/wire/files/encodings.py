"""UTF-16 with a byte order mark as UTF-8."""

from __future__ import annotations

import codecs
from typing import Final

from projector.wire.files.streams import BLOCK, Bytes, Lookahead

_ENCODINGS: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def encoding_of(head: bytes) -> str | None:
    """The encoding that a byte order mark of UTF-16 names, or None.

    >>> encoding_of(b"\\xff\\xfe{\\x00"), encoding_of(b"{}")
    ('utf-16-le', None)
    """
    return _ENCODINGS.get(head[:2])


class Utf16(Bytes):
    """A text in UTF-16 as UTF-8, without its mark.

    A lone surrogate is passed on as the three bytes that UTF-8 does not allow, so that the event which holds it is
    refused and not altered; an odd last byte becomes U+FFFD.
    """

    def __init__(self, text: Lookahead, encoding: str) -> None:
        self._text = text
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._ended = False
        self._ready = b""
        self._marked = True

    def read1(self, size: int = BLOCK, /) -> bytes:
        while not self._ready and not self._ended:
            self._decode(self._text.read1(BLOCK))
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _decode(self, data: bytes) -> None:
        self._ended = not data
        text = self._decoder.decode(data) + (self._last() if self._ended else "")
        if self._marked and text:
            text, self._marked = text[1:], False
        self._ready = text.encode("utf-8", "surrogatepass")

    def _last(self) -> str:
        """What the end leaves over: half a pair of surrogates, half a character."""
        rest, _ = self._decoder.getstate()
        whole = rest[: len(rest) // 2 * 2].decode(self._encoding, "surrogatepass")
        return whole + "\ufffd" * (len(rest) % 2)
