"""How much work something is: functions called, and steps of SQLite's machine. No clock, so the same each time."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field

_STEPS = 10  # of SQLite's machine that are counted at once


@define
class Counting:
    """Counts what connections do that are made while it is there."""

    _steps: int = field(default=0, init=False)
    _calls: int = field(default=0, init=False)

    def connect(self, *arguments: Any, **named: Any) -> sqlite3.Connection:
        """A connection as SQLite makes it, whose steps are counted."""
        connection: sqlite3.Connection = _connect(*arguments, **named)
        connection.set_progress_handler(self._step, _STEPS)
        return connection

    def _step(self) -> int:
        self._steps += _STEPS
        return 0

    def _call(self, frame: object, event: str, argument: object) -> None:
        self._calls += event in ("call", "c_call")

    def work(self, call: Callable[[], object]) -> int:
        """How much a call does."""
        self._steps = self._calls = 0
        before = sys.getprofile()
        sys.setprofile(self._call)
        try:
            call()
        finally:
            sys.setprofile(before)
        return self._calls + self._steps


_connect = sqlite3.connect


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    """Counts the work of every store that is opened in a test."""
    found = Counting()
    monkeypatch.setattr(sqlite3, "connect", found.connect)
    return found
