"""Scores in pages, by learner, outcome and course: what a page costs does not grow with the pages before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from projector.ask.results import Gathered, Key, gather_of, learners
from projector.ask.scores import Judge, ScoresAsked, Scoring
from projector.domain.scores import Score
from projector.domain.versions import Basis

_LEARNERS: Final = 50  # whose results are gathered at once


@frozen(kw_only=True)
class ScorePage:
    """A page of scores, what these rest on, and whether there are more."""

    scores: list[Score]
    basis: Basis
    has_more: bool


def score_page(asked: ScoresAsked, limit: int, behind: Key | None = None) -> ScorePage:
    """The scores behind a learner, outcome and course.

    Where nothing is named, only the results of the learners on the page are read; else those of whom or what is named.

    Args:
        limit: How many scores a page has at most.
    """
    judge, found = Judge(asked.judged), list[Score]()
    notes: dict[str, None] = {}
    for gathered in _gathered(asked, limit, behind):
        scoring = Scoring(gathered=gathered, judge=judge)
        found += scoring.first(limit + 1 - len(found), behind)
        notes |= dict.fromkeys(scoring.notes)
        if len(found) > limit:
            break
    return ScorePage(scores=found[:limit], basis=asked.basis(notes), has_more=len(found) > limit)


def _gathered(asked: ScoresAsked, limit: int, behind: Key | None) -> Iterator[Gathered]:
    """The results of one learner after another, some at a time."""
    if not asked.of_all:
        yield asked.gathered()
        return
    for some in learners(asked.question, "" if behind is None else behind[0], min(limit, _LEARNERS)):
        yield gather_of(asked.question, some, across=asked.across, inactive=asked.inactive)
