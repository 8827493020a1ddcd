"""Checks the JSON types of a body's members; warns of unknown ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from projector.domain.catalogue import METADATA, METHODS, Entry, Nested, Shape
from projector.domain.instants import USUAL_LENGTH, read_again, read_instant

_COUNTS: Final = frozenset({int, float, type(None)})
_UNREADABLE: Final = "cannot be read"
_WITHOUT_OFFSET: Final = "without an offset, read as UTC"
DECIDING: Final = ("created_at", "updated_at", "assessed_at", "submitted_at")  # answers rest on them
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII).fullmatch


def wrong_type(entry: Entry, metadata: Mapping[str, Any], body: Mapping[str, Any], *, flat: bool = False) -> str | None:
    """The first known member whose JSON type is wrong, with the reason; None where all are right.

    Args:
        flat: Neither part holds an object or a list.
    """
    if flat and not entry.nested and _COUNTS.issuperset(_types(entry, body)):
        return None
    for name, value in metadata.items():
        if isinstance(value, dict | list) and name in METADATA:
            return f"metadata.{name} is not a plain value"
    return _wrong_member("body", entry.members, body)


def _types(entry: Entry, body: Mapping[str, Any]) -> Iterator[type]:
    return map(type, map(body.get, entry.numbers))


def _wrong_member(path: str, members: Mapping[str, Shape], found: Mapping[str, Any]) -> str | None:
    for name, value in found.items():
        if value is None or (shape := members.get(name)) is None:
            continue
        if fault := _wrong_value(f"{path}.{name}", shape, value):
            return fault
    return None


def _wrong_value(path: str, shape: Shape, value: Any) -> str | None:
    if isinstance(shape, Nested):
        return _wrong_list(path, shape, value) if shape.many else _wrong_object(path, shape, value)
    if isinstance(value, dict | list):
        return f"{path} is not a plain value"
    if shape == "number" and not is_number(value):
        return f"{path} is not a number"
    return None


def _wrong_object(path: str, shape: Nested, value: Any) -> str | None:
    return _wrong_member(path, shape.members, value) if isinstance(value, dict) else f"{path} is not an object"


def _wrong_list(path: str, shape: Nested, value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return f"{path} is not a list of objects"
    faults = (_wrong_member(f"{path}[{place}]", shape.members, item) for place, item in enumerate(value))
    return next(filter(None, faults), None)


def is_number(value: Any) -> bool:
    """Whether a value is a number, or text that is one."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    return _NUMBER(value) is not None and abs(float(value)) != float("inf")


def deviations(entry: Entry, body: Mapping[str, Any]) -> tuple[str, ...]:
    """What is accepted, yet worth a warning: new members, new words, numbers out of range, doubtful instants."""
    usual = (
        body.keys() <= entry.members.keys()
        and body.get("workflow_state") in entry.statuses
        and _has_plain_instants(body)
    )
    if usual and entry.kind not in ("scale", "outcome", "method"):
        return ()
    return tuple(_deviations(entry, body))


def is_of_instant(warning: str) -> bool:
    """Whether a warning is of an instant that could not be read, or has no offset.

    >>> is_of_instant("body.assessed_at of result cannot be read"), is_of_instant("unknown field body.x of result")
    (True, False)
    """
    return warning.endswith((_UNREADABLE, _WITHOUT_OFFSET))


def _has_plain_instants(body: Mapping[str, Any]) -> bool:
    seen = None
    for name in DECIDING:
        value = body.get(name)
        if value is None or value == seen:
            continue
        if type(value) is not str or len(value) > USUAL_LENGTH or (read := read_again(value)) is None or not read[1]:
            return False
        seen = value
    return True


def unknown_field(name: str, kind: str) -> str:
    """The warning of a member that the catalogue does not have."""
    return f"unknown field body.{name[:60]} of {kind}"


def unknown_status(state: object, kind: str) -> str:
    """The warning of a ``workflow_state`` that is not known."""
    return f'unknown workflow_state "{str(state)[:60]}" of {kind}'


def without_offset(what: str) -> str:
    """The warning of an instant without an offset."""
    return f"{what} {_WITHOUT_OFFSET}"


def _deviations(entry: Entry, body: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(body.keys() - entry.members.keys()):
        yield unknown_field(name, entry.kind)
    state = body.get("workflow_state")
    if state is not None and state != "" and state not in entry.statuses:
        yield unknown_status(state, entry.kind)
    if "calculation_method" in entry.members:
        yield from _odd_method(body.get("calculation_method"), body.get("calculation_int"))
    if entry.kind == "scale" and state != "deleted":
        yield from _odd_ratings(body.get("outcome_proficiency_ratings") or ())
    yield from _odd_instants(entry, body)


def _odd_method(method: Any, number: Any) -> Iterator[str]:
    if method is not None and method not in METHODS:
        yield f'unknown calculation_method "{str(method)[:60]}"'
    span = METHODS.get(method) if isinstance(method, str) else None
    if span is not None and number is not None and not span[0] <= float(number) <= span[1]:
        yield f"calculation_int out of range for {method}"


def _odd_ratings(ratings: Any) -> Iterator[str]:
    if sum(rating.get("mastery") is True for rating in ratings) > 1:
        yield "two mastery ratings in a scale"


def _odd_instants(entry: Entry, body: Mapping[str, Any]) -> Iterator[str]:
    for name in DECIDING:
        if (value := body.get(name)) is None:
            continue
        if (read := read_instant(value)) is None:
            yield f"body.{name} of {entry.kind} {_UNREADABLE}"
        elif not read[1]:
            yield without_offset(f"body.{name} of {entry.kind}")
