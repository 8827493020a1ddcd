"""Which mastery scale or calculation method counts in a context, and how it was found."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from projector.domain.states import CalculationMethod, ProficiencyScale
from projector.domain.versions import Basis, Version

Because = Literal["never heard of", "first heard of later", "created later", "deleted"]
Lineage = Literal["own", "events", "hint", "given", "unknown"]


@frozen(kw_only=True)
class Step:
    """One context that was asked, and what was found there; ``found`` is an id, None for nothing active."""

    context: str
    found: str | None


@frozen(kw_only=True)
class InForce:
    """What counts in a context; ``version`` and ``found_at`` are None where nobody told us of one.

    ``lineage`` says how it was found: ``own`` at the context itself, ``unknown`` not at all; ``because``
    then says why.
    """

    context: str
    found_at: str | None
    lineage: Lineage
    chain: tuple[Step, ...]
    version: Version | None
    because: Because | None = None
    basis: Basis


@frozen(kw_only=True)
class ScaleInForce(InForce):
    """The mastery scale that counts in a context."""

    @property
    def scale(self) -> ProficiencyScale | None:
        """The scale itself, None where none is known."""
        found = self.version and self.version.aggregate
        return found if isinstance(found, ProficiencyScale) else None


@frozen(kw_only=True)
class MethodInForce(InForce):
    """The calculation method that counts in a context."""

    @property
    def method(self) -> CalculationMethod | None:
        """The method itself, None where none is known."""
        found = self.version and self.version.aggregate
        return found if isinstance(found, CalculationMethod) else None
