"""Results without an id on both clocks, against the rules for one pair of instants at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise, permutations, product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from projector.domain.facts import carries_id, row_of
from projector.domain.instants import AFTER_ALL, instant_of
from projector.domain.recorded import Recorded
from projector.domain.versions import Guessed
from projector.fold.continuation import Identity, RowKey, identity_of, successor_of_g1, successor_of_g2
from projector.fold.guessed_rectangles import GuessedRectangle, guessed_rectangles
from projector.fold.guesses import guess_histories
from projector.fold.winning import Standing, fold, standing_at
from tests.builders import Event, received, recorded, result
from tests.fold.test_rectangles import applying, around, mergeable, state
from tests.naive import canonical

SHARDS = frozenset({2107, 2108})
MARCH, APRIL, MAY, JUNE = (f"2024-0{month}-01T10:00:00Z" for month in (3, 4, 5, 6))
CREATED = "2024-03-01T09:00:00Z"
Results = dict[str, list[Recorded]]


def id_of(event: Event) -> str:
    """The identity that a result belongs to."""
    return received(event).own_id(SHARDS)


def key_of(event: Recorded) -> RowKey | None:
    """The row key that a result names."""
    row = row_of(event.body)
    return None if row is None else row.key(SHARDS)


def by_id(log: list[tuple[Event, int]]) -> Results:
    """Reports, each recorded at a time, by identity; their positions are those in order of time."""
    results: Results = {}
    for position, (event, at) in enumerate(sorted(log, key=lambda one: one[1]), 1):
        results.setdefault(id_of(event), []).append(recorded(event, position)._replace(recorded_at=at))
    return results


def of_key(key: RowKey, results: Results) -> Results:
    """The identities for which some event names a row key."""
    return {id: events for id, events in results.items() if key in map(key_of, events)}


def guessed_ids(key: RowKey, results: Results) -> list[str]:
    """The identities of which an event without an id has a row key."""
    return [
        id
        for id, events in results.items()
        if any(key_of(event) == key and not carries_id(event.body) for event in events)
    ]


# the rules, for what is known at one time


class Rules:
    """Every answer about some results, of what was recorded up to a time."""

    def __init__(self, results: Results, known_at: int) -> None:
        self.known = {
            id: [event for event in events if event.recorded_at <= known_at] for id, events in results.items()
        }
        self.identities = {
            id: identity_of(id, [(event, row_of(event.body)) for event in events], SHARDS)
            for id, events in self.known.items()
        }
        self.versions = {id: fold(events) for id, events in self.known.items()}

    def version(self, id: str, as_of: int) -> Standing | None:
        """The version in effect."""
        return standing_at(self.versions[id], as_of)

    def guessed(self, id: str, as_of: int) -> Guessed:
        """Whether the identity is guessed."""
        return self.identities[id].guessed_at(as_of)

    def continued_by(self, id: str, as_of: int) -> str | None:
        """What continues it."""
        one = self.identities[id]
        if not one.guessed_at(as_of) or one.row is None:
            return None
        if one.row.user_uuid is not None:
            found = successor_of_g2(id, self.identities.values())
            return found[1] if found is not None and found[0] <= as_of else None
        key = one.row.key(SHARDS)
        rivals = [other for other in self._guessed(key, as_of, learner=False) if other.id != id]
        rows = [other for other in self.identities.values() if other.has_row_at(key, as_of)]
        g2s = [g2 for g2 in self._guessed(key, as_of, learner=True) if self.continued_by(g2.id, as_of) is None]
        return successor_of_g1(rivals, rows + g2s)

    def _guessed(self, key: RowKey, as_of: int, *, learner: bool) -> Iterator[Identity]:
        for one in self.identities.values():
            row = one.row
            if one.guessed_at(as_of) and row is not None and row.key(SHARDS) == key and bool(row.user_uuid) == learner:
                yield one


# of one outcome, few learners, titles and times of creation, so that identities meet

G1S = [id_of(result(title=title)) for title in ("A", None)]
G2S = [id_of(result(user_uuid="Ada", artifact_type="RubricAssessment")), id_of(result(user_uuid="Ada"))]
bodies = st.fixed_dictionaries(
    {
        "user_uuid": st.sampled_from([None, None, "Ada", "Ada", "Ben"]),
        "artifact_type": st.sampled_from([None, "RubricAssessment", "RubricAssessment"]),
        "created_at": st.sampled_from([CREATED, CREATED, "2024-03-01T03:00:00-06:00", "2024-03-01T09:00:01Z", "soon"]),
    },
    optional={
        "id": st.sampled_from(["1", "1", "2", "2", *G1S, *G2S]),
        "learning_outcome_id": st.sampled_from(["311", "21080000000000311"]),
        "title": st.sampled_from(["A", "A", "B", None]),
        "associated_asset_id": st.sampled_from(["56", 57, 57, "21080000000000056"]),
        "associated_asset_type": st.just("Assignment"),
        "updated_at": st.sampled_from([MARCH, APRIL]),
    },
).filter(lambda body: "id" in body or body["created_at"] != "soon")
reports = st.builds(
    lambda at, verb, body: result(at, verb=verb, **body),
    st.sampled_from([MARCH, APRIL, MAY, JUNE]),
    st.sampled_from(["created", "updated"]),
    bodies,
)
logs = st.lists(st.tuples(reports, st.integers(1, 4)), max_size=12, unique_by=lambda one: canonical(one[0]))


def keys_of(results: Results) -> set[RowKey]:
    """Every row key that is named."""
    return {key for events in results.values() for key in map(key_of, events) if key is not None}


def instants_of(results: Results) -> list[int]:
    """Every instant at which anything may change, those next to them, and the end of time."""
    return [*around({event.event_time for events in results.values() for event in events}), AFTER_ALL]


@given(logs)
def test_at_any_two_instants_the_row_is_the_version_that_is_not_continued(log: list[tuple[Event, int]]) -> None:
    """One, with its state, its own span and what is guessed; none where it is continued, or has no version."""
    results = by_id(log)
    for key in keys_of(results):
        ids, rows = guessed_ids(key, results), guessed_rectangles(key, of_key(key, results), SHARDS)
        assert {row.id for row in rows} == set(ids)
        for known_at in range(6):
            rules = Rules(results, known_at)
            for id, as_of in product(ids, instants_of(results)):
                version, expected = rules.version(id, as_of), list[tuple[object, ...]]()
                if version is not None and rules.continued_by(id, as_of) is None:
                    span = version.event.event_time, version.valid_to
                    expected = [(span, version.state, rules.guessed(id, as_of))]
                found = applying((row for row in rows if row.id == id), as_of, known_at)
                assert [(own_span(row), state(row, results[id]), row.guessed) for row in found] == expected


@given(logs)
def test_a_row_names_what_continues_it_where_it_ends_for_that(log: list[tuple[Event, int]]) -> None:
    """But not where its version ends there by itself."""
    results = by_id(log)
    for key in keys_of(results):
        rows = guessed_rectangles(key, of_key(key, results), SHARDS)
        for known_at in range(1, 6):
            rules = Rules(results, known_at)
            for row in known(rows, known_at):
                if row.valid_to is None or row.valid_to == row.own_to:
                    assert row.continued_by is None
                else:
                    assert row.continued_by == rules.continued_by(row.id, row.valid_to) is not None


@given(logs)
def test_of_every_identity_a_last_row_is_known(log: list[tuple[Event, int]]) -> None:
    """An empty one, and only there, where its last version is continued all the time: the state digest counts it."""
    results = by_id(log)
    for key in keys_of(results):
        rows = guessed_rectangles(key, of_key(key, results), SHARDS)
        for known_at in range(1, 6):
            rules, expected = Rules(results, known_at), []
            for id in guessed_ids(key, results):
                if (last := rules.version(id, AFTER_ALL)) is not None:
                    since = last.event.event_time
                    by = [rules.continued_by(id, at) for at in instants_of(results) if at >= since]
                    if None not in by:
                        expected.append((id, last.event.position, since, (since, None), by[0]))
            empty = (row for row in known(rows, known_at) if row.valid_from == row.valid_to)
            found = [(row.id, row.position, row.valid_from, own_span(row), row.continued_by) for row in empty]
            assert sorted(found) == sorted(expected)


@given(logs)
def test_a_history_has_what_changes_only(log: list[tuple[Event, int]]) -> None:
    """Each guess from when on it is known, the first at the latest when the identity's first event is."""
    results = by_id(log)
    for key in keys_of(results):
        histories = guess_histories(key, of_key(key, results), SHARDS)
        assert {*histories} == set(guessed_ids(key, results))
        for id, history in histories.items():
            assert history[0][0] <= min(event.recorded_at for event in results[id])
            for (time, guess), (later, other) in pairwise(history):
                assert time < later
                assert guess != other


@given(logs, st.randoms(use_true_random=False))
def test_rows_are_as_few_as_they_can_be(log: list[tuple[Event, int]], random: Random) -> None:
    """None goes on in another one, on either clock, and in whatever order events are given they are the same."""
    results = by_id(log)
    for key in keys_of(results):
        rows = guessed_rectangles(key, of_key(key, results), SHARDS)
        assert mergeable(rows) == []
        assert all(row.known_to is None or row.known_from < row.known_to for row in rows)
        for known_at in range(1, 6):
            for one, other in permutations(known(rows, known_at), 2):
                assert (one.position, one.valid_to) != (other.position, other.valid_from)
        shuffled = [(id, random.sample(events, len(events))) for id, events in of_key(key, results).items()]
        random.shuffle(shuffled)
        assert sorted(guessed_rectangles(key, dict(shuffled), SHARDS), key=repr) == sorted(rows, key=repr)


def own_span(row: GuessedRectangle) -> tuple[int, int | None]:
    """The span of the whole version."""
    return row.own_from, row.own_to


def known(rows: Iterable[GuessedRectangle], known_at: int) -> list[GuessedRectangle]:
    """The rows that are known at a time."""
    return [row for row in rows if row.known_from <= known_at and (row.known_to is None or known_at < row.known_to)]


# stories


def rows_of(*log: tuple[Event, int]) -> set[tuple[object, ...]]:
    """The rows of the results among reports, each recorded at a time; events are counted from 1 in that order.

    Each: the event, the part of its version, when that is known, what is guessed and what continues it.
    """
    results = by_id(list(log))
    named: dict[int | None, object] = {instant_of(day): day for day in (MARCH, APRIL, MAY, JUNE)}
    (key,) = keys_of(results)
    return {
        (row.position, named[row.valid_from], named.get(row.valid_to), row.known_from, row.known_to, *row[-2:])
        for row in guessed_rectangles(key, results, SHARDS)
    }


def test_a_row_with_an_id_ends_the_guessed_one_once_it_is_known() -> None:
    """From its time on; what was known before stays."""
    guessed, own = result(MARCH, user_uuid="Ada"), result(MAY, user_uuid="Ada", id="7")
    assert rows_of((guessed, 1), (own, 2)) == {
        (1, MARCH, None, 1, 2, True, None),
        (1, MARCH, MAY, 2, None, True, "7"),
    }


def test_an_earlier_row_with_an_id_leaves_nothing_of_the_last_version() -> None:
    """But an empty row."""
    guessed, own = result(APRIL, user_uuid="Ada"), result(MARCH, user_uuid="Ada", id="7")
    assert rows_of((guessed, 2), (own, 1)) == {(2, APRIL, APRIL, 2, None, True, "7")}
    later = result(MAY, user_uuid="Ada", score=4.0)
    assert rows_of((guessed, 1), (later, 2), (own, 3)) == {
        (1, APRIL, None, 1, 2, True, None),
        (1, APRIL, MAY, 2, 3, True, None),
        (2, MAY, None, 2, 3, True, None),
        (2, MAY, MAY, 3, None, True, "7"),
    }


def test_a_continued_version_comes_back_where_another_result_appears() -> None:
    """With two g1 identities nobody can say which of them the row with an id is."""
    first, own, second = result(MARCH, title="A"), result(APRIL, id="7"), result(MAY, title="B")
    assert rows_of((first, 1), (own, 1), (second, 2)) == {
        (1, MARCH, APRIL, 1, None, True, "7"),
        (1, MAY, None, 2, None, True, None),
        (3, MAY, None, 2, None, True, None),
    }


def test_a_g1_identity_is_continued_by_a_g2_one_until_that_is_continued_itself() -> None:
    """Then by the row with the id, without a gap."""
    first, second, own = result(MARCH, title="A"), result(APRIL, user_uuid="Ada"), result(MAY, user_uuid="Ada", id="7")
    g2 = id_of(second)
    assert rows_of((first, 1), (second, 1), (own, 1)) == {
        (1, MARCH, APRIL, 1, None, True, g2),
        (2, APRIL, MAY, 1, None, True, "7"),
    }
    last = result(JUNE, title="A")
    assert (4, JUNE, JUNE, 1, None, True, "7") in rows_of((first, 1), (second, 1), (own, 1), (last, 1))


def test_a_late_asset_makes_later_versions_doubtful() -> None:
    """By what is known from then on."""
    row = {"user_uuid": "Ada", "artifact_type": "RubricAssessment", "associated_asset_type": "Assignment"}
    one, other, same = (
        result(at, associated_asset_id=id, **row) for at, id in ((APRIL, 1), (MARCH, "2"), (MARCH, "21080000000000001"))
    )
    assert {row[-2] for row in rows_of((one, 1), (same, 1))} == {True}
    assert rows_of((one, 1), (other, 2)) == {
        (1, APRIL, None, 1, 2, True, None),
        (1, APRIL, None, 2, None, "doubtful", None),
        (2, MARCH, APRIL, 2, None, True, None),
    }


def test_an_identity_that_got_an_id_keeps_its_rows() -> None:
    """It is guessed no longer, and is never continued then, as may be in a store of an earlier release."""
    guessed = result(MARCH, user_uuid="Ada")
    with_id = result(APRIL, user_uuid="Ada", id=id_of(guessed))
    other = result(MAY, user_uuid="Ada", id="7")
    assert rows_of((guessed, 1), (with_id, 1), (other, 1)) == {
        (1, MARCH, APRIL, 1, None, True, None),
        (2, APRIL, None, 1, None, False, None),
    }


def test_rows_are_of_the_row_key_of_the_events_without_an_id() -> None:
    """Where others of the identity name another one, it is there among those with an id."""
    guessed = result(MARCH, title="A")
    with_id = result(APRIL, id=id_of(guessed), created_at="2024-02-01T09:00:00Z")
    other = result(MARCH, title="B", created_at="2024-02-01T09:00:00Z")
    results = by_id([(guessed, 1), (with_id, 1), (other, 1)])
    assert len(keys_of(results)) == 2
    for key in keys_of(results):
        rows = guessed_rectangles(key, of_key(key, results), SHARDS)
        own = guessed if key_of(recorded(guessed)) == key else other
        assert {row.id for row in rows} == {id_of(own)}
        assert [row.continued_by for row in rows if row.position == 3] == [id_of(guessed)] * (own is other)


def test_rows_with_ids_alone_have_none() -> None:
    """They are versions like those of any kind."""
    assert rows_of((result(MARCH, id="7"), 1), (result(APRIL, id="8", title="A"), 2)) == set()


# many


def test_a_whole_class_is_continued_in_one_batch() -> None:
    """Two thousand learners, graded in one job, and half of the rows with their ids."""
    learners = [f"Learner {n}" for n in range(2000)]
    guessed = [(result(MARCH, user_uuid=learner), 1) for learner in learners]
    own = [(result(APRIL, user_uuid=learner, id=f"{n}"), 2) for n, learner in enumerate(learners[:1000])]
    assert sorted(rows_of(*guessed, *own), key=repr) == sorted(
        [(n, MARCH, None, 1, None, True, None) for n in range(1001, 2001)]
        + [(n, MARCH, None, 1, 2, True, None) for n in range(1, 1001)]
        + [(n + 1, MARCH, APRIL, 2, None, True, f"{n}") for n in range(1000)],
        key=repr,
    )


def test_results_that_arrive_one_by_one_are_as_many_rows() -> None:
    """Of many g1 identities of one row key none is continued but the first, while it was alone."""
    log = [(result(APRIL, id="7"), 1), *((result(MARCH, title=f"T{n}"), n) for n in range(2, 500))]
    assert sorted(rows_of(*log), key=repr) == sorted(
        [(2, MARCH, APRIL, 2, 3, True, "7"), *((n, MARCH, None, max(n, 3), None, True, None) for n in range(2, 500))],
        key=repr,
    )
