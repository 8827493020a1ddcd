"""The Litestar application: each request is looked at in the event loop, and answered by a thread."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from litestar import HttpMethod, Litestar
from litestar import Request as LitestarRequest
from litestar import Response as LitestarResponse
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from projector.ask.questions import Questions
from projector.domain.canonical import write_json
from projector.domain.errors import ProjectorError, StoreError
from projector.serve.http import document
from projector.serve.http.access import Caller, see_that_admin, see_that_reads, see_that_writes
from projector.serve.http.asked import Asked, Kept, NotModified, Reply
from projector.serve.http.exchange import ASK_AGAIN, NEVER_KEPT, SAFE, Request, Response, refused
from projector.serve.http.metrics import CONTENT_TYPE
from projector.serve.http.parameters import read_query
from projector.serve.http.posting import post_events, too_large
from projector.serve.http.problems import PROBLEM_JSON, Problem, bad_request, problem_of
from projector.serve.http.routes import ROUTES, Route
from projector.serve.http.service import Service

Answer = Callable[[Service, Request, Caller], Awaitable[Response]]

_METHODS: Final = [*HttpMethod]  # those that a route does not have, it refuses
_OUR_FAULT: Final = "the answer failed; the server's log says where"
_LISTED: Final = "/schema/openapi.json lists what may be asked"
_NOTHING_THERE: Final = f"nothing is at this address; {_LISTED}"
_OTHERWISE: Final = re.compile(rb"//|.+/$|%2f", re.IGNORECASE)  # empty parts, and a slash within a part


def application(service: Service) -> Litestar:
    """The application over a running server's parts."""
    handlers = [_handler(service, route.path, "GET", partial(_ask, route)) for route in ROUTES]
    handlers += [
        _handler(service, "/v1/health", "GET", _health),
        _handler(service, "/metrics", "GET", _metrics),
        _handler(service, document.PATH, "GET", _document),
        _handler(service, "/v1/events", "POST", _post),
    ]
    return Litestar(
        route_handlers=handlers,
        openapi_config=None,
        exception_handlers={Exception: partial(_not_routed, service)},
        logging_config=None,
    )


def _handler(service: Service, path: str, method: str, answer: Answer) -> HTTPRouteHandler:
    """What every request has: who sent it, what becomes of errors, metrics and the log.

    Litestar finds the route; what is answered is an ASGI application of its own, as most of what Litestar would do for
    a handler with arguments is not needed here, and takes longer than a short answer.
    """

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        started = monotonic()
        request = Request.of(scope, receive)
        try:
            service.admission.access.see_that_host_is_ours(request.header(b"host"))
            _see_that_address(request.raw_path)
            if request.method != method:
                raise _not_allowed(method)
            caller = service.admission.access.caller(request.header(b"authorization"))
            response = await answer(service, request, caller)
        except NotModified as same:
            response = Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": same.tag} | ASK_AGAIN)
        except Problem as problem:
            response = refused(problem)
        except ProjectorError as error:
            if isinstance(error, StoreError):
                service.log.write("store not used", route=path, reason=str(error))
            response = refused(problem_of(error))
        except Exception as error:
            service.log.write("error", route=path, type=type(error).__name__, at=_place(error))
            response = refused(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, _OUR_FAULT))
        await response.send(send)
        _noted(service, path, request.method, int(response.status), monotonic() - started)

    def answered() -> ASGIApp:
        return handle

    return HTTPRouteHandler(path.replace("}", ":str}"), http_method=_METHODS, sync_to_thread=False)(answered)


def _see_that_address(path: bytes) -> None:
    """See that a path is spelled in the one way that names something: Litestar takes others for it too."""
    if _OTHERWISE.search(path):
        raise Problem(HTTPStatus.NOT_FOUND, _NOTHING_THERE)
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise bad_request("the address is not UTF-8; escape each byte as % and two hex digits") from None


def _not_allowed(method: str) -> Problem:
    detail = f"this address takes {method} only; {_LISTED}"
    return Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, {"Allow": method})


def _noted(service: Service, route: str, method: str, status: int, seconds: float) -> None:
    """Count a request, and write it to the log."""
    service.metrics.requested(route, method, status, seconds)
    service.log.write("request", route=route, method=method, status=status, ms=round(seconds * 1000, 2))


async def _ask(route: Route, service: Service, request: Request, caller: Caller) -> Response:
    see_that_reads(caller)
    asked = Asked(
        questions=Questions(service.projector.store, caller.sight),
        path=request.path,
        parts=request.parts,
        given=read_query(request.query, route.parameters, route.also),
        known=request.header(b"if-none-match"),
        default_tz=service.settings.tz,
        replies=service.replies if route.lane == "quick" else None,
    )
    if route.lane == "quick":
        reply = await service.lanes.quick.run(partial(_in_one_transaction, service, route, asked))
    else:
        reply = await service.lanes.long.run(partial(route.answer, asked))
    headers = NEVER_KEPT if reply.tag is None else {"ETag": reply.tag} | ASK_AGAIN
    return Response(body=reply.body, status=reply.status, headers=headers)


def _in_one_transaction(service: Service, route: Route, asked: Asked) -> Reply:
    """A short answer: what is known, and what is asked, are read in one short transaction."""
    try:
        with service.projector.store.log.reader():
            reply = route.answer(asked)
    except Kept as kept:
        return kept.reply
    service.replies.keep(reply)
    return reply


async def _health(service: Service, request: Request, caller: Caller) -> Response:
    read_query(request.query, ())
    status, shape = await service.lanes.quick.run(partial(service.health, caller))
    return Response(body=write_json(shape), status=status, headers=NEVER_KEPT)


async def _metrics(service: Service, request: Request, caller: Caller) -> Response:
    see_that_admin(caller)
    read_query(request.query, ())
    text = await service.lanes.long.run(service.measured)
    return Response(body=text, media_type=CONTENT_TYPE, headers=NEVER_KEPT)


async def _document(service: Service, request: Request, caller: Caller) -> Response:
    read_query(request.query, ())
    questions = Questions(service.projector.store, caller.sight)
    asked = Asked(questions=questions, path=document.PATH, known=request.header(b"if-none-match"))
    body = await service.lanes.quick.run(partial(document.document_for, service, caller))
    return Response(body=body, headers={"ETag": asked.tag_of(body)} | ASK_AGAIN)


async def _post(service: Service, request: Request, caller: Caller) -> Response:
    service.intake.see_that_open()
    if service.admission.keys is None:  # else the body may be a delivery that is signed, which is its own token
        see_that_writes(caller)
    read_query(request.query, ())
    length = request.header(b"content-length") or ""
    if length.isdigit() and int(length) > service.settings.max_body:
        raise too_large(service)
    encoding = request.header(b"content-encoding") or ""
    shape = await post_events(service, caller, encoding, request)
    return Response(body=write_json(shape), headers=NEVER_KEPT)


def _not_routed(service: Service, request: LitestarRequest[Any, Any, Any], error: Exception) -> LitestarResponse[bytes]:
    """The response where no route is meant, or where Litestar itself fails."""
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "the request is not understood" if status < HTTPStatus.INTERNAL_SERVER_ERROR else _OUR_FAULT
    if status is HTTPStatus.NOT_FOUND:
        detail = _NOTHING_THERE
    problem = Problem(status, detail)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:  # such as TRACE
        problem = _not_allowed("POST" if request.scope["path"] == "/v1/events" else "GET")
    if detail is _OUR_FAULT:
        service.log.write("error", route="(none)", type=type(error).__name__, at=_place(error))
    _noted(service, "(none)", request.method, int(status), 0.0)
    return LitestarResponse(
        write_json(problem.shape()),
        status_code=int(status),
        media_type=PROBLEM_JSON,
        headers=SAFE | NEVER_KEPT | problem.headers,
    )


def _place(error: BaseException) -> str:
    """Where an error was raised, without what it was about."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return "" if at is None else f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}"
