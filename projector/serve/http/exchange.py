"""One request and its response, as ASGI has them: read once, written with what makes a response safe in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from attrs import field, frozen
from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from projector.domain.canonical import write_json
from projector.serve.http.deadlines import Deadlines
from projector.serve.http.problems import PROBLEM_JSON, Problem

JSON: Final = "application/json"
SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Authorization",
}
ASK_AGAIN: Final = {"Cache-Control": "private, no-cache"}  # kept, but asked each time whether it is still so
NEVER_KEPT: Final = {"Cache-Control": "no-store"}
_SAFE: Final = [(name.lower().encode(), value.encode()) for name, value in SAFE.items()]
_CUT: Final = "the body broke off, or is not framed as its headers say; send it again, whole"


@frozen
class Request:
    """What is asked: the parts of ASGI's scope that are looked at."""

    scope: Scope
    receive: Receive = field(repr=False)
    headers: Mapping[bytes, bytes] = field(repr=False)

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Request:
        """The request of a scope."""
        return cls(scope, receive, dict(scope["headers"]))

    @property
    def path(self) -> str:
        """The address without its parameters."""
        return scope_text(self.scope, "path")

    @property
    def raw_path(self) -> bytes:
        """The address without its parameters, escaped as it was sent."""
        found: bytes = self.scope["raw_path"]
        return found

    @property
    def method(self) -> str:
        """The method, such as GET."""
        return scope_text(self.scope, "method")

    @property
    def query(self) -> bytes:
        """The parameters as they were sent."""
        found: bytes = self.scope["query_string"]
        return found

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts of the address that its route names."""
        found: Mapping[str, str] = self.scope["path_params"]
        return found

    def header(self, name: bytes) -> str | None:
        """A header, by its name in lower case."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def body(self, arrivals: Deadlines, on_part: Callable[[int], object]) -> bytes:
        """The body, all of which must arrive in time.

        Args:
            arrivals: Watches that it does: see `arrivals_within`.
            on_part: Called with the bytes of each part before it is kept.

        Raises:
            Problem: it does not arrive whole and in time.
        """
        parts, goes_on, arriving = list[bytes](), True, _Arriving()
        arrivals.watch(arriving)
        try:
            while goes_on:
                message = await self.receive()
                if message["type"] != "http.request":
                    raise Problem(HTTPStatus.BAD_REQUEST, _CUT, {"Connection": "close"})
                part, goes_on = message.get("body", b""), message.get("more_body", False)
                on_part(len(part))
                parts.append(part)
        except asyncio.CancelledError:
            arriving.see_that_in_time()
            raise
        finally:
            arriving.has_ended = True
        return parts[0] if len(parts) == 1 else b"".join(parts)


class _Arriving:
    """A body that arrives, in the task that waits for it: the task is cancelled where it takes too long."""

    __slots__ = ("__weakref__", "_late", "_task", "has_ended")

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._late: Exception | None = None
        self.has_ended = False

    def done(self) -> bool:
        """Whether nobody waits any more."""
        return self.has_ended

    def set_exception(self, error: Exception) -> None:
        """End the waiting."""
        self._late = error
        if self._task is not None:
            self._task.cancel()

    def see_that_in_time(self) -> None:
        """See that the task was not cancelled because the body took too long.

        Raises:
            Problem: it was.
        """
        if self._late is not None and self._task is not None:
            self._task.uncancel()
            raise self._late from None


def arrivals_within(seconds: float) -> Deadlines:
    """What watches that bodies arrive in time."""

    def late() -> Problem:
        said = f"the body did not arrive within {seconds:g} seconds"
        return Problem(HTTPStatus.REQUEST_TIMEOUT, said, {"Connection": "close"})

    return Deadlines(seconds, late)


def scope_text(scope: Scope, name: str) -> str:
    """A text of ASGI's scope."""
    return str(scope[name])  # type: ignore[literal-required]


@frozen(kw_only=True)
class Response:
    """What is answered."""

    body: bytes = field(default=b"", repr=False)
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = JSON
    headers: Mapping[str, str] = field(factory=dict)

    async def send(self, send: Send) -> None:
        """Send it."""
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        if self.status is not HTTPStatus.NOT_MODIFIED:
            headers.append((b"content-type", self.media_type.encode()))
            headers.append((b"content-length", b"%d" % len(self.body)))
        start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": int(self.status),
            "headers": [*_SAFE, *headers],
        }
        body: HTTPResponseBodyEvent = {"type": "http.response.body", "body": self.body, "more_body": False}
        await send(start)
        await send(body)


def refused(problem: Problem) -> Response:
    """The response to a request that is not answered."""
    headers = problem.headers | NEVER_KEPT
    return Response(body=write_json(problem.shape()), status=problem.status, media_type=PROBLEM_JSON, headers=headers)
