"""The server's log: one JSON object a line on stderr, with neither addresses as they were asked nor personal data.

A thread writes it, so that no request waits for a reader of the log; where that one is slow, lines are left out and
counted.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from threading import Thread
from typing import IO, Any, Final

from attrs import define, field

from projector.domain.canonical import write_json
from projector.serve.json.versions import instant

_MOST: Final = 10_000  # lines that wait
_LAST: Final = 2.0  # seconds that the end of the server waits for the last lines


@define
class ServerLog:
    """Writes what happens, a line each."""

    stream: IO[str] = field(factory=lambda: sys.stderr)
    _lines: Queue[bytes | None] = field(factory=lambda: Queue(_MOST), init=False, repr=False)
    _left_out: int = field(default=0, init=False)
    _thread: Thread = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, event: str, **members: Any) -> None:
        """Write what happened."""
        line = write_json({"time": instant(datetime.now(UTC)), "event": event} | members)
        try:
            self._lines.put_nowait(line)
        except Full:
            self._left_out += 1

    def close(self) -> None:
        """Write what waits."""
        try:
            self._lines.put(None, timeout=_LAST)
        except Full:
            return
        self._thread.join(_LAST)

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            lines = [self._lines.get()]
            try:
                while len(lines) < _MOST:
                    lines.append(self._lines.get_nowait())
            except Empty:
                pass
            goes_on = None not in lines
            if self._left_out:
                left_out, self._left_out = self._left_out, 0
                lines.append(write_json({"event": "log lines left out", "count": left_out}))
            try:
                self.stream.write("".join(f"{line.decode()}\n" for line in lines if line is not None))
                self.stream.flush()
            except (OSError, ValueError):  # nobody reads it any more
                return
