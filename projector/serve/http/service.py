"""What a server has while it runs: the open store, who may ask, threads, the way in, keys, metrics, its log."""

from __future__ import annotations

import os
import shutil
from functools import partial
from http import HTTPStatus
from typing import Final

from attrs import define, field, frozen

from projector.domain.answers import Shape
from projector.domain.errors import BadQuestion, ProjectorError
from projector.domain.instants import to_datetime
from projector.domain.rules import VERSION
from projector.serve.http.access import Access, Caller
from projector.serve.http.asked import Replies
from projector.serve.http.deadlines import Deadlines
from projector.serve.http.exchange import arrivals_within
from projector.serve.http.intake import Intake
from projector.serve.http.lanes import Lane, Lanes
from projector.serve.http.logs import ServerLog
from projector.serve.http.metrics import Metrics
from projector.serve.http.signing import Keys
from projector.serve.json.versions import instant
from projector.serve.projector import Projector
from projector.wire.dropping import names_to_drop

MAX_BODY: Final = 8 * 2**20
TIMEOUT: Final = 30.0
_SLOWEST: Final = 20.0  # seconds that a body may take to arrive
_READING_THREADS: Final = 2
_MOST_READ: Final = 512


@frozen(kw_only=True)
class Settings:
    """How a server is run; see ``projector serve --help``."""

    host: str = "127.0.0.1"
    port: int = 8080
    tokens: str | None = None
    keys: str | None = None
    accept: tuple[str, ...] = ()
    max_body: int = MAX_BODY
    timeout: float = TIMEOUT
    drop_metadata: str = ""
    tz: str = "UTC"

    def __attrs_post_init__(self) -> None:
        if self.keys is not None and not self.accept:
            raise BadQuestion(
                "--keys needs --accept TENANT, once for each institution whose deliveries are taken:"
                " all institutions' deliveries are signed by the same keys"
            )
        if self.accept and self.keys is None:
            raise BadQuestion("--accept is of signed deliveries; name the keys that check them: --keys URL or FILE")
        if not 0 <= self.port <= 65535:
            raise BadQuestion(f"--port must be from 0 to 65535, not {self.port}")
        if self.max_body < 1024:
            raise BadQuestion(f"--max-body must be 1024 bytes or more, not {self.max_body}")
        if not 0 < self.timeout <= 3600:
            raise BadQuestion(f"--timeout must be more than 0 and at most 3600 seconds, not {self.timeout:g}")


@frozen(kw_only=True)
class Admission:
    """What decides who may ask and write: checked before a store is opened, or made."""

    settings: Settings
    access: Access
    keys: Keys | None
    dropped: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Admission:
        """The admission of a server.

        Raises:
            BadQuestion: the tokens or the keys cannot be used, or other machines would reach it without tokens.
            MissingInput: they cannot be read.
        """
        return cls(
            settings=settings,
            access=Access.of(settings.host, settings.tokens),
            keys=None if settings.keys is None else Keys.of(settings.keys),
            dropped=names_to_drop(settings.drop_metadata or []),
        )


@define(kw_only=True)
class Service:
    """A running server's parts, over an open store."""

    projector: Projector
    admission: Admission
    log: ServerLog = field(factory=ServerLog)
    settings: Settings = field(init=False)
    metrics: Metrics = field(init=False)
    intake: Intake = field(init=False)
    lanes: Lanes = field(init=False)
    reading: Lane = field(init=False)  # of posts
    replies: Replies = field(factory=Replies, init=False)
    arrivals: Deadlines = field(factory=partial(arrivals_within, _SLOWEST), init=False)

    def __attrs_post_init__(self) -> None:
        store, self.settings = self.projector.store.log, self.admission.settings
        self.metrics = Metrics(store.now)
        self.intake = Intake(store, self.metrics)
        self.lanes = Lanes(self.settings.timeout)
        self.reading = Lane(_READING_THREADS, _MOST_READ, "reading", self.settings.timeout)
        if (keys := self.admission.keys) is not None:
            keys.on_fault = lambda why: self.log.write("keys not fetched", reason=why)
        if (tokens := self.admission.access.tokens) is not None:
            tokens.on_fault = lambda why: self.log.write("tokens not read", reason=why)

    def close(self) -> None:
        """End after what is being committed; the store stays open."""
        self.intake.close()
        self.lanes.close()
        self.reading.close()
        self.log.close()

    def health(self, caller: Caller) -> tuple[HTTPStatus, Shape]:
        """Whether the store can be read and written to, up to when it has data, and the room on its disk."""
        shape: Shape = {"status": "ok", "version": VERSION, "store": "readable", "head": None, "disk": self._disk()}
        try:
            pin = self.projector.store.pin()
        except ProjectorError:
            return HTTPStatus.SERVICE_UNAVAILABLE, shape | {"status": "failing", "store": "unreadable"}
        recorded_at = None if pin.recorded_at is None else instant(to_datetime(pin.recorded_at))
        position = pin.position if caller.is_admin else None
        shape |= {"head": {"recorded_at": recorded_at, "position": position}}
        if not self.intake.is_open:
            return HTTPStatus.SERVICE_UNAVAILABLE, shape | {"status": "busy"}
        return HTTPStatus.OK, shape

    def _disk(self) -> Shape | None:
        file = self.projector.file
        if file is None:
            return None
        try:
            usage = shutil.disk_usage(os.path.dirname(os.path.abspath(file)))
        except OSError:
            return None
        return {"free": usage.free, "total": usage.total}

    def measured(self) -> bytes:
        """The metrics, with those of the store as it is now."""
        head = self.projector.store.log.head()
        self.metrics.position.set(head.position)
        self.metrics.quarantine.set(self.projector.store.log.quarantine_size())
        return self.metrics.text()
