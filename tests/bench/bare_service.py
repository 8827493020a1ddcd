"""The limit of the service: routes that do the least, on the same web framework and server, in a process of their own.

    python -m tests.bench.bare_service DATABASE

Two read one row by its key, in a thread and in the event loop; one takes a body and stores nothing.
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket
from threading import local
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from litestar import Litestar, MediaType, Request, get, post

_REPOSITORY: Final = Path(__file__).parents[2]
_READ: Final = "SELECT body FROM answer WHERE id = ?"


def make(database: Path, answers: Mapping[str, bytes]) -> None:
    """A database of answers by id."""
    with closing(sqlite3.connect(database)) as bare, bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("CREATE TABLE answer (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
        bare.executemany("INSERT INTO answer VALUES (?, ?)", answers.items())


def application(database: str) -> Litestar:
    """The routes over a database."""
    opened = local()

    def read(id: str) -> bytes:
        if (connection := getattr(opened, "connection", None)) is None:
            connection = opened.connection = sqlite3.connect(database, check_same_thread=False)
        body: bytes = connection.execute(_READ, (id,)).fetchone()[0]
        return body

    @get("/threads/{id:str}", media_type=MediaType.JSON, sync_to_thread=True)
    def by_thread(id: str) -> bytes:
        return read(id)

    @get("/loop/{id:str}", media_type=MediaType.JSON, sync_to_thread=False)
    def in_loop(id: str) -> bytes:
        return read(id)

    @post("/events", media_type=MediaType.JSON)
    async def take(request: Request[Any, Any, Any]) -> bytes:
        return b'{"read": %d}' % len(await request.body())

    return Litestar(route_handlers=[by_thread, in_loop, take], openapi_config=None, logging_config=None)


@contextmanager
def serving(database: Path) -> Iterator[str]:
    """The address of the routes over a database, served until the block ends."""
    command = [sys.executable, "-m", "tests.bench.bare_service", str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_REPOSITORY) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


async def _serve(database: str) -> None:
    with socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port = tried.getsockname()[1]
    server = Server(
        application(database),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    running = asyncio.get_running_loop().create_task(server.serve())
    await asyncio.sleep(0)
    print(f"http://127.0.0.1:{port}", flush=True)
    await running


if __name__ == "__main__":
    sys.setswitchinterval(0.001)  # this and the next ones as the service has them
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    asyncio.run(_serve(sys.argv[1]))
