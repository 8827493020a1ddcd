"""Where answers are computed: threads for those that come at once, and a few for those that take long.

So a question about one thing does not wait behind a digest of everything. An answer that takes too long is given up:
the asker is told so at once, and the thread ends at its next look at the clock (`projector.ask.deadline`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, Final, NamedTuple, TypeVar

from attrs import define, field

from projector.ask.deadline import answered_by
from projector.serve.http.problems import unavailable

T = TypeVar("T")

QUICK_THREADS: Final = 2
LONG_THREADS: Final = 3
_MOST_QUICK: Final = 512  # that are asked at once,
_MOST_LONG: Final = 32  # and those that take long


class _Work(NamedTuple):
    """A question that waits for a thread, and who waits for its answer."""

    answer: Callable[[], Any]
    due: float
    future: asyncio.Future[Any]


@define
class Lane:
    """Some threads, and how many questions they have at most: more are refused at once.

    The standard library's pool would take a quarter of the time of a short answer, mostly for locks of its futures.
    """

    threads: int
    most: int
    name: str
    timeout: float
    asked: int = field(default=0, init=False)
    _queue: SimpleQueue[_Work | None] = field(factory=SimpleQueue, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for number in range(self.threads):
            Thread(target=self._run, name=f"{self.name} {number}", daemon=True).start()

    async def run(self, answer: Callable[[], T]) -> T:
        """What a function gives, called in a thread.

        Raises:
            Problem: too many are waiting, or it took too long.
        """
        if self.asked >= self.most:
            raise unavailable("too many questions are waiting; ask again later")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        timer = loop.call_later(self.timeout, self._give_up, future)
        self.asked += 1
        self._queue.put(_Work(answer, monotonic() + self.timeout, future))
        try:
            return await future
        finally:
            timer.cancel()

    def _give_up(self, future: asyncio.Future[Any]) -> None:
        if not future.done():
            late = f"the answer takes longer than {self.timeout:g} seconds; ask for less of it at once"
            future.set_exception(unavailable(late))

    def close(self) -> None:
        """End the threads, each after the answer that it is at."""
        for _ in range(self.threads):
            self._queue.put(None)

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            result, error = None, None
            try:
                if not work.future.done():
                    with answered_by(work.due):
                        result = work.answer()
            except BaseException as raised:
                error = raised
            loop = work.future.get_loop()
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(self._settle, work.future, result, error)
            del work, result, error  # nothing is kept while it waits for the next one

    def _settle(self, future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        self.asked -= 1
        if future.done():  # given up
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


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
