"""How a guessed identity of a result is continued by the row that later carries an id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from projector.domain.events import Recorded, Row
from projector.domain.ids import local_id, long_id
from projector.domain.versions import Guessed


def is_guessed(id: str) -> bool:
    """Whether an id is a guessed identity.

    >>> is_guessed("g2-fc6e8afc93bb13d0cefd94857dc48cbb"), is_guessed("90017")
    (True, False)
    """
    return id[:3] in ("g1-", "g2-")


def guess(events: Iterable[Recorded], shards: Collection[int]) -> Guessed:
    """True for a guessed identity, ``doubtful`` where two different assets share it."""
    assets = {
        (event.body.get("associated_asset_type"), local_id(asset, shards))
        for event in events
        if (asset := long_id(event.body.get("associated_asset_id"))) is not None
    }
    return "doubtful" if len(assets) > 1 else True


def successor_of_g2(
    g2: str, rows: Mapping[str, Iterable[tuple[Recorded, Row | None]]], shards: Collection[int]
) -> str | None:
    """The id of the row that continues a g2 identity: the first to be heard of with the same tuple.

    Args:
        rows: The qualifying events of result rows that carry an id, by that id.
    """
    heard = [
        (event.precedence, id)
        for id, events in rows.items()
        for event, row in events
        if row is not None and row.user_uuid is not None and row.guessed_id(shards) == g2
    ]
    return min(heard)[1] if heard else None


def successor_of_g1(g1: str, born_together: Collection[str], continued: Collection[str]) -> str | None:
    """The identity that continues a g1 identity: the only other one of its birth, where g1 is the only g1.

    Args:
        born_together: Every identity with a state whose outcome and time of creation are the same.
        continued: Those g2 identities among them that have a successor themselves.

    >>> successor_of_g1("g1-a", ["g1-a", "g2-b", "7"], continued=["g2-b"])
    '7'
    """
    g1s = [id for id in born_together if id.startswith("g1-")]
    others = [id for id in born_together if not id.startswith("g1-") and id not in continued]
    return others[0] if g1s == [g1] and len(others) == 1 else None
