"""A client that costs little: requests made beforehand, sent over connections that stay open, answers only counted.

So that a figure is the server's; it is the same client for ours and for its limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import count, islice
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from statistics import quantiles
from time import perf_counter, sleep
from typing import Final
from urllib.parse import urlsplit

from attrs import define, field

from tests.bench.measuring import Figures, timed

PACE: Final = 0.005  # seconds between two requests whose latency is measured
_STARTING: Final = 5.0  # seconds
_PART: Final = 2**18  # bytes that are received at once
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def get(path: str) -> bytes:
    """A request that asks."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """A request that posts JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


@define(eq=False)
class Connection:
    """One connection, and what has arrived of the answer that is waited for."""

    socket: socket
    _arrived: bytes = field(default=b"", init=False, repr=False)

    @classmethod
    def to(cls, address: str) -> Connection:
        """A connection to a server; one that is starting names its address a moment before it listens."""
        at, until = urlsplit(address), perf_counter() + _STARTING
        while True:
            try:
                made = create_connection((at.hostname, at.port), 60)
            except ConnectionRefusedError:
                if perf_counter() > until:
                    raise
                sleep(PACE)
                continue
            made.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            return cls(made)

    def close(self) -> None:
        """End it."""
        self.socket.close()

    def send(self, request: bytes) -> None:
        """Send a request."""
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The body of the answer; None while some of it is on its way."""
        part = self.socket.recv(_PART)
        if not part:
            raise ConnectionError("the server ended the connection")
        self._arrived += part
        head = self._arrived.find(b"\r\n\r\n")
        if head < 0:
            return None
        length = _LENGTH.search(self._arrived, 0, head)
        assert length is not None, self._arrived[:head]
        if len(self._arrived) < head + 4 + int(length[1]):
            return None
        answer, self._arrived = self._arrived, b""
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")), answer[:2000]
        return answer[head + 4 :]

    def ask(self, request: bytes) -> bytes:
        """The answer to a request, waited for."""
        self.send(request)
        while (body := self.receive()) is None:
            pass
        return body


def throughput(address: str, requests: Sequence[bytes], connections: int) -> Figures:
    """How long requests take by so many connections at once; each sends its next one when it has its answer."""
    waiting, answered, size = iter(requests), 0, 0
    with ExitStack() as opened, DefaultSelector() as selector:
        for _ in range(connections):
            connection = opened.enter_context(closing(Connection.to(address)))
            selector.register(connection.socket, EVENT_READ, connection)
        with timed() as spent:
            for key, request in zip(list(selector.get_map().values()), islice(waiting, connections), strict=False):
                key.data.send(request)
            while answered < len(requests):
                for key, _ in selector.select(60):
                    if (body := key.data.receive()) is None:
                        continue
                    answered, size = answered + 1, size + len(body)
                    if (request := next(waiting, None)) is not None:  # type: ignore[assignment]
                        key.data.send(request)
    return spent | {"events": answered, "answered": size / answered}


def latency(address: str, requests: Iterator[bytes], goes_on: Callable[[int], bool]) -> Figures:
    """How long answers take to requests that begin `PACE` apart, or later where an answer takes longer.

    Args:
        goes_on: Whether another one is sent after so many.
    """
    took: list[float] = []
    with closing(Connection.to(address)) as connection:
        due = perf_counter()
        for number in count():
            if not goes_on(number):
                break
            if (pause := due - perf_counter()) > 0:
                sleep(pause)
            began = perf_counter()
            connection.ask(next(requests))
            took.append(perf_counter() - began)
            due = began + PACE
    cut = quantiles(took, n=100, method="inclusive")
    return {"p50": cut[49], "p99": cut[98], "most": max(took), "events": len(took)}


# in a process of its own, beside one whose latency is measured


def post_lines(address: str, bodies: str, path: str = "/v1/events") -> Figures:
    """Each line of a file posted, one after the other."""
    with Path(bodies).open("rb") as lines, closing(Connection.to(address)) as connection, timed() as spent:
        number = sum(1 for line in lines if connection.ask(post(path, line.rstrip(b"\n"))))
    return spent | {"events": number}


def ask_on(address: str, path: str, seconds: str) -> Figures:
    """One question again and again, for so long."""
    number, request = 0, get(path)
    with closing(Connection.to(address)) as connection, timed() as spent:
        until = perf_counter() + float(seconds)
        while perf_counter() < until:
            connection.ask(request)
            number += 1
    return spent | {"events": number}
