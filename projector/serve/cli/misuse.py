"""The message for a command line that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from cyclopts import CoercionError, CycloptsError, MissingArgumentError, RepeatArgumentError, UnknownOptionError
from cyclopts.exceptions import UnknownCommandError, UnusedCliTokensError

from projector.serve.screen.text import beginning


def misuse(error: CycloptsError) -> str:
    """What is wrong with a command line, and whose help says more.

    >>> misuse(UnusedCliTokensError(unused_tokens=["tables"], command_chain=("verify",)))
    "unexpected argument 'tables'; see: projector verify --help"
    """
    chain = error.command_chain or ()
    return f"{_wrong(error)}; see: {' '.join(('projector', *chain, '--help'))}"


def _wrong(error: CycloptsError) -> str:
    match error:
        case UnknownCommandError():
            given = (error.unused_tokens or [""])[0]
            what = "option" if given.startswith("-") else "command"
            names = (name for name in error.app or () if name.startswith("-") == given.startswith("-"))
            return f"unknown {what} {_quoted(given)}{_meant(given, names)}"
        case UnusedCliTokensError():
            words = error.unused_tokens or []
            what = "argument" if len(words) == 1 else "arguments"
            return f"unexpected {what} {', '.join(map(_quoted, words))}"
        case UnknownOptionError():
            given = error.token.keyword or error.token.value
            names = (name for argument in error.argument_collection for name in argument.names)
            return f"unknown option {_quoted(given)}{_meant(given, names)}"
        case MissingArgumentError():
            name = _name(error)
            return f"{name} needs a value" if name.startswith("-") else f"{name} is missing"
        case RepeatArgumentError():
            return f"{error.token.keyword} may be given only once"
        case CoercionError() if error.token is not None and error.argument is not None:
            return f"invalid value {_quoted(error.token.value)} for {_name(error)}: {_wanted(error.target_type)}"
        case _:
            return str(error).strip().rstrip(".")


def _name(error: CycloptsError) -> str:
    """An argument as it is written: an option by its name, others by what the usage says."""
    argument, keyword = error.argument, getattr(error, "keyword", None)
    assert argument is not None
    given = keyword or next((token.keyword for token in argument.tokens if token.keyword), None)
    if given is not None or argument.index is None:
        return given or argument.name
    return argument.name.lstrip("-").upper()


def _wanted(type: Any) -> str:
    if get_origin(type) is not None and (choices := get_args(type)):
        return f"write {', '.join(map(str, choices[:-1]))} or {choices[-1]}" if choices[1:] else f"write {choices[0]}"
    if type is bool:
        return "it takes no value"
    return "write a whole number" if type is int else "write a number"


def _meant(given: str, names: Iterable[str]) -> str:
    close = get_close_matches(given, list(names), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _quoted(word: str) -> str:
    return beginning(word) if word.startswith("-") else f"'{beginning(word)}'"
