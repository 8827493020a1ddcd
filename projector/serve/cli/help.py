"""The help of the command line: how its pages are laid out, and the page of ``projector`` alone."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from cyclopts import App
from rich.text import Text

from projector.serve.cli.terminal import console

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

NARROW: Final = 80  # the width of a page where no terminal says how wide it is
_WIDEST: Final = 100
_GROUP, _COMMAND, _LABEL = 9, 21, 25  # where commands, their summaries, and what is said of an option begin
_OF_A_COMMAND: Final = "Help for one command: projector COMMAND --help. Version: projector --version."
_EXIT_CODES: Final = (
    "Exit codes: 0 answered; 1 nothing found, or damage found; 2 bad usage; 3 the store cannot be used;"
    " 4 the answer could not be written to standard output; 130 interrupted."
)
_TITLES: Final = {"Parameters": "Options"}  # where the library has another word
_TO_TRY: Final = "To try them: projector demo; export PROJECTOR_STORE=projector-demo/college.db"
_START: Final = """\
projector keeps the history of Canvas learning outcomes. Ask for any day.

Begin with one term of an invented college:
  projector demo
  export PROJECTOR_STORE=projector-demo/college.db

Then ask, for example:
  projector scale Account/1 --on 2025-10-12
      the mastery scale on a day
  projector scores --learner "Ana Souza" --as-of 2025-10-12
      a learner's mastery on a day
  projector why outcome 304 --as-of 2025-10-30
      which event decides the state of an outcome, and why no other does

Every command: projector --help"""


def show_start() -> None:
    """Print the page of ``projector`` alone: what it is, and how to begin."""
    for line in _START.splitlines():
        _put(console(), line)


def show_help(program: App, words: Any) -> None:
    """Print the page of the command that words name; of none, that of the program."""
    named, path, _ = program.parse_commands(words)
    page, screen = path[-1], console()
    for name in page:
        page[name]  # imports the command, whose docstring has its summary
    page.help_formatter = _Layout(page=page, names=(program.name[0], *named))
    App.help_print(program, words, console=screen)
    if page is program:
        _put(screen, "")
        _put_wrapped(screen, _OF_A_COMMAND)
        _put_wrapped(screen, _EXIT_CODES)
        return
    _put(screen, "Examples:", bold=_LABEL)
    for example in examples_of(page.help):
        _put(screen, f"  {example}")  # whole, however long: it is there to be copied
    _put(screen, "")
    _put_wrapped(screen, _TO_TRY)


def examples_of(docstring: str) -> list[str]:
    """The command lines of the section Examples, which is the last one of a docstring.

    >>> examples_of("Show it.\\n\\n    Examples:\\n        projector show outcome 304")
    ['projector show outcome 304']
    """
    lines = inspect.cleandoc(docstring).partition("\nExamples:\n")[2].splitlines()
    return [line.strip() for line in lines if line.strip()]


def usage_of(page: App, names: tuple[str, ...]) -> str:
    """How a command is written: its arguments as they are, its options in short."""
    arguments = page.assemble_argument_collection() if page.default_command else ()
    commands = any(not name.startswith("-") for name in page)
    words = [*names, *(["[COMMAND]" if page.default_command else "COMMAND"] if commands else ())]
    for argument in arguments:
        if argument.index is not None:
            several = argument.field_info.kind is argument.field_info.VAR_POSITIONAL
            label = argument.name.lstrip("-").upper() + ("..." if several else "")
            words.append(label if argument.required or several else f"[{label}]")
    return " ".join([*words, *(["[OPTIONS]"] if arguments else ())])


@frozen(kw_only=True)
class _Layout:
    """How the parts of a page are printed: in plain columns, wrapped between words only."""

    page: App
    names: tuple[str, ...]

    def render_usage(self, console: Console, options: ConsoleOptions, usage: object) -> None:
        _put(console, f"Usage: {usage_of(self.page, self.names)}")
        _put(console, "")

    def render_description(self, console: Console, options: ConsoleOptions, description: object) -> None:
        described = inspect.cleandoc(self.page.help).partition("\nExamples:\n")[0]
        for paragraph in described.strip().split("\n\n"):
            _put_wrapped(console, " ".join(paragraph.split()))
            _put(console, "")

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        entries = [entry for entry in panel.entries if entry.names[:1] not in (("--help",), ("--version",))]
        if not entries:
            return
        title = _TITLES.get(str(panel.title), str(panel.title))
        if len(self.names) == 1:  # the commands of the program: a group's title in a column of its own
            for number, entry in enumerate(entries):
                label = f"{'' if number else title:<{_GROUP}}{entry.positive_names[0]}"
                _put_row(console, label, _described(entry).rstrip("."), at=_COMMAND, bold=_GROUP)
            return
        _put(console, f"{title}:", bold=_LABEL)
        for entry in entries:
            label = entry.positional_label or ", ".join(entry.display_labels_with_metavar)
            _put_row(console, f"  {label}", _option(entry), at=_LABEL)
        _put(console, "")


def _described(entry: HelpEntry) -> str:
    """What is said of a command, argument or option."""
    return str(entry.description.primary_renderable)


def _option(entry: HelpEntry) -> str:
    """What is said of an argument or option, with its choices and default."""
    choices = f" One of: {', '.join(entry.choices)}." if entry.choices else ""
    default = [f"${name}" for name in entry.env_var or ()]
    if entry.default not in (None, "", '""') and entry.type is not bool:
        default.append(entry.default or "")
    defaults = f" Default: {', else '.join(default)}." if default else ""
    return f"{_described(entry)}{choices}{defaults}"


def _put_row(console: Console, label: str, text: str, *, at: int, bold: int = 0) -> None:
    """Print a label and, from a column on, what is said of it; a longer label has a line of its own."""
    lines = _wrapped(console, text, at)
    if len(label) >= at:
        lines.insert(0, "")
    _put(console, f"{label:<{at}}{lines[0]}" if lines else label, bold=bold)
    for line in lines[1:]:
        _put(console, f"{'':{at}}{line}")


def _put_wrapped(console: Console, text: str) -> None:
    for line in _wrapped(console, text):
        _put(console, line)


def _wrapped(console: Console, text: str, indent: int = 0) -> list[str]:
    width = min(console.width, _WIDEST) if console.is_terminal else NARROW
    return textwrap.wrap(text, max(width - indent, 20), break_long_words=False, break_on_hyphens=False)


def _put(console: Console, line: str, *, bold: int = 0) -> None:
    """Print one line as it is, its first characters bold where it is on a terminal."""
    text = Text(line.rstrip())
    text.stylize("bold", 0, bold)
    console.print(text, soft_wrap=True)
