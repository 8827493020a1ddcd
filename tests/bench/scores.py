"""What scores cost among a million results: a class, and one learner.

    python -m tests.bench.scores [RESULTS]

10,000 learners and 100 outcomes at a million results; fewer in proportion. Prints medians, and each beside what
reading and decoding the bodies of as many results alone takes, in one run.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import projector
from projector.domain.canonical import read_json
from projector.domain.packing import unpack
from tests.bench.ask import timed
from tests.builders import Event, outcome, reported, result, scale


def results(count: int, random: Random) -> Iterator[Event]:
    """A scale, a method, outcomes, and results: each learner one of each outcome."""
    yield scale("2024-01-01T00:00:00Z", points=(4, 3, 2, 1, 0))
    method = {"outcome_calculation_method_id": "1", "context_type": "Account", "context_id": "1"}
    method |= {"calculation_method": "decaying_average", "calculation_int": "65"}
    yield reported("outcome_calculation_method_created", method, "2024-01-01T00:00:00Z")
    for n in range(100):
        yield outcome(f"Outcome {n}", "2024-01-01T00:00:00Z", id=str(n), context_type="Account", context_id="1")
    for n in range(count):
        percent = random.randrange(0, 11) / 10
        day = f"2024-{random.randrange(2, 13):02}-{random.randrange(1, 29):02}"
        yield result(
            f"{day}T09:00:00Z",
            id=str(n),
            user_uuid=f"learner{n % (count // 100):06}",
            learning_outcome_id=str(n // (count // 100) % 100),
            score=percent * 5,
            possible=5,
            percent=percent,
            assessed_at=f"{day}T08:00:00Z",
            result_context_type="Course",
            result_context_id=str(n % 50),
            artifact_type="Quizzes::QuizSubmission",
            artifact_id=str(n),
            associated_asset_type="Quizzes::Quiz",
            associated_asset_id=str(n % 997),
            workflow_state="active",
        )


def main(count: int) -> None:
    """Print the figures."""
    random = Random(5)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "bench.db"
        with projector.open(store) as p:
            report = p.replay(results(count, random))
            print(f"replayed {report.read:,} in {report.seconds:.0f} s")
            bare = sqlite3.connect(store)
            view = p.as_of("2024-10-15")

            def bodies(number: int) -> None:
                rows = bare.execute("SELECT state FROM stored_events WHERE rowid > 200 LIMIT ?", (number,))
                for (state,) in rows.fetchall():
                    read_json(unpack(state)[1])

            for what, number, ask in (
                ("class summary of one outcome", count // 100, lambda: view.summaries(outcome=random.randrange(100))),
                ("one learner", 100, lambda: list(view.scores(learner=f"learner{random.randrange(count // 100):06}"))),
            ):
                took, floor = timed(ask, 7), timed(lambda number=number: bodies(number), 7)  # type: ignore[misc]
                beside = f"the bodies of its {number:,} results: {floor:.1f} ms; ratio {took / floor:.1f}"
                print(f"{what}: {took:.0f} ms; {beside}")
            bare.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
