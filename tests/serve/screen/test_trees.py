"""Trees of any depth as JSON and as a drawing: nothing is lost."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from projector.domain.tree import Tree, TreeGroup, TreeOutcome
from projector.serve.cli.terminal import print_json
from projector.serve.screen.trees import tree_drawing
from tests.builders import chain, tree


@pytest.mark.parametrize("levels", [2, 10_000])
def test_the_shape_of_a_deep_tree_is_whole(levels: int, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """In Python, and as JSON, which standard readers may find too deep."""
    shape = tree(chain(levels)).to_dict()
    at = shape["roots"][0]
    for level in range(levels):
        assert at["id"] == str(level)
        (at,) = at["groups"]
    assert at["outcomes"] == [{"id": "7", "title": "Cells", "link_id": "1"}]
    print_json(shape)
    printed = capsysbinary.readouterr().out
    assert printed.count(b'"groups":[') == levels + 1
    assert printed.count(b"[") == printed.count(b"]")
    if levels < 100:
        assert json.loads(printed) == shape


@pytest.mark.parametrize("levels", [9, 10, 11, 29, 300])
def test_the_drawing_loses_no_level(levels: int) -> None:
    """What lies too deep to be indented says its level."""
    lines = drawn(tree(chain(levels)))
    titles = [line.rpartition(" (")[0].split("─ ")[-1].split(": ")[-1].strip() for line in lines[1 : levels + 1]]
    assert titles == [f"G{level}" for level in range(levels)]
    assert max(map(len, lines)) < 80
    assert "Cells" in lines[levels + 2]


def test_the_drawing_marks_what_is_not_active() -> None:
    """Groups and outcomes alike; an unknown outcome says so."""
    outcomes = tuple(
        TreeOutcome(id=id, title=title, link_id=id, status=status)
        for id, title, status in (
            ("1", "A", "active"),
            ("2", "B", "archived"),
            ("3", "C", "retired"),
            ("4", None, "unknown"),
        )
    )
    group = TreeGroup(id="9", title="G", status="archived", groups=(), outcomes=outcomes)
    lines = drawn(tree(TreeGroup(id="0", title="R", status="active", groups=(group,), outcomes=outcomes[:1])))
    assert lines[1:8] == [
        "R (0)",
        "├── G (9)  archived",
        "│   ├── A (1)",
        "│   ├── B (2)  archived",
        "│   ├── C (3)  retired",
        "│   └── unknown outcome (4)",
        "└── A (1)",
    ]


def drawn(shown: Tree) -> list[str]:
    """The lines of a drawing, as they are printed where no terminal is."""
    stream = StringIO()
    Console(file=stream, width=120).print(tree_drawing(shown))
    return [line.rstrip() for line in stream.getvalue().split("\n")]
