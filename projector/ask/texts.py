"""The texts of a question, checked: ids, learners and tenants."""

from __future__ import annotations

from typing import TypeVar

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion
from projector.domain.ids import long_id

T = TypeVar("T")


def text_asked(asked: T, what: str) -> T:
    """What a question names, unchanged, where it is not text, or text that UTF-8 can hold.

    On the command line, bytes that are not UTF-8 become lone surrogates, which no event and no store can hold.

    Args:
        what: How the message calls it, such as ``the tenant``.

    Raises:
        BadQuestion: it holds a lone surrogate, or is neither text nor a plain value.

    >>> text_asked("é", "the id"), text_asked(5, "the id")
    ('é', 5)
    """
    if asked is not None and not isinstance(asked, str | int | float):
        raise BadQuestion(f"{what} must be text, not {shown(asked)}")
    if isinstance(asked, str) and not asked.isascii():
        try:
            asked.encode()
        except UnicodeEncodeError as error:
            raise BadQuestion(f"{what} {shown(asked)} is not UTF-8 text; no event can name it") from error
    return asked


def id_asked(asked: str | int, what: str = "the id") -> str:
    """An id that a question names, as text; a whole number is its digits.

    Raises:
        BadQuestion: it is neither text nor a whole number, or not UTF-8 text.

    >>> id_asked("2107~5"), id_asked(5), id_asked("")
    ('2107~5', '5', '')
    """
    if isinstance(asked, str):
        return text_asked(asked, what)
    try:
        id = long_id(asked)
    except ValueError:  # a number of too many digits
        id = None
    if id is None:
        raise BadQuestion(f"{what} must be text or a whole number, not {shown(asked)}")
    return id


def results_asked(*asked: str | int | None) -> tuple[str | None, str | None, str | None]:
    """The learner, outcome and course, in this order, of which results are asked; each may be None.

    Raises:
        BadQuestion: one of them is neither text nor a whole number, or not UTF-8 text.

    >>> results_asked("Ada", 5, None)
    ('Ada', '5', None)
    """
    named = zip(asked, ("the learner", "the outcome", "the course"), strict=True)
    learner, outcome, course = (None if one is None else id_asked(one, what) for one, what in named)
    return learner, outcome, course


def name_asked(asked: str | int, what: str) -> str:
    """A name that a question needs, such as a learner's, as text.

    Raises:
        BadQuestion: it is blank, or neither text nor a whole number.
    """
    name = id_asked(asked, what)
    if not name or name.isspace():
        raise BadQuestion(f"{what} is blank; write a name")
    return name


def tenant_asked(asked: str | int) -> str:
    """The name of an institution that a question holds, in the spelling in which ids are kept.

    Raises:
        BadQuestion: it is blank, or neither text nor a whole number.

    >>> tenant_asked("2107~1")
    '21070000000000001'
    """
    name = name_asked(asked, "the institution")
    return long_id(name) or name
