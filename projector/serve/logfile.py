"""The whole log as a file, and back: same digests, same running hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any

from projector.domain.canonical import read_json, write_json
from projector.domain.errors import BadQuestion
from projector.domain.events import LiveEvent, Refusal
from projector.domain.instants import instant_of, to_text
from projector.domain.packing import pack
from projector.serve.intake import OnProgress, Progress
from projector.serve.report import Report, Tally
from projector.store.log import EventLog
from projector.store.receipts import Batch
from projector.wire.decode import decode, refuse
from projector.wire.sources import Damage, Input


def log_lines(log: EventLog) -> Iterator[bytes]:
    """The log in order, one ``{"recorded_at","source","metadata","body"}`` a line, without line ends.

    Beside them ``digest``, where parts of the event were dropped at intake.
    """
    batches = log.batches()
    batch: Batch | None = None
    for position, entry in log.entries(last=log.pin().position):
        while batch is None or position > batch.last:
            batch = next(batches)
        line = {"recorded_at": to_text(batch.recorded_at), "source": batch.source}
        if entry.reduced:
            line["digest"] = entry.digest.hex()
        yield write_json(line | {"metadata": entry.metadata, "body": entry.body})


def restore(log: EventLog, inputs: Iterable[Input | Damage], on_progress: OnProgress | None = None) -> Report:
    """What became of an exported log, each event with the time of recording and source it had.

    Raises:
        BadQuestion: the store is not empty.
    """
    if log.pin().position:
        raise BadQuestion("--keep-recorded-at restores a log into an empty store only; name a new one with --store")
    started, tally = monotonic(), Tally()
    stamp: tuple[int, str] = (0, "")
    batch: list[LiveEvent] = []

    def commit() -> None:
        if batch:
            tally.add(log.append(batch, stamp[1], recorded_at=stamp[0]))
            batch.clear()

    for input in inputs:
        if isinstance(input, Damage):
            tally.damaged.append(f"{input.source}: {input.reason}")
            continue
        found = _stamped(input, stamp)
        if isinstance(found, Refusal):
            tally.add(log.append([], input.source, refused=[(input.position, found)]))
            continue
        event, recorded_at, origin = found
        if (recorded_at, origin) != stamp:
            commit()
            stamp = (recorded_at, origin)
            if on_progress is not None:
                on_progress(Progress(offset=input.offset, read=tally.read))
        batch.append(event)
    commit()
    return tally.report(monotonic() - started)


def _stamped(input: Input, last: tuple[int, str]) -> tuple[LiveEvent, int, str] | Refusal:
    """A line of an exported log: its event, when it was recorded, and whence it came."""
    if isinstance(input.content, Refusal):
        return input.content
    event = decode(input.content)
    if isinstance(event, Refusal):
        return event
    line: dict[str, Any] = read_json(input.content)
    recorded_at, source = instant_of(line.get("recorded_at")), line.get("source")
    if not isinstance(event, LiveEvent) or recorded_at is None or not isinstance(source, str):
        return refuse(input.content, "not a line of an exported log: recorded_at or source is missing")
    if (recorded_at, source) != last and recorded_at <= last[0]:
        return refuse(input.content, "recorded_at does not rise: the lines of an exported log stand in its order")
    return _with_digest(event, line.get("digest")), recorded_at, source


def _with_digest(event: LiveEvent, hex: object) -> LiveEvent:
    """An event parts of which were dropped when it came, with the digest it had before."""
    if not isinstance(hex, str) or len(hex) != 64:
        return event
    digest = bytes.fromhex(hex)
    return event._replace(digest=digest, packed=pack(digest, event.text, reduced=True))
