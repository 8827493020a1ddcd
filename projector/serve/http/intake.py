"""The way in: one queue, one thread that writes. What waits together is committed together, and then answered.

A post is answered only when its events are on the disk. Where that cannot be promised within ten seconds, it is refused
early, so that its sender tries again later: an event may then arrive twice, which changes nothing, but is never lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final, Protocol, TypeVar

from attrs import define, field

from projector.domain.errors import ProjectorError
from projector.serve.http.deadlines import Deadlines
from projector.serve.http.metrics import Metrics
from projector.serve.http.problems import Problem, unavailable
from projector.store.log.appending import Receipt, Together
from projector.store.log.log import EventLog

PROMISED: Final = 10.0  # seconds within which a post is committed, or refused
_LONGEST: Final = 0.005  # seconds that a commit waits for others,
_PAUSE: Final = 0.0005  # and after which it looks again
_STUCK: Final = 3.0  # seconds that a commit takes, after which others are not accepted until it ends
_MOST_POSTS: Final = 500  # of a commit
_MOST_WAITING: Final = 2000  # posts,
_MOST_BYTES: Final = 2**26  # and bytes of all posts that were begun and are not answered yet


R = TypeVar("R", bound="Readable")


class Readable(Protocol):
    """A post that was read: it adds itself to what is committed."""

    def add_to(self, together: Together) -> None:
        """Add what is to be appended, as one request."""
        ...


Outcome = tuple[Any, Receipt]  # a post that was read, and what became of it


@define(eq=False)
class _Post:
    """A post that waits to be read and committed; ``given_up``: nobody waits for it any more."""

    read: Callable[[], Readable]
    future: asyncio.Future[Outcome]
    given_up: bool = False

    def settle(self, outcome: Outcome | None, error: BaseException | None) -> None:
        """Hand over what became of it, in the event loop."""
        if self.future.done():
            return
        if outcome is not None:
            self.future.set_result(outcome)
        else:
            self.future.set_exception(error or RuntimeError("a commit without a receipt"))


Settled = tuple[_Post, Outcome | None, BaseException | None]


@define
class Intake:
    """Commits posts in one thread, several at once where several wait."""

    log: EventLog
    metrics: Metrics
    _queue: SimpleQueue[_Post | None] = field(factory=SimpleQueue, init=False, repr=False)
    _thread: Thread = field(init=False, repr=False)
    _waiting: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)
    _committing_since: float | None = field(default=None, init=False)
    _together: int = field(default=1, init=False)  # posts of the last commit

    _deadlines: Deadlines = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._deadlines = Deadlines(PROMISED, _not_in_time)
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    # in the event loop

    def see_that_open(self) -> None:
        """See that another post would be committed in time.

        Raises:
            Problem: too many wait, or the commit at hand takes long, as when another process is writing.
        """
        if self._is_stuck:
            raise unavailable("the store is busy; send the events again later")
        if self._waiting >= _MOST_WAITING or self._bytes >= _MOST_BYTES:
            raise unavailable("too many events are waiting; send these again later")

    @property
    def is_open(self) -> bool:
        """Whether another post would be accepted."""
        return not self._is_stuck and self._bytes < _MOST_BYTES

    @property
    def _is_stuck(self) -> bool:
        since = self._committing_since
        return since is not None and monotonic() - since > _STUCK

    def hold(self, size: int) -> None:
        """Count bytes of a post that was begun.

        Raises:
            Problem: all posts together would take too much memory.
        """
        if self._bytes >= _MOST_BYTES:
            raise unavailable("too many events are waiting; send these again later")
        self._bytes += size

    def release(self, size: int) -> None:
        """No longer count bytes."""
        self._bytes -= size

    async def commit(self, read: Callable[[], R]) -> tuple[R, Receipt]:
        """A post, and what became of it, once it is durable.

        Args:
            read: Gives the post; called in the thread that writes, so it must not take long.

        Raises:
            Problem: it is refused, or it could not be committed in time.
            StoreError: the store cannot be written to.
        """
        post = _Post(read, asyncio.get_running_loop().create_future())
        self._deadlines.watch(post.future)
        self._waiting += 1
        self._queue.put(post)
        try:
            return await post.future
        finally:
            post.given_up = True
            self._waiting -= 1

    def close(self) -> None:
        """End after the commits of what waits."""
        self._queue.put(None)
        self._thread.join()

    # in the thread that writes

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            self._wait_for_others()
            posts, goes_on = self._taken(first)
            self._committing_since, self._together = monotonic(), len(posts)
            try:
                settled = self._committed(posts)
            finally:
                self._committing_since = None
            _hand_over(settled)
            if not goes_on:
                return

    def _wait_for_others(self) -> None:
        """Wait a moment for as many posts as came together the time before; one that comes alone waits for nobody."""
        due = monotonic() + _LONGEST
        while self._queue.qsize() + 1 < self._together and monotonic() < due:
            sleep(_PAUSE)

    def _taken(self, first: _Post) -> tuple[list[_Post], bool]:
        """The posts that wait, without those that were given up; and whether more may come."""
        posts, goes_on = [first], True
        while len(posts) < _MOST_POSTS:
            try:
                post = self._queue.get_nowait()
            except Empty:
                break
            if post is None:
                goes_on = False
                break
            posts.append(post)
        return [post for post in posts if not post.given_up], goes_on

    def _committed(self, posts: Sequence[_Post]) -> list[Settled]:
        """Read and commit posts together; where that fails for another reason than the store, one by one."""
        settled, read = list[Settled](), list[tuple[_Post, Readable]]()
        together = Together()
        for post in posts:
            try:
                found = post.read()
                found.add_to(together)
                read.append((post, found))
            except Exception as error:
                settled.append((post, None, error))
        if not read:
            return settled
        started = monotonic()
        try:
            receipts = self.log.append_together(together.ended())
        except ProjectorError as error:
            return settled + [(post, None, type(error)(*error.args)) for post, _ in read]
        except Exception as error:
            if len(read) == 1:
                return [*settled, (read[0][0], None, error)]
            return settled + [one for post, _ in read for one in self._committed([post])]
        self.metrics.committed(together.request, receipts, monotonic() - started)
        done = zip(read, receipts, strict=True)
        return settled + [(post, (found, receipt), None) for (post, found), receipt in done]


def _not_in_time() -> Problem:
    return unavailable("the store is busy; send the events again later", int(PROMISED))


def _hand_over(settled: Sequence[Settled]) -> None:
    """Have the event loop tell all who wait."""

    def tell() -> None:
        for post, receipt, error in settled:
            post.settle(receipt, error)

    if settled:
        with suppress(RuntimeError):  # the loop was closed meanwhile
            settled[0][0].future.get_loop().call_soon_threadsafe(tell)
