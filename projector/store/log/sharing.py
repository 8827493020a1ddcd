"""Commits that are shared: callers that wait at the same moment are served by one of them, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic, sleep
from typing import Final, Generic, TypeVar

from projector.domain.errors import ProjectorError

_LONGEST: Final = 0.005  # seconds that others are waited for, where there were others the time before
_PAUSE: Final = 0.0002
_MOST: Final = 1000  # requests of one commit

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class _Caller(Generic[Request, Answer]):
    """A caller that waits: for its answer, for an error, or to commit for others and itself."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.leads = False
        self._waits = Lock()
        self._waits.acquire()

    def wait(self) -> None:
        self._waits.acquire()

    def wake(self) -> None:
        self._waits.release()


class SharedCommits(Generic[Request, Answer]):
    """Commits requests of any number of threads; each caller returns after the commit that holds its own.

    Args:
        commit: Commits several requests in one transaction, and gives an answer for each.
    """

    def __init__(self, commit: Callable[[Sequence[Request]], Sequence[Answer]]) -> None:
        self._commit = commit
        self._lock = Lock()
        self._waiting: list[_Caller[Request, Answer]] = []
        self._is_led = False
        self._last = 1  # requests of the last commit

    def submit(self, request: Request) -> Answer:
        """The answer to a request, once it is committed.

        Raises:
            Exception: what the commit of this request raised.
        """
        caller: _Caller[Request, Answer] = _Caller(request)
        with self._lock:
            self._waiting.append(caller)
            caller.leads, self._is_led = not self._is_led, True
        if not caller.leads:
            try:
                caller.wait()
            except BaseException:
                self._give_up(caller)
                raise
        if caller.leads:
            self._lead(caller)
        if caller.error is not None:
            raise caller.error
        assert caller.answer is not None, "the leader answers everybody"
        return caller.answer

    def _give_up(self, caller: _Caller[Request, Answer]) -> None:
        """Leave out a caller that was interrupted while it waited, if nobody took its request yet."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one is not caller]
            leads = caller.leads
        if leads:
            self._hand_over([], caller)

    def _lead(self, leader: _Caller[Request, Answer]) -> None:
        group = [leader]
        try:
            group = self._taken()
            self._serve(group)
        except BaseException:  # this thread was interrupted: the others' requests are still to be done
            with self._lock:
                unserved = [caller for caller in group if not _is_served(caller)] + self._waiting
                self._waiting = [caller for caller in unserved if caller is not leader]
            group = [caller for caller in group if caller is leader or _is_served(caller)]
            raise
        finally:
            self._hand_over(group, leader)

    def _taken(self) -> list[_Caller[Request, Answer]]:
        """The callers that wait, after a moment for those that are about to."""
        due = monotonic() + _LONGEST
        while self._last > 1 and len(self._waiting) < self._last and monotonic() < due:
            sleep(_PAUSE)
        with self._lock:
            group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        self._last = len(group)
        return group

    def _serve(self, group: Sequence[_Caller[Request, Answer]]) -> None:
        try:
            answers = self._commit([caller.request for caller in group])
            for caller, answer in zip(group, answers, strict=True):
                caller.answer = answer
        except ProjectorError as error:  # the store cannot be used: that holds for all
            for caller in group:
                caller.error = type(error)(*error.args)
        except Exception as error:
            if len(group) == 1:
                group[0].error = error
                return
            for caller in group:
                self._serve([caller])

    def _hand_over(self, served: Sequence[_Caller[Request, Answer]], leader: _Caller[Request, Answer]) -> None:
        """Let the served callers go on, and the first of those that came since lead."""
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._is_led = following is not None
            if following is not None:
                following.leads = True
        if following is not None:
            following.wake()
        for caller in served:
            if caller is not leader:
                caller.wake()


def _is_served(caller: _Caller[Request, Answer]) -> bool:
    return caller.answer is not None or caller.error is not None
