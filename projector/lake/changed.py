"""What changed in a store behind a position: the rows of these aggregates are to be made again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from attrs import define, field

from projector.domain.catalogue import Kind
from projector.domain.events import LiveEvent, is_reserved
from projector.domain.facts import event_kept, row_of
from projector.domain.pairs import RootAccount
from projector.lake.pages import RowKey

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Store

_AT_ONCE: Final = 2000


@define
class Changed:
    """The aggregates that further events belong to, by tenant and kind; and the row keys of results, by tenant."""

    store: Store
    pin: Pin
    ids: dict[tuple[str, Kind], set[str]] = field(factory=lambda: defaultdict(set), init=False)
    row_keys: dict[str, set[RowKey]] = field(factory=lambda: defaultdict(set), init=False)
    _owners: dict[RootAccount, tuple[str, frozenset[int]]] = field(factory=dict, init=False)

    @classmethod
    def behind(cls, store: Store, pin: Pin, position: int) -> Changed:
        """What changed behind a position, up to a pin."""
        changed = cls(store, pin)
        while position < pin.position:
            upto = min(position + _AT_ONCE, pin.position)
            with store.reading(pin, "") as reading:
                kept = reading.log.recorded(position, upto)
            for _, _, packed in kept:
                changed._add(event_kept(packed))
            position = upto
        return changed

    def _owner(self, account: RootAccount) -> tuple[str, frozenset[int]]:
        """The tenant of an account, and its shards."""
        if (found := self._owners.get(account)) is None:
            tenant = self.pin.tenancy.tenant_of(*account)
            found = self._owners[account] = tenant, self.pin.tenancy.shards(tenant)
        return found

    def _add(self, event: LiveEvent) -> None:
        tenant, shards = self._owner((event.uuid, event.root_account))
        id = event.own_id(shards)
        self.ids[tenant, event.kind].add(id)
        if event.row is not None:
            self.row_keys[tenant].add(event.row.key(shards))
        if event.kind == "result" and is_reserved(id):
            self._add_row_keys(tenant, id, shards)

    def _add_row_keys(self, tenant: str, id: str, shards: frozenset[int]) -> None:
        """Add every row key that the events of a result name."""
        with self.store.reading(self.pin, tenant) as reading:
            rows = [row_of(event.body) for event in reading.events("result", id)]
        self.row_keys[tenant].update(row.key(shards) for row in rows if row is not None)
