"""A full disk: one sentence with what to do, what was committed is there, and with room the same command ends."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import pytest

import projector
from tests.conftest import FIXTURES
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import Ran, ask, run

MAKE_ROOM = "make room and run the same command again\n"


def no_file_above(size: int) -> Callable[[], None]:
    """Let no file of a process grow beyond so many bytes, as if the disk ended there."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def see_that_it_says_what_to_do(ran: Ran) -> None:
    """In one sentence, with exit 3."""
    assert ran.code == 3
    assert ran.out == ""
    assert ran.err.startswith("projector: ")
    assert ran.err.endswith(MAKE_ROOM)
    assert ran.err.count("\n") == 1


@pytest.mark.slow
def test_a_replay_onto_a_full_disk_goes_on_when_there_is_room(
    filled: Path, log: Path, middling: Undisturbed, undisturbed: Undisturbed
) -> None:
    """Whole batches are there, and the end is as if nothing had been."""
    between = (middling.store.stat().st_size + undisturbed.store.stat().st_size) // 2
    ran = run("replay", log, "--store", filled, before=no_file_above(between))
    see_that_it_says_what_to_do(ran)
    with projector.open(filled) as p:
        digests = [entry.digest for _, entry in p.store.log.entries()]
        assert len(middling.digests) <= len(digests) < len(undisturbed.digests)
        assert digests == undisturbed.digests[: len(digests)]
        assert p.verify().damage is None
        again = p.replay(log)
        assert again.appended == undisturbed.report.appended - len(digests)
        assert again.appended + again.duplicates == undisturbed.report.appended + undisturbed.report.duplicates
        assert p.digest() == undisturbed.digest


def test_a_store_that_cannot_even_be_made_says_so(store: Path, few: Path) -> None:
    """And is made when there is room."""
    see_that_it_says_what_to_do(run("replay", few, "--store", store, before=no_file_above(1000)))
    assert run("replay", few, "--store", store).code == 0


@pytest.mark.slow
def test_a_rebuild_onto_a_full_disk_leaves_every_answer(filled: Path, middling: Undisturbed) -> None:
    """The old tables stay until the new ones are whole."""
    ran = run("rebuild", "--store", filled, before=no_file_above(1_000_000))
    see_that_it_says_what_to_do(ran)
    assert ask("digest", "--store", filled).out == middling.digest + "\n"
    assert (
        run("rebuild", "--store", filled).out
        == f"Rebuilt from {middling.report.appended:,} events; 0 aggregates changed.\n"
    )
    assert ask("verify", "--store", filled).code == 0


@pytest.mark.parametrize("command", ["backup", "export --log"])
@pytest.mark.slow
def test_a_copy_onto_a_full_disk_leaves_no_half_of_a_file(kept: Path, tmp_path: Path, command: str) -> None:
    """Nor does it touch the export that was there before."""
    file = tmp_path / "copy"
    see_that_it_says_what_to_do(run(*command.split(), file, "--store", kept, before=no_file_above(20_000)))
    assert [path.name for path in tmp_path.glob("copy*")] == []
    assert run(*command.split(), file, "--store", kept).code == 0
    before = file.read_bytes()
    if command != "backup":
        see_that_it_says_what_to_do(run(*command.split(), file, "--store", kept, before=no_file_above(20_000)))
    assert file.read_bytes() == before


def test_an_export_to_a_full_device_says_so(kept: Path) -> None:
    """No room at all, as the system itself reports it."""
    ran = ask("export", "--log", "/dev/full", "--store", kept)
    see_that_it_says_what_to_do(ran)
    assert ran.err.startswith("projector: /dev/full could not be written completely: No space left on device; ")


@pytest.mark.slow
def test_a_verification_without_room_for_its_work_says_so(undisturbed: Undisturbed) -> None:
    """It recomputes everything into a temporary file."""
    see_that_it_says_what_to_do(run("verify", "--store", undisturbed.store, before=no_file_above(1_000_000)))


def test_a_migration_onto_a_full_disk_changes_nothing(store: Path) -> None:
    """There is no backup that is not whole."""
    old = (FIXTURES / "stores" / "format-1.db").read_bytes()
    store.write_bytes(old)
    see_that_it_says_what_to_do(run("rebuild", "--store", store, before=no_file_above(40_000)))
    assert store.read_bytes() == old
    assert not store.with_name("s.db.format-1").exists()
    assert run("rebuild", "--store", store).code == 0
