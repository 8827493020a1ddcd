"""Everything measured of one log: ours and the limits by turns, since the machine may be busy with other things.

- ``bare``: replaying beside ``executemany`` of the same bytes, each line decoded once, a commit every 5,000 events
- ``plain``: replaying beside the eventsourcing library used as its documentation has it
- ``rebuild``: deriving anew beside reading and decoding the stored log
- ``everything``: all that stands at an instant beside DuckDB over the raw log
- ``seek``: one aggregate at an instant beside one seek by SQLite alone, of any aggregate and of much corrected ones
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from attrs import define, field

from tests.bench import bare, everything, plain, replaying, seeking
from tests.bench.measuring import Figures, alone, medians

Measured = dict[str, Figures]  # by what was measured

COMPARED: Final = ("bare", "plain", "rebuild", "everything", "seek")
_REPEATED: Final = 3  # times; of a long log only replaying and its bare limit are
_LONG: Final = 1_000_000


def compare(log: Path, count: int, scratch: Path, chosen: Collection[str], say: Callable[[str], None]) -> Measured:
    """The figures of a log of so many events; the databases are made in a scratch folder, and removed.

    Args:
        chosen: Some of `COMPARED`.
        say: Is called with what is measured next.
    """
    turns, times = Turns(say), 1 if count >= _LONG else _REPEATED
    turns.found["log"] = {"count": count, "bytes": log.stat().st_size}
    store, other = str(scratch / "ours.db"), str(scratch / "other.db")
    limit = {"bare": lambda: alone(bare.append, log, other)} if "bare" in chosen else {}
    turns.take(_REPEATED, replay=lambda: alone(replaying.replay, log, store), **limit)
    if "plain" in chosen:
        turns.take(times, plain=lambda: alone(plain.append, log, other))
    if "rebuild" in chosen:
        turns.take(
            times, reread=lambda: alone(replaying.reread, store), rebuild=lambda: alone(replaying.rebuild, store)
        )
    if "everything" in chosen:
        _everything(turns, times, log, store)
    if "seek" in chosen:
        turns.take(1, seek=lambda: alone(seeking.seek, log, store, other))
    for database in (store, other):
        replaying.forget(database)
    return turns.found


def _everything(turns: Turns, times: int, log: Path, store: str) -> None:
    turns.take(
        times,
        duckdb=lambda: alone(everything.by_duckdb, log),
        text=lambda: alone(everything.by_text, store),
        view=lambda: alone(everything.by_view, store),
        digest=lambda: alone(everything.by_digest, store),
    )
    assert turns.found["duckdb"]["aggregates"] == turns.found["view"]["aggregates"] == turns.found["text"]["aggregates"]


@define
class Turns:
    """Things measured one after the other, several times; what was found is the medians."""

    say: Callable[[str], None]
    found: Measured = field(factory=dict, init=False)

    def take(self, times: int, **calls: Callable[[], Figures]) -> None:
        """Measure all of these, and that so many times."""
        runs: dict[str, list[Figures]] = {name: [] for name in calls}
        for _ in range(times):
            for name, call in calls.items():
                self.say(name)
                runs[name].append(call())
        self.found.update((name, medians(known)) for name, known in runs.items())
