"""The instants of a series, such as weekly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from projector.ask.view import View
from projector.domain.errors import BadQuestion

MOST = 520  # instants of one question: ten years of weeks


def instants_over(words: str, view: View) -> list[str]:
    """The instants that ``weekly``, ``monthly`` or ``T1,T2,…`` mean: last days of weeks or months until the view's end.

    Raises:
        BadQuestion: no instant is named, or there would be too many.
    """
    if words not in ("weekly", "monthly"):
        named = [word.strip() for word in words.split(",") if word.strip()]
        if not named or len(named) > MOST:
            raise BadQuestion(
                f"{words[:60]!r} is not a list of at most {MOST} instants; write weekly, monthly, or T1,T2,…"
            )
        return named
    received = view.received
    if received is None:
        return []
    zone = ZoneInfo(view.tz)
    first, end = (_day(moment, zone) for moment in (received[0], view.as_of or received[1]))
    ends = _weeks(first) if words == "weekly" else _months(first)
    days = [*takewhile(lambda day: day < end, islice(ends, MOST)), end]
    if len(days) > MOST:
        raise BadQuestion(
            f"{words} from the first event, of {first}, to {end} would be more than {MOST} instants;"
            " write the instants, such as --over T1,T2,…, or end earlier with --as-of"
        )
    return [day.isoformat() for day in days]


def _day(moment: datetime, zone: ZoneInfo) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # in the first or the last hours that there are
        return moment.date()


def _weeks(first: date) -> Iterator[date]:
    with suppress(OverflowError):  # the calendar ends
        day = first + timedelta(days=6 - first.weekday())  # a Sunday
        while True:
            yield day
            day += timedelta(days=7)


def _months(first: date) -> Iterator[date]:
    with suppress(OverflowError):
        day = first
        while True:
            following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            yield following - timedelta(days=1)
            day = following
