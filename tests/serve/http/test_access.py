"""Who may ask and write, by tokens and, on the loopback, by the name of the server; and what a log tells of them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.builders import HARBOR, Event, outcome, result
from tests.serve.http.running import Running, make_token, serving
from tests.serve.http.sockets import exchanged, log_of, request, status_of

pytestmark = pytest.mark.slow  # all of them together take long

MEADOW = "MeadowUuid000000000000000000000000000002"
SAFE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "vary": "Authorization",
}


def of_meadow(event: Event) -> Event:
    """The same event, of another institution."""
    return event | {
        "metadata": event["metadata"] | {"root_account_uuid": MEADOW, "root_account_id": "21080000000000001"}
    }


def body_of(*events: Event) -> bytes:
    """Events as JSON lines."""
    return b"\n".join(json.dumps(event).encode() for event in events)


@frozen(kw_only=True)
class Guarded:
    """A server with two institutions and a token of each scope; ``both`` reads both institutions."""

    server: Running
    file: Path
    read: str
    write: str
    admin: str
    both: str


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server with tokens, and an outcome of each of two institutions."""
    folder = tmp_path_factory.mktemp("guarded")
    file = folder / "tokens"
    file.write_text("# who may what\n\n", encoding="utf-8")
    read = make_token(file, "--tenant", HARBOR, "--name", "dashboard")
    write = make_token(file, "--scope", "write", "--tenant", HARBOR, "--name", "canvas")
    admin = make_token(file, "--scope", "admin")
    both = make_token(file, "--tenant", HARBOR, "--tenant", MEADOW)
    with serving(folder / "store.db", "--tokens", str(file)) as server:
        posted = server.post(body_of(outcome("Cells", id="5"), of_meadow(outcome("Rocks", id="5"))), admin)
        assert posted.json()["appended"] == 2
        yield Guarded(server=server, file=file, read=read, write=write, admin=admin, both=both)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """A command line, run to its end."""
    command = [sys.executable, "-m", "projector", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


# starting


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_beyond_this_machine_there_is_no_start_without_tokens(tmp_path: Path, host: str) -> None:
    """Whoever reaches it could ask and write."""
    ran = run("serve", "--store", str(tmp_path / "store.db"), "--port", "0", "--host", host)
    assert ran.returncode == 2
    assert "other machines reach the server; give --tokens FILE" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["# fine", "", "{"], "line 3 is not one that projector token prints"),
        (["nonsense"], "line 1 is not one"),
        (['{"sha256":"00","scope":"admin","tenants":[],"name":""}'], "line 1 is not one"),
        (['{"sha256":"%s","scope":"read","tenants":[],"name":""}' % ("0" * 64)], "line 1 is not one"),
        (['{"sha256":"%s","scope":"admin","tenants":["A"],"name":""}' % ("0" * 64)], "line 1 is not one"),
        (['{"sha256":"%s","scope":"all","tenants":["A"],"name":""}' % ("0" * 64)], "line 1 is not one"),
        (['{"sha256":"%s","scope":"read","tenants":["A"],"nmae":""}' % ("0" * 64)], "line 1 is not one"),
        (['{"sha256":7,"scope":"read","tenants":["A"]}'], "line 1 is not one"),
        (['{"sha256":"%s","scope":"read","tenants":[[]]}' % ("0" * 64)], "line 1 is not one"),
        (['{"sha256":"%s","scope":["read"],"tenants":["A"]}' % ("0" * 64)], "line 1 is not one"),
        (None, "cannot be read"),
    ],
    ids=["cut", "words", "hash", "no tenant", "admin of one", "scope", "member", "number", "list", "scopes", "missing"],
)
def test_a_file_of_tokens_is_checked_at_the_start(tmp_path: Path, lines: list[str] | None, said: str) -> None:
    """A broken line is named by its number."""
    file = tmp_path / "tokens"
    if lines is not None:
        file.write_text("\n".join(lines), encoding="utf-8")
    ran = run("serve", "--store", str(tmp_path / "store.db"), "--port", "0", "--tokens", str(file))
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


# the command


def test_a_token_is_printed_once_and_its_line_holds_a_hash() -> None:
    """The second line belongs into the file."""
    token, line = run("token", "--tenant", "A", "--tenant", "B", "--name", "dashboard").stdout.splitlines()
    assert token.startswith("projector_")
    assert len(token) > 50
    assert token not in line
    assert json.loads(line) == {
        "sha256": sha256(token.encode()).hexdigest(),
        "scope": "read",
        "tenants": ["A", "B"],
        "name": "dashboard",
    }
    assert run("token", "--tenant", "A").stdout.splitlines()[0] != token


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name the institutions"),
        (("--scope", "write"), "name the institutions"),
        (("--scope", "admin", "--tenant", "A"), "leave out --tenant"),
        (("--scope", "all", "--tenant", "A"), "unknown scope 'all'; write read, write or admin"),
    ],
    ids=["read", "write", "admin", "unknown"],
)
def test_a_token_that_could_do_nothing_is_not_made(words: tuple[str, ...], said: str) -> None:
    """Each with what to write instead."""
    ran = run("token", *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


# what a token may do


@pytest.mark.parametrize(
    "path", ["/v1/outcomes", "/v1/outcomes/5", "/v1/digest", "/v1/scores", "/metrics", "/v1/kinds"]
)
def test_without_a_token_only_health_is_open(guarded: Guarded, path: str) -> None:
    """All else says that a token is needed."""
    answer = guarded.server.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert guarded.server.get("/v1/health").status_code == 200
    assert guarded.server.get("/schema/openapi.json").status_code in (200, 404)


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer projector_wrong",
        "Bearer ",
        "Bearer",
        "",
        "Basic YTpi",
        "bearer a b",
        "Bearer \xe9\xff",
        "Bearer " + "x" * 5000,
    ],
    ids=["wrong", "blank", "scheme", "empty", "basic", "two", "latin", "long"],
)
def test_what_is_no_token_is_401(guarded: Guarded, authorization: str) -> None:
    """Whatever the header holds."""
    raw = request("GET", "/v1/outcomes", {"Authorization": authorization})
    answer = exchanged(guarded.server, raw.decode().encode("latin-1"))
    assert status_of(answer) == 401
    assert b"www-authenticate: Bearer" in answer


def test_scopes(guarded: Guarded) -> None:
    """Write does not read, read does not write, admin does both and sees the metrics."""
    server, event = guarded.server, body_of(outcome("Cells", id="5"))
    asked = {name: server.get("/v1/outcomes/5", token, tenant=HARBOR).status_code for name, token in tokens(guarded)}
    assert asked == {"read": 200, "write": 403, "admin": 200, "both": 200}
    posted = {name: server.post(event, token).status_code for name, token in tokens(guarded)}
    assert posted == {"read": 403, "write": 200, "admin": 200, "both": 403}
    measured = {name: server.get("/metrics", token).status_code for name, token in tokens(guarded)}
    assert measured == {"read": 403, "write": 403, "admin": 200, "both": 403}


def tokens(guarded: Guarded) -> Iterator[tuple[str, str]]:
    """The tokens by name."""
    yield from ((name, getattr(guarded, name)) for name in ("read", "write", "admin", "both"))


def test_a_token_of_one_institution_needs_to_name_none(guarded: Guarded) -> None:
    """One of several has to, and is told the names of its own."""
    server = guarded.server
    assert server.get("/v1/outcomes/5", guarded.read).json()["tenant"] == HARBOR
    unclear = server.get("/v1/outcomes/5", guarded.both)
    assert unclear.status_code == 400
    assert unclear.json()["tenants"] == [HARBOR, MEADOW]


def test_an_institution_that_may_not_be_seen_is_one_that_does_not_exist(guarded: Guarded) -> None:
    """Byte for byte, but for the name that is repeated."""
    names = MEADOW, "NowhereUuid00000000000000000000000000009", "21080000000000001", "29990000000000001"
    answers = [guarded.server.get("/v1/outcomes/5", guarded.read, tenant=name) for name in names]
    assert {answer.status_code for answer in answers} == {400}
    assert (
        len({answer.content.replace(name.encode(), b"NAME") for answer, name in zip(answers, names, strict=True)}) == 1
    )
    assert HARBOR in answers[0].text


# while it runs


def eventually(holds: Callable[[], bool]) -> None:
    """See that something holds, if in a moment."""
    due = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < due
        time.sleep(0.02)


def test_the_file_of_tokens_counts_as_it_is_now(tmp_path: Path) -> None:
    """A token that is added works at once, one that is removed no longer; and so without the file."""
    file = tmp_path / "tokens"
    first = make_token(file, "--scope", "admin", "--name", "first")
    with serving(tmp_path / "store.db", "--tokens", str(file)) as server:

        def statuses(*shown: str) -> list[int]:
            return [server.get("/v1/outcomes", token).status_code for token in shown]

        second = make_token(file, "--scope", "admin", "--name", "second")
        assert statuses(first, second) == [200, 200]
        both = file.read_text(encoding="utf-8")
        file.write_text(both.splitlines()[1] + "\n", encoding="utf-8")
        assert statuses(first, second) == [401, 200]
        file.write_text(both + '{"sha256":"broken"}\n', encoding="utf-8")
        assert statuses(first, second) == [200, 200]
        eventually(lambda: any("line 3 is not one" in line.get("reason", "") for line in log_of(server)))
        file.unlink()
        assert statuses(first, second) == [401, 401]
        eventually(lambda: any("cannot be read" in line.get("reason", "") for line in log_of(server)))
        file.write_text(both, encoding="utf-8")
        assert statuses(first, second) == [200, 200]


def test_a_change_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    """Also one that leaves the size of the file as it was."""
    file, spare = tmp_path / "tokens", tmp_path / "spare"
    one, other = make_token(spare, "--scope", "admin"), make_token(spare, "--scope", "admin")
    lines = spare.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text(lines[0], encoding="utf-8")
    with serving(tmp_path / "store.db", "--tokens", str(file)) as server, server.client() as client:
        for turn in range(60):
            file.write_text(lines[turn % 2], encoding="utf-8")
            found = [
                client.get("/v1/outcomes", headers={"Authorization": f"Bearer {token}"}).status_code
                for token in (one, other)
            ]
            assert found == ([200, 401] if turn % 2 == 0 else [401, 200])


# by which name


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server on the loopback, without tokens."""
    with serving(tmp_path_factory.mktemp("open") / "store.db") as server:
        yield server


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:PORT", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1", 200),
        ("127.0.0.1:PORT", 200),
        ("127.8.9.10:PORT", 200),
        ("[::1]", 200),
        ("[::1]:PORT", 200),
        ("evil.example", 421),
        ("evil.example:PORT", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("10.0.0.1", 421),
        ("[::2]", 421),
        ("0.0.0.0", 421),
        ("", 421),
        (None, 421),
    ],
    ids=str,
)
@pytest.mark.parametrize("post", [False, True], ids=["GET", "POST"])
def test_on_the_loopback_a_request_must_name_this_machine(
    unguarded: Running, host: str | None, status: int, post: bool
) -> None:
    """A page elsewhere could otherwise have its own name stand for this machine, and ask."""
    port = unguarded.address.rpartition(":")[2]
    line = [] if host is None else [f"Host: {host.replace('PORT', port)}"]
    first = "POST /v1/events HTTP/1.1" if post else "GET /v1/outcomes HTTP/1.1"
    head = "\r\n".join([first, *line, "Connection: close", "Content-Length: 2"])
    answer = exchanged(unguarded, head.encode() + b"\r\n\r\n[]")
    found = status_of(answer)
    assert found == status or (host in ("", None, "localhost@evil.example") and found == 400)
    assert found == 200 or b"items" not in answer


# in a browser


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/v1/health", {}),
        ("GET", "/v1/outcomes", {}),
        ("GET", "/v1/outcomes/404", {}),
        ("GET", "/v1/outcomes?wrong=1", {}),
        ("GET", "/nowhere", {}),
        ("GET", "/v1/outcomes/%ff%00%2f..", {}),
        ("GET", "/metrics", {}),
        ("GET", "/v1/outcomes", {"If-None-Match": "*"}),
        ("GET", "/v1/health", {"Host": "evil.example"}),
        ("PUT", "/v1/events", {}),
        ("HEAD", "/v1/health", {}),
        ("OPTIONS", "/v1/health", {"Access-Control-Request-Method": "POST"}),
        ("OPTIONS", "/v1/events", {"Access-Control-Request-Method": "POST"}),
        ("POST", "/v1/events", {"Content-Length": "0"}),
    ],
    ids=lambda value: value.replace("/", "_") if isinstance(value, str) else None,
)
def test_every_answer_is_safe_in_a_browser(unguarded: Running, method: str, path: str, headers: dict[str, str]) -> None:
    """And none lets a page of another origin read it."""
    answer = exchanged(unguarded, request(method, path, {"Origin": "https://evil.example"} | headers))
    lines = answer.partition(b"\r\n\r\n")[0].decode().splitlines()[1:]
    found = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert {name: found.get(name) for name in SAFE} == SAFE
    assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert ("no-store" in found["cache-control"]) or "etag" in found
    assert not [name for name in found if name.startswith("access-control")]
    assert "evil.example" not in answer.decode(errors="replace")


# the log


def test_the_log_tells_nothing_of_persons(tmp_path: Path) -> None:
    """Neither tokens nor what was asked; each line is JSON."""
    file, marks = tmp_path / "tokens", ["Quimby", "203.0.113.77", "quimby@example.org", "81818181", "LearnerXyzzy"]
    token = make_token(file, "--scope", "admin", "--name", "the-name")
    metadata: dict[str, Any] = {"client_ip": marks[1], "user_login": marks[2], "user_agent": marks[0]}
    event = result(id=marks[3], user_uuid=marks[4], title=marks[0])
    event = event | {"metadata": event["metadata"] | metadata}
    odd = event | {"metadata": event["metadata"] | {"event_name": "learning_outcome_quimby"}}
    with serving(tmp_path / "store.db", "--tokens", str(file)) as server:
        assert server.post(body_of(event, odd) + b"\nQuimby 81818181", token).json()["quarantined"] == 2
        assert server.post(b"Quimby 81818181", token).status_code == 422
        for path in (f"/v1/results/{marks[3]}", f"/v1/results/{marks[3]}/why", f"/v1/{marks[0]}", f"/{marks[4]}"):
            server.get(path, token, tenant=marks[0])
            server.get(path, token)
        server.get("/v1/scores", token, learner=marks[4], outcome=marks[3])
        server.get("/v1/scores", "projector_Quimby", learner=marks[4])
        server.get("/v1/scale", token, context="Quimby/81818181")
        exchanged(server, b"GET /Quimby HTTP/1.1\r\nHost: LearnerXyzzy\r\nConnection: close\r\n\r\n")
        exchanged(server, b"LearnerXyzzy Quimby\r\n\r\n")
        assert server.end() == 0
        text = server.log.read_text(encoding="utf-8")
        assert len(log_of(server)) > 10
    for mark in [*marks, token, token[:20], "projector_", "?", "127.0.0.1"]:
        assert mark not in text
