"""What an event says: its identity, what it references, its place in a tree, the result row it describes.

Ids are as `domain.ids.long_id` gives them, but those of the shard that the event's own root account lies in are local:
which other shards are the institution's own is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from projector.domain.canonical import read_json
from projector.domain.catalogue import BY_KIND, BY_NAME, LEARNER, TREE_KINDS, Entry, Kind
from projector.domain.events import LiveEvent, Row, TreePart, global_ids
from projector.domain.ids import GLOBAL, learner_of, local_id, long_id, shard_of
from projector.domain.instants import BEFORE_ALL, instant_of, not_read
from projector.domain.packing import unpack
from projector.domain.pairs import RootAccount
from projector.domain.states import Number
from projector.domain.typed import number_of, text_of

Part = Mapping[str, Any]  # an event's metadata or body; a body is a state
_Plain = str | int | float | bool | None
_NO_SHARDS: Final[frozenset[int]] = frozenset()
_RESULT_ID: Final = BY_KIND["result"].id
RUBRIC: Final = "RubricAssessment"
_QUIZ: Final = "Quizzes::QuizSubmission"


class NoIdentity(ValueError):
    """An event that names neither its institution nor its aggregate; the message says what is missing."""


def live_event(
    name: str,
    metadata: Part,
    body: Part,
    *,
    event_time: int,
    digest: bytes,
    packed: bytes,
    warnings: tuple[str, ...] = (),
) -> LiveEvent:
    """An event of the catalogue with what it says.

    Args:
        event_time: Microseconds since 1970.

    Raises:
        NoIdentity: it says too little.
    """
    entry = BY_NAME[name]
    kind = entry.kind
    uuid, root = institution_in(metadata)
    if uuid is None and root is None:
        raise NoIdentity("no tenant: neither root_account_uuid nor root_account_id")
    own = own_shards(root)
    id, row = _own(long_id(body.get(entry.id)), own), _own_row(body, own) if kind == "result" else None
    if id is None and row is None:
        raise NoIdentity(_no_id(entry))
    updated = None if (said := body.get("updated_at")) is None else instant_of(said)
    updated_at = BEFORE_ALL if updated is None else updated
    guess = None if row is None or id is not None else row.guessed_id(())
    titled, mentions, page = (
        kind == "result" and has_title(body),
        _mentions(entry, body, own),
        _own(_page(metadata), own),
    )
    has_global_id, part = bool(global_ids(id, row, mentions, page)), _part(entry, body, own)
    facts = (id, guess, titled, mentions, page, has_global_id, digest, packed, warnings, row, part)
    # by keyword it would take three times as long, many thousands of times a second
    return LiveEvent(kind, name, event_time, updated_at, uuid, root, *facts)


def event_kept(packed: bytes) -> LiveEvent:
    """An event as the log keeps it, read again; it has the digest that it was stored with.

    Raises:
        ValueError: the event is damaged, or was written by a newer release.
    """
    digest, text = unpack(packed)
    event = read_json(text)
    metadata = event["metadata"] if "metadata" in event else event["attributes"]
    if (event_time := instant_of(metadata["event_time"])) is None:
        raise ValueError("event_time: invalid date-time")
    name = metadata["event_name"]
    return live_event(name, metadata, event["body"], event_time=event_time, digest=digest, packed=packed)


@lru_cache(256, typed=True)  # True is not 1
def institution_of(uuid: _Plain, root: _Plain) -> RootAccount:
    """The institution that an event's two members name; None for one that is not an id."""
    return long_id(uuid), long_id(root)


def institution_in(metadata: Part) -> RootAccount:
    """The institution that an event's metadata names."""
    return institution_of(metadata.get("root_account_uuid"), metadata.get("root_account_id"))


def _no_id(entry: Entry) -> str:
    if entry.kind == "result":
        return "no id: body.id, nor learning_outcome_id and a readable created_at to guess one from"
    return f"no id: body.{entry.id}"


def _mentions(entry: Entry, body: Part, own: frozenset[int]) -> tuple[tuple[str, str], ...]:
    found = []
    for what, member in entry.mentions:
        value = body.get(member)
        if (id := learner_of(value) if what == LEARNER else _own(long_id(value), own)) is not None:
            found.append((what, id))
    if entry.context is not None:
        type, member = entry.context
        if isinstance(context := body.get(type), str) and (id := _own(long_id(body.get(member)), own)) is not None:
            found.append((context, id))
    return tuple(found)


@lru_cache(256)
def own_shards(root: str | None) -> frozenset[int]:
    """The shard that an event's root account lies in: its ids there are the institution's own, whatever else is known.

    >>> own_shards("21070000000000001"), own_shards("1")
    (frozenset({2107}), frozenset())
    """
    shard = None if root is None else shard_of(root)
    return _NO_SHARDS if shard is None else frozenset((shard,))


def _own(id: str | None, own: frozenset[int]) -> str | None:
    return id if id is None or len(id) < GLOBAL else local_id(id, own)


def _own_row(body: Part, own: frozenset[int]) -> Row | None:
    row = row_of(body)
    if row is None or not own:
        return row
    return row._replace(outcome=local_id(row.outcome, own), asset_id=_own(row.asset_id, own))


def _page(metadata: Part) -> str | None:
    """The course on whose page it happened, where the course's account is named too."""
    if metadata.get("context_type") != "Course" or hinted_account(metadata) is None:
        return None
    return long_id(metadata.get("context_id"))


def hinted_account(metadata: Part) -> str | None:
    """The account of the course on whose page an event happened."""
    return long_id(metadata.get("context_account_id"))


def time_zone_of(metadata: Part) -> str | None:
    """The name of the time zone of the user whose request caused an event; None where it names none."""
    zone = metadata.get("time_zone")
    return zone if isinstance(zone, str) else None


# of a state


def status_of(state: Part) -> str:
    """The status that a state declares: ``active`` where it says nothing, else its ``workflow_state``."""
    return text_of(state.get("workflow_state")) or "active"


def context_of(kind: Kind, state: Part, shards: frozenset[int]) -> str | None:
    """The context that a state lies in, such as ``Course/565``; None where it names none.

    >>> context_of("scale", {"context_type": "Course", "context_id": 565}, frozenset())
    'Course/565'
    """
    if (members := BY_KIND[kind].context) is None:
        return None
    type, id = state.get(members[0]), long_id(state.get(members[1]))
    return f"{type}/{local_id(id, shards)}" if type in ("Account", "Course") and id is not None else None


def account_above(kind: Kind, state: Part) -> str | None:
    """The account that a course or an account lies in."""
    member = BY_KIND[kind].account
    return None if member is None else long_id(state.get(member))


def part_of(kind: Kind, state: Part) -> TreePart | None:
    """What the state of an outcome, a group or a link says of its place in a tree; None for other kinds."""
    return _part(BY_KIND[kind], state, _NO_SHARDS)


def _part(entry: Entry, body: Part, own: frozenset[int]) -> TreePart | None:
    if entry.kind not in TREE_KINDS:
        return None
    type_member, id_member = entry.context or ("", "")
    type = body.get(type_member)
    return TreePart(
        context_type=None if type is None else str(type),
        context_id=_own(long_id(body.get(id_member)), own),
        parent=None if entry.group is None else _own(long_id(body.get(entry.group)), own),
        outcome=None if entry.outcome is None else _own(long_id(body.get(entry.outcome)), own),
        title=text_of(body.get("title")),
        status=status_of(body),
    )


def unread_update(state: Part, of: str) -> str | None:
    """What to say where the time of a change, by Canvas' ``updated_at``, cannot be read.

    Args:
        of: Whose it is, such as ``outcome 5``; likewise in the functions below.
    """
    return not_read(state.get("updated_at"), "updated_at", of)


# of a result


def carries_id(state: Part) -> bool:
    """Whether a result's state has an id of its own: without one its identity is guessed.

    >>> carries_id({"id": "g2-own"}), carries_id({"id": " "})
    (True, False)
    """
    return long_id(state.get(_RESULT_ID)) is not None


def has_title(state: Part) -> bool:
    """Whether a state has a title of its own; a result without one keeps that of the state before."""
    return "title" in state


def with_title_of(before: Part, state: Part) -> Part:
    """A result's state with the title that the state before it had."""
    return {**state, "title": before["title"]} if has_title(before) and not has_title(state) else state


def row_of(state: Part) -> Row | None:
    """The row in Canvas that a result's state describes; None where it does not say enough to identify one."""
    outcome, created_at = long_id(state.get("learning_outcome_id")), instant_of(state.get("created_at"))
    if outcome is None or created_at is None:
        return None
    rubric = state.get("artifact_type") == RUBRIC
    asset_type, title = state.get("associated_asset_type"), state.get("title")
    return Row(
        outcome,
        created_at,
        learner_of(state.get("user_uuid")),
        None if rubric or asset_type is None else str(asset_type),
        None if rubric else long_id(state.get("associated_asset_id")),
        None if title is None else str(title),
    )


def row_members() -> tuple[str, str, str]:
    """The members that say what a row was made by, and the type and id of what it was given on."""
    return "artifact_type", "associated_asset_type", "associated_asset_id"


def asset_of(state: Part) -> tuple[object, str] | None:
    """The type, as it came, and the id of what a result was given on; None where it names no id."""
    id = long_id(state.get("associated_asset_id"))
    return None if id is None else (state.get("associated_asset_type"), id)


class ResultFacts(NamedTuple):
    """What a result's state says that scores rest on."""

    status: str
    outcome: str | None
    learner: str | None
    course: str | None
    score: Number | None
    possible: Number | None
    percent: Number | None
    assessment: str | None  # the rubric assessment behind it
    quiz: str | None  # the quiz submission that it is a question of
    assessed_at: object  # as it came

    def unread(self, of: str) -> str | None:
        """What to say where the time of its assessment cannot be read."""
        return not_read(self.assessed_at, "assessed_at", of)


def result_facts(state: Part) -> ResultFacts:
    """What a result's state says.

    >>> result_facts({"learning_outcome_id": 5, "score": "3.5", "user_uuid": "Ada"})[:5]
    ('active', '5', 'Ada', None, 3.5)
    """
    made_by, artifact = state.get("artifact_type"), long_id(state.get("artifact_id"))
    return ResultFacts(
        status=status_of(state),
        outcome=long_id(state.get("learning_outcome_id")),
        learner=learner_of(state.get("user_uuid")),
        course=long_id(state.get("result_context_id")) if state.get("result_context_type") == "Course" else None,
        score=number_of(state.get("score")),
        possible=number_of(state.get("possible")),
        percent=number_of(state.get("percent")),
        assessment=artifact if made_by == RUBRIC else None,
        quiz=artifact if made_by == _QUIZ else None,
        assessed_at=state.get("assessed_at"),
    )


def submission_said(state: Part) -> object:
    """When the work that a rubric assessment is of was submitted, as it came."""
    return state.get("submitted_at")


def unread_submission(said: object, of: str) -> str | None:
    """What to say where that cannot be read."""
    return not_read(said, "submitted_at", of)
