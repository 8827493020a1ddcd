"""Requests as bytes on a socket, also such as no client would send, and what a server's process takes."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serve.http.running import Running

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@contextmanager
def connected(server: Running, timeout: float = 30) -> Iterator[socket.socket]:
    """A connection to a server."""
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout) as connection:
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(2**16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def exchanged(server: Running, *parts: bytes, timeout: float = 30) -> bytes:
    """The answer to bytes, up to its end; the server may have closed before all of them were sent."""
    with connected(server, timeout) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass
        return rest_of(connection)


def request(method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request; the connection is closed behind its answer."""
    given = {"Host": "localhost", "Connection": "close"} | dict(headers or {})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status_of(answer: bytes) -> int | None:
    """The status of an answer; None where there is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return None if found is None else int(found[1])


def peak_of(server: Running) -> int:
    """The most memory that a server's process has had, in MiB."""
    found = _PEAK.search(Path(f"/proc/{server.process.pid}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


def log_of(server: Running) -> list[dict[str, Any]]:
    """The lines of a server's log, each of which is JSON."""
    return [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
