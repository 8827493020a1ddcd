"""Those who wait for no longer than some seconds: one timer watches all of them, as each of its own would cost more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol
from weakref import ReferenceType, ref

from attrs import define, field


class Waited(Protocol):
    """What is waited for: a future, or what is like one."""

    def done(self) -> bool:
        """Whether nobody waits any more."""
        ...

    def set_exception(self, error: Any, /) -> None:
        """End the waiting."""
        ...


@define
class Deadlines:
    """Those that are to be done within ``seconds``; one that is not gets what ``late`` makes."""

    seconds: float
    late: Callable[[], Exception]
    _waiting: deque[tuple[float, ReferenceType[Waited]]] = field(factory=deque, init=False, repr=False)
    _is_set: bool = field(default=False, init=False)

    def watch(self, waited: Waited) -> None:
        """Watch one that is waited for in the event loop that runs."""
        loop, waiting = asyncio.get_running_loop(), self._waiting
        while waiting and _is_done(waiting[0][1]):
            waiting.popleft()
        waiting.append((loop.time() + self.seconds, ref(waited)))
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
