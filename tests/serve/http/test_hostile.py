"""Requests that no honest client sends: each is refused, and the next one is answered; memory stays bounded."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

import projector
from tests.builders import outcome
from tests.serve.http.running import Running, serving
from tests.serve.http.sockets import connected, exchanged, log_of, peak_of, request, rest_of, status_of

pytestmark = pytest.mark.slow  # all of them together take long

MOST_MEMORY = 600  # MiB
EVENT = json.dumps(outcome("Cells", id="5")).encode()


@frozen(kw_only=True)
class Attacked:
    """A server and its store."""

    server: Running
    store: Path


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """A server that all tests here attack in turn."""
    store = tmp_path_factory.mktemp("attacked") / "store.db"
    with serving(store) as server:
        assert server.post(EVENT).status_code == 200
        yield Attacked(server=server, store=store)
        assert log_of(server)
        assert server.end() == 0


@pytest.fixture
def server(attacked: Attacked) -> Iterator[Running]:
    """The server; it answers after each attack, and took little memory."""
    yield attacked.server
    began = time.monotonic()
    assert attacked.server.get("/v1/outcomes/5").status_code == 200
    assert attacked.server.post(EVENT).status_code == 200
    assert time.monotonic() - began < 5
    assert peak_of(attacked.server) < MOST_MEMORY


def quarantined(store: Path) -> list[bytes]:
    """What is in quarantine, byte for byte."""
    with projector.open(store, read_only=True) as p:
        return [one.raw for one in p.quarantined()]


def chunked(*parts: bytes) -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def post(headers: dict[str, str], body: bytes) -> bytes:
    """A post as bytes."""
    return request("POST", "/v1/events", headers, body)


@cache
def zeros(size: int) -> bytes:
    """So many zeros, compressed without ever being in memory."""
    packing, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(2**20)
    parts = [packing.compress(block) for _ in range(size // 2**20)]
    return b"".join([*parts, packing.flush()])


# slowness


def test_a_body_that_drips_is_cut_off_while_others_are_answered(server: Running) -> None:
    """Within half a minute; each of them takes no thread."""
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(server, 40)) for _ in range(20)]
        for one in slow:
            one.sendall(request("POST", "/v1/events", {"Content-Length": "1000000"}))
        began, answered = time.monotonic(), 0
        while time.monotonic() - began < 21:
            for one in slow:
                try:
                    one.sendall(b"[")
                except OSError:
                    continue
            asked = time.monotonic()
            assert server.get("/v1/outcomes/5").status_code == 200
            assert time.monotonic() - asked < 2
            answered += 1
            time.sleep(0.5)
        assert answered > 10
        for one in slow:  # some connections stay open, if the client leaves them so
            assert status_of(one.recv(2**16)) == 408
    assert time.monotonic() - began < 30


def test_headers_that_drip_are_cut_off(server: Running) -> None:
    """Within half a minute."""
    with connected(server, 40) as slow:
        began = time.monotonic()
        slow.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n")
        while time.monotonic() - began < 25:
            try:
                slow.sendall(b"X: y\r\n")
            except OSError:
                break
            time.sleep(0.5)
        assert time.monotonic() - began < 25
        assert status_of(rest_of(slow)) in (408, None)


def test_idle_connections_hinder_nobody(server: Running) -> None:
    """Two hundred of them."""
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connected(server))
        began = time.monotonic()
        assert server.get("/v1/outcomes/5").status_code == 200
        assert server.post(EVENT).status_code == 200
        assert time.monotonic() - began < 2


# size


@pytest.mark.parametrize(
    "raw",
    [
        request("GET", "/v1/health", {f"X-{number}": "y" for number in range(10_000)}),
        request("GET", "/v1/health", {"X": "y" * 2**20}),
        request("GET", "/v1/health?" + "x" * 2**20),
        request("GET", "/v1/outcomes?" + "&".join(f"x{number}=1" for number in range(5000))),
        request("GET", "/v1/outcomes/" + "x" * 50_000),
    ],
    ids=["10,000 headers", "a header of 1 MiB", "an address of 1 MiB", "5,000 parameters", "a long id"],
)
def test_a_request_that_is_too_large_is_refused(server: Running, raw: bytes) -> None:
    """Or the connection is closed."""
    assert status_of(exchanged(server, raw)) in (400, 404, 408, 413, 414, 431, None)


@pytest.mark.parametrize("with_length", [True, False], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("size", [8 * 2**20 + 1, 40 * 2**20], ids=["a byte", "much"])
def test_a_body_that_is_too_large_is_refused(server: Running, attacked: Attacked, with_length: bool, size: int) -> None:
    """With or without its length told before."""
    before, body = quarantined(attacked.store), b"[" + b" " * (size - 2) + b"]"
    told = {"Content-Length": str(size)} if with_length else {"Transfer-Encoding": "chunked"}
    raw = post(told, body if with_length else chunked(body))
    assert status_of(exchanged(server, raw)) in (413, None)
    assert status_of(exchanged(server, post({"Content-Length": str(size)}, b""))) == 413
    assert quarantined(attacked.store) == before


@pytest.mark.parametrize("header", [{"Content-Encoding": "gzip"}, {}], ids=["told", "untold"])
def test_a_gzip_bomb_is_refused(server: Running, header: dict[str, str]) -> None:
    """A GiB of zeros in a MiB."""
    bomb, began = zeros(2**30), time.monotonic()
    assert server.post(bomb, **header).status_code == 413
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("member", ["Data", "data", "body"])
def test_bombs_in_wrappers_take_little(server: Running, member: str) -> None:
    """Whether each is beyond what an input may have, or just within it."""
    for size, many in ((2**26, 80), (15 * 2**20, 400)):
        bomb = base64.b64encode(zeros(size) if size > 2**24 else gzip.compress(b"[" + b" " * size + b"1]")).decode()
        body = json.dumps({"Records": [{member: bomb}] * many}).encode()
        began = time.monotonic()
        assert len(body) < 8 * 2**20
        assert server.post(body).status_code in (200, 413, 503)
        assert time.monotonic() - began < 40


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"Records":[' * 50_000 + b"]}" * 50_000,
        EVENT[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"metadata":' * 100_000,
        b"1\n" * 100_000,
        b"[" + b"1," * 100_000 + b"1]",
        b'{"":' + b"9" * 1_000_000 + b"}",
        b"1e999999999",
        b'"' + b"\\" * 1_000_000,
    ],
    ids=[
        "open",
        "lists",
        "objects",
        "wrappers",
        "in an event",
        "events",
        "lines",
        "elements",
        "digits",
        "power",
        "string",
    ],
)
def test_json_that_is_odd_is_kept_or_refused(server: Running, body: bytes) -> None:
    """In little time."""
    began = time.monotonic()
    assert server.post(body).status_code in (200, 413, 422)
    assert time.monotonic() - began < 15


# framing


@pytest.mark.parametrize(
    "raw",
    [
        post({"Transfer-Encoding": "chunked"}, b"zz\r\n" + EVENT),
        post({"Transfer-Encoding": "chunked"}, b"5\r\n" + EVENT),
        post({"Transfer-Encoding": "chunked"}, b"fffffffffffffffff\r\n" + EVENT),
        post({"Transfer-Encoding": "gzip, chunked", "Content-Length": "3"}, EVENT),
        post({"Content-Length": "-5"}, EVENT),
        post({"Content-Length": "five"}, EVENT),
        post({"Content-Length": "99999999999999999999999999"}, EVENT),
        request("POST", "/v1/events", {"Content-Length": "5\r\nContent-Length: 6"}, EVENT),
        b"GET /v1/health\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 1000,
        b"\r\n" * 1000 + b"x\r\n\r\n",
        b"GET /v1/health HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX : y\r\nConnection: close\r\n\r\n",
    ],
    ids=[
        "chunk size",
        "chunk end",
        "chunk too large",
        "both",
        "negative",
        "word",
        "huge",
        "two lengths",
        "HTTP/0.9",
        "TLS",
        "HTTP/2",
        "zeros",
        "lines",
        "HTTP/9",
        "space",
    ],
)
def test_broken_framing_stores_nothing(server: Running, attacked: Attacked, raw: bytes) -> None:
    """It is refused, or the connection is closed."""
    before = quarantined(attacked.store)
    assert status_of(exchanged(server, raw)) in (400, 408, 411, 413, 505, None)
    assert quarantined(attacked.store) == before


def test_a_body_that_is_shorter_than_told_is_not_stored(server: Running, attacked: Attacked) -> None:
    """What is behind a body that is longer is another request."""
    before = quarantined(attacked.store)
    with connected(server) as one:
        one.sendall(post({"Content-Length": "1000"}, b"[1,2"))
        one.shutdown(1)
        assert status_of(rest_of(one)) in (400, 408, None)
    with connected(server) as one:
        one.sendall(post({"Content-Length": "1000"}, b"[1,2"))
    answer = exchanged(server, request("POST", "/v1/events", {"Content-Length": str(len(EVENT))}, EVENT + EVENT))
    assert status_of(answer) == 200
    time.sleep(0.2)
    assert quarantined(attacked.store) == before


def test_http_1_0_is_answered(server: Running) -> None:
    """As by old proxies."""
    answer = exchanged(server, b"GET /v1/outcomes/5 HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert status_of(answer) == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "CONNECT", "BREW"])
def test_other_methods_are_refused(server: Running, method: str) -> None:
    """Events are only posted."""
    assert status_of(exchanged(server, request(method, "/v1/events"))) in (400, 404, 405, 501)


# bodies


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "x", "chunked"])
def test_only_gzip_is_unpacked(server: Running, encoding: str) -> None:
    """Others are 415, with what is accepted."""
    answer = server.post(EVENT, **{"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "gzip"


PACKED = gzip.compress(EVENT)


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"\r\n\n", b"\xef\xbb\xbf", b"\x1e,", gzip.compress(b""), gzip.compress(b" ")],
    ids=["empty", "blank", "lines", "mark", "separators", "empty gzip", "blank gzip"],
)
def test_an_empty_body_keeps_nothing(server: Running, attacked: Attacked, body: bytes) -> None:
    """400, and no quarantine."""
    before = quarantined(attacked.store)
    assert server.post(body).status_code == 400
    assert quarantined(attacked.store) == before


@pytest.mark.parametrize(
    "body",
    [PACKED[:-9], PACKED[:12], b"\x1f\x8b", PACKED + b"x", PACKED[:-8] + bytes(8), EVENT],
    ids=["cut", "cut early", "header", "more", "checksum", "plain"],
)
def test_broken_gzip_keeps_nothing(server: Running, attacked: Attacked, body: bytes) -> None:
    """400, and no quarantine."""
    before = quarantined(attacked.store)
    assert server.post(body, **{"Content-Encoding": "gzip"}).status_code == 400
    assert quarantined(attacked.store) == before


@pytest.mark.parametrize(
    "body",
    [b"words", b'{"metadata":{"event_', b"\xff\xfe\xfd", b"[", b"<xml/>", b"a=1&b=2", b"\x00", b"{NaN}"],
    ids=["words", "cut", "bytes", "open", "xml", "form", "zero", "nan"],
)
def test_what_is_no_json_is_kept_byte_for_byte(server: Running, attacked: Attacked, body: bytes) -> None:
    """422: its sender should look at it, and a redelivery would not help."""
    answer = server.post(body)
    assert answer.status_code == 422, answer.text
    assert body in quarantined(attacked.store)


@pytest.mark.parametrize(
    "body",
    [b"[]", b"42", b'"x"', b"null", b"{}", b"[[]]", b"true", b'{"Body":"words"}', b'["words"]'],
    ids=bytes.decode,
)
def test_json_that_is_no_event_is_quarantined(server: Running, attacked: Attacked, body: bytes) -> None:
    """200: it was taken."""
    answer = server.post(body)
    assert answer.status_code == 200
    assert answer.json()["quarantined"] == answer.json()["read"] == 1
    assert {body, body[1:-1]} & {*quarantined(attacked.store)}


def test_the_log_and_the_store_are_whole(attacked: Attacked) -> None:
    """After all of it."""
    assert log_of(attacked.server)
    assert not [line for line in log_of(attacked.server) if line["event"] == "error"]
    with closing(sqlite3.connect(f"file:{attacked.store}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
