"""The command line of benchmarks that measure something at several sizes of the lifelike log."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.columns import Column, show
from tests.bench.comparing import Measured
from tests.bench.table import machine

Measure = Callable[[str, Path, int, Path | None], Measured]  # size, scratch folder, times, folder of logs


def run(title: str, measure: Measure, columns: Iterable[Column], arguments: list[str] | None) -> None:
    """Measure at each size, and print the table; progress goes to stderr.

    Args:
        title: The module's name.
        arguments: Those of the command line; None: of this process.
    """
    parser = ArgumentParser(prog=f"python -m tests.bench.{title}", description=f"{title.capitalize()} beside limits.")
    parser.add_argument("--events", default="200k,2M", help="numbers of events, such as 200k,2M")
    parser.add_argument("--repeat", type=int, default=3, help="times that each is measured")
    parser.add_argument("--data", type=Path, help="folder where logs are kept for the next time")
    parser.add_argument("--markdown", action="store_true", help="print the table for the documentation")
    asked = parser.parse_args(arguments)
    found: dict[str, Measured] = {}
    for size in asked.events.split(","):
        with TemporaryDirectory(prefix="bench-", dir=asked.data) as folder:
            found[size] = measure(size, Path(folder), asked.repeat, asked.data)
    show(title, found, list(columns), markdown=asked.markdown)
    print(machine())
