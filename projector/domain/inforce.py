"""The mastery scale or calculation method in force in a context, and how it was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, Literal, TypeVar

from attrs import frozen

from projector.domain.answers import Answer, Shown
from projector.domain.states import CalculationMethod, Outcome, OwnScale, ProficiencyScale, Rating
from projector.domain.versions import Basis, Because, Version

KnownBy = Literal["own", "events", "hint", "given"]
Lineage = Literal["own", "events", "hint", "given", "unknown"]
What = Literal["scale", "method"]
T = TypeVar("T", ProficiencyScale, CalculationMethod)


@frozen(kw_only=True)
class Step(Answer):
    """One context of the chain, and the id of the active scale or method there (``found``), or None.

    ``known_by``: ``own`` for the context asked for; else whether ``events`` name it as the parent, or a ``hint`` does,
    or it was ``given``.
    """

    context: str
    found: str | None
    known_by: KnownBy = "own"


@frozen(kw_only=True, repr=False)
class InForce(Answer, Shown, Generic[T]):
    """The scale or method in force in a context; ``version`` and ``found_at`` are None where there is none.

    ``lineage`` says how it was found: ``own`` at the context itself, by ``events``, by a ``hint``, as ``given``, or not
    at all (``unknown``; ``because`` then says why). ``chain`` has every context that was looked at. For an outcome
    without one in any context its own counts: ``found_at`` is ``outcome`` and ``version`` the outcome's.
    """

    what: ClassVar[What]

    tenant: str
    context: str
    found_at: str | None
    lineage: Lineage
    chain: tuple[Step, ...]
    version: Version | None
    because: Because | None = None
    basis: Basis

    def __repr__(self) -> str:
        found = "none" if self.version is None else f"{self.version.kind} {self.version.id} of {self.found_at}"
        return f"<{type(self).__name__} in {self.context}: {found}, lineage {self.lineage}>"

    @property
    def in_context(self) -> str | None:
        """The context where it was found; None where none was found, or where an outcome's own counts."""
        return None if self.found_at == "outcome" else self.found_at

    def _counting(self, state: type[T], own: Callable[[Outcome], T | None]) -> T | None:
        """What counts itself, of an outcome what is made from its own; None where none is known."""
        found = self.version and self.version.aggregate
        if isinstance(found, Outcome):
            return own(found)
        return found if isinstance(found, state) else None


@frozen(kw_only=True, repr=False)
class ScaleInForce(InForce[ProficiencyScale]):
    """The mastery scale that counts in a context."""

    what: ClassVar[What] = "scale"

    @property
    def scale(self) -> ProficiencyScale | None:
        """The scale itself, of an outcome's own criterion one made from it; None where none is known."""
        return self._counting(ProficiencyScale, own_scale)


@frozen(kw_only=True, repr=False)
class MethodInForce(InForce[CalculationMethod]):
    """The calculation method that counts in a context."""

    what: ClassVar[What] = "method"

    @property
    def method(self) -> CalculationMethod | None:
        """The method itself, of an outcome its own; None where none is known."""
        return self._counting(CalculationMethod, own_method)


def own_scale(outcome: Outcome) -> OwnScale | None:
    """An outcome's own criterion as a mastery scale; None where it has none.

    Its mastery rating is the one whose points are the mastery points, else the second of five or more, else
    the first.
    """
    criterion = outcome.rubric_criterion
    if criterion is None:
        return None
    at_line = [n for n, rating in enumerate(criterion.ratings) if rating.points == criterion.mastery_points]
    mastery = at_line[0] if at_line else int(len(criterion.ratings) >= 5)
    return OwnScale(
        outcome_proficiency_id="",
        context_type=outcome.context_type,
        context_id=outcome.context_id,
        outcome_proficiency_ratings=tuple(
            Rating(description=rating.description, points=rating.points, mastery=n == mastery)
            for n, rating in enumerate(criterion.ratings)
        ),
        criterion=criterion,
    )


def own_method(outcome: Outcome) -> CalculationMethod:
    """An outcome's own calculation; without one it counts as ``highest``."""
    return CalculationMethod(
        outcome_calculation_method_id="",
        context_type=outcome.context_type,
        context_id=outcome.context_id,
        calculation_method=outcome.calculation_method or "highest",
        calculation_int=outcome.calculation_int,
    )
