"""The console that commands print on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from projector.serve.screen.text import plain

_NO_BOUND: Final = 2**31  # of the width


class PlainConsole(Console):
    """A console on which no text can command the terminal, and whose closed pipe is the caller's to answer."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is to be printed, in pieces of one style, each made harmless; styles are added afterwards."""
        for segment in super().render(renderable, options):
            yield segment if segment.control or _is_plain(segment.text) else _harmless(segment)

    def show(self, answer: RenderableType) -> None:
        """Print an answer: fitted to a terminal; elsewhere without colours, every line whole, no blanks at its end."""
        if self.is_terminal:
            self.print(answer)
            return
        needed = self.measure(answer, options=self.options.update_width(_NO_BOUND)).maximum
        whole = self.options.update_width(max(1, needed))
        text = "".join(segment.text for segment in self.render(answer, whole) if not segment.control)
        self.file.write("".join(f"{line.rstrip()}\n" for line in text.removesuffix("\n").split("\n")))

    def on_broken_pipe(self) -> None:
        """Leave it to the caller; rich itself would end the program with exit code 1."""
        raise BrokenPipeError


def _is_plain(text: str) -> bool:
    return text.isprintable() or text.strip("\n").isprintable()


def _harmless(segment: Segment) -> Segment:
    lines = (plain(line) if line else "" for line in segment.text.split("\n"))
    return Segment("\n".join(lines), segment.style)
