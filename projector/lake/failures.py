"""Errors of DuckDB in plain words, with what to do next."""

from __future__ import annotations

import os
import re
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from projector.domain.errors import BadQuestion, ProjectorError, StoreError

FAILURES: Final = (duckdb.Error, pa.ArrowException, OSError)  # what reading rows may raise

_KIND: Final = re.compile(r"\A(?:[A-Z]\w*(?: to \w+)? ?)+Error: ")
_OF_AN_INSTANT: Final = re.compile(r"""(invalid date-time '.*|the clocks of .*Z)", expected format is """, re.DOTALL)
# by the names that DuckDB gives them, for an error while rows are read comes through Arrow as an OSError
_OF_THE_FILE: Final = ("Data Corruption Error: ", "Serialization Error: ")
_FATAL: Final = ("INTERNAL Error: ", "FATAL Error: ")
_CORRUPT: Final = "Corrupt database file"
_NO_ROOM: Final = tuple(map(os.strerror, (ENOSPC, EFBIG, EDQUOT)))


class DamagedTables(StoreError):
    """The tables file is missing, damaged or foreign; it is derived, and can be made again."""


def translated(error: BaseException, path: Path) -> ProjectorError:
    """An error of DuckDB as one of this package."""
    text = str(error)
    if is_of_the_file(error, path):
        return DamagedTables(f"the tables file {path} is damaged: {in_short(text)}; ask again: it will be rebuilt")
    if text.startswith("Out of Memory Error: ") or is_of_room(error):
        return BadQuestion(
            "the query needs more memory than it may use, or more room than there is in the folder for temporary files;"
            " narrow the query, or set TMPDIR to a folder with more room"
        )
    return BadQuestion(in_short(text) + _advice(error, text))


def is_of_the_file(error: BaseException, path: Path) -> bool:
    """Whether an error says that the tables file itself cannot be read."""
    text = str(error)
    if text.startswith("IO Error: "):
        return str(path) in text
    return text.startswith(_OF_THE_FILE) or (type(error) is duckdb.Error and _CORRUPT in text)


def is_fatal(error: BaseException) -> bool:
    """Whether DuckDB answers nothing more after an error."""
    return str(error).startswith(_FATAL)


def is_of_room(error: BaseException) -> bool:
    """Whether an error says that a disk is full, or a file as large as it may be."""
    return any(reason in str(error) for reason in _NO_ROOM)


def in_short(text: str) -> str:
    """What an error says, without its kind and the query, which the reader has written."""
    if (instant := _OF_AN_INSTANT.search(text)) is not None:
        return instant[1]
    return _KIND.sub("", text.split("\n\nLINE ")[0]).replace("\n\n", "\n").strip() or "DuckDB gives no reason"


def _advice(error: BaseException, text: str) -> str:
    if isinstance(error, duckdb.CatalogException):
        return "; SHOW TABLES lists the tables and macros"
    if "subqueries in lambda" in text:  # an instant is read by lambdas
        return "; find the instant in a subquery first: FROM (SELECT … AS t …) AS q, outcomes_as_of(q.t)"
    if isinstance(error, duckdb.BinderException) and "column" in text:
        return "; DESCRIBE and the name of a table list its columns"
    return ""
