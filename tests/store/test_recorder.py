"""The eventsourcing library's own test cases, run against our recorder."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase

from projector.store.sqlite import LogRecorder, StoreDatastore


class _OnDisk:
    """A recorder over a file of its own, with text stream ids."""

    INITIAL_VERSION = 1

    def setUp(self) -> None:
        self._folder = TemporaryDirectory()
        self._datastore = StoreDatastore((Path(self._folder.name) / "log.db").as_uri())

    def tearDown(self) -> None:
        for thread in threading.enumerate():  # the cases leave their readers to end by themselves
            if thread is not threading.current_thread():
                thread.join(timeout=5)
        self._datastore.close()
        self._folder.cleanup()

    def new_originator_id(self) -> str:
        return f"tenant/outcome/{uuid4()}"

    def create_recorder(self) -> LogRecorder:
        recorder = LogRecorder(self._datastore)
        recorder.create_table()
        return recorder


class _InMemory(_OnDisk):
    def setUp(self) -> None:
        super().setUp()
        self._datastore.close()
        self._datastore = StoreDatastore(f"file:{uuid4().hex}?mode=memory&cache=shared")


class TestRecorderOnDisk(_OnDisk, ApplicationRecorderTestCase[LogRecorder]):
    """Inserting, selecting, conflicts, concurrency."""


class TestRecorderInMemory(_InMemory, ApplicationRecorderTestCase[LogRecorder]):
    """The same in memory."""


class TestPositionsOnDisk(_OnDisk, NonInterleavingNotificationIDsBaseCase):
    """Two writers' positions do not interleave."""


class TestPositionsInMemory(_InMemory, NonInterleavingNotificationIDsBaseCase):
    """The same in memory."""


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase  # or pytest collects them too
