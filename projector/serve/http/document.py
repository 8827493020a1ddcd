"""The OpenAPI document: what may be asked and posted, as the one who reads it may use it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from projector.domain.canonical import write_json
from projector.domain.rules import VERSION
from projector.serve.http import parameters
from projector.serve.http.access import NOBODY, Caller, is_loopback
from projector.serve.http.exchange import JSON
from projector.serve.http.parameters import Parameter
from projector.serve.http.problems import PROBLEM_JSON
from projector.serve.http.responses import (
    HEADERS,
    PROBLEMS,
    Reader,
    Shape,
    answer,
    header,
    problem,
    responses,
    schema,
)
from projector.serve.http.routes import ROUTES, Route
from projector.serve.http.schemas import SCHEMAS, UNKNOWN_OF
from projector.serve.http.service import Service

PATH: Final = "/schema/openapi.json"
_TENANT: Final = "Tenant"  # the schema with the institutions
_MOST_NAMED: Final = 100  # institutions that are named
_OF_ALL: Final = frozenset({"/v1/digest"})  # questions about all institutions where none is named


def document_for(service: Service, caller: Caller) -> bytes:
    """The document for who asks a server for it."""
    access, settings = service.admission.access, service.settings
    tenants = None if caller is NOBODY else caller.sight.tenants(service.projector.store.pin().tenancy)
    reader = Reader(
        tenants=tenants,
        has_tokens=access.tokens is not None,
        takes_signed=settings.keys is not None,
        on_loopback=is_loopback(settings.host),
    )
    return write_json(document(reader))


def document(reader: Reader) -> Shape:
    """The document for a reader."""
    shape: Shape = {
        "openapi": "3.1.0",
        "info": {
            "title": "outcome-projector",
            "version": VERSION,
            "summary": "Canvas learning outcomes, as of any instant",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "paths": {route.path: {"get": _question(route, reader)} for route in ROUTES} | _others(reader),
        "components": {
            "schemas": {
                **SCHEMAS,
                parameters.ZONES: _zones(),
                "Kinds": {"type": "string", "enum": [*parameters.plurals()]},
                **_tenants(reader),
            },
            "responses": {str(int(status)): problem(status, about) for status, about in PROBLEMS.items()},
            "headers": HEADERS,
        },
    }
    if reader.has_tokens:
        scheme = {"type": "http", "scheme": "bearer", "description": "A token that `projector token` printed."}
        shape["components"]["securitySchemes"] = {"bearer": scheme}
    return shape


_ABOUT: Final = (
    "Instants in answers are in UTC, to the microsecond. In questions an instant is written as in RFC 3339"
    " (`2020-08-18T23:30:00Z`; the + of an offset as %2B), or as a date, which means the last instant of that day in"
    " `tz`; seconds and the offset may be left out. Each answer rests on one state of the store; `basis` names it."
    " A list comes in pages: give its `next` as `cursor`. An answer has an `ETag`; sent back as `If-None-Match` it"
    " gives 304 while nothing has changed."
)
_TAGS: Final = {
    "contexts": "What is in effect in an account or a course",
    "results": "Scores, differences, and the hash of all states",
    "states": "Outcomes, groups, scales, … and their histories",
    "events": "Events that are posted",
    "service": "The server itself",
}
_TAG_OF: Final = {"scale": "contexts", "method": "contexts", "tree": "contexts"} | dict.fromkeys(
    ("scores", "diff", "digest"), "results"
)  # else states


def _tenants(reader: Reader) -> Shape:
    """The institutions that the reader may name, where these are not too many."""
    is_short = 0 < len(reader.tenants or ()) <= _MOST_NAMED
    return {_TENANT: {"type": "string", "enum": [*(reader.tenants or ())]}} if is_short else {}


def _zones() -> Shape:
    """All time zones; generators of clients find a name for each, for GMT+0, GMT-0 and GMT0 would be one to them."""
    zones = parameters.zones()
    names = [re.sub(r"\W", "_", re.sub(r"-(?=\d)", "_MINUS_", one.replace("+", "_PLUS_"))).upper() for one in zones]
    return {"type": "string", "enum": [*zones], "x-enum-varnames": names}


def _with_token(reader: Reader) -> Shape:
    return {"security": [{"bearer": []}]} if reader.has_tokens else {"security": []}


def _may_be_refused(reader: Reader) -> list[HTTPStatus]:
    return [HTTPStatus.FORBIDDEN] if reader.has_tokens else []


def _question(route: Route, reader: Reader) -> Shape:
    """The operation of a question."""
    answers = {
        HTTPStatus.OK: answer("The answer.", route.shape, tagged=True),
        HTTPStatus.NOT_MODIFIED: {"description": "The answer is still the same.", "headers": header("ETag")},
    }
    if route.or_unknown:
        unknown = answer("Nothing is known, and why.", UNKNOWN_OF.get(route.shape, "Unknown"))
        answers[HTTPStatus.NOT_FOUND] = unknown
    problems = _may_be_refused(reader)
    if "{" in route.path:  # a part of the address may hold what leads nowhere
        elsewhere = {PROBLEM_JSON: schema("Problem")}
        there = answers.setdefault(HTTPStatus.NOT_FOUND, {"description": PROBLEMS[HTTPStatus.NOT_FOUND], "content": {}})
        there["content"] |= elsewhere
    named = [_parameter(one, route, reader) for one in route.parameters if _is_shown(one, reader)]
    return {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [_TAG_OF.get(route.name, "states")],
        **_with_token(reader),
        "parameters": [_PARTS[part] for part in ("kinds", "id") if f"{{{part}}}" in route.path] + named,
        "responses": responses(reader, answers, *problems),
    }


_PARTS: Final = {
    "kinds": {
        "name": "kinds",
        "in": "path",
        "required": True,
        "description": "Of which kind.",
        "schema": {"$ref": "#/components/schemas/Kinds"},
        "example": "outcomes",
    },
    "id": {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The id in Canvas: local or global.",
        "schema": {"type": "string", "pattern": "^[^/]+$"},
        "example": "304",
    },
}


def _is_shown(parameter: Parameter, reader: Reader) -> bool:
    return parameter is not parameters.TENANT or reader.tenants != ()


def _parameter(parameter: Parameter, route: Route, reader: Reader) -> Shape:
    shape: Shape = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }
    if parameter.is_list:
        shape |= {"style": "form", "explode": False}
    if parameter.example is not None:
        shape["example"] = parameter.example
    if parameter is parameters.TENANT and reader.tenants is not None:
        shape["required"] = len(reader.tenants) > 1 and route.path not in _OF_ALL
        shape["example"] = reader.tenants[0]
        if len(reader.tenants) <= _MOST_NAMED:
            shape["schema"] = {"$ref": f"#/components/schemas/{_TENANT}"}
    return shape


# beside the questions


def _others(reader: Reader) -> Shape:
    """The operations that are not questions."""
    return {
        "/v1/events": {"post": _post(reader)},
        "/v1/health": {"get": _health(reader)},
        "/metrics": {"get": _metrics(reader)},
        PATH: {"get": _itself(reader)},
    }


_EXAMPLE: Final = {
    "metadata": {
        "event_name": "learning_outcome_updated",
        "event_time": "2025-10-20T10:00:00.000Z",
        "root_account_uuid": "HarborLakeCollege0000000000000000000001x",
    },
    "body": {"learning_outcome_id": "304", "title": "Interprets data and graphs", "workflow_state": "active"},
}


def _post(reader: Reader) -> Shape:
    problems = [HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE]
    problems += [HTTPStatus.UNPROCESSABLE_ENTITY]
    if reader.has_tokens or reader.takes_signed:
        problems += [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN]
    about = (
        "One event, an array of events, or several JSON texts one after another, such as JSON lines; also inside the"
        " wrappers of SQS, SNS, EventBridge and Firehose, or as a signed JWT. It may be compressed by gzip. The"
        " Content-Type does not matter."
    )
    return {
        "operationId": "post_events",
        "summary": "Record events",
        "description": "Answered once they are durable; what is refused is kept in quarantine, with the reason.",
        "tags": ["events"],
        **_with_token(reader),
        "requestBody": {"description": about, "required": True, "content": {JSON: {"schema": {}, "example": _EXAMPLE}}},
        "responses": responses(reader, {HTTPStatus.OK: answer("What became of them.", "Report")}, *problems),
    }


def _health(reader: Reader) -> Shape:
    answers = {
        HTTPStatus.OK: answer("The server can be used.", "Health"),
        HTTPStatus.SERVICE_UNAVAILABLE: {
            "description": "It cannot, just now.",
            "content": {JSON: schema("Health"), PROBLEM_JSON: schema("Problem")},
        },
    }
    return {
        "operationId": "health",
        "summary": "Whether the server can be used",
        "tags": ["service"],
        "security": [],
        "responses": responses(reader, answers),
    }


def _metrics(reader: Reader) -> Shape:
    text = {
        "description": "Metrics in the format of Prometheus.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    return {
        "operationId": "metrics",
        "summary": "What the server did",
        "tags": ["service"],
        **_with_token(reader),
        "responses": responses(reader, {HTTPStatus.OK: text}, *_may_be_refused(reader)),
    }


def _itself(reader: Reader) -> Shape:
    content = {JSON: {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}}
    answers = {
        HTTPStatus.OK: {"description": "The document.", "headers": header("ETag"), "content": content},
        HTTPStatus.NOT_MODIFIED: {"description": "It is still the same.", "headers": header("ETag")},
    }
    return {
        "operationId": "document",
        "summary": "This document: what may be asked, by the one who reads it",
        "tags": ["service"],
        "security": [],
        "responses": responses(reader, answers),
    }
