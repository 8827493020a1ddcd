"""A second process of this program, whose results come through a pipe.

Python runs one thread at a time, so one process cannot decode while it writes. The other one is started as a
command, not forked: the program around it may have threads, and scripts need no main guard.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any, Final

from projector.domain.errors import ProjectorError

WORTHWHILE: Final = 4 * 2**20  # bytes of events from which a second process pays for its start
_PATIENCE: Final = 0.5  # seconds that a piece is waited for before control returns to the caller
_AHEAD: Final = 8  # pieces of work that wait to be taken
_PIPE: Final = 2**20  # bytes
_END: Final = b"end"
_PROGRAM: Final = """
import sys, types
sys.path[:] = {path!r}
sys.modules["projector"] = package = types.ModuleType("projector")  # without what it opens at its front door
package.__path__ = [{folder!r}]
from {module} import main
main()
"""

Order = dict[str, Any]  # what is to be done, as JSON has it


class ProcessEnded(ProjectorError):
    """The second process ended before its work did."""


def can_start() -> bool:
    """Whether there is a Python to be started: a program that embeds one may have none."""
    return Path(sys.executable or "").name.startswith(("python", "pypy"))


def parallel_pieces(module: str, order: Callable[[], Order]) -> Generator[Any, None, None]:
    """What another process sends back, plain values one by one: it calls ``main()`` of a module, which calls `serve`.

    ``order`` is called while that one starts. None is yielded where nothing is at hand, and now and then while nothing
    comes, so that the caller can do something else, or stop.

    Raises:
        ProcessEnded: it was killed.
    """
    program = _PROGRAM.format(path=sys.path, folder=str(Path(__file__).parent.parent), module=module)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, process_group=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):  # it ended already: there will be nothing to read
            process.stdin.write(json.dumps(order()).encode())
            process.stdin.close()
        _widen(process.stdout)
        ready: Queue[bytes | None] = Queue(_AHEAD)
        reader = Thread(target=_read, args=(process.stdout, ready), daemon=True)
        reader.start()
        piece: bytes | None = b""
        try:
            while piece is not None and piece != _END:
                if piece and ready.empty():
                    yield None  # the caller may have something else to do meanwhile
                try:
                    piece = ready.get(timeout=_PATIENCE)
                except Empty:
                    yield None
                    continue
                if piece is not None and piece != _END:
                    yield marshal.loads(piece)
        finally:
            process.kill()
            _drain(ready, piece)
            reader.join()
        if piece is None:
            raise ProcessEnded(
                f"the process that decodes was ended ({process.wait()}); what was committed is stored:"
                " run the same command again"
            )


def _widen(pipe: IO[bytes]) -> None:
    """Enlarge a pipe's buffer: each read of it may wait for another thread that runs Python."""
    with suppress(ImportError, AttributeError, OSError):  # where there is no such thing, it is slower
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _read(pipe: IO[bytes], ready: Queue[bytes | None]) -> None:
    with BufferedReader(pipe, _PIPE) as buffered:  # type: ignore[type-var]
        while len(head := buffered.read(8)) == 8:
            size = int.from_bytes(head, "big")
            if len(piece := buffered.read(size)) < size:  # it was ended in the middle
                break
            ready.put(piece)
    ready.put(None)


def _drain(ready: Queue[bytes | None], last: bytes | None) -> None:
    """Take what is left behind the last piece, so that the thread that fills the queue can end."""
    while last is not None:
        last = ready.get()


def serve(work: Callable[[Order], Iterable[Any]]) -> None:
    """Read what is to be done from standard input, and write the pieces of it, plain values, to standard output."""
    gc.disable()  # nothing here goes in circles
    try:
        order = json.load(sys.stdin)
    except ValueError:  # the process that started this one was killed before the order was written
        os._exit(0)
    pipe = os.fdopen(os.dup(1), "wb", _PIPE)
    os.dup2(2, 1)  # nothing else may come between
    try:
        for piece in work(order):
            _send(pipe, marshal.dumps(piece))
        _send(pipe, _END)
    except BrokenPipeError:  # nobody wants the rest
        os._exit(0)


def _send(pipe: IO[bytes], piece: bytes) -> None:
    pipe.write(len(piece).to_bytes(8, "big"))
    pipe.write(piece)
    pipe.flush()
