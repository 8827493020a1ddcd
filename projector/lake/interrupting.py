"""Ctrl-C while DuckDB works: it does not return for a signal, and makes another error of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import define

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

_STOPPED: Final = "Query interrupted"
_LOOK: Final = 0.2  # seconds after which a thread that waits looks for signals


@contextmanager
def stopping_at_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C be what it is elsewhere: while a statement runs, DuckDB makes another error of it.

    Raises:
        KeyboardInterrupt: it came.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) == _STOPPED:
            raise KeyboardInterrupt from error
        raise


def interruptibly(connection: DuckDBPyConnection, work: Callable[[], T]) -> T:
    """What ``work`` returns on a connection; Ctrl-C ends it within moments.

    DuckDB does not return for a signal, so it works in a thread, for which this one waits.
    """
    done, outcome = Event(), _Outcome()
    thread = Thread(target=outcome.of, args=(work, done), daemon=True)
    try:
        thread.start()
        while not done.wait(_LOOK):
            pass  # a signal that came just before this thread waited, or that another one took, does not wake it
    except BaseException:
        _stop(connection, thread, done)
        raise
    if outcome.error is not None:
        raise outcome.error
    return outcome.value  # type: ignore[no-any-return]


def _stop(connection: DuckDBPyConnection, thread: Thread, done: Event) -> None:
    """Interrupt the work of a thread until it ends: what has not begun yet would miss one interruption."""
    rounds = 20  # for which a thread that is not alive may still begin
    while rounds and not done.wait(0.05):
        connection.interrupt()
        rounds -= not thread.is_alive()


@define
class _Outcome:
    value: Any = None
    error: BaseException | None = None

    def of(self, work: Callable[[], Any], done: Event) -> None:
        try:
            self.value = work()
        except BaseException as error:
            self.error = error
        finally:
            done.set()
