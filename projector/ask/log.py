"""The log's events behind a position, each with the aggregate it belongs to by what is known now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion
from projector.domain.facts import event_kept
from projector.domain.instants import to_datetime
from projector.domain.recorded import Event

if TYPE_CHECKING:
    from projector.store.store import Store


def events_behind(store: Store, after: int) -> Iterator[Event]:
    """The events from behind a position up to the head, which is looked at once.

    Args:
        after: A position of the log; 0 is before its first event.

    Raises:
        BadQuestion: it is not a position.
    """
    if not isinstance(after, int) or isinstance(after, bool) or after < 0:
        raise BadQuestion(f"{shown(after)} is not a position of the log; write 0 or the position of an event")
    return _events(store, after)


def _events(store: Store, after: int) -> Iterator[Event]:
    pin = store.pin()
    shards: dict[str, frozenset[int]] = {}
    for position, recorded_at, state in store.log.recorded(after, pin.head):
        found = event_kept(state)
        tenant = pin.tenancy.tenant_of(found.uuid, found.root_account)
        if tenant not in shards:
            shards[tenant] = pin.tenancy.shards(tenant)
        yield Event(
            position=position,
            recorded_at=to_datetime(recorded_at),
            tenant=tenant,
            kind=found.kind,
            id=found.own_id(shards[tenant]),
            event_name=found.name,
            event_time=to_datetime(found.event_time),
            digest=found.digest.hex(),
            packed=found.packed,
        )
