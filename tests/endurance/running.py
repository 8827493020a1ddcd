"""Command lines as processes of their own, as people and nightly jobs run them, and what is done to such processes."""

from __future__ import annotations

import ctypes
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import field, frozen

from projector.serve.cli import main

COMMAND = (sys.executable, "-m", "projector")
_KILLS_ITSELF = """
import os, pkgutil, signal, sys
from projector.serve.cli import main
module, name = sys.argv[1].rsplit(".", 1)
setattr(pkgutil.resolve_name(module), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
main(sys.argv[2:])
"""


@frozen
class Ran:
    """What a command line gave; never a traceback."""

    code: int
    out: str
    err: str = field()

    @err.validator
    def _is_for_people(self, _attribute: object, err: str) -> None:
        assert "Traceback" not in err, err

    @property
    def json(self) -> Any:
        """Its answer, of one line."""
        return json.loads(self.out)


def run(*words: object, before: Callable[[], None] | None = None, **env: str) -> Ran:
    """A command line run to its end; ``before`` is called in the new process."""
    ran = subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
        env={**os.environ, **env},
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def ask(*words: object) -> Ran:
    """The same in this process: quicker, for what is asked beside."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(map(str, words)))
    return Ran(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


def run_killed_at(function: str, *words: object) -> int:
    """The exit code of a command line that is killed when it comes to a function."""
    command = [sys.executable, "-c", _KILLS_ITSELF, function, *map(str, words)]
    return subprocess.run(command, capture_output=True, check=False).returncode


class Running:
    """A command line that is running, and whatever processes it started."""

    def __init__(self, *words: object) -> None:
        self._mark = uuid4().hex
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "STARTED_BY_TEST": self._mark},
        )

    def everybody(self) -> Iterator[int]:
        """The ids of it and of those it started, also of orphans."""
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if self._mark.encode() in (folder / "environ").read_bytes():
                    yield int(folder.name)

    def kill(self, *ids: int) -> None:
        """End some of them at once."""
        for id in ids:
            with suppress(ProcessLookupError):
                os.kill(id, 9)

    def ended(self) -> Ran:
        """What it gave; none of those it started outlives it for long."""
        out, err = self.process.communicate()
        deadline = time.monotonic() + 30
        while remaining := list(self.everybody()):
            assert time.monotonic() < deadline, f"orphans: {remaining}"
            time.sleep(0.01)
        return Ran(self.process.returncode, out, err)


def as_mere_owner() -> None:
    """Let permissions hold for this process, also where it is root's: called in a new process."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "cannot give up the rights of root")
