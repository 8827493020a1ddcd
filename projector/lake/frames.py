"""Frames of whole tables, and of the versions that a view lists."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from attrs import frozen

from projector.domain.arguments import shown
from projector.domain.catalogue import KINDS, Kind
from projector.domain.errors import BadQuestion
from projector.lake.asking import rows_of
from projector.lake.layout import name_in_sql, tables_of
from projector.lake.pinned import versions_in_effect
from projector.lake.scores import scores_of
from projector.lake.tables import Tables

if TYPE_CHECKING:
    from projector.ask.frames import OnBasis
    from projector.ask.question import Question
    from projector.ask.scores import ScoresAsked
    from projector.domain.upkeep import OnStep
    from projector.lake.rows import Rows

TABLES: Final = (*(table for kind in KINDS for table in tables_of(kind)), "store")


@frozen
class StoreFrames:
    """Makes the frames of a store."""

    _tables: Tables

    def of_table(self, name: str) -> Rows:
        """All rows of a table.

        Raises:
            BadQuestion: there is none of that name.
        """
        return self._tables.sql(f"SELECT * FROM {name_in_sql(table_named(name))}")

    def of_kind(self, question: Question, kind: Kind, *, deleted: bool) -> Rows:
        """The versions of a kind in effect, with the columns of its table, by id."""
        where = "true" if deleted else "status <> 'deleted'"
        query = versions_in_effect(question, kind, where=where)
        return rows_of(lambda: self._tables.run_at(question.pin, query))

    def of_scores(self, asked: ScoresAsked, on_step: OnStep | None, on_basis: OnBasis | None) -> Rows:
        """The scores that are asked for, a row each, by learner, outcome and course."""
        return scores_of(self._tables, asked, on_step, on_basis)


def table_named(name: str) -> str:
    """The name of a table, as it is written.

    Raises:
        BadQuestion: there is none of that name.

    >>> table_named("outcomes")
    'outcomes'
    >>> table_named("outcome")
    Traceback (most recent call last):
    projector.domain.errors.BadQuestion: unknown table 'outcome'; did you mean outcomes? …
    """
    if isinstance(name, str) and name in TABLES:
        return name
    close = get_close_matches(name, TABLES, 1, 0.7) if isinstance(name, str) else []
    meant = f"; did you mean {close[0]}?" if close else ";"
    raise BadQuestion(f"unknown table {shown(name)}{meant} p.sql('SHOW TABLES') lists them")
