"""The rows of a query as JSON objects and as lines of CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

from projector.domain.answers import Shape
from projector.domain.canonical import write_json
from projector.serve.json.versions import instant


def row_object(names: Sequence[str], row: Iterable[Any]) -> Shape:
    """A row as an object.

    >>> row_object(["id", "points"], ["5", Decimal("2.50")])
    {'id': '5', 'points': 2.5}
    """
    return {name: json_value(value) for name, value in zip(names, row, strict=True)}


def member_names(columns: Iterable[str]) -> list[str]:
    """Columns as names of members: those of one name are numbered.

    >>> member_names(["a", "a", "b"])
    ['a', 'a_2', 'b']
    """
    names: list[str] = []
    for column in columns:
        name, number = column, 2
        while name in names:
            name, number = f"{column}_{number}", number + 1
        names.append(name)
    return names


def json_value(value: Any) -> Any:
    """A value as JSON has it: instants in UTC with microseconds and ``Z``, decimals as numbers, bytes in hex.

    >>> json_value([float("nan"), b"ab", date(2020, 8, 18)])
    [None, '6162', '2020-08-18']
    """
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return value if isfinite(value) else None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return instant(value) if value.tzinfo else value.isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case dict():
            return {str(key): json_value(item) for key, item in value.items()}
        case tuple() if hasattr(value, "nanoseconds"):  # an interval of months, days and nanoseconds
            return {name: getattr(value, name) for name in ("months", "days", "nanoseconds")}
        case list() | tuple():
            return [json_value(one) for one in value]
    return str(value)


def csv_cell(value: Any) -> str:
    """A value as a cell of CSV: spelled as in JSON, text without quotes; NULL is empty.

    >>> csv_cell(True), csv_cell(None), csv_cell([1, "a"]), csv_cell("a")
    ('true', '', '[1,"a"]', 'a')
    """
    shaped = json_value(value)
    if shaped is None:
        return ""
    return shaped if isinstance(shaped, str) else write_json(shaped).decode()
