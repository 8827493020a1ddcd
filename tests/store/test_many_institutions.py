"""Stores of many institutions, and what is remembered of them between transactions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import projector
from projector import Projector, StoreError
from projector.domain.events import LiveEvent
from projector.wire.decode import decode
from tests.builders import Clock, Event, reported
from tests.conftest import Stores
from tests.counting import Counting, counting

__all__ = ["counting"]


def of(uuid: str | None, root: str | None = None, id: str = "5") -> Event:
    """An outcome of an institution."""
    return reported(
        "learning_outcome_created", {"learning_outcome_id": id}, root_account_uuid=uuid, root_account_id=root
    )


def numbered(number: int, *, uuid: bool = True, root: bool = True) -> Event:
    """An outcome of an institution of its own, on a shard of its own."""
    id = str((3000 + number) * 10**13 + 1)
    return of(f"Institution{number:04}" if uuid else None, id if root else None, id=str(number))


def taken(*events: Event) -> list[LiveEvent]:
    """Events, decoded."""
    found = [decode(json.dumps(event).encode()) for event in events]
    return [event for event in found if isinstance(event, LiveEvent)]


# what is remembered


def test_what_another_process_commits_is_known_at_once(tmp_path: Path) -> None:
    """Institutions, pairs and aliases, whoever wrote last."""
    store = tmp_path / "store.db"
    with projector.open(store) as p, projector.open(store) as q:
        p.append(of("Ab", "1"))
        assert q.tenants == ("Ab",)
        q.append(of("Cd", "2"))
        p.append(of(None, "2", id="6"))
        assert p.now(tenant="Cd").get("outcome", "6") is not None
        q.alias("Ab", "Cd")
        p.append(of("Ab", "3", id="7"))
        assert p.tenants == q.tenants == ("Cd",)
        assert [version.id for version in q.now().all("outcome")] == ["5", "6", "7"]
        assert p.verify().damage is None


def test_what_a_rebuild_of_another_process_made_anew_is_read_anew(tmp_path: Path) -> None:
    """Its numbers may be others than those that were remembered."""
    store = tmp_path / "store.db"
    with projector.open(store) as p, projector.open(store) as q:
        p.append([of("Ab", "21070000000000001"), of(None, "21070000000000001", id="21070000000000006")])
        view = p.now()
        q.rebuild()
        p.append(of("Cd", "21070000000000001", id="7"))
        assert p.tenants == q.tenants == ("21070000000000001", "Ab", "Cd")
        assert view.get("outcome", "6") is not None
        assert p.verify().damage is None
        p.rebuild()
        q.append(of("Ef", "4"))
        assert q.verify().damage is None


def test_what_was_rolled_back_was_never_known(store: Stores) -> None:
    """A batch that could not be committed leaves nothing, nor is it remembered."""
    with store(clock=Clock()) as p:
        p.append(of("Ab", "1"))
        (batch,) = p.store.log.batches()
        with pytest.raises(StoreError):
            p.store.log.append(taken(of("Cd", "2"), of("Ef", "1")), "test", recorded_at=batch.recorded_at)
        assert list(p.tenants) == ["Ab"]
        p.append([of("Gh", "2"), of(None, "1", id="6"), of(None, "2", id="7")])
        assert list(p.tenants) == ["Ab", "Gh"]
        assert [p.now(tenant=name).get("outcome", id) is not None for name, id in (("Ab", "6"), ("Gh", "7"))] == [
            True,
            True,
        ]
        assert p.verify().damage is None


def test_a_view_keeps_the_institutions_that_it_knew(tmp_path: Path) -> None:
    """Also when others come, and when its own is split."""
    with projector.open(tmp_path / "store.db") as p:
        p.append([of(None, "1"), *(numbered(n) for n in range(5))])
        view = p.now(tenant="1")
        p.append([of("Ab", "1", id="6"), numbered(9)])
        assert view.get("outcome", "5") is not None
        assert p.now(tenant="Ab").get("outcome", "5") is not None


@pytest.mark.parametrize("name", ["A/outcome", "A", "A/", "A0"])
def test_an_institution_whose_name_begins_like_anothers_moves_alone(store: Stores, name: str) -> None:
    """Its events are found by its name, whatever stands in it."""
    with store(clock=Clock()) as p:
        names = ["A", "A/outcome", "A/", "A0", "A/outcome/5"]
        p.append([of(one, id=str(n)) for n, one in enumerate(names)])
        p.alias(name, "B")
        assert p.tenants == tuple(sorted({*names, "B"} - {name}))
        assert [v.id for v in p.now(tenant="B").all("outcome")] == [str(names.index(name))]
        assert p.verify().damage is None


# what many cost


def at_once(p: Projector, count: int) -> None:
    """Every institution in one batch."""
    p.append([numbered(n) for n in range(count)])


def one_by_one(p: Projector, count: int) -> None:
    """Each institution in a batch of its own."""
    for n in range(count):
        p.append(numbered(n))


def asked_each_time(p: Projector, count: int) -> None:
    """The same, with questions in between."""
    for n in range(count):
        p.append(numbered(n))
        assert p.now(tenant=f"Institution{n:04}").get("outcome", str(n)) is not None


def by_roots_first(p: Projector, count: int) -> None:
    """Each institution first by its root account alone, then with its uuid, so that its events move."""
    p.append([numbered(n, uuid=False) for n in range(count)])
    for n in range(count):
        p.append(numbered(n))


def aliased(p: Projector, count: int) -> None:
    """Every second institution is the one behind it."""
    at_once(p, count)
    for n in range(0, count, 2):
        p.alias(f"Institution{n:04}", f"Institution{n + 1:04}")


MAKINGS: dict[str, Callable[[Projector, int], None]] = {
    "at once": at_once,
    "one by one": one_by_one,
    "asked each time": asked_each_time,
    "by roots first": by_roots_first,
    "aliased": aliased,
}
ASKED: dict[str, Callable[[Projector], Any]] = {
    "institutions": lambda p: p.institutions(),
    "tenants": lambda p: p.tenants,
    "rebuild": lambda p: p.rebuild(),
    "verify": lambda p: p.verify(),
    "digest": lambda p: p.digest(),
}


@pytest.mark.parametrize("making", MAKINGS)
def test_twice_the_institutions_are_about_twice_the_work(store: Stores, counting: Counting, making: str) -> None:
    """However they come."""
    works = []
    for count in (60, 120):
        with store(clock=Clock()) as p:
            works.append(counting.work(lambda p=p, count=count: MAKINGS[making](p, count)))  # type: ignore[misc]
    assert works[1] < 2.3 * works[0]


@pytest.mark.parametrize("making", ["one by one", "by roots first", "aliased"])
@pytest.mark.parametrize("question", ASKED)
@pytest.mark.slow
def test_what_is_asked_of_all_institutions_costs_by_their_number(
    store: Stores, counting: Counting, making: str, question: str
) -> None:
    """However they came."""
    works = []
    for count in (60, 120):
        with store(clock=Clock()) as p:
            MAKINGS[making](p, count)
            works.append(counting.work(lambda p=p: ASKED[question](p)))  # type: ignore[misc]
    assert works[1] < 2.3 * works[0]
