"""Runs the application on granian, in this process, until it is asked to end."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from projector.serve.http.app import application
from projector.serve.http.service import Service

_CONNECTIONS: Final = 1024
_HEADERS: Final = 2**16  # bytes of a request's first line and headers
_HEADERS_WITHIN: Final = 10_000  # milliseconds
_SOON: Final = 0.005  # seconds
_SWITCH: Final = 0.001  # seconds after which a thread that computes lets another one go on
_GARBAGE: Final = 20_000  # objects more than before, after which garbage is looked for


def serve(service: Service, on_listening: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; return the signal.

    Args:
        on_listening: Called with the server's address, once it answers.

    Raises:
        OSError: the address cannot be listened at.
    """
    sys.setswitchinterval(_SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, 20, 100)
    logging.getLogger("_granian").setLevel(logging.ERROR)
    return asyncio.run(_serve(service, on_listening))


async def _serve(service: Service, on_listening: Callable[[str], None]) -> int:
    settings, loop = service.settings, asyncio.get_running_loop()
    port = free_port(settings.host, settings.port)
    ended: asyncio.Future[int] = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, ended, number)
    server = Server(
        application(service),
        address=settings.host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_WITHIN, max_buffer_size=_HEADERS),
        websockets=False,
        backlog=_CONNECTIONS,
        log_enabled=False,
    )
    running = loop.create_task(server.serve())
    await _listens(settings.host, port, running)
    address = f"[{settings.host}]" if ":" in settings.host else settings.host
    on_listening(f"http://{address}:{port}")
    await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    server.stop()  # type: ignore[no-untyped-call]
    await running
    return ended.result()


async def _listens(host: str, port: int, running: asyncio.Task[None]) -> None:
    """Wait until the server takes connections."""
    while not running.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(_SOON)
        else:
            writer.close()
            return


def _end(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(number)


def free_port(host: str, port: int) -> int:
    """The port, or for 0 one that is free; that it can be listened at is seen here, with an error that says why."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind((host, port))
        found: int = tried.getsockname()[1]
    return found
