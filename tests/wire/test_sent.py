"""Texts on their way to the process that decodes them: they arrive as they were, each at its place."""

from __future__ import annotations

import marshal
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.files import FileRead
from projector.wire import sent
from projector.wire.decode import refuse
from projector.wire.sent import as_messages, as_stretches
from projector.wire.sources import Damage, Input, InputLines, Stretch
from projector.wire.splitting import Lines
from tests.wire.inputs import A, B, C

TEXTS = st.sampled_from([A, B, b"{broken", b"42", b"\xff"])
PLACES = st.tuples(st.sampled_from(["a", "b.zip/c"]), st.integers(1, 9))
STRETCHES = st.one_of(
    st.none(),
    st.builds(lambda at, text, offset: Input(at[0], at[1], text, offset), PLACES, TEXTS, st.integers(0, 9)),
    st.builds(lambda at, text: Input(at[0], at[1], refuse(text, "broken")), PLACES, TEXTS),
    st.builds(
        lambda at, texts: InputLines(at[0], Lines(texts=texts, first=at[1], taken=len(texts)), 7),
        PLACES,
        st.lists(TEXTS, min_size=1),
    ),
    st.just(Damage(source="a", reason="cut short")),
    st.just(FileRead(path="/a", size=1, modified_at=2, sha256=bytes(32))),
)


def one_by_one(stretches: Iterator[Stretch]) -> list[Stretch]:
    """The same, each of the lines that are taken by itself."""
    found: list[Stretch] = []
    for stretch in stretches:
        if isinstance(stretch, InputLines):
            source, lines, offset = stretch
            taken = enumerate(lines.texts[: lines.taken], lines.first)
            found += [Input(source, line, text, offset) for line, text in taken]
        elif stretch is not None:
            found.append(stretch)
    return found


@given(st.lists(STRETCHES))
def test_what_is_sent_arrives(stretches: list[Stretch]) -> None:
    """In its order; of lines those up to the first that is not JSON, and the splitter is asked for the others."""
    messages = marshal.loads(marshal.dumps(list(as_messages(iter(stretches)))))
    assert one_by_one(as_stretches(messages)) == one_by_one(iter(stretches))
    for stretch in stretches:
        if isinstance(stretch, InputLines):
            bad = [place for place, text in enumerate(stretch.lines.texts) if text in (b"{broken", b"\xff")]
            assert stretch.lines.taken == (bad[0] if bad else len(stretch.lines.texts))


def test_a_line_that_the_decoder_gives_back_comes_by_itself() -> None:
    """It is JSON, but refused; the lines behind it follow."""
    (message,) = as_messages(iter([InputLines("a", Lines(texts=[A, B, C], first=5, taken=3), 9)]))
    found: list[tuple[int, bytes | None]] = []
    for stretch in as_stretches([message]):
        if isinstance(stretch, InputLines):
            found.append((stretch.lines.first, None))
            stretch.lines.taken = min(1, len(stretch.lines.texts) - 1)
        elif isinstance(stretch, Input):
            assert isinstance(stretch.content, bytes)
            found.append((stretch.position, stretch.content))
    assert found == [(5, None), (6, B), (7, None), (7, C)]


def test_what_came_is_sent_though_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message does not wait to be filled."""
    monkeypatch.setattr(sent, "_LONGEST", 0.05)

    def stretches() -> Iterator[Stretch]:
        yield Input("pipe", 1, A)
        for _ in range(1000):
            time.sleep(0.01)
            yield None

    message = next(message for message in as_messages(stretches()) if message is not None)
    assert [row[3] for row in message] == [A]


def test_what_reading_raises_comes_behind_what_was_read() -> None:
    """Itself."""

    def stretches() -> Iterator[Stretch]:
        yield Input("python", 1, A)
        raise LookupError("no more")

    messages = as_messages(stretches())
    assert next(messages)
    with pytest.raises(LookupError, match="no more"):
        next(messages)
