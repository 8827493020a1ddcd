"""Files that were read, and dictionaries: both beside the log, each with the batch it came with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.domain.files import FileRead
from projector.store.log.kept import KeptLog
from tests.builders import Clock, outcome, received
from tests.conftest import Stores

PATHS = st.sampled_from(["a.jsonl", "/in/b.json.gz", "\u00fc", "in.zip!c"])
numbers = st.integers(0, 2**63 - 1)
reads = st.builds(
    lambda path, size, modified_at, text: FileRead(
        path=path, size=size, modified_at=modified_at, sha256=sha256(text).digest()
    ),
    PATHS,
    numbers,
    numbers,
    st.binary(max_size=2),
)


@given(st.lists(st.lists(reads, max_size=4), max_size=4))
def test_of_each_path_the_last_reading_counts(store: Stores, arrived: list[list[FileRead]]) -> None:
    """Also of several in one batch; with events or without."""
    with store(clock=Clock()) as p:
        for number, files in enumerate(arrived):
            events = [received(outcome(f"Cells {number}"))] if number % 2 else []
            p.store.log.append(events, "python", files=files)
        last = {file.path: file for files in arrived for file in files}
        assert list(p.store.log.files_read()) == [last[path] for path in sorted(last)]
        assert p.verify().damage is None


def test_files_are_noted_with_the_time_of_their_batch(tmp_path: Path) -> None:
    """Which is that of its events."""
    file = FileRead(path="a", size=1, modified_at=2, sha256=bytes(32))
    with projector.open(tmp_path / "s.db", clock=Clock()) as p:
        receipt = p.store.log.append([received(outcome("Cells"))], "a", files=[file])
    with closing(sqlite3.connect(tmp_path / "s.db")) as connection:
        assert connection.execute("SELECT * FROM file_read").fetchall() == [("a", 1, 2, bytes(32), receipt.recorded_at)]


def test_many_files_are_read_page_by_page(p: projector.Projector) -> None:
    """More than one page of them holds."""
    files = [FileRead(path=f"{n:04}", size=n, modified_at=n, sha256=bytes(32)) for n in range(2500)]
    p.store.log.append([], "python", files=files)
    assert list(p.store.log.files_read()) == files
    assert p.verify().damage is None


def test_a_batch_that_fails_notes_no_file_and_no_dictionary(p: projector.Projector) -> None:
    """They are of one transaction with its events."""
    file = FileRead(path="a", size=2**63, modified_at=2, sha256=bytes(32))  # more than a table can hold
    with pytest.raises(OverflowError):
        p.store.log.append([received(outcome("Cells"))], "a", files=[file], dictionaries=[b"one"])
    assert (list(p.store.log.files_read()), p.store.log.dictionaries(), p.store.log.head().position) == ([], [], 0)
    assert p.verify().damage is None


@given(st.lists(st.lists(st.binary(max_size=2), max_size=4), max_size=4))
def test_each_dictionary_is_kept_once(store: Stores, arrived: list[list[bytes]]) -> None:
    """In the order in which they came, numbered from 1; a number is never given to another one."""
    with store(clock=Clock()) as p:
        for contents in arrived:
            p.store.log.append([], "python", dictionaries=contents)
        expected = list(dict.fromkeys(content for contents in arrived for content in contents))
        assert p.store.log.dictionaries() == expected
        with p.store.log.transaction(commit=False) as cursor:
            kept = KeptLog(cursor)
            for after in range(len(expected) + 1):
                assert kept.dictionaries(after) == list(islice(enumerate(expected, 1), after, None))
        assert p.verify().damage is None
