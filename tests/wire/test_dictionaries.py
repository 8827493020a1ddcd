"""Dictionaries for compressing events: trained on samples from many places, and anew where events change."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import pytest

import projector
from projector.domain.columns import Columns
from projector.domain.events import LiveEvent
from projector.domain.packing import UNTRAINED, Packing, train, unpack
from projector.serve.batches import append_chunks
from projector.wire.chunks import Chunk
from projector.wire.decode import decode
from projector.wire.dictionaries import Dictionaries, sample, trained
from projector.wire.files.survey import File
from tests.builders import Event, outcome

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def _events(count: int, seed: int, style: str) -> list[bytes]:
    """Events of one style: much of each is in all of them, and in none of another style."""
    random = Random(seed)
    words = ["".join(Random(f"{style}{n}").choices(_LETTERS, k=9)) for n in range(60)]
    return [json.dumps(_event(random, words, number)).encode() for number in range(count)]


def _event(random: Random, words: list[str], number: int) -> Event:
    text = " ".join(words[(number + shift) % 60] for shift in range(40))
    return outcome(f"{random.choice(words)} {number}", id=str(number), description=text)


def _packed(packing: Packing, texts: list[bytes]) -> list[bytes]:
    return [packing.pack(bytes(32), text) for text in texts]


def test_a_dictionary_of_their_own_makes_events_smaller() -> None:
    """And they come back as they were."""
    texts = _events(300, 1, "one")
    packing = trained(texts)
    assert packing is not UNTRAINED
    packed = _packed(packing, texts)
    assert sum(map(len, packed)) < 0.8 * sum(map(len, _packed(UNTRAINED, texts)))
    assert [unpack(one)[1] for one in packed] == texts


@pytest.mark.parametrize("packing", [UNTRAINED, trained(_events(300, 1, "one"))], ids=["ours", "trained"])
def test_many_are_packed_as_each_is(packing: Packing) -> None:
    """Also none, and one."""
    texts = _events(50, 2, "two")
    for some in (texts, texts[:1], []):
        assert packing.pack_all([bytes(32)] * len(some), some) == _packed(packing, some)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_of_few_events_none_is_trained(count: int) -> None:
    """There is nothing to be learnt from them."""
    assert train(_events(count, 1, "one")) is None
    assert trained(_events(count, 1, "one")) is UNTRAINED


def test_one_that_fits_is_kept() -> None:
    """For a little less it is not worth another one."""
    before = trained(_events(400, 1, "one"))
    assert trained(_events(400, 2, "one"), before) is before


@pytest.mark.parametrize("later", [False, True])
def test_where_events_change_a_new_one_is_trained(later: bool) -> None:
    """Once, not at each window; also where they are packed later."""
    dictionaries = Dictionaries()
    for style in ("one", "two"):
        for seed in range(40):
            texts = _events(100, seed, style)
            dictionaries.note(texts, texts if later else _packed(dictionaries.packing, texts))
    assert len(dictionaries.new) == 2
    assert dictionaries.packing.dictionary == dictionaries.new[-1]


def test_samples_are_from_many_places(tmp_path: Path) -> None:
    """Not of the beginning alone, and of every file."""
    file, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    file.write_bytes(b"\n".join(b'{"number":%d,"fill":"%s"}' % (n, b"x" * 1000) for n in range(20_000)))
    other.write_bytes(b'{"number":-1}\n{"number":-2}\n')
    files = [File(path=str(one), source=one.name, named=one.name, size=one.stat().st_size) for one in (file, other)]
    numbers = [json.loads(text)["number"] for text in sample(files)]
    assert min(numbers) == -2
    assert len({number // 2000 for number in numbers if number >= 0}) == 10
    assert 200 < len(numbers) < 600


def test_files_that_hold_no_lines_give_no_samples(tmp_path: Path) -> None:
    """Nor do compressed ones."""
    file = tmp_path / "a.bin"
    file.write_bytes(bytes(range(256)) * 100)
    known = File(path=str(file), source="a", named="a", size=25_600)
    assert sample([known]) == []
    assert sample([File(path=str(tmp_path / "gone"), source="a", named="a", size=5)]) == []


def test_a_store_keeps_its_dictionaries(tmp_path: Path) -> None:
    """Whoever opens it later reads what is packed with them; without them a question says what is missing."""
    log, store = tmp_path / "log.jsonl", tmp_path / "s.db"
    log.write_bytes(b"\n".join(_events(6000, 1, "one")))
    with projector.open(store) as p:
        p.replay(log)
        digest, dictionaries = p.digest(), p.store.log.dictionaries()
        assert len(dictionaries) == 1
    ask = "import projector, sys; p = projector.open(sys.argv[1], read_only=True); print(p.digest())"
    assert _run(ask, str(store)) == digest
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DELETE FROM dictionary")
        connection.commit()
    verify = "import projector, sys; p = projector.open(sys.argv[1], read_only=True); print(p.verify().damage)"
    assert "the dictionary that the event at position" in _run(verify, str(store))
    say = (
        "import projector, sys; p = projector.open(sys.argv[1])\n"
        "try: p.digest()\nexcept projector.ProjectorError as e: print(e)"
    )
    assert "the dictionary that an event was compressed with is missing" in _run(say, str(store))


def test_a_dictionary_is_stored_though_its_chunk_holds_no_event(tmp_path: Path) -> None:
    """A log may begin with events of other families, as many as there are: those that follow are read later."""
    texts = _events(300, 1, "one")
    packing = trained(texts)
    assert packing.dictionary is not None
    events = Columns.of(event for text in texts if isinstance(event := decode(text, packing=packing), LiveEvent))
    others = [Chunk(ignored=[("log", "user_created")], count=1) for _ in range(3)]
    others[0].dictionaries = [packing.dictionary]
    with projector.open(tmp_path / "s.db") as p:
        report = append_chunks(p.store.log, [*others, Chunk(events=events, sources=[(0, "log")], count=len(events))])
        assert (report.ignored, report.appended) == (3, len(texts))
        assert p.store.log.dictionaries() == [packing.dictionary]
        digest = p.digest()
    ask = "import projector, sys; p = projector.open(sys.argv[1], read_only=True); print(p.digest())"
    assert _run(ask, str(tmp_path / "s.db")) == digest


def test_a_store_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    """Another one, whose dictionary is asked for, answers; and one that nobody closed is let go."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(_events(6000, 1, "one")))
    with projector.open(tmp_path / "a.db") as p:
        p.replay(log)
    say = (
        "import gc, os, projector, sys, weakref\n"
        "gone = projector.open(sys.argv[2]); os.unlink(sys.argv[2])\n"
        "left = weakref.ref(projector.open(sys.argv[3]).store.log); gc.collect()\n"
        "print(projector.open(sys.argv[1]).digest(), left() is None)"
    )
    with projector.open(tmp_path / "a.db") as p:
        found = _run(say, *(str(tmp_path / name) for name in ("a.db", "b.db", "c.db")))
        assert found == f"{p.digest()} True"


def _run(program: str, *arguments: str) -> str:
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
