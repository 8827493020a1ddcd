"""Messages that the docs quote are messages of the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "keep-a-store.md"
HEADINGS = ("| you see | do |", "| `verify` says | do |")


def quoted() -> list[str]:
    """What is quoted in the first column of the tables of messages."""
    lines, found, within = PAGE.read_text(encoding="utf-8").splitlines(), list[str](), False
    for line in lines:
        within = line in HEADINGS or (within and line.startswith("|"))
        if within and line not in HEADINGS:
            found += re.findall(r"`([^`]+)`", line.split(" | ")[0])
    return found


def texts() -> Iterator[str]:
    """The texts in the program's code; a value in one is "…"."""
    for page in (ROOT / "projector").rglob("*.py"):
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            match node:
                case ast.JoinedStr():
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
                case ast.Constant(value=str() as text):
                    yield text


@pytest.fixture(scope="module")
def program() -> str:
    """All texts of the program."""
    return "\n".join(texts())


def test_there_are_some() -> None:
    """Of both tables."""
    assert len(quoted()) > 12


@pytest.mark.parametrize("message", quoted())
def test_a_quoted_message_is_one_of_the_program(program: str, message: str) -> None:
    """Word for word, "…" standing for a value."""
    assert message.strip("… ") in program
