"""UTF-16 with its mark is read as UTF-8; UTF-8 with or without its mark as it is."""

from __future__ import annotations

import codecs
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.events import Refusal
from projector.wire.decode import decode
from projector.wire.files.content import Content
from projector.wire.files.streams import Origin, finished
from tests.wire.inputs import A, B, Halting, read

MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
BOTH = pytest.mark.parametrize("encoding", MARKS)


def as_utf8(data: bytes, seed: int = 0, most: int = 4000) -> bytes:
    """What a stream gives that often waits."""
    content = Content(Origin(Halting(data, seed, most).read1))
    finished(content.look)
    return b"".join(iter(lambda: finished(content.stream.read1), b""))


@BOTH
@given(text=st.text(), seed=st.integers(0, 99), most=st.sampled_from([1, 3, 50]))
def test_any_text_comes_through(encoding: str, text: str, seed: int, most: int) -> None:
    """Wherever its bytes are divided; the mark is no part of it, a second one is."""
    assert as_utf8(MARKS[encoding] + text.encode(encoding), seed, most) == text.encode()


@BOTH
@given(units=st.lists(st.integers(0, 0xFFFF), max_size=9), odd=st.booleans(), most=st.integers(1, 5))
def test_any_bytes_are_read(encoding: str, units: list[int], odd: bool, most: int) -> None:
    """Lone surrogates stay what they are, for the decoder to refuse; half a character at the end is U+FFFD."""
    order = "little" if encoding == "utf-16-le" else "big"
    data = b"".join(unit.to_bytes(2, order) for unit in units)  # type: ignore[arg-type]
    expected = data.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    assert as_utf8(MARKS[encoding] + data + b"x" * odd, 1, most) == expected + "\ufffd".encode() * odd


def test_an_event_with_a_lone_surrogate_is_refused() -> None:
    """It is not altered."""
    text = A.decode().replace("A", "\ud83d")
    ((_, content),) = read(io.BytesIO(codecs.BOM_UTF16_LE + text.encode("utf-16-le", "surrogatepass")))
    assert isinstance(decode(content), Refusal)
    assert b"\xed\xa0\xbd" in content


@BOTH
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_lines_as_powershell_writes_them(encoding: str, end: str) -> None:
    """Also compressed."""
    data = MARKS[encoding] + (A.decode() + end + B.decode() + end).encode(encoding)
    for stream in (io.BytesIO(data), io.BytesIO(gzip.compress(data))):
        assert read(stream) == [("log", A), ("log", B)]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_utf_8_with_and_without_its_mark(mark: bytes) -> None:
    """Also compressed."""
    for stream in (io.BytesIO(mark + A), io.BytesIO(gzip.compress(mark + A))):
        assert read(stream) == [("log", A)]


@BOTH
def test_a_mark_alone_is_an_empty_file(encoding: str) -> None:
    """There is nothing to be refused."""
    assert read(io.BytesIO(MARKS[encoding])) == []
