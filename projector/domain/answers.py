"""The base of all answers, with ``to_dict()``, their shape as JSON; and of what notebooks show as HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Shape = dict[str, Any]  # what an answer is in JSON


class Answer:
    """A frozen answer of the projector, or a part of one. Its instants are aware datetimes in UTC."""

    __slots__ = ()

    def to_dict(self) -> Shape:
        """The answer as the command line prints it with ``--json``.

        Returns:
            Dicts, lists, text, numbers, booleans and None; instants as text in UTC, with microseconds and ``Z``.
        """
        return _shaper(self)


def _not_registered(answer: Answer) -> Shape:
    raise NotImplementedError("import projector: its front door registers how answers are shaped")


_shaper: Callable[[Answer], Shape] = _not_registered


def shape_with(shaper: Callable[[Answer], Shape]) -> None:
    """Register the function that makes the JSON shape of any answer."""
    global _shaper
    _shaper = shaper


class Shown:
    """What a notebook shows as HTML instead of its ``repr``."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return _html_writer(self)


def _no_html(shown: Shown) -> str:
    raise NotImplementedError("import projector: its front door registers how answers are shown")


_html_writer: Callable[[Shown], str] = _no_html


def show_with(html_writer: Callable[[Shown], str]) -> None:
    """Register the function that makes the HTML of whatever is `Shown`."""
    global _html_writer
    _html_writer = html_writer
