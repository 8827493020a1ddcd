"""The screen of `projector demo`: what was read, a scale before and after its change, an outcome's history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from projector.domain.inforce import InForce
from projector.domain.versions import Version
from projector.serve.screen.cards import ratings_table
from projector.serve.screen.lists import history_story
from projector.serve.screen.naming import Naming
from projector.serve.screen.text import moment


def demo_story(
    name: str, summary: str, before: InForce[Any], after: InForce[Any], versions: Sequence[Version], naming: Naming
) -> RenderableType:
    """The screen."""
    return Group(
        Text(f"One autumn term of {name} (invented), as Canvas Live Events.", style="bold"),
        Text(f"  {summary}"),
        Text(""),
        Text(f"Its mastery scale changed in mid-term. What was it on …  ({before.context})", style="bold"),
        Padding.indent(_side_by_side(before, after), 2),
        Text(""),
        history_story(versions, naming),
    )


def _side_by_side(before: InForce[Any], after: InForce[Any]) -> RenderableType:
    grid = Table.grid(padding=(0, 4))
    tables = [(answer, ratings_table(answer.version)) for answer in (before, after) if answer.version is not None]
    grid.add_row(
        *(
            Group(
                Text(moment(answer.basis.as_of, "UTC")[:10] if answer.basis.as_of else "", style="underline"),
                table or "",
            )
            for answer, table in tables
        )
    )
    return grid
