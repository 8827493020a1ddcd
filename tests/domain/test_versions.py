"""A version of many is like any other."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import pytest
from attrs import asdict, evolve, fields
from attrs.exceptions import FrozenInstanceError

from projector.domain.recorded import By
from projector.domain.versions import Basis, Changes, Version

FIRST = datetime(2024, 3, 1, tzinfo=UTC)
TIMES = FIRST, FIRST.replace(day=2), FIRST.replace(day=3)
STATE = {"learning_outcome_id": "5", "title": "Cell biology"}
BASIS = Basis(as_of=None, known_at=TIMES[2], tz="UTC", rules=1, heard_until=TIMES[1])


class Found:
    """What it changed, and who did it."""

    @property
    def changes(self) -> Changes:
        """One member."""
        return {"title": ("Cells", "Cell biology")}

    @property
    def by(self) -> By:
        """One user."""
        return By(user_login="ana.lima")


def of_many() -> Version:
    """One as `View.all` makes it."""
    return Version.of_many("Harbor", "outcome", "5", STATE, "active", *TIMES, "outcome_updated", BASIS, Found)


ONE = Version(
    tenant="Harbor",
    kind="outcome",
    id="5",
    state=STATE,
    status="active",
    valid_from=TIMES[0],
    valid_to=TIMES[1],
    recorded_at=TIMES[2],
    event_name="outcome_updated",
    basis=BASIS,
    find_origin=Found,
)


def test_it_has_every_member() -> None:
    """Those that compare and those that do not."""
    names = [member.name for member in fields(Version)]
    assert [getattr(of_many(), name) for name in names] == [getattr(ONE, name) for name in names]
    assert of_many().changes == ONE.changes
    assert of_many().by == ONE.by == By(user_login="ana.lima")
    assert of_many().aggregate == ONE.aggregate


def test_it_compares_and_prints_as_any_other() -> None:
    """Also copied, changed and pickled."""
    for again in (of_many(), copy.copy(of_many()), copy.deepcopy(of_many()), pickle.loads(pickle.dumps(of_many()))):
        assert again == ONE
        assert repr(again) == repr(ONE)
        assert asdict(again) == asdict(ONE)
    assert evolve(of_many(), status="deleted") == evolve(ONE, status="deleted") != ONE


def test_it_cannot_be_changed() -> None:
    """It is frozen."""
    with pytest.raises(FrozenInstanceError):
        of_many().status = "deleted"  # type: ignore[misc]
