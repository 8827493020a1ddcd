"""Export of the whole log to lines of JSON, and restoring it with the same digests and running hash."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from time import monotonic
from typing import Any, Final

from attrs import define, field

from projector.domain.canonical import digest_of, read_json, write_json
from projector.domain.errors import BadQuestion
from projector.domain.events import LiveEvent, Refusal
from projector.domain.instants import instant_of, to_text
from projector.domain.packing import Packing, pack
from projector.domain.reports import OnProgress, Progress, Report, ShouldStop
from projector.serve.tally import Seen, Tally
from projector.store.log.log import EventLog
from projector.wire.decode import decode, refuse
from projector.wire.dictionaries import Dictionaries
from projector.wire.sources import Damage, Input

_DIGEST: Final = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)


def log_lines(log: EventLog) -> Iterator[bytes]:
    """The log in order, one ``{"recorded_at","source","metadata","body"}`` a line, without line ends.

    Where parts of the event were dropped at intake, ``digest`` is added, which is of the whole event, and
    ``kept``, the SHA-256 of that digest and of the digest of what is in the line.
    """
    last, origins = log.head().position, log.origins()
    coming = next(origins, None)
    for position, entry in log.entries(last=last):
        while coming is not None and coming.position <= position:
            origin, coming = coming, next(origins, None)
        line = {"recorded_at": to_text(origin.recorded_at), "source": origin.source}
        if entry.reduced:
            line |= {"digest": entry.digest.hex(), "kept": _binding(entry.digest, digest_of(entry.text)).hex()}
        yield write_json(line | {"metadata": entry.metadata, "body": entry.body})


def is_export(head: bytes) -> bool:
    """Whether a file that begins so is an exported log."""
    return head.startswith(b'{"recorded_at":"')


@define
class _Batch:
    """Events that were recorded at one instant; ``sources`` says at which event each source begins."""

    recorded_at: int = 0
    events: list[LiveEvent] = field(factory=list)
    sources: list[tuple[int, str]] = field(factory=list)

    def add(self, event: LiveEvent, source: str) -> None:
        if not self.sources or self.sources[-1][1] != source:
            self.sources.append((len(self.events), source))
        self.events.append(event)


def restore(
    log: EventLog,
    inputs: Iterable[Input | Damage | None],
    on_progress: OnProgress | None,
    should_stop: ShouldStop,
    seen: Seen,
    dropped: frozenset[str] = frozenset(),
) -> Report:
    """Restore an exported log, each event with the time of recording and source it had; report what became of it.

    Lines in a row with one time of recording are one batch, as they were.

    Args:
        should_stop: Asked before each input; the rest is then left where it is, and the log is not whole.
        seen: Counts which sources gave events.
        dropped: Members of the metadata that are not kept.

    Raises:
        BadQuestion: the store is not empty.
    """
    if log.head().position:
        raise BadQuestion("--keep-recorded-at restores a log into an empty store only; name a new one with --store")
    started, tally, batch, stopped = monotonic(), Tally(), _Batch(), False
    dictionaries = Dictionaries()

    def commit() -> None:
        if batch.events:
            new, dictionaries.new = dictionaries.new, []
            tally.add(log.append(batch.events, batch.sources, recorded_at=batch.recorded_at, dictionaries=new))

    for input in inputs:
        if stopped := should_stop():
            break
        if input is None:
            continue
        if isinstance(input, Damage):
            tally.damaged.append(f"{input.source}: {input.reason}")
            continue
        found = _stamped(input, batch.recorded_at, dropped, dictionaries.packing)
        if isinstance(found, Refusal):
            seen.note_refused(input.source, found.reason)
            tally.add(log.append([], input.source, refused=[(input.source, input.position, found)]))
            continue
        seen.note_event(input.source)
        event, recorded_at, source = found
        if recorded_at != batch.recorded_at:
            commit()
            batch = _Batch(recorded_at)
            if on_progress is not None:
                on_progress(Progress(offset=input.offset, read=tally.read))
        batch.add(event, source)
        dictionaries.note([event.text], [event.packed])
    commit()
    return tally.report(monotonic() - started, interrupted=stopped)


def _stamped(
    input: Input, last: int, dropped: frozenset[str], packing: Packing
) -> tuple[LiveEvent, int, str] | Refusal:
    """A line of an exported log: its event, when it was recorded, and from which source."""
    if isinstance(input.content, Refusal):
        return input.content
    event = decode(input.content, dropped, packing=packing, taken_before=True)
    if isinstance(event, Refusal):
        return event
    line: dict[str, Any] = read_json(input.content)
    recorded_at, source = instant_of(line.get("recorded_at")), line.get("source")
    if not isinstance(event, LiveEvent) or recorded_at is None or not isinstance(source, str):
        return refuse(input.content, "not a line of an exported log: recorded_at or source is missing")
    if recorded_at < max(last, 1):
        return refuse(input.content, "recorded_at does not increase: an exported log must keep its order of lines")
    if (fault := _fault_of_digest(line, event.digest)) is not None:
        return refuse(input.content, fault)
    return _with_digest(event, line.get("digest")), recorded_at, source


def _fault_of_digest(line: dict[str, Any], digest: bytes) -> str | None:
    """What is wrong with the digest that a line names beside its event; None where it can be believed.

    It can where it is the event's own, or where ``kept`` binds it together with what is in the line: a digest alone,
    or one that was altered, would let the event be taken a second time.

    Args:
        digest: The event's own, as it is in the line.
    """
    named, kept = line.get("digest"), line.get("kept")
    if named is None:
        return None if kept is None else "not a line of an exported log: kept without a digest"
    if not (_is_digest(named) and (kept is None or _is_digest(kept))):
        return "not a line of an exported log: a digest is 64 hex digits"
    whole = bytes.fromhex(named)
    if whole != digest and (kept is None or bytes.fromhex(kept) != _binding(whole, digest)):
        return "not a line of an exported log: the digest is not that of the event, and kept does not match it"
    return None


def _binding(whole: bytes, kept: bytes) -> bytes:
    """What binds the digest of a whole event to the digest of what was kept of it."""
    return sha256(whole + kept).digest()


def _is_digest(hex: object) -> bool:
    return isinstance(hex, str) and _DIGEST.fullmatch(hex) is not None


def _with_digest(event: LiveEvent, hex: str | None) -> LiveEvent:
    """An event parts of which were dropped when it came, with the digest it had before."""
    if hex is None or (digest := bytes.fromhex(hex)) == event.digest:
        return event
    return event._replace(digest=digest, packed=pack(digest, event.text, reduced=True))
