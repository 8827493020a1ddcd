"""Results without an id on both clocks: their versions, without what is continued, and what is guessed. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from projector.domain.facts import has_title
from projector.domain.recorded import Recorded
from projector.domain.versions import Guessed
from projector.fold.continuation import NEVER, RowKey
from projector.fold.guesses import Guess, GuessHistory, guess_histories
from projector.fold.rectangles import Arrival, Rectangle, rectangles


class GuessedRectangle(NamedTuple):
    """A version, or a part of one, of a result whose identity is or was guessed; both clocks as in `Rectangle`.

    ``own_from`` and ``own_to`` are the span of the whole version, ``valid_from`` and ``valid_to`` a part of it in
    which no other identity continues this one. ``continued_by`` is the one that does from ``valid_to`` on, None where
    the version itself ends there or nothing does. Where a version without an end is continued all the time, its
    part is empty, from ``own_from`` to ``own_from``.
    """

    id: str
    position: int
    titled_by: int | None
    valid_from: int
    valid_to: int | None
    known_from: int
    known_to: int | None
    own_from: int
    own_to: int | None
    guessed: Guessed
    continued_by: str | None


def lone(id: str, event: Recorded) -> GuessedRectangle:
    """The only version of a result without an id whose row key no other result has."""
    valid_from, known_from = event.event_time, event.recorded_at
    return GuessedRectangle(
        id, event.position, None, valid_from, None, known_from, None, valid_from, None, guessed=True, continued_by=None
    )


def guessed_rectangles(
    key: RowKey, results: Mapping[str, Sequence[Recorded]], shards: Collection[int]
) -> list[GuessedRectangle]:
    """Every version, on both clocks, of the identities that results of a row key without an id have.

    At each pair of instants one applies at most to each identity: one where it has a version and is not continued.

    Args:
        results: Every identity of which some event names the row key, with all its events in any order.
        shards: Those whose global ids are the institution's own.

    Returns:
        By identity; also from when it has an id. One that has the row key only in events with an id is not there.
    """
    histories = guess_histories(key, results, shards)
    return [row for id, history in histories.items() for row in _of_identity(id, results[id], history)]


def _of_identity(id: str, events: Iterable[Recorded], history: GuessHistory) -> Iterator[GuessedRectangle]:
    arrivals = (Arrival(one.precedence, one.recorded_at, one.position, has_title(one.body)) for one in events)
    for row in rectangles(arrivals):
        for part, known_from, known_to in _parts_over_time(row, history):
            yield GuessedRectangle(
                id=id,
                position=row.position,
                titled_by=row.titled_by,
                valid_from=part.begins,
                valid_to=part.ends,
                known_from=known_from,
                known_to=known_to,
                own_from=row.valid_from,
                own_to=row.valid_to,
                guessed=part.guessed,
                continued_by=part.continued_by,
            )


class _Part(NamedTuple):
    begins: int
    ends: int | None
    guessed: Guessed
    continued_by: str | None


def _parts_over_time(row: Rectangle, history: GuessHistory) -> Iterator[tuple[_Part, int, int | None]]:
    """The parts of a version that are not continued, each with the times from which until which that is known."""
    open: dict[_Part, int] = {}
    for known_from, guess in _while_known(row, history):
        parts = _parts(row, guess)
        for ended in [part for part in open if part not in parts]:
            yield ended, open.pop(ended), known_from
        for part in parts:
            open.setdefault(part, known_from)
    for part, known_from in open.items():
        yield part, known_from, row.known_to


def _while_known(row: Rectangle, history: GuessHistory) -> Iterable[tuple[int, Guess]]:
    """What is guessed from when on, as long as a version is known."""
    first = bisect_right(history, row.known_from, key=lambda one: one[0]) - 1
    for at in range(first, len(history)):
        known_from, guess = history[at]
        if row.known_to is not None and known_from >= row.known_to:
            return
        yield max(known_from, row.known_from), guess


def _parts(row: Rectangle, guess: Guess) -> list[_Part]:
    """The parts of a version that are not continued; an empty one where nothing of the last version is left."""
    parts = list(_not_continued(row, guess))
    if parts or row.valid_to is not None:
        return parts
    by = next(one.by for one in guess.continuations if one.ends > row.valid_from)
    return [_Part(row.valid_from, row.valid_from, guess.guessed_at(row.valid_from), by)]


def _not_continued(row: Rectangle, guess: Guess) -> Iterator[_Part]:
    guessed, at, end = guess.guessed_at(row.valid_from), row.valid_from, NEVER if row.valid_to is None else row.valid_to
    for one in guess.continuations:
        if one.begins >= end:
            break
        if at < one.begins:
            yield _Part(at, one.begins, guessed, one.by)
        at = max(at, one.ends)
    if at < end:
        yield _Part(at, row.valid_to, guessed, None)
