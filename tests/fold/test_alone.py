"""Where exactly one of several spans lies, against a count at every instant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from projector.fold.alone import Alone, Spans, alone_together
from projector.fold.continuation import NEVER

TIMES = st.integers(0, 4) | st.just(NEVER)
puts = st.lists(st.tuples(st.integers(0, 4), TIMES, TIMES), max_size=20)
INSTANTS = [*range(6), NEVER - 1]


def at(stretches: list[Alone], instant: int) -> list[int]:
    """The numbers of the stretches that an instant lies in."""
    return [one.number for one in stretches if one.begins <= instant < one.ends]


def counted(spans: dict[int, tuple[int, int]], instant: int) -> list[int]:
    """The number of the only span that an instant lies in."""
    found = [number for number, (begins, ends) in spans.items() if begins <= instant < ends]
    return found if len(found) == 1 else []


def placed(changes: list[tuple[int, int, int]]) -> tuple[Spans, dict[int, tuple[int, int]]]:
    """The spans after some changes, and the same as a plain dictionary."""
    spans, plain = Spans(), dict[int, tuple[int, int]]()
    for number, begins, ends in changes:
        before = plain.pop(number, None)
        if begins < ends:
            plain[number] = begins, ends
        assert spans.put(number, begins, ends) == (before != plain.get(number))
    return spans, plain


@given(puts)
def test_a_stretch_is_where_one_span_is_counted(changes: list[tuple[int, int, int]]) -> None:
    """Whatever a span was before; stretches come in order and are not empty."""
    spans, plain = placed(changes)
    stretches = list(spans.alone())
    assert [at(stretches, instant) for instant in INSTANTS] == [counted(plain, instant) for instant in INSTANTS]
    bounds = [bound for one in stretches for bound in one[:2]]
    assert bounds == sorted(bounds)
    assert all(one.begins < one.ends for one in stretches)


@given(puts, puts)
def test_two_are_alone_together_where_each_is_alone(
    changes: list[tuple[int, int, int]], others: list[tuple[int, int, int]]
) -> None:
    """Instant by instant."""
    (ones, plain), (twos, other_plain) = placed(changes), placed(others)
    pairs = list(alone_together(list(ones.alone()), list(twos.alone())))
    for instant in INSTANTS:
        found = [(one.number, other) for one, other in pairs if one.begins <= instant < one.ends]
        one, other = counted(plain, instant), counted(other_plain, instant)
        assert found == ([(one[0], other[0])] if one and other else [])
