"""The instants a question names: text, dates and datetimes, read in the reader's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from projector.domain.errors import BadQuestion
from projector.domain.instants import EARLIEST, LATEST, from_datetime, instant_of

Instant = str | date | datetime

_ACCEPTED = "an instant is written 2020-08-18T23:30:00Z or 2020-08-18T17:30:00-06:00, a day 2020-08-18"


def zone_named(tz: str) -> ZoneInfo:
    """The time zone of a name such as ``America/Sao_Paulo``.

    Raises:
        BadQuestion: no zone has that name.
    """
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError) as error:
        raise BadQuestion(f"no time zone is called {tz!r}; write one such as UTC or America/Sao_Paulo") from error


def instant_asked(asked: Instant, tz: str) -> int:
    """The instant a question means, in microseconds since 1970.

    A date means its last instant in the zone; a time without an offset is read in the zone.

    Raises:
        BadQuestion: it is no instant, or the zone's clocks showed that time twice or never.

    >>> instant_asked("1970-01-01", "UTC")
    86399999999
    """
    return min(max(_instant(asked, zone_named(tz)), EARLIEST), LATEST)


def _instant(asked: Instant, zone: ZoneInfo) -> int:
    if isinstance(asked, datetime):
        if asked.tzinfo is None:
            raise BadQuestion(f"{asked} has no zone; give an aware datetime, such as datetime(2020, 8, 18, tzinfo=UTC)")
        return from_datetime(asked)
    if isinstance(asked, date):
        return _end_of(asked, zone)
    text = asked.strip()
    if (instant := instant_of(text)) is not None and _has_offset(text):
        return instant
    try:
        return _end_of(date.fromisoformat(text), zone) if len(text) == 10 else _local(text, zone)
    except BadQuestion:
        raise
    except ValueError as error:
        raise BadQuestion(f"{asked!r} is no instant: {_ACCEPTED}") from error


def start_asked(asked: Instant, tz: str) -> int:
    """The instant from which something is to be in force: of a date its first one.

    >>> start_asked("1970-01-02", "UTC")
    86400000000
    """
    is_day = (isinstance(asked, date) and not isinstance(asked, datetime)) or (
        isinstance(asked, str) and len(asked) == 10
    )
    if not is_day:
        return instant_asked(asked, tz)
    day = asked if isinstance(asked, date) else date.fromisoformat(asked)
    return instant_asked(day - timedelta(days=1), tz) + 1


def _has_offset(text: str) -> bool:
    return text[-1] in "Zz" or any(sign in text[10:] for sign in "+-")


def _end_of(day: date, zone: ZoneInfo) -> int:
    return from_datetime(datetime.combine(day, time.max, tzinfo=zone).replace(fold=1))


def _local(text: str, zone: ZoneInfo) -> int:
    if instant_of(text) is None:
        raise ValueError(text)
    local = datetime.fromisoformat(text[:26])
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return from_datetime(first)
    choices = " or ".join(sorted({moment.isoformat() for moment in (first, second)}))
    came = "twice" if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local else "never"
    raise BadQuestion(f"the clocks of {zone.key} showed {text} {came}; name the offset: {choices}")
