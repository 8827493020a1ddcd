"""The beginning of an intake, decoded by this process until another one is ready to go on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from time import monotonic

from attrs import define, evolve, field

from projector.wire.chunks import LONGEST, Chunk, chunks
from projector.wire.options import IntakeOptions
from projector.wire.sources import InputLines, Stretch, Stretches


@define
class Begun:
    """Stretches, the first of which are decoded here.

    ``is_over`` is called behind each of them: whether the others are decoded elsewhere. ``taken`` has of each stretch
    that was decoded here how many of its lines were taken, and ``has_ended`` says that those were all.
    """

    _all: Stretches
    _is_over: Callable[[], bool]
    taken: list[int] = field(factory=list, init=False)
    has_ended: bool = field(default=False, init=False)
    _failure: Exception | None = field(default=None, init=False)

    def chunks(self, options: IntakeOptions) -> Generator[Chunk, None, tuple[IntakeOptions, int]]:
        """The chunks of the first stretches. What reading raises comes behind the chunks of what was read before.

        Returns:
            The options for those behind them, and how many bytes of all sources were read so far.
        """
        offset = 0
        for chunk in chunks(self._first(), options):
            options, offset = _learnt(options, chunk), chunk.offset
            yield chunk
        if self._failure is not None:
            raise self._failure
        return options, offset

    def _first(self) -> Stretches:
        """Those that are decoded here; None among them where one has waited for long."""
        flushed = monotonic()
        try:
            for stretch in self._all:
                yield stretch
                if stretch is not None:
                    self.taken.append(_lines_taken(stretch))
                if (now := monotonic()) - flushed > LONGEST:
                    flushed = now
                    yield None
                if self._is_over():
                    return
        except Exception as error:
            self._failure = error
        self.has_ended = True


def behind(stretches: Stretches, taken: Sequence[int]) -> Stretches:
    """The stretches behind those that another process has decoded; ``taken`` are the lines that it took of each."""
    left = iter(taken)
    for stretch in stretches:
        if stretch is None:
            continue
        if (count := next(left, None)) is None:
            yield stretch
            yield from stretches
        elif isinstance(stretch, InputLines):
            stretch.lines.taken = count


def _lines_taken(stretch: Stretch) -> int:
    return stretch.lines.taken if isinstance(stretch, InputLines) else 0


def _learnt(options: IntakeOptions, chunk: Chunk) -> IntakeOptions:
    """The options with what a chunk shows of the events: their dictionary, and results without an id."""
    if not chunk.dictionaries and not (chunk.events.guessed and not options.with_rows):
        return options
    with_rows = options.with_rows or chunk.events.guessed
    if not chunk.dictionaries:
        return evolve(options, with_rows=with_rows)
    return evolve(options, dictionary=chunk.dictionaries[-1], fits=True, with_rows=with_rows)
