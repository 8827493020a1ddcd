"""Where events come from: files, directories, archives, standard input, iterables; one input at a time."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, Literal, NamedTuple

import msgspec
from attrs import frozen

from projector.domain.canonical import write_json
from projector.domain.errors import MissingInput
from projector.domain.events import Refusal
from projector.wire.compressed import FAULTS, SUFFIXES, fault, unpacked
from projector.wire.decode import refuse
from projector.wire.splitting import pieces

STDIN: Final = "-"
_SUFFIXES: Final = frozenset({"", ".json", ".jsonl", ".ndjson", ".log", ".txt"})

Named = Path | Literal["-"]


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


def paths(names: Sequence[str | os.PathLike[str]]) -> list[Named]:
    """The files that these names mean, a directory's in order of their names; ``-`` is standard input.

    Raises:
        MissingInput: one is missing, cannot be read, or is a directory with no event file in it.
    """
    found: list[Named] = []
    for name in names:
        if os.fspath(name) == STDIN:
            found.append("-")
            continue
        path = Path(name)
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if _is_event_file(path, file))
            if not files:
                raise MissingInput(
                    f"{path} holds no event file; .json, .jsonl, .ndjson, .log or .txt, or one of them .gz or .zst"
                )
            found += files
        else:
            found.append(path)
    for file in found:
        if file != STDIN:
            _check(file)
    return found


def _is_event_file(folder: Path, file: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    plain = file.with_suffix("") if file.suffix in SUFFIXES else file
    return not hidden and plain.suffix in _SUFFIXES and file.is_file()


def _check(path: Path) -> None:
    try:
        with path.open("rb"):
            return
    except OSError as error:
        raise MissingInput(f"{path} cannot be read: {error.strerror}") from error


def size(found: Iterable[Named]) -> int | None:
    """How many bytes these files have on disk; None where standard input is among them."""
    total = 0
    for path in found:
        if path == STDIN:
            return None
        total += path.stat().st_size
    return total


def read_any(source: Any) -> Iterable[Input | Damage]:
    """Every input of a path, an open file, one event, or an iterable of events."""
    if isinstance(source, str | os.PathLike):
        return read_paths(paths([os.fspath(source)]))
    if isinstance(source, Mapping | bytes):
        return read_iterable([source])
    if hasattr(source, "read"):
        name = getattr(source, "name", None)  # of a file without one: its number
        return read_stream(source, name if isinstance(name, str) else "file")
    return read_iterable(source)


def read_paths(found: Iterable[Named]) -> Iterator[Input | Damage]:
    """Every input of these files, one file after the other."""
    offset = 0
    for path in found:
        if path == STDIN:
            yield from read_stream(sys.stdin.buffer, "stdin", offset)
            continue
        try:
            with path.open("rb") as file:
                yield from read_stream(file, str(path), offset)
            offset += path.stat().st_size
        except OSError as error:
            yield Damage(source=str(path), reason=f"cannot be read: {error.strerror}; what was read before is stored")


def read_stream(stream: IO[Any], source: str, offset: int = 0) -> Iterator[Input | Damage]:
    """Every input of an open file, text or binary, compressed or not."""
    raw = _binary(stream)
    count = _Counted(raw)
    buffered = io.BufferedReader(count, 2**18)
    try:
        for position, content in pieces(unpacked(buffered, source)):
            yield Input(source, position, content, offset + count.read_so_far)
    except FAULTS as error:
        yield Damage(source=source, reason=fault(error))
    except OSError as error:
        yield Damage(source=source, reason=f"cannot be read on: {error}; what was read before is stored")


def _binary(stream: Any) -> IO[bytes]:
    inner: IO[bytes] | None = getattr(stream, "buffer", None)
    if inner is not None:
        return inner
    if isinstance(stream.read(0), str):
        return io.BytesIO(stream.read().encode("utf-8", "surrogatepass"))
    binary: IO[bytes] = stream
    return binary


class _Counted(io.RawIOBase):
    """A stream that knows how many bytes were read from it."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self.read_so_far = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self._inner.read1 if hasattr(self._inner, "read1") else self._inner.read
        data = read(len(buffer)) or b""
        buffer[: len(data)] = data
        self.read_so_far += len(data)
        return len(data)


def read_iterable(items: Iterable[Any]) -> Iterator[Input]:
    """Every element of an iterable: mappings, or JSON as text or bytes; position is the element, from 1."""
    for position, item in enumerate(items, 1):
        for content in _contents(item):
            yield Input(source="python", position=position, content=content)


def _contents(item: Any) -> Iterator[bytes | Refusal]:
    if isinstance(item, str):
        item = item.encode("utf-8", "surrogatepass")
    if isinstance(item, bytes | bytearray | memoryview):
        text = bytes(item)
        if text.lstrip()[:1] == b"[":
            yield from (content for _, content in pieces(io.BytesIO(text)))
        elif text.strip():
            yield text
        return
    yield _written(item)


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
    return repr(item).encode("utf-8", "backslashreplace")


def _not_json(value: Any) -> str | None:
    """What in a value JSON has no word for; the encoder would write null for NaN, and text for a date."""
    if value is None or isinstance(value, bool | str | int):
        return None
    if isinstance(value, float):
        return None if value - value == 0 else f"the number {value}"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return "a key that is no text"
        return next(filter(None, map(_not_json, value.values())), None)
    if isinstance(value, list | tuple):
        return next(filter(None, map(_not_json, value)), None)
    return f"a {type(value).__name__}"
