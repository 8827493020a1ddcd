"""Parts of outcome trees, stored by context, so that a tree is one range of rows."""

from __future__ import annotations

from sqlite3 import Cursor
from typing import Any, Final

from attrs import define, field

from projector.domain.catalogue import BY_NAME
from projector.domain.columns import Columns
from projector.domain.events import LiveEvent, TreePart
from projector.domain.ids import local_id
from projector.store.interfaces import AggregateKey

Precedence = tuple[int, int, int, bytes]  # event_time, updated, updated_at, digest

UPDATED: Final = {name: int(not name.endswith("_created")) for name in BY_NAME}
NOWHERE: Final = ""  # the context of a global outcome, and of what names none
# Of None and bytes, sqlite3 first looks for an adapter, which takes as long as the rest: rows that are many have 0
# instead, where the statement says ``nullif(?, 0)``, and bytearrays.
NONE: Final = 0
_PART: Final = (
    "INSERT INTO {}part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, nullif(?, 0), nullif(?, 0), nullif(?, 0))"
)


def precedence_of(event: LiveEvent) -> Precedence:
    """The place of an event among those of its aggregate, as the timeline keys it."""
    return event.event_time, int(not event.created), event.updated_at, event.digest


def precedence_at(events: Columns, index: int) -> Precedence:
    """The place of one of several events among those of its aggregate, as the timeline keys it."""
    return events.times[index], UPDATED[events.names[index]], events.updated[index], events.digests[index]


def context_of(part: TreePart, shards: frozenset[int]) -> str:
    """The context of a part of a tree, such as ``Course/565``."""
    if part.context_type is None or part.context_id is None:
        return NOWHERE
    return f"{part.context_type}/{local_id(part.context_id, shards)}"


@define
class Parts:
    """The rows of one transaction."""

    cursor: Cursor
    prefix: str = ""
    _contexts: dict[AggregateKey, str | None] = field(factory=dict, init=False)
    _rows: list[tuple[Any, ...]] = field(factory=list, init=False)
    _multi_context: set[AggregateKey] = field(factory=set, init=False)

    def add(
        self,
        key: AggregateKey,
        part: TreePart,
        precedence: Precedence,
        position: int,
        shards: frozenset[int],
        from_generation: int,
    ) -> None:
        """Add a version of an outcome, a group or a link."""
        context = context_of(part, shards)
        parent = NONE if part.parent is None else local_id(part.parent, shards)
        outcome = NONE if part.outcome is None else local_id(part.outcome, shards)
        title = NONE if part.title is None else part.title
        tenant, kind, id = key
        event_time, updated, updated_at, digest = precedence
        ranks = event_time, updated, updated_at, bytearray(digest)
        self._rows.append(
            (tenant, context, kind, id, *ranks, position, from_generation, part.status, title, parent, outcome)
        )

    def leave(
        self, key: AggregateKey, part: TreePart, precedence: Precedence, shards: frozenset[int], to_generation: int
    ) -> None:
        """End a version's row in a context that it no longer belongs to."""
        self.cursor.execute(
            f"UPDATE {self.prefix}part SET to_generation = ? WHERE tenant = ? AND context = ? AND kind = ? AND id = ?"
            " AND event_time = ? AND updated = ? AND updated_at = ? AND digest = ? AND to_generation IS NULL",
            (to_generation, key[0], context_of(part, shards), *key[1:], *precedence),
        )

    def compare(self, key: AggregateKey, context: str | None, *, is_first: bool = False) -> None:
        """Compare a version's context with that of any one before it, and note the aggregate where they differ.

        Args:
            is_first: No event is before it.
        """
        if is_first:
            self._contexts[key] = context
        elif key not in self._contexts:
            row = self.cursor.execute(
                f"SELECT context FROM {self.prefix}timeline WHERE tenant = ? AND kind = ? AND id = ? LIMIT 1", key
            ).fetchone()
            self._contexts[key] = context if row is None else row[0]
        if self._contexts[key] != context:
            self.note_multi_context(key)

    def note_multi_context(self, key: AggregateKey) -> None:
        """Note an aggregate whose versions are not all in one context."""
        self._multi_context.add(key)

    def write(self) -> None:
        """Write the gathered rows."""
        self._rows.sort()  # they are written in the order in which they lie
        self.cursor.executemany(_PART.format(self.prefix), self._rows)
        self.cursor.executemany(
            f"INSERT OR IGNORE INTO {self.prefix}multi_context_part VALUES (?, ?, ?)", sorted(self._multi_context)
        )
        self._rows.clear()
        self._multi_context.clear()
