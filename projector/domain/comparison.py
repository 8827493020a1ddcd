"""What differs between two instants, or under two scales and methods."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from projector.domain.answers import Answer
from projector.domain.catalogue import Kind
from projector.domain.scores import Score
from projector.domain.versions import Changes

Move = Literal["up", "down", "same", "appears", "disappears"]


@frozen(kw_only=True)
class Difference(Answer):
    """An aggregate that differs: its status before and after (``unknown`` where it had none), and its changes."""

    tenant: str
    kind: Kind
    id: str
    status: tuple[str, str]
    changes: Changes


@frozen(kw_only=True)
class Change(Answer):
    """One learner's score on one outcome in one course, under one scale and method and under another.

    ``mastery``: whether mastery was reached, before and after; None for a side without a score, or with a scale that
    has no mastery rating. ``move``: ``up`` where mastery was gained, ``down`` where it was lost, else by the level.
    Levels count ratings from the mastery rating: 0 is that one, 1 the next higher one, -1 the next lower one, so that
    scales of different lengths can be compared.
    """

    learner: str
    outcome: str
    context: str | None
    before: Score | None
    after: Score | None
    level_before: int | None
    level_after: int | None
    mastery: tuple[bool | None, bool | None]
    move: Move
