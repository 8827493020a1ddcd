"""Why an event is in effect, what differs, and what may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from projector.domain.canonical import write_json
from projector.domain.comparison import Difference
from projector.domain.explanation import EventVerdict, Explanation
from projector.domain.gaps import DanglingReference, Silence
from projector.domain.versions import Basis
from projector.serve.screen.by import by_text
from projector.serve.screen.cards import foot, indented, marked
from projector.serve.screen.changes import changed_parts
from projector.serve.screen.labels import subject_of
from projector.serve.screen.naming import Naming
from projector.serve.screen.text import counted, moment, plain

_BY = {
    "event_time": "by a later event",
    "verb": "by an update of the same instant",
    "updated_at": "by an event of the same instant with a later updated_at",
    "content": "by another event of the same instant: Canvas gave no order, so their content decides",
}


def explanation_story(explanation: Explanation, naming: Naming, *, raw: bool) -> RenderableType:
    """Every event in the order that decides, with its verdict."""
    title = subject_of(explanation.kind, explanation.id, naming)
    if not explanation.testimonies:
        nothing = f"{title}: no event of it was received."
        return Group(Text(nothing), Text(""), foot(explanation.basis))
    count = counted(len(explanation.testimonies), "event")
    parts: list[RenderableType] = [Text(f"{title}: {count}, in the order that decides", style="bold")]
    for event_verdict in explanation.testimonies:
        parts += [Text(""), *_event_verdict(event_verdict, explanation.basis.tz, naming, raw=raw)]
    return Group(*parts, Text(""), foot(explanation.basis))


def _event_verdict(event_verdict: EventVerdict, tz: str, naming: Naming, *, raw: bool) -> Iterator[RenderableType]:
    event, in_effect = event_verdict.event, event_verdict.verdict == "stands"
    heading = Text.assemble(
        (f"{moment(event.event_time, tz)}  ", "bold" if in_effect else ""),
        (_verdict(event_verdict, tz), "green" if in_effect else "yellow"),
    )
    yield marked("●", "green", heading) if in_effect else marked("○", "dim", heading)
    origin = f"recorded {moment(event.recorded_at, tz)} from {plain(event_verdict.source)}"
    yield indented(f"{plain(event.event_name)}, {origin}", by=4)
    if by := by_text(event_verdict.by, naming):
        yield indented(by, by=4)
    if event_verdict.changed_at is not None:
        yield indented(f"Canvas updated_at: {moment(event_verdict.changed_at, tz)}", by=4)
    if event_verdict.contradiction:
        yield indented("Note: an earlier event has a later updated_at.", "yellow", by=4)
    if event_verdict.duplicates is not None:
        times, last = event_verdict.duplicates
        yield indented(f"{counted(times, 'duplicate')}, last {moment(last, tz)}; a duplicate changes nothing", by=4)
    if raw:
        whole = write_json({"metadata": event.metadata, "body": event.body}).decode()
        yield indented(plain(whole), "dim", by=4)


def _verdict(event_verdict: EventVerdict, tz: str) -> str:
    match event_verdict.verdict:
        case "stands":
            return "in effect"
        case "later than as_of":
            return "later than the instant asked for"
        case "not yet known":
            return "not yet recorded then"
        case "beaten":
            assert event_verdict.beaten_by is not None
            by = _BY[event_verdict.decided_by or "event_time"]
            if event_verdict.unread:
                by = f"by another event of the same instant: {plain('; '.join(event_verdict.unread))}"
            return f"superseded {by} ({moment(event_verdict.beaten_by.event_time, tz)})"


def difference_rows(differences: Iterable[Difference], tz: str, naming: Naming) -> Iterator[tuple[str, ...]]:
    """A row for each aggregate that differs."""
    for difference in differences:
        old, new = difference.status
        parts = [f"{_status(old)} → {_status(new)}"] if old != new else []
        if "unknown" not in difference.status:
            parts += [
                str(part)
                for name, change in difference.changes.items()
                if name != "updated_at"
                for part in changed_parts(name, *change, tz, naming)
            ]
        yield subject_of(difference.kind, difference.id, naming), "; ".join(parts) or "only updated_at"


def _status(status: str) -> str:
    return "did not exist" if status == "unknown" else plain(status)


def gaps_report(
    silences: Sequence[Silence], references: Sequence[DanglingReference], basis: Basis, naming: Naming
) -> RenderableType:
    """Silences and dangling references, or that there are none."""
    parts: list[RenderableType] = []
    if silences:
        parts.append(Text("Hours without events in which events are usual:", style="bold"))
        parts += [indented(_silence(silence, basis)) for silence in silences]
    else:
        parts.append(Text("No unusual silence."))
    if references:
        parts += [Text(""), Text("Referenced but never received:", style="bold")]
        for thing in references[:40]:
            by = subject_of(*thing.named_by, naming)
            by = by[0].lower() + by[1:]
            parts.append(indented(f"{thing.kind} {naming.id(thing.id)}, referenced by {by}"))
        if len(references) > 40:
            parts.append(indented(f"… and {len(references) - 40:,} more; --json lists them all"))
    else:
        parts.append(Text("No missing references."))
    return Group(*parts)


def _silence(silence: Silence, basis: Basis) -> str:
    since, until = moment(silence.since, basis.tz), "now"
    if (end := silence.until or basis.as_of) is not None:
        until = moment(end, basis.tz)
    usual = "1 event is" if round(silence.expected) == 1 else f"{silence.expected:,.0f} events are"
    return f"{since} to {until}, {silence.hours:,.1f} hours; about {usual} usual in these hours"
