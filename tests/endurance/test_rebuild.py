"""``rebuild``: everything derived anew beside what is there; readers and writers go on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

import projector
from projector.domain.rules import RULES
from projector.serve.demo.college import term
from projector.store.index.tables import DERIVED
from tests.builders import HARBOR, outcome
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import Running, ask, run
from tests.endurance.tampering import Tampered


@pytest.mark.slow
def test_readers_and_writers_go_on_during_a_rebuild(filled: Path, middling: Undisturbed) -> None:
    """No question fails, no answer changes; what is written meanwhile is derived too."""
    with projector.open(filled) as p:
        views = [p.now(), p.now(known_at="2000-01-01")]
        before = [[version.state for version in view.all("scale")] for view in views]
        rebuild, written = Running("rebuild", "--store", filled), 0
        while rebuild.process.poll() is None:
            assert [[version.state for version in view.all("scale")] for view in views] == before
            written += p.append(outcome(f"Meanwhile {written}", id="meanwhile")).appended
        assert rebuild.ended().code == 0
        assert written
        assert len(p.history("outcome", "meanwhile", tenant=HARBOR)) == written
        assert p.digest(known_at=views[0].known_at) == middling.digest
        assert p.verify(middling.head_hash).damage is None


def test_progress_is_reported(p: projector.Projector) -> None:
    """How many events are done, of how many."""
    p.replay(line for line, _ in zip(term(), range(3000), strict=False))
    reports: list[tuple[int, int]] = []
    done = p.rebuild(lambda done, all: reports.append((done, all)))
    assert reports[-1] == (done.events, done.events)
    assert reports == sorted(reports)
    checked: list[tuple[int, int]] = []
    p.verify(on_step=lambda done, all: checked.append((done, all)))
    assert checked[-1] == (done.events, done.events)


@pytest.mark.slow
def test_of_two_rebuilds_at_once_one_ends_and_the_other_says_why(filled: Path, middling: Undisturbed) -> None:
    """Or both end, one after the other; the store is sound."""
    ran = [rebuild.ended() for rebuild in [Running("rebuild", "--store", filled) for _ in range(2)]]
    assert {one.code for one in ran} <= {0, 3}
    assert any(one.code == 0 for one in ran)
    for one in ran:
        assert one.code == 0 or "another process began to rebuild this store" in one.err
    with projector.open(filled, read_only=True) as p:
        assert (p.verify().damage, p.digest()) == (None, middling.digest)


def test_a_second_rebuild_ends_the_first_and_nothing_is_mixed(kept: Path, small: Undisturbed) -> None:
    """Begun while the first is between two of its steps."""
    with projector.open(kept) as p, projector.open(kept) as q:

        def begin_another(_done: int, _all: int) -> None:
            with suppress(KeyboardInterrupt):
                q.rebuild(_stopped)

        def _stopped(_done: int, _all: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(projector.StoreError, match="another process began to rebuild this store"):
            p.rebuild(begin_another)
        assert (p.verify().damage, p.digest()) == (None, small.digest)
        p.rebuild()
        assert (p.verify().damage, p.digest()) == (None, small.digest)


@pytest.mark.parametrize("lost", ["rows", "derivation"])
def test_a_store_whose_derived_tables_were_emptied_is_mended(kept: Path, small: Undisturbed, lost: str) -> None:
    """The log is enough."""
    for table in DERIVED if lost == "rows" else ["derivation"]:
        Tampered(kept).execute(f"DELETE FROM {table}")
    assert ask("verify", "--store", kept).out.endswith("repair it with: projector rebuild.\n")
    ran = run("rebuild", "--json", "--store", kept)
    assert ran.code == 0
    assert ran.json["events"] == small.report.appended
    assert ask("verify", "--store", kept).code == 0
    assert ask("digest", "--store", kept).out == small.digest + "\n"


def test_what_a_rebuild_changed_is_counted(store: Path, seed: Path) -> None:
    """In words and as JSON."""
    run("replay", seed, "--store", store)
    assert run("rebuild", "--store", store).out == "Rebuilt from 10 events; 0 aggregates changed.\n"
    Tampered(store).execute("UPDATE timeline SET event_time = event_time + 1 WHERE kind = 0 AND id = '12345'")
    ran = run("rebuild", "--json", "--store", store)
    assert ran.json == {"events": 10, "rules_before": RULES, "rules": RULES, "changed": 1}
