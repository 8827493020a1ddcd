"""What cutting a log into texts costs, in every shape, and whether hostile inputs cost more than in proportion.

    python -m tests.bench.inputs [EVENTS] [BYTES]

Of each usual shape the time an event, beside decoding it alone; of each hostile one the time at BYTES, and by how much
it grows when they are doubled, twice. The memory is that of a process of its own which reads texts of 15 MB.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from functools import partial
from random import Random
from time import process_time
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from projector.wire.chunks import chunks
from projector.wire.decode import decode
from projector.wire.options import IntakeOptions
from projector.wire.sources import read_any
from projector.wire.splitting import pieces
from tests.bench.lifelike import lifelike
from tests.bench.measuring import PEAK, Figures, alone
from tests.builders import outcome

_ROUNDS: Final = 5
_LONG: Final = 15_000_000  # bytes of a text
_EVENT: Final = json.dumps(outcome("x" * 300, ratings=[{"points": 1}, {"points": 2}])).encode()


def usual(events: list[bytes]) -> dict[str, bytes]:
    """Logs of the same events in the shapes that people have."""
    pretty = [json.dumps(json.loads(event), indent=2).encode() for event in events]
    return {
        "a line each": b"\n".join(events) + b"\n",
        "lines that end in a comma": b",\n".join(events) + b"\n",
        "lines of CRLF": b"\r\n".join(events) + b"\r\n",
        "in a row without a separator": b"".join(events),
        "an array on one line": b"[" + b",".join(events) + b"]",
        "an array over lines": b"[\n" + b",\n".join(events) + b"\n]\n",
        "printed over lines": b"\n".join(pretty),
        "every tenth line cut short": b"\n".join(e[:-9] if n % 10 == 5 else e for n, e in enumerate(events)),
    }


def _cut_short(size: int) -> bytes:
    random = Random(size)
    return b"".join(_EVENT[: random.randrange(20, len(_EVENT))] + b"\n" for _ in range(2 * size // len(_EVENT)))


HOSTILE: Final[dict[str, Callable[[int], bytes]]] = {
    "[ and line ends": lambda size: b"[" + b"\n" * size,
    "line ends": lambda size: b"\n" * size,
    "one event over many lines": lambda size: json.dumps(outcome("x", many=list(range(size // 12))), indent=2).encode(),
    "a string in an array": lambda size: b'[1,"' + b"a" * size + b'"]',
    "a string without an end": lambda size: b'[1,"' + b"a" * size,
    "lines each cut short": _cut_short,
    "lines each cut in a list": lambda size: b'{"metadata":{},"body":{"ratings":[\n' * (size // 35),
    "a row of the same": lambda size: b'{"metadata":{},"body":{"ratings":[' * (size // 34),
    "brackets": lambda size: b"[" * size,
    "brackets and spaces": lambda size: b"[ " * (size // 2),
    "brackets and line ends": lambda size: b"[\n" * (size // 2),
    "nested and closed, yet broken": lambda size: b'{"metadata":' * (size // 13) + b"bad" + b"}" * (size // 13),
    "broken at each level": lambda size: b'{"metadata": bad ' * (size // 18) + b"}" * (size // 18),
    "nested in what is broken": lambda size: b"{ bad " + b'{"metadata":' * (size // 13) + b"1" + b"}" * (size // 13),
    "broken lines, all closed": lambda size: b"{\n" * (size // 4) + b"}\n" * (size // 4),
    "broken lists, all closed": lambda size: b'{"a": [1, 2\n' * (size // 16) + b"]}\n" * (size // 16),
    "as deep as can be read": lambda size: b"{ bad " + (b'{"metadata":' * 990 + b"1" + b"}" * 990) * (size // 12_871),
    "strings without an end": lambda size: b'{"x": "no end {"metadata":[\n' * (size // 28),
    "quotes": lambda size: b"{" + b'"' * size,
    "backslashes": lambda size: b'{"' + b"\\" * size,
    "closing brackets": lambda size: b"}\n" * (size // 2),
    "empty objects": lambda size: b"[" + b"{}," * (size // 3),
    "words": lambda size: b"abc def\n" * (size // 8),
    "events in a broken text": lambda size: b'{"x": bad ' + _EVENT * (size // len(_EVENT)),
}
LONG: Final[dict[str, Callable[[int], bytes]]] = {
    "an event": lambda size: json.dumps(outcome("x" * size)).encode(),
    "an event, not ASCII": lambda size: json.dumps(outcome("é" * (size // 2)), ensure_ascii=False).encode(),
    "a string in an array": HOSTILE["a string in an array"],
    "a broken text": lambda size: b'{"x": bad ' + b"x" * size,
    "brackets": HOSTILE["brackets"],
}


def fastest(call: Callable[[], Any], rounds: int = _ROUNDS) -> float:
    """The shortest of several times, in seconds of the processor."""
    times = []
    for _ in range(rounds):
        began = process_time()
        call()
        times.append(process_time() - began)
    return min(times)


def take(data: bytes) -> int:
    """How many events a log holds, read and decoded in chunks."""
    return sum(len(chunk.events) for chunk in chunks(read_any(io.BytesIO(data)), IntakeOptions()))


def cut(data: bytes) -> int:
    """How many inputs a log holds."""
    return sum(piece is not None for piece in pieces(io.BytesIO(data)))


def of_long(name: str) -> Figures:
    """How many inputs a log with a text of 15 MB holds; alone in its process, for the memory."""
    return {"inputs": sum(chunk.count for chunk in chunks(read_any(io.BytesIO(LONG[name](_LONG))), IntakeOptions()))}


def growth(make: Callable[[int], bytes], size: int) -> tuple[float, float, float]:
    """Milliseconds at a size, and how often as long it takes at twice and at four times that size, a doubling."""
    first, second, third = (fastest(partial(cut, make(size * times)), 2) for times in (1, 2, 4))
    return first * 1000, second / first, third / second


def main(events: str = "20000", size: str = "2000000") -> None:
    """Measure, and print the tables."""
    console = Console(width=110, highlight=False)
    lines = list(lifelike(int(events)))
    alone_time = fastest(lambda: [decode(line) for line in lines]) / len(lines) * 1e6
    table = Table("events", "µs an event", f"times decoding alone ({alone_time:.1f} µs)")
    for name, data in usual(lines).items():
        spent = fastest(partial(take, data)) / len(lines) * 1e6
        table.add_row(name, f"{spent:.1f}", f"{spent / alone_time:.2f}")
    console.print(table)
    table = Table(f"hostile, {int(size):,} bytes", "ms", "at twice", "again at twice")
    for name, make in HOSTILE.items():
        first, second, third = growth(make, int(size))
        table.add_row(name, f"{first:.0f}", f"{second:.2f}", f"{third:.2f}")
    console.print(table)
    table = Table("a text of 15 MB", "peak memory, MB")
    from tests.bench import inputs

    for name in LONG:
        table.add_row(name, f"{alone(inputs.of_long, name)[PEAK] / 1e6:.0f}")
    console.print(table)


if __name__ == "__main__":
    main(*sys.argv[1:])
