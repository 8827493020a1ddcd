"""`projector diff`: what differs between two instants."""

from __future__ import annotations

import json

from tests.serve.shell import Shell


def test_differences_line_by_line(curriculum: Shell) -> None:
    """Of the contract's shape; exit 1 where nothing differs."""
    lines = [
        json.loads(line) for line in curriculum("diff 2024-01-15 2024-03-15 --kind outcome --json").out.splitlines()
    ]
    assert [list(line) for line in lines] == [["tenant", "kind", "id", "status", "changes"]]
    assert lines[0]["status"] == ["active", "active"]
    assert lines[0]["changes"]["title"] == ["Cells", "Cell biology"]
    shown = curriculum("diff 2024-01-15 2024-03-15")
    assert "title: Cells → Cell biology" in shown.out
    assert "Compared with 2024-01-15 23:59:59.999999 UTC" in shown.err
    nothing = curriculum("diff 2024-03-15 2024-03-16")
    assert (nothing.out, nothing.code) == ("No differences.\n", 1)
    known = curriculum("diff 2024-03-15 --known-at 2020-01-01 --known-at 2030-01-01 --kind scale --json")
    assert json.loads(known.out)["status"] == ["unknown", "active"]
    for usage in (
        "diff 2024-01-01",
        "diff 2024-01-01 2024-02-01 --known-at 2024-01-01 --known-at 2024-01-01 --known-at 2024-01-01",
    ):
        assert curriculum(usage).code == 2
