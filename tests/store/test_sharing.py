"""Callers that wait at the same time share a commit; each gets its own answer or error."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier, Thread
from time import sleep

import pytest

import projector
from projector.domain.errors import StoreError
from projector.store.log import sharing
from projector.store.log.sharing import SharedCommits
from tests.builders import outcome


def _call_all(commits: SharedCommits[int, int], requests: Sequence[int]) -> dict[int, int | BaseException]:
    """What each of several requests, submitted at once, is answered or raises."""
    found: dict[int, int | BaseException] = {}
    barrier = Barrier(len(requests))

    def call(request: int) -> None:
        barrier.wait()
        try:
            found[request] = commits.submit(request)
        except BaseException as error:
            found[request] = error

    threads = [Thread(target=call, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_callers_that_wait_share_a_commit() -> None:
    """While one is being made, the others gather."""
    groups: list[list[int]] = []

    def commit(requests: Sequence[int]) -> list[int]:
        groups.append(list(requests))
        sleep(0.05)
        return [2 * request for request in requests]

    commits = SharedCommits(commit)
    assert _call_all(commits, range(20)) == {request: 2 * request for request in range(20)}
    assert len(groups) < 10
    assert sorted(request for group in groups for request in group) == list(range(20))


def test_one_caller_waits_for_nobody() -> None:
    """Each of its requests is a commit of its own."""
    groups: list[int] = []

    def commit(requests: Sequence[int]) -> Sequence[int]:
        groups.append(len(requests))
        return requests

    commits = SharedCommits(commit)
    assert [commits.submit(number) for number in range(5)] == list(range(5))
    assert groups == [1] * 5


def test_an_error_is_its_own_request_s() -> None:
    """The others are committed all the same."""

    def commit(requests: Sequence[int]) -> list[int]:
        sleep(0.02)
        if 3 in requests:
            raise ValueError("three")
        return list(requests)

    found = _call_all(SharedCommits(commit), range(8))
    assert isinstance(found.pop(3), ValueError)
    assert found == {request: request for request in range(8) if request != 3}


def test_a_store_that_cannot_be_used_fails_them_all() -> None:
    """It is tried once, not once for each: a lock may be waited for long."""
    tried: list[int] = []

    def commit(requests: Sequence[int]) -> list[int]:
        tried.append(len(requests))
        sleep(0.02)
        raise StoreError("locked")

    found = _call_all(SharedCommits(commit), range(8))
    assert {str(error) for error in found.values()} == {"locked"}
    assert len(tried) < 8


def test_others_go_on_where_a_leader_is_interrupted() -> None:
    """Its own request is not done; theirs are."""
    seen: list[int] = []

    def commit(requests: Sequence[int]) -> list[int]:
        seen.append(len(requests))
        sleep(0.05)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return list(requests)

    found = _call_all(SharedCommits(commit), range(12))
    interrupted = [request for request, answer in found.items() if isinstance(answer, KeyboardInterrupt)]
    assert len(interrupted) == 1
    assert all(answer == request for request, answer in found.items() if request not in interrupted)
    assert len(found) == 12


def test_a_caller_that_is_interrupted_while_it_waits_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where it was to commit next, nor later."""
    waited: list[int] = []

    def wait(caller: sharing._Caller[int, int]) -> None:
        caller._waits.acquire()
        waited.append(caller.request)
        if len(waited) == 1:
            raise KeyboardInterrupt

    def commit(requests: Sequence[int]) -> Sequence[int]:
        sleep(0.05)
        return requests

    monkeypatch.setattr(sharing._Caller, "wait", wait)
    commits = SharedCommits(commit)
    found = _call_all(commits, range(12))
    assert sum(isinstance(answer, KeyboardInterrupt) for answer in found.values()) == 1
    assert len(found) == 12
    assert commits.submit(99) == 99


@pytest.mark.parametrize("url", [":memory:", "file"])
def test_threads_that_append_get_their_own_receipts(url: str, tmp_path: object) -> None:
    """Also where two of them append the same event; and the store is sound."""
    events = [outcome(f"Cells {number}", id=str(number)) for number in range(60)]
    reports: list[tuple[int, int]] = []
    with projector.open(url if url == ":memory:" else f"{tmp_path}/s.db") as p:

        def append(own: Sequence[projector.Event]) -> None:
            for event in own:
                report = p.append(event)  # type: ignore[arg-type]
                reports.append((report.appended, report.duplicates))

        threads = [Thread(target=append, args=(events[part::6],)) for part in range(6)] * 1
        threads += [Thread(target=append, args=(events[part::6],)) for part in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(appended for appended, _ in reports) == 60
        assert sum(duplicates for _, duplicates in reports) == 60
        assert p.verify().damage is None
        assert p.store.log.head().position == 60
