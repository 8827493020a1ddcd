"""The responses of operations in the OpenAPI document: answers, and the problems that there may be."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from attrs import frozen

from projector.serve.http.exchange import JSON
from projector.serve.http.problems import PROBLEM_JSON

Shape = dict[str, Any]


@frozen(kw_only=True)
class Reader:
    """Who reads the document, and of which server.

    ``tenants`` are the institutions that the reader may see; None: it showed no token, and a token is needed.
    """

    tenants: tuple[str, ...] | None
    has_tokens: bool = False
    takes_signed: bool = False
    on_loopback: bool = True


PROBLEMS: Final = {
    HTTPStatus.BAD_REQUEST: "A parameter is missing, unknown or has another form; or no event names the institution.",
    HTTPStatus.UNAUTHORIZED: "A token is needed, or the one that was sent is not valid.",
    HTTPStatus.FORBIDDEN: "The token does not allow this.",
    HTTPStatus.NOT_FOUND: "Nothing is at this address.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not arrive in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than the server takes, packed or unpacked.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is compressed by something else than gzip.",
    HTTPStatus.MISDIRECTED_REQUEST: "This server answers by the names localhost and 127.0.0.1 only.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The body holds no whole JSON text; it is kept in quarantine.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The answer failed; the server's log says where.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The answer takes too long, or the store cannot be used just now; try again later.",
}
HEADERS: Final[dict[str, Shape]] = {
    "ETag": {
        "description": "Names this answer: sent back as `If-None-Match`, it gives 304 while the answer is the same.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]+"$'},
    },
    "Retry-After": {
        "description": "Seconds after which to send the request again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "How to show a token.", "required": True, "schema": {"type": "string"}},
}
_OF_STATUS: Final = {HTTPStatus.UNAUTHORIZED: "WWW-Authenticate", HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After"}


def header(name: str) -> Shape:
    """The header of a response, by name."""
    return {name: {"$ref": f"#/components/headers/{name}"}}


def schema(name: str) -> Shape:
    """The schema of a content, by name."""
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def problem(status: HTTPStatus, about: str) -> Shape:
    """The response that is a problem."""
    shape: Shape = {"description": about, "content": {PROBLEM_JSON: schema("Problem")}}
    return shape | ({"headers": header(_OF_STATUS[status])} if status in _OF_STATUS else {})


def answer(about: str, shape: str, *, tagged: bool = False) -> Shape:
    """The response that is an answer, with its tag where it has one."""
    found: Shape = {"description": about, "content": {JSON: schema(shape)}}
    return found | ({"headers": header("ETag")} if tagged else {})


def responses(reader: Reader, answers: Mapping[HTTPStatus, Shape], *problems: HTTPStatus) -> Shape:
    """The responses of an operation: its own, and the problems that it may have, by status."""
    found: dict[HTTPStatus, Shape] = {
        one: {"$ref": f"#/components/responses/{int(one)}"}
        for one in (
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            HTTPStatus.SERVICE_UNAVAILABLE,
            *problems,
            *([HTTPStatus.MISDIRECTED_REQUEST] if reader.on_loopback else []),
            *([HTTPStatus.UNAUTHORIZED] if reader.has_tokens else []),
        )
    }
    return {str(int(status)): shape for status, shape in sorted((found | dict(answers)).items())}
