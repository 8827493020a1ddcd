"""Sources of events: files, folders, archives, standard input, open files, iterables; one input at a time."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby, islice
from types import NoneType
from typing import IO, Any, Final, NamedTuple

import msgspec
from attrs import frozen

from projector.domain.arguments import shown
from projector.domain.canonical import write_json
from projector.domain.errors import MissingInput
from projector.domain.events import Refusal
from projector.domain.files import FileRead
from projector.domain.reports import LeftOut
from projector.wire.decode import refuse
from projector.wire.files.archives import Unreadable
from projector.wire.files.content import ARCHIVES, Content, files_in, small_text
from projector.wire.files.opened import SMALL, OpenFile
from projector.wire.files.streams import BLOCK, Bytes, Damaged, Origin, origin_of, patiently
from projector.wire.files.survey import STDIN, File, shown_left_out, source_text
from projector.wire.splitting import SEPARATORS, Lines, Piece, checked, is_json, pieces, pieces_and_lines, pieces_of

_AT_ONCE: Final = 64  # small files


class Input(NamedTuple):
    """One thing that ought to be an event, at its place in a source.

    ``content`` is its JSON text, or a refusal where it could not even be cut out as one. ``offset``:
    bytes of all sources read so far, compressed ones where they are compressed.
    """

    source: str
    position: int
    content: bytes | Refusal
    offset: int = 0


@frozen(kw_only=True)
class Damage:
    """A source that could not be read to its end, and what to do."""

    source: str
    reason: str


class InputLines(NamedTuple):
    """Lines of a source, each of which looks like one input: the decoder says which are not (`Lines`)."""

    source: str
    lines: Lines
    offset: int = 0


_PLAIN: Final = frozenset((str, int, bool, NoneType))
Inputs = Iterator[Input | Damage | None]  # None: nothing to be read yet
Stretch = Input | InputLines | Damage | FileRead | None
Stretches = Iterator[Stretch]
Reading = Generator[Stretch, None, bool]  # whether all was read, without damage


def read_any(source: Any, left_out: list[LeftOut] | None = None) -> Stretches:
    """Every input of an open file, one event, or an iterable of events.

    Args:
        left_out: Where an archive is read, what of it is not read is added here.
    """
    if isinstance(source, Mapping | bytes | bytearray | memoryview):
        return read_iterable([source])
    if hasattr(source, "read"):
        return _stretches(source, name_of(source), left_out)
    return read_iterable(source)


def name_of(source: Any) -> str:
    """What an open file is called in its inputs; of a file without a name (it has a number) ``file``."""
    name = getattr(source, "name", None) if hasattr(source, "read") else "python"
    return source_text(os.fsdecode(name)) if isinstance(name, str | bytes) else "file"


def read_files(files: Iterable[File], left_out: list[LeftOut] | None = None) -> Inputs:
    """Every input of files, one by one; see `read_stretches`."""
    return one_by_one(read_stretches(files, left_out))


def read_stream(stream: IO[Any], source: str, left_out: list[LeftOut] | None = None) -> Inputs:
    """Every input of an open file, text or binary, compressed or not, one by one."""
    return one_by_one(_stretches(stream, source, left_out))


def _stretches(stream: IO[Any], source: str, left_out: list[LeftOut] | None) -> Stretches:
    return _Source(name=source, named=source).inputs(origin_of(stream), _list(left_out))


def one_by_one(stretches: Stretches) -> Inputs:
    """The same inputs, of lines each one that is JSON."""
    for stretch in stretches:
        if isinstance(stretch, InputLines):
            yield from _each(stretch)
        elif not isinstance(stretch, FileRead):
            yield stretch


def _each(stretch: Input | InputLines) -> Iterator[Input]:
    if isinstance(stretch, Input):
        yield stretch
        return
    for line, text in checked(stretch.lines):
        yield Input(stretch.source, line, text, stretch.offset)


def _list(left_out: list[LeftOut] | None) -> list[LeftOut]:
    return [] if left_out is None else left_out


def read_stretches(files: Iterable[File], left_out: list[LeftOut] | None = None) -> Stretches:
    """Every input of files, one file after the other; behind a regular file that was read whole, what it was.

    Args:
        left_out: Where standard input or a pipe is an archive, what of it is not read is added here.
    """
    offset = 0
    for file, small in _small_ones_at_once(files):
        if small is None:
            yield from _stepwise(file, offset, _list(left_out))
        else:
            text, read = small
            for piece in pieces_of(text):
                yield _input(piece, file.source, offset + len(text))
            yield read
        offset += file.size or 0


def _small_ones_at_once(files: Iterable[File]) -> Iterator[tuple[File, tuple[bytes, FileRead] | None]]:
    """The files, with what small ones hold: one by one, decoding between them, it takes twice the time to read them."""
    for is_small, some in groupby(files, lambda file: not file.is_packed and 0 < (file.size or 0) <= SMALL):
        while group := list(islice(some, _AT_ONCE if is_small else 1)):
            yield from [(file, small_text(file.path) if is_small else None) for file in group]


def _stepwise(file: File, offset: int, left_out: list[LeftOut]) -> Stretches:
    known = file.size is not None  # what is left out of it was said by the survey
    try:
        with _opened(file, offset) as origin:
            source = _Source(name=file.source, named=file.named, searched=known)
            if (yield from source.inputs(origin, [] if known else left_out)):
                yield from origin.read_again()
                if (read := origin.whole()) is not None:
                    yield read
    except MissingInput:
        raise
    except OSError as error:
        yield Damage(source=file.source, reason=_cannot_be_read(error))


def _opened(file: File, offset: int) -> AbstractContextManager[Origin]:
    if file.path == STDIN:
        return nullcontext(origin_of(sys.stdin, offset))
    return OpenFile(file.path, offset, hashed=file.size is not None)


@frozen(kw_only=True)
class _Source:
    """A file or stream under its name; ``searched`` where it may be read at any place."""

    name: str
    named: str
    searched: bool = False

    def inputs(self, origin: Origin, left_out: list[LeftOut]) -> Reading:
        """Every input, and the damage that is met.

        Raises:
            MissingInput: it is of a form that is not read; of files the survey has said so before.
        """
        content = Content(origin)
        try:
            yield from patiently(content.look)
            if content.format in ARCHIVES:
                return (yield from self._members(content, origin, left_out))
            if content.format is not None and content.format.is_packed:
                raise MissingInput(f"{self.name} is {content.format.name}, which is not read: unpack it first")
            return (yield from _texts(content.stream, self.name, origin))
        except Unreadable as error:
            raise MissingInput(f"{self.name} {error}") from error
        except Damaged as damage:
            yield Damage(source=self.name, reason=str(damage))
        except MissingInput:
            raise
        except OSError as error:
            yield Damage(source=self.name, reason=_cannot_be_read(error))
        return False

    def _members(self, archive: Content, origin: Origin, left_out: list[LeftOut]) -> Reading:
        is_read, whole = False, True
        for inner in files_in(archive, origin, searched=self.searched):
            if inner is None:
                yield None
            elif inner.text is None:
                left_out.append(LeftOut(path=f"{self.name}/{inner.name}", reason=inner.left_out, named=self.named))
            else:
                is_read = True
                whole = (yield from _texts(inner.text, f"{self.name}/{inner.name}", origin)) and whole
        if not is_read:
            raise MissingInput(f"nothing in {self.name} is read{shown_left_out(left_out)}")
        return whole


def _texts(stream: Bytes, source: str, origin: Origin) -> Reading:
    """The texts of a stream; where it is damaged without the scrap of a text that it ends with."""
    whole = _UpToDamage(stream)
    last: list[Input] = []
    for piece in pieces_and_lines(whole):
        input = _input(piece, source, origin.offset)
        if input is None or not whole.damage:
            yield input
        else:
            last += _each(input)
    if last and isinstance(last[-1].content, bytes) and not is_json(last[-1].content):
        last.pop()  # replayed when it is whole, it is an event
    yield from last
    if whole.damage:
        yield Damage(source=source, reason=whole.damage)
    return not whole.damage


def _input(piece: Piece | Lines | None, source: str, offset: int) -> Input | InputLines | None:
    if piece is None:
        return None
    return InputLines(source, piece, offset) if isinstance(piece, Lines) else Input(source, *piece, offset)


class _UpToDamage(Bytes):
    """A stream that ends where it is damaged: what comes before it is not lost."""

    def __init__(self, inner: Bytes) -> None:
        self._inner = inner
        self.damage = ""

    def read1(self, size: int = BLOCK, /) -> bytes:
        try:
            return b"" if self.damage else self._inner.read1(size)
        except Damaged as damage:
            self.damage = str(damage)
        except BlockingIOError:
            raise
        except OSError as error:
            self.damage = _cannot_be_read(error)
        return b""


def _cannot_be_read(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}; what was read before is stored"


def read_iterable(items: Iterable[Any]) -> Iterator[Input]:
    """Every element of an iterable: mappings, or JSON as text or bytes; position is the element, from 1."""
    for position, item in enumerate(items, 1):
        for content in _contents(item):
            yield Input(source="python", position=position, content=content)


def _contents(item: Any) -> Iterator[bytes | Refusal]:
    if isinstance(item, str):
        item = item.encode("utf-8", "surrogatepass")
    if isinstance(item, bytes | bytearray | memoryview):
        yield from _cut(bytes(item))
    else:
        yield _written(item)


def _cut(text: bytes) -> Iterator[bytes | Refusal]:
    """The texts in a text: in nearly all cases itself, and itself where none of them is JSON; without its line end."""
    text = text.strip(SEPARATORS) if is_json(text) else text.removesuffix(b"\n").removesuffix(b"\r")
    if text.lstrip()[:1] != b"[" and is_json(text):
        yield text
        return
    found = [piece[1] for piece in pieces(io.BytesIO(text)) if piece is not None]
    is_cut = any(isinstance(content, Refusal) or is_json(content) for content in found)
    yield from found if is_cut or not found else [text]


def _written(item: Any) -> bytes | Refusal:
    """A mapping as JSON; what JSON cannot say is refused."""
    if not isinstance(item, Mapping):
        return refuse(_shown(item), "not an object")
    try:
        if fault := _not_json(item):
            return refuse(_shown(item), f"not JSON: {fault}")
        return write_json(item)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        return refuse(_shown(item), f"not JSON: {error}")


def _shown(item: Any) -> bytes:
    try:
        text = repr(item)
    except (ValueError, RecursionError):  # a number of too many digits; nested too deep
        text = shown(item)
    return text.encode("utf-8", "backslashreplace")


def _not_json(value: Any) -> str | None:
    """What in a value JSON has no word for; the encoder would write null for NaN, and text for a date."""
    if value is None or isinstance(value, bool | str | int):
        return None
    if isinstance(value, float):
        return None if value - value == 0 else f"the number {value}"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return "a key that is not text"
        others = [item for item in value.values() if type(item) not in _PLAIN]
        return next(filter(None, map(_not_json, others)), None)
    if isinstance(value, list | tuple):
        return next(filter(None, map(_not_json, value)), None)
    return f"a {type(value).__name__}"
