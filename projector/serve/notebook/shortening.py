"""How much of an answer a notebook shows: of long texts and lists the beginning, and how to see the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

IN_A_CELL: Final = 200  # characters of a text in a table
ON_A_CARD: Final = 1000  # of one that has a line of its own


def shortened(text: str, most: int = IN_A_CELL) -> str:
    """A text, of a long one the beginning.

    >>> shortened("Cells"), shortened("Cells", 3)
    ('Cells', 'Cel…')
    """
    return text if len(text) <= most else f"{text[:most]}…"


def at_most(lines: Iterable[str], most: int, all_of_them: str) -> Iterator[str]:
    """The first lines, then how many more there are.

    Args:
        all_of_them: Where all are, such as ``version.changes``.

    >>> [*at_most("abcd", 2, "answer.chain")]
    ['a', 'b', '… and 2 more; answer.chain has all']
    """
    waiting = iter(lines)
    yield from (shortened(line) for line in islice(waiting, most))
    if more := sum(1 for _ in waiting):
        yield left_out(more, all_of_them)


def left_out(more: int, all_of_them: str) -> str:
    """How many more there are, and where."""
    return f"… and {more:,} more; {all_of_them} has all"
