"""Plain words: what people read, and the code, use one term for one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        *(ROOT / "projector").rglob("*.py"),
        *(ROOT / "projector").rglob("*.html"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
    ]
)
NOT_SAID = re.compile(
    r"\b(stands?(?! for)|stood|told|tells|heard|beaten|anew|reckon\w*|whoever|knew|news|mastery line|by a hint)\b"
    r"|\b(wanderers?|milestones?|births?|seals?|sealed|rooms|law of winning|nobody told|is no (instant|context))\b"
    r"|\b(no kind is called|Of possible|Canvas says|as it must be)\b",
    re.IGNORECASE,
)
OF_THE_CONTRACT = re.compile(  # values and members in JSON
    r"heard_until|never heard of|first heard of later|beaten_by|[\"'`](beaten|stands)[\"'`]"
)


def lines(page: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page without what the contract calls by these words."""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        yield number, OF_THE_CONTRACT.sub("", line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_uses_the_fields_words(page: Path) -> None:
    """None of the words that were replaced."""
    assert [f"{number}: {line.strip()}" for number, line in lines(page) if NOT_SAID.search(line)] == []
