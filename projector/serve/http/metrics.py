"""What is measured, in the text format of Prometheus; no label names an institution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from projector.domain.instants import SECOND
from projector.store.log.appending import Appending, Receipt

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4.partition("; charset")[0]
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics of one server.

    Args:
        clock: Gives microseconds since 1970.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self.registry: CollectorRegistry = CollectorRegistry()
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._clock = clock
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}  # to look them up takes time
        inputs = Counter(
            "projector_inputs", "Inputs of posts, by what became of them.", ["outcome"], registry=self.registry
        )
        self._became = {name: inputs.labels(name) for name in ("appended", "duplicates", "ignored", "quarantined")}
        self._posts = Histogram("projector_commit_posts", "Posts of a commit.", buckets=_SIZES, registry=self.registry)
        self._events = Histogram(
            "projector_commit_events", "Events of a commit.", buckets=_SIZES, registry=self.registry
        )
        self._commits = Histogram(
            "projector_commit_seconds", "How long a commit took.", buckets=_SECONDS, registry=self.registry
        )
        self._lag = Gauge(
            "projector_event_lag_seconds",
            "How long after its event_time the newest event of the last commit was recorded.",
            registry=self.registry,
        )
        self.quarantine: Gauge = Gauge(
            "projector_quarantine_inputs", "Inputs that were kept in quarantine.", registry=self.registry
        )
        self.position: Gauge = Gauge("projector_head_position", "Events of the log.", registry=self.registry)
        self._requests = Counter(
            "projector_requests", "Requests.", ["route", "method", "status"], registry=self.registry
        )
        self._answers = Histogram(
            "projector_request_seconds", "How long an answer took.", ["route"], buckets=_SECONDS, registry=self.registry
        )

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = route, method, status
        if (children := self._children.get(key)) is None:
            children = self._children[key] = self._requests.labels(*key), self._answers.labels(route)
        children[0].inc()
        children[1].observe(seconds)

    def ignored(self, count: int) -> None:
        """Count events of other families."""
        self._became["ignored"].inc(count)

    def committed(self, request: Appending, receipts: Sequence[Receipt], seconds: float) -> None:
        """Count a commit."""
        self._posts.observe(len(receipts))
        self._events.observe(len(request.events))
        self._commits.observe(seconds)
        self._became["appended"].inc(sum(receipt.appended for receipt in receipts))
        self._became["duplicates"].inc(sum(receipt.duplicates for receipt in receipts))
        self._became["quarantined"].inc(sum(receipt.quarantined for receipt in receipts))
        if request.events:
            self._lag.set((self._clock() - max(request.events.times)) / SECOND)

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self.registry)
