"""What a tables file rests on: the state of a store, and how its rows were derived."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from projector.domain.instants import from_datetime
from projector.domain.rules import RULES
from projector.lake.failures import DamagedTables
from projector.lake.layout import FORMAT
from projector.lake.sessions import reading

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Store

_KEPT = """
    SELECT position, recorded_at, head_hash, generation, derivation, rules, format
    FROM store, stored.made
"""


@frozen
class Basis:
    """The end of the log that tables go up to, and by what they were derived."""

    position: int
    recorded_at: int | None
    head_hash: str
    generation: int  # of what is known of institutions
    derivation: int  # of the store's index: another one where it was rebuilt
    rules: int
    format: int

    @classmethod
    def of(cls, store: Store, pin: Pin) -> Basis:
        """What the tables of a store rest on, by what is known at a pin."""
        with store.reading(pin, "") as reading:
            hash, derivation = reading.log.hash_at(pin.position), reading.derivation
        return cls(pin.position, pin.recorded_at, _hex(hash), pin.tenancy.generation, derivation, RULES, FORMAT)

    @classmethod
    def kept_in(cls, path: Path) -> Basis | None:
        """What the tables in a file rest on; None where it holds none that this release can read."""
        try:
            with reading(path) as connection:
                row = connection.execute(_KEPT).fetchone()
        except DamagedTables:
            return None
        if row is None:
            return None
        position, recorded_at, *further = row
        return cls(position, None if recorded_at is None else from_datetime(recorded_at), *further)

    def leads_to(self, later: Basis, store: Store, pin: Pin) -> bool:
        """Whether tables that rest on this need only the rows of what changed since, to rest on something later."""
        derived = self.generation, self.derivation, self.rules, self.format
        if derived != (later.generation, later.derivation, later.rules, later.format) or self.position > later.position:
            return False
        with store.reading(pin, "") as reading:
            return _hex(reading.log.hash_at(self.position)) == self.head_hash


def _hex(hash: bytes | None) -> str:
    return (hash or bytes(32)).hex()
