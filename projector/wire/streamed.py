"""Streams and iterables in chunks: decoded by this process at first, and beside it once it is clear that many come.

Standard input, pipes, open files and iterables belong to this process, and to the thread that asks for the chunks. It
reads or iterates them, unpacks them and cuts them into texts, wherever these are decoded. So places, offsets, damage
and what is left out are the same, what they raise is raised in that thread, and the next text can always be decoded
elsewhere.

That is done when as many bytes were decoded here as pay for the start of another process, within some seconds: who
writes an event now and then needs none. From then on texts go to it as messages (`projector.wire.sent`). Up to 24 MiB
of them wait to be sent, so that it has work while this process commits. Pipes are not waited for; an iterator, or an
open file that is no pipe, may keep the thread waiting, and what it gave before may be committed only when it goes on.
"""

from __future__ import annotations

from collections.abc import Generator
from itertools import chain
from time import monotonic
from typing import Final

from attrs import define, evolve

from projector.wire import process
from projector.wire.chunks import LONGEST, Chunk, IntakeOptions, chunks
from projector.wire.parallel import chunks_of_messages
from projector.wire.sent import Message, as_messages, size_of
from projector.wire.sources import Stretches

_SOON: Final = 10.0  # seconds within which so much must come


def streamed_chunks(stretches: Stretches, options: IntakeOptions) -> Generator[Chunk, None, None]:
    """The inputs of these stretches in chunks, which this process or another one decodes.

    Raises:
        ProcessEnded: the other process was killed.
    """
    begun, offset = _Begun(stretches), 0
    for chunk in chunks(begun.stretches(), options):
        options, offset = _learnt(options, chunk), chunk.offset
        yield chunk
    if begun.has_ended:
        return
    messages = as_messages(stretches)
    first: Message | None = None
    while first is None:
        try:
            first = next(messages)
        except StopIteration:
            return
        if first is None:
            yield Chunk(offset=offset)
    yield from chunks_of_messages(chain([first], messages), options, offset)


@define
class _Begun:
    """Stretches, up to where so many came so soon that another process pays."""

    all: Stretches
    has_ended: bool = False

    def stretches(self) -> Stretches:
        """Those that this process decodes; None among them where one has waited for long."""
        size, began, flushed = 0, monotonic(), monotonic()
        for stretch in self.all:
            yield stretch
            size += size_of(stretch)
            if (now := monotonic()) - flushed > LONGEST:
                flushed = now
                yield None
            if now - began > _SOON:
                size, began = 0, now
            if size >= process.WORTHWHILE and process.can_start():
                return
        self.has_ended = True


def _learnt(options: IntakeOptions, chunk: Chunk) -> IntakeOptions:
    """The options with what a chunk shows of the events: their dictionary, and results without an id."""
    if not chunk.dictionaries and not (chunk.events.guessed and not options.with_rows):
        return options
    with_rows = options.with_rows or chunk.events.guessed
    if not chunk.dictionaries:
        return evolve(options, with_rows=with_rows)
    return evolve(options, dictionary=chunk.dictionaries[-1], fits=True, with_rows=with_rows)
