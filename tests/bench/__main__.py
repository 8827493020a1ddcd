"""Ours beside its limits, in one run; `comparing` says what is compared.

    python -m tests.bench [SIZES…] [--data DIR] [--only NAMES] [--markdown]

Comparing everything at an instant takes the extra ``bench``.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.bench import lifelike
from tests.bench.comparing import COMPARED, Measured, compare
from tests.bench.table import show

SIZES: Final = ("20k", "200k", "2m")
_UNITS: Final = {"k": 1000, "m": 1_000_000}


def count_of(size: str) -> int:
    """The number that a size stands for.

    >>> count_of("20k"), count_of("2M"), count_of("300")
    (20000, 2000000, 300)
    """
    unit = _UNITS.get(size[-1].lower(), 1)
    return int(size if unit == 1 else size[:-1]) * unit


def log_of(size: str, folder: Path) -> Path:
    """The log of a size, made where it is not there yet."""
    log, begun = (folder / f"{size.lower()}{suffix}" for suffix in (".jsonl", ".jsonl.begun"))
    if not log.exists():
        lifelike.write(count_of(size), begun)
        begun.rename(log)
    return log


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the table; progress goes to stderr."""
    parser = ArgumentParser(prog="python -m tests.bench", description="Ours beside its limits, in one run.")
    parser.add_argument("sizes", nargs="*", default=SIZES, help="numbers of events, such as 20k 200k 2M")
    parser.add_argument("--data", type=Path, help="folder where logs are kept for the next time")
    parser.add_argument(
        "--only", help=f"what ours is compared with: some of {','.join(COMPARED)}, or ''", default=",".join(COMPARED)
    )
    parser.add_argument("--markdown", action="store_true", help="print a table for the documentation")
    asked = parser.parse_args(arguments)
    chosen = asked.only.split(",") if asked.only else []
    if unknown := set(chosen) - set(COMPARED):
        parser.error(f"nothing is compared that is called {', '.join(sorted(unknown))}")
    found: dict[str, Measured] = {}
    if asked.data is not None:
        asked.data.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=asked.data) as scratch:
        for size in asked.sizes:
            log = log_of(size, (asked.data or Path(scratch)).absolute())
            found[size] = compare(log, count_of(size), Path(scratch).absolute(), chosen, _said(size))
    show(found, markdown=asked.markdown)


def _said(size: str) -> Callable[[str], None]:
    return lambda what: print(f"{size}: {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
