"""What changed of a member, as text: each changed part with its old and new value."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any, Final, NamedTuple

from attrs import frozen

from projector.domain.canonical import write_json
from projector.domain.ids import GLOBAL, SHARD, long_id, shard_of
from projector.domain.instants import instant_of, to_datetime
from projector.fold.changes import same
from projector.serve.screen.naming import IDS, Naming
from projector.serve.screen.text import moment, plain, without_tags

_LONGEST: Final = 60  # characters of a changed value that are shown
_CONTEXT: Final = 20  # of these before the first that differs

_NAMES: Final = {"color": "colour", "outcome_proficiency_ratings": "ratings", "rubric_criterion": "criterion"}
_SHORT: Final = ("points", "description", "mastery")  # what the short form of a scale's ratings shows of each


class Changed(NamedTuple):
    """One part that changed: its name, and what it was and is, as words."""

    name: str
    old: str
    new: str

    def __str__(self) -> str:
        is_part = ": " in self.name and not self.name[-1].isdigit()  # one colon is enough, but between two numbers
        return f"{self.name}{'' if is_part else ':'} {self.old} → {self.new}"


@frozen
class _Writer:
    """How values are written: the zone of instants, and what ids are called."""

    tz: str
    naming: Naming

    def written(self, member: str, value: Any) -> str:
        if member.endswith("_at") and (instant := instant_of(value)) is not None:
            return moment(to_datetime(instant), self.tz)
        if isinstance(value, dict | list):
            return _json(value)
        if (named := self.naming.member(member, value)) is not None:
            return named
        return without_tags(value) if member == "description" else plain(value)


def changed_parts(member: str, old: Any, new: Any, tz: str, naming: Naming = IDS) -> list[Changed]:
    """The parts of a changed member, at least one; instants on the reader's clock.

    >>> ratings = [{"description": "Mastery", "points": 3, "color": "00AC18"}]
    >>> [str(part) for part in changed_parts(
    ...     "outcome_proficiency_ratings", ratings, [ratings[0] | {"color": "0B874B"}], "UTC")]
    ['rating "Mastery": colour 00AC18 → 0B874B']
    """
    writer = _Writer(tz, naming)
    if member == "outcome_proficiency_ratings" and _is_ratings(old or []) and _is_ratings(new or []):
        parts = [*_short_form(old or [], new or []), *_ratings(old or [], new or [], writer, shown=_SHORT)]
    else:
        parts = list(_parts(_named(member), member, old, new, writer))
    return parts or [Changed(_named(member), *_apart(_json(old), _json(new)))]


def _named(member: str) -> str:
    return _NAMES.get(member, plain(member).replace("_", " "))


def _parts(name: str, member: str, old: Any, new: Any, writer: _Writer) -> Iterator[Changed]:
    """The parts of a value that differ in meaning, however deep."""
    if same(member, old, new, _local):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if key == "ratings" and _is_ratings(old.get(key) or []) and _is_ratings(new.get(key) or []):
                yield from _ratings(old.get(key) or [], new.get(key) or [], writer)
            else:
                yield from _parts(f"{name}: {_named(key)}", key, old.get(key), new.get(key), writer)
    elif isinstance(old, list) and isinstance(new, list):
        for place in range(max(len(old), len(new))):
            before, after = (side[place] if place < len(side) else None for side in (old, new))
            yield from _parts(f"{name} {place + 1}", member, before, after, writer)
    else:
        yield Changed(name, *_apart(writer.written(member, old), writer.written(member, new), old, new))


def _is_ratings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(rating, dict) for rating in value)


def _short_form(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Changed]:
    """All ratings before and after, where points, descriptions or mastery changed."""
    before, after = (", ".join(map(_rating, side)) for side in (old, new))
    if before != after:
        yield Changed("ratings", before or "–", after or "–")


def _rating(rating: dict[str, Any]) -> str:
    mark = " ◄" if rating.get("mastery") is True else ""
    return f"{plain(rating.get('points'))} {plain(rating.get('description'))}{mark}"


def _ratings(
    old: list[dict[str, Any]], new: list[dict[str, Any]], writer: _Writer, shown: tuple[str, ...] = ()
) -> Iterator[Changed]:
    """What changed of each rating, by its place: Canvas uses the rows of ratings again by their places.

    Args:
        shown: Members that are shown already, and ratings with them.
    """
    for before, after in zip(old, new, strict=False):
        name = f'rating "{plain(before.get("description"))}"'
        for key in [*before, *(key for key in after if key not in before)]:
            value, now = before.get(key), after.get(key)
            if key not in shown or _rating({key: value}) == _rating({key: now}):
                yield from _parts(f"{name}: {_named(key)}", key, value, now, writer)
    if not shown:
        yield from (Changed("rating", _rating(removed), "–") for removed in old[len(new) :])
        yield from (Changed("rating", "–", _rating(added)) for added in new[len(old) :])


def _local(value: object) -> str | None:
    """An id without its shard: to which institution a shard belongs is not known here."""
    long = long_id(value)
    if long is None or len(long) < GLOBAL or shard_of(long) is None:
        return long
    return str(int(long) % SHARD)


def _json(value: Any) -> str:
    return plain(write_json(value).decode())


def _apart(before: str, after: str, old: Any = None, new: Any = None) -> tuple[str, str]:
    """Two texts, shortened so that they are seen to differ; where they do not, as JSON."""
    if before == after:
        before, after = _json(old), _json(new)
    first = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = 0 if first < _LONGEST - 1 else first - _CONTEXT
    return _short(before, start), _short(after, start)


def _short(text: str, start: int = 0) -> str:
    shown = text if not start else f"…{text[start:]}"
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
