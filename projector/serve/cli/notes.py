"""Notes beside an answer for people: that its zone is not the institution's, that an instant is in the future."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from projector.ask.instants import instant_asked, zone_named
from projector.ask.view import View
from projector.domain.errors import StoreError
from projector.domain.instants import to_datetime
from projector.serve.cli.terminal import complain
from projector.serve.screen.text import counted, moment


def say_notes(view: View, further: Iterable[str | None] = ()) -> None:
    """Print on stderr what a reader of the answer is to know of its zone and its instants.

    Args:
        further: The instants that were asked for beside that of the view.
    """
    now = datetime.now(UTC)
    asked = [to_datetime(instant_asked(one, view.tz)) for one in further if one is not None]
    instants = sorted({*asked, *([] if view.as_of is None else [view.as_of])})
    for note in (*_of_zone(view, instants or [now]), *_of_future(instants, view.tz, now)):
        complain(f"note: {note}")


def _of_zone(view: View, instants: Iterable[datetime]) -> Iterator[str]:
    """That the zone of the answer is not the one that events name; nothing where both have the same times all year."""
    named = None
    with suppress(StoreError):  # what was asked for has its answer
        named = view.named_zone
    if named is not None and any(_offset(one, view.tz) != _offset(one, named) for one in _of_years(instants)):
        yield (
            f"dates and times here are in {view.tz}; events of this institution use {named};"
            f" add --tz {named}, or set PROJECTOR_TZ"
        )


def _of_years(instants: Iterable[datetime]) -> Iterator[datetime]:
    """Instants of every half of a month of the years of the given ones."""
    for year in sorted({instant.year for instant in instants}):
        for month in range(1, 13):
            yield from (datetime(year, month, day, tzinfo=UTC) for day in (1, 15))


def _offset(instant: datetime, tz: str) -> timedelta | None:
    try:
        return instant.astimezone(zone_named(tz)).utcoffset()
    except OverflowError:  # in the first or the last hours that there are
        return None


def _of_future(instants: Iterable[datetime], tz: str, now: datetime) -> Iterator[str]:
    """That instants are later than the end of today; of several the first is named."""
    end = to_datetime(instant_asked(now.astimezone(zone_named(tz)).date(), tz))
    future = [instant for instant in instants if instant > end]
    if future:
        more = f" and {counted(len(future) - 1, 'later instant')} are" if future[1:] else " is"
        yield f"{moment(future[0], tz)}{more} in the future; the answer rests on the events received so far"
