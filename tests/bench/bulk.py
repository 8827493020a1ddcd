"""What many results with one time of creation cost, and many institutions: each figure, and its growth when doubled.

    python -m tests.bench.bulk [RESULTS] [INSTITUTIONS]

Results without an id that one job made share their outcome and their time of creation, so that each may be the one
that another continues. Figures are the processor's time, the shortest of several; the sizes are measured by turns,
since the machine may be busy with other things.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, Final

from rich.console import Console
from rich.table import Table

import projector
from projector import Projector
from tests.builders import Event, outcome, reported, result

_ROUNDS: Final = 5
_SINGLE: Final = 20  # times that a single result is asked for
_DAYS: Final = ("2024-03-01T10:00:00Z", "2024-04-01T10:00:00Z", "2024-05-01T10:00:00Z")
Figures = dict[str, float]  # seconds


# results with one time of creation


def _row(number: int, day: int, **body: Any) -> Event:
    """One result of the job, on the first, second or third day."""
    common = {"result_context_type": "Course", "result_context_id": "6", "assessed_at": _DAYS[0], "percent": 0.75}
    verb = "updated" if day else "created"
    return result(_DAYS[day], verb=verb, **common | {"updated_at": _DAYS[day], "title": f"Learner {number}"} | body)


def g1(count: int) -> Iterator[Event]:
    """Results that name no learner."""
    return (_row(n, 0) for n in range(count))


def g2(count: int) -> Iterator[Event]:
    """Results that name their learner."""
    return (_row(n, 0, user_uuid=f"learner {n}") for n in range(count))


def regraded(count: int) -> Iterator[Event]:
    """Results that name no learner, each regraded twice by a producer that names them."""
    yield from g1(count)
    for day in (1, 2):
        yield from (_row(n, day, user_uuid=f"learner {n}", score=2.0 + day) for n in range(count))


def continued(count: int) -> Iterator[Event]:
    """The same, and then with ids."""
    yield from regraded(count)
    yield from (_row(n, 2, user_uuid=f"learner {n}", id=str(n)) for n in range(count))


RESULTS: Final = {"g1": g1, "g2": g2, "regraded with learners": regraded, "continued by ids": continued}


def questions(p: Projector, view: projector.View, one: str) -> dict[str, Callable[[], Any]]:
    """What is asked of all of them, and of a single one."""
    return {
        "list": lambda: list(view.all("result")),
        "scores": lambda: list(view.scores()),
        "summaries": lambda: list(view.summaries()),
        "digest": lambda: p.digest(),
        "show one": lambda: p.now().get("result", one),
        "history of one": lambda: p.history("result", one),
    }


def of_results(make: Callable[[int], Iterator[Event]], count: int, store: Path) -> Figures:
    """What taking so many results costs, and each question to a store of them."""
    with projector.open(store) as p:
        p.append(outcome("Cells", id="311"))
        took = {"append": _once(lambda: p.append(list(make(count))))}
        ids = sorted(version.id for version in p.as_of(_DAYS[0]).all("result"))
        for what, ask in questions(p, p.now(), ids[len(ids) // 2]).items():
            took[what] = min(_once(ask) for _ in range(_SINGLE if what.endswith("one") else 1))
        took |= {"rebuild": _once(p.rebuild), "verify": _once(p.verify)}
    return took


# institutions


def _of_institution(number: int) -> Event:
    body = {"learning_outcome_id": str(number), "title": "Cells"}
    uuid, root = f"Institution{number:07}", str((3000 + number) * 10**13 + 1)
    return reported("learning_outcome_created", body, root_account_uuid=uuid, root_account_id=root)


def of_institutions(count: int, store: Path) -> Figures:
    """What taking so many institutions at once costs, and what is asked of all of them."""
    with projector.open(store) as p:
        took = {"in one batch": _once(lambda: p.append([_of_institution(n) for n in range(count)]))}
        took |= {"institutions()": _once(p.institutions), "rebuild": _once(p.rebuild), "verify": _once(p.verify)}
        took["an alias for every second"] = _once(lambda: _alias(p, count // 2))
        took |= {"rebuild with aliases": _once(p.rebuild), "verify with aliases": _once(p.verify)}
    return took


def _alias(p: Projector, count: int) -> None:
    for n in range(count):
        p.alias(f"Institution{2 * n:07}", f"Institution{2 * n + 1:07}")


def one_by_one(count: int, store: Path) -> Figures:
    """What taking so many institutions costs, each in a batch of its own, without a question and with one each time."""
    took = Figures()
    for what, asked in (("never asked", False), ("asked each time", True)):
        with projector.open(store.with_name(f"{what}, {store.name}")) as p:
            took[what] = _once(lambda p=p, asked=asked: _append_each(p, count, asked))  # type: ignore[misc]
    return took


def _append_each(p: Projector, count: int, asked: bool) -> None:
    for n in range(count):
        p.append(_of_institution(n))
        if asked:
            assert p.now(tenant=f"Institution{n:07}").get("outcome", n) is not None


INSTITUTIONS: Final = {"at once": of_institutions, "one by one": one_by_one}


# figures


def _once(call: Callable[[], Any]) -> float:
    began = process_time()
    call()
    return process_time() - began


def sizes(measure: Callable[[int, Path], Figures], count: int) -> list[Figures]:
    """The figures at a number, at twice and at four times that many, by turns."""
    found: list[list[Figures]] = [[], [], []]
    for _ in range(_ROUNDS):
        for runs, times in zip(found, (1, 2, 4), strict=True):
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                runs.append(measure(count * times, Path(folder) / "bulk.db"))
    return [{what: min(run[what] for run in runs) for what in runs[0]} for runs in found]


def show(console: Console, title: str, found: list[Figures]) -> None:
    """Print what each thing costs at a number, and by how much it grows at twice that, twice."""
    table = Table(title, "ms", "at twice", "again at twice")
    for what in found[0]:
        first, second, third = (size[what] for size in found)
        table.add_row(what, f"{first * 1000:.2f}", f"{second / first:.2f}", f"{third / second:.2f}")
    console.print(table)


def main(results: str = "1000", institutions: str = "1000") -> None:
    """Measure, and print the tables."""
    console = Console(width=110, highlight=False)
    for name, make in RESULTS.items():
        show(console, f"{int(results):,} results, {name}", sizes(partial(of_results, make), int(results)))
    for name, measure in INSTITUTIONS.items():
        show(console, f"{int(institutions):,} institutions, {name}", sizes(measure, int(institutions)))


if __name__ == "__main__":
    main(*sys.argv[1:])
