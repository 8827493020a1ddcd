"""Which mastery scale or calculation method counts in a context, and how it was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, Literal, TypeVar

from attrs import frozen

from projector.domain.states import CalculationMethod, Outcome, OwnScale, ProficiencyScale, Rating
from projector.domain.versions import Basis, Version

Because = Literal["never heard of", "first heard of later", "created later", "deleted", "switched off"]
KnownBy = Literal["own", "events", "hint", "given"]
Lineage = Literal["own", "events", "hint", "given", "unknown"]
What = Literal["scale", "method"]
T = TypeVar("T", ProficiencyScale, CalculationMethod)


@frozen(kw_only=True)
class Step:
    """One context that was asked, and what was found there; ``found`` is an id, None for nothing active.

    ``known_by`` says how it was reached: the context asked for, by events, by a hint, or as it was given.
    """

    context: str
    found: str | None
    known_by: KnownBy = "own"


@frozen(kw_only=True)
class InForce(Generic[T]):
    """What counts in a context; ``version`` and ``found_at`` are None where nobody told us of one.

    ``lineage`` says how it was found: ``own`` at the context itself, by ``events``, by a ``hint``, as ``given``,
    or not at all (``unknown``; ``because`` then says why). Where an outcome was asked for and no context has
    one, its own counts: ``found_at`` is ``outcome`` and ``version`` the outcome's.
    """

    what: ClassVar[What]

    context: str
    found_at: str | None
    lineage: Lineage
    chain: tuple[Step, ...]
    version: Version | None
    because: Because | None = None
    basis: Basis

    @property
    def in_context(self) -> str | None:
        """The context where it was found; None where it was in none, also where an outcome's own counts."""
        return None if self.found_at == "outcome" else self.found_at

    def _counting(self, state: type[T], own: Callable[[Outcome], T | None]) -> T | None:
        """What counts itself, of an outcome what is made from its own; None where none is known."""
        found = self.version and self.version.aggregate
        if isinstance(found, Outcome):
            return own(found)
        return found if isinstance(found, state) else None


@frozen(kw_only=True)
class ScaleInForce(InForce[ProficiencyScale]):
    """The mastery scale that counts in a context."""

    what = "scale"

    @property
    def scale(self) -> ProficiencyScale | None:
        """The scale itself, of an outcome's own criterion one made from it; None where none is known."""
        return self._counting(ProficiencyScale, own_scale)


@frozen(kw_only=True)
class MethodInForce(InForce[CalculationMethod]):
    """The calculation method that counts in a context."""

    what = "method"

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
