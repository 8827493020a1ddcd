"""Every question over HTTP gives what the command line prints with ``--json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from projector.serve.cli import main
from projector.serve.http.routes import ROUTES
from tests.serve.http.running import Running

DAY = "2025-10-12"
LEARNER = "learner000000000000000000000000000000000"
QUESTIONS: dict[str, tuple[str, dict[str, Any], str]] = {  # the address, its parameters, the command line
    "show": ("/v1/outcomes/304", {"as_of": DAY}, f"show outcome 304 --as-of {DAY}"),
    "show in a zone": (
        "/v1/scales/7",
        {"as_of": DAY, "tz": "Asia/Tokyo"},
        f"show scale 7 --as-of {DAY} --tz Asia/Tokyo",
    ),
    "show what was not there yet": ("/v1/outcomes/304", {"as_of": "2020-01-01"}, "show outcome 304 --as-of 2020-01-01"),
    "show nothing": ("/v1/links/999", {}, "show link 999"),
    "show a result": ("/v1/results/100526", {}, "show result 100526"),
    "history": ("/v1/outcomes/304/history", {}, "history outcome 304"),
    "why": ("/v1/scales/7/why", {"as_of": DAY}, f"why scale 7 --as-of {DAY}"),
    "why, raw": ("/v1/scales/7/why", {"raw": "true"}, "why scale 7 --raw"),
    "list": ("/v1/outcomes", {"as_of": DAY, "limit": 1000}, f"list outcome --as-of {DAY}"),
    "list deleted": ("/v1/links", {"deleted": "true", "limit": 1000}, "list link --deleted"),
    "list nothing": ("/v1/scales", {"as_of": "2020-01-01"}, "list scale --as-of 2020-01-01"),
    "list accounts": ("/v1/accounts", {}, "list account"),
    "scale": ("/v1/scale", {"context": "Course/101", "on": DAY}, f"scale Course/101 --on {DAY}"),
    "scale of a lineage": (
        "/v1/scale",
        {"context": "Course/101", "lineage": "Course/101,Account/30"},
        "scale Course/101 --lineage Course/101,Account/30",
    ),
    "scale of nothing": (
        "/v1/scale",
        {"context": "Course/101", "on": "2020-01-01"},
        "scale Course/101 --on 2020-01-01",
    ),
    "method": ("/v1/method", {"context": "Course/101", "as_of": DAY}, f"method Course/101 --on {DAY}"),
    "tree": ("/v1/tree", {"context": "Account/1", "as_of": DAY}, f"tree Account/1 --as-of {DAY}"),
    "tree of nothing": ("/v1/tree", {"context": "Course/999"}, "tree Course/999"),
    "scores": ("/v1/scores", {"course": "101", "as_of": DAY, "limit": 1000}, f"scores --in 101 --as-of {DAY}"),
    "scores by another scale": (
        "/v1/scores",
        {"outcome": "303", "scale_as_of": DAY, "inactive": "true", "across": "true", "limit": 1000},
        f"scores --outcome 303 --scale-as-of {DAY} --inactive --across",
    ),
    "scores of a learner": ("/v1/scores", {"learner": LEARNER}, f"scores --learner {LEARNER}"),
    "diff": ("/v1/diff", {"from": DAY, "to": "2025-10-13", "limit": 1000}, f"diff {DAY} 2025-10-13"),
    "diff of a kind": (
        "/v1/diff",
        {"from": DAY, "to": "2025-10-13", "kind": "scale"},
        f"diff {DAY} 2025-10-13 --kind scale",
    ),
    "diff in a context": (
        "/v1/diff",
        {"from": "2025-10-01", "to": DAY, "context": "Account/1"},
        f"diff 2025-10-01 {DAY} --context Account/1",
    ),
    "digest": ("/v1/digest", {"as_of": DAY}, f"digest --as-of {DAY}"),
}


def test_every_route_is_compared() -> None:
    """Also one that is added later."""
    missing = {route.name for route in ROUTES}
    for name in QUESTIONS:
        missing.discard(name.split()[0].rstrip(","))
    assert not missing


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_that_of_the_command_line(
    name: str, demo: Running, demo_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same JSON; lists in pages, with the basis that the command line prints on stderr; 404 for exit code 1."""
    path, parameters, line = QUESTIONS[name]
    code = main([*line.split(), "--json", "--store", str(demo_store)])
    printed = capsys.readouterr()
    answer = demo.get(path, **parameters)
    assert answer.headers["content-type"] == "application/json"
    if "items" in answer.json():
        assert answer.status_code == 200
        assert answer.json()["items"] == [json.loads(line) for line in printed.out.splitlines()]
        assert answer.json()["next"] is None
        assert {"basis": answer.json()["basis"]} == json.loads(printed.err.splitlines()[-1])
    else:
        assert answer.status_code == (200 if code == 0 else 404)
        assert answer.json() == json.loads(printed.out)


@pytest.mark.parametrize(("ending", "line"), [("history", "history"), ("why", "why")])
def test_nothing_known_is_said_with_the_unknown_object(
    ending: str, line: str, demo: Running, demo_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a history and its reasons too."""
    assert main([line, "outcome", "999", "--json", "--store", str(demo_store)]) == 1
    main(["show", "outcome", "999", "--json", "--store", str(demo_store)])
    unknown = json.loads(capsys.readouterr().out.splitlines()[-1])
    answer = demo.get(f"/v1/outcomes/999/{ending}")
    assert answer.status_code == 404
    assert answer.json() == unknown
