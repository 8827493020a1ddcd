"""`projector history`: every version of an aggregate."""

from __future__ import annotations

from tests.serve.shell import SHOW, Shell


def test_history_has_changes(seeded: Shell) -> None:
    """Old and new value by member; the first has none."""
    first, second = seeded("history --json outcome 12345").json
    assert list(first) == [*SHOW, "changes", "by"]
    assert first["changes"] == {}
    assert set(second["changes"]) == {"rubric_criterion", "updated_at"}
    assert second["changes"]["updated_at"] == ["2019-11-01T21:42:55Z", None]
    empty = seeded("history --json outcome 9")
    assert (empty.json, empty.code) == ([], 1)
