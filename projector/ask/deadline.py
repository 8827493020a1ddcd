"""The time by which a question has to be answered, where someone waits for it no longer than that.

Whatever an answer is put together from, it is read in short transactions: each begins with a look at the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Final

from projector.domain.errors import ProjectorError

_DUE: Final[ContextVar[float | None]] = ContextVar("due", default=None)


class OutOfTime(ProjectorError):
    """The answer would take longer than its asker waits."""


@contextmanager
def answered_by(due: float) -> Iterator[None]:
    """Give up every question that is asked within, in this thread, once the time has come.

    Args:
        due: By the clock of `time.monotonic`.

    >>> with answered_by(monotonic() - 1):
    ...     see_that_in_time()
    Traceback (most recent call last):
    projector.ask.deadline.OutOfTime: the answer takes too long; ask for less of it at once
    """
    token = _DUE.set(due)
    try:
        yield
    finally:
        _DUE.reset(token)


def see_that_in_time() -> None:
    """See that there is still time for the answer.

    Raises:
        OutOfTime: there is not.
    """
    due = _DUE.get()
    if due is not None and monotonic() > due:
        raise OutOfTime("the answer takes too long; ask for less of it at once")
