"""The server's log: one JSON object a line on stderr, with neither addresses as they were asked nor personal data.

A thread writes it now and then, so that no request waits for a reader of the log; where that one is slow, lines are
left out and counted.
"""

from __future__ import annotations

import sys
from collections import deque
from datetime import UTC, datetime
from threading import Event, Thread
from typing import IO, Any, Final

from attrs import define, field

from projector.domain.canonical import write_json
from projector.serve.json.versions import instant

_MOST: Final = 20_000  # lines that wait
_OFTEN: Final = 0.2  # seconds between two writings
_LAST: Final = 2.0  # seconds that the end of the server waits for the last lines

Line = tuple[datetime, str, dict[str, Any]]


@define
class ServerLog:
    """Writes what happens, a line each."""

    stream: IO[str] = field(factory=lambda: sys.stderr)
    _lines: deque[Line] = field(factory=deque, init=False, repr=False)
    _left_out: int = field(default=0, init=False)
    _ends: Event = field(factory=Event, init=False, repr=False)
    _thread: Thread = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, event: str, **members: Any) -> None:
        """Write what happened."""
        if len(self._lines) < _MOST:
            self._lines.append((datetime.now(UTC), event, members))
        else:
            self._left_out += 1

    def close(self) -> None:
        """Write what waits."""
        self._ends.set()
        self._thread.join(_LAST)

    def _run(self) -> None:
        ends = False
        while not ends:
            ends = self._ends.wait(_OFTEN)
            if not self._lines:
                continue
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if self._left_out:
                left_out, self._left_out = self._left_out, 0
                lines.append((datetime.now(UTC), "log lines left out", {"count": left_out}))
            text = b"\n".join(write_json({"time": instant(at), "event": event} | more) for at, event, more in lines)
            try:
                self.stream.write(text.decode() + "\n")
                self.stream.flush()
            except (OSError, ValueError):  # nobody reads it any more
                return
