"""Streams and iterables in chunks: decoded by this process at first, and beside it once it is clear that many come.

Standard input, pipes, open files and iterables belong to this process, and to the thread that asks for the chunks. It
reads or iterates them, unpacks them and cuts them into texts, wherever these are decoded. So places, offsets, damage
and what is left out are the same, what they raise is raised in that thread, and the next text can always be decoded
elsewhere.

That is done when as many bytes were decoded here as pay for the start of another process, within some seconds: who
writes an event now and then needs none. From then on texts go to it as messages (`projector.wire.sent`). Up to 24 MiB
of them wait to be sent, so that it has work while this process commits. Pipes are not waited for; an iterator, or an
open file that is not a pipe may keep the thread waiting, and what it gave before may be committed only when it goes on.
"""

from __future__ import annotations

from collections.abc import Generator
from itertools import chain
from time import monotonic
from typing import Final

from attrs import define, field

from projector.wire import process
from projector.wire.begun import Begun
from projector.wire.chunks import Chunk
from projector.wire.options import IntakeOptions
from projector.wire.parallel import DECODES, chunks_of_messages
from projector.wire.sent import as_messages, size_of
from projector.wire.sources import Stretches

_SOON: Final = 10.0  # seconds within which so much must come


def streamed_chunks(stretches: Stretches, options: IntakeOptions) -> Generator[Chunk, None, None]:
    """The inputs of these stretches in chunks, which this process or another one decodes.

    Raises:
        ProcessEnded: the other process was killed.
    """
    pays = _Pays(stretches)
    begun = Begun(pays.stretches(), pays.is_so)
    options, offset = yield from begun.chunks(options)
    for stretch in stretches:
        if stretch is not None:
            yield from _beside(chain([stretch], stretches), options, offset)
            return
        yield Chunk(offset=offset)


def _beside(stretches: Stretches, options: IntakeOptions, offset: int) -> Generator[Chunk, None, None]:
    """The inputs in chunks, which another process decodes as soon as it is ready."""
    with process.started(DECODES) as other:
        begun = Begun(stretches, other.is_ready)
        options, read = yield from begun.chunks(options)
        if not begun.has_ended:
            yield from chunks_of_messages(other, as_messages(stretches), options, read or offset)


@define
class _Pays:
    """Stretches, and whether so much of them came so soon that another process pays."""

    _all: Stretches
    _size: int = field(default=0, init=False)
    _began: float = field(factory=monotonic, init=False)

    def stretches(self) -> Stretches:
        for stretch in self._all:
            self._size += size_of(stretch)
            yield stretch

    def is_so(self) -> bool:
        if (now := monotonic()) - self._began > _SOON:
            self._size, self._began = 0, now
        return self._size >= process.WORTHWHILE and process.can_start()
