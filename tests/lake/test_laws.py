"""What holds for the tables of any log: they answer as views do, also after the store grew and the file followed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import projector
from projector.domain.instants import to_datetime
from projector.domain.versions import Version
from projector.lake.basis import Basis
from projector.lake.digest import digest_of_tables
from projector.lake.making import follow, make
from tests.builders import Clock, Event
from tests.lake.hostile import START, batches, hostile

GUESSED: Final = {False: "no", True: "yes", "doubtful": "doubtful"}
SEEDS = st.integers(0, 2**32)
few = settings(
    max_examples=2, suppress_health_check=list(HealthCheck)
)  # each is a whole store, asked hundreds of times
Key = tuple[str, str]


@contextmanager
def grown(random: Random, events: list[Event]) -> Iterator[projector.Projector]:
    """A store that received these events in batches; sometimes two names in it are declared to be one institution's."""
    with projector.open(":memory:", clock=Clock()) as p:
        for batch in batches(random, events):
            p.append(batch)
        if random.random() < 0.5 and "Other" in p.tenants:
            p.alias("7", "Other")
        yield p


@contextmanager
def tables_of(p: projector.Projector) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a store in a new file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "tables.duckdb"
        made(p, file)
        with opened(file) as tables:
            yield tables


def made(p: projector.Projector, file: Path) -> None:
    """Make the tables of a store."""
    pin = p.store.pin()
    make(p.store, pin, Basis.of(p.store, pin), file)


@contextmanager
def opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A tables file, to be read."""
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def instants(random: Random, p: projector.Projector) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Pairs of as-of and known-at, often at the very edges of spans."""
    recorded = [to_datetime(batch.recorded_at) for batch in p.store.log.batches()]
    while True:
        minutes, edge = random.randrange(-1, 42), random.choice((0, 0, 499, 500, 1))
        as_of = START + timedelta(minutes=minutes, milliseconds=edge)
        known_at = random.choice(recorded) + timedelta(microseconds=random.choice((0, 0, -1, 1)))
        yield random.choice((as_of, as_of, as_of, None)), random.choice((known_at, known_at, known_at, None))


def answers(p: projector.Projector, kind: str, as_of: Any, known_at: Any) -> dict[Key, tuple[Any, ...]]:
    """What the views of all institutions list."""
    views = [p.as_of(as_of, known_at=known_at, tenant=tenant) for tenant in p.tenants]
    return {(view.tenant, one.id): _row(one) for view in views for one in view.all(kind, deleted=True)}


def _row(one: Version) -> tuple[Any, ...]:
    times = one.valid_from, one.valid_to, one.recorded_at
    return one.status, *times, one.event_name, dict(one.state), GUESSED[one.guessed], one.continued_by


def rows_of(tables: duckdb.DuckDBPyConnection, kind: str, source: str, *values: Any) -> dict[Key, tuple[Any, ...]]:
    """The rows of a table, at most one for each aggregate, in the shape of `answers`."""
    of_results = "guessed, continued_by" if kind == "result" else "'no', NULL"
    columns = f"tenant, id, status, valid_from, valid_to, recorded_at, event_name, state, {of_results}"
    rows = tables.execute(f"SELECT {columns} FROM {source}", values).fetchall()
    found = {(row[0], row[1]): (*row[2:7], json.loads(row[7]), *row[8:]) for row in rows}
    assert len(found) == len(rows)
    return found


def assert_macros_answer(seed: int, events: int, pairs: int) -> None:
    """See that the macros answer as views do, kind by kind: ids, status, state, span, guessed and continued_by."""
    random = Random(seed)
    with grown(random, hostile(random, events)) as p, tables_of(p) as tables:
        for as_of, known_at in islice(instants(random, p), pairs):
            for kind in projector.KINDS:
                expected = answers(p, kind, as_of, known_at)
                assert rows_of(tables, kind, f"{kind}s_as_of(?, ?)", as_of, known_at) == expected
                if known_at is None:
                    assert rows_of(tables, kind, f"{kind}s_as_of(?)", as_of) == expected


@pytest.mark.parametrize("events", [150, pytest.param(300, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_the_macros_answer_as_views_do(seed: int, events: int) -> None:
    """As of any instant, by what was known at any other."""
    assert_macros_answer(seed, events, events // 15)


@pytest.mark.slow
@few
@given(seed=SEEDS)
def test_the_macros_answer_as_views_do_at_300_pairs_of_instants(seed: int) -> None:
    """Over a longer log."""
    assert_macros_answer(seed, 600, 300)


@pytest.mark.parametrize("events", [150, pytest.param(300, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_the_tables_hold_one_row_for_each_aggregate_and_pair_of_instants(seed: int, events: int) -> None:
    """Of both clocks, and of what is known now; with the spans cut where another result continues one."""
    random = Random(seed)
    inside = "valid_from <= $1 AND (valid_to IS NULL OR $1 < valid_to)"
    known = "known_from <= $2 AND (known_to IS NULL OR $2 < known_to)"
    with grown(random, hostile(random, events)) as p, tables_of(p) as tables:
        pairs = ((as_of, known_at) for as_of, known_at in instants(random, p) if as_of and known_at)
        for as_of, known_at in islice(pairs, events // 10):
            for kind in projector.KINDS:
                expected = answers(p, kind, as_of, known_at)
                found = rows_of(tables, kind, f"{kind}s_bitemporal WHERE {inside} AND {known}", as_of, known_at)
                assert without_ends(found) == without_ends(expected)
                now = answers(p, kind, as_of, None)
                assert without_ends(rows_of(tables, kind, f"{kind}s WHERE {inside}", as_of)) == without_ends(now)


def without_ends(rows: dict[Key, tuple[Any, ...]]) -> dict[Key, tuple[Any, ...]]:
    """The same rows without their spans and continuation: a row may be cut where another result continues it."""
    return {key: (row[0], *row[3:7]) for key, row in rows.items()}


@pytest.mark.parametrize("events", [120, pytest.param(240, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_a_file_that_followed_has_the_rows_of_one_made_from_the_beginning(seed: int, events: int) -> None:
    """Row by row, after each of ten steps, or five."""
    random = Random(seed)
    sent = hostile(random, events)
    with projector.open(":memory:", clock=Clock()) as p, TemporaryDirectory() as folder:
        followed, position, generation = Path(folder) / "followed.duckdb", 0, -1
        for step in range(events // 24):
            for batch in batches(random, sent[step :: events // 24], 10):
                p.append(batch)
            pin = p.store.pin()
            if pin.tenancy.generation != generation:
                followed.unlink(missing_ok=True)
                made(p, followed)
            else:
                follow(p.store, pin, Basis.of(p.store, pin), followed, position)
            position, generation = pin.position, pin.tenancy.generation
            anew = Path(folder) / f"{step}.duckdb"
            made(p, anew)
            assert_alike(followed, anew)


def assert_alike(one: Path, other: Path) -> None:
    """See that two files hold the same rows."""
    with opened(one) as first, opened(other) as second:
        for table in [f"stored.{kind}s" for kind in projector.KINDS] + ["store", "stored.made"]:
            query = f"SELECT * FROM {table} ORDER BY ALL"
            assert first.execute(query).fetchall() == second.execute(query).fetchall(), table


@pytest.mark.parametrize("events", [150, pytest.param(300, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_links_are_in_the_tree_while_neither_they_nor_their_outcomes_are_deleted(seed: int, events: int) -> None:
    """As of any instant; and in the table each row is cut just where that changes."""
    random = Random(seed)
    asked = "SELECT tenant, id, learning_outcome_id, in_tree FROM"
    with grown(random, hostile(random, events)) as p, tables_of(p) as tables:
        for as_of, known_at in islice(instants(random, p), events // 10):
            found = tables.execute(f"{asked} links_as_of(?, ?)", [as_of, known_at]).fetchall()
            assert_in_tree(p, found, as_of, known_at)
            if as_of is not None:
                inside = "valid_from <= $1 AND (valid_to IS NULL OR $1 < valid_to)"
                assert_in_tree(p, tables.execute(f"{asked} links WHERE {inside}", [as_of]).fetchall(), as_of, None)
        cut = tables.execute(
            "SELECT in_tree, lead(in_tree) OVER following, valid_to = lead(valid_from) OVER following,"
            " state = lead(state) OVER following AND recorded_at = lead(recorded_at) OVER following FROM links"
            " WINDOW following AS (PARTITION BY tenant, id ORDER BY valid_from)"
        ).fetchall()
        assert all(one != other for one, other, is_next, is_same in cut if is_next and is_same)


def assert_in_tree(p: projector.Projector, links: list[Any], as_of: Any, known_at: Any) -> None:
    """See that links say whether they are in the tree as the views of links and outcomes do."""
    status = {
        (kind, *key): row[0] for kind in ("link", "outcome") for key, row in answers(p, kind, as_of, known_at).items()
    }
    assert len(links) == sum(kind == "link" for kind, *_ in status)
    for tenant, id, outcome, in_tree in links:
        statuses = status["link", tenant, id], status.get(("outcome", tenant, outcome))
        assert in_tree == ("deleted" not in statuses)


@pytest.mark.parametrize("long", [10_000, 3])
@few
@given(seed=SEEDS)
def test_the_state_digest_by_the_tables_is_that_of_the_store(seed: int, long: int) -> None:
    """Also of several institutions that have the same ids; ids that JSON escapes are left to the store.

    Rows are sorted, but for stretches that lie in order and are so long.
    """
    random = Random(seed)
    events = hostile(random, 300)
    plain = [event for event in events if "\0" not in json.dumps(event, ensure_ascii=False).replace("\\u0000", "\0")]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("projector.lake.digest._LONG", long)
        patch.setattr("projector.lake.digest._MOST", long)
        for number, log in enumerate((plain, events)):
            with grown(random, log) as p:
                file = Path(folder) / f"{number}.duckdb"
                made(p, file)
                assert digest_of_tables(file) == (p.digest() if log is plain else None)
