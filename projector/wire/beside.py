"""Decoding beside the writing: a process of its own reads files, and hands on chunks through a pipe.

Python runs one thread at a time, so one process cannot parse while it writes. The other one is started as a
command, not forked: whoever embeds the projector may have threads, and scripts need no main guard.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any, Final

from projector.domain.errors import ProjectorError
from projector.domain.events import LiveEvent, Refusal, Row, TreePart
from projector.wire.chunks import Chunk, Terms, chunks
from projector.wire.compressed import SUFFIXES
from projector.wire.sources import STDIN, Named, read_paths

WORTHWHILE: Final = 4 * 2**20  # bytes of events from which a second process pays for its start
_SMALLER: Final = 10  # times that events are smaller so, about
_AHEAD: Final = 8  # chunks that wait to be written
_PIPE: Final = 2**20  # bytes
_PROGRAM: Final = """
import sys, types
sys.path[:] = {path!r}
sys.modules["projector"] = package = types.ModuleType("projector")  # without what it opens at its front door
package.__path__ = [{folder!r}]
from projector.wire.beside import main
main()
"""


class DecodingEnded(ProjectorError):
    """The process that decodes ended before its work did."""


def is_worthwhile(found: Sequence[Named]) -> bool:
    """Whether these files are so large that decoding beside the writing is quicker."""
    if STDIN in found or not Path(sys.executable or "").name.startswith(("python", "pypy")):
        return False
    sizes = (path.stat().st_size * (_SMALLER if path.suffix in SUFFIXES else 1) for path in map(Path, found))
    return sum(sizes) >= WORTHWHILE


def chunks_beside(found: Sequence[Named], terms: Terms) -> Generator[Chunk, None, None]:
    """The inputs of these files in chunks, decoded by another process meanwhile.

    Raises:
        DecodingEnded: that process was killed.
    """
    order = {"files": [os.fspath(path) for path in found], "dropped": sorted(terms.dropped), "keys": terms.keys_file}
    program = _PROGRAM.format(path=sys.path, folder=str(Path(__file__).parent.parent))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, process_group=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
        _widen(process.stdout)
        ready: Queue[bytes | None] = Queue(_AHEAD)
        reader = Thread(target=_read_frames, args=(process.stdout, ready), daemon=True)
        reader.start()
        ended = False
        try:
            while frame := ready.get():
                if frame == _END:
                    ended = True
                    break
                yield _unframed(frame)
        finally:
            process.kill()
            while ready.get() is not None:  # so that the reader is not left waiting
                pass
            reader.join()
        if not ended:
            raise DecodingEnded(
                f"the process that decodes was ended ({process.wait()}); what was committed is stored:"
                " run the same command again"
            )


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold some chunks: each read of it may wait for whoever runs Python in the other thread."""
    with suppress(ImportError, AttributeError, OSError):  # where there is no such thing, it is slower
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _read_frames(pipe: IO[bytes], ready: Queue[bytes | None]) -> None:
    with BufferedReader(pipe, _PIPE) as buffered:  # type: ignore[type-var]
        while len(head := buffered.read(8)) == 8:
            ready.put(buffered.read(int.from_bytes(head, "big")))
    ready.put(None)


_END: Final = b"end"


def main() -> None:
    """Read files as told on standard input, and write chunks to standard output."""
    gc.disable()  # nothing here goes in circles
    order = json.load(sys.stdin)
    pipe = os.fdopen(os.dup(1), "wb", 2**20)
    os.dup2(2, 1)  # nothing else may come between
    terms = Terms.asked(order["dropped"], order["keys"])
    found: list[Named] = [Path(path) for path in order["files"]]
    try:
        for chunk in chunks(read_paths(found), terms):
            _send(pipe, _framed(chunk))
        _send(pipe, _END)
    except BrokenPipeError:  # nobody wants the rest
        os._exit(0)


def _send(pipe: IO[bytes], frame: bytes) -> None:
    pipe.write(len(frame).to_bytes(8, "big"))
    pipe.write(frame)
    pipe.flush()


def _framed(chunk: Chunk) -> bytes:
    """A chunk as bytes; its events by column, as plain tuples, which pass between processes fastest."""
    *columns, rows, parts = zip(*chunk.events, strict=True) if chunk.events else [()] * len(LiveEvent._fields)
    refused = [(position, r.reason, r.raw, r.length, r.sha256) for position, r in chunk.refused]
    rest = (chunk.ignored, chunk.warnings, chunk.damage, chunk.count, chunk.size, chunk.offset)
    return marshal.dumps((chunk.source, columns, list(map(_plain, rows)), list(map(_plain, parts)), refused, *rest))


def _plain(value: Row | TreePart | None) -> tuple[Any, ...] | None:
    return None if value is None else tuple(value)


def _unframed(frame: bytes) -> Chunk:
    source, columns, rows, parts, refused, ignored, warnings, damage, count, size, offset = marshal.loads(frame)
    columns += ([row and Row._make(row) for row in rows], [part and TreePart._make(part) for part in parts])
    return Chunk(
        source=source,
        events=list(map(LiveEvent._make, zip(*columns, strict=True))),
        refused=[(p, Refusal(reason=why, raw=raw, length=n, sha256=h)) for p, why, raw, n, h in refused],
        ignored=ignored,
        warnings=warnings,
        damage=damage,
        count=count,
        size=size,
        offset=offset,
    )
