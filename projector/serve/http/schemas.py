"""The JSON schemas of what is answered, by name: one for each shape of `projector.serve.json`, of health, of a problem.

A shape that is fixed has no further members; those of states and of changes are Canvas' own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args, get_type_hints

from projector.domain import tree
from projector.domain.catalogue import KINDS
from projector.domain.explanation import Verdict
from projector.domain.inforce import KnownBy, Lineage
from projector.domain.scores import OrderedBy
from projector.domain.versions import Because, DecidedBy

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_NUMBER: Final[Schema] = {"type": "number"}
_NUMBER_OR_NULL: Final[Schema] = {"type": ["number", "null"]}
_FLAG: Final[Schema] = {"type": "boolean"}
_NULL: Final[Schema] = {"type": "null"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_INSTANT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_ANY_OBJECT: Final[Schema] = {"type": "object", "additionalProperties": True}
_HASH: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_CHANGES: Final[Schema] = {
    "type": "object",
    "description": "By member of the state: the old value and the new one.",
    "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_null(of: Schema) -> Schema:
    return {"anyOf": [of, _NULL]}


def _one_of(literal: object) -> Schema:
    """A text that is one of those of a literal type."""
    return {"type": "string", "enum": [*get_args(literal)]}


def _fixed(about: str, members: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these members and no others."""
    return {
        "type": "object",
        "description": about,
        "properties": {**members, **(optional or {})},
        "required": [*members],
        "additionalProperties": False,
    }


def _literal(answer: type, member: str) -> object:
    """The type of a member of an answer."""
    return get_type_hints(answer)[member]


def _page(about: str, item: str) -> Schema:
    following = {**_TEXT_OR_NULL, "description": "The cursor of the next page; null: this is the last one."}
    return _fixed(about, {"items": _list(_ref(item)), "next": following, "basis": _ref("Basis")})


_IDENTITY: Final = {"tenant": _TEXT, "kind": _ref("Kind"), "id": _TEXT}
_VERSION: Final = _IDENTITY | {
    "status": _TEXT,
    "valid_from": _INSTANT,
    "valid_to": {**_INSTANT_OR_NULL, "description": "Null while it lasts."},
    "recorded_at": _INSTANT,
    "event_name": _TEXT,
    "state": {**_ANY_OBJECT, "description": "The body of the event, as it was sent."},
    "basis": _ref("Basis"),
}
_OF_RESULTS: Final = {
    "guessed": {
        "anyOf": [{"type": "string", "enum": ["doubtful"]}, {"type": "boolean", "const": True}],
        "description": "Of a result without an id: its identity is guessed.",
    },
    "continued_by": {**_TEXT_OR_NULL, "description": "The id of the result that continues it."},
}
_UNKNOWN: Final = _IDENTITY | {
    "status": {"type": "string", "enum": ["unknown"]},
    **dict.fromkeys(("valid_from", "valid_to", "recorded_at", "event_name", "state"), _NULL),
    "because": _ref("Because"),
    "basis": _ref("Basis"),
}
_WHERE: Final = {"context": _TEXT, "found_at": _TEXT, "lineage": _ref("Lineage"), "chain": _list(_ref("Step"))}

SCHEMAS: Final[Mapping[str, Schema]] = {
    "Kind": {"type": "string", "enum": [*KINDS]},
    "DecidedBy": {**_one_of(DecidedBy), "description": "What put the event in effect before the next best one."},
    "Because": {**_one_of(Because), "description": "Why there is no state."},
    "Lineage": {**_one_of(Lineage), "description": "How it was found."},
    "Basis": _fixed(
        "What an answer rests on.",
        {
            "as_of": {**_INSTANT_OR_NULL, "description": "Valid time; null: the latest."},
            "known_at": {**_INSTANT_OR_NULL, "description": "Transaction time; null: the store was empty."},
            "tz": _TEXT,
            "rules": _COUNT,
            "heard_until": {**_INSTANT_OR_NULL, "description": "The institution's latest event_time known then."},
            "decided_by": _or_null(_ref("DecidedBy")),
            "assumed": {**_list(_TEXT), "description": "The defaults and hints that were used."},
        },
    ),
    "By": _fixed(
        "Who caused an event: a user, or a background job.",
        dict.fromkeys(("user_id", "user_login", "job_tag"), _TEXT_OR_NULL),
    ),
    "Version": _fixed("A state from one event until the next one.", _VERSION, _OF_RESULTS),
    "VersionOfHistory": _fixed(
        "A version, what it changed and who changed it.",
        _VERSION | {"changes": _CHANGES, "by": _ref("By")},
        _OF_RESULTS,
    ),
    "History": _list(_ref("VersionOfHistory")),
    "Versions": _page("A page of versions, by id.", "Version"),
    "Unknown": _fixed("There is no state at that instant, and why.", _UNKNOWN),
    "InForce": _fixed("The version in effect in a context, and how it was found.", _VERSION | _WHERE),
    "NoneInForce": _fixed(
        "None is in effect in the context, and why.", _UNKNOWN | {"id": _NULL} | _WHERE | {"found_at": _NULL}
    ),
    "Step": _fixed(
        "A context that was looked at.",
        {"context": _TEXT, "found": _TEXT_OR_NULL, "known_by": _one_of(KnownBy)},
    ),
    "Tree": _fixed(
        "The outcome groups of a context.",
        {
            "context": _TEXT,
            "roots": _list(_ref("TreeGroup")),
            "problems": _list(_ref("TreeProblem")),
            "basis": _ref("Basis"),
        },
    ),
    "TreeGroup": _fixed(
        "A group with what is below it.",
        {
            "id": _TEXT,
            "title": _TEXT_OR_NULL,
            "status": _TEXT,
            "groups": _list(_ref("TreeGroup")),
            "outcomes": _list(_ref("TreeOutcome")),
        },
    ),
    "TreeOutcome": _fixed("An outcome in a group, by a link.", {"id": _TEXT, "title": _TEXT_OR_NULL, "link_id": _TEXT}),
    "TreeProblem": _fixed(
        "A group or link that is not where its event places it.",
        {
            "kind": _one_of(_literal(tree.Problem, "kind")),
            "id": _TEXT,
            "problem": _one_of(_literal(tree.Problem, "problem")),
            "missing": _TEXT_OR_NULL,
        },
    ),
    "Score": _fixed(
        "A learner's score on an outcome in a course.",
        {
            "learner": _TEXT,
            "outcome": _TEXT,
            "context": _TEXT_OR_NULL,
            "score": _NUMBER,
            "method": _TEXT,
            "int": _NUMBER_OR_NULL,
            "mastery": {"type": ["boolean", "null"]},
            "rating": _TEXT_OR_NULL,
            "points_possible": _NUMBER_OR_NULL,
            "mastery_points": _NUMBER_OR_NULL,
            "results": _COUNT,
            "ordered_by": _one_of(OrderedBy),
            "judged_by": _ref("JudgedBy"),
            "outcome_status": _TEXT,
        },
    ),
    "JudgedBy": _fixed("Where scale and method were found.", {"scale": _TEXT, "method": _TEXT}),
    "Scores": _page("A page of scores, by learner, outcome and course.", "Score"),
    "Difference": _fixed(
        "One that differs between two instants.",
        _IDENTITY
        | {
            "status": {
                **_list(_TEXT),
                "minItems": 2,
                "maxItems": 2,
                "description": "At the one instant and at the other.",
            },
            "changes": _CHANGES,
        },
    ),
    "Differences": _page("A page of those that differ, by kind and id.", "Difference"),
    "Digest": _fixed("A hash of all states, and the rules that made them.", {"digest": _HASH, "rules": _COUNT}),
    "Explanation": _fixed(
        "Every event of one outcome, group, scale, …, with its verdict.",
        _IDENTITY | {"events": _list(_ref("EventVerdict")), "basis": _ref("Basis")},
    ),
    "EventVerdict": _fixed(
        "An event and its part in the answer.",
        {
            "verdict": _one_of(Verdict),
            "beaten_by": {"type": ["string", "null"], "description": "The digest of the event that superseded it."},
            "decided_by": _or_null(_ref("DecidedBy")),
            "event_name": _TEXT,
            "event_time": _INSTANT,
            "changed_at": _INSTANT_OR_NULL,
            "recorded_at": _INSTANT,
            "source": _TEXT,
            "position": {"type": "integer", "minimum": 1},
            "digest": _HASH,
            "duplicates": _COUNT,
            "contradiction": _FLAG,
            "unread": _list(_TEXT),
            "by": _ref("By"),
        },
        {"event": _ref("Event")},
    ),
    "Event": _fixed("An event as it was sent.", {"metadata": _ANY_OBJECT, "body": _ANY_OBJECT}),
    "Report": _fixed(
        "What became of a post: `read` is the sum of the four counts.",
        {
            **dict.fromkeys(("read", "appended", "duplicates", "ignored", "quarantined"), _COUNT),
            "seconds": {"type": "number", "minimum": 0},
            "left_out": _list(_ref("LeftOut")),
            "recorded_at": {**_INSTANT_OR_NULL, "description": "When it was recorded; null: nothing was appended."},
        },
    ),
    "LeftOut": _fixed("A file that was not read.", {"path": _TEXT, "reason": _TEXT}),
    "Health": _fixed(
        "Whether the store can be read and written to.",
        {
            "status": {"type": "string", "enum": ["ok", "busy", "failing"]},
            "version": _TEXT,
            "store": {"type": "string", "enum": ["readable", "unreadable"]},
            "head": _or_null(_ref("Head")),
            "disk": _or_null(_ref("Disk")),
        },
    ),
    "Head": _fixed(
        "The last commit; its position is for administrators.",
        {"recorded_at": _INSTANT_OR_NULL, "position": {"type": ["integer", "null"], "minimum": 0}},
    ),
    "Disk": _fixed("The room on the store's disk, in bytes.", {"free": _COUNT, "total": _COUNT}),
    "Problem": {
        "type": "object",
        "description": "Why a request is not answered (RFC 9457).",
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {**_TEXT, "description": "What is wrong, and what to do."},
            "tenants": {**_list(_TEXT), "description": "The institutions of which one has to be named."},
        },
        "required": ["type", "title", "status", "detail"],
    },
}

UNKNOWN_OF: Final[Mapping[str, str]] = {"InForce": "NoneInForce", "Tree": "Tree"}  # else Unknown
