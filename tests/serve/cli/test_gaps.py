"""`projector gaps`: silences, and references to what no event is of."""

from __future__ import annotations

import json

from tests.serve.shell import Shell


def test_gaps_in_words_and_json(curriculum: Shell) -> None:
    """Silences, and references to what no event is of."""
    shown = curriculum("gaps --as-of 2024-03-01").out
    assert "outcome 404, referenced by link 6" in shown
    assert "account 10, referenced by course 565" in shown
    lines = [json.loads(line) for line in curriculum("gaps --json --as-of 2024-03-01").out.splitlines()]
    assert [line["id"] for line in lines if line["gap"] == "never heard of"] == ["1", "10", "404"]
    assert curriculum("gaps --longer-than soon").code == 2
