"""Queries over the versions that a question means: of its institution, as of its instant, by what was known then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from projector.domain.catalogue import Kind
from projector.lake.asking import Query
from projector.lake.layout import table_of

if TYPE_CHECKING:
    from projector.ask.question import Question


def versions_in_effect(
    question: Question,
    kind: Kind,
    *,
    columns: str = "*",
    where: str = "true",
    rest: str = "ORDER BY id",
    values: Mapping[str, object] = {},
) -> Query:
    """A query over the versions of a kind in effect, each aggregate's one, deleted ones too.

    It is to be asked of tables by what the question's pin knows of institutions.

    Args:
        columns: What it gives of each.
        where: A further condition.
        rest: What follows the conditions.
        values: The values of ``$name`` in these.
    """
    basis = question.basis
    known = "true" if basis.known_at is not None else "false"  # nothing was recorded; NULL would be no bound
    source = f"{table_of(kind)}_as_of($as_of, $known_at)"
    text = f"SELECT {columns} FROM {source} WHERE tenant = $tenant AND {known} AND ({where}) {rest}"
    pinned = {"as_of": basis.as_of, "known_at": basis.known_at, "tenant": question.tenant}
    return Query.of(text, {**values, **pinned}, "UTC")
