"""``verify`` finds whatever was done to a store behind its back, and names the table; a sound store is sound."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import pytest

from projector.serve.cli import main
from tests.endurance.tampering import COLUMNS, Tampered, new_store

# What verify cannot find, and why; docs/how-to/keep-a-store.md says so too.
UNPROVEN = {
    "person": "names for display, no part of the log, to be forgotten at any time",
}
COUNTER = ("derivation", "times")  # nothing rests on it but two rebuilds at once
RULES = ("derivation", "rules")  # by other rules a store is derived anew, or refused
ALTERED = [(t, c) for t in COLUMNS if t not in UNPROVEN for c in COLUMNS[t] if (t, c) not in (COUNTER, RULES)]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with rows in every table."""
    store = tmp_path_factory.mktemp("full") / "s.db"
    new_store(store)
    return store


@pytest.fixture
def tampered(full: Path, store: Path) -> Tampered:
    """A copy of it, to be tampered with."""
    copyfile(full, store)
    return Tampered(store)


class Verify:
    """The command, run."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._store, self._capsys = store, capsys

    def __call__(self, *words: str) -> tuple[int, str]:
        code = main(["verify", "--store", str(self._store), *words])
        said = self._capsys.readouterr()
        return code, said.out + said.err


@pytest.fixture
def verify(store: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Verifies the store."""
    return Verify(store, capsys)


def test_a_store_to_which_everything_was_done_is_sound(tampered: Tampered, verify: Verify) -> None:
    """With rows in every table."""
    assert all(tampered.middle(table) for table in COLUMNS)
    assert verify()[0] == 0


@pytest.mark.parametrize("table", [table for table in COLUMNS if table not in UNPROVEN])
def test_a_lost_row_is_found(tampered: Tampered, verify: Verify, table: str) -> None:
    """In any table."""
    tampered.delete(table)
    code, said = verify()
    assert code == 1
    assert said.startswith("Damaged. ")
    assert table in said


@pytest.mark.parametrize(("table", "column"), ALTERED)
def test_an_altered_row_is_found(tampered: Tampered, verify: Verify, table: str, column: str) -> None:
    """In any column of any table."""
    tampered.alter(table, column)
    code, said = verify()
    assert code == 1
    assert said.startswith("Damaged. ")
    assert table in said


@pytest.mark.parametrize("table", [table for table in COLUMNS if table not in UNPROVEN])
def test_an_added_row_is_found(tampered: Tampered, verify: Verify, table: str) -> None:
    """In any table."""
    tampered.add(table)
    code, said = verify()
    assert code == 1
    assert said.startswith("Damaged. ")
    assert table in said


@pytest.mark.parametrize("table", UNPROVEN)
def test_what_is_not_proven_is_not_found(tampered: Tampered, verify: Verify, table: str) -> None:
    """As the docs say."""
    tampered.alter(table, COLUMNS[table][1])
    tampered.delete(table)
    assert verify()[0] == 0
    tampered.alter(*COUNTER)
    assert verify()[0] == 0


@pytest.mark.parametrize(("rules", "said"), [(0, "derived by other rules"), (10**6, "rules of a newer release")])
def test_a_store_of_other_rules_is_not_verified(tampered: Tampered, verify: Verify, rules: int, said: str) -> None:
    """There is nothing to compare with."""
    tampered.execute("UPDATE derivation SET rules = ?", rules)
    code, words = verify()
    assert code == 3
    assert said in words
