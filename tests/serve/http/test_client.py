"""A client that is generated from the OpenAPI document asks what the command line answers."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from projector.serve.demo.college import LANDMARKS
from tests.builders import outcome
from tests.recipes import STORE
from tests.serve.http.running import Running, serving
from tests.serve.shell import Shell

pytestmark = pytest.mark.slow

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


def spelled(value: Any) -> Any:
    """JSON with its instants in one spelling: the client reads them, and writes them in another."""
    match value:
        case dict():
            return {name: spelled(one) for name, one in value.items()}
        case list():
            return [spelled(one) for one in value]
        case str() if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value).isoformat(timespec="microseconds")
    return value


class Client:
    """The generated client of a server: its questions by name."""

    def __init__(self, server: Running, package: str) -> None:
        self._package = package
        client = importlib.import_module(f"{package}.client")
        self._client = client.Client(base_url=server.address, raise_on_unexpected_status=True, timeout=60)

    def ask(self, name: str, *parts: Any, **parameters: Any) -> Any:
        """An answer, as the class that was generated for it."""
        operation = importlib.import_module(f"{self._package}.api.{name}")
        return operation.sync(*parts, client=self._client, **parameters)

    def close(self) -> None:
        """Close its connections."""
        self._client.get_httpx_client().close()

    def models(self, name: str) -> Any:
        """A class that was generated."""
        return getattr(importlib.import_module(f"{self._package}.models"), name)


@pytest.fixture(scope="module")
def store(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's store."""
    store = tmp_path_factory.mktemp("college") / "s.db"
    shutil.copy(demo_folder / STORE, store)
    return store


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[Client]:
    """A client made for a server over it, without a warning that a part of the document is left out."""
    with serving(store) as server:
        path = store.with_name("document.json")
        path.write_bytes(server.get("/schema/openapi.json").content)
        made, config = store.with_name("made_client"), store.with_name("config.json")
        config.write_text('{"post_hooks": []}')
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(path), "--meta", "none"]
        command += ["--output-path", str(made), "--config", str(config), "--fail-on-warning"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        sys.path.insert(0, str(made.parent))
        asking = Client(server, made.name)
        try:
            yield asking
        finally:
            asking.close()
            sys.path.remove(str(made.parent))


@pytest.fixture
def run(store: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell over the same store."""
    return Shell(store, capsys)


@pytest.mark.parametrize("day", ["2025-10-12", "2025-10-13"])
def test_the_scale_of_a_day(client: Client, run: Shell, day: str) -> None:
    """Before and after it changed."""
    found = client.ask("contexts.scale", context="Account/1", on=date.fromisoformat(day))
    assert spelled(found.to_dict()) == spelled(run(f"scale Account/1 --on {day} --json").json)
    assert found.found_at == "Account/1"


def test_an_outcome_and_its_history(client: Client, run: Shell) -> None:
    """Of a day in a zone, and all of its versions."""
    outcomes = client.models("Kinds").OUTCOMES
    zone = client.models("TimeZone").AMERICA_NEW_YORK
    found = client.ask("states.show", outcomes, "304", as_of=date(2025, 10, 1), tz=zone)
    assert spelled(found.to_dict()) == spelled(
        run("show outcome 304 --as-of 2025-10-01 --tz America/New_York --json").json
    )
    versions = client.ask("states.history", outcomes, "304")
    assert spelled([one.to_dict() for one in versions]) == spelled(run("history outcome 304 --json").json)


def test_what_nothing_is_known_of(client: Client, run: Shell) -> None:
    """It says why."""
    found = client.ask("states.show", client.models("Kinds").OUTCOMES, "999")
    assert spelled(found.to_dict()) == spelled(run("show outcome 999 --json").json)
    assert found.because.value == "never heard of"


def test_the_scores_of_a_course(client: Client, run: Shell) -> None:
    """As of a day."""
    found = client.ask("results.scores", course="Course/101", as_of=date(2025, 11, 1), limit=1000)
    lines = run("scores --in Course/101 --as-of 2025-11-01 --json").out.splitlines()
    assert spelled([one.to_dict() for one in found.items]) == spelled([json.loads(line) for line in lines])
    assert len(lines) > 100


def test_courses_in_two_pages(client: Client, run: Shell) -> None:
    """The second follows the first, without one twice; results without an id are listed too."""
    courses = client.models("Kinds").COURSES
    first = client.ask("states.list_", courses, limit=7)
    second = client.ask("states.list_", courses, limit=7, cursor=first.next_)
    assert (len(first.items), second.next_) == (7, None)
    lines = run("list course --json").out.splitlines()
    items = [*first.items, *second.items]
    assert [one.to_dict()["id"] for one in items] == [json.loads(line)["id"] for line in lines]
    assert spelled([one.to_dict() for one in items]) == spelled([json.loads(line) for line in lines])
    results = client.ask("states.list_", client.models("Kinds").RESULTS, as_of=date(2025, 9, 5), limit=1000)
    assert any(one.guessed is True for one in results.items)


def test_an_event_is_posted(client: Client, run: Shell) -> None:
    """Then it is in effect; up to the instant before nothing of it was recorded."""
    event = outcome("Reads a map", "2026-01-01T00:00:00Z", id="777")
    event["metadata"]["root_account_uuid"] = LANDMARKS.tenant
    outcomes = client.models("Kinds").OUTCOMES
    before = client.ask("states.list_", outcomes, limit=1).basis.known_at
    report = client.ask("events.post_events", body=event)
    assert (report.read, report.appended, report.quarantined) == (1, 1, 0)
    assert report.recorded_at > before
    found = client.ask("states.show", outcomes, "777")
    assert found.state["title"] == "Reads a map"
    assert spelled(found.to_dict()) == spelled(run("show outcome 777 --json").json)
    assert client.ask("states.show", outcomes, "777", known_at=before).status.value == "unknown"
