"""Errors as RFC 9457 problems: a status, and a sentence that says what is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from projector.ask.deadline import OutOfTime
from projector.domain.answers import Shape
from projector.domain.errors import AmbiguousTenant, ProjectorError, StoreError

PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER: Final = 5  # seconds


class Problem(Exception):
    """Why a request is not answered.

    Args:
        status: The HTTP status.
        detail: A sentence that says what to do.
        headers: Headers that go with it.
        members: Further members of the problem.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status: HTTPStatus = status
        self.detail: str = detail
        self.headers: dict[str, str] = dict(headers or {})
        self.members: dict[str, object] = dict(members or {})

    def shape(self) -> Shape:
        """The problem as JSON."""
        about = {"type": "about:blank", "title": self.status.phrase, "status": int(self.status)}
        return about | {"detail": self.detail} | self.members


def problem_of(error: ProjectorError) -> Problem:
    """The problem that an error of the projector is: of the question, of its size, or of the store."""
    match error:
        case AmbiguousTenant(tenants=tenants):
            names = ", ".join(tenants)
            detail = f"this store holds several institutions; name one with the parameter tenant: {names}"
            return Problem(HTTPStatus.BAD_REQUEST, detail, members={"tenants": list(tenants)})
        case OutOfTime():
            return unavailable(str(error))
        case StoreError():
            return unavailable("the store cannot be used just now; try again later")
    return Problem(HTTPStatus.BAD_REQUEST, str(error))


def bad_request(detail: str) -> Problem:
    """A request that is not understood."""
    return Problem(HTTPStatus.BAD_REQUEST, detail)


def unavailable(detail: str, seconds: int = RETRY_AFTER) -> Problem:
    """A request that may be answered when it is sent again.

    Args:
        seconds: After which to send it again.
    """
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": str(seconds)})
