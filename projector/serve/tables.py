"""A store as tables: asked in SQL, given as frames, exported to files.

What needs the extra ``tables`` is imported where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Final

from attrs import define, field

from projector.domain.arguments import see_that_callable
from projector.domain.errors import MissingExtra
from projector.domain.upkeep import Exported, OnStep
from projector.lake.extras import tables_beside

if TYPE_CHECKING:
    from projector.lake.frames import StoreFrames
    from projector.lake.tables import Tables
    from projector.store.store import Store

_WORTH_TABLES: Final = 50_000  # events of a store: of fewer, to open the tables takes longer than to read the states


@define
class StoreTables:
    """The tables of an open store, made and opened when they are first used; `Projector` documents what they give."""

    _store: Store
    _opened: Tables | None = field(default=None, init=False)

    def close(self) -> None:
        """Let go of them."""
        if self._opened is not None:
            self._opened.close()

    def opened(self) -> Tables:
        """The tables themselves.

        Raises:
            MissingExtra: the packages of the extra ``tables`` are not installed.
        """
        from projector.lake.extras import see_that_installed

        if self._opened is None:
            see_that_installed()
            from projector.lake.tables import Tables

            self._opened = Tables(self._store)
        return self._opened

    def frames(self) -> StoreFrames:
        """What makes frames of them."""
        tables = self.opened()
        from projector.lake.frames import StoreFrames

        return StoreFrames(tables)

    def digest(self) -> str | None:
        """The state digest of everything; None where the tables are not there, or where that would not be quicker."""
        file = self._store.location.path
        if file is None or not tables_beside(file).is_dir():
            return None
        if self._store.log.head().position < _WORTH_TABLES:
            return None
        try:
            return self.opened().digest()
        except MissingExtra:
            return None

    def export(
        self,
        out: str | os.PathLike[str],
        format: str,
        kinds: str | Iterable[str] | None,
        without: str | Iterable[str],
        on_step: OnStep | None,
        on_rows: OnStep | None,
    ) -> Exported:
        """Write them to files."""
        tables = self.opened()
        from projector.lake.choice import ExportChoice
        from projector.lake.manifest import is_export
        from projector.serve.replacing import replacing

        see_that_callable(on_step=on_step, on_rows=on_rows)
        choice, started = ExportChoice.of(format, kinds, without), monotonic()
        with replacing(out, self._store.location.path, is_export) as new:
            written = tables.export(choice, new, on_step, on_rows)
        manifest = written.manifest
        return Exported(
            tables={name: rows for name, (rows, _) in manifest.tables.items()},
            position=manifest.position,
            head_hash=manifest.head_hash,
            files=tuple(os.path.join(out, file) for file in written.files) or (os.fspath(out),),
            seconds=monotonic() - started,
        )
