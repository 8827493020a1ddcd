"""Frames: whole tables, and what views list, with all that a view was pinned to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pandas
import polars
import pyarrow as pa
import pytest
from hypothesis import given

import projector
from projector.ask.view import View
from projector.domain.versions import Version
from projector.lake.frames import TABLES, table_named
from tests.builders import HARBOR, Clock, outcome, reported
from tests.lake.comparing import names_in
from tests.lake.hostile import batches, hostile
from tests.lake.test_laws import GUESSED, SEEDS, few, grown, instants

OF_VERSIONS = ("tenant", "id", "valid_from", "valid_to", "recorded_at", "status", "event_name")


def listed(view: View, kind: str, deleted: bool) -> list[tuple[Any, ...]]:
    """What a view lists, in the shape of `framed`."""
    return [_row(one) for one in view.all(kind, deleted)]


def _row(one: Version) -> tuple[Any, ...]:
    return *(getattr(one, name) for name in OF_VERSIONS), dict(one.state), GUESSED[one.guessed], one.continued_by


def framed(view: View, kind: str, deleted: bool) -> list[tuple[Any, ...]]:
    """The rows of a frame, with what is the same for all kinds."""
    frame = view.frame(kind, deleted)
    rows = (dict(zip(frame.columns, row, strict=True)) for row in frame)
    of_results = {"guessed": "no", "continued_by": None}
    shaped = (of_results | row | {"state": json.loads(row["state"])} for row in rows)
    return [tuple(row[name] for name in (*OF_VERSIONS, "state", *of_results)) for row in shaped]


@pytest.mark.parametrize("events", [25, pytest.param(300, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_a_frame_holds_what_the_view_lists(seed: int, events: int) -> None:
    """Of any institution, as of any instant, by what was known at any other; in the same order."""
    random = Random(seed)
    with grown(random, hostile(random, events)) as p:
        for as_of, known_at in islice(instants(random, p), 4):
            for tenant in p.tenants:
                view = p.as_of(as_of, known_at=known_at, tenant=tenant)
                for kind in projector.KINDS:
                    for deleted in (False, True):
                        assert framed(view, kind, deleted) == listed(view, kind, deleted)


@pytest.mark.parametrize("events", [25, pytest.param(150, marks=pytest.mark.slow)])
@few
@given(seed=SEEDS)
def test_a_frame_of_an_earlier_view_holds_what_that_lists(seed: int, events: int) -> None:
    """Whatever came since: events, names of institutions, shards, aliases."""
    random, views = Random(seed), list[View]()
    with projector.open(":memory:", clock=Clock()) as p:
        for batch in batches(random, hostile(random, events)):
            p.append(batch)
            views += [p.now(tenant=tenant) for tenant in p.tenants]
        if "Other" in p.tenants:
            p.alias("7", "Other")
        for view in random.sample(views, min(6, len(views))):
            for kind in ("result", "outcome", "link"):
                assert framed(view, kind, True) == listed(view, kind, True)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[projector.Projector]:
    """A store of two names that may become one institution's."""
    with projector.open(tmp_path / "s.db", clock=Clock()) as p:
        p.append([outcome("Cells", id="7"), reported("learning_outcome_created", {"learning_outcome_id": "8"})])
        p.append(reported("learning_outcome_created", {"learning_outcome_id": "9"}, root_account_uuid="Other"))
        yield p


def ids(view: View) -> list[str]:
    """The ids of the outcomes of a frame."""
    frame = view.frame("outcome")
    return [row[1] for row in frame]


def test_a_view_keeps_what_was_known_of_institutions(two: projector.Projector) -> None:
    """Its frames too: by tables of its own, which are made once and removed with the store."""
    before = two.now(tenant=HARBOR)
    folder = two.store.location.path
    assert folder is not None
    two.alias("Other", HARBOR)
    assert ids(two.now(tenant=HARBOR)) == ["7", "8", "9"]
    assert ids(before) == ["7", "8"]
    (made,) = two._tables.opened()._apart._made.values()
    assert ids(before) == ["7", "8"]
    assert [one is made for one in two._tables.opened()._apart._made.values()] == [True]
    assert len(names_in(made.folder.path)) == 1
    two.close()
    assert not made.folder.path.exists()


def test_few_tables_are_kept_for_earlier_views(two: projector.Projector) -> None:
    """Of more views those asked last; each answers nevertheless, also where its file was damaged or deleted."""
    views = [two.now(tenant=HARBOR)]
    for name in ("A", "B", "C"):
        two.alias(name, HARBOR)
        two.append(reported("learning_outcome_created", {"learning_outcome_id": name}, root_account_uuid=name))
        two.alias(f"{name}{name}", name)
        two.append(reported("learning_outcome_created", {"learning_outcome_id": "9"}, root_account_uuid=f"1{name}"))
        two.alias(f"1{name}", HARBOR)
        views.append(two.now(tenant=HARBOR))
    expected = [[one.id for one in view.all("outcome")] for view in views]
    for _ in range(2):
        assert [ids(view) for view in views] == expected
    apart = two._tables.opened()._apart._made
    assert len(apart) == 2
    one, other = (made.found.file.path for made in apart.values())
    one.write_bytes(b"damaged")
    other.unlink()
    assert [ids(view) for view in reversed(views)] == expected[::-1]


def test_a_frame_reads_the_same_rows_again(two: projector.Projector) -> None:
    """Whatever was appended meanwhile; a whole table is read as the store is then."""
    frame, table = two.now(tenant=HARBOR).frame("outcome"), two.frame("outcomes")
    assert [len(frame.fetchall()), len(table.fetchall())] == [2, 3]
    two.append(outcome("Roots", id="10"))
    assert [len(frame.fetchall()), len(table.fetchall())] == [2, 4]
    two.append(reported("learning_outcome_created", {"learning_outcome_id": "1"}, root_account_uuid=None))
    two.alias("Other", HARBOR)
    assert [len(frame.fetchall()), len(table.fetchall())] == [2, 5]


def test_a_view_of_an_empty_store_has_no_rows() -> None:
    """But its columns; also once the store holds events, which came later."""
    with projector.open(":memory:") as p:
        view = p.now()
        for kind in projector.KINDS:
            frame = view.frame(kind, deleted=True)
            assert (frame.columns, frame.fetchall()) == (p.frame(f"{kind}s").columns, [])
        p.append(outcome("Cells"))
        assert (view.frame("outcome").fetchall(), list(view.all("outcome"))) == ([], [])
        assert p.as_of(None, known_at="2001-01-01").frame("outcome").fetchall() == []


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_a_frame(name: str) -> None:
    """With its columns in their order."""
    with projector.open(":memory:") as p:
        p.append(outcome("Cells"))
        assert p.frame(name).fetchall() == p.sql(f"FROM {name}").fetchall()
        assert list(p.frame(name).columns) == [row[0] for row in p.sql(f"DESCRIBE {name}")]


def test_the_tables_that_can_be_named_are_those_of_sql() -> None:
    """All but the macros."""
    with projector.open(":memory:") as p:
        assert sorted(TABLES) == [name for (name,) in p.sql("SHOW TABLES") if "(" not in name]


@pytest.mark.parametrize(
    ("name", "close"),
    [("outcome", "outcomes"), ("outcome_bitemporal", "outcomes_bitemporal"), ("Outcomes", "outcomes")],
)
def test_a_table_that_is_nearly_named(name: str, close: str) -> None:
    """Is not taken for it, but named."""
    with pytest.raises(projector.BadQuestion, match=rf"did you mean {close}\? p\.sql\('SHOW TABLES'\) lists them"):
        table_named(name)


@pytest.mark.parametrize(
    "name", ["", "x", 'outcomes" AS o, "results', "stored.outcomes", "outcomes_as_of", None, 5, b"s"]
)
def test_what_is_no_table(p: projector.Projector, name: Any) -> None:
    """However it is written."""
    with pytest.raises(projector.BadQuestion, match=r"^unknown table .*p\.sql\('SHOW TABLES'\) lists them$"):
        p.frame(name)


def test_an_unknown_kind_is_one_to_a_frame_as_to_a_list(p: projector.Projector) -> None:
    """With the same words; plurals are kinds."""
    p.append(outcome("Cells"))
    with pytest.raises(projector.BadQuestion, match="unknown kind 'wombat'; the kinds are outcome, "):
        p.now().frame("wombat")
    assert len(p.now().frame("outcomes").fetchall()) == 1


def test_other_libraries_read_a_frame(two: projector.Projector) -> None:
    """By Arrow: the same rows, instants in UTC."""
    frame = two.now(tenant=HARBOR).frame("outcome")
    table = pa.table(frame)
    assert table.column("id").to_pylist() == ["7", "8"]
    assert str(table.schema.field("valid_from").type) == "timestamp[us, tz=UTC]"
    assert polars.DataFrame(frame)["title"].to_list() == ["Cells", None]
    assert list(pandas.DataFrame.from_arrow(frame)["id"]) == ["7", "8"]


def test_a_view_that_no_projector_made_has_no_frames(p: projector.Projector) -> None:
    """It says so."""
    with pytest.raises(projector.BadQuestion, match=r"use a view that a projector made"):
        View(question=p.now()._question).frame("outcome")
