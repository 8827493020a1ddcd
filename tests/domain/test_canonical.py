"""Of an event's text only the body is read, as it would be with all the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.canonical import canonical_of_whole, read_body, read_json, read_whole, read_whole_body, write_json
from tests.strategies import json_values

Object = dict[str, object]

objects = st.dictionaries(st.text().filter(lambda text: text.isprintable()), json_values, max_size=4)


@given(objects, objects, st.permutations(["metadata", "body", "more"]))
def test_the_body_alone_is_that_of_the_whole(body: Object, other: Object, order: list[str]) -> None:
    """In whatever order the parts come; also with small floats, and integers of any size."""
    parts = {"metadata": other | {"body": [other]}, "body": body, "more": [other]}
    text = write_json({name: parts[name] for name in order})
    assert repr(read_body(text)) == repr(read_json(text)["body"])
    try:
        whole, small = read_whole(write_json(body))
    except ValueError:  # beyond a double: such an event is not taken
        return
    assert canonical_of_whole(*read_whole_body(text)) == canonical_of_whole(whole, small)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (b'{"b\\u006fdy":{"a":1},"metadata":{}}', {"a": 1}),
        (b'{"body":{"a":1},"metadata":{},"body":{"b":2}}', {"b": 2}),
        (b' { "metadata" : {"body":{}} , "body" : {"a":1e3} } ', {"a": 1000.0}),
    ],
)
def test_names_are_read_as_elsewhere(text: bytes, body: Object) -> None:
    """A name may be escaped; of two of one name the last counts."""
    assert read_body(text) == read_json(text)["body"] == body
