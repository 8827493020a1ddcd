"""What the bench of the service is made of: a store, logs that come later, questions, and arrays of events."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

import projector
from tests.bench import lifelike

ARRAY: Final = 500  # events


class Bench:
    """What is measured: ``count`` events are in the store, and each figure is of so many requests."""

    def __init__(self, count: int, replayed: int, requests: int, scratch: Path) -> None:
        self.scratch = scratch
        self.requests = requests
        self.store = scratch / "asked.db"
        self.log, self.replayed = scratch / "asked.jsonl", scratch / "replayed.jsonl"
        self._random = Random(lifelike.SEED)
        self._made = 0
        lifelike.write(count, self.log)
        lifelike.write(replayed, self.replayed)
        with projector.open(self.store) as p:
            p.replay(self.log)
            self.ids = [version.id for version in p.now().all("outcome")]

    def questions(self, number: int) -> list[str]:
        """Addresses of outcomes at instants when all of them are known; hardly two are the same."""
        days = [f"{2024 + n // 12}-{n % 12 + 1:02}-{n % 27 + 1:02}T{n % 24:02}" for n in range(36)]
        choose, below = self._random.choice, self._random.randrange
        return [
            f"/v1/outcomes/{choose(self.ids)}?as_of={choose(days)}:{below(60):02}:{below(60):02}Z"
            for _ in range(number)
        ]

    def new_store(self) -> Path:
        """The file of a store that is not there yet."""
        self._made += 1
        return self.scratch / f"new{self._made}.db"

    def copied(self) -> Path:
        """A copy of the store."""
        made = self.new_store()
        made.write_bytes(self.store.read_bytes())
        return made


def arrays_of(log: Path, arrays: Path) -> None:
    """Write the events of a log as arrays, one a line."""
    lines = log.read_bytes().splitlines()
    with arrays.open("wb") as out:
        out.writelines(b"[" + b",".join(lines[at : at + ARRAY]) + b"]\n" for at in range(0, len(lines), ARRAY))
