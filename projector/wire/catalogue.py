"""The one table of what Canvas sends: names, ids, members and their types, what each body mentions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from attrs import field, frozen

from projector.domain.kinds import LEARNER, Kind

Plain = Literal["id", "text", "flag", "instant", "number"]


@frozen(kw_only=True)
class Nested:
    """An object, or a list of objects, with known members."""

    members: Mapping[str, Plain | Nested]
    many: bool = False


Shape = Plain | Nested


@frozen(kw_only=True)
class Entry:
    """One kind: its event names, its id, its members.

    ``mentions`` are (what, member with the id); ``contexts`` are (member with the type, member with
    the id): the type's own text is what is mentioned.
    """

    kind: Kind
    stem: str
    id_member: str
    members: Mapping[str, Shape]
    mentions: tuple[tuple[str, str], ...] = ()
    contexts: tuple[tuple[str, str], ...] = ()
    states: frozenset[str] = frozenset({"active", "deleted"})
    known: frozenset[str] = field(init=False)
    nested: tuple[tuple[str, Nested], ...] = field(init=False)
    numbers: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset(self.members))
        nested = tuple((name, shape) for name, shape in self.members.items() if isinstance(shape, Nested))
        object.__setattr__(self, "nested", nested)
        object.__setattr__(self, "numbers", tuple(name for name, shape in self.members.items() if shape == "number"))


def _members(**types: str) -> dict[str, Shape]:
    """Members by type: ``id="a b"`` says that a and b are ids."""
    return {name: type for type, names in types.items() for name in names.split()}  # type: ignore[misc]


_CONTEXT: Final = (("context_type", "context_id"),)
_CRITERION: Final = Nested(
    members={
        "description": "text",
        "mastery_points": "number",
        "points_possible": "number",
        "ratings": Nested(members=_members(text="description", number="points"), many=True),
    }
)
_RATINGS: Final = Nested(
    members=_members(
        id="outcome_proficiency_rating_id", text="description color workflow_state", number="points", flag="mastery"
    ),
    many=True,
)

CATALOGUE: Final[tuple[Entry, ...]] = (
    Entry(
        kind="outcome",
        stem="learning_outcome",
        id_member="learning_outcome_id",
        members=_members(
            id="learning_outcome_id context_id copied_from_outcome_id",
            text="context_type context_uuid title short_description display_name vendor_guid description"
            " calculation_method workflow_state original_outcome_root_account_uuid",
            number="calculation_int",
            instant="updated_at",
        )
        | {"rubric_criterion": _CRITERION},
        contexts=_CONTEXT,
        states=frozenset({"active", "archived", "retired", "deleted"}),
    ),
    Entry(
        kind="group",
        stem="learning_outcome_group",
        id_member="learning_outcome_group_id",
        members=_members(
            id="learning_outcome_group_id context_id parent_outcome_group_id",
            text="context_type context_uuid title description vendor_guid workflow_state"
            " parent_outcome_group_context_uuid",
            instant="updated_at",
        ),
        mentions=(("group", "parent_outcome_group_id"),),
        contexts=_CONTEXT,
        states=frozenset({"active", "archived", "deleted"}),
    ),
    Entry(
        kind="link",
        stem="learning_outcome_link",
        id_member="learning_outcome_link_id",
        members=_members(
            id="learning_outcome_link_id learning_outcome_id learning_outcome_group_id context_id",
            text="context_type workflow_state learning_outcome_context_uuid learning_outcome_group_context_uuid",
            instant="updated_at",
        ),
        mentions=(("outcome", "learning_outcome_id"), ("group", "learning_outcome_group_id")),
        contexts=_CONTEXT,
        states=frozenset({"active", "unpublished", "deleted"}),
    ),
    Entry(
        kind="result",
        stem="learning_outcome_result",
        id_member="id",
        members=_members(
            id="id learning_outcome_id artifact_id associated_asset_id result_context_id",
            text="title workflow_state user_uuid learning_outcome_context_uuid artifact_type associated_asset_type"
            " result_context_type result_context_uuid",
            number="score possible percent original_score original_possible attempt",
            flag="mastery original_mastery",
            instant="assessed_at created_at updated_at artifact_created_at artifact_updated_at",
        ),
        mentions=(("outcome", "learning_outcome_id"), (LEARNER, "user_uuid")),
        contexts=(("result_context_type", "result_context_id"),),
    ),
    Entry(
        kind="scale",
        stem="outcome_proficiency",
        id_member="outcome_proficiency_id",
        members=_members(
            id="outcome_proficiency_id context_id", text="context_type workflow_state", instant="updated_at"
        )
        | {"outcome_proficiency_ratings": _RATINGS},
        contexts=_CONTEXT,
    ),
    Entry(
        kind="method",
        stem="outcome_calculation_method",
        id_member="outcome_calculation_method_id",
        members=_members(
            id="outcome_calculation_method_id context_id",
            text="context_type calculation_method workflow_state",
            number="calculation_int",
            instant="updated_at",
        ),
        contexts=_CONTEXT,
    ),
    Entry(
        kind="description",
        stem="outcome_friendly_description",
        id_member="outcome_friendly_description_id",
        members=_members(
            id="outcome_friendly_description_id context_id learning_outcome_id root_account_id",
            text="context_type description workflow_state learning_outcome_context_uuid",
            instant="updated_at",
        ),
        mentions=(("outcome", "learning_outcome_id"),),
        contexts=_CONTEXT,
    ),
    Entry(
        kind="assessment",
        stem="rubric_assessed",
        id_member="id",
        members=_members(
            id="id artifact_id",
            text="artifact_type assessment_type context_uuid workflow_state",
            number="attempt",
            flag="aligned_to_outcomes",
            instant="submitted_at created_at updated_at",
        ),
    ),
    Entry(
        kind="course",
        stem="course",
        id_member="course_id",
        members=_members(
            id="course_id account_id",
            text="uuid name sis_source_id workflow_state",
            instant="created_at updated_at",
        ),
        mentions=(("account", "account_id"),),
        states=frozenset({"active", "created", "claimed", "available", "completed", "deleted"}),
    ),
    Entry(
        kind="account",
        stem="account",
        id_member="account_id",
        members=_members(
            id="account_id parent_account_id root_account_id consortium_parent_account_id",
            text="root_account_uuid uuid name domain external_status sis_source_id lti_context_id workflow_state"
            " default_locale default_time_zone",
            number="default_storage_quota default_user_storage_quota default_group_storage_quota",
            instant="created_at updated_at",
        ),
        mentions=(("account", "parent_account_id"),),
    ),
)

METADATA: Final[frozenset[str]] = frozenset(
    _members(
        id="root_account_id user_id real_user_id context_id context_account_id user_account_id job_id",
        text="event_name event_time producer root_account_uuid root_account_lti_guid job_tag user_login user_sis_id"
        " context_type context_sis_source_id context_role request_id session_id hostname http_method url referrer"
        " user_agent client_ip time_zone",
    )
)

METHODS: Final[Mapping[str, tuple[int, int] | None]] = {  # with the widest range their number ever had
    "highest": None,
    "latest": None,
    "average": None,
    "n_mastery": (1, 10),
    "decaying_average": (1, 99),
    "weighted_average": (1, 99),
    "standard_decaying_average": (1, 99),
}


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.stem,) if entry.kind == "assessment" else (f"{entry.stem}_created", f"{entry.stem}_updated")


BY_NAME: Final[Mapping[str, Entry]] = {name: entry for entry in CATALOGUE for name in _names(entry)}
OURS: Final = ("learning_", "outcome", "rubric")  # how the names begin that a later release may take
