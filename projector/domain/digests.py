"""The state digest of a part of a store."""

from __future__ import annotations

from attrs import frozen

from projector.domain.answers import Answer
from projector.domain.catalogue import Kind


@frozen(kw_only=True)
class DigestPart(Answer):
    """The state digest, in hex, of one kind of one institution, and of how many aggregates."""

    tenant: str
    kind: Kind
    aggregates: int
    digest: str
