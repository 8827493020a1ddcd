"""One statement that reads, by DuckDB's parser."""

from __future__ import annotations

import pytest

from projector.domain.errors import BadQuestion
from projector.lake.statement import statement_of

READ = [
    "SELECT 1",
    "select 1;",
    "SELECT 1; -- and no more",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "FROM outcomes",
    "VALUES (1)",
    "TABLE outcomes",
    "DESCRIBE outcomes",
    "SUMMARIZE outcomes",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "EXPLAIN (FORMAT json) FROM outcomes",
    "SELECT 'DELETE; DROP TABLE x' AS \"copy\"",
    "SELECT 'é'; /* 日本 */",
]
REFUSED = [
    "",
    "  \n ",
    "-- nothing",
    "/* nothing */ ;",
    "SELECT 1; SELECT 2",
    "DELETE FROM outcomes",
    "INSERT INTO outcomes VALUES (1)",
    "UPDATE outcomes SET id = 1",
    "COPY outcomes TO 'x.csv'",
    "COPY (SELECT 1) TO 'x.csv'",
    "ATTACH 'x.db'",
    "DETACH tables",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "RESET threads",
    "PRAGMA version",
    "CALL pragma_version()",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "DROP VIEW outcomes",
    "EXPORT DATABASE 'x'",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "COMMIT",
    "PREPARE x AS SELECT 1",
    "EXECUTE x",
    "EXPLAIN ANALYZE DELETE FROM outcomes",
    "EXPLAIN ANALYZE CREATE TEMP TABLE x AS SELECT 1",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'",
    "EXPLAIN ANALYZE LOAD json",
    "EXPLAIN ANALYZE COMMIT",
    "EXPLAIN (ANALYZE) INSERT INTO outcomes SELECT 1",
    "EXPLAIN ANALYZE SET VARIABLE a = 1",
]


@pytest.mark.parametrize("query", READ)
def test_what_reads_is_allowed(query: str) -> None:
    """Whatever words are in its texts, names and comments."""
    assert statement_of(query).text == query


@pytest.mark.parametrize("query", REFUSED)
def test_anything_else_is_refused(query: str) -> None:
    """With what is allowed."""
    with pytest.raises(BadQuestion, match="only one statement that reads is allowed: SELECT"):
        statement_of(query)


@pytest.mark.parametrize("query", ["selec 1", "SELECT (", "SELECT 1 FROM", "\x00"])
def test_what_is_no_sql_is_refused(query: str) -> None:
    """With the parser's reason."""
    with pytest.raises(BadQuestion, match=r"syntax error|only one statement"):
        statement_of(query)


@pytest.mark.parametrize("query", [None, 5, b"SELECT 1", "SELECT '\ud800'"])
def test_what_is_no_unicode_text_is_refused(query: object) -> None:
    """Before the parser sees it."""
    with pytest.raises(BadQuestion, match="a query must be Unicode text, not "):
        statement_of(query)


@pytest.mark.parametrize("query", ["SHOW TABLES", "show\n tables ;", "-- é\nSHOW /* é */ Tables -- all"])
def test_show_tables_is_known_however_it_is_spelled(query: str) -> None:
    """Comments may hold anything."""
    assert statement_of(query).shows_tables


@pytest.mark.parametrize("query", ["SHOW ALL TABLES", "SHOW TABLES FROM stored", "SELECT 'show tables'"])
def test_others_are_not_show_tables(query: str) -> None:
    """They are DuckDB's to answer."""
    assert not statement_of(query).shows_tables
