"""The command ``projector``: its subcommands, error messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from cyclopts import App, CycloptsError, Group

from projector.domain.errors import ProjectorError, StoreError
from projector.domain.rules import VERSION
from projector.serve.cli.terminal import (
    DAMAGED,
    INTERRUPTED,
    complain,
    give_up_stdout,
    is_of_stdout,
    own_process,
    replace_closed_streams,
    say_not_written,
)

BAD_USAGE: Final = 2
NO_STORE: Final = 3
NOT_WRITTEN: Final = 4


class Program(App):
    """The command line, whose help is laid out by this program."""

    def help_print(self, tokens: Any = None, *, console: Any = None) -> None:
        """Print the help of the command that is named."""
        from projector.serve.cli.help import show_help

        show_help(self, tokens)


app: App = Program(
    name="projector",
    version=VERSION,
    help="An event store for Canvas learning outcomes: their state and history on any day.",
    help_format="plaintext",
)
_COMMANDS: Final = {  # by group, and where each is: only the one that is given is imported
    "Feed": {
        "demo": "demo:demo",
        "replay": "replaying:replay",
        "quarantine": "keeping:quarantine",
    },
    "Ask": {
        "show": "asking:show_version",
        "history": "asking:history",
        "list": "asking:list_kind",
        "scale": "asking:scale",
        "method": "asking:method",
        "tree": "explaining:tree",
        "sql": "tables:sql",
    },
    "Judge": {
        "scores": "scoring:scores",
        "impact": "impact:impact",
    },
    "Explain": {
        "why": "explaining:why",
        "diff": "explaining:diff",
        "gaps": "explaining:gaps",
        "evidence": "scoring:evidence",
        "digest": "asking:digest",
    },
    "Keep": {
        "tenants": "institutions:tenants",
        "settings": "institutions:settings",
        "export": "exporting:export",
        "verify": "upkeep:verify",
        "rebuild": "upkeep:rebuild",
        "backup": "upkeep:backup",
    },
    "Serve": {
        "serve": "serving:serve",
        "token": "serving:token",
    },
    "People": {
        "people": "scoring:people",
    },
}
for _title, _commands in _COMMANDS.items():
    _group = Group.create_ordered(_title)
    for _number, (_name, _place) in enumerate(_commands.items()):
        app.command(f"projector.serve.cli.{_place}", name=_name, group=_group, sort_key=_number)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of a command line, its answer printed on stdout."""
    replace_closed_streams()
    for name in ("PROJECTOR_STORE", "PROJECTOR_TZ"):
        if not os.environ.get(name):
            os.environ.pop(name, None)  # set to nothing is not set
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if arguments is None:
        own_process()
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
    if not arguments:
        from projector.serve.cli.help import show_start

        show_start()
        return 0
    try:
        answered = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        from projector.serve.cli.misuse import misuse

        complain(misuse(error))
        return BAD_USAGE
    except StoreError as error:
        complain(str(error))
        return NO_STORE
    except ProjectorError as error:
        complain(str(error))
        return DAMAGED if _is_of_a_process(error) else BAD_USAGE
    except SystemExit as error:  # what the library makes of Ctrl-C, and of a pipe closed while help was printed
        raise (KeyboardInterrupt if error.code == INTERRUPTED else BrokenPipeError) from error
    return answered if isinstance(answered, int) else 0


def _is_of_a_process(error: ProjectorError) -> bool:
    """Whether the second process ended before its work did."""
    from projector.wire.process import ProcessEnded

    return isinstance(error, ProcessEnded)
