"""What belongs to one process: its temporary folders, and the DuckDB instances that a fork copies without threads."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

from projector.domain.errors import StoreError


class TemporaryFolder:
    """A new folder that only this user can enter.

    It is removed, with what is in it, by `remove`, with this object, or when the process ends.
    """

    def __init__(self, prefix: str) -> None:
        """Make it.

        Args:
            prefix: How its name begins.

        Raises:
            StoreError: it cannot be made.
        """
        try:
            self.path: Path = Path(mkdtemp(prefix=prefix))
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(
                f"a temporary folder cannot be made: {reason}; set TMPDIR to a folder with room, and ask again"
            ) from error
        self._removal = finalize(self, _remove, self.path, os.getpid())

    def remove(self) -> None:
        """Remove it; a second time does nothing."""
        self._removal()


def _remove(path: Path, process: int) -> None:
    if os.getpid() == process:  # a forked process ends before the one that made the folder
        rmtree(path, ignore_errors=True)


def leave_to_the_parent(*objects: object) -> None:
    """Never close objects that a forked process has of its parent's, not even at its end.

    DuckDB waits for threads that are not there where an instance is closed, or crashes.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(objects))
