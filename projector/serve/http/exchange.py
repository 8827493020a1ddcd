"""One request and its response, as ASGI has them: read once, written with what makes a response safe in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from attrs import field, frozen
from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from projector.domain.canonical import write_json
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
_SLOWEST: Final = 20.0  # seconds that a body may take to arrive


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

    async def body(self, on_part: Callable[[int], object]) -> bytes:
        """The body, all of which must arrive in time.

        Args:
            on_part: Called with the bytes of each part before it is kept.

        Raises:
            Problem: it does not arrive whole and in time.
        """
        parts, goes_on = list[bytes](), True
        try:
            async with asyncio.timeout(_SLOWEST):
                while goes_on:
                    message = await self.receive()
                    if message["type"] != "http.request":
                        raise Problem(HTTPStatus.BAD_REQUEST, _CUT, {"Connection": "close"})
                    part, goes_on = message.get("body", b""), message.get("more_body", False)
                    on_part(len(part))
                    parts.append(part)
        except TimeoutError:
            late = f"the body did not arrive within {_SLOWEST:g} seconds"
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, late, {"Connection": "close"}) from None
        return parts[0] if len(parts) == 1 else b"".join(parts)


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
