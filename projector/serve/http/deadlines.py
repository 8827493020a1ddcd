"""Those who wait for no longer than some seconds: one timer watches all of them, as each of its own would cost more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import ReferenceType, ref

from attrs import define, field

Waited = asyncio.Future[Any]


@define
class Deadlines:
    """Futures that are to be done within ``seconds``; one that is not gets what ``late`` makes."""

    seconds: float
    late: Callable[[], Exception]
    _waiting: deque[tuple[float, ReferenceType[Waited]]] = field(factory=deque, init=False, repr=False)
    _is_set: bool = field(default=False, init=False)

    def watch(self, future: Waited) -> None:
        """Watch a future of the event loop that runs."""
        loop, waiting = future.get_loop(), self._waiting
        while waiting and _is_done(waiting[0][1]):
            waiting.popleft()
        waiting.append((loop.time() + self.seconds, ref(future)))
        if not self._is_set:
            self._is_set = True
            loop.call_at(waiting[0][0], self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now, waiting = loop.time(), self._waiting
        while waiting and (waiting[0][0] <= now or _is_done(waiting[0][1])):
            future = waiting.popleft()[1]()
            if future is not None and not future.done():
                future.set_exception(self.late())
        self._is_set = bool(waiting)
        if waiting:
            loop.call_at(waiting[0][0], self._look, loop)


def _is_done(found: ReferenceType[Waited]) -> bool:
    """Whether nobody waits for a future any more."""
    future = found()
    return future is None or future.done()
