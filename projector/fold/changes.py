"""What a version changed, compared by meaning and not by spelling. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from projector.domain.ids import local_id, long_id
from projector.domain.instants import instant_of
from projector.domain.versions import Changes, State

Canonical = Callable[[object], str | None]


def changes(before: State | None, after: State, shards: Collection[int] = ()) -> Changes:
    """The top-level members whose meaning differs, with old and new value; ``{}`` for a first version.

    ``5`` and ``5.0``, null and absent, two spellings of one instant (in members ending in ``_at``)
    or of one id (in ``id`` and members ending in ``_id``) are no change; nested values likewise.

    Args:
        shards: Whose global ids are the tenant's own and so equal their local ids.

    >>> changes({"title": "Cells", "points": 5}, {"title": "Cell", "points": 5.0, "note": None})
    {'title': ('Cells', 'Cell')}
    """
    if before is None:
        return {}
    canonical = partial(_canonical_id, shards=shards)
    members = [*before, *(name for name in after if name not in before)]
    return {
        name: (before.get(name), after.get(name))
        for name in members
        if not same(name, before.get(name), after.get(name), canonical)
    }


def _canonical_id(value: object, shards: Collection[int]) -> str | None:
    long = long_id(value)
    return None if long is None else local_id(long, shards)


def same(name: str, old: Any, new: Any, canonical: Canonical) -> bool:
    """Whether two values of a member mean the same; ``name`` is the member's."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return all(same(key, old.get(key), new.get(key), canonical) for key in {*old, *new})
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(same(name, a, b, canonical) for a, b in zip(old, new, strict=True))
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if old == new:
        return True
    if name == "id" or name.endswith("_id"):
        return (mine := canonical(old)) is not None and mine == canonical(new)
    if name.endswith("_at"):
        return (instant := instant_of(old)) is not None and instant == instant_of(new)
    return False
