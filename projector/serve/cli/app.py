"""The command ``projector``: its subcommands, error messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError

from projector.domain.errors import ProjectorError, StoreError
from projector.domain.rules import VERSION
from projector.serve.cli.asking import digest, history, list_kind, method, scale, show_version
from projector.serve.cli.demo import demo
from projector.serve.cli.explaining import diff, gaps, tree, why
from projector.serve.cli.institutions import settings, tenants
from projector.serve.cli.keeping import export, quarantine
from projector.serve.cli.replaying import INTERRUPTED, replay
from projector.serve.cli.scoring import evidence, impact, people, scores
from projector.serve.cli.terminal import (
    complain,
    give_up_stdout,
    is_of_stdout,
    replace_closed_streams,
    say_not_written,
)
from projector.serve.cli.upkeep import DAMAGED, backup, rebuild, verify
from projector.wire.process import ProcessEnded

BAD_USAGE: Final = 2
NO_STORE: Final = 3
NOT_WRITTEN: Final = 4

app: App = App(
    name="projector",
    version=VERSION,
    help="An event store for Canvas learning outcomes: their state and history as of any day.",
    help_epilogue=(
        "Exit codes: 0 answered; 1 nothing there, or damage found; 2 bad usage; 3 the store cannot be used;"
        " 4 the answer could not be written to standard output; 130 interrupted."
    ),
)
app.command(replay)
app.command(show_version, name="show")
app.command(history)
app.command(list_kind, name="list")
app.command(scale)
app.command(method)
app.command(tree)
app.command(scores)
app.command(impact)
app.command(people)
app.command(evidence)
app.command(why)
app.command(diff)
app.command(gaps)
app.command(digest)
app.command(tenants)
app.command(settings)
app.command(quarantine)
app.command(export)
app.command(verify)
app.command(rebuild)
app.command(backup)
app.command(demo)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of a command line, its answer printed on stdout."""
    replace_closed_streams()
    for name in ("PROJECTOR_STORE", "PROJECTOR_TZ"):
        if not os.environ.get(name):
            os.environ.pop(name, None)  # set to nothing is not set
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of the pipe has read enough
        give_up_stdout()
        return 0
    except OSError as error:
        if not is_of_stdout(error):
            raise
        say_not_written(error)
        return NOT_WRITTEN
    except KeyboardInterrupt:
        complain("stopped; what was committed is stored")
        return INTERRUPTED
    return code


def _run(arguments: list[str]) -> int:
    try:
        answered = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        complain(f"{str(error).strip()} See: projector --help")
        return BAD_USAGE
    except StoreError as error:
        complain(str(error))
        return NO_STORE
    except ProcessEnded as error:
        complain(str(error))
        return DAMAGED
    except ProjectorError as error:
        complain(str(error))
        return BAD_USAGE
    except SystemExit as error:  # what the library makes of Ctrl-C, and of a pipe closed while help was printed
        raise (KeyboardInterrupt if error.code == INTERRUPTED else BrokenPipeError) from error
    return answered if isinstance(answered, int) else 0
