"""The texts of a question: ids, learners and institutions, as an event may name them."""

from __future__ import annotations

from typing import TypeVar

from projector.domain.errors import BadQuestion

T = TypeVar("T")


def text_asked(asked: T, what: str) -> T:
    """What a question names, unchanged, where it is no text or one that UTF-8 can hold.

    On the command line, bytes that are no UTF-8 become lone surrogates, which no event and no store can hold.

    Args:
        what: How the message calls it, such as ``the tenant``.

    Raises:
        BadQuestion: it holds a lone surrogate.

    >>> text_asked("é", "the id"), text_asked(5, "the id")
    ('é', 5)
    """
    if isinstance(asked, str) and not asked.isascii():
        try:
            asked.encode()
        except UnicodeEncodeError as error:
            raise BadQuestion(f"{what} {asked[:60]!r} is not UTF-8 text; no event can name it") from error
    return asked
