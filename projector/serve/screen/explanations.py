"""Why something stands, what differs, and what may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from projector.domain.canonical import write_json
from projector.domain.comparison import Difference
from projector.domain.explanation import EventVerdict, Explanation
from projector.domain.gaps import DanglingReference, Silence
from projector.serve.screen.cards import foot
from projector.serve.screen.changes import changed_parts
from projector.serve.screen.labels import noun_of
from projector.serve.screen.text import counted, moment, plain

_BY = {
    "event_time": "by a later report",
    "verb": "by an update of the same instant",
    "updated_at": "by a report of the same instant that tells a later change",
    "content": "by another report of the same instant: Canvas gave no order, so their content decides",
}


def explanation_story(explanation: Explanation, *, raw: bool) -> RenderableType:
    """Every event in winning order, with what became of it."""
    title = f"{noun_of(explanation.kind)} {plain(explanation.id)}"
    if not explanation.testimonies:
        nothing = f"{title}: no event in this store names it as its own."
        return Group(Text(nothing), Text(""), foot(explanation.basis))
    count = counted(len(explanation.testimonies), "event")
    parts: list[RenderableType] = [Text(f"{title}: {count}, in the order in which they count", style="bold")]
    for event_verdict in explanation.testimonies:
        parts += [Text(""), *_event_verdict(event_verdict, explanation.basis.tz, raw)]
    return Group(*parts, Text(""), foot(explanation.basis))


def _event_verdict(event_verdict: EventVerdict, tz: str, raw: bool) -> Iterator[RenderableType]:
    event, stands = event_verdict.event, event_verdict.verdict == "stands"
    yield Text.assemble(
        ("  ● " if stands else "  ○ ", "green" if stands else "dim"),
        (f"{moment(event.event_time, tz)}  ", "bold" if stands else ""),
        (_verdict(event_verdict, tz), "green" if stands else "yellow"),
    )
    told = f"{plain(event.event_name)}, heard {moment(event.recorded_at, tz)} from {plain(event_verdict.source)}"
    yield Text(f"    {told}")
    if event_verdict.changed_at is not None:
        yield Text(f"    changed, says Canvas, {moment(event_verdict.changed_at, tz)}")
    if event_verdict.contradiction:
        yield Text("    Careful: announced later than one that says it was changed later.", style="yellow")
    if event_verdict.duplicates is not None:
        times, last = event_verdict.duplicates
        again = f"heard again {counted(times, 'time')}, last {moment(last, tz)}"
        yield Text(f"    {again}: a duplicate changes nothing")
    if raw:
        yield Text(f"    {plain(write_json({'metadata': event.metadata, 'body': event.body}).decode())}", style="dim")


def _verdict(event_verdict: EventVerdict, tz: str) -> str:
    match event_verdict.verdict:
        case "stands":
            return "stands"
        case "later than as_of":
            return "later than the instant that was asked for"
        case "not yet known":
            return "not yet known then"
        case "beaten":
            assert event_verdict.beaten_by is not None
            by = _BY[event_verdict.decided_by or "event_time"]
            if event_verdict.unread:
                by = f"by another event of the same instant: {plain('; '.join(event_verdict.unread))}"
            return f"beaten {by} ({moment(event_verdict.beaten_by.event_time, tz)})"


def difference_rows(differences: Iterable[Difference], tz: str) -> Iterator[tuple[str, ...]]:
    """A row for each aggregate that differs."""
    for difference in differences:
        old, new = difference.status
        words = [f"{plain(old)} → {plain(new)}"] if old != new else []
        if "unknown" not in difference.status:
            words += [
                str(part)
                for name, change in difference.changes.items()
                if name != "updated_at"
                for part in changed_parts(name, *change, tz)
            ]
        yield f"{difference.kind} {plain(difference.id)}", "; ".join(words) or "only when it was changed"


def gaps_report(silences: Sequence[Silence], references: Sequence[DanglingReference], tz: str) -> RenderableType:
    """Silences and dangling references, or that there are none."""
    parts: list[RenderableType] = []
    if silences:
        parts.append(Text("Silences in which events would have been expected:", style="bold"))
        parts += [Text(f"  {_silence(silence, tz)}") for silence in silences]
    else:
        parts.append(Text("No silence that other weeks would not explain."))
    if references:
        parts += [Text(""), Text("Named by events, but never told of:", style="bold")]
        for thing in references[:40]:
            kind, id = thing.named_by
            parts.append(Text(f"  {thing.kind} {plain(thing.id)}, named by {kind} {plain(id)}"))
        if len(references) > 40:
            parts.append(Text(f"  … and {len(references) - 40:,} more; --json lists them all"))
    else:
        parts.append(Text("Everything that is named was told of."))
    return Group(*parts)


def _silence(silence: Silence, tz: str) -> str:
    since: datetime = silence.since
    until = "now: it lasts" if silence.until is None else moment(silence.until, tz)
    usual = f"other weeks had about {silence.expected:,.0f} then"
    return f"{moment(since, tz)} to {until}, {silence.hours:,.1f} hours; {usual}"
