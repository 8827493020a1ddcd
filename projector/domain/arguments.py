"""Arguments of public functions: checks, and how messages quote them (60 characters at most)."""

from __future__ import annotations

import os
import reprlib
from typing import Final

from projector.domain.errors import BadQuestion

SHOWN: Final = 60  # characters of an argument that a message holds
_BEGINNING: Final = 20  # of these, of a path
_FOLDER: Final = 200  # characters of a folder that is there


def shown(asked: object) -> str:
    """An argument as a message names it: quoted, and of a long one the beginning.

    >>> shown("Course/"), shown(5), shown("x" * 100) == repr("x" * 60) + "…"
    ("'Course/'", '5', True)
    """
    if isinstance(asked, str | bytes):
        return repr(asked[:SHOWN]) + ("…" if len(asked) > SHOWN else "")
    try:
        text = reprlib.repr(asked)
    except Exception:  # whatever an object's own code raises
        text = f"<{type(asked).__name__}>"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def shown_path(path: str) -> str:
    """A path as a message names it: whole where its folder is there, else of a long one the beginning and the end.

    >>> shown_path("logs/events.jsonl"), shown_path("no/" + "x" * 100)
    ('logs/events.jsonl', 'no/xxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')
    """
    folder, name = os.path.split(path)
    if len(path) <= SHOWN or (len(name) <= SHOWN and len(folder) <= _FOLDER and os.path.isdir(folder)):
        return path
    return f"{path[:_BEGINNING]}…{path[_BEGINNING - SHOWN :]}"


def path_asked(path: object, what: str) -> str:
    """The path that is named, as text.

    Args:
        what: How the message calls it, such as ``the backup``.

    Raises:
        BadQuestion: it is neither text nor a path object, or no file can have that name.

    >>> path_asked("keys.json", "the key set")
    'keys.json'
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str):
        raise BadQuestion(f"{what} must be text or a path object, not {shown(path)}")
    if not is_file_name(text):
        raise BadQuestion(f"{shown(text)} is not a file name; name a file for {what}")
    return text


def is_file_name(text: str) -> bool:
    """Whether the system could be asked for a file of that name.

    >>> is_file_name("a.db"), is_file_name("a\\0b"), is_file_name("")
    (True, False, False)
    """
    try:
        return bool(text) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def see_that_callable(**asked: object) -> None:
    """See that each of these, where it is given, can be called.

    Raises:
        BadQuestion: one cannot.
    """
    for name, function in asked.items():
        if function is not None and not callable(function):
            raise BadQuestion(f"{name} must be a function, not {shown(function)}")
