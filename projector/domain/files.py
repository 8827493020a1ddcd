"""Files that were read."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class FileRead:
    """A file as it was when it was read whole, to its end.

    ``size`` is in bytes, ``modified_at`` in nanoseconds since 1970, ``sha256`` of all its bytes.
    """

    path: str
    size: int
    modified_at: int
    sha256: bytes
