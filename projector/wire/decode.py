"""Decodes the JSON text of one event, or says why it is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import accumulate, islice
from typing import Any, Final

import msgspec

from projector.domain.canonical import event_digest, is_flat, read_whole
from projector.domain.catalogue import BY_NAME, OURS, Entry
from projector.domain.events import Ignored, LiveEvent, Refusal, is_reserved
from projector.domain.facts import NoIdentity, live_event
from projector.domain.instants import read_instant
from projector.domain.packing import UNTRAINED, Packing
from projector.wire.checking import deviations, without_offset, wrong_type
from projector.wire.dropping import reduced

KEPT_WHOLE: Final = 2**20  # bytes; of a longer input the head is kept
HEAD: Final = 2**16
_PREFIX: Final = "JSON is malformed: "  # of the library's errors
_NAMES: Final = 1000  # characters of the members' names that a reason holds,
_NAME: Final = 60  # and of each
Json = dict[str, Any]
_NO_JSON: Final = (ValueError, RecursionError, msgspec.MsgspecError)
_decode_text = msgspec.json.Decoder(str).decode
_raw_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _Refused(Exception):
    """Raised inside this module with the reason."""


class _Other(Exception):
    """Raised inside this module with the name of an event of another family."""


def refuse(raw: bytes, reason: str) -> Refusal:
    """A refusal of an input that is at hand whole."""
    kept = raw if len(raw) <= KEPT_WHOLE else raw[:HEAD]
    return Refusal(reason=reason, raw=kept, length=len(raw), sha256=sha256(raw).digest())


def decode(
    raw: bytes, dropped: frozenset[str] = frozenset(), *, packing: Packing = UNTRAINED, taken_before: bool = False
) -> LiveEvent | Refusal | Ignored:
    """What one event's JSON text reports; a refusal says what is wrong, and where.

    Args:
        dropped: Members of the metadata that are not kept; the digest is of the event as it came.
        packing: How it is packed for the log.
        taken_before: It is of a log that a store kept, perhaps of a release to which no id was reserved.

    >>> decode(b'{"metadata":{"event_name":"user_created"}}')
    Ignored(name='user_created')
    >>> decode(b"[").reason
    'not JSON: Input data was truncated'
    """
    try:
        event, small = _object(raw)
        metadata, name = _name(event)
        if (entry := BY_NAME.get(name)) is None:
            if name.startswith(OURS):
                raise _Refused(f"unknown event {name}")
            return Ignored(name=name)
        found = _live_event(entry, name, metadata, event, small, raw, dropped, packing)
        if found.kind == "result" and not taken_before and found.id is not None and is_reserved(found.id):
            raise _Refused("no id: reserved")
        return found
    except _Other as other:
        return Ignored(name=str(other))
    except (_Refused, NoIdentity) as refused:
        return refuse(raw, str(refused))


def _object(raw: bytes) -> tuple[Json, bool]:
    try:
        event, small = read_whole(raw)
    except _NO_JSON as error:
        if (name := _name_alone(raw)) is not None:
            raise _Other(name) from error
        raise _Refused(f"not JSON: {str(error).removeprefix(_PREFIX) or 'nested too deep'}") from error
    if not isinstance(event, dict):
        raise _Refused("not an object")
    return event, small


def _name_alone(raw: bytes) -> str | None:
    """The name of an event of another family, although not all of it can be read; None where it is not one."""
    try:
        members = _raw_members(raw)
        metadata = _raw_members(members["metadata"] if "metadata" in members else members["attributes"])
        name: str = _decode_text(metadata["event_name"])
    except (*_NO_JSON, KeyError):
        return None
    return name if name and name not in BY_NAME and not name.startswith(OURS) else None


def _name(event: Json) -> tuple[Json, str]:
    metadata = event["metadata"] if "metadata" in event else event.get("attributes")
    name = metadata.get("event_name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise _Refused(_no_event(event))
    assert isinstance(metadata, dict)
    return metadata, name


def _no_event(event: Json) -> str:
    """Why an object without an event's name is not an event, by the members that it has."""
    attributes = event.get("attributes")
    if "metadata" in event or (isinstance(attributes, dict) and "event_name" in attributes):
        return "no event_name"
    if "sensor" in event and "data" in event:
        return "a Caliper envelope: let Canvas send the raw Canvas format instead of IMS Caliper"
    if not event:
        return "no event_name: an empty object"
    names = [name if len(name) <= _NAME else f"{name[:_NAME]}…" for name in islice(event, _NAMES // 2)]
    shown = sum(total <= _NAMES for total in accumulate(len(name) + 2 for name in names))
    more = f" and {len(event) - shown:,} more" if len(event) > shown else ""
    return f"no event_name: the object has {', '.join(name or '(blank)' for name in names[:shown])}{more}"


def _live_event(
    entry: Entry,
    name: str,
    metadata: Json,
    event: Json,
    small: bool,
    raw: bytes,
    dropped: frozenset[str],
    packing: Packing,
) -> LiveEvent:
    time = metadata.get("event_time")
    if time is None:
        raise _Refused("no event_time")
    if (read := read_instant(time)) is None:
        raise _Refused(f"event_time: invalid date-time {_shown(time)}")
    body = event.get("body")
    if not isinstance(body, dict):
        raise _Refused("body is not an object")
    if fault := wrong_type(entry, metadata, body, flat=is_flat(raw)):
        raise _Refused(f"wrong type: {fault}")
    warnings = deviations(entry, body)
    if not read[1]:
        warnings += (without_offset("event_time"),)
    digest = event_digest(metadata, body, small)
    text = raw if len(event) == 2 and "metadata" in event else _two_parts(raw)
    whole = text
    if dropped:
        text = reduced(text, dropped)
        metadata = {name: value for name, value in metadata.items() if name not in dropped}
    packed = packing.pack(digest, text, reduced=text is not whole)
    return live_event(name, metadata, body, event_time=read[0], digest=digest, packed=packed, warnings=warnings)


def _two_parts(raw: bytes) -> bytes:
    """The event without the members that are not part of it, each part spelled as it came."""
    members = _raw_members(raw)
    metadata = members["metadata"] if "metadata" in members else members["attributes"]
    return b'{"metadata":' + bytes(metadata) + b',"body":' + bytes(members["body"]) + b"}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
