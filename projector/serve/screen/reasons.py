"""Why something stands, what differs, and what may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from projector.ask.difference import Difference
from projector.ask.gaps import Unheard
from projector.ask.why import Explanation, Testimony
from projector.domain.canonical import write_json
from projector.domain.instants import to_datetime
from projector.fold.silence import Silence
from projector.serve.screen.cards import foot
from projector.serve.screen.changes import changed_parts
from projector.serve.screen.labels import noun_of
from projector.serve.screen.words import counted, moment, plain

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
    for testimony in explanation.testimonies:
        parts += [Text(""), *_testimony(testimony, explanation.basis.tz, raw)]
    return Group(*parts, Text(""), foot(explanation.basis))


def _testimony(testimony: Testimony, tz: str, raw: bool) -> Iterator[RenderableType]:
    event, stands = testimony.event, testimony.verdict == "stands"
    yield Text.assemble(
        ("  ● " if stands else "  ○ ", "green" if stands else "dim"),
        (f"{moment(to_datetime(event.event_time), tz)}  ", "bold" if stands else ""),
        (_verdict(testimony, tz), "green" if stands else "yellow"),
    )
    told = f"{plain(event.name)}, heard {moment(to_datetime(event.recorded_at), tz)} from {plain(testimony.source)}"
    yield Text(f"    {told}")
    if testimony.changed_at is not None:
        yield Text(f"    changed, says Canvas, {moment(to_datetime(testimony.changed_at), tz)}")
    if testimony.contradiction:
        yield Text("    Careful: announced later than one that says it was changed later.", style="yellow")
    if testimony.again is not None:
        times, last = testimony.again
        again = f"heard again {counted(times, 'time')}, last {moment(to_datetime(last), tz)}"
        yield Text(f"    {again}: a duplicate changes nothing")
    if raw:
        yield Text(f"    {plain(write_json(event.whole).decode())}", style="dim")


def _verdict(testimony: Testimony, tz: str) -> str:
    match testimony.verdict:
        case "stands":
            return "stands"
        case "later than as_of":
            return "later than the instant that was asked for"
        case "not yet known":
            return "not yet known then"
        case "beaten":
            assert testimony.beaten_by is not None
            by = _BY[testimony.decided_by or "event_time"]
            if testimony.unread:
                by = f"by another event of the same instant: {plain('; '.join(testimony.unread))}"
            return f"beaten {by} ({moment(to_datetime(testimony.beaten_by.event_time), tz)})"


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


def gaps_report(silences: Sequence[Silence], unheard: Sequence[Unheard], tz: str) -> RenderableType:
    """Silences and unheard things, or that there are none."""
    parts: list[RenderableType] = []
    if silences:
        parts.append(Text("Silences in which events would have been expected:", style="bold"))
        parts += [Text(f"  {_silence(silence, tz)}") for silence in silences]
    else:
        parts.append(Text("No silence that other weeks would not explain."))
    if unheard:
        parts += [Text(""), Text("Named by events, but never told of:", style="bold")]
        for thing in unheard[:40]:
            kind, id = thing.named_by
            parts.append(Text(f"  {thing.kind} {plain(thing.id)}, named by {kind} {plain(id)}"))
        if len(unheard) > 40:
            parts.append(Text(f"  … and {len(unheard) - 40:,} more; --json lists them all"))
    else:
        parts.append(Text("Everything that is named was told of."))
    return Group(*parts)


def _silence(silence: Silence, tz: str) -> str:
    since: datetime = to_datetime(silence.since)
    until = "now: it lasts" if silence.until is None else moment(to_datetime(silence.until), tz)
    usual = f"other weeks had about {silence.expected:,.0f} then"
    return f"{moment(since, tz)} to {until}, {silence.hours:,.1f} hours; {usual}"
