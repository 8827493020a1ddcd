"""Write a log of each shape into a folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from random import Random, SystemRandom

from tests.bench.shapes import SHAPES


def write(name: str, count: int, seed: int, file: Path) -> None:
    """Write so many lines of a shape to a file."""
    with file.open("wb") as out:
        out.writelines(line + b"\n" for line in SHAPES[name](count, Random(f"{seed} {name}")))


def main(arguments: list[str] | None = None) -> None:
    """Write the logs, and print the seed."""
    parser = ArgumentParser(prog="python -m tests.bench.shapes", description=__doc__)
    parser.add_argument("count", type=int, help="number of events of each log")
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--seed", type=int, help="is drawn where it is not given", default=SystemRandom().getrandbits(31)
    )
    asked = parser.parse_args(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {asked.seed}")
    for name in SHAPES:
        file = asked.folder / f"{name}.jsonl"
        write(name, asked.count, asked.seed, file)
        print(f"{file}: {file.stat().st_size / asked.count:,.0f} bytes an event")


if __name__ == "__main__":
    main()
