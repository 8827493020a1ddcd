"""The instants at which something is followed through time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from projector.ask.view import View
from projector.domain.errors import BadQuestion

MOST = 520  # instants of one question: ten years of weeks


def instants_over(words: str, view: View) -> list[str]:
    """The instants that ``weekly``, ``monthly`` or ``T1,T2,…`` mean: last days of weeks or months until the view's end.

    Raises:
        BadQuestion: no instant is named, or too many.
    """
    if words not in ("weekly", "monthly"):
        named = [word.strip() for word in words.split(",") if word.strip()]
        if not named or len(named) > MOST:
            raise BadQuestion(f"{words!r} names no instants; write weekly, monthly, or T1,T2,… (at most {MOST})")
        return named
    heard = view.heard
    if heard is None:
        return []
    zone = ZoneInfo(view.tz)
    first, end = (moment.astimezone(zone).date() for moment in (heard[0], view.as_of or heard[1]))
    ends = _weeks(first) if words == "weekly" else _months(first)
    days = []
    for day in islice(ends, MOST):
        days.append(min(day, end).isoformat())
        if day >= end:
            break
    return days


def _weeks(first: date) -> Iterator[date]:
    day = first + timedelta(days=6 - first.weekday())  # a Sunday
    while True:
        yield day
        day += timedelta(days=7)


def _months(first: date) -> Iterator[date]:
    day = first
    while True:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield following - timedelta(days=1)
        day = following
