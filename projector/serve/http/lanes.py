"""Where answers are computed: threads for those that come at once, and a few for those that take long.

So a question about one thing does not wait behind a digest of everything. An answer that takes too long is given up:
the asker is told so at once, and the thread ends at its next look at the clock (`projector.ask.deadline`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Final, TypeVar

from attrs import define, field

from projector.ask.deadline import answered_by
from projector.serve.http.problems import unavailable

T = TypeVar("T")

QUICK_THREADS: Final = 4
LONG_THREADS: Final = 3
_MOST_QUICK: Final = 512  # that are asked at once,
_MOST_LONG: Final = 32  # and those that take long


@define
class Lane:
    """Some threads, and how many questions they have at most: more are refused at once."""

    threads: int
    most: int
    name: str
    timeout: float
    asked: int = field(default=0, init=False)
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix=self.name)

    async def run(self, answer: Callable[[], T]) -> T:
        """What a function gives, called in a thread.

        Raises:
            Problem: too many are waiting, or it took too long.
        """
        if self.asked >= self.most:
            raise unavailable("too many questions are waiting; ask again later")
        self.asked += 1
        work = self._pool.submit(_answered, answer, monotonic() + self.timeout)
        future = asyncio.wrap_future(work)
        future.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self.timeout):
                return await asyncio.shield(future)
        except TimeoutError:
            work.cancel()  # where it has not begun
            raise unavailable(
                f"the answer takes longer than {self.timeout:g} seconds; ask for less of it at once"
            ) from None

    def _done(self, future: asyncio.Future[T]) -> None:
        self.asked -= 1
        if not future.cancelled():
            future.exception()  # perhaps nobody waits for it any more

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _answered(answer: Callable[[], T], due: float) -> T:
    with answered_by(due):
        return answer()


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
