"""What holds for any log: order, batching and repetition never change an answer, and a pinned view never changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.domain.instants import to_datetime
from tests.builders import HARBOR, Clock, Event, result
from tests.conftest import Stores
from tests.naive import Known, instant
from tests.strategies import SOME_TIMES, TIMES, logs


def respelled(event: Event) -> str:
    """The same event as another text: keys in another order, the metadata under its older name."""
    return json.dumps({"body": dict(reversed(event["body"].items())), "attributes": event["metadata"]}, indent=1)


def fed(store: Stores, batches: Sequence[Sequence[Any]]) -> projector.Projector:
    """A projector that appended these batches, a second apart."""
    p = store(clock=Clock())
    for batch in batches:
        p.append(list(batch))
    return p


@given(logs, st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_batching_and_repetition_do_not_matter(store: Stores, log: list[Event], random: Any, size: int) -> None:
    """One digest for one set of events, however they arrive."""
    with fed(store, [log]) as p:
        plain = p.digest()
    shuffled: list[Any] = [*log, *map(respelled, log), *log[:3]]
    random.shuffle(shuffled)
    with fed(store, [shuffled[at : at + size] for at in range(0, len(shuffled), size)]) as p:
        assert p.digest() == plain == Known([(datetime.now(UTC), event) for event in log]).digest()


@given(st.lists(logs, max_size=4), st.data())
def test_the_index_answers_as_the_plain_recomputation(
    store: Stores, batches: list[list[Event]], data: st.DataObject
) -> None:
    """At any two instants, for every aggregate: state, digest and history."""
    with fed(store, batches) as p:
        received = [
            (to_datetime(batch.recorded_at), json.loads(line))
            for batch in p.store.log.batches()
            for line in list(p.log_lines())[batch.first - 1 : batch.last]
        ]
        known = Known(received)
        recorded = sorted({moment for moment, _ in received})
        as_of = data.draw(st.sampled_from([None, *filter(None, map(instant, TIMES))]))
        known_at = data.draw(st.sampled_from([None, *recorded, *(m + timedelta(milliseconds=1) for m in recorded)]))
        assert p.digest(as_of=as_of, known_at=known_at) == known.digest(as_of, known_at)
        standing = known.standing(as_of, known_at)
        for key in known.aggregates():
            tenant, kind, id = key
            version = p.as_of(as_of, known_at=known_at, tenant=tenant).get(kind, id)
            assert (None if version is None else version.state) == standing.get(key)
            expected = known.history(key, None, known_at)
            versions = p.history(kind, id, known_at=known_at, tenant=tenant)
            assert [v.state for v in versions] == [event["state"] for event in expected]
            assert [v.recorded_at for v in versions] == [event["recorded_at"] for event in expected]


# one outcome, one learner and one time of creation, so that identities meet
ROWS = st.fixed_dictionaries(
    {"artifact_type": st.sampled_from(["RubricAssessment", "Quizzes::QuizSubmission"])},
    optional={
        "id": st.sampled_from(["1", "2"]),
        "user_uuid": st.sampled_from(["Ada", "Ben"]),
        "title": st.sampled_from(["Ada, quiz", "Ben, quiz"]),
        "associated_asset_id": st.sampled_from(["56", 57]),
        "workflow_state": st.just("deleted"),
        "created_at": st.sampled_from(["2024-03-01T09:00:00Z", "2024-03-01T03:00:00-06:00", "2024-03-01T09:00:01Z"]),
    },
)


@given(st.lists(st.tuples(ROWS, SOME_TIMES), max_size=10), st.integers(1, 4), st.sampled_from([None, *TIMES]))
def test_guessed_identities_are_continued_as_plainly_recomputed(
    store: Stores, rows: Any, size: int, day: str | None
) -> None:
    """By whom, as of any instant and known time; and continued ones leave the list."""
    reports = [result(at, verb="updated", **row) for row, at in rows]
    with fed(store, [reports[at : at + size] for at in range(0, len(reports), size)]) as p:
        lines = list(p.log_lines())
        recorded = [to_datetime(b.recorded_at) for b in p.store.log.batches() for _ in range(b.first, b.last + 1)]
        known = Known(list(zip(recorded, map(json.loads, lines), strict=True)))
        for known_at in {None, *recorded[:1], *recorded[-3:-2]}:
            view = p.as_of(day, known_at=known_at)
            expected = known.continuations(HARBOR, view.as_of, known_at)
            answers = {id: view.get("result", id) for id in expected}
            assert {id: version and version.continued_by for id, version in answers.items()} == expected
            listed = {version.id for version in view.all("result", deleted=True)}
            standing = {key[2] for key in known.standing(view.as_of, known_at)}
            assert listed == standing - {id for id, successor in expected.items() if successor}


@given(st.lists(logs, min_size=2, max_size=4))
def test_a_pinned_view_never_changes(store: Stores, batches: list[list[Event]]) -> None:
    """Whatever arrives later, also news of which institution an event belongs to."""
    with fed(store, batches[:1]) as p:
        views = [p.now(tenant=tenant) for tenant in p.tenants]
        before = [[list(view.all(kind, deleted=True)) for kind in projector.KINDS] for view in views]
        for batch in batches[1:]:
            p.append(batch)
        assert [[list(view.all(kind, deleted=True)) for kind in projector.KINDS] for view in views] == before


@given(st.lists(logs, max_size=3))
def test_counts_always_add_up(store: Stores, batches: list[list[Any]]) -> None:
    """Every input is appended, a duplicate, ignored or quarantined."""
    with fed(store, []) as p:
        for batch in batches:
            noise: list[Any] = ["{", b"\xff", {"metadata": {"event_name": "user_created"}}, "[]", *batch[:1]]
            report = p.append([*batch, *noise])
            assert report.read == len(batch) + len(noise)
            assert report.read == report.appended + report.duplicates + report.ignored + report.quarantined
            assert (report.ignored, report.quarantined) == (1, 3)


def _is_one_text(raw: bytes) -> bool:
    """Whether bytes behind an opening bracket are one text: it does not close, and no line ends in or behind it."""
    return bool(raw.strip()) and raw == raw.rstrip() and not {*b"\n}"}.intersection(raw)


@given(st.lists(st.binary(min_size=1, max_size=60).filter(_is_one_text), max_size=8))
def test_quarantine_returns_the_bytes(store: Stores, inputs: list[bytes]) -> None:
    """Byte for byte, each once, in order of first arrival."""
    with fed(store, []) as p:
        p.append([b"{" + raw for raw in inputs])
        assert [kept.raw for kept in p.quarantined()] == list(dict.fromkeys(b"{" + raw for raw in inputs))


@given(st.lists(logs, max_size=4))
def test_a_restored_log_has_the_same_hashes(store: Stores, batches: list[list[Event]]) -> None:
    """The log as a file and back: the same running hash, digest and times of recording."""
    with fed(store, batches) as p, fed(store, []) as q:
        q.replay([json.loads(line) for line in p.log_lines()], keep_recorded_at=True)
        assert (q.head_hash(), q.digest(), list(q.log_lines())) == (p.head_hash(), p.digest(), list(p.log_lines()))


@given(st.lists(logs, max_size=4))
def test_a_rebuilt_store_answers_the_same(store: Stores, batches: list[list[Event]]) -> None:
    """What is derived can be derived again, also for views that were made before."""
    with fed(store, batches) as p:
        views = [p.now(tenant=tenant) for tenant in p.tenants]
        before = [[list(view.all(kind, deleted=True)) for kind in projector.KINDS] for view in views], p.digest()
        p.rebuild()
        after = [[list(view.all(kind, deleted=True)) for kind in projector.KINDS] for view in views], p.digest()
        assert after == before
