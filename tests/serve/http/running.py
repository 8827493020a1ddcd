"""A server in a process of its own, as its users start it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

_ADDRESS = re.compile(r"at (http://\S+);")


@frozen
class Running:
    """A server that runs: its process, its address, and the file that holds its log."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    def client(self, token: str | None = None, **options: Any) -> httpx.Client:
        """A client of it, which shows a token."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60, **options)

    def get(self, path: str, token: str | None = None, **parameters: Any) -> httpx.Response:
        """The answer to one question."""
        with self.client(token) as client:
            return client.get(path, params=parameters)

    def post(self, content: bytes, token: str | None = None, **headers: str) -> httpx.Response:
        """What a post of events comes to."""
        with self.client(token) as client:
            return client.post("/v1/events", content=content, headers=headers)

    def end(self) -> int:
        """End it as the system does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        """Kill it, so that it can do nothing more."""
        self.process.kill()
        self.process.wait(30)


@contextmanager
def serving(store: Path, *options: str, env: dict[str, str] | None = None) -> Iterator[Running]:
    """A server over a store, at a free port; it is killed at the end, if it still runs."""
    command = [sys.executable, "-m", "projector", "serve", "--store", str(store), "--port", "0", *options]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PROJECTOR_")}
    log = store.with_name(f"{store.name}.{len(list(store.parent.glob('*.log')))}.log")
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=surroundings | (env or {})
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = _ADDRESS.search(line)
        assert found is not None, line + log.read_text()
        yield Running(process, found[1], log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


def make_token(tokens: Path, *options: str) -> str:
    """A new token, whose line is added to a file of tokens."""
    command = [sys.executable, "-m", "projector", "token", *options]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    with tokens.open("a", encoding="utf-8") as file:
        file.write(made[1] + "\n")
    return made[0]
