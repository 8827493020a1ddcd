"""`projector impact`: what a change of scale did to levels."""

from __future__ import annotations

import json
import re

from tests.serve.shell import Shell


def test_what_a_change_of_scale_did(class_and_scale: Shell) -> None:
    """Who changes level, and the counts by outcome."""
    lines = [
        json.loads(line) for line in class_and_scale("impact Course/1 2024-03-20 2024-04-15 --json").out.splitlines()
    ]
    members = ["learner", "outcome", "context", "before", "after", "mastery", "move"]
    assert [list(line) for line in lines] == [members] * 3
    assert [line["mastery"] for line in lines] == [[False, True], [True, True], [False, False]]
    assert [line["move"] for line in lines] == ["up", "same", "same"]
    assert lines[0]["before"] == {"score": 2.92, "rating": "Near", "mastery": False, "level": -1}
    shown = class_and_scale("impact Course/1 2024-03-20 2024-04-15").out
    lines = shown.splitlines()
    assert lines[0] == "Biology (Course/1): what changed between two scales and methods"
    assert lines[2:4] == ["Mastery gained: 1 score of 1 learner.", "Mastery lost: none."]
    gained = re.split(r" {2,}", lines[lines.index("Gained mastery: 1") + 2])
    assert gained == ["Ada", "Cells (7)", "2.92 of 4", "Near", "2.19 of 3", "Proficient"]
    assert class_and_scale("impact Course/9 2024-03-20 2024-04-15").code == 1
    assert class_and_scale("impact Planet/9 2024-03-20 2024-04-15").code == 2
