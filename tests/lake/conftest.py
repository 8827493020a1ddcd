"""A small tables file, made as DuckDB makes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import projector.lake
from projector.lake.sessions import POOL

INSTANTS = (Path(projector.lake.__file__).parent / "instants.sql").read_text(encoding="utf-8")
TABLES = """
CREATE SCHEMA stored;
CREATE TABLE stored.outcomes AS
    SELECT n::VARCHAR AS id, TIMESTAMPTZ '2020-01-01 00:00:00Z' + to_hours(n) AS valid_from, 'Outcome ' || n AS title
    FROM range(30000) AS hours(n);
CREATE VIEW outcomes AS FROM stored.outcomes;
CREATE TABLE store AS SELECT 30000 AS position;
CREATE MACRO outcomes_as_of(t) AS TABLE (FROM outcomes WHERE valid_from <= instant(t)),
    (t, k) AS TABLE (FROM outcomes WHERE valid_from <= least(instant(t), instant(k)));
"""


def made(path: Path) -> Path:
    """A new tables file."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(INSTANTS)
        connection.execute(TABLES)
    return path


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tables file that nobody writes to."""
    return made(tmp_path_factory.mktemp("tables") / "1.duckdb")


@pytest.fixture(autouse=True)
def _no_idle_sessions() -> Iterator[None]:
    """No test meets the sessions of another."""
    yield
    POOL.close()
