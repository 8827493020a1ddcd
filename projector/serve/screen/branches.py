"""The groups and outcomes of a tree as lines, however deep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from projector.domain.tree import Problem, Tree, TreeGroup, TreeOutcome
from projector.serve.screen.naming import IDS, Naming
from projector.serve.screen.text import counted, plain

INDENTED: Final = 10  # levels; what lies deeper says its level instead


class Branch(NamedTuple):
    """A group or an outcome, at its level.

    ``guide`` is what a drawing has before it; ``status`` is empty where it is active.
    """

    level: int
    guide: str
    title: str
    id: str
    status: str
    is_group: bool


def branches(root: TreeGroup, naming: Naming = IDS) -> Iterator[Branch]:
    """A group, and all groups and outcomes below it, each below its group."""
    waiting: list[tuple[int, str, str, TreeGroup | TreeOutcome]] = [(0, "", "", root)]
    while waiting:
        level, before, mark, one = waiting.pop()
        if isinstance(one, TreeOutcome):
            yield _outcome(level, before + mark, one, naming)
            continue
        yield Branch(level, before + mark, plain(one.title), naming.id(one.id), _status(one.status), is_group=True)
        below: list[TreeGroup | TreeOutcome] = [*one.groups, *one.outcomes]
        indent = before + ("" if not mark else "    " if mark.startswith("└") else "│   ")
        waiting += reversed([(level + 1, *_guide(level + 1, indent, below[-1] is it), it) for it in below])


def _guide(level: int, indent: str, is_last: bool) -> tuple[str, str]:
    """What is before a line: the indent, and the branch that leads to it."""
    if level > INDENTED:
        return indent[: 4 * (INDENTED - 1)], f"level {level}: "
    return indent, "└── " if is_last else "├── "


def _outcome(level: int, guide: str, outcome: TreeOutcome, naming: Naming) -> Branch:
    known = outcome.status != "unknown" or outcome.title is not None
    title, status = (plain(outcome.title), outcome.status) if known else ("unknown outcome", "active")
    return Branch(level, guide, title, naming.id(outcome.id), _status(status), is_group=False)


def _status(status: str) -> str:
    return "" if status == "active" else plain(status)


def tree_heading(tree: Tree, naming: Naming = IDS) -> str:
    """Of which context a tree is, or that nothing of it is known."""
    if not tree.roots and not tree.problems:
        return f"No outcome groups in {naming.context(tree.context)}."
    return f"Outcomes of {naming.context(tree.context)}"


def problem_heading(tree: Tree) -> str:
    """How many parts are not where their events say."""
    return counted(len(tree.problems), "problem")


def problem_line(problem: Problem, naming: Naming = IDS) -> str:
    """What is wrong with a part."""
    missing = "" if problem.missing is None else f" {naming.id(problem.missing)}"
    return f"{naming.aggregate(problem.kind, problem.id)}: {problem.problem}{missing}"
