"""An outcome tree, drawn."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree as Drawing

from projector.domain.tree import Tree, TreeGroup
from projector.serve.screen.cards import foot
from projector.serve.screen.words import counted, plain


def tree_drawing(tree: Tree) -> RenderableType:
    """The groups with their outcomes, then what hangs nowhere."""
    if not tree.roots and not tree.problems:
        return Group(Text(f"No outcome group of {plain(tree.context)} is known."), Text(""), foot(tree.basis))
    parts: list[RenderableType] = [Text(f"Outcomes of {plain(tree.context)}", style="bold")]
    for root in tree.roots:
        drawing = Drawing(_group(root), guide_style="dim")
        waiting = [(drawing, root)]
        for branch, group in waiting:
            waiting += [(branch.add(_group(below)), below) for below in group.groups]
            for outcome in group.outcomes:
                title = "unknown outcome" if outcome.title is None else plain(outcome.title)
                branch.add(Text.assemble(title, (f"  {plain(outcome.id)}", "dim")))
        parts.append(drawing)
    if tree.problems:
        parts += [Text(""), Text(counted(len(tree.problems), "problem"), style="yellow")]
        for problem in tree.problems:
            missing = "" if problem.missing is None else f" {plain(problem.missing)}"
            parts.append(Text(f"  {problem.kind} {plain(problem.id)}: {problem.problem}{missing}"))
    return Group(*parts, Text(""), foot(tree.basis))


def _group(group: TreeGroup) -> Text:
    status = "" if group.status == "active" else f"  {plain(group.status)}"
    return Text.assemble((plain(group.title), "bold"), (f"  {plain(group.id)}", "dim"), (status, "yellow"))
