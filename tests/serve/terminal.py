"""Command lines on a terminal of a given width, as people see them."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.endurance.running import COMMAND

_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@frozen
class Seen:
    """What a terminal showed, of both streams, and the exit code."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their styles and trailing blanks."""
        return [line.rstrip() for line in _STYLES.sub("", self.text).replace("\r\n", "\n").split("\n")]

    @property
    def screen(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines).rstrip("\n") + "\n"


def on_terminal(*words: object, columns: int = 80, folder: Path | None = None, **env: str) -> Seen:
    """Run a command line on a terminal of so many columns, in a folder."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    environment: dict[str, Any] = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")
    }
    environment |= {"TERM": "xterm-256color", **env}
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder
    )
    os.close(theirs)
    pieces = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:  # the other end was closed
        pass
    os.close(ours)
    return Seen(process.wait(timeout=60), b"".join(pieces).decode())
