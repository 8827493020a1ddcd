"""How the row with an id continues a guessed identity of a result. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Any, Final

from attrs import field, frozen

from projector.domain.events import Row
from projector.domain.facts import asset_of, carries_id
from projector.domain.ids import local_id
from projector.domain.instants import AFTER_ALL
from projector.domain.recorded import Precedence, Recorded
from projector.domain.versions import Guessed

NEVER: Final = AFTER_ALL + 1  # later than any instant that is asked about

RowKey = tuple[str, int]  # outcome and time of creation
EventAndRow = tuple[Recorded, Row | None]  # an event of a result, and the row that its body names


@frozen(kw_only=True)
class Identity:
    """What an identity of results is, and from when on, by all of its events that are known.

    Each time is the ``event_time`` of the first event that says so, NEVER where none does.
    """

    id: str
    row: Row | None  # that its events without an id share
    first: int
    with_id: int  # from then on it is guessed no longer
    doubtful: int
    row_keys: Mapping[RowKey, int] = field(repr=False)  # those that its events name
    g2_ids: Mapping[str, Precedence] = field(repr=False)  # the g2 identities that its rows with an id would have

    def guessed_at(self, as_of: int) -> Guessed:
        """True for a guessed identity, ``doubtful`` where two different assets share it."""
        if not self.first <= as_of < self.with_id:
            return False
        return "doubtful" if self.doubtful <= as_of else True

    def has_row_at(self, key: RowKey, as_of: int) -> bool:
        """Whether it is a row with an id, and of this row key."""
        return self.with_id <= as_of and self.row_keys.get(key, NEVER) <= as_of


def identity_of(id: str, events: Iterable[EventAndRow], shards: Collection[int]) -> Identity:
    """What these events, in any order, make of an identity.

    Args:
        shards: Those whose global ids are the institution's own.
    """
    events_and_rows = sorted(events, key=lambda one: one[0].precedence)
    named = [(event, row) for event, row in events_and_rows if carries_id(event.body)]
    row_keys, g2_ids = dict[RowKey, int](), dict[str, Precedence]()
    for event, row in events_and_rows:
        if row is not None:
            row_keys.setdefault(row.key(shards), event.event_time)
    for event, row in named:
        if row is not None and row.user_uuid is not None:
            g2_ids.setdefault(row.guessed_id(shards), event.precedence)
    return Identity(
        id=id,
        row=next((row for event, row in events_and_rows if not carries_id(event.body)), None),
        first=events_and_rows[0][0].event_time if events_and_rows else NEVER,
        with_id=named[0][0].event_time if named else NEVER,
        doubtful=_doubtful((event for event, _ in events_and_rows), shards),
        row_keys=row_keys,
        g2_ids=g2_ids,
    )


def _doubtful(events: Iterable[Recorded], shards: Collection[int]) -> int:
    """The time from which events, in the order that decides, name two different assets."""
    assets = set[tuple[Any, str]]()
    for event in events:
        if (asset := asset_of(event.body)) is not None:
            assets.add((asset[0], local_id(asset[1], shards)))
        if len(assets) > 1:
            return event.event_time
    return NEVER


def successor_of_g2(g2: str, g2_ids: Iterable[Identity]) -> tuple[int, str] | None:
    """The id of the row that continues a g2 identity, the first with the same tuple, and from when on; else None."""
    found = min(((one.g2_ids[g2], one.id) for one in g2_ids if g2 in one.g2_ids), default=None)
    return None if found is None else (found[0][0], found[1])


def successor_of_g1(rivals: Iterable[Identity], others: Iterable[Identity]) -> str | None:
    """The identity that continues a g1 identity: the only other one of its row key, where there is no other g1.

    Args:
        rivals: The other g1 identities of its row key that have a state. No more are read than are needed, of both.
        others: The rows with an id, and the g2 identities that have a state and no successor themselves.
    """
    if any(True for _ in rivals):
        return None
    found = list(islice(others, 2))
    return found[0].id if len(found) == 1 else None
