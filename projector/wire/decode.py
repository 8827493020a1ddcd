"""One event's JSON text as a Live Event, or why it is none."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate, islice
from typing import Any, Final

import msgspec

from projector.domain.canonical import event_digest, is_flat, read_json, read_whole
from projector.domain.events import Ignored, LiveEvent, Refusal, Row, TreePart, global_ids, is_reserved
from projector.domain.ids import learner_of, long_id
from projector.domain.instants import MISSING, instant_of, read_instant
from projector.domain.kinds import LEARNER, TREE_KINDS
from projector.domain.packing import pack, unpack
from projector.domain.typed import text_of
from projector.wire.catalogue import BY_NAME, OURS, Entry
from projector.wire.checking import deviations, wrong_type
from projector.wire.dropping import reduced

KEPT_WHOLE: Final = 2**20  # bytes; of a longer input the head is kept
HEAD: Final = 2**16
_PREFIX: Final = "JSON is malformed: "  # of the library's errors
_NAMES: Final = 1000  # characters of the members' names that a reason holds,
_NAME: Final = 60  # and of each
Plain = str | int | float | bool | None
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
    raw: bytes, dropped: frozenset[str] = frozenset(), *, taken_before: bool = False
) -> LiveEvent | Refusal | Ignored:
    """What one event's JSON text reports; a refusal says what is wrong, and where.

    Args:
        dropped: Members of the metadata that are not kept; the digest is of the event as it came.
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
        found = _live_event(entry, name, metadata, event, small, raw, dropped)
        if found.kind == "result" and not taken_before and found.id is not None and is_reserved(found.id):
            raise _Refused("no id: reserved")
        return found
    except _Other as other:
        return Ignored(name=str(other))
    except _Refused as refused:
        return refuse(raw, str(refused))


def decode_stored(packed: bytes) -> LiveEvent:
    """An event of the log, which was accepted before, read again; it keeps the digest it was stored with.

    Raises:
        ValueError: the event is damaged, or was written by a newer release.
    """
    digest, text = unpack(packed)
    event = read_json(text)
    metadata = event["metadata"] if "metadata" in event else event["attributes"]
    name = metadata["event_name"]
    return _event(BY_NAME[name], name, metadata, event["body"], instant_of(metadata["event_time"]), digest, packed, ())


def _object(raw: bytes) -> tuple[dict[str, Any], bool]:
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
    """The name of an event of another family, although not all of it can be read; None where it is none."""
    try:
        members = _raw_members(raw)
        metadata = _raw_members(members["metadata"] if "metadata" in members else members["attributes"])
        name: str = _decode_text(metadata["event_name"])
    except (*_NO_JSON, KeyError):
        return None
    return name if name and name not in BY_NAME and not name.startswith(OURS) else None


def _name(event: dict[str, Any]) -> tuple[dict[str, Any], str]:
    metadata = event["metadata"] if "metadata" in event else event.get("attributes")
    name = metadata.get("event_name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise _Refused(_no_event(event))
    assert isinstance(metadata, dict)
    return metadata, name


def _no_event(event: dict[str, Any]) -> str:
    """Why an object without an event's name is none, by the members that it has."""
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
    metadata: dict[str, Any],
    event: dict[str, Any],
    small: bool,
    raw: bytes,
    dropped: frozenset[str],
) -> LiveEvent:
    time = metadata.get("event_time")
    if time is None:
        raise _Refused("no event_time")
    if (read := read_instant(time)) is None:
        raise _Refused(f"event_time is no instant: {_shown(time)}")
    body = event.get("body")
    if not isinstance(body, dict):
        raise _Refused("body is not an object")
    if fault := wrong_type(entry, metadata, body, flat=is_flat(raw)):
        raise _Refused(f"wrong type: {fault}")
    warnings = deviations(entry, body)
    if not read[1]:
        warnings += ("event_time without an offset, read as UTC",)
    digest = event_digest(metadata, body, small)
    text = raw if len(event) == 2 and "metadata" in event else _two_parts(raw)
    whole = text
    if dropped:
        text = reduced(text, dropped)
        metadata = {name: value for name, value in metadata.items() if name not in dropped}
    packed = pack(digest, text, reduced=text is not whole)
    return _event(entry, name, metadata, body, read[0], digest, packed, warnings)


def _event(
    entry: Entry,
    name: str,
    metadata: dict[str, Any],
    body: dict[str, Any],
    event_time: int | None,
    digest: bytes,
    packed: bytes,
    warnings: tuple[str, ...],
) -> LiveEvent:
    uuid, root = _institution(metadata.get("root_account_uuid"), metadata.get("root_account_id"))
    if uuid is None and root is None:
        raise _Refused("no tenant: neither root_account_uuid nor root_account_id")
    id, row = long_id(body.get(entry.id_member)), _row(body) if entry.kind == "result" else None
    if id is None and row is None:
        raise _Refused(_no_id(entry))
    assert event_time is not None
    updated_at = None if (updated := body.get("updated_at")) is None else instant_of(updated)
    mentions, page = _mentions(entry, body), _page(metadata)
    part = _part(entry, body) if entry.kind in TREE_KINDS else None
    return LiveEvent(
        entry.kind,
        name,
        event_time,
        MISSING if updated_at is None else updated_at,
        uuid,
        root,
        id,
        None if row is None or id is not None else row.guessed_id(()),
        entry.kind == "result" and "title" in body,
        mentions,
        page,
        bool(global_ids(id, row, mentions, page)),
        digest,
        packed,
        warnings,
        row,
        part,
    )


@lru_cache(256, typed=True)  # True is no 1
def _institution(uuid: Plain, root: Plain) -> tuple[str | None, str | None]:
    return long_id(uuid), long_id(root)


def _no_id(entry: Entry) -> str:
    if entry.kind == "result":
        return "no id: body.id, nor learning_outcome_id and a readable created_at to guess one from"
    return f"no id: body.{entry.id_member}"


def _row(body: dict[str, Any]) -> Row | None:
    outcome, created_at = long_id(body.get("learning_outcome_id")), instant_of(body.get("created_at"))
    if outcome is None or created_at is None:
        return None
    rubric = body.get("artifact_type") == "RubricAssessment"
    asset_type, title = body.get("associated_asset_type"), body.get("title")
    return Row(
        outcome,
        created_at,
        learner_of(body.get("user_uuid")),
        None if rubric or asset_type is None else str(asset_type),
        None if rubric else long_id(body.get("associated_asset_id")),
        None if title is None else str(title),
    )


def _mentions(entry: Entry, body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for what, member in entry.mentions:
        if (id := (learner_of if what == LEARNER else long_id)(body.get(member))) is not None:
            found.append((what, id))
    for type, member in entry.contexts:
        if isinstance(context := body.get(type), str) and (id := long_id(body.get(member))) is not None:
            found.append((context, id))
    return tuple(found)


def _page(metadata: dict[str, Any]) -> str | None:
    if metadata.get("context_type") != "Course" or long_id(metadata.get("context_account_id")) is None:
        return None
    return long_id(metadata.get("context_id"))


def _part(entry: Entry, body: dict[str, Any]) -> TreePart:
    type = body.get("context_type")
    is_link = entry.kind == "link"
    return TreePart(
        context_type=None if type is None else str(type),
        context_id=long_id(body.get("context_id")),
        parent=long_id(body.get("learning_outcome_group_id" if is_link else "parent_outcome_group_id")),
        outcome=long_id(body.get("learning_outcome_id")) if is_link else None,
        title=text_of(body.get("title")),
        status=text_of(body.get("workflow_state")) or "active",
    )


def _two_parts(raw: bytes) -> bytes:
    """The event without the members that are no part of it, each part spelled as it came."""
    members = _raw_members(raw)
    metadata = members["metadata"] if "metadata" in members else members["attributes"]
    return b'{"metadata":' + bytes(metadata) + b',"body":' + bytes(members["body"]) + b"}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
