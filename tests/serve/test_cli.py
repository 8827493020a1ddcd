"""The command line as people and scripts meet it: answers, shapes, exit codes, and what a mistake says."""

from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import projector
from projector.domain.canonical import write_json
from projector.serve.cli import main
from projector.serve.demo.college import term
from tests.builders import outcome, reported, result, scale
from tests.conftest import FIXTURES

SHOW = ["tenant", "kind", "id", "status", "valid_from", "valid_to", "recorded_at", "event_name", "state", "basis"]
BASIS = ["as_of", "known_at", "tz", "rules", "heard_until", "decided_by", "assumed"]
COUNTS = ["read", "appended", "duplicates", "ignored", "quarantined", "seconds", "left_out"]


@frozen
class Ran:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer, of one line."""
        return json.loads(self.out)


class Shell:
    """Runs command lines against one store."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.store = store
        self._capsys = capsys

    def __call__(self, line: str, *more: object) -> Ran:
        return self.run(*line.split(), *map(str, more))

    def run(self, *words: str) -> Ran:
        """A command line whose words may hold spaces."""
        code = main([*words, "--store", str(self.store)])
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)


@pytest.fixture
def told(run: Shell, seed: Path) -> Shell:
    """A store that heard the vendor's ten examples."""
    run("replay", seed)
    return run


def log_of(folder: Path, *events: Any) -> Path:
    """A log file of these events."""
    path = folder / "log.jsonl"
    path.write_bytes(b"\n".join(e if isinstance(e, bytes) else write_json(e) for e in events) + b"\n")
    return path


def test_replaying_the_ten_examples_and_again(run: Shell, seed: Path) -> None:
    """Ten appended, then ten duplicates."""
    first, again = run("replay --json", seed), run("replay --json", seed)
    assert (first.code, again.code) == (0, 0)
    assert list(first.json) == COUNTS
    assert [first.json[name] for name in COUNTS[:5]] == [10, 10, 0, 0, 0]
    assert [again.json[name] for name in COUNTS[:5]] == [10, 0, 10, 0, 0]
    assert run("replay", seed).out.startswith("Read 10 events: 0 appended, 10 duplicates, 0 ignored, 0 quarantined;")


def test_the_mastery_points_of_two_days(told: Shell) -> None:
    """A date means its last instant; an instant counts from itself on."""

    def points(as_of: str) -> float:
        answer = told("show --json outcome 12345 --as-of", as_of).json
        return float(answer["state"]["rubric_criterion"]["mastery_points"])

    assert points("2019-11-02") == 3
    assert points("2019-11-05T10:03:37.525999Z") == 3
    assert points("2019-11-05T10:03:37.526Z") == 2
    assert points("2019-11-05T03:03:37.526-07:00") == 2
    assert points("2019-11-05") == 2


def test_show_has_the_shape_of_the_contract(told: Shell) -> None:
    """Members in their order, instants in UTC with microseconds."""
    answer = told("show --json outcome 12345 --as-of 2019-11-02").json
    assert list(answer) == SHOW
    assert list(answer["basis"]) == BASIS
    assert answer["valid_from"] == "2019-11-01T21:42:55.950000Z"
    assert answer["valid_to"] == "2019-11-05T10:03:37.526000Z"
    assert answer["basis"] | {"known_at": None} == {
        "as_of": "2019-11-02T23:59:59.999999Z",
        "known_at": None,
        "tz": "UTC",
        "rules": projector.RULES,
        "heard_until": "2020-08-18T23:28:24.396000Z",
        "decided_by": "only",
        "assumed": [],
    }


def test_the_update_of_one_instant_stands(told: Shell) -> None:
    """Of the vendor's proficiency pair with equal event_time."""
    answer = told("show --json scale 1").json
    assert answer["event_name"] == "outcome_proficiency_updated"
    assert answer["basis"]["decided_by"] == "verb"


def test_history_has_changes(told: Shell) -> None:
    """Old and new value by member; the first has none."""
    first, second = told("history --json outcome 12345").json
    assert list(first) == [*SHOW, "changes"]
    assert first["changes"] == {}
    assert set(second["changes"]) == {"rubric_criterion", "updated_at"}
    assert second["changes"]["updated_at"] == ["2019-11-01T21:42:55Z", None]
    empty = told("history --json outcome 9")
    assert (empty.json, empty.code) == ([], 1)


@pytest.mark.parametrize(
    ("question", "because"),
    [
        ("outcome 9", "never heard of"),
        ("outcome 12345 --as-of 2019-10-31", "first heard of later"),
        ("scale 1 --as-of 2020-08-17", "created later"),
    ],
)
def test_what_is_unknown_says_why(told: Shell, question: str, because: str) -> None:
    """Exit 1, null times and state."""
    answer = told(f"show --json {question}")
    assert answer.code == 1
    assert answer.json["because"] == because
    assert [answer.json[name] for name in ("status", "valid_from", "valid_to", "recorded_at", "state")] == [
        "unknown",
        *[None] * 4,
    ]
    assert "Unknown" in told(f"show {question}").out


def test_guessed_results_say_so(told: Shell) -> None:
    """Both members, in show and in lists."""
    (line,) = told("list --json result").out.splitlines()
    answer = json.loads(line)
    assert (answer["guessed"], answer["continued_by"]) == (True, None)
    assert answer["id"].startswith("g1-")
    assert list(told("show --json result", answer["id"]).json) == [*SHOW, "guessed", "continued_by"]


def test_lists_leave_out_what_was_deleted(run: Shell, tmp_path: Path) -> None:
    """Unless asked for; ordered by id as text."""
    events = [outcome("A", id="2"), outcome("B", id="10"), outcome("C", id="3", workflow_state="deleted")]
    run("replay", log_of(tmp_path, *events))
    assert [json.loads(line)["id"] for line in run("list outcome --json").out.splitlines()] == ["10", "2"]
    assert [json.loads(line)["id"] for line in run("list outcomes --deleted --json").out.splitlines()] == [
        "10",
        "2",
        "3",
    ]
    assert run("list link --json").code == 1
    shown = run("list outcome")
    assert shown.out.split()[:2] == ["Id", "Status"]
    assert f"rules {projector.RULES}" in shown.err
    assert list(json.loads(run("list outcome --json").err)["basis"]) == BASIS


def test_the_scale_of_a_context(told: Shell) -> None:
    """The one defined there, with where it was found; none is an unknown one."""
    answer = told("scale --json Account/1 --on 2020-08-18")
    assert list(answer.json) == [*SHOW, "context", "found_at", "lineage", "chain"]
    assert (answer.json["id"], answer.json["found_at"], answer.json["lineage"]) == ("1", "Account/1", "own")
    assert answer.json["chain"] == [{"context": "Account/1", "found": "1", "known_by": "own"}]
    assert answer.code == 0
    before = told("scale --json Account/1 --on 2020-08-17")
    assert (before.code, before.json["status"], before.json["id"], before.json["found_at"]) == (
        1,
        "unknown",
        None,
        None,
    )
    assert before.json["because"] == "created later"
    assert told("scale --json account/21070000000000001").json["id"] == "1"
    assert "Mastery" in told("scale Account/1").out
    assert told("method Account/1").code == 1


def test_a_deleted_scale_is_none(run: Shell, tmp_path: Path) -> None:
    """It says that there was one."""
    run(
        "replay",
        log_of(tmp_path, scale("2024-01-01T00:00:00Z"), scale("2024-02-01T00:00:00Z", workflow_state="deleted")),
    )
    assert run("scale --json Account/1 --on 2024-01-15").json["status"] == "active"
    answer = run("scale --json Account/1 --on 2024-02-15").json
    assert (answer["status"], answer["because"]) == ("unknown", "deleted")


def test_digest_and_head_hash(told: Shell) -> None:
    """The hex alone, or with what it rests on."""
    with projector.open(told.store) as p:
        digest, head = p.digest(), p.head_hash()
    assert told("digest").out == f"{digest}\n"
    assert told("digest --json").json == {"digest": digest, "rules": projector.RULES}
    assert told("digest --log").out == f"{head}\n"
    assert told("digest --log --json").json == {"head_hash": head}
    assert told("digest --as-of 2019-01-01").out != told("digest").out


def test_a_log_is_exported_and_restored(told: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same hashes, into an empty store only."""
    file = tmp_path / "log.out"
    assert told("export --log", file).out == f"Wrote 10 events to {file}.\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(json.loads(file.read_text().splitlines()[0])) == ["recorded_at", "source", "metadata", "body"]
    assert told("export --log -").out == file.read_text()
    other = Shell(tmp_path / "other.db", capsys)
    assert other("replay --keep-recorded-at", file).code == 0
    for question in ("digest", "digest --log", "export --log -"):
        assert other(question).out == told(question).out
    refused = other("replay --keep-recorded-at", file)
    assert refused.code == 2
    assert "empty store" in refused.err


def test_quarantine_is_listed_and_retried(run: Shell, tmp_path: Path) -> None:
    """With places and reasons; strict replays exit 1."""
    log = log_of(tmp_path, b"{", outcome("A"), b'{"metadata":{"event_name":"outcome_merged"}}', b"\xff\xfe")
    assert run("replay --strict", log).code == 1
    assert run("replay", log).code == 0
    lines = [json.loads(line) for line in run("quarantine list --json").out.splitlines()]
    assert [list(line) for line in lines[:2]] == [["source", "position", "reason", "seen_at", "raw"]] * 2
    assert [(line["position"], line.get("raw"), line.get("raw_base64")) for line in lines] == [
        (1, "{", None),
        (3, '{"metadata":{"event_name":"outcome_merged"}}', None),
        (4, None, "//4="),
    ]
    assert "unknown event outcome_merged" in run("quarantine list").out
    retried = run("quarantine retry --json").json
    assert [retried[name] for name in COUNTS[:5]] == [3, 0, 0, 0, 3]


def test_damage_in_a_source_is_told(run: Shell, tmp_path: Path) -> None:
    """What was readable is stored, the rest reported, exit 1."""
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(
        gzip.compress(b"\n".join(map(write_json, map(outcome, map(os.urandom(9).hex().__add__, "abc" * 900)))))[:-9]
    )
    ran = run("replay", path)
    assert ran.code == 1
    assert "cut short or damaged" in ran.err
    assert not ran.out.startswith("Read 0")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("show", 2, "requires an argument"),
        ("show outcome", 2, "requires an argument"),
        ("show thing 1", 2, "the kinds are outcome, group"),
        ("show outcome 1 --as-of yesterday", 2, "is no instant"),
        ("show outcome 1 --as-of 2020-13-01", 2, "is no instant"),
        ("show outcome 1 --known-at never", 2, "is no instant"),
        ("show outcome 1 --tz Mars/Olympus", 2, "no time zone is called"),
        ("show outcome 1 --as-of 2018-02-17T23:30:00 --tz America/Sao_Paulo", 2, "twice"),
        ("show outcome 1 --as-of 2018-11-04T00:30:00 --tz America/Sao_Paulo", 2, "never"),
        ("scale Planet/1", 2, "write Account/1 or Course/565"),
        ("scale Account/", 2, "write Account/1 or Course/565"),
        ("fly", 2, "fly"),
        ("show outcome 1 --frob", 2, "--frob"),
        ("replay", 2, "name at least one file"),
        ("replay /no/such/file", 2, "/no/such/file cannot be read"),
        ("export", 2, "--log"),
        ("export --log /no/such/folder/x", 2, "cannot be written"),
    ],
)
def test_bad_usage_exits_with_two_and_a_sentence(told: Shell, line: str, code: int, said: str) -> None:
    """Never a traceback."""
    ran = told(line)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert ran.err.startswith("projector: ")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("line", ["show outcome 1", "list outcome", "digest", "history outcome 1", "scale Account/1"])
def test_without_a_store_the_exit_is_three(run: Shell, line: str) -> None:
    """It says how to make one, and makes none."""
    ran = run(line)
    assert ran.code == 3
    assert "make one with: projector replay PATH" in ran.err
    assert not run.store.exists()


def test_a_place_that_can_be_no_store_exits_with_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder, and a file that is no database."""
    words = tmp_path / "words.db"
    words.write_text("only words, again and again, and no header of a database anywhere in sight of anybody " * 3)
    for place, said in ((tmp_path, "is a folder"), (words, "is no database")):
        for line in ("show outcome 1", "replay /dev/null"):
            ran = Shell(place, capsys)(line)
            assert ran.code == 3
            assert said in ran.err


def test_several_institutions_must_be_named(run: Shell, tmp_path: Path) -> None:
    """The message lists them; the digest is of all."""
    run(
        "replay",
        log_of(
            tmp_path,
            outcome("A"),
            reported(
                "learning_outcome_created",
                {"learning_outcome_id": "1"},
                root_account_uuid="Other",
                root_account_id="21080000000000001",
            ),
        ),
    )
    ran = run("show outcome 1")
    assert ran.code == 2
    assert "Other" in ran.err
    assert run("show --json outcome 1 --tenant Other").json["tenant"] == "Other"
    assert run("show --json outcome 1 --tenant 2108~1").json["tenant"] == "Other"
    assert run("digest").code == 0


def test_times_are_printed_in_the_readers_zone(told: Shell) -> None:
    """And dates are read in it."""
    shown = told("show outcome 12345 --as-of 2019-11-05 --tz America/Denver").out
    assert "2019-11-05 03:03:37.526 -07:00" in shown
    assert "2019-11-05 23:59:59.999999 -07:00" in shown
    answer = told("show --json outcome 12345 --as-of 2019-11-05 --tz America/Denver").json
    assert answer["basis"]["as_of"] == "2019-11-06T06:59:59.999999Z"


def test_the_last_instant_there_is_can_be_shown(run: Shell, tmp_path: Path) -> None:
    """In a zone where it is a day later."""
    run("replay", log_of(tmp_path, outcome("Last", "9999-12-31T23:59:59Z")))
    assert "9999-12-31 23:59:59 UTC" in run("show outcome 12345 --tz Asia/Tokyo").out


def test_nothing_from_canvas_can_steer_the_terminal(run: Shell, tmp_path: Path) -> None:
    """Escapes are shown, markup is text, tags are left out."""
    title = "\x1b[31mred\x07 [bold]Cells[/bold] \u202e"
    run("replay", log_of(tmp_path, outcome(title, description="<b>grow</b> &amp; <i>divide</i>")))
    for line in ("show outcome 12345", "list outcome", "history outcome 12345"):
        out = run(line).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "\\x1b[31mred\\x07 [bold]Cells[/bold]" in out
    assert "grow & divide" in run("show outcome 12345").out


def test_warnings_name_their_first_place(run: Shell, tmp_path: Path) -> None:
    """Counted, on stderr."""
    events = [outcome("A"), outcome("B", colour=1), outcome("C", colour=2)]
    ran = run("replay", log_of(tmp_path, *events, {"metadata": {"event_name": "user_created"}}))
    assert "unknown field body.colour of outcome (2 times, first at " in ran.err
    assert "log.jsonl:2)" in ran.err
    assert "ignored, of other families: user_created 1" in ran.err


def test_standard_input_and_the_environment(run: Shell, seed: Path, tmp_path: Path) -> None:
    """As in a pipeline; the store by variable."""
    env = {**os.environ, "PROJECTOR_STORE": str(tmp_path / "env.db")}
    command = [sys.executable, "-m", "projector"]
    ran = subprocess.run([*command, "replay", "-"], input=seed.read_bytes(), env=env, capture_output=True, check=True)
    assert ran.stdout.startswith(b"Read 10 events: 10 appended")
    shown = subprocess.run([*command, "list", "group", "--json"], env=env, capture_output=True, check=True)
    assert json.loads(shown.stdout)["id"] == "75033"
    help = subprocess.run([*command, "--help"], capture_output=True, check=True).stdout.decode()
    assert all(name in help for name in ("replay", "show", "history", "list", "scale", "digest", "quarantine", "demo"))
    assert "Exit codes" in help


def test_a_reader_that_has_read_enough_is_no_error(told: Shell) -> None:
    """As in `projector list … | head -1`."""
    command = f"{sys.executable} -m projector history outcome 12345 --json --store {told.store} | head -c 1"
    ran = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True)
    assert (ran.stdout, ran.stderr, ran.returncode) == (b"[", b"", 0)


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that takes seconds."""
    path = tmp_path_factory.mktemp("log") / "term.jsonl"
    path.write_bytes(b"\n".join(term()))
    return path


def test_ctrl_c_ends_after_the_batch(tmp_path: Path, long_log: Path) -> None:
    """It says what is stored, and the same command goes on."""
    store = tmp_path / "s.db"
    command = [sys.executable, "-m", "projector", "replay", str(long_log), "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wal = store.with_name("s.db-wal")
    while not wal.exists() or wal.stat().st_size < 500_000:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped as asked; what was read is stored" in err
    assert "Traceback" not in err
    with projector.open(store) as p:
        stored = p.store.pin().position
    assert 0 < stored < 22_000
    assert f"{stored:,} appended" in out


def on_a_terminal(*words: object) -> tuple[bytes, bytes]:
    """What a command writes to stdout, and what a terminal sees of its stderr."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "projector", *map(str, words)]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=env)
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    assert process.stdout is not None
    out = process.stdout.read()
    process.stdout.close()
    assert process.wait() == 0
    return out, seen


def test_a_terminal_sees_progress(tmp_path: Path, long_log: Path) -> None:
    """A bar with events a second on stderr, none on stdout."""
    out, seen = on_a_terminal("replay", long_log, "--store", tmp_path / "s.db")
    assert b"a second" in seen
    assert b"%" in seen
    assert out.startswith(b"Read 22,")
    assert out.count(b"\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("command", "doing"), [("verify", b"events checked"), ("rebuild", b"events derived")])
def test_a_terminal_sees_how_far_the_upkeep_is(tmp_path: Path, long_log: Path, command: str, doing: bytes) -> None:
    """How many events of how many."""
    store = tmp_path / "s.db"
    on_a_terminal("replay", long_log, "--store", store)
    out, seen = on_a_terminal(command, "--store", store)
    assert doing in seen
    assert b"22,11" in out or b"22,13" in out
    assert doing not in out


def test_a_store_by_older_rules_is_derived_anew_before_ones_eyes(tmp_path: Path, long_log: Path) -> None:
    """Whatever opens it for writing shows how far that is, and says so afterwards."""
    store = tmp_path / "s.db"
    on_a_terminal("replay", long_log, "--store", store)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE derivation SET rules = 1")
    _, seen = on_a_terminal("settings", "account_level_mastery_scales", "on", "--store", store)
    assert b"events derived anew" in seen
    assert b"0 aggregates have other events now" in seen


def test_the_demo_tells_its_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One screen; a second run starts afresh, and other files are left alone."""
    folder = tmp_path / "demo"
    assert main(["demo", "--dir", str(folder)]) == 0
    first = capsys.readouterr().out
    counts = first.splitlines()[1].split(";")[0].strip()
    shown = (FIXTURES.parent / "README.md").read_text(encoding="utf-8")
    assert counts in shown, "the README shows what the demo prints"
    assert "Distinguished" in first
    assert "◄ mastery" in first
    assert "Outcome 304: 5 versions" in first
    assert len(first.splitlines()) <= 60
    for line in [line.strip() for line in first.splitlines() if line.startswith("  projector ")]:
        assert main(line.split()[1:]) == 0, line
    capsys.readouterr()
    (folder / "mine.txt").write_text("mine")
    assert main(["demo", "--dir", str(folder)]) == 2
    assert (folder / "mine.txt").read_text() == "mine"
    (folder / "mine.txt").unlink()
    assert main(["demo", "--dir", str(folder)]) == 0


def test_a_result_that_was_continued(run: Shell, tmp_path: Path) -> None:
    """It names its successor, leaves the list, and says so to people."""
    old = result(user_uuid="Ada")
    new = result("2024-05-01T10:00:00Z", verb="updated", user_uuid="Ada", id="77")
    run("replay", log_of(tmp_path, old, new))
    ids = [json.loads(line)["id"] for line in run("list result --json").out.splitlines()]
    assert ids == ["77"]
    (guessed,) = [json.loads(line) for line in run("list result --json --as-of 2024-04-01").out.splitlines()]
    assert guessed["continued_by"] is None
    answer = run("show result", guessed["id"]).out
    assert "continued by result 77" in answer


@pytest.mark.parametrize(
    ("kind", "id", "words"),
    [
        ("outcome", "12345", ["Cells", "decaying average, the newest counts 65 %", "◄ mastery"]),
        ("group", "75033", ["Biology", "Within group"]),
        ("link", "5001", ["In group", "75033"]),
        ("result", "90017", ["LearnerUuid", "75 %", "2024-09-03 12:29:59 UTC", "RubricAssessment/77"]),
        ("scale", "9", ["Secure", "◄ mastery"]),
        ("method", "3", ["mastered 3 times"]),
        ("description", "4", ["You can name the parts of a cell."]),
        ("assessment", "77", ["Submission/7701", "2024-09-02 20:11:00 UTC"]),
        ("course", "565", ["Cell Biology", "In account"]),
        ("account", "79", ["Faculty of Science", "Within account"]),
    ],
)
def test_every_kind_has_its_card_and_its_row(run: Shell, kind: str, id: str, words: list[str]) -> None:
    """In words a person knows."""
    run("replay", FIXTURES / "events")
    card = run(f"show {kind} {id}")
    assert card.code == 0
    assert all(word in card.out for word in words), card.out
    assert id in run(f"list {kind}").out
    assert f"{id}: " in run(f"history {kind} {id}").out
    assert '"event_name"' in run(f"why {kind} {id} --raw").out.replace("\n", "")


def test_lines_that_are_no_log_are_refused_at_a_restore(told: Shell, tmp_path: Path) -> None:
    """Kept with their reasons; the rest is restored."""
    lines = told("export --log -").out.splitlines()
    unstamped = json.dumps(outcome("A"))
    back = json.dumps(json.loads(lines[0]) | {"recorded_at": "2001-01-01T00:00:00Z"})
    log = tmp_path / "mixed.jsonl"
    log.write_text("\n".join([*lines[:9], "{", unstamped, back, lines[9]]) + "\n")
    told.store = tmp_path / "restored.db"
    ran = told("replay --keep-recorded-at --json", log)
    assert [ran.json[name] for name in COUNTS[:5]] == [13, 10, 0, 0, 3]
    reasons = [json.loads(line)["reason"] for line in told("quarantine list --json").out.splitlines()]
    assert reasons == [
        "not JSON: Input data was truncated",
        "not a line of an exported log: recorded_at or source is missing",
        "recorded_at does not rise: the lines of an exported log stand in its order",
    ]
