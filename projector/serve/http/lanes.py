"""Where answers are computed: threads for those that come at once, and a few for those that take long.

So a question about one thing does not wait behind a digest of everything. An answer that takes too long is given up:
the refusal is sent at once, and the thread ends at its next look at the clock (`projector.ask.deadline`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, Final, NamedTuple, TypeVar

from attrs import define, field

from projector.ask.deadline import answered_by
from projector.serve.http.deadlines import Deadlines
from projector.serve.http.problems import Problem, unavailable

T = TypeVar("T")

QUICK_THREADS: Final = 3
LONG_THREADS: Final = 3
_KEEPS_UP: Final = 0.005  # seconds without an answer after which the first thread is helped
_TOGETHER: Final = 0.001  # seconds in which answers are handed over together
_MOST_QUICK: Final = 512  # that are asked at once,
_MOST_LONG: Final = 32  # and those that take long


class _Work(NamedTuple):
    """A question that waits for a thread, and who waits for its answer."""

    answer: Callable[[], Any]
    due: float
    future: asyncio.Future[Any]


_Done = tuple[asyncio.Future[Any], Any, BaseException | None]


@define
class Lane:
    """Some threads, and how many questions they have at most: more are refused at once.

    The first thread takes all questions as long as it keeps up: of short answers most of the time would go by while
    threads wait for each other. The others help it where nothing was answered for some milliseconds. (The standard
    library's pool wakes a thread for each question, and its futures alone would take a quarter of the time.)
    """

    threads: int
    most: int
    name: str
    timeout: float
    asked: int = field(default=0, init=False)
    _queue: SimpleQueue[_Work] = field(factory=SimpleQueue, init=False, repr=False)
    _calls: SimpleQueue[bool] = field(factory=SimpleQueue, init=False, repr=False)  # for help; False: to end
    _settled_at: float = field(default=0.0, init=False)
    _deadlines: Deadlines = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._deadlines = Deadlines(self.timeout, self._late)
        Thread(target=self._run_first, name=self.name, daemon=True).start()
        for number in range(1, self.threads):
            Thread(target=self._run_helper, name=f"{self.name} {number}", daemon=True).start()

    async def run(self, answer: Callable[[], T]) -> T:
        """What a function gives, called in a thread.

        Raises:
            Problem: too many are waiting, or it took too long.
        """
        if self.asked >= self.most:
            raise unavailable("too many questions are waiting; ask again later")
        now, future = monotonic(), asyncio.get_running_loop().create_future()
        self._deadlines.watch(future)
        self.asked += 1
        self._queue.put(_Work(answer, now + self.timeout, future))
        if self.asked > 1 and now - self._settled_at > _KEEPS_UP:
            self._calls.put(True)
        found: T = await future
        return found

    def _late(self) -> Problem:
        return unavailable(f"the answer takes longer than {self.timeout:g} seconds; ask for less of it at once")

    def close(self) -> None:
        """End the threads, each after the answer that it is at."""
        self._queue.put(_END)
        for _ in range(1, self.threads):
            self._calls.put(False)

    def _run_first(self) -> None:
        while (work := self._queue.get()) is not _END:
            if self._work_off(work):
                return

    def _run_helper(self) -> None:
        while self._calls.get():
            with suppress(Empty):
                if self._work_off(self._queue.get_nowait()):
                    return

    def _work_off(self, first: _Work) -> bool:
        """Answer a question, and those that wait behind it; return whether it is the end."""
        work, begun, done = first, monotonic(), list[_Done]()
        try:
            while work is not _END:
                done.append((work.future, *_answered(work)))
                if monotonic() - begun > _TOGETHER:
                    self._hand_over(done)
                    begun, done = monotonic(), []
                work = self._queue.get_nowait()
            self._queue.put(_END)  # for the first thread
        except Empty:
            pass
        if done:
            self._hand_over(done)
        return work is _END

    def _hand_over(self, done: list[_Done]) -> None:
        """Have the event loop tell those who wait: for several answers at once, since each call wakes it."""
        loop = done[0][0].get_loop()
        with suppress(RuntimeError):  # it was closed meanwhile
            loop.call_soon_threadsafe(self._settle, done)

    def _settle(self, done: list[_Done]) -> None:
        self._settled_at = monotonic()
        self.asked -= len(done)
        for future, result, error in done:
            if future.done():  # given up
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


def _nothing() -> None:
    """What ends the threads."""


_END: Final = _Work(_nothing, 0.0, None)  # type: ignore[arg-type]


def _answered(work: _Work) -> tuple[Any, BaseException | None]:
    """The answer to a question, or what was raised; of one that was given up nothing."""
    try:
        if work.future.done():
            return None, None
        with answered_by(work.due):
            return work.answer(), None
    except BaseException as error:
        return None, error


@define(init=False)
class Lanes:
    """Both lanes of a server."""

    quick: Lane
    long: Lane

    def __init__(self, timeout: float) -> None:
        self.quick = Lane(QUICK_THREADS, _MOST_QUICK, "quick", timeout)
        self.long = Lane(LONG_THREADS, _MOST_LONG, "long", timeout)

    def close(self) -> None:
        """End the threads of both."""
        self.quick.close()
        self.long.close()
