"""`projector tree`: the groups and outcomes of a context."""

from __future__ import annotations

from pathlib import Path

from tests.builders import reported
from tests.serve.shell import BASIS, Shell, log_of


def test_the_tree_has_the_shape_of_the_contract(curriculum: Shell) -> None:
    """Nested groups with outcomes, problems beside."""
    answer = curriculum("tree Account/1 --json")
    assert list(answer.json) == ["context", "roots", "problems", "basis"]
    assert list(answer.json["basis"]) == BASIS
    assert answer.json["roots"] == [
        {
            "id": "1",
            "title": "Root",
            "status": "active",
            "groups": [],
            "outcomes": [
                {"id": "12345", "title": "Cell biology", "link_id": "5"},
                {"id": "404", "title": None, "link_id": "6"},
            ],
        }
    ]
    assert answer.json["problems"] == [{"kind": "link", "id": "6", "problem": "unknown outcome", "missing": "404"}]
    shown = curriculum("tree Account/1 --as-of 2024-01-15")
    assert "└── Cells (12345)" in shown.out
    assert curriculum("tree Course/1").code == 1


def test_a_tree_of_many_levels_is_printed_whole(curriculum: Shell, tmp_path: Path) -> None:
    """Drawn, and as JSON."""
    account = {"context_type": "Account", "context_id": "1"}
    groups = [
        {
            "learning_outcome_group_id": f"d{n}",
            "title": f"Deep {n}",
            "parent_outcome_group_id": f"d{n - 1}" if n else None,
        }
        for n in range(1500)
    ]
    curriculum(
        "replay", log_of(tmp_path, *(reported("learning_outcome_group_created", group | account) for group in groups))
    )
    deep, drawn = curriculum("tree Account/1 --json"), curriculum("tree Account/1")
    assert (deep.code, deep.out.count('"id":"d'), drawn.code) == (0, 1500, 0)
    assert all(f"Deep {n} (d{n})" in drawn.out for n in range(1500))
    assert curriculum("tree Account/1").code == 0
