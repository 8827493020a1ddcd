"""Sorts more lines than memory should hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing


def sorted_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in bytewise order; what does not fit in memory waits in a temporary file.

    >>> list(sorted_lines([b"b", b"a"]))
    [b'a', b'b']
    """
    with closing(sqlite3.connect("", isolation_level=None)) as scratch:
        scratch.execute("PRAGMA journal_mode = OFF")
        scratch.execute("CREATE TABLE line (text BLOB)")
        scratch.execute("BEGIN")
        scratch.executemany("INSERT INTO line VALUES (?)", ((line,) for line in lines))
        for (text,) in scratch.execute("SELECT text FROM line ORDER BY text"):
            yield text
