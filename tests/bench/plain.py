"""The eventsourcing library used plainly: an aggregate class, an application, and ``save``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event

from tests.bench.bare import stream_events
from tests.bench.measuring import Figures, timed
from tests.bench.replaying import forget, size_of

SAVED_AT_ONCE: Final = 1000


class Thing(Aggregate):
    """Whatever Canvas reports on: an outcome, a result, …; its state is what was last reported."""

    @event("FirstReported")
    def __init__(self, stream: str, report: dict[str, Any]) -> None:
        self.stream = stream
        self.report = report

    @staticmethod
    def create_id(stream: str) -> UUID:
        """The library's aggregates have UUIDs: one made from the stream's name."""
        return uuid5(NAMESPACE_URL, stream)

    @event("Reported")
    def apply_report(self, report: dict[str, Any]) -> None:
        """Take a later report."""
        self.report = report


class Reports(Application[UUID]):
    """Everything reported, by stream."""

    def loaded(self, stream: str, known: dict[str, Thing]) -> Thing | None:
        """The aggregate of a stream: one not saved yet, or from the repository."""
        if (thing := known.get(stream)) is not None:
            return thing
        try:
            found: Thing = self.repository.get(Thing.create_id(stream))
        except AggregateNotFoundError:
            return None
        return found


def append(log: str, database: str) -> Figures:
    """Every event of a log applied to its aggregate, a thousand aggregates saved at once."""
    forget(database)
    events = 0
    with timed() as spent, Path(log).open("rb") as lines:
        reports = Reports(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": database})
        changed: dict[str, Thing] = {}
        for stream, report, _ in stream_events(lines):
            if (thing := reports.loaded(stream, changed)) is None:
                thing = Thing(stream, report)
            else:
                thing.apply_report(report)
            changed[stream] = thing
            events += 1
            if len(changed) == SAVED_AT_ONCE:
                reports.save(*changed.values())
                changed.clear()
        reports.save(*changed.values())
        reports.close()
    return spent | {"events": events, "bytes": size_of(database)}
