"""Counts what becomes of inputs, for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from attrs import define, field

from projector.domain.reports import CountedWarning, Report, WithoutEvents
from projector.store.log.appending import Receipt
from projector.wire.chunks import Chunk

_MOST: Final = 1000  # distinct warnings that are counted


@define
class _Counted:
    """A warning's first place, and how often it came."""

    source: str
    position: int
    count: int = 0


@define
class Tally:
    """A report in the making."""

    read: int = 0
    appended: int = 0
    duplicates: int = 0
    quarantined: int = 0
    ignored: Counter[str] = field(factory=Counter)
    damaged: list[str] = field(factory=list)
    _warnings: dict[str, _Counted] = field(factory=dict)

    def note(self, chunk: Chunk) -> None:
        """Count what of a chunk is not for the log: events of other families, warnings, damage."""
        self.ignore(name for _, name in chunk.ignored)
        for source, position, text, count in chunk.warnings:
            self._warn(text, source, position, count)
        self.damaged += [f"{source}: {reason}" for source, reason in chunk.damage]

    def ignore(self, names: Iterable[str]) -> None:
        """Count events of other families."""
        for name in names:
            self.read += 1
            self.ignored[name if name in self.ignored or len(self.ignored) < _MOST else "other names"] += 1

    def _warn(self, text: str, source: str, position: int, count: int) -> None:
        """Count a warning of several events, keeping its first place."""
        if (known := self._warnings.get(text)) is None:
            if len(self._warnings) >= _MOST:
                text = "other warnings"
            known = self._warnings.setdefault(text, _Counted(source, position))
        known.count += count

    def add(self, receipt: Receipt) -> None:
        """Count what became of a batch."""
        self.appended += receipt.appended
        self.duplicates += receipt.duplicates
        self.quarantined += receipt.quarantined
        self.read += receipt.appended + receipt.duplicates + receipt.quarantined

    def report(self, seconds: float, *, interrupted: bool = False) -> Report:
        """The report so far."""
        return Report(
            read=self.read,
            appended=self.appended,
            duplicates=self.duplicates,
            ignored=self.ignored.total(),
            quarantined=self.quarantined,
            seconds=seconds,
            warnings=tuple(
                CountedWarning(text=text, count=known.count, source=known.source, position=known.position)
                for text, known in self._warnings.items()
            ),
            ignored_names=dict(self.ignored),
            damaged=tuple(self.damaged),
            interrupted=interrupted,
        )


@define
class Seen:
    """Which named paths gave events, and why the others gave none."""

    named_of: Callable[[str], Collection[str]]  # the named paths that a source belongs to
    _with_events: set[str] = field(factory=set)
    _reasons: dict[str, str] = field(factory=dict)  # by named path, the first

    def noted(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks, each looked at before it is taken."""
        for chunk in chunks:
            for source in {source for _, source in chunk.sources} | {source for source, _ in chunk.ignored}:
                self.note_event(source)
            for source, _, refusal in chunk.refused:
                self.note_refused(source, refusal.reason)
            yield chunk

    def note_event(self, source: str) -> None:
        """Note that a source gave an event."""
        self._with_events.update(self.named_of(source))

    def note_refused(self, source: str, reason: str) -> None:
        """Note why an input of a source was refused."""
        for named in self.named_of(source):
            self._reasons.setdefault(named, reason)

    def without_events(self, report: Report) -> tuple[WithoutEvents, ...]:
        """The named paths none of whose inputs was an event; none where not all of them was read."""
        if report.interrupted:
            return ()
        reasons = self._reasons.items()
        return tuple(WithoutEvents(path=path, reason=why) for path, why in reasons if path not in self._with_events)
