"""Who may ask and write: tokens, and on the loopback the name by which the server was reached."""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from attrs import frozen

from projector.ask.institutions import SEES_ALL, Sight
from projector.domain.errors import BadQuestion
from projector.serve.http.problems import Problem
from projector.serve.http.tokens import TokenFile

_BEARER: Final = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_HOST: Final = re.compile(r"(\[[^\]]*\]|[^:]*)(?::\d*)?")
_ASK_FOR_ONE: Final = {"WWW-Authenticate": 'Bearer realm="outcome-projector"'}
_ASK_FOR_ANOTHER: Final = {"WWW-Authenticate": 'Bearer realm="outcome-projector", error="invalid_token"'}


@frozen(kw_only=True)
class Caller:
    """Who sent a request, and what it may do: ``source`` is what the store keeps as the source of its events."""

    sight: Sight
    reads: bool = False
    writes: bool = False
    is_admin: bool = False
    source: str = "http"


ANYONE: Final = Caller(sight=SEES_ALL, reads=True, writes=True, is_admin=True)  # where no tokens are given
NOBODY: Final = Caller(sight=Sight(frozenset()))  # without a token where some are


@frozen(kw_only=True)
class Access:
    """Who may do what: without ``tokens`` everyone who reaches the server by a name of this machine."""

    host: str
    tokens: TokenFile | None = None

    @classmethod
    def of(cls, host: str, tokens: str | None) -> Access:
        """The access to a server that listens at a host.

        Raises:
            BadQuestion: it is reached from other machines, and there are no tokens.
        """
        file = None if tokens is None else TokenFile(tokens)
        if file is not None:
            file.see_that_readable()
        elif not is_loopback(host):
            raise BadQuestion(
                f"at {host} other machines reach the server; give --tokens FILE (projector token makes one),"
                " or listen at 127.0.0.1"
            )
        return cls(host=host, tokens=file)

    def see_that_host_is_ours(self, host: str | None) -> None:
        """See that a request to a loopback server names it so: a page elsewhere may have it reached by another name.

        Raises:
            Problem: the request names another host.
        """
        if not is_loopback(self.host):
            return
        parts = _HOST.fullmatch((host or "").lower())
        if parts is None or not (is_loopback(parts[1].strip("[]")) or parts[1] == self.host.lower()):
            raise Problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this server answers on this machine only; ask it by the name localhost or 127.0.0.1",
            )

    def caller(self, authorization: str | None) -> Caller:
        """Who a request is from, by its header ``Authorization``.

        Raises:
            Problem: it holds a token that is not known.
        """
        if self.tokens is None:
            return ANYONE
        if authorization is None:
            return NOBODY
        shown = _BEARER.fullmatch(authorization)
        token = None if shown is None else self.tokens.find(shown[1])
        if token is None:
            detail = "the token is not valid; write Authorization: Bearer TOKEN"
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, _ASK_FOR_ANOTHER)
        admin = token.scope == "admin"
        source = f"http:{token.name}" if token.name else "http"
        reads, writes = admin or token.scope == "read", admin or token.scope == "write"
        return Caller(sight=token.sight, reads=reads, writes=writes, is_admin=admin, source=source)


def see_that_reads(caller: Caller) -> None:
    """See that a caller may ask.

    Raises:
        Problem: it may not.
    """
    _see_that(caller, caller.reads, "this token may only write events; ask with a token of the scope read")


def see_that_writes(caller: Caller) -> None:
    """See that a caller may write events.

    Raises:
        Problem: it may not.
    """
    _see_that(caller, caller.writes, "this token may only read; post events with a token of the scope write")


def see_that_admin(caller: Caller) -> None:
    """See that a caller may see what concerns all institutions.

    Raises:
        Problem: it may not.
    """
    _see_that(caller, caller.is_admin, "this concerns all institutions; ask with a token of the scope admin")


def _see_that(caller: Caller, may: bool, otherwise: str) -> None:
    if caller is NOBODY:
        detail = "a token is needed here; write Authorization: Bearer TOKEN"
        raise Problem(HTTPStatus.UNAUTHORIZED, detail, _ASK_FOR_ONE)
    if not may:
        raise Problem(HTTPStatus.FORBIDDEN, otherwise)


@lru_cache(256)
def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server at a host.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
