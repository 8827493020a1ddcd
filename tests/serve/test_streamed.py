"""Streams and iterables of which much comes: another process decodes them, and nothing else is different."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import projector
from projector.domain.canonical import write_json
from projector.domain.errors import MissingInput
from projector.serve import batches
from projector.serve.demo.college import term
from projector.wire import process
from projector.wire.process import ProcessEnded
from tests.builders import Clock, outcome
from tests.conftest import FIXTURES
from tests.endurance.running import COMMAND
from tests.wire.inputs import PNG, tar_of, written, zip_of

WRAPPED = (FIXTURES / "wrappers" / "lambda-batch.json").read_bytes().strip()
BEYOND_A_DOUBLE = b'{"metadata":{"event_name":"learning_outcome_created"},"body":{"points":1e999}}'
NOISE = [
    *(b"{broken", b"\xff", b"", b"[]", b"42", BEYOND_A_DOUBLE, WRAPPED),
    *(b'{"metadata":{"event_name":"user_created"}}', write_json(outcome("odd", odd=1))),
    *(b"[" + write_json(outcome("in an array", id="7")), b"," + write_json(outcome("too", id="8")) + b"]"),
]
LINES = [*NOISE, *list(term())[:1200], *NOISE, *list(term())[1200:1300], *NOISE]
LOG = b"\n".join(LINES)
LONG = [write_json(outcome(f"Cells {number} {'of a long title' * 50}", id=str(number))) for number in range(9000)]
SOON = 30.0  # seconds, on a machine that does much else


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started from now on, which pays for little already."""
    found: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            found.append(self)

    monkeypatch.setattr("projector.wire.process.subprocess.Popen", Noted)
    monkeypatch.setattr(process, "WORTHWHILE", 2**18)
    return found


def taken(source: Any, name: str) -> tuple[Any, ...]:
    """The report, the log and the quarantine of a replay into a new store, without what its source is called."""
    with projector.open(":memory:", clock=Clock()) as p:
        report = p.replay(source)
        counts = (report.read, report.appended, report.duplicates, report.quarantined, report.ignored_names)
        where = [(str(one.source).replace(name, "*"), one.position, one.text, one.count) for one in report.warnings]
        others = ["*" + text.removeprefix(name) for text in report.damaged]
        left = [(one.path.replace(name, "*"), one.reason) for one in report.left_out]
        sources = [json.loads(line)["source"].replace(name, "*") for line in p.log_lines()]
        kept = [(one.source.replace(name, "*"), one.position, one.reason, one.raw) for one in p.quarantined()]
        assert p.verify().damage is None
        return counts, where, others, left, sources, kept, p.digest()


def here(source: Any, name: str) -> tuple[Any, ...]:
    """The same, decoded by this process alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "can_start", lambda: False)
        return taken(source, name)


# the same, wherever it is decoded

SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "tar": lambda log: tar_of({"a.jsonl": log, "b.png": PNG, "c.jsonl": LOG[:5000]}),
    "zip": lambda log: zip_of({"a.jsonl": log, "b.png": PNG, "c.jsonl": LOG[:5000]}),
    "UTF-16": lambda log: log.replace(b"\xff", b"?").decode().encode("utf-16"),
    "cut off": lambda log: gzip.compress(log)[:-1000],
}


@pytest.fixture(params=SHAPES)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A log in every form."""
    return written(tmp_path / "log", SHAPES[request.param](LOG))


@pytest.mark.slow
def test_an_open_file_is_taken_as_its_path_is(log: Path, started: list[Any]) -> None:
    """With all places, and read as far as ever."""
    expected = here(log, str(log))
    with log.open("rb") as file:
        assert here(file, str(log)) == expected
        place = file.tell()
    assert not started
    with log.open("rb") as file:
        assert taken(file, str(log)) == expected
        assert file.tell() == place
    assert len(started) == 1
    assert taken(io.BytesIO(log.read_bytes()), "file") == expected
    assert len(started) == 2


def test_a_pipe_is_taken_as_a_file_is(log: Path, started: list[Any]) -> None:
    """Under its name."""
    expected, pipe = here(log, str(log)), log.with_name("pipe")
    os.mkfifo(pipe)
    with written_beside(pipe, log.read_bytes()):
        assert taken(pipe, str(pipe)) == expected
    assert len(started) == 1


@contextmanager
def written_beside(pipe: Path, data: bytes) -> Iterator[None]:
    writer = threading.Thread(target=pipe.write_bytes, args=(data,), daemon=True)
    writer.start()
    yield
    writer.join(SOON)


def _text(path: Path) -> Any:
    return path.open(encoding="utf-8", errors="surrogateescape")


def _unpacked(path: Path) -> Any:
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return gzip.open(packed)


def _socket(path: Path) -> Any:
    near, far = socket.socketpair()

    def send() -> None:
        with far:
            far.sendall(path.read_bytes())

    threading.Thread(target=send, daemon=True).start()
    with near:
        return near.makefile("rb")


def _begun(path: Path) -> Any:
    """A file a line of which was read, and more of it ahead."""
    file = written(path.with_name("begun"), b"not an event\n" + path.read_bytes()).open("rb", buffering=2**16)
    assert file.readline() == b"not an event\n"
    return file


OPENED: list[Callable[[Path], Any]] = [
    _text,
    _unpacked,
    _socket,
    _begun,
    lambda path: path.open("rb", buffering=0),
    lambda path: path.open("r+b"),
    lambda path: os.popen(f"cat {path}"),
]


@pytest.mark.slow
@pytest.mark.parametrize("opened", OPENED, ids=["text", "gzip", "socket", "begun", "raw", "r+b", "process"])
def test_every_kind_of_open_file(tmp_path: Path, opened: Callable[[Path], Any], started: list[Any]) -> None:
    """What is behind the place that it was read to, in the form that it gives."""
    path = written(tmp_path / "log", LOG.replace(b"\xff", b"?"))
    expected = here(path, str(path))
    with opened(path) as file:
        before = len(started)  # one of them is of `cat`
        name = file.name if isinstance(getattr(file, "name", None), str) else "file"
        assert taken(file, name) == expected
    assert len(started) == before + 1


@pytest.mark.slow
def test_standard_input_is_taken_as_a_file_is(tmp_path: Path) -> None:
    """Through a pipe, by the command; another process decoded."""
    lines = b"\n".join(chain(term(), NOISE))
    log = written(tmp_path / "log", lines)
    program = (
        "import json, projector, resource, sys\n"
        "with projector.open(':memory:') as p:\n"
        "    r = p.replay(sys.argv[1])\n"
        "    kept = [(k.position, k.reason) for k in p.quarantined()]\n"
        "    print(json.dumps([r.read, r.appended, r.quarantined, r.ignored_names, kept, p.digest()]))\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    answers = []
    for name, input in ((str(log), b""), ("-", lines)):
        done = subprocess.run([sys.executable, "-c", program, name], input=input, capture_output=True, check=True)
        found, others = done.stdout.splitlines()
        assert int(others) > 10 * 1024  # KiB
        answers.append(json.loads(found))
    assert answers[0] == answers[1]


def test_elements_are_taken_alike(started: list[Any]) -> None:
    """Mappings, text and bytes, refused ones and several texts in one, each at its place."""

    def elements() -> Iterator[Any]:
        for number, line in enumerate(LINES):
            if line.startswith(b'{"') and number % 3:
                yield json.loads(line)
            yield line if number % 2 or line == b"\xff" else line.decode()
        yield from ({"a": float("nan")}, 7, "", b"1\n2", WRAPPED)

    expected = here(elements(), "python")
    assert not started
    assert taken(elements(), "python") == expected
    assert len(started) == 1
    assert taken(list(elements()), "python") == expected


def test_a_store_that_was_filled_before_knows_the_same_events(started: list[Any], p: projector.Projector) -> None:
    """Its dictionaries are those that its events are packed with."""
    for _ in range(2):
        p.replay(iter(LINES))
    assert len(started) == 2
    assert p.replay(io.BytesIO(LOG)).appended == 0
    assert p.verify().damage is None


def test_a_file_behind_a_pipe_is_remembered_as_read(tmp_path: Path, started: list[Any]) -> None:
    """Also where another process decoded it."""
    pipe, log = tmp_path / "pipe", written(tmp_path / "log.jsonl", write_json(outcome("Cells")) + b"\n")
    os.mkfifo(pipe)
    with written_beside(pipe, LOG), projector.open(":memory:") as p:
        report = p.replay_paths([pipe, log])
        assert [json.loads(line)["source"] for line in p.log_lines()][-1] == str(log)
    assert (report.damaged, len(started)) == ((), 1)


# when another process is started


@pytest.mark.parametrize("size", [0, 1, 40])
def test_little_needs_no_other_process(tmp_path: Path, started: list[Any], size: int) -> None:
    """Whatever it comes from."""
    lines = LINES[len(NOISE) :][:size]
    path, pipe = written(tmp_path / "log", b"\n".join(lines)), tmp_path / "pipe"
    os.mkfifo(pipe)
    with written_beside(pipe, path.read_bytes()), projector.open(":memory:") as p:
        assert p.replay(pipe).read == size
        assert p.replay(io.BytesIO(path.read_bytes())).read == size
        assert p.replay(iter(lines)).read == size
    assert not started


def test_one_large_element_needs_no_other_process(started: list[Any]) -> None:
    """Nothing is left to be decoded behind it."""
    with projector.open(":memory:") as p:
        assert p.append([write_json(outcome("x" * 2**20))]).appended == 1
    assert not started


def test_who_gives_events_slowly_needs_no_other_process(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """However many they become."""
    monkeypatch.setattr("projector.wire.streamed._SOON", 0.0)
    with projector.open(":memory:") as p:
        assert p.replay(iter(LINES)).read > 1300
    assert not started


# what goes wrong


def test_what_an_iterable_raises_is_raised(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Itself, in the thread of the caller, which alone iterates; behind the events that came before."""
    monkeypatch.setattr(batches, "MOST_EVENTS", 100)
    failure, threads = RuntimeError("no more"), set[int]()

    def elements() -> Iterator[bytes]:
        for line in LINES[len(NOISE) : len(NOISE) + 1000]:
            threads.add(threading.get_ident())
            yield line
        raise failure

    with projector.open(":memory:") as p:
        with pytest.raises(RuntimeError) as raised:
            p.replay(elements())
        assert raised.value is failure
        assert 500 < len(list(p.log_lines())) <= 1000
        assert p.verify().damage is None
    assert threads == {threading.get_ident()}
    assert len(started) == 1
    assert started[0].returncode is not None


class Breaking(io.BytesIO):
    """An open file that cannot be read to its end."""

    def read1(self, size: int | None = -1, /) -> bytes:
        if self.tell() > len(LOG) * 3 // 4:
            raise OSError(5, "Input/output error")
        return super().read1(size)


def test_a_stream_that_breaks_off_says_so(started: list[Any]) -> None:
    """What came before is stored."""
    expected = here(Breaking(LOG), "file")
    assert expected[2] == ["*: cannot be read: Input/output error; what was read before is stored"]
    assert taken(Breaking(LOG), "file") == expected
    assert len(started) == 1


def test_a_pipe_of_a_form_that_is_not_read_is_said(tmp_path: Path, started: list[Any]) -> None:
    """Also where it comes behind much that was read."""
    pipe, other = tmp_path / "pipe", tmp_path / "other"
    os.mkfifo(pipe)
    os.mkfifo(other)
    packed = (FIXTURES / "files" / "refused" / "archive.7z").read_bytes()
    writing = written_beside(pipe, LOG), written_beside(other, packed)
    with writing[0], writing[1], projector.open(":memory:") as p, pytest.raises(MissingInput, match="a 7z archive"):
        p.replay_paths([pipe, other])
    assert len(started) == 1


def test_a_process_that_is_killed_is_said(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed is stored, and the rest can be replayed."""
    monkeypatch.setattr(batches, "MOST_EVENTS", 100)

    def elements() -> Iterator[bytes]:
        for number, line in enumerate(LINES * 3):
            if started and number > 1500:
                started[0].kill()
            yield line

    with projector.open(":memory:") as p:
        with pytest.raises(ProcessEnded, match="run the same command again"):
            p.replay(elements())
        assert list(p.log_lines())
        assert p.verify().damage is None
        assert p.replay(io.BytesIO(LOG)).read > 1300


def test_a_replay_can_be_stopped(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is left behind."""
    monkeypatch.setattr(batches, "MOST_EVENTS", 100)

    def endless() -> Iterator[bytes]:
        while True:
            yield from LINES

    with projector.open(":memory:") as p:
        report = p.replay(endless(), should_stop=lambda: bool(started))
        assert report.interrupted
        assert report.read == len(list(p.log_lines())) + report.duplicates + report.quarantined + report.ignored
    assert len(started) == 1
    assert started[0].returncode is not None


# pipes that are silent


def test_what_came_is_committed_while_a_pipe_is_silent(tmp_path: Path, started: list[Any]) -> None:
    """Behind much that another process decodes; then it goes on."""
    pipe, store, waited = tmp_path / "pipe", tmp_path / "s.db", list[int]()
    os.mkfifo(pipe)
    *lines, more = LONG[:1000]

    def write() -> None:
        with pipe.open("wb", buffering=0) as file:
            file.write(b"\n".join(lines) + b"\n")
            waited.append(_stored(store, len(lines)))
            file.write(more + b"\n")
            waited.append(_stored(store, len(lines) + 1))

    writer = threading.Thread(target=write, daemon=True)
    with projector.open(store) as p:
        writer.start()
        assert p.replay(pipe).appended == len(lines) + 1
    writer.join(SOON)
    assert waited == [len(lines), len(lines) + 1]
    assert len(started) == 1


def _stored(store: Path, count: int) -> int:
    """How many events are stored, as soon as there are so many."""
    ends, found = time.monotonic() + SOON, 0
    while found < count and time.monotonic() < ends:
        time.sleep(0.05)
        with projector.open(store, read_only=True) as p:
            found = p.store.pin().position
    return found


def test_events_that_are_given_slowly_are_committed(tmp_path: Path) -> None:
    """Before two thousand have come."""
    store, found = tmp_path / "s.db", list[int]()

    def elements() -> Iterator[bytes]:
        ends = time.monotonic() + SOON
        for number in range(10_000):
            yield write_json(outcome(f"Cells {number}", id=str(number)))
            time.sleep(0.1)
            with projector.open(store, read_only=True) as p:
                found.append(p.store.pin().position)
            if found[-1] or time.monotonic() > ends:
                return

    with projector.open(store) as p:
        p.replay(elements())
    assert found[-1] > 0


@pytest.mark.parametrize("name", ["-", "pipe"])
def test_ctrl_c_ends_it_soon(tmp_path: Path, name: str) -> None:
    """Where a pipe gave much and is silent; what came before is stored."""
    pipe, store = tmp_path / "pipe", tmp_path / "s.db"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    words: list[Any] = [*COMMAND, "replay", "--store", store, "-" if name == "-" else pipe]
    quiet: Any = {"stdin": os.open(pipe, os.O_RDONLY), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, **quiet) as command:
        written_to(held, b"\n".join(LONG) + b"\n")
        assert _stored_once_made(store, len(LONG)) == len(LONG)
        command.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert command.wait(timeout=SOON) == 130
        assert time.monotonic() - began < 2
    os.close(quiet["stdin"])
    os.close(held)


def written_to(number: int, data: bytes) -> None:
    """Write all of it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(number, rest) :]


def _stored_once_made(store: Path, count: int) -> int:
    ends = time.monotonic() + SOON
    while not store.exists() and time.monotonic() < ends:
        time.sleep(0.05)
    return _stored(store, count)
