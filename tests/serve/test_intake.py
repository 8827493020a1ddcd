"""How events are taken, and that it makes no difference which process decodes them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import pytest

import projector
from projector.domain.canonical import write_json
from projector.domain.packing import UNTRAINED, is_packed
from projector.serve import batches, ingest
from projector.serve.batches import append_chunks
from projector.serve.demo.college import term
from projector.wire import chunks as wire_chunks
from projector.wire.chunks import Chunk, chunks
from projector.wire.files.survey import File
from projector.wire.options import IntakeOptions
from projector.wire.parallel import parallel_chunks
from projector.wire.sources import Damage, Input, read_stretches
from tests.builders import Clock, Event, outcome
from tests.conftest import FIXTURES
from tests.serve.shell import Shell, log_of
from tests.wire.inputs import contents
from tests.wire.signing import THIS_MONTH, UNKNOWN_KEY, signed

NOISE = [b"{broken", b"\xff", b'{"metadata":{"event_name":"user_created"}}', b"[]", write_json(outcome("odd", odd=1))]


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A term of the demo's college, with much that is refused, ignored or warned of, and a wrapper."""
    path = tmp_path_factory.mktemp("logs") / "term.jsonl"
    wrapped = (FIXTURES / "wrappers" / "lambda-batch.json").read_bytes().strip()
    path.write_bytes(b"\n".join([*term(), *NOISE, wrapped, *NOISE]) + b"\n")
    return path


def personal(title: str = "Cells", **more: Any) -> Event:
    """A report with a teacher's address in it."""
    event = outcome(title, **more)
    event["metadata"] |= {"client_ip": "192.0.2.7", "user_agent": "Mozilla/5.0 (invented)"}
    return event


# decoding beside the writing


@pytest.mark.slow
def test_chunks_are_the_same_from_both_processes(college: Path) -> None:
    """Events, refusals, warnings, counts and offsets."""
    options = IntakeOptions.asked("client_ip", None)
    here, beside = chunks_here([college], options), list(filter(None, parallel_chunks(files_of([college]), options)))
    assert contents(here) == contents(beside)
    assert len(here) > 2


@pytest.mark.slow
def test_the_beginning_may_be_as_odd_as_the_rest(tmp_path: Path) -> None:
    """The process that goes on passes over what was decoded before it was ready, and cuts the rest as it would be."""
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"\n".join([*GOOD, *NOISE, *GOOD, b"{broken", *GOOD, *NOISE, *term()]))
    here, beside = chunks_here([path], IntakeOptions()), list(parallel_chunks(files_of([path]), IntakeOptions()))
    assert contents(here) == contents(beside)


def test_events_can_be_packed_later(college: Path) -> None:
    """Those of some chunks and not of others, also where a wrapper among them is opened."""
    turns = cycle([True, False, False])
    found = list(chunks(read_stretches(files_of([college])), IntakeOptions(), lambda: next(turns)))
    for chunk in found:
        assert chunk.packed == all(map(is_packed, chunk.events.packed))
        chunk.pack(UNTRAINED)
    assert contents(found) == contents(chunks_here([college], IntakeOptions()))


def test_a_store_is_the_same_from_both_processes(
    college: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same report, the same digest, the same quarantine."""
    reports, stores = [], []
    for name in ("beside", "here"):
        with projector.open(tmp_path / name, clock=Clock()) as p:
            report = p.replay(college)
            reports.append({name: getattr(report, name) for name in ("read", "appended", "ignored_names", "warnings")})
            stores.append((p.digest(), [kept.raw for kept in p.quarantined()]))
        monkeypatch.setattr(ingest, "is_worthwhile", lambda found: False)
    assert reports[0] == reports[1]
    assert stores[0] == stores[1]


def test_a_second_process_is_left_behind_cleanly(college: Path, tmp_path: Path) -> None:
    """Where a replay is stopped, what was read is stored and the rest can be replayed."""
    with projector.open(tmp_path / "s.db") as p:
        stopped = p.replay(college, should_stop=lambda: True)
        assert stopped.interrupted
        assert 0 < stopped.read < 3000
        whole = p.replay(college)
        assert whole.duplicates >= stopped.appended


# sources

GOOD = [write_json(outcome(f"Cells {number}", id=str(number))) for number in range(8)]


def sources_of(p: projector.Projector) -> list[str]:
    """The source of every event in the log."""
    return [json.loads(line)["source"] for line in p.log_lines()]


def heartbeats() -> Iterator[None]:
    """What a source gives that has nothing to be read yet, for ten seconds at most."""
    for _ in range(1000):
        time.sleep(0.01)
        yield None
    pytest.fail("nothing was done though time passed")


def test_small_files_share_a_batch_and_each_event_knows_its_own(tmp_path: Path) -> None:
    """In the log and in `why`; what is refused has its own file and line as well."""
    folder = tmp_path / "events"
    folder.mkdir()
    for number in range(300):
        refused = b"\n\n{broken %d" % number if number % 100 == 7 else b""
        event = outcome(f"Cells {number}", id=str(number))
        (folder / f"{number:03}.json").write_bytes(write_json(event) + refused + b"\n")
    names = [str(folder / f"{number:03}.json") for number in range(300)]
    with projector.open(tmp_path / "s.db") as p:
        report = p.replay(folder)
        assert (report.appended, report.quarantined) == (300, 3)
        assert sources_of(p) == names
        assert len(list(p.store.log.batches())) <= 3  # one, but for a slow machine
        for number in (0, 1, 150, 299):
            (event_verdict,) = p.now().why("outcome", str(number)).testimonies
            assert event_verdict.source == names[number]
        kept = [(kept.source, kept.position) for kept in p.quarantined()]
        assert kept == [(names[number], 3) for number in (7, 107, 207)]
        assert p.verify().damage is None


@pytest.mark.slow
def test_chunks_of_several_files_are_the_same_from_both_processes(college: Path, tmp_path: Path) -> None:
    """Spans, and whose the refusals, warnings, ignored events and damage are."""
    files = [college]
    for number, lines in enumerate([GOOD[:2], [], NOISE, GOOD[2:3]]):
        files.append(tmp_path / f"{number}.jsonl")
        files[-1].write_bytes(b"".join(line + b"\n" for line in lines))
    files.insert(3, tmp_path / "missing.jsonl")
    here, beside = (
        chunks_here(files, IntakeOptions()),
        list(filter(None, parallel_chunks(files_of(files), IntakeOptions()))),
    )
    assert contents(here) == contents(beside)
    last = here[-1]
    assert [source for _, source in last.sources] == [str(files[n]) for n in (0, 1, 4, 5)]
    assert [source for source, _ in last.damage] == [str(files[3])]
    assert last.ignored[-1] == (str(files[4]), "user_created")
    assert last.warnings[-1][:2] == (str(files[4]), 5)
    assert [(source, position) for source, position, _ in last.refused][-2:] == [(str(files[4]), n) for n in (1, 4)]


def files_of(paths: list[Path]) -> list[File]:
    """These files, as a survey finds them; one that is missing then is, too."""
    return [File(path=str(path), source=str(path), named=str(path), size=1) for path in paths]


def chunks_here(paths: list[Path], options: IntakeOptions) -> list[Chunk]:
    """The chunks of these files from this process."""
    return list(chunks(read_stretches(files_of(paths)), options))


def test_what_came_is_committed_though_nothing_follows(p: projector.Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe may be silent for hours: its last events do not wait for the next ones."""
    for module in (wire_chunks, batches):
        monkeypatch.setattr(module, "LONGEST", 0.05)

    def inputs() -> Iterator[Input | None]:
        yield Input("pipe", 1, GOOD[0])
        for _ in heartbeats():
            if p.store.pin().position:
                return
            yield None

    assert append_chunks(p.store.log, chunks(inputs(), IntakeOptions())).appended == 1


def test_a_silent_source_can_be_stopped(p: projector.Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before is stored."""
    monkeypatch.setattr(wire_chunks, "LONGEST", 0.05)
    inputs = chain([Input("pipe", 1, GOOD[0])], heartbeats())
    asked: list[bool] = []

    def should_stop() -> bool:
        asked.append(True)
        return len(asked) > 3

    report = append_chunks(p.store.log, chunks(inputs, IntakeOptions()), should_stop=should_stop)
    assert (report.interrupted, report.appended, sources_of(p)) == (True, 1, ["pipe"])


def test_damage_ends_no_batch(p: projector.Projector) -> None:
    """The next file's events are committed with those before it."""
    damage = Damage(source="b", reason="cut short")
    inputs: list[Input | Damage | None] = [Input("a", 1, GOOD[0], 10), damage, None, Input("c", 1, GOOD[1], 20)]
    (chunk,) = found = list(chunks(inputs, IntakeOptions()))
    assert (chunk.count, chunk.offset, chunk.sources) == (2, 20, [(0, "a"), (1, "c")])
    report = append_chunks(p.store.log, found)
    assert (report.appended, report.damaged, len(list(p.store.log.batches()))) == (2, ("b: cut short",), 1)


# members of the metadata that are not kept


def test_personal_members_are_dropped_and_the_digest_is_of_the_whole_event(p: projector.Projector) -> None:
    """So the same event, sent again whole, is known."""
    p.append(personal(), drop_metadata=["client_ip", "user_agent"])
    (line,) = map(json.loads, p.log_lines())
    assert not {"client_ip", "user_agent"} & line["metadata"].keys()
    assert line["body"] == personal()["body"]
    assert p.append(personal()).duplicates == 1
    assert p.append(outcome("Cells")).appended == 1  # another event: it never had an address


def test_a_log_with_dropped_members_is_sound_and_can_be_restored(p: projector.Projector) -> None:
    """With the same digests and the same running hash; what proves less is counted."""
    p.append([personal(), outcome("Cell", "2024-04-01T10:00:00Z")], drop_metadata="client_ip")
    found = p.verify()
    assert (found.damage, found.events, found.reduced) == (None, 2, 1)
    with projector.open(":memory:") as q:
        q.replay([json.loads(line) for line in p.log_lines()], keep_recorded_at=True)
        assert (q.head_hash(), q.digest(), list(q.log_lines())) == (p.head_hash(), p.digest(), list(p.log_lines()))
        assert q.verify() == found


def test_what_events_are_placed_by_cannot_be_dropped(run: Shell, tmp_path: Path) -> None:
    """It says so before a store is made."""
    refused = run("replay --drop-metadata client_ip,event_time", log_of(tmp_path, outcome("Cells")))
    assert (refused.code, run.store.exists()) == (2, False)
    assert "event_time cannot be dropped" in refused.err


def test_dropping_on_the_command_line(run: Shell, tmp_path: Path) -> None:
    """Nothing of it is anywhere in the store."""
    assert run("replay --drop-metadata client_ip,user_agent", log_of(tmp_path, personal())).code == 0
    assert b"192.0.2.7" not in run.store.read_bytes()
    assert run("show outcome 12345 --json").json["state"]["title"] == "Cells"
    assert "Parts of 1 event were dropped" in run("verify").out


# wrappers and signatures


def test_each_event_in_a_wrapper_counts(run: Shell) -> None:
    """Of two messages the broken one is kept apart; in every shape the same events are known."""
    wrappers = FIXTURES / "wrappers"
    counts = run("replay --json", wrappers / "one-message-of-two-is-broken.json").json
    assert (counts["read"], counts["appended"], counts["quarantined"]) == (2, 1, 1)
    lines = wrappers / "lines-of-every-shape.jsonl"
    assert run("replay --json", lines).json["read"] == 5
    assert run("replay --json", lines).json["duplicates"] == 5


def test_signed_deliveries_are_checked_where_keys_are_given(run: Shell, tmp_path: Path) -> None:
    """One of an unknown key is kept in quarantine, also without keys later, and is taken when its key is known."""
    mine, theirs = (tmp_path / name for name in ("keys.json", "more-keys.json"))
    mine.write_text(json.dumps({"keys": [THIS_MONTH.as_dict(private=False)]}))
    theirs.write_text(json.dumps({"keys": [UNKNOWN_KEY.as_dict(private=False)]}))
    good = signed(claims=json.dumps(outcome("Cells"))).encode()
    odd = signed(UNKNOWN_KEY, claims=json.dumps(outcome("Cell", id="9"))).encode()
    counts = run("replay --json --keys", mine, log_of(tmp_path, good, odd)).json
    assert (counts["appended"], counts["quarantined"]) == (1, 1)
    assert run("quarantine retry --json").json["quarantined"] == 1
    assert run("quarantine retry --json --keys", theirs).json["appended"] == 1
    assert run("show outcome 9 --json").json["state"]["title"] == "Cell"


def test_a_key_set_that_is_missing_makes_no_store(run: Shell, tmp_path: Path) -> None:
    """Bad usage, before anything is done."""
    refused = run("replay --keys nowhere.json", log_of(tmp_path, outcome("Cells")))
    assert (refused.code, run.store.exists()) == (2, False)
    assert "nowhere.json" in refused.err


# a log that is restored


def test_restoring_can_be_stopped_and_says_what_gave_no_event(p: projector.Projector, tmp_path: Path) -> None:
    """What was restored is whole batches; it does not go on by itself."""
    p.append([outcome(str(n)) for n in range(5)])
    p.append([outcome(f"{n}") for n in range(5, 10)])
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(p.log_lines()))
    answers = iter([False] * 7 + [True] * 10)
    with projector.open(":memory:") as q:
        report = q.replay(log, keep_recorded_at=True, should_stop=lambda: next(answers))
        assert report.interrupted
        assert 4 < report.appended < 8
        assert q.verify().damage is None
    log.write_bytes(b'{"a":1}\n[]')
    with projector.open(":memory:") as q:
        (without,) = q.replay(log, keep_recorded_at=True).without_events
        assert (without.path, without.reason[:13]) == (str(log), "no event_name")
