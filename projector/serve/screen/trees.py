"""A drawing of an outcome tree."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from projector.domain.tree import Tree
from projector.serve.screen.branches import Branch, branches, problem_heading, problem_line, tree_heading
from projector.serve.screen.cards import foot, indented
from projector.serve.screen.naming import IDS, Naming


def tree_drawing(tree: Tree, naming: Naming = IDS) -> RenderableType:
    """The groups with their outcomes, then the parts that could not be placed."""
    if not tree.roots and not tree.problems:
        return Group(Text(tree_heading(tree, naming)), Text(""), foot(tree.basis))
    parts: list[RenderableType] = [Text(tree_heading(tree, naming), style="bold")]
    for root in tree.roots:
        parts += map(_line, branches(root, naming))
    if tree.problems:
        parts += [Text(""), Text(problem_heading(tree), style="yellow")]
        parts += [indented(problem_line(problem, naming)) for problem in tree.problems]
    return Group(*parts, Text(""), foot(tree.basis))


def _line(branch: Branch) -> Text:
    return Text.assemble(
        (branch.guide, "dim"),
        (branch.title, "bold" if branch.is_group else ""),
        (f" ({branch.id})", "dim"),
        (f"  {branch.status}" if branch.status else "", "yellow"),
    )
