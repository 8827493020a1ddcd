"""The catalogue of what Canvas sends: ten kinds, their event names, and the members of their bodies.

The members and their types are those of the classes in `projector.domain.states`. A further kind is a class there and
an entry here: see ``docs/explanation/architecture.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from attrs import field, fields_dict, frozen, has

from projector.domain import states
from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion

Kind = Literal[
    "outcome", "group", "link", "result", "scale", "method", "description", "assessment", "course", "account"
]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TREE_KINDS: Final = frozenset[Kind](("outcome", "group", "link"))  # what outcome trees are made of
ACCOUNT_HINT: Final = (
    "account_hint"  # not a kind: events by the course on whose page they happened, whose account they name
)
LEARNER: Final = "learner"  # what a user's uuid names; other names are those of kinds, or contexts' own types

Plain = Literal["number", "plain"]


@frozen(kw_only=True)
class Nested:
    """An object, or a list of objects, with known members."""

    members: Mapping[str, Plain | Nested]
    many: bool = False


Shape = Plain | Nested


def _shape(type: Any) -> Shape:
    """What JSON may hold for an annotation of a state's class."""
    meant = [one for one in get_args(type) or (type,) if one not in (NoneType, Ellipsis)]
    if has(meant[0]):
        return Nested(members=_members(meant[0]), many=get_origin(type) is tuple)
    return "number" if set(meant) == {int, float} else "plain"


def _members(state: type) -> dict[str, Shape]:
    types = get_type_hints(state)
    return {name: _shape(types[name]) for name in fields_dict(state)}


@frozen(kw_only=True)
class Entry:
    """One kind: its events' names, the class of its states, and which members name what.

    ``outcome``, ``group``, ``account`` and ``learner`` are the members with the id of what it names: a group its
    parent, a link the outcome and the group that it leads into, a course or an account the account above it.
    ``context`` are those with the type and the id of the context that it lies in; the type's own text is what is named.
    ``mentions`` has all but that, each with its member.
    """

    kind: Kind
    stem: str
    state: type[states.Aggregate]
    outcome: str | None = None
    group: str | None = None
    account: str | None = None
    learner: str | None = None
    statuses: frozenset[str] = frozenset({"active", "deleted"})
    members: Mapping[str, Shape] = field(init=False)
    id: str = field(init=False)
    context: tuple[str, str] | None = field(init=False)
    mentions: tuple[tuple[str, str], ...] = field(init=False)
    numbers: tuple[str, ...] = field(init=False)
    nested: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        members, own = _members(self.state), f"{self.stem}_id"
        contexts = [(f"{stem}context_type", f"{stem}context_id") for stem in ("", "result_")]
        named = ("outcome", self.outcome), ("group", self.group), ("account", self.account), (LEARNER, self.learner)
        for name, value in {
            "members": members,
            "id": own if own in members else "id",
            "context": next((pair for pair in contexts if members.keys() >= {*pair}), None),
            "mentions": tuple((what, member) for what, member in named if member is not None),
            "numbers": tuple(name for name, shape in members.items() if shape == "number"),
            "nested": any(isinstance(shape, Nested) for shape in members.values()),
        }.items():
            object.__setattr__(self, name, value)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_OUTCOME: Final = "learning_outcome_id"
_ARCHIVED: Final = _words("active archived deleted")
_OF_COURSE: Final = _words("active created claimed available completed deleted")

CATALOGUE: Final[tuple[Entry, ...]] = (
    Entry(kind="outcome", stem="learning_outcome", state=states.Outcome, statuses=_ARCHIVED | {"retired"}),
    Entry(
        kind="group",
        stem="learning_outcome_group",
        state=states.OutcomeGroup,
        group="parent_outcome_group_id",
        statuses=_ARCHIVED,
    ),
    Entry(
        kind="link",
        stem="learning_outcome_link",
        state=states.Link,
        outcome=_OUTCOME,
        group="learning_outcome_group_id",
        statuses=_words("active unpublished deleted"),
    ),
    Entry(kind="result", stem="learning_outcome_result", state=states.Result, outcome=_OUTCOME, learner="user_uuid"),
    Entry(kind="scale", stem="outcome_proficiency", state=states.ProficiencyScale),
    Entry(kind="method", stem="outcome_calculation_method", state=states.CalculationMethod),
    Entry(kind="description", stem="outcome_friendly_description", state=states.FriendlyDescription, outcome=_OUTCOME),
    Entry(kind="assessment", stem="rubric_assessed", state=states.RubricAssessment),
    Entry(kind="course", stem="course", state=states.Course, account="account_id", statuses=_OF_COURSE),
    Entry(kind="account", stem="account", state=states.Account, account="parent_account_id"),
)

METADATA: Final = _words(
    "event_name event_time producer root_account_uuid root_account_id root_account_lti_guid job_id job_tag user_id",
    "real_user_id user_login user_sis_id user_account_id context_type context_id context_account_id",
    "context_sis_source_id context_role request_id session_id hostname http_method url referrer user_agent client_ip",
    "time_zone",
)

METHODS: Final[Mapping[str, tuple[int, int] | None]] = {  # with the widest range their number ever had
    **dict.fromkeys(("highest", "latest", "average")),
    "n_mastery": (1, 10),
    **dict.fromkeys(("decaying_average", "weighted_average", "standard_decaying_average"), (1, 99)),
}


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.stem,) if entry.kind == "assessment" else (f"{entry.stem}_created", f"{entry.stem}_updated")


BY_KIND: Final[Mapping[Kind, Entry]] = {entry.kind: entry for entry in CATALOGUE}
KIND_OF: Final[Mapping[type[object], Kind]] = {entry.state: entry.kind for entry in CATALOGUE}
NAMES_OF: Final[Mapping[Kind, tuple[str, ...]]] = {entry.kind: _names(entry) for entry in CATALOGUE}
BY_NAME: Final[Mapping[str, Entry]] = {name: BY_KIND[kind] for kind, names in NAMES_OF.items() for name in names}
OURS: Final = ("learning_", "outcome", "rubric")  # how the names begin that a later release may take

_BY_WORD: Final[Mapping[str, Kind]] = {word: kind for kind in KINDS for word in (kind, f"{kind}s")}


def kind_named(word: str) -> Kind:
    """The kind a user names, singular or plural.

    Raises:
        BadQuestion: it is not one.

    >>> kind_named("outcomes")
    'outcome'
    """
    kind = (_BY_WORD.get(word) or _BY_WORD.get(word.lower())) if isinstance(word, str) else None
    if kind is None:
        raise BadQuestion(f"unknown kind {shown(word)}; the kinds are {', '.join(KINDS)}")
    return kind
