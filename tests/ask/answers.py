"""Answers about scores, as tuples that are easily compared."""

from __future__ import annotations

from typing import Any

import projector


def scores_of(p: projector.Projector, **asked: Any) -> list[tuple[str, str, str | None, float, bool | None]]:
    """Learner, outcome, context, score, mastery."""
    view = p.as_of(asked.pop("as_of", None), known_at=asked.pop("known_at", None))
    return [(s.learner, s.outcome, s.context, s.score, s.mastery) for s in view.scores(**asked)]


def unattributed(p: projector.Projector, **asked: Any) -> dict[tuple[str, str | None], int]:
    """How many results name no learner, by outcome and course."""
    return {(one.outcome, one.context): one.unattributed for one in p.now().summaries(**asked)}
