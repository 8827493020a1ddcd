"""The keys that check signed deliveries: a key set from a URL or a file, fetched again where a key is missing."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from math import inf
from threading import Lock
from time import monotonic
from typing import IO, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from attrs import define, field

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion, MissingInput, ProjectorError
from projector.wire.keys import KeySet, keys_in, read_keys

_TIMEOUT: Final = 5.0  # seconds for a key set to come
_LARGEST: Final = 2**20  # bytes of one
_PAUSE: Final = 60.0  # seconds between two attempts


@define
class Keys:
    """The key set that was fetched last; one that cannot be fetched leaves the last one as it is."""

    _fetch: Callable[[], KeySet] = field(repr=False)
    _clock: Callable[[], float] = field(default=monotonic, repr=False)
    _now: KeySet = field(init=False, repr=False)
    _fetched_at: float = field(default=-inf, init=False)  # again, after the beginning
    _lock: Lock = field(factory=Lock, init=False, repr=False)
    on_fault: Callable[[str], object] = field(default=lambda why: None, repr=False)

    def __attrs_post_init__(self) -> None:
        self._now = self._fetch()

    @classmethod
    def of(cls, place: str, clock: Callable[[], float] = monotonic) -> Keys:
        """The keys at a URL or in a file.

        Args:
            clock: Gives seconds.

        Raises:
            BadQuestion: it is not a key set, or a URL that does not begin with https.
            MissingInput: it cannot be read.
        """
        if "://" not in place:
            return cls(lambda: read_keys(place), clock)
        if urlsplit(place).scheme.lower() != "https":
            raise BadQuestion(f"{shown(place)}: keys are read from a file or from a URL that begins with https://")
        return cls(lambda: _fetched(place), clock)

    def for_kid(self, kid: str | None) -> KeySet:
        """The key set; fetched again where it has no key of this name, but at most once a minute."""
        if kid is not None and kid not in self._now:
            with self._lock:
                if kid not in self._now and self._clock() - self._fetched_at >= _PAUSE:
                    self._fetched_at = self._clock()
                    try:
                        self._now = self._fetch()
                    except ProjectorError as error:
                        self.on_fault(str(error))
        return self._now


class _OnlyHttps(HTTPRedirectHandler):
    """Follows redirections to https only."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme.lower() != "https":
            raise URLError("it redirects to an address without https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _read(answer: HTTPResponse) -> bytes:
    """What comes within the time and the size that a key set may have, and a byte more where it is larger."""
    due, text = monotonic() + _TIMEOUT, b""
    while len(text) <= _LARGEST and (part := answer.read1(_LARGEST + 1 - len(text))):
        text += part
        if monotonic() > due:
            raise TimeoutError(f"it did not come within {_TIMEOUT:g} seconds")
    return text


def _fetched(url: str) -> KeySet:
    opener: OpenerDirector = build_opener(_OnlyHttps)
    try:
        with opener.open(Request(url, headers={"Accept": "application/json"}), timeout=_TIMEOUT) as answer:
            text = _read(answer)
    except (OSError, HTTPException, ValueError) as error:
        raise MissingInput(f"the keys at {url} cannot be fetched: {error}") from error
    if len(text) > _LARGEST:
        raise BadQuestion(f"{url} is not a key set: it is larger than {_LARGEST:,} bytes")
    return keys_in(text, url)
