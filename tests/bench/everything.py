"""Everything that stands at an instant: ours, and DuckDB over the raw log."""

from __future__ import annotations

from time import perf_counter
from typing import Final

import projector
from projector.ask.listing import states
from projector.domain.catalogue import CATALOGUE, KINDS
from tests.bench.campus import SPAN, START
from tests.bench.measuring import Figures
from tests.bench.metadata import second

AT: Final = second(START + SPAN * 9 // 10)  # nine tenths of the log
_IDS: Final = " ".join(f"WHEN '{entry.stem}' THEN body->>'{entry.id}'" for entry in CATALOGUE)
_STEMS: Final = ", ".join(f"'{entry.stem}'" for entry in CATALOGUE)
STANDING: Final = f"""
    CREATE TABLE standing AS
    WITH reported AS (
        SELECT metadata.root_account_uuid AS tenant, body, metadata.event_time::TIMESTAMPTZ AS event_time,
               regexp_replace(metadata.event_name, '_(created|updated)$', '') AS stem,
               metadata.event_name NOT LIKE '%_created' AS updated
        FROM read_ndjson(?, columns = {{
            metadata: 'STRUCT(event_name VARCHAR, event_time VARCHAR, root_account_uuid VARCHAR)', body: 'JSON'
        }})
    ), named AS (
        SELECT *, CASE stem {_IDS} END AS id, (body->>'updated_at')::TIMESTAMPTZ AS updated_at
        FROM reported WHERE stem IN ({_STEMS}) AND event_time <= ?::TIMESTAMPTZ
    ), placed AS (
        SELECT *, row_number() OVER (
            PARTITION BY tenant, stem, id
            ORDER BY event_time DESC, updated DESC, updated_at DESC NULLS LAST, body DESC
        ) AS place FROM named
    )
    SELECT tenant, stem, id, body FROM placed WHERE place = 1
"""


def by_duckdb(log: str) -> Figures:
    """The body that stands, for every aggregate, from the raw log."""
    import duckdb  # of the extra `bench`

    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        started = perf_counter()
        duck.execute(STANDING, [log, AT])
        seconds = perf_counter() - started
        found = duck.execute("SELECT count(*) FROM standing").fetchone()
    assert found is not None
    return {"seconds": seconds, "aggregates": found[0]}


def by_text(store: str) -> Figures:
    """The event that stands, its text at hand, for every aggregate, from the store."""
    with projector.open(store, read_only=True) as p:
        started = perf_counter()
        question = p.as_of(AT)._question
        aggregates = sum(1 for kind in KINDS for _ in states(question, kind))
        return {"seconds": perf_counter() - started, "aggregates": aggregates}


def by_view(store: str) -> Figures:
    """Every version that stands, from the store."""
    with projector.open(store, read_only=True) as p:
        started = perf_counter()
        view = p.as_of(AT)
        aggregates = sum(1 for kind in KINDS for _ in view.all(kind, deleted=True))
        return {"seconds": perf_counter() - started, "aggregates": aggregates}


def by_digest(store: str) -> Figures:
    """The digest of everything that stands, from the store."""
    with projector.open(store, read_only=True) as p:
        started = perf_counter()
        p.digest(AT)
        return {"seconds": perf_counter() - started}
