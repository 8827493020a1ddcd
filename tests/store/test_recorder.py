"""The eventsourcing library's own test cases, run against our recorder."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase

from projector.store.log.connections import Location, Mode, StoreDatastore
from projector.store.log.recorder import PositionRecorder


class _OnDisk:
    """A recorder over a file of its own, with text stream ids."""

    INITIAL_VERSION = 1

    def setUp(self) -> None:
        self._folder = TemporaryDirectory()
        self._datastore = StoreDatastore(self._location())

    def _location(self) -> Location:
        file = Path(self._folder.name) / "log.db"
        file.touch()
        return Location(file, Mode.WRITE)

    def tearDown(self) -> None:
        for thread in threading.enumerate():  # the cases leave their readers to end by themselves
            if thread is not threading.current_thread():
                thread.join(timeout=5)
        self._datastore.close()
        self._folder.cleanup()

    def new_originator_id(self) -> str:
        return f"tenant/outcome/{uuid4()}"

    def create_recorder(self) -> PositionRecorder:
        recorder = PositionRecorder(self._datastore)
        recorder.create_table()
        return recorder


class _InMemory(_OnDisk):
    def _location(self) -> Location:
        return Location(uuid4().hex, Mode.MEMORY)


class TestRecorderOnDisk(_OnDisk, ApplicationRecorderTestCase[PositionRecorder]):
    """Inserting, selecting, conflicts, concurrency."""


class TestRecorderInMemory(_InMemory, ApplicationRecorderTestCase[PositionRecorder]):
    """The same in memory."""


class TestPositionsOnDisk(_OnDisk, NonInterleavingNotificationIDsBaseCase):
    """Two writers' positions do not interleave."""


class TestPositionsInMemory(_InMemory, NonInterleavingNotificationIDsBaseCase):
    """The same in memory."""


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase  # or pytest collects them too
