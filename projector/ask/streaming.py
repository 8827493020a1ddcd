"""Scores of many learners, some at a time: what is held does not grow with their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from attrs import define, field

from projector.ask.asking import Asking
from projector.ask.results import Gathered, Taking
from projector.ask.scores import Judge, ScoresAsked, Scoring
from projector.domain.scores import Score
from projector.domain.versions import Basis, State

_REMEMBERED: Final = 10_000  # notes that are kept so that none counts twice


@define
class _Notes:
    """Notes in their order, each once; of very many the first, and the number of the others."""

    kept: dict[str, None] = field(factory=dict, init=False)
    further: int = field(default=0, init=False)

    def add(self, notes: Collection[str]) -> None:
        new = [note for note in dict.fromkeys(notes) if note not in self.kept]
        room = _REMEMBERED - len(self.kept)
        self.kept |= dict.fromkeys(new[:room])
        self.further += len(new[room:])


@define
class ScoresInTurn:
    """Computes the scores of some learners after those of others, all judged by what was found once."""

    _asked: ScoresAsked
    _judge: Judge = field(init=False)
    _taking: Taking = field(init=False)
    _unreadable: _Notes = field(factory=_Notes, init=False)
    _missing: _Notes = field(factory=_Notes, init=False)

    def __attrs_post_init__(self) -> None:
        asked = self._asked
        self._judge = Judge(asked.judged)
        self._taking = Taking(question=asked.question, across=asked.across, inactive=asked.inactive)

    def of_states(self, states: Iterable[tuple[str, State]]) -> Collection[Score]:
        """The scores of some learners, in order.

        Args:
            states: The ids and states of all their results in effect, each learner's by id.
        """
        with Asking(self._asked.question) as asking:
            self._taking.take(asking, states)
        return self._scored(self._taking.handed_over())

    def of_named(self) -> Collection[Score]:
        """The scores of what is named."""
        return self._scored(self._asked.gathered())

    def basis(self) -> Basis:
        """What all scores so far rest on."""
        notes = dict.fromkeys([*self._judge.unread, *self._unreadable.kept, *self._missing.kept])
        return self._asked.basis(notes, self._unreadable.further + self._missing.further)

    def _scored(self, gathered: Gathered) -> Collection[Score]:
        scoring = Scoring(gathered=gathered, judge=self._judge)
        self._unreadable.add(gathered.unreadable)
        self._missing.add(scoring.missing)
        return scoring.by_key.values()
