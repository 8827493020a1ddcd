"""The instants of a question: text, dates and datetimes, read in a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import inf
from zoneinfo import ZoneInfo

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion
from projector.domain.instants import DAY, EARLIEST, LATEST, from_datetime, read_instant, to_datetime

Instant = str | date | datetime

_ACCEPTED = "an instant is written 2020-08-18T23:30:00Z or 2020-08-18T17:30:00-06:00, a day 2020-08-18"


def zone_named(tz: str) -> ZoneInfo:
    """The time zone of a name such as ``America/Sao_Paulo``.

    Raises:
        BadQuestion: no zone has that name.
    """
    try:
        if isinstance(tz, str):
            return ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        pass
    raise BadQuestion(f"unknown time zone {shown(tz)}; write one such as UTC or America/Sao_Paulo")


def instant_asked(asked: Instant, tz: str) -> int:
    """The instant a question means, in microseconds since 1970.

    A date means its last instant in the zone; a time without an offset is read in the zone, and so is one with the
    zone's own abbreviation (``2019-11-05 03:03:37 MST`` in America/Denver).

    Raises:
        BadQuestion: it is not a date-time, or the zone's clocks showed that time twice or never.

    >>> instant_asked("1970-01-01", "UTC")
    86399999999
    """
    return min(max(_instant(asked, zone_named(tz)), EARLIEST), LATEST)


def start_asked(asked: Instant, tz: str) -> int:
    """The instant from which something is to be in force: of a date its first one.

    >>> start_asked("1970-01-02", "UTC")
    86400000000
    """
    day = _day(_in_one_line(asked)) if isinstance(asked, str) else asked
    if not isinstance(day, date) or isinstance(day, datetime):
        return instant_asked(asked, tz)
    if day == date.min:
        return max(_end_of(day, zone_named(tz)) - DAY + 1, EARLIEST)
    return instant_asked(day - timedelta(days=1), tz) + 1


def hours_asked(asked: float) -> float:
    """A number of hours, none or more.

    Raises:
        BadQuestion: it is not one.

    >>> hours_asked(6)
    6
    """
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not 0 <= asked < inf:
        raise BadQuestion(f"invalid number of hours {shown(asked)}; write one such as 6")
    return asked


def _instant(asked: Instant, zone: ZoneInfo) -> int:
    match asked:
        case datetime():
            if asked.utcoffset() is None:
                wanted = "give an aware datetime, such as datetime(2020, 8, 18, tzinfo=UTC)"
                raise BadQuestion(f"{asked} has no time zone; {wanted}")
            return from_datetime(asked)
        case date():
            return _end_of(asked, zone)
        case str():
            return _named(_in_one_line(asked), zone)
    raise BadQuestion(f"invalid date-time {shown(asked)}: {_ACCEPTED}")


def _named(text: str, zone: ZoneInfo) -> int:
    if (read := read_instant(text)) is not None:
        return read[0] if read[1] else _local(text, read[0], zone)
    if (day := _day(text)) is not None:
        return _end_of(day, zone)
    if (instant := _abbreviated(text, zone)) is not None:
        return instant
    raise BadQuestion(f"invalid date-time {shown(text)}: {_ACCEPTED}")


def _in_one_line(asked: str) -> str:
    """A text as it was before it was wrapped: a screen may end a line within a time that is copied from it."""
    return " ".join(asked.split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 and text[4:10:3] == "--" else None
    except ValueError:
        return None


def _end_of(day: date, zone: ZoneInfo) -> int:
    return from_datetime(datetime.combine(day, time.max, tzinfo=zone).replace(fold=1))


def _both(clock: int, zone: ZoneInfo) -> list[datetime]:
    """A time of the zone's clocks, given as if it were UTC, before and after a change of the clocks there."""
    return [to_datetime(clock).replace(tzinfo=zone, fold=fold) for fold in (0, 1)]


def _local(text: str, clock: int, zone: ZoneInfo) -> int:
    first, second = _both(clock, zone)
    if first.utcoffset() == second.utcoffset():
        return from_datetime(first)
    choices = " or ".join(sorted({moment.isoformat() for moment in (first, second)}))
    again = first.astimezone(UTC).astimezone(zone)
    came = "twice" if again.replace(tzinfo=None) == first.replace(tzinfo=None) else "never"
    raise BadQuestion(f"the clocks of {zone.key} showed {text} {came}; write the offset: {choices}")


def _abbreviated(text: str, zone: ZoneInfo) -> int | None:
    """The instant of a time with the zone's own abbreviation; None where it is another's, or says nothing."""
    written, _, name = text.rpartition(" ")
    if (read := read_instant(written)) is None or read[1]:
        return None
    meant = {from_datetime(moment) for moment in _both(read[0], zone) if name == _abbreviation(moment)}
    return meant.pop() if len(meant) == 1 else None


def _abbreviation(moment: datetime) -> str:
    """What a zone is called at a moment, such as ``MST``; where it has a number for a name, ``UTC-03``."""
    name = moment.tzname() or ""
    return name if name[:1].isalpha() else f"UTC{name}"
