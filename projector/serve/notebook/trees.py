"""An outcome tree as a table, each part indented by its level."""

from __future__ import annotations

from itertools import chain, islice
from typing import Final

from projector.domain.tree import Tree
from projector.serve.notebook.cards import foot
from projector.serve.notebook.html import Html, answer, element, indented, paragraph, table
from projector.serve.notebook.shortening import at_most, left_out, shortened
from projector.serve.screen.branches import INDENTED, Branch, branches, problem_heading, problem_line, tree_heading

_PARTS: Final = 200  # groups and outcomes that are shown
_PROBLEMS: Final = 20
_ALL: Final = "to_dict()"


def tree_table(tree: Tree) -> Html:
    """The groups with their outcomes, then the parts that could not be placed."""
    heading = element("b", shortened(tree_heading(tree)))
    if not tree.roots and not tree.problems:
        return answer(paragraph([heading]), foot(tree.basis))
    parts = chain.from_iterable(map(branches, tree.roots))
    rows = [_row(branch) for branch in islice(parts, _PARTS)]
    if more := sum(1 for _ in parts):
        rows.append((left_out(more, _ALL), "", ""))
    problems = at_most(map(problem_line, tree.problems), _PROBLEMS, _ALL)
    return answer(
        table(("Group or outcome", "Id", "Status"), rows, caption=heading),
        paragraph([problem_heading(tree)] if tree.problems else []),
        paragraph(problems, "nested"),
        foot(tree.basis),
    )


def _row(branch: Branch) -> tuple[str, ...]:
    title = shortened(branch.title)
    if branch.level > INDENTED:
        title = f"level {branch.level}: {title}"
    named = indented(min(branch.level, INDENTED), element("b", title) if branch.is_group else title)
    return named, shortened(branch.id), shortened(branch.status)
