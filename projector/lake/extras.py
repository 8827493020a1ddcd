"""The extra ``tables``: the packages that only this package imports."""

from __future__ import annotations

from importlib import import_module
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
