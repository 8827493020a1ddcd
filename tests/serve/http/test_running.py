"""A server from its start to its end."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

import projector
from tests.builders import outcome
from tests.serve.http.running import serving


def test_a_server_makes_a_store_and_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    """SIGTERM ends it with 0, after what is being committed."""
    store = tmp_path / "new.db"
    with serving(store) as server:
        answer = server.post(json.dumps(outcome("Cells", "2024-03-01T10:00:00Z", id="5")).encode())
        assert answer.status_code == 200
        assert answer.json()["appended"] == 1
        assert server.get("/v1/outcomes/5").json()["state"]["title"] == "Cells"
        assert server.end() == 0
    with projector.open(store) as p:
        assert p.now().outcome("5") is not None
        assert p.verify().damage is None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_exit_code_says_who_ended_it(tmp_path: Path, number: int, code: int) -> None:
    """0 for the system, 130 for Ctrl-C."""
    with serving(tmp_path / "new.db") as server:
        server.process.send_signal(number)
        assert server.process.wait(30) == code
