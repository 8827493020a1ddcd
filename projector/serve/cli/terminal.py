"""Printing to the terminal, on both streams."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final, TextIO

from projector.domain.answers import Answer
from projector.domain.canonical import write_deep, write_json
from projector.serve.json import shape_of
from projector.serve.screen.text import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from projector.serve.cli.console import PlainConsole

NOTHING_THERE: Final = 1  # exit codes
DAMAGED: Final = 1
INTERRUPTED: Final = 130
_owns_process = False
_LOST: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.ENXIO})
_SEND_IT_ELSEWHERE: Final = "send it to another file or a pipe, and ask again"


def say(sentence: str) -> None:
    """Print a sentence of the answer on stdout."""
    print(_in_lines(plain(sentence), sys.stdout))


def say_whole(line: str) -> None:
    """Print a line on stdout as it is, however long: to be copied, or a drawing."""
    print(plain(line))


def complain(sentence: str) -> None:
    """Print a sentence on stderr."""
    say_beside(f"projector: {sentence}")


def say_beside(sentence: str) -> None:
    """Print a sentence about the answer on stderr."""
    with on_stderr() as stderr:
        print(_in_lines(plain(sentence), stderr), file=stderr)


def _in_lines(sentence: str, stream: TextIO) -> str:
    """A sentence, on a terminal in lines that end between words; elsewhere one line."""
    if not stream.isatty() or len(sentence) <= (width := get_terminal_size().columns):
        return sentence
    return fill(sentence, width, break_long_words=False, break_on_hyphens=False)


def print_json(answer: Any) -> None:
    """Print an answer, or another JSON value, as one line on stdout."""
    if isinstance(answer, Answer):
        answer = shape_of(answer)
    try:
        line = write_json(answer)
    except RecursionError:  # a tree of thousands of levels
        line = write_deep(answer)
    sys.stdout.buffer.write(line + b"\n")


def print_bytes(lines: Iterable[bytes]) -> None:
    """Print lines as they are on stdout."""
    for line in lines:
        sys.stdout.buffer.write(line + b"\n")


def show(answer: RenderableType) -> None:
    """Print an answer for people on stdout."""
    console().show(answer)


def console(*, stderr: bool = False) -> PlainConsole:
    """The screen; without colours where it is not a terminal."""
    from projector.serve.cli.console import PlainConsole

    stream = sys.stderr if stderr else sys.stdout
    tty = stream.isatty()
    return PlainConsole(file=stream, force_terminal=tty, markup=False, highlight=False, emoji=False, soft_wrap=False)


def is_terminal() -> bool:
    """Whether answers are printed on a terminal."""
    return sys.stdout.isatty()


@contextmanager
def on_stderr() -> Iterator[TextIO]:
    """Stderr, to be written to: where that fails, the answer goes on without it."""
    try:
        yield sys.stderr
        sys.stderr.flush()
    except (OSError, ValueError):
        _lead_nowhere(sys.stderr)


# lost streams


def own_process() -> None:
    """Note that the program has a process of its own, of which it may change the priority."""
    global _owns_process
    _owns_process = True


def owns_process() -> bool:
    """Whether it has; not where another program calls its function ``main``."""
    return _owns_process


def replace_closed_streams() -> None:
    """Open standard streams that were closed, so that no file that is opened takes their place.

    What is written to stderr leads nowhere then; to write to stdout fails.
    """
    for name, mode, access in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:  # the lowest number that is free is its own
            setattr(sys, name, open(os.open(os.devnull, access), mode))  # noqa: SIM115


def is_of_stdout(error: OSError) -> bool:
    """Whether an error is of writing the answer, and not of a file that was named."""
    return error.errno in _LOST and error.filename is None


def say_not_written(error: OSError) -> None:
    """Print that the answer could not be written, and discard the rest of it."""
    give_up_stdout()
    why = "it is closed" if error.errno == errno.EBADF else error.strerror
    complain(f"the answer could not be written to standard output: {why}; {_SEND_IT_ELSEWHERE}")


def give_up_stdout() -> None:
    """Discard what is still to be written to stdout."""
    _lead_nowhere(sys.stdout)


def _lead_nowhere(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
