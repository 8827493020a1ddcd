"""A question as it was asked over HTTP, and the reply to it; a reply that the asker has already is not made again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

from attrs import define, field, frozen

from projector.ask.question import Question
from projector.ask.questions import Questions
from projector.ask.view import View
from projector.domain.answers import Shape
from projector.domain.canonical import write_json
from projector.domain.instants import to_datetime
from projector.domain.rules import RULES, VERSION
from projector.serve.http import paging
from projector.serve.http.parameters import flag_asked, instant_text, limit_asked
from projector.store.pins import Pin

_TAG_BYTES: Final = 15


@frozen(kw_only=True)
class Reply:
    """What is answered: JSON, and the tag by which the asker may ask whether it is still so."""

    body: bytes = field(repr=False)
    status: HTTPStatus = HTTPStatus.OK
    tag: str | None = None


class Kept(Exception):
    """The answer was given before, and is still the same."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.tag)
        self.reply = reply


@define
class Replies:
    """Replies that were given last, by their tags: a tag is of one question under one pin, so each is still right."""

    _most: int = 1000
    _largest: int = 2**14  # bytes of a body
    _by_tag: dict[str, Reply] = field(factory=dict, init=False, repr=False)

    def see_that_new(self, tag: str) -> None:
        """See that a reply was not given before.

        Raises:
            Kept: it was.
        """
        if (reply := self._by_tag.get(tag)) is not None:
            raise Kept(reply)

    def keep(self, reply: Reply) -> None:
        """Keep a reply, instead of the one that was kept first where there are many."""
        if reply.tag is not None and len(reply.body) <= self._largest:
            self._by_tag[reply.tag] = reply
            while len(self._by_tag) > self._most:
                self._by_tag.pop(next(iter(self._by_tag)), None)


class NotModified(Exception):
    """The asker has this answer already."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


@frozen(kw_only=True)
class Asked:
    """A question: who may see what, the parts of its address, and its parameters as text.

    ``known`` are the tags of the answers that the asker has; ``default_tz`` is the zone where none is named;
    ``replies`` are those that need not be made again.
    """

    questions: Questions
    path: str
    parts: Mapping[str, str] = field(factory=dict)
    given: Mapping[str, str] = field(factory=dict)
    known: str | None = None
    default_tz: str = "UTC"
    replies: Replies | None = None

    @property
    def tz(self) -> str:
        """The zone in which dates are read."""
        return self.given.get("tz", self.default_tz)

    @cached_property
    def cursor(self) -> paging.Cursor | None:
        """Where the page before ended; None: this is the first."""
        text = self.given.get("cursor")
        return None if text is None else paging.read(text, self.path, self.given, self.keys)

    @cached_property
    def pin(self) -> Pin:
        """What is known: as the cursor says, or the question, or else everything."""
        if self.cursor is not None:
            return self.questions.pin(to_datetime(self.cursor.known_at), self.tz)
        return self.questions.pin(self.instant("known_at"), self.tz)

    @property
    def keys(self) -> int:
        """The number of parts of a key in cursors of this question."""
        return {"/v1/scores": 3, "/v1/diff": 2}.get(self.path, 1)

    def instant(self, name: str) -> str | None:
        """The text of an instant."""
        text = self.given.get(name)
        return None if text is None else instant_text(name, text)

    def flag(self, name: str) -> bool:
        """A flag."""
        return flag_asked(name, self.given.get(name))

    @property
    def limit(self) -> int:
        """How many items a page has at most."""
        return limit_asked(self.given.get("limit"))

    def behind(self) -> tuple[str | None, ...] | None:
        """The key behind which the page begins; None: it is the first."""
        return None if self.cursor is None else self.cursor.behind

    def question(self, as_of: str | None) -> Question:
        """The question as of an instant."""
        return self.questions.under(self.pin, as_of, self.given.get("tenant"), self.tz)

    def view(self, as_of: str | None) -> View:
        """A view as of an instant."""
        return View(question=self.question(as_of))

    # tags

    def tag(self, *tenants: str) -> str:
        """The tag of the answer: what is known, of which institutions, and the question.

        Raises:
            NotModified: the asker has the answer already; Kept: it was given before.
        """
        of = [*map(self.pin.fingerprint_of, tenants)] or self.pin.fingerprint
        resting_on = (VERSION, RULES, of, self.path, sorted(self.given.items()), self.tz)
        return self._new(repr(resting_on).encode())

    def tag_of(self, body: bytes) -> str:
        """The tag of an answer that changes with more than what is known of events.

        Raises:
            NotModified: the asker has the answer already.
        """
        return self._new(body)

    def _new(self, content: bytes) -> str:
        tag = f'"{blake2b(content, digest_size=_TAG_BYTES).hexdigest()}"'
        if self.known is not None and _is_among(tag, self.known):
            raise NotModified(tag)
        if self.replies is not None:
            self.replies.see_that_new(tag)
        return tag

    # replies

    def page(self, items: list[Shape], basis: Shape, next: tuple[str | None, ...] | None, tag: str) -> Reply:
        """The reply of a list: a page of it.

        Args:
            next: The key behind which the next page begins; None: this is the last one.
        """
        cursor = None
        if next is not None and self.pin.recorded_at is not None:
            cursor = paging.written(paging.Cursor(known_at=self.pin.recorded_at, behind=next), self.path, self.given)
        return Reply(body=write_json({"items": items, "next": cursor} | basis), tag=tag)


def reply(shape: Shape, tag: str | None = None, *, found: bool = True) -> Reply:
    """The reply of one answer; 404 where nothing is there."""
    status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    return Reply(body=write_json(shape), status=status, tag=tag if found else None)


def _is_among(tag: str, known: str) -> bool:
    return known.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in known.split(",")}
