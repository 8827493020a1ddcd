"""What a store is not to keep is left out of metadata, and nothing else changes by a byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.errors import BadQuestion
from projector.domain.events import LiveEvent
from projector.wire.decode import decode
from projector.wire.dropping import names_to_drop, reduced
from tests.builders import outcome, reported
from tests.strategies import json_values

ADDRESS = frozenset({"client_ip", "user_agent"})
names = st.sampled_from(["client_ip", "user_agent", "hostname", "event_name", "é", ""])
events = st.fixed_dictionaries(
    {"body": st.dictionaries(names, json_values, max_size=4)},
    optional={
        "metadata": st.dictionaries(names, json_values, max_size=6),
        "attributes": st.dictionaries(names, json_values, max_size=6),
        "iat": json_values,
    },
)


def without(event: dict[str, Any], dropped: frozenset[str]) -> dict[str, Any]:
    """The plain definition."""
    parts = {part: event[part] for part in ("metadata", "attributes") if part in event}
    kept = {part: {name: v for name, v in members.items() if name not in dropped} for part, members in parts.items()}
    return event | kept


@given(events, st.frozensets(names))
def test_members_of_metadata_are_left_out(event: dict[str, Any], dropped: frozenset[str]) -> None:
    """At the top of it, under either name; once more changes nothing."""
    text = json.dumps(event).encode()
    once = reduced(text, dropped)
    assert json.loads(once) == without(event, dropped)
    assert reduced(once, dropped) == once


@given(events, st.sampled_from([None, 1, 7]))
def test_a_text_without_them_is_the_same_object(event: dict[str, Any], indent: int | None) -> None:
    """Nothing is copied where there is nothing to do."""
    text = json.dumps(event, indent=indent).encode()
    assert reduced(text, frozenset({"session_id"})) is text


def test_everything_else_is_spelled_as_it_came() -> None:
    """Numbers, escapes and spaces within values."""
    text = (
        b'{"metadata":{"event_name":"x","client_ip":"::1","n":1e2},"body":{"a": 5.0,"b":"\\u00e9","client_ip":[1, 2]}}'
    )
    assert reduced(text, ADDRESS) == text.replace(b'"client_ip":"::1",', b"")


@pytest.mark.parametrize(
    "text",
    [
        b'{"metadata":{"client_ip":"a","client_ip":"b"},"body":{}}',
        b'{"metadata":{"client_ip":"a"},"metadata":{},"body":{}}',
        b'{"attributes":{"client_ip":"a"},"metadata":{"client_ip":"b"},"body":{}}',
        b'{"metadata":{"\\u0063lient_ip":"a"},"body":{}}',
    ],
)
def test_no_odd_spelling_hides_a_member(text: bytes) -> None:
    """Repeated, or escaped: its value is gone."""
    left = reduced(text, ADDRESS)
    assert b'"a"' not in left
    assert b'"b"' not in left


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_event_stays_as_it_is(text: bytes) -> None:
    """Never an error."""
    assert reduced(text, frozenset({"event_name"})) == text or b"event_name" in text


def test_an_event_stays_acceptable() -> None:
    """Whatever may be dropped is not needed to place it."""
    whole = reported("learning_outcome_updated", outcome("A")["body"], client_ip="::1", user_agent="x", new_member=1)
    event = decode(reduced(json.dumps(whole).encode(), ADDRESS | {"new_member"}))
    plain = decode(json.dumps(outcome("A")).encode())
    assert isinstance(event, LiveEvent)
    assert isinstance(plain, LiveEvent)
    assert event.digest == plain.digest


@pytest.mark.parametrize("asked", ["client_ip, user_agent", ["user_agent", "client_ip"], ("client_ip ", "user_agent")])
def test_names_are_given_as_text_or_one_by_one(asked: Any) -> None:
    """As the command line and Python have them."""
    assert names_to_drop(asked) == ADDRESS


@pytest.mark.parametrize("asked", ["", "client_ip,", " ", ["client_ip", ""], "client_ip,,user_agent"])
def test_a_blank_name_is_refused(asked: Any) -> None:
    """It is a slip of the pen."""
    with pytest.raises(BadQuestion, match="blank"):
        names_to_drop(asked)


@pytest.mark.parametrize("name", ["event_name", "event_time", "root_account_id", "root_account_uuid"])
def test_what_places_an_event_cannot_be_dropped(name: str) -> None:
    """The message names it."""
    with pytest.raises(BadQuestion, match=f"^{name} cannot be dropped"):
        names_to_drop(["client_ip", name])
