"""What questions cost: the tree of a large account, and the scale in force.

    python -m tests.bench.ask

Prints medians of many runs, and each beside what the bare database needs for the same rows, in one run.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import projector
from tests.builders import Event, outcome, reported, scale

GROUPS, OUTCOMES, LINKS = 5_000, 10_000, 20_000
ACCOUNT = {"context_type": "Account", "context_id": "1"}


def account_of(random: Random) -> Iterator[Event]:
    """A tree of an account, parts of it moved and renamed later, and courses below accounts below it."""

    def day() -> str:
        return f"2024-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}T08:00:00Z"

    for n in range(GROUPS):
        parent = None if n == 0 else str(random.randrange(n))
        body = {"learning_outcome_group_id": str(n), "title": f"Group {n}", "parent_outcome_group_id": parent}
        yield reported("learning_outcome_group_created", body | ACCOUNT, "2024-01-01T00:00:00Z")
    for n in range(OUTCOMES):
        yield outcome(f"Outcome {n}", "2024-01-01T00:00:00Z", id=str(n), verb="created", **ACCOUNT)
    for n in range(LINKS):
        body = {"learning_outcome_link_id": str(n), "learning_outcome_id": str(random.randrange(OUTCOMES))}
        body["learning_outcome_group_id"] = str(random.randrange(GROUPS))
        yield reported("learning_outcome_link_created", body | ACCOUNT, "2024-01-01T00:00:00Z")
        if n % 10 == 0:
            body["learning_outcome_group_id"] = str(random.randrange(GROUPS))
            yield reported("learning_outcome_link_updated", body | ACCOUNT, day())
    for n in range(200):
        account = {"account_id": str(n + 2), "parent_account_id": "1" if n < 20 else str(random.randrange(2, 22))}
        yield reported("account_created", account, "2024-01-01T00:00:00Z")
        yield reported("course_created", {"course_id": str(n), "account_id": str(n + 2)}, "2024-01-01T00:00:00Z")
    for n in range(30):
        context = f"Account/{random.randrange(1, 200)}"
        yield scale(day(), context=context, outcome_proficiency_id=str(n))


def timed(ask: Callable[[], Any], times: int) -> float:
    """The median of so many runs, in milliseconds."""
    took = []
    for _ in range(times):
        started = perf_counter()
        ask()
        took.append(perf_counter() - started)
    return median(took) * 1000


def main() -> None:
    """Print the figures."""
    random = Random(11)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "bench.db"
        with projector.open(store) as p:
            p.replay(account_of(random))
            days = [f"2024-{month:02}-15" for month in range(1, 13)]
            bare = sqlite3.connect(store)
            rows = "SELECT kind, id, status, title, parent, outcome FROM part ORDER BY kind, id"
            floor = timed(lambda: bare.execute(rows).fetchall(), 10)
            tree = timed(lambda: p.as_of(random.choice(days)).tree("Account/1"), 20)
            size = sum(1 for _ in bare.execute("SELECT 1 FROM part"))
            what = f"tree of {GROUPS:,} groups and {LINKS:,} links"
            print(f"{what}: {tree:.0f} ms; its {size:,} bare rows: {floor:.0f} ms; ratio {tree / floor:.1f}")
            view = p.as_of("2024-06-15")
            found = timed(lambda: view.scale_in_force(f"Course/{random.randrange(200)}"), 500)
            seek = "SELECT position FROM timeline WHERE (tenant, kind, id) = (1, 2, ?) ORDER BY event_time DESC LIMIT 1"
            one = timed(lambda: bare.execute(seek, (str(random.randrange(LINKS)),)).fetchone(), 500)
            print(f"scale in force: {found:.3f} ms; one bare seek: {one:.4f} ms; ratio {found / one:.0f}")
            bare.close()


if __name__ == "__main__":
    main()
