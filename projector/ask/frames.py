"""Frames: answers of many rows by column. What makes them is above this package; a view is given it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.errors import BadQuestion
from projector.domain.versions import Basis

if TYPE_CHECKING:
    from projector.ask.scores import ScoresAsked
    from projector.domain.upkeep import OnStep

OnBasis = Callable[[Basis], None]


class Frame(Protocol):
    """Rows with named columns: tuples one by one, or an Arrow stream that pandas, polars and pyarrow read."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows, in a list."""
        ...

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


class Frames(Protocol):
    """What makes the frames of a store."""

    def of_kind(self, question: Question, kind: Kind, *, deleted: bool) -> Frame:
        """The versions of a kind in effect, with the columns of its table, by id."""
        ...

    def of_scores(self, asked: ScoresAsked, on_step: OnStep | None, on_basis: OnBasis | None) -> Frame:
        """The scores that are asked for, a row each, by learner, outcome and course.

        Args:
            on_step: Called with the number of results done, and of all, where these are many.
            on_basis: Called at the end of each reading with what the scores rest on.
        """
        ...


def no_frames() -> Frames:
    """What a view has that no projector made.

    Raises:
        BadQuestion: always.
    """
    raise BadQuestion("this view cannot make frames; use a view that a projector made: p.as_of(…)")
