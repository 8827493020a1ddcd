"""Tables with a row for each log: every column is a ratio of two figures of one run, with the figures behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final, Self

from attrs import frozen
from rich.box import MARKDOWN, SIMPLE
from rich.console import Console
from rich.table import Table

from tests.bench.comparing import Measured

Ratio = Callable[[Measured], float]
Worst = Callable[[Sequence[float]], float]
_MICRO: Final = 1_000_000
_WIDE: Final = 24  # characters of a column


@frozen
class Column:
    """One ratio: of which figures, how it is shown, and whether the least or the greatest is the worst."""

    label: str
    needed: tuple[str, ...]
    ratio: Ratio
    detail: Callable[[Measured], str]
    worst: Worst

    @classmethod
    def speed(cls, label: str, ours: str, limit: str, part: str = "seconds", worst: Worst = min) -> Self:
        """The speed of one as a share of another's, by the time an event, in microseconds."""

        def detail(found: Measured) -> str:
            mine, theirs = (found[who][part] / _events(found, who) * _MICRO for who in (ours, limit))
            return f"{mine:.1f} : {theirs:.1f} µs"

        def ratio(found: Measured) -> float:
            mine, theirs = (found[who][part] / _events(found, who) for who in (ours, limit))
            return theirs / mine

        return cls(label, (ours, limit), ratio, detail, worst)

    @classmethod
    def time(cls, label: str, ours: str, limit: str, part: str = "seconds") -> Self:
        """How often as long one takes as another: the greatest is the worst."""

        def detail(found: Measured) -> str:
            return f"{found[ours][part]:.2f} : {found[limit][part]:.2f} s"

        return cls(label, (ours, limit), lambda found: found[ours][part] / found[limit][part], detail, max)

    def cell(self, found: Measured) -> str:
        """The ratio and what it is made of; nothing where that was not measured."""
        return f"{self.ratio(found):.2f} ({self.detail(found)})" if self.is_known(found) else ""

    def is_known(self, found: Measured) -> bool:
        """Whether the figures are there."""
        return all(name in found for name in self.needed)

    def over(self, measured: Mapping[str, Measured]) -> tuple[str, str]:
        """The median over all logs, and the worst with its log's name."""
        known = {name: self.ratio(found) for name, found in measured.items() if self.is_known(found)}
        if not known:
            return "", ""
        worst = self.worst(list(known.values()))
        name = next(name for name, ratio in known.items() if ratio == worst)
        return f"{median(known.values()):.2f}", f"{worst:.2f} ({name})"


def _events(found: Measured, who: str) -> float:
    """Of how many events a figure is; of the whole log where it does not say."""
    return found[who].get("events") or found["log"]["count"]


def show(title: str, measured: Mapping[str, Measured], columns: Sequence[Column], *, markdown: bool) -> None:
    """Print the table of those columns of which some figures are there."""
    chosen = [column for column in columns if any(map(column.is_known, measured.values()))]
    if not chosen:
        return
    table = Table(title, *(column.label for column in chosen), box=MARKDOWN if markdown else SIMPLE)
    for name, found in measured.items():
        table.add_row(name, *(column.cell(found) for column in chosen))
    if len(measured) > 1:
        overall = [column.over(measured) for column in chosen]
        table.add_row("median", *(middle for middle, _ in overall))
        table.add_row("worst", *(worst for _, worst in overall))
    Console(width=20 + _WIDE * (1 + len(chosen)), highlight=False).print(table)
