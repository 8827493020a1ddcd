"""The Litestar application: each request is looked at in the event loop, and answered by a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from projector.ask.questions import Questions
from projector.domain.canonical import write_json
from projector.domain.errors import ProjectorError
from projector.serve.http.access import Caller, see_that_admin, see_that_reads, see_that_writes
from projector.serve.http.asked import Asked, NotModified, Reply
from projector.serve.http.metrics import CONTENT_TYPE
from projector.serve.http.parameters import read_query
from projector.serve.http.posting import post_events, too_large
from projector.serve.http.problems import PROBLEM_JSON, Problem, problem_of
from projector.serve.http.routes import ROUTES, Route
from projector.serve.http.service import Service

Asking = Request[Any, Any, Any]
Handler = Callable[[Asking, Caller], Awaitable[ASGIResponse]]

JSON: Final = "application/json"
_SLOWEST: Final = 20.0  # seconds that a body may take to arrive
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Authorization",
}
_OUR_FAULT: Final = "the answer failed; the server's log says where"
_LISTED: Final = "/schema/openapi.json lists what may be asked"
_ASK_AGAIN: Final = {"Cache-Control": "private, no-cache"}  # kept, but asked each time whether it is still so
_NEVER_KEPT: Final = {"Cache-Control": "no-store"}


def application(service: Service) -> Litestar:
    """The application over a running server's parts."""
    handlers: list[HTTPRouteHandler] = [
        get(_litestar_path(route.path), name=route.name)(_handler(service, route.path, partial(_ask, service, route)))
        for route in ROUTES
    ]
    handlers += [
        get("/v1/health", name="health")(_handler(service, "/v1/health", partial(_health, service))),
        get("/metrics", name="metrics")(_handler(service, "/metrics", partial(_metrics, service))),
        post("/v1/events", name="post_events")(_handler(service, "/v1/events", partial(_post, service))),
    ]
    return Litestar(
        route_handlers=handlers,
        openapi_config=None,
        request_max_body_size=None,  # `posting` has a limit of its own
        exception_handlers={Exception: partial(_failed, service)},
        logging_config=None,
    )


def _litestar_path(path: str) -> str:
    return path.replace("}", ":str}")


def _handler(service: Service, path: str, answer: Handler) -> Callable[[Asking], Awaitable[ASGIResponse]]:
    """What every request has: who sent it, what becomes of errors, metrics and the log."""

    async def handle(request: Asking) -> ASGIResponse:
        started = monotonic()
        try:
            service.access.see_that_host_is_ours(request.headers.get("host"))
            caller = service.access.caller(request.headers.get("authorization"))
            response = await answer(request, caller)
        except NotModified as same:
            response = respond(b"", HTTPStatus.NOT_MODIFIED, JSON, {"ETag": same.tag} | _ASK_AGAIN)
        except Problem as problem:
            response = refused(problem)
        except ProjectorError as error:
            response = refused(problem_of(error))
        except Exception as error:
            service.log.write("error", route=path, type=type(error).__name__, at=_place(error))
            response = refused(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, _OUR_FAULT))
        noted(service, path, request.method, response.status_code, monotonic() - started)
        return response

    return handle


def noted(service: Service, route: str, method: str, status: int, seconds: float) -> None:
    """Count a request, and write it to the log."""
    service.metrics.requested(route, method, status, seconds)
    service.log.write("request", route=route, method=method, status=status, ms=round(seconds * 1000, 2))


def respond(body: bytes, status: HTTPStatus, media_type: str, headers: dict[str, str]) -> ASGIResponse:
    """A response, with what makes it safe in a browser."""
    return ASGIResponse(body=body, status_code=int(status), media_type=media_type, headers=_SAFE | headers)


def refused(problem: Problem) -> ASGIResponse:
    """The response to a request that is not answered."""
    return respond(write_json(problem.shape()), problem.status, PROBLEM_JSON, problem.headers | _NEVER_KEPT)


async def _ask(service: Service, route: Route, request: Asking, caller: Caller) -> ASGIResponse:
    see_that_reads(caller)
    asked = Asked(
        questions=Questions(service.projector.store, caller.sight),
        path=request.scope["path"],
        parts=request.path_params,
        given=read_query(request.scope["query_string"], route.parameters, route.also),
        known=request.headers.get("if-none-match"),
        default_tz=service.settings.tz,
    )
    lane = service.lanes.quick if route.lane == "quick" else service.lanes.long
    reply: Reply = await lane.run(lambda: route.answer(asked))
    headers = _NEVER_KEPT if reply.tag is None else {"ETag": reply.tag} | _ASK_AGAIN
    return respond(reply.body, reply.status, JSON, headers)


async def _health(service: Service, request: Asking, caller: Caller) -> ASGIResponse:
    read_query(request.scope["query_string"], ())
    status, shape = await service.lanes.quick.run(lambda: service.health(caller))
    return respond(write_json(shape), status, JSON, _NEVER_KEPT)


async def _metrics(service: Service, request: Asking, caller: Caller) -> ASGIResponse:
    see_that_admin(caller)
    read_query(request.scope["query_string"], ())
    return respond(await service.lanes.quick.run(service.measured), HTTPStatus.OK, CONTENT_TYPE, _NEVER_KEPT)


async def _post(service: Service, request: Asking, caller: Caller) -> ASGIResponse:
    service.intake.see_that_open()
    if service.keys is None:  # else the body may be a delivery that is signed, which is its own token
        see_that_writes(caller)
    read_query(request.scope["query_string"], ())
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > service.settings.max_body:
        raise too_large(service)
    encoding = request.headers.get("content-encoding", "")
    shape = await post_events(service, caller, encoding, _arriving(request))
    return respond(write_json(shape), HTTPStatus.OK, JSON, _NEVER_KEPT)


async def _arriving(request: Asking) -> AsyncIterator[bytes]:
    """The parts of a body, which must all arrive in time."""
    due = asyncio.get_running_loop().time() + _SLOWEST
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout_at(due):
                part = await anext(stream, None)
        except TimeoutError:
            late = f"the body did not arrive within {_SLOWEST:g} seconds"
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, late, {"Connection": "close"}) from None
        if part is None:
            return
        yield part


def _failed(service: Service, request: Asking, error: Exception) -> Response[bytes]:
    """What Litestar could not route."""
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = {name: str(value) for name, value in (getattr(error, "headers", None) or {}).items()}
    detail = "the request is not understood" if status < HTTPStatus.INTERNAL_SERVER_ERROR else _OUR_FAULT
    if status is HTTPStatus.NOT_FOUND:
        detail = f"nothing is at this address; {_LISTED}"
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"this address does not take this method; {_LISTED}"
    if detail is _OUR_FAULT:
        service.log.write("error", route="(none)", type=type(error).__name__, at=_place(error))
    noted(service, "(none)", request.method, int(status), 0.0)
    problem = Problem(status, detail, headers)
    return Response(
        write_json(problem.shape()),
        status_code=int(status),
        media_type=PROBLEM_JSON,
        headers=_SAFE | _NEVER_KEPT | problem.headers,
    )


def _place(error: BaseException) -> str:
    """Where an error was raised, without what it was about."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return "" if at is None else f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}"
