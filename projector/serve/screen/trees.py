"""A drawing of an outcome tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from projector.domain.tree import Tree, TreeGroup, TreeOutcome
from projector.serve.screen.cards import foot
from projector.serve.screen.text import counted, plain

_INDENTED: Final = 10  # levels; what lies deeper says its level instead


def tree_drawing(tree: Tree) -> RenderableType:
    """The groups with their outcomes, then what hangs nowhere."""
    if not tree.roots and not tree.problems:
        return Group(Text(f"No outcome group of {plain(tree.context)} is known."), Text(""), foot(tree.basis))
    parts: list[RenderableType] = [Text(f"Outcomes of {plain(tree.context)}", style="bold")]
    for root in tree.roots:
        parts += _lines(root)
    if tree.problems:
        parts += [Text(""), Text(counted(len(tree.problems), "problem"), style="yellow")]
        for problem in tree.problems:
            missing = "" if problem.missing is None else f" {plain(problem.missing)}"
            parts.append(Text(f"  {problem.kind} {plain(problem.id)}: {problem.problem}{missing}"))
    return Group(*parts, Text(""), foot(tree.basis))


def _lines(root: TreeGroup) -> Iterator[Text]:
    """A line for each group and outcome, each below its group."""
    waiting: list[tuple[int, str, str, TreeGroup | TreeOutcome]] = [(0, "", "", root)]
    while waiting:
        level, before, mark, one = waiting.pop()
        yield Text.assemble((before + mark, "dim"), _group(one) if isinstance(one, TreeGroup) else _outcome(one))
        if isinstance(one, TreeGroup):
            below: list[TreeGroup | TreeOutcome] = [*one.groups, *one.outcomes]
            indent = before + ("" if not mark else "    " if mark.startswith("└") else "│   ")
            waiting += reversed([(level + 1, *_guide(level + 1, indent, below[-1] is it), it) for it in below])


def _guide(level: int, indent: str, is_last: bool) -> tuple[str, str]:
    """What is before a line: the indent, and the branch that leads to it."""
    if level > _INDENTED:
        return indent[: 4 * (_INDENTED - 1)], f"level {level}: "
    return indent, "└── " if is_last else "├── "


def _group(group: TreeGroup) -> Text:
    return Text.assemble((plain(group.title), "bold"), (f"  {plain(group.id)}", "dim"), _status(group.status))


def _outcome(outcome: TreeOutcome) -> Text:
    known = outcome.status != "unknown" or outcome.title is not None
    title = plain(outcome.title) if known else "unknown outcome"
    return Text.assemble(title, (f"  {plain(outcome.id)}", "dim"), _status(outcome.status if known else "active"))


def _status(status: str) -> tuple[str, str]:
    return ("" if status == "active" else f"  {plain(status)}", "yellow")
