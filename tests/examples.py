"""What the examples in docstrings begin with: ``projector``, and ``p`` and ``view`` over the demo's store."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import projector
from projector.serve.demo.college import term

RECORDED = datetime(2026, 1, 5, tzinfo=UTC)


class Examples:
    """A plugin for pytest: runs each example in a folder in which ``projector demo`` was called."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._names: dict[str, Any] = {}
        self._folder = Path()

    @pytest.fixture(autouse=True)
    def _names_of_examples(
        self,
        request: pytest.FixtureRequest,
        doctest_namespace: dict[str, Any],
        tmp_path_factory: pytest.TempPathFactory,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if isinstance(request.node, pytest.DoctestItem):
            if not self._names:
                self._make(tmp_path_factory.mktemp("examples"))
            monkeypatch.chdir(self._folder)
            doctest_namespace.update(self._names)

    def _make(self, folder: Path) -> None:
        """Make the demo, with times of recording that are always the same."""
        log, store = folder / "projector-demo/college.jsonl", folder / "projector-demo/college.db"
        log.parent.mkdir()
        log.write_bytes(b"".join(line + b"\n" for line in term()))
        seconds = count()
        opened = projector.open(store, clock=lambda: RECORDED + timedelta(seconds=next(seconds)))
        p = self._opened.enter_context(opened)
        p.replay(log)
        self._names = {"projector": projector, "p": p, "view": p.as_of("2025-12-01")}
        self._folder = folder

    def pytest_unconfigure(self) -> None:
        """Close the store."""
        self._opened.close()
