"""What events mention, numbered: numbers that a writer remembers are those of the tables, whoever else writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import projector
from projector.store.index import mentions
from tests.builders import Clock, result


@contextmanager
def writers(store: Path, count: int) -> Iterator[list[projector.Projector]]:
    """Several projectors over one store, each of which remembers what it wrote itself."""
    with ExitStack() as stack:
        yield [stack.enter_context(projector.open(store, clock=Clock())) for _ in range(count)]


@given(
    batches=st.lists(st.tuples(st.integers(0, 2), st.lists(st.integers(0, 9), min_size=1, max_size=9)), max_size=9),
    most=st.sampled_from([2, 50_000]),
)
@settings(max_examples=30, deadline=None)
def test_several_writers_number_alike(
    batches: list[tuple[int, list[int]]], most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A rebuild, which reads the log alone, gives the same numbers; also where few of them are remembered."""
    store, number = tmp_path_factory.mktemp("stores") / "s.db", 0
    with pytest.MonkeyPatch.context() as patch, writers(store, 3) as projectors:
        patch.setattr(mentions, "_MOST", most)
        for writer, learners in batches:
            events = [result(id=str(number + place), user_uuid=f"learner{n}") for place, n in enumerate(learners)]
            number += len(learners)
            projectors[writer].append(events)
        assert projectors[0].verify().damage is None


def test_numbers_of_a_transaction_that_failed_are_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one gives them again."""
    with projector.open(tmp_path / "s.db", clock=Clock()) as p:
        p.append(result(id="1", user_uuid="a"))
        with monkeypatch.context() as patch:
            patch.setattr("projector.store.log.recorder.note_files", _fail)
            with pytest.raises(RuntimeError):
                p.append(result(id="2", user_uuid="b"))
        p.append([result(id="3", user_uuid="c"), result(id="4", user_uuid="b")])
        assert p.verify().damage is None


def test_a_rebuild_by_another_one_is_noticed(tmp_path: Path) -> None:
    """Numbers are read again."""
    with projector.open(tmp_path / "s.db", clock=Clock()) as p, projector.open(tmp_path / "s.db", clock=Clock()) as q:
        p.append([result(id="1", user_uuid="b"), result(id="2", user_uuid="a")])
        q.rebuild()
        p.append([result(id="3", user_uuid="c"), result(id="4", user_uuid="a")])
        assert p.verify().damage is None


def _fail(*_: object) -> None:
    raise RuntimeError("no more")
