"""The extra ``tables``: whether its packages are there, and where a store's tables are; it imports none of them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from projector.domain.errors import MissingExtra

_PACKAGES: Final = ("duckdb", "pyarrow", "pytz")


def see_that_installed(what: str = "reading the tables of the store") -> None:
    """See that the packages of the extra ``tables`` are there.

    Args:
        what: What needs them, as the message names it.

    Raises:
        MissingExtra: one of them is not installed.
    """
    try:
        for name in _PACKAGES:
            import_module(name)
    except ImportError as error:
        raise MissingExtra(what, "tables") from error


def tables_beside(store: Path) -> Path:
    """The folder with the tables of a store, whether it is there or not.

    >>> tables_beside(Path("/data/college.db")).as_posix()
    '/data/college.db.tables'
    """
    return store.with_name(f"{store.name}.tables")
