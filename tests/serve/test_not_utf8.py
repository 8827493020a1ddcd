"""What is asked for in Python in texts that are no UTF-8: an error of ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

import projector
from tests.builders import outcome

ODD = os.fsdecode(b"caf\xe9")  # Latin-1; a lone surrogate in Python
QUESTIONS: dict[str, Callable[[projector.Projector], Any]] = {
    "get": lambda p: p.now().get("outcome", ODD),
    "typed": lambda p: p.now().outcome(ODD),
    "why unknown": lambda p: p.now().why_unknown("outcome", ODD),
    "why": lambda p: p.now().why("outcome", ODD),
    "history": lambda p: p.history("outcome", ODD),
    "tenant of a view": lambda p: p.now(tenant=ODD),
    "tenant of a history": lambda p: p.history("outcome", "1", tenant=ODD),
    "tenant of a digest": lambda p: p.digest(tenant=ODD),
    "tenant of settings": lambda p: p.settings(tenant=ODD),
    "tenant of a setting": lambda p: p.set("account_level_mastery_scales", "off", tenant=ODD),
    "learner": lambda p: list(p.now().scores(learner=ODD)),
    "learner of summaries": lambda p: p.now().summaries(learner=ODD),
    "learner behind": lambda p: p.now().sources_of(ODD, "1"),
    "learner by name": lambda p: p.learner(ODD),
    "learner to forget": lambda p: p.forget_people(ODD),
    "outcome": lambda p: list(p.now().scores(outcome=ODD)),
    "course": lambda p: list(p.now().scores(course=ODD)),
    "context of a scale": lambda p: p.now().scale_in_force(f"Account/{ODD}"),
    "outcome of a method": lambda p: p.now().method_in_force(outcome=ODD),
    "lineage": lambda p: p.now().scale_in_force("Course/1", lineage=["Course/1", f"Account/{ODD}"]),
    "tree": lambda p: p.now().tree(f"Course/{ODD}"),
    "impact": lambda p: list(p.now().impact(f"Course/{ODD}", "2024-01-01", "2024-02-01")),
    "diff": lambda p: list(p.diff("2024-01-01", "2024-02-01", context=f"Course/{ODD}")),
    "alias": lambda p: p.alias(ODD, "A"),
    "alias for": lambda p: p.alias("A", ODD),
    "reason to drop": lambda p: p.drop_quarantined(reason=ODD),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_python_raises_a_bad_question(p: projector.Projector, question: str) -> None:
    """Whatever is named so; it could be stored nowhere, so nothing can be known of it."""
    p.append(outcome("Cells"))
    with pytest.raises(projector.BadQuestion, match="UTF-8"):
        QUESTIONS[question](p)


@pytest.mark.parametrize("id", ["café", "数学", "\U0001f9ec", "\x00", "\ufffd", "a\nb"])
def test_every_text_that_is_utf_8_is_an_id(p: projector.Projector, id: str) -> None:
    """Accents, other scripts, control characters."""
    p.append(outcome("Cells", id=id))
    assert p.now().outcome(id).title == "Cells"  # type: ignore[union-attr]
    assert len(p.history("outcome", id)) == 1
