"""A server that is killed, or asked to end, under load: what was answered is stored; and a store that is locked."""

from __future__ import annotations

import json
import random
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread

import httpx
import pytest
from attrs import define, field

import projector
from tests.builders import outcome
from tests.endurance.running import run
from tests.serve.http.running import Running, serving
from tests.serve.http.sockets import log_of

CONNECTIONS = 8
ROUNDS = 10


def event_of(number: int) -> dict[str, object]:
    """An event with an id of its own."""
    return outcome(f"Outcome {number}", id=str(number))


@define
class Load:
    """Connections that post one event or an array at a time, until they are told to end or are cut.

    ``answered`` are the numbers of events that were answered 2xx; ``sent`` all that were posted; ``unclear`` counts
    posts that got no answer on a connection that was accepted.
    """

    server: Running
    first: int
    answered: set[int] = field(factory=set)
    sent: set[int] = field(factory=set)
    refused: list[int] = field(factory=list)
    unclear: list[str] = field(factory=list)
    _ended: Flag = field(factory=Flag)
    _lock: Lock = field(factory=Lock)
    _threads: list[Thread] = field(factory=list)

    def start(self) -> None:
        """Begin to post."""
        for place in range(CONNECTIONS):
            self._threads.append(Thread(target=self._post, args=(self.first + place * 1_000_000,)))
            self._threads[-1].start()

    def end(self) -> None:
        """No longer post."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _post(self, number: int) -> None:
        size = 1
        with self.server.client() as client:
            while not self._ended.is_set():
                numbers = range(number, number + size)
                events = [event_of(one) for one in numbers]
                with self._lock:
                    self.sent.update(numbers)
                try:
                    answer = client.post("/v1/events", content=json.dumps(events if size > 1 else events[0]))
                except httpx.ConnectError:
                    return
                except httpx.TransportError as error:
                    with self._lock:
                        self.unclear.append(type(error).__name__)
                    return
                with self._lock:
                    if answer.is_success:
                        self.answered.update(numbers)
                    else:
                        self.refused.append(answer.status_code)
                number, size = number + size, 20 if size == 1 else 1


def stored(store: Path) -> set[int]:
    """The numbers of the events of a store."""
    with projector.open(store) as p:
        return {int(version.id) for version in p.now().all("outcome")}


def sent_again(server: Running, numbers: set[int], before: set[int]) -> None:
    """Post everything once more: what is there changes nothing, and is counted."""
    with server.client() as client:
        rest = sorted(numbers)
        for start in range(0, len(rest), 1000):
            some = rest[start : start + 1000]
            report = client.post("/v1/events", content=json.dumps([event_of(one) for one in some])).json()
            assert report["duplicates"] == len(before.intersection(some))
            assert report["appended"] == len(some) - report["duplicates"]


@pytest.mark.slow
def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    """Ten times, each at a moment that nobody chose; redelivery changes nothing."""
    seed, store = random.randrange(10**9), tmp_path / "store.db"
    print(f"seed {seed}")
    chance, answered, sent = random.Random(seed), set[int](), set[int]()
    for number in range(ROUNDS):
        with serving(store) as server:
            load = Load(server, first=number * 10_000_000 + 1)
            load.start()
            time.sleep(chance.uniform(0.05, 1.5))
            server.kill()
            load.end()
        answered |= load.answered
        sent |= load.sent
        assert answered <= stored(store) <= sent
    assert len(answered) > 100
    before = stored(store)
    with serving(store) as server:
        sent_again(server, sent, before)
        assert server.end() == 0
    assert stored(store) == sent
    checked = run("verify", "--store", store)
    assert checked.code == 0, checked


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.3, 0.7, 1.3])
def test_a_server_that_is_asked_to_end_answers_what_it_accepted(tmp_path: Path, after: float) -> None:
    """No post is cut without an answer; everything that was answered is stored."""
    store = tmp_path / "store.db"
    with serving(store) as server:
        load = Load(server, first=1)
        load.start()
        time.sleep(after)
        code = server.end()
        load.end()
        lines = log_of(server)
    assert code == 0
    assert load.answered
    assert not load.refused
    assert load.answered <= stored(store) <= load.sent
    assert not [line for line in lines if line["event"] == "error"]
    print(load.unclear)
    cut = stored(store) - load.answered
    assert not cut, load.unclear  # stored, but its sender was not told
    assert run("verify", "--store", store).code == 0


@contextmanager
def locked(store: Path) -> Iterator[sqlite3.Connection]:
    """The lock that lets one write, held by another process's connection until it is rolled back."""
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.mark.slow
def test_posts_to_a_locked_store_are_refused_in_time(tmp_path: Path) -> None:
    """503 within the ten seconds that are promised, then at once; questions are answered; then all works again."""
    store = tmp_path / "store.db"
    with serving(store) as server, ThreadPoolExecutor(12) as pool:
        assert server.post(json.dumps(event_of(1)).encode()).status_code == 200

        def post(number: int) -> tuple[int, float, str | None]:
            began = time.monotonic()
            answer = server.post(json.dumps(event_of(number)).encode())
            return answer.status_code, time.monotonic() - began, answer.headers.get("retry-after")

        with locked(store) as connection:
            first = [pool.submit(post, number) for number in range(2, 8)]
            time.sleep(4)
            for number in range(8, 12):
                status, seconds, later = post(number)
                assert (status, later is not None) == (503, True)
                assert seconds < 1
            asked = time.monotonic()
            assert server.get("/v1/outcomes/1").status_code == 200
            assert server.get("/v1/health").status_code == 503
            assert time.monotonic() - asked < 2
            for future in first:
                status, seconds, later = future.result()
                assert (status, later is not None) == (503, True)
                assert 1 < seconds < 11.5
            time.sleep(1)
            connection.execute("ROLLBACK")
        due = time.monotonic() + 40
        while post(2)[0] != 200:
            assert time.monotonic() < due
            time.sleep(0.2)
        assert {post(number)[0] for number in range(2, 12)} == {200}
        assert server.get("/v1/health").status_code == 200
        assert server.end() == 0
    assert stored(store) == set(range(1, 12))
    with projector.open(store) as p:
        assert all(len(p.history("outcome", str(number))) == 1 for number in range(1, 12))
        assert p.verify().damage is None


def test_a_connection_that_is_kept_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """Idle ones are closed."""
    with serving(tmp_path / "store.db") as server, server.client() as client:
        assert client.get("/v1/health").status_code == 200
        with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2]))):
            began = time.monotonic()
            assert server.end() == 0
            assert time.monotonic() - began < 5
