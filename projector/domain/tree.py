"""The outcome groups of a context as a tree, with their outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from attrs import frozen

from projector.domain.answers import Answer, Shown
from projector.domain.versions import Basis


@frozen(kw_only=True)
class TreeOutcome(Answer):
    """An outcome in a group, by a link; without an event of it ``title`` is None and ``status`` is ``unknown``."""

    id: str
    title: str | None
    link_id: str
    status: str = "active"


_Part = tuple[int, str, str | None, str, tuple[TreeOutcome, ...]]  # of a group: its level, then what it holds itself


@frozen(kw_only=True, eq=False, repr=False)
class TreeGroup(Answer):
    """A group with what is below it, each list by id.

    A tree may have thousands of levels, so nothing here calls itself on what is below.
    """

    id: str
    title: str | None
    status: str
    groups: tuple[TreeGroup, ...]
    outcomes: tuple[TreeOutcome, ...]

    def walk(self) -> Iterator[tuple[int, TreeGroup]]:
        """This group, at level 0, and every one below it with its level, each before those below it."""
        waiting = [(0, self)]
        while waiting:
            level, group = waiting.pop()
            yield level, group
            waiting += ((level + 1, below) for below in reversed(group.groups))

    def _parts(self) -> tuple[_Part, ...]:
        return tuple((level, g.id, g.title, g.status, g.outcomes) for level, g in self.walk())

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, TreeGroup) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts())

    def __reduce__(self) -> tuple[object, ...]:
        return _of_parts, (self._parts(),)

    def __repr__(self) -> str:
        groups, outcomes = -1, 0
        for _, group in self.walk():
            groups, outcomes = groups + 1, outcomes + len(group.outcomes)
        return (
            f"TreeGroup(id={self.id!r}, title={self.title!r}, status={self.status!r}, {groups} groups below,"
            f" {outcomes} outcomes)"
        )


def _of_parts(parts: Sequence[_Part]) -> TreeGroup:
    """The group of which these are the parts: how one is copied and unpickled."""
    waiting: dict[int, list[TreeGroup]] = {}  # by level, each list from its end: those whose parent is yet to come
    for level, id, title, status, outcomes in reversed(parts):
        groups = tuple(reversed(waiting.pop(level + 1, [])))
        group = TreeGroup(id=id, title=title, status=status, groups=groups, outcomes=outcomes)
        waiting.setdefault(level, []).append(group)
    return waiting[0][0]


@frozen(kw_only=True)
class Problem(Answer):
    """A group or link that is not where its event places it; ``missing`` is the id that was not found, else None."""

    kind: Literal["group", "link"]
    id: str
    problem: Literal[
        "unknown parent",
        "parent in another context",
        "cycle",
        "unknown outcome",
        "unknown group",
        "group in another context",
    ]
    missing: str | None


@frozen(kw_only=True)
class Tree(Answer, Shown):
    """The groups of a context; several roots where Canvas has several, or where a parent is unknown."""

    context: str
    roots: tuple[TreeGroup, ...]
    problems: tuple[Problem, ...]
    basis: Basis

    def __repr__(self) -> str:
        groups = [group for root in self.roots for _, group in root.walk()]
        outcomes = sum(len(group.outcomes) for group in groups)
        counts = f"groups {len(groups)}, outcomes {outcomes}, problems {len(self.problems)}"
        return f"<Tree of {self.context}: {counts}>"
