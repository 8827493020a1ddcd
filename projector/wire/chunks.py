"""Inputs decoded in chunks, for the log."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from operator import itemgetter
from time import monotonic
from typing import Final

from attrs import define, field

from projector.domain.columns import Columns, Slices
from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.domain.files import FileRead
from projector.domain.packing import Packing, is_packed
from projector.wire.bulk import BulkDecoder, Decoded
from projector.wire.decode import decode
from projector.wire.dictionaries import Dictionaries
from projector.wire.options import IntakeOptions
from projector.wire.sources import Damage, Input, InputLines
from projector.wire.splitting import checked
from projector.wire.wrappers import Room, opened

MOST: Final = 2000  # inputs of a chunk
MOST_BYTES: Final = 2**20
_FEW: Final = 8  # texts below which decoding by column does not pay
LONGEST: Final = 1.0  # seconds that an input waits for its chunk to fill


@define(kw_only=True)
class Chunk:
    """Inputs, decoded, of any number of sources.

    ``dictionaries`` are new, and some of the events are packed with them. ``sources`` are spans: the index of the first
    of the ``events`` of a source, and the source, wherever it changes. ``refused`` have their source and position,
    ``warnings`` those of the first of several events, the words, and how many events these are of; ``ignored`` (the
    names of events of other families) and ``damage`` (why a source could not be read to its end) have their source.
    ``files`` are those that were read whole, their last input in this chunk or an earlier one.
    ``count`` and ``size`` (bytes) are of all inputs; ``offset`` counts the bytes of all sources read so far.
    ``packed``: all events are; else some are left as their texts.
    """

    events: Columns = field(factory=Columns)
    dictionaries: list[bytes] = field(factory=list)
    sources: list[tuple[int, str]] = field(factory=list)
    refused: list[tuple[str, int, Refusal]] = field(factory=list)
    ignored: list[tuple[str, str]] = field(factory=list)
    warnings: list[tuple[str, int, str, int]] = field(factory=list)
    damage: list[tuple[str, str]] = field(factory=list)
    files: list[FileRead] = field(factory=list)
    count: int = 0
    size: int = 0
    offset: int = 0
    packed: bool = True
    _source: str | None = field(default=None, init=False, eq=False, repr=False)  # of the last event

    def take(self, at: Input, item: LiveEvent | Refusal | Ignored) -> None:
        """Take what an input at a place was found to be, or one of several."""
        self.count += 1
        match item:
            case LiveEvent():
                self.begin(at.source)
                self.events.add(item)
                self.size += len(item.packed)
                self.warnings += [(at.source, at.position, text, 1) for text in item.warnings]
            case Refusal():
                self.refused.append((at.source, at.position, item))
                self.size += len(item.raw)
            case Ignored(name=name):
                self.ignored.append((at.source, name))

    def add(self, sources: Sequence[str], events: Columns) -> None:
        """Take events, each of its source."""
        first = len(self.events)
        for index, (before, source) in enumerate(zip((self._source, *sources), sources, strict=False)):
            if source != before:
                self.sources.append((first + index, source))
        self._source = sources[-1]
        self.events = self.events.joined(events)
        self.count += len(events)
        self.size += sum(map(len, events.packed))

    def begin(self, source: str) -> None:
        """Note that the next event is of a source."""
        if source != self._source:
            self._source = source
            self.sources.append((len(self.events), source))

    def pack(self, packing: Packing) -> None:
        """Pack the events that are left as their texts."""
        if self.packed:
            return
        events, self.packed = self.events, True
        later = [index for index, state in enumerate(events.packed) if not is_packed(state)]
        digests, texts = [events.digests[index] for index in later], [events.packed[index] for index in later]
        for index, state in zip(later, packing.pack_all(digests, texts), strict=True):
            self.size += len(state) - len(events.packed[index])
            events.packed[index] = state

    def is_full(self) -> bool:
        """Whether it holds as much as one should."""
        return self.count >= MOST or self.size >= MOST_BYTES

    def __bool__(self) -> bool:
        return self.count > 0 or bool(self.damage) or bool(self.files)


def chunks(
    inputs: Iterable[Input | InputLines | Damage | FileRead | None],
    options: IntakeOptions,
    packs: Callable[[], bool] = lambda: True,
) -> Generator[Chunk, None, None]:
    """The inputs in chunks.

    None among the inputs says that there is nothing to be read yet: where nothing comes for long, empty chunks do, so
    that their reader can commit what waits, or stop.

    Args:
        packs: Called again and again: whether events are to be packed just now.
    """
    decoder = _Decoder(options, packs)
    for input in inputs:
        match input:
            case InputLines():
                yield from decoder.lines(input)
            case Input():
                yield from decoder.one(input)
            case None:
                yield from decoder.flushed()
            case Damage(source=source, reason=reason):
                yield from decoder.flushed()
                decoder.chunk.damage.append((source, reason))
            case FileRead():
                decoder.read(input)
        if decoder.is_late():
            yield from decoder.flushed()
        yield from decoder.due()
    yield from decoder.rest()


class _Decoder:
    """Fills one chunk after the other."""

    def __init__(self, options: IntakeOptions, packs: Callable[[], bool]) -> None:
        self.options = options
        self.chunk = Chunk()
        self._packs = packs
        self._began = monotonic()
        self._dictionaries = Dictionaries(Packing(options.dictionary), options.fits)
        self._bulk = BulkDecoder(options.dropped, self._dictionaries.packing, options.with_rows)
        self._room = None if options.inside is None else Room(options.inside)
        self._waiting: list[Input] = []  # texts
        self._waiting_bytes = 0
        self._files: list[FileRead] = []  # whose texts wait

    def is_late(self) -> bool:
        """Whether the first of what is here has waited for long."""
        return monotonic() - self._began > LONGEST

    def due(self) -> Iterator[Chunk]:
        """The chunk, where it is full or has waited for long; then another one is begun."""
        if self.chunk.is_full() or self.is_late():
            yield self._finished()

    def rest(self) -> Iterator[Chunk]:
        """What is left."""
        yield from self.flushed()
        if self.chunk:
            yield self._finished()

    def _finished(self) -> Chunk:
        chunk, self.chunk, self._began = self.chunk, Chunk(offset=self.chunk.offset), monotonic()
        chunk.dictionaries, self._dictionaries.new = self._dictionaries.new, []
        return chunk

    def one(self, input: Input) -> Iterator[Chunk]:
        """Take one input; several texts of a source are decoded at once."""
        if isinstance(input.content, Refusal):
            yield from self.flushed()
            self.chunk.offset = input.offset
            self.chunk.take(input, input.content)
            return
        self._waiting.append(input)
        self._waiting_bytes += len(input.content)
        if len(self._waiting) >= MOST or self._waiting_bytes >= MOST_BYTES:
            yield from self.flushed()

    def read(self, file: FileRead) -> None:
        """Note that a file was read whole."""
        (self._files if self._waiting else self.chunk.files).append(file)

    def flushed(self) -> Iterator[Chunk]:
        """Decode the inputs that wait."""
        if waiting := self._waiting:
            self._waiting, self._waiting_bytes = [], 0
            texts = [input.content for input in waiting if isinstance(input.content, bytes)]
            places = [(input.source, input.position) for input in waiting]
            yield from self._decoded(places, texts, waiting[-1].offset)
            self.chunk.files += self._files
            self._files.clear()

    def lines(self, input: InputLines) -> Iterator[Chunk]:
        """Decode lines, up to one that is not JSON: that one is cut text by text."""
        if len(input.lines.texts) < _FEW:
            yield from self._few_lines(input)
            return
        yield from self.flushed()
        source, lines, offset = input
        for start in range(0, len(lines.texts), MOST):
            texts = lines.texts[start : start + MOST]
            places = [(source, position) for position in range(lines.first + start, lines.first + start + len(texts))]
            taken = yield from self._decoded(places, texts, offset, only_json=True)
            if taken < len(texts):
                lines.taken = start + taken
                return
            yield from self.due()

    def _few_lines(self, input: InputLines) -> Iterator[Chunk]:
        """Take the few lines of a small file, which are decoded with those of others."""
        source, lines, offset = input
        lines.taken = 0
        for line, text in checked(lines):
            yield from self.one(Input(source, line, text, offset))

    def _decoded(
        self, at: Sequence[tuple[str, int]], texts: list[bytes], offset: int, *, only_json: bool = False
    ) -> Generator[Chunk, None, int]:
        """Take what texts are, in their order; the number of those that were taken.

        Args:
            at: The source and the position of each.
            only_json: Stop before the first that is not JSON.
        """
        self.chunk.offset = offset
        if len(texts) < _FEW:
            return (yield from self._one_by_one(at, texts, offset, only_json=only_json))
        self._bulk.packs = self._packs()
        found = self._bulk.decode(texts)
        self._note(found, texts)
        taken = _Taken(found, at)
        for place in found.odd:
            item = self._item(texts[place])
            if isinstance(item, LiveEvent):
                taken.add(place, item)
            elif only_json and _is_no_json(item):
                taken.into(self.chunk, place)
                return place
            else:
                taken.into(self.chunk, place)
                yield from self._opened(Input(*at[place], texts[place], offset), texts[place], item)
        taken.into(self.chunk, len(texts))
        return len(texts)

    def _one_by_one(
        self, at: Sequence[tuple[str, int]], texts: list[bytes], offset: int, *, only_json: bool
    ) -> Generator[Chunk, None, int]:
        for place, text in enumerate(texts):
            item, input = self._item(text), Input(*at[place], text, offset)
            if isinstance(item, LiveEvent):
                self.chunk.take(input, item)
            elif only_json and _is_no_json(item):
                return place
            else:
                yield from self._opened(input, text, item)
        return len(texts)

    def _item(self, text: bytes) -> LiveEvent | Refusal | Ignored:
        return decode(text, self.options.dropped, packing=self._bulk.packing)

    def _note(self, found: Decoded, texts: list[bytes]) -> None:
        self._dictionaries.note([texts[place] for place in found.places], found.events.packed)
        self._bulk.packing = self._dictionaries.packing

    def _opened(self, at: Input, text: bytes, item: Refusal | Ignored) -> Iterator[Chunk]:
        """Take what an input is, or all that is in the wrapper that it is."""
        options = self.options
        for one in opened(text, item, options.keys, options.dropped, self._bulk.packing, self._room):
            if one is not None:
                self.chunk.take(at, one)
            yield from self.due()


def _is_no_json(item: Refusal | Ignored) -> bool:
    return isinstance(item, Refusal) and item.reason.startswith("not JSON")


class _Taken:
    """What texts are, put into chunks in their order; ``at`` has the source and the position of each."""

    def __init__(self, found: Decoded, at: Sequence[tuple[str, int]]) -> None:
        self._found, self._at = found, at
        self._slices = Slices(found.events)
        self._begun = 0  # the place of the first text that is not put into a chunk
        self._more: list[tuple[int, LiveEvent]] = []  # events that were read one by one, with their places

    def add(self, place: int, event: LiveEvent) -> None:
        """Add an event that was read by itself."""
        self._more.append((place, event))

    def into(self, chunk: Chunk, end: int) -> None:
        """Put what comes before a place into a chunk."""
        found, at, begun, self._begun = self._found, self._at, self._begun, end
        first, last = (bisect_left(found.places, place) for place in (begun, end))
        events, places = self._slices.stretch(first, last), found.places[first:last]
        if more := self._more:
            self._more = []
            for _, event in more:
                events.add(event)
            places = [*places, *(place for place, _ in more)]
            order = sorted(range(len(places)), key=places.__getitem__)
            events, places = events.chosen(order), sorted(places)
        warned = [(place, text, 1) for place, event in more for text in event.warnings]
        for text, where in found.warnings.items():
            first, last = (bisect_left(where, place) for place in (begun, end))
            if first < last:
                warned.append((where[first], text, last - first))
        chunk.warnings += [(*at[place], text, count) for place, text, count in sorted(warned, key=itemgetter(0))]
        ignored = [(at[place][0], name) for place, name in found.ignored if begun <= place < end]
        chunk.ignored += ignored
        chunk.count += len(ignored)
        if events:
            chunk.add([at[place][0] for place in places], events)
            chunk.packed &= found.packed
