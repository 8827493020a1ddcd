"""The outcome groups of a context as a tree, with their outcomes."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from projector.domain.versions import Basis


@frozen(kw_only=True)
class TreeOutcome:
    """An outcome where a link put it; ``title`` is None where nothing is known of the outcome."""

    id: str
    title: str | None
    link_id: str


@frozen(kw_only=True)
class TreeGroup:
    """A group with what is below it, each list by id."""

    id: str
    title: str | None
    status: str
    groups: tuple[TreeGroup, ...]
    outcomes: tuple[TreeOutcome, ...]


@frozen(kw_only=True)
class Problem:
    """What hangs nowhere, or not where it says; ``missing`` is the id that was not found, else None."""

    kind: Literal["group", "link"]
    id: str
    problem: Literal["unknown parent", "parent in another context", "cycle", "unknown outcome", "unknown group"]
    missing: str | None


@frozen(kw_only=True)
class Tree:
    """The groups of a context; several roots where Canvas has several, or where a parent is unknown."""

    context: str
    roots: tuple[TreeGroup, ...]
    problems: tuple[Problem, ...]
    basis: Basis
