"""The blocks of code on pages of the documentation, with what they print there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

DOCS: Final = Path(__file__).parent.parent / "docs"

_SECTION: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$(?:\n+```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of a page; ``output`` is the text right behind it, empty where there is none."""

    section: str
    language: str
    text: str
    output: str


def blocks(page: Path) -> list[Block]:
    """Those of a page, in order; what comes before the first section has an empty one."""
    before, *sections = _SECTION.split(page.read_text(encoding="utf-8"))
    texts = [("", before), *zip(sections[::2], sections[1::2], strict=True)]
    return [Block(section, *found) for section, text in texts for found in _BLOCK.findall(text)]
