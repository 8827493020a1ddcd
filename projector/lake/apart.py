"""Tables for pins that know less of institutions than the store does now; made when they are asked for."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from projector.domain.upkeep import OnStep
from projector.lake.basis import Basis
from projector.lake.folder import TablesFolder
from projector.lake.making import make
from projector.lake.switching import Found, advised

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Store

_MOST: Final = 2  # that are kept: two views can be compared

Key = tuple[int, int]  # generation of what is known of institutions, and position


@frozen
class _Made:
    """A tables file, and the temporary folder in which it is."""

    folder: TablesFolder
    found: Found


@define
class TablesApart:
    """The tables of a store by what is known at pins, each in a temporary folder; the last used are kept."""

    _store: Store
    _made: dict[Key, _Made] = field(factory=dict, init=False)  # the last used one last
    _lock: Lock = field(factory=Lock, init=False)

    def found(self, pin: Pin, on_step: OnStep | None = None) -> Found:
        """The tables file of a pin.

        Raises:
            StoreError: it cannot be made.
        """
        key = pin.tenancy.generation, pin.position
        with self._lock:
            made = self._made.pop(key, None)
            if made is None or not made.found.key.is_current():
                made = self._make(pin, on_step)
            self._made[key] = made
            while len(self._made) > _MOST:
                self._made.pop(next(iter(self._made))).folder.remove()
            return made.found

    def discarded(self, damaged: Found) -> bool:
        """Whether a damaged file is one of these; then it is removed."""
        with self._lock:
            keys = [key for key, made in self._made.items() if made.found is damaged]
            for key in keys:
                self._made.pop(key).folder.remove()
            return bool(keys)

    def close(self) -> None:
        """Remove them all."""
        with self._lock:
            for made in self._made.values():
                made.folder.remove()
            self._made.clear()

    def _make(self, pin: Pin, on_step: OnStep | None) -> _Made:
        folder, basis = TablesFolder.apart(), Basis.of(self._store, pin)
        with advised(folder), folder.working() as work:
            make(self._store, pin, basis, work, on_step)
            return _Made(folder, Found.of(folder.take(work, basis.position), basis))
