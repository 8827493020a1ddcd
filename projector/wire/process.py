"""A second process of this program: what it is to do goes to it through one pipe, its results come through another.

Python runs one thread at a time, so one process cannot decode while it writes. The other one is started as a
command, not forked: the program around it may have threads, and scripts need no main guard.

    this process                                           the other one
                    ◄─ _Inbox  ◄─ a thread ◄─ pipe ◄─ that it is ready
    order, messages ─► _Outbox ─► a thread ─► pipe ─► `serve`: the order, then what `Starter.messages` gives
    pieces          ◄─ _Inbox  ◄─ a thread ◄─ pipe ◄─ the pieces
    a piece taken   ─► _Outbox ─► a thread ─► pipe ─► `Starter.untaken` counts it

All are plain values, by `marshal`, each behind its length. Neither process waits for the other one for good: messages
go out by a thread of their own, and none is asked for while many of them wait.
"""

from __future__ import annotations

import gc
import marshal
import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from queue import Empty, Queue, SimpleQueue
from threading import Thread
from time import monotonic
from typing import IO, Any, Final

from attrs import define, field

from projector.domain.errors import ProjectorError

_NICENESS: Final = 5
WORTHWHILE: Final = 4 * 2**20  # bytes of events from which a second process pays for its start
PATIENCE: Final = 0.5  # seconds that a piece is waited for before control returns to the caller
_AHEAD: Final = 4  # pieces of work that wait to be taken
_OUTSTANDING: Final = 24 * 2**20  # bytes of messages that wait to be sent: a commit takes as long as their decoding
_PIPE: Final = 2**20  # bytes
_END: Final = b"end"
_READY: Final = b"ready"
_TAKEN: Final = b"taken"
_PROGRAM: Final = """
import sys, types
sys.path[:] = {path!r}
sys.modules["projector"] = package = types.ModuleType("projector")  # without what it opens at its front door
package.__path__ = [{folder!r}]
from {module} import main
main()
"""

Order = dict[str, Any]  # what is to be done
NO_MESSAGES: Final[Iterator[Any]] = iter(())


class ProcessEnded(ProjectorError):
    """The second process ended before its work did."""


def can_start() -> bool:
    """Whether there is a Python to be started: a program that embeds one may have none."""
    return Path(sys.executable or "").name.startswith(("python", "pypy"))


def parallel_pieces(module: str, order: Order) -> Generator[Any, None, None]:
    """What another process sends back for an order: see `Other.pieces`.

    Raises:
        ProcessEnded: it was killed.
    """
    with started(module) as other:
        yield from other.pieces(order)


@contextmanager
def started(module: str) -> Iterator[Other]:
    """Another process, which has begun to start: it calls ``main()`` of a module, which calls `serve`.

    It is ended with the context.
    """
    program = _PROGRAM.format(path=sys.path, folder=str(Path(__file__).parent.parent), module=module)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, process_group=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        outbox, inbox = _Outbox(process.stdin), _Inbox(process.stdout)
        try:
            yield Other(process, outbox, inbox)
        finally:
            process.kill()
            outbox.close()
            inbox.close()


@define
class Other:
    """Another process of this program."""

    _process: subprocess.Popen[bytes]
    _outbox: _Outbox
    _inbox: _Inbox

    def is_ready(self) -> bool:
        """Whether it has started; also where it has ended."""
        return self._inbox.has_begun

    def pieces(self, order: Order, messages: Iterator[Any] = NO_MESSAGES) -> Generator[Any, None, None]:
        """What it sends back, plain values one by one.

        None is yielded where nothing is at hand, and now and then while nothing comes, so that the caller can do
        something else, or stop.

        Args:
            messages: Plain values that it gets by `Starter.messages`; None where there is none yet. They are asked for
                by the thread that asks for the pieces. What they raise is raised again behind the pieces of those
                before.

        Raises:
            ProcessEnded: it was killed.
        """
        self._outbox.put(order)
        yield from _exchanged(self._inbox, self._outbox, messages)
        if self._inbox.is_cut_off:
            raise ProcessEnded(
                f"the process that decodes events was ended ({self._process.wait()}); what was committed is stored:"
                " run the same command again"
            )


def _exchanged(inbox: _Inbox, outbox: _Outbox, messages: Iterator[Any]) -> Iterator[Any]:
    """The pieces that come back while messages go out."""
    failure: Exception | None = None
    last, is_open = monotonic(), True
    while not inbox.has_ended:
        came = False
        sends = is_open and outbox.has_room()
        if sends:
            try:
                if (message := next(messages)) is not None:
                    outbox.put(message)
            except Exception as error:
                failure = None if isinstance(error, StopIteration) else error
                sends = is_open = False
                outbox.say(_END)
        for piece in inbox.pieces(0 if sends else PATIENCE):
            last, came = monotonic(), True
            outbox.say(_TAKEN)
            yield piece
        if (came and inbox.is_empty()) or monotonic() - last >= PATIENCE:
            last = monotonic()
            yield None
    if failure is not None and not inbox.is_cut_off:
        raise failure


class _Outbox:
    """Messages on their way to the other process, in which a thread writes them."""

    def __init__(self, pipe: IO[bytes]) -> None:
        _widen(pipe)
        self._number = pipe.fileno()
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._put = 0  # bytes, counted by the one thread
        self._sent = 0  # bytes, counted by the other one
        self._thread = Thread(target=self._write, daemon=True)
        self._thread.start()

    def has_room(self) -> bool:
        """Whether little waits to be sent."""
        return self._put - self._sent < _OUTSTANDING

    def put(self, message: Any) -> None:
        """Send a message."""
        data = marshal.dumps(message)
        self._put += len(data)
        self._waiting.put(data)

    def say(self, word: bytes) -> None:
        """Send what is not a message."""
        self._put += len(word)
        self._waiting.put(word)

    def close(self) -> None:
        """End the thread, after the other process has ended."""
        self._waiting.put(None)
        self._thread.join()

    def _write(self) -> None:
        with suppress(OSError):  # the other process ended: its pieces end, too
            while (data := self._waiting.get()) is not None:
                _write_all(self._number, len(data).to_bytes(8, "big"))
                _write_all(self._number, data)
                self._sent += len(data)


def _write_all(number: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(number, rest) :]


class _Inbox:
    """Pieces from the other process, which a thread reads.

    ``has_begun``: that process is ready, or has ended. ``has_ended``: no piece follows. ``is_cut_off``: it was killed
    before it had sent all.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        _widen(pipe)
        self._ready: Queue[bytes | None] = Queue(_AHEAD)
        self.has_begun: bool = False
        self.has_ended: bool = False
        self.is_cut_off: bool = False
        self._thread = Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def is_empty(self) -> bool:
        """Whether no piece is there just now."""
        return self._ready.empty()

    def pieces(self, patience: float) -> Iterator[Any]:
        """The pieces that are there; where there is none, the next one, if it comes within so many seconds."""
        for _ in range(max(1, self._ready.qsize())):
            try:
                piece = self._ready.get(timeout=patience) if patience else self._ready.get_nowait()
            except Empty:
                return
            self.is_cut_off = piece is None
            self.has_ended = piece is None or piece == _END
            if piece is None or self.has_ended:
                return
            yield marshal.loads(piece)

    def close(self) -> None:
        """End the thread, after the other process has ended: take what is left, so that it can."""
        while not self.is_cut_off and self._ready.get() is not None:
            pass
        self._thread.join()

    def _read(self, pipe: IO[bytes]) -> None:
        with BufferedReader(pipe, _PIPE) as buffered:  # type: ignore[type-var]
            while len(head := buffered.read(8)) == 8:
                size = int.from_bytes(head, "big")
                if len(piece := buffered.read(size)) < size:  # it was ended in the middle
                    break
                self.has_begun = True
                if piece != _READY:
                    self._ready.put(piece)
        self.has_begun = True
        self._ready.put(None)


def _widen(pipe: IO[bytes]) -> None:
    """Enlarge a pipe's buffer: each use of it may wait for another thread that runs Python."""
    with suppress(ImportError, AttributeError, OSError):  # where there is no such thing, it is slower
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


# in the other process


def lower_priority() -> None:
    """Let other processes go first where all processors are busy: a server goes on answering during a replay."""
    with suppress(AttributeError, OSError):  # where there is no such thing
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def serve(work: Callable[[Order, Starter], Iterable[Any]]) -> None:
    """Read what is to be done from standard input, and write the pieces of it, plain values, to standard output."""
    gc.disable()  # nothing here goes in circles
    lower_priority()
    pipe, starter = os.fdopen(os.dup(1), "wb", _PIPE), Starter()
    os.dup2(2, 1)  # nothing else may come between
    try:
        _send(pipe, _READY)
        order = next(message for message in starter.messages() if message is not None)
        for piece in work(order, starter):
            _send(pipe, marshal.dumps(piece))
            starter.sent += 1
        _send(pipe, _END)
    except BrokenPipeError:  # nobody wants the rest
        os._exit(0)


@define
class Starter:
    """The process that started this one, as what comes from it shows; ``sent``: how many pieces it was sent."""

    sent: int = 0
    _taken: int = field(default=0, init=False)
    _waiting: deque[bytes] = field(factory=deque, init=False)  # messages that were read, but not asked for

    def messages(self) -> Iterator[Any]:
        """The messages, the order first; None now and then while none comes."""
        while True:
            if not self._waiting and _is_ready(0, PATIENCE):
                self._read()
            if not self._waiting:
                yield None
            elif (message := self._waiting.popleft()) == _END:
                return
            else:
                yield marshal.loads(message)

    def untaken(self) -> int:
        """How many of the pieces that it was sent it has not taken yet."""
        while _is_ready(0, 0):
            self._read()
        return self.sent - self._taken

    def _read(self) -> None:
        if (head := _exactly(0, 8)) is None or (data := _exactly(0, int.from_bytes(head, "big"))) is None:
            os._exit(0)  # it was killed
        if data == _TAKEN:
            self._taken += 1
        else:
            self._waiting.append(data)


def _is_ready(number: int, patience: float) -> bool:
    """Whether there is something to read within so many seconds; where that cannot be asked, it is waited for."""
    if not hasattr(select, "poll"):
        return patience > 0
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(patience * 1000))


def _exactly(number: int, size: int) -> bytes | None:
    """So many bytes; None where fewer come."""
    parts = []
    while size:
        if not (part := os.read(number, min(size, _PIPE))):
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(pipe: IO[bytes], piece: bytes) -> None:
    pipe.write(len(piece).to_bytes(8, "big"))
    pipe.write(piece)
    pipe.flush()
