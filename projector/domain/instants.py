"""Instants: whole microseconds since 1970 UTC inside, aware datetimes and RFC 3339 text at the edges."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import repeat
from operator import sub

SECOND = 1_000_000
DAY = 86_400 * SECOND
BEFORE_ALL = -(2**63)  # sorts before every instant; fits a signed 64-bit column
AFTER_ALL = 2**63 - 1  # sorts after every instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
EARLIEST = -62_135_596_800 * SECOND  # 0001-01-01T00:00:00Z
LATEST = 253_402_300_800 * SECOND - 1  # 9999-12-31T23:59:59.999999Z

_SHAPE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r" ?(?:([Zz]|[Uu][Tt][Cc]|[Gg][Mm][Tt])|([+-])(\d\d)(?::?(\d\d)(?::(\d\d))?)?)?",
    re.ASCII,
)
_ZEROS = bytes(ord("0") if chr(code).isdigit() and code < 128 else code for code in range(256))  # every digit as 0
_OFFSET, _APART = 1, 2
_USUAL_SHAPES = {  # of Canvas, and of Ruby: whether they have an offset, also behind a space
    b"0000-00-00T00:00:00.000Z": 0,
    b"0000-00-00T00:00:00Z": 0,
    **{b"0000-00-00T00:00:00%b%b00:00" % (f, sign): _OFFSET for f in (b"", b".000") for sign in (b"+", b"-")},
    **{b"0000-00-00 00:00:00 %b0000" % sign: _APART for sign in (b"+", b"-")},
}
_MARKS = ("--T::.", "--T::Z")  # between the numbers of Canvas' own spelling
_NOT_READ = "could not be read:"
USUAL_LENGTH = 40  # characters; a longer text is not worth remembering


def read_instant(text: object) -> tuple[int, bool] | None:
    """The instant that a text names and whether it gave an offset, or None where it names none.

    RFC 3339 with any offset or ``Z`` and any fraction (cut off after the microsecond). Seconds may be left out, a
    space may separate date, time and offset, and the offset may also be ``+00``, ``-0800``, ``UTC`` or ``GMT``.
    Without an offset the text is read as UTC.

    >>> read_instant("1970-01-01T01:00:00.5+01:00")
    (500000, True)
    >>> read_instant("1970-01-01 00:01 UTC")
    (60000000, True)
    >>> read_instant("1970-01-01T00:00:01")
    (1000000, False)
    >>> read_instant("2020-08-18") is None
    True
    """
    if not isinstance(text, str):
        return None
    if (usual := _usual(text)) is not None:
        return usual, True
    if (shape := _SHAPE.fullmatch(text)) is None:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, off_hour, off_minute, off_second = shape.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - 719_163
    except ValueError:
        return None
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 60:  # 60: a leap second, read as the next second
        return None
    instant = days * DAY + (hours * 3600 + minutes * 60 + seconds) * SECOND
    if fraction:
        instant += int(fraction[:6].ljust(6, "0"))
    if sign:
        if (ahead := _ahead(int(off_hour), int(off_minute or 0), int(off_second or 0))) is None:
            return None
        instant += -ahead if sign == "+" else ahead
    if not EARLIEST <= instant <= LATEST:
        return None
    return instant, bool(zulu or sign)


def _ahead(hours: int, minutes: int, seconds: int) -> int | None:
    """The microseconds of an offset; None where it is not one."""
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return (hours * 3600 + minutes * 60 + seconds) * SECOND


def _usual(text: str) -> int | None:
    """The instant in Canvas' own spelling, ``2019-08-09T21:35:05.526Z``, read in a fifth of the time."""
    if len(text) not in (20, 24) or text[4:20:3] not in _MARKS or text[-1] != "Z" or text[11:13] > "23":
        return None
    if not text.isascii() or not text.isprintable():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment - EPOCH) // _MICROSECOND


def read_many(texts: Collection[str]) -> dict[str, int]:
    """The instants of many texts, without those that name none or have no offset: see `read_instant`.

    >>> read_many(["1970-01-01T00:00:01Z", "1970-01-01T01:00:00.500+01:00", "1970-01-01 00:00"])
    {'1970-01-01T00:00:01Z': 1000000, '1970-01-01T01:00:00.500+01:00': 500000}
    """
    found: dict[str, int] = {}
    for length in set(map(len, texts)):
        found |= _read_alike([text for text in texts if len(text) == length])
    if len(found) < len(texts):
        for text in texts:
            if text not in found and (read := read_again(text)) is not None and read[1]:
                found[text] = read[0]
    return found


def _read_alike(texts: list[str]) -> dict[str, int]:
    """The instants of texts of one length, in one of the usual spellings; none where one of them is anything else."""
    try:
        joined = "\n".join(texts).encode("ascii")
        shapes = set(joined.translate(_ZEROS).split(b"\n"))
        offset = _USUAL_SHAPES.get(next(iter(shapes))) if len(shapes) == 1 else None
        if offset is None or b"T24" in joined or b" 24:" in joined:
            return {}
        if offset and any(text[-2:] > "59" for text in texts):
            return {}
        moments = map(datetime.fromisoformat, map(_without_space, texts) if offset == _APART else texts)
        since = map(sub, moments, repeat(EPOCH))
        instants = [one // _MICROSECOND for one in since]
    except ValueError:  # also where a text is not ASCII
        return {}
    if offset and not EARLIEST <= min(instants) <= max(instants) <= LATEST:
        return {}
    return dict(zip(texts, instants, strict=True))


def _without_space(text: str) -> str:
    return text[:19] + text[20:]


def instant_of(text: object) -> int | None:
    """The instant that a text names, or None.

    >>> instant_of("2019-11-05 07:38:00 -0800") == instant_of("2019-11-05T15:38:00Z")
    True
    """
    if not isinstance(text, str):
        return None
    read = read_again(text) if len(text) <= USUAL_LENGTH else read_instant(text)
    return None if read is None else read[0]


def not_read(value: object, member: str, of: str) -> str | None:
    """What an answer assumes where a deciding instant is there and cannot be read; None where it can, or is absent.

    Args:
        member: Such as ``assessed_at``; ``of``: whose it is, such as ``result 5``.

    >>> not_read("yesterday", "assessed_at", "result 5")
    'assessed_at of result 5 could not be read: "yesterday"'
    """
    if value is None or instant_of(value) is not None:
        return None
    text = str(value)
    shown = text if len(text) <= USUAL_LENGTH else f"{text[:USUAL_LENGTH]}…"
    return f'{member} of {of} {_NOT_READ} "{shown}"'


def is_of_unread(note: str) -> bool:
    """Whether what an answer assumes is of an instant that could not be read: see `not_read`."""
    return f" {_NOT_READ} " in note


# of a short text: results that are graded together share their times
read_again: Callable[[str], tuple[int, bool] | None] = lru_cache(4096)(read_instant)


def from_datetime(moment: datetime) -> int:
    """An aware datetime as an instant.

    >>> from_datetime(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: int) -> datetime:
    """An instant as an aware datetime in UTC.

    >>> to_datetime(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return EPOCH + timedelta(0, 0, instant)  # by keyword it takes half as long again


@lru_cache(256)
def shared_datetime(instant: int) -> datetime:
    """The same of an instant that many have, such as the time of recording of one batch.

    >>> shared_datetime(0) is shared_datetime(0)
    True
    """
    return to_datetime(instant)


def to_text(instant: int) -> str:
    """An instant as UTC with microseconds and ``Z``, the one spelling of every answer.

    >>> to_text(1_500_000)
    '1970-01-01T00:00:01.500000Z'
    """
    return to_datetime(instant).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
