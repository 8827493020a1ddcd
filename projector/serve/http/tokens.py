"""The tokens of the service: a file with a line for each, which holds a hash and not the token."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import time_ns
from typing import Any, Final, Literal, get_args

from attrs import define, field, frozen

from projector.ask.institutions import SEES_ALL, Sight
from projector.ask.texts import tenant_asked
from projector.domain.arguments import shown, shown_path
from projector.domain.canonical import read_json, write_json
from projector.domain.errors import BadQuestion, MissingInput, ProjectorError

Scope = Literal["read", "write", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

_BEGINNING: Final = "projector_"  # so that scanners for leaked secrets find it
_BYTES: Final = 32
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_TICK: Final = 10**8  # nanoseconds: file systems' clocks are coarse
_MEMBERS: Final = frozenset({"sha256", "scope", "tenants", "name"})

Stamp = tuple[int, int, int, int]  # of a file: inode, size, times of modification and of change


@frozen(kw_only=True)
class Token:
    """What a token may do: ``read`` or ``write`` for its institutions, ``admin`` both for all."""

    sha256: bytes = field(repr=False)
    scope: Scope
    tenants: frozenset[str] = frozenset()
    name: str = ""

    @property
    def sight(self) -> Sight:
        """The institutions that it may see, or write to."""
        return SEES_ALL if self.scope == "admin" else Sight(self.tenants)

    def line(self) -> str:
        """Its line of the file of tokens."""
        members = {"sha256": self.sha256.hex(), "scope": self.scope, "tenants": sorted(self.tenants), "name": self.name}
        return write_json(members).decode()


def new_token(scope: str, tenants: Iterator[str] | list[str], name: str) -> tuple[str, Token]:
    """A new token, as it is shown once, and what is kept of it.

    Raises:
        BadQuestion: the scope is unknown, ``read`` or ``write`` is for no institution, or ``admin`` for some.
    """
    if scope not in SCOPES:
        raise BadQuestion(f"unknown scope {shown(scope)}; write read, write or admin")
    named = frozenset(tenant_asked(tenant) for tenant in tenants)
    if scope == "admin" and named:
        raise BadQuestion("a token of the scope admin is for all institutions; leave out --tenant")
    if scope != "admin" and not named:
        raise BadQuestion(f"name the institutions that the token may {scope}: --tenant NAME, once for each")
    text = _BEGINNING + secrets.token_urlsafe(_BYTES)
    return text, Token(sha256=_hash(text), scope=scope, tenants=named, name=name)


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()


@define
class TokenFile:
    """The tokens in a file, read again whenever it changes.

    A line that cannot be read counts for nothing, and so does a file that is gone; ``fault`` says so, and ``on_fault``
    is called whenever that changes.
    """

    path: str
    on_fault: Callable[[str], object] = field(default=lambda why: None, repr=False)
    fault: str | None = field(default=None, init=False)
    _stamp: Stamp | None = field(default=None, init=False)
    _tokens: tuple[Token, ...] = field(default=(), init=False, repr=False)
    _lock: Lock = field(factory=Lock, init=False, repr=False)

    def see_that_readable(self) -> None:
        """See that the file is there and that every line of it can be read.

        Raises:
            MissingInput: it cannot be read; BadQuestion: some line is not one that ``projector token`` prints.
        """
        self.tokens()
        if self.fault is not None:
            raise (BadQuestion if self._stamp else MissingInput)(self.fault)

    def find(self, text: str) -> Token | None:
        """The token that is shown, compared with each in the file in the same time; None where it is not in there."""
        shown_hash, found = _hash(text), None
        for token in self.tokens():
            if hmac.compare_digest(shown_hash, token.sha256):
                found = token
        return found

    def tokens(self) -> tuple[Token, ...]:
        """The tokens in the file as it is now."""
        stamp = self._stamp_now()
        if stamp != self._stamp or stamp is None or _is_fresh(stamp):
            with self._lock:
                before = self.fault
                self._read(stamp)
                if self.fault not in (None, before):
                    self.on_fault(self.fault or "")
        return self._tokens

    def _stamp_now(self) -> Stamp | None:
        try:
            found = os.stat(self.path)
        except (OSError, ValueError):
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def _read(self, stamp: Stamp | None) -> None:
        try:
            lines = Path(self.path).read_bytes().splitlines()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            self._tokens, self._stamp, self.fault = (), None, f"{shown_path(self.path)} cannot be read: {why}"
            return
        found, faults = [], []
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.lstrip().startswith(b"#"):
                continue
            try:
                found.append(_token(line))
            except (ValueError, TypeError, KeyError, ProjectorError, RecursionError):
                faults.append(f"{shown_path(self.path)} line {number} is not one that projector token prints")
        self._tokens, self._stamp, self.fault = tuple(found), stamp, faults[0] if faults else None


def _is_fresh(stamp: Stamp) -> bool:
    """Whether a file was changed so lately that another change may leave its stamp as it is."""
    return abs(time_ns() - stamp[-1]) < _TICK


def _token(line: bytes) -> Token:
    members: Any = read_json(line)
    if not isinstance(members, dict) or not members.keys() <= _MEMBERS or _HASH.fullmatch(members["sha256"]) is None:
        raise ValueError
    scope, tenants, name = members["scope"], members.get("tenants", []), members.get("name", "")
    if scope not in SCOPES or not isinstance(tenants, list) or not isinstance(name, str):
        raise ValueError
    named = frozenset(map(tenant_asked, tenants))
    if bool(named) == (scope == "admin"):
        raise ValueError
    return Token(sha256=bytes.fromhex(members["sha256"]), scope=scope, tenants=named, name=name)
