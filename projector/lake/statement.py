"""The one statement that a query may be, by DuckDB's own parser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

import duckdb
from attrs import frozen

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion
from projector.lake.failures import in_short
from projector.lake.processes import leave_to_the_parent

_ALLOWED: Final = "only one statement that reads is allowed: SELECT, WITH, FROM, VALUES, SHOW, DESCRIBE or EXPLAIN"
_SELECT: Final = duckdb.StatementType.SELECT
_EXPLAIN: Final = duckdb.StatementType.EXPLAIN


@frozen
class Statement:
    """A statement that only reads."""

    text: str
    shows_tables: bool
    "Whether it is SHOW TABLES and nothing else."


def statement_of(query: object) -> Statement:
    """The one statement of a query.

    Raises:
        BadQuestion: it holds none, several, or one that does more than read.

    >>> statement_of("SHOW /* all */ TABLES;").shows_tables
    True
    """
    if not isinstance(query, str) or not _is_unicode(query):
        raise BadQuestion(f"a query must be Unicode text, not {shown(query)}")
    kinds = _kinds(query)
    if len(kinds) != 1:
        found = "the query is empty" if not kinds else f"the query has {len(kinds)} statements"
        raise BadQuestion(f"{_ALLOWED}; {found}")
    kind = _explained(query) if kinds[0] == _EXPLAIN else kinds[0]
    if kind != _SELECT:
        raise BadQuestion(f"{_ALLOWED}; found {_named(kind)}")
    return Statement(query, [word.lower() for word in _words(query)] == ["show", "tables"])


def _named(kind: duckdb.StatementType | None) -> str:
    if kind is None:
        return "another kind of statement"
    if kind == duckdb.StatementType.MULTI:  # DuckDB asks first which columns it has
        return "several in one, like PIVOT without IN; write the values of its columns: IN (…)"
    return kind.name


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def _start_again() -> None:
    """Forget the parser of the process that this one was forked from."""
    if _parser.cache_info().currsize:
        leave_to_the_parent(_parser())
        _parser.cache_clear()


os.register_at_fork(after_in_child=_start_again)


def _kinds(query: str) -> list[duckdb.StatementType]:
    """The kinds of the statements of a text."""
    try:
        return [statement.type for statement in _parser().extract_statements(query)]
    except duckdb.Error as error:
        raise BadQuestion(in_short(str(error))) from error


def _explained(query: str) -> duckdb.StatementType | None:
    """The kind of what an EXPLAIN explains, and with ANALYZE runs: what is left when its options are cut off."""
    text = query.encode()
    for start, _ in list(duckdb.tokenize(query))[1:]:
        try:
            kinds = _kinds(text[start:].decode())
        except BadQuestion:
            continue
        return kinds[0] if len(kinds) == 1 else None
    return None


def _words(query: str) -> Iterator[str]:
    """The words of a query without comments and the last semicolon."""
    text = query.encode()
    tokens = [*duckdb.tokenize(query), (len(text), None)]
    for (start, kind), (end, _) in pairwise(tokens):
        word = text[start:end].decode().strip()
        if kind != duckdb.token_type.comment and word != ";":
            yield word
