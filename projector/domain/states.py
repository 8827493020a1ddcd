"""The typed states of the ten kinds, with Canvas' names of their members.

Every member but the id may be None: a producer that does not send it, and one that sends null, say
the same. Ids are text, instants aware datetimes in UTC, lists tuples.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

Number = int | float


@frozen(kw_only=True)
class CriterionRating:
    """One step of an outcome's own criterion."""

    description: str | None = None
    points: Number | None = None


@frozen(kw_only=True)
class RubricCriterion:
    """An outcome's own criterion; ``points_possible`` are those of its highest rating."""

    description: str | None = None
    mastery_points: Number | None = None
    points_possible: Number | None = None
    ratings: tuple[CriterionRating, ...] = ()


@frozen(kw_only=True)
class Outcome:
    """A learning outcome: what a learner should be able to do."""

    learning_outcome_id: str
    context_type: str | None = None
    context_id: str | None = None
    context_uuid: str | None = None
    title: str | None = None
    short_description: str | None = None
    display_name: str | None = None
    vendor_guid: str | None = None
    description: str | None = None
    calculation_method: str | None = None
    calculation_int: Number | None = None
    rubric_criterion: RubricCriterion | None = None
    workflow_state: str | None = None
    copied_from_outcome_id: str | None = None
    original_outcome_root_account_uuid: str | None = None
    updated_at: datetime | None = None

    @property
    def mastery_points(self) -> Number | None:
        """The points that count as mastery by the outcome's own criterion."""
        return self.rubric_criterion.mastery_points if self.rubric_criterion else None


@frozen(kw_only=True)
class OutcomeGroup:
    """A folder of outcomes; the one without a parent is the root of its context."""

    learning_outcome_group_id: str
    context_type: str | None = None
    context_id: str | None = None
    context_uuid: str | None = None
    title: str | None = None
    description: str | None = None
    vendor_guid: str | None = None
    parent_outcome_group_id: str | None = None
    parent_outcome_group_context_uuid: str | None = None
    workflow_state: str | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class Link:
    """An outcome's place in a group of a context."""

    learning_outcome_link_id: str
    learning_outcome_id: str | None = None
    learning_outcome_group_id: str | None = None
    context_type: str | None = None
    context_id: str | None = None
    learning_outcome_context_uuid: str | None = None
    learning_outcome_group_context_uuid: str | None = None
    workflow_state: str | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class Result:
    """What a learner scored on an outcome in one assessment.

    ``mastery`` is None also where a producer put a number there: a bug once sent the outcome's id.
    """

    id: str | None = None
    learning_outcome_id: str | None = None
    learning_outcome_context_uuid: str | None = None
    mastery: bool | None = None
    score: Number | None = None
    possible: Number | None = None
    percent: Number | None = None
    original_score: Number | None = None
    original_possible: Number | None = None
    original_mastery: bool | None = None
    attempt: Number | None = None
    title: str | None = None
    user_uuid: str | None = None
    artifact_id: str | None = None
    artifact_type: str | None = None
    artifact_created_at: datetime | None = None
    artifact_updated_at: datetime | None = None
    associated_asset_id: str | None = None
    associated_asset_type: str | None = None
    result_context_id: str | None = None
    result_context_type: str | None = None
    result_context_uuid: str | None = None
    workflow_state: str | None = None
    assessed_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class Rating:
    """One step of a mastery scale; ``mastery`` marks the lowest step that still counts as mastery."""

    outcome_proficiency_rating_id: str | None = None
    description: str | None = None
    points: Number | None = None
    mastery: bool | None = None
    color: str | None = None
    workflow_state: str | None = None


@frozen(kw_only=True)
class ProficiencyScale:
    """The mastery scale of an account or a course."""

    outcome_proficiency_id: str
    context_type: str | None = None
    context_id: str | None = None
    outcome_proficiency_ratings: tuple[Rating, ...] = ()
    workflow_state: str | None = None
    updated_at: datetime | None = None

    @property
    def mastery_points(self) -> Number | None:
        """The points from which a score counts as mastery: of several mastery ratings the lowest; None with none.

        >>> ratings = Rating(points=3, mastery=True), Rating(points=2, mastery=True), Rating(points=0, mastery=False)
        >>> ProficiencyScale(outcome_proficiency_id="1", outcome_proficiency_ratings=ratings).mastery_points
        2
        """
        points = [r.points for r in self.outcome_proficiency_ratings if r.mastery and r.points is not None]
        return min(points, default=None)

    @property
    def points_possible(self) -> Number | None:
        """The points of the highest rating; None with none."""
        return max((r.points for r in self.outcome_proficiency_ratings if r.points is not None), default=None)


@frozen(kw_only=True)
class OwnScale(ProficiencyScale):
    """An outcome's own criterion as a mastery scale; its points are those that the criterion names."""

    criterion: RubricCriterion

    @property
    def mastery_points(self) -> Number | None:
        """The criterion's own, whether or not one of its ratings has these points."""
        return self.criterion.mastery_points

    @property
    def points_possible(self) -> Number | None:
        """The criterion's own, else those of its highest rating."""
        named = self.criterion.points_possible
        return super().points_possible if named is None else named


@frozen(kw_only=True)
class CalculationMethod:
    """How an account or a course makes one score of several results."""

    outcome_calculation_method_id: str
    context_type: str | None = None
    context_id: str | None = None
    calculation_method: str | None = None
    calculation_int: Number | None = None
    workflow_state: str | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class FriendlyDescription:
    """An outcome's description for learners, in one context."""

    outcome_friendly_description_id: str
    context_type: str | None = None
    context_id: str | None = None
    description: str | None = None
    learning_outcome_id: str | None = None
    learning_outcome_context_uuid: str | None = None
    root_account_id: str | None = None
    workflow_state: str | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class RubricAssessment:
    """A piece of work assessed by a rubric: it says when the work was submitted."""

    id: str
    aligned_to_outcomes: bool | None = None
    artifact_id: str | None = None
    artifact_type: str | None = None
    assessment_type: str | None = None
    context_uuid: str | None = None
    attempt: Number | None = None
    workflow_state: str | None = None
    submitted_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class Course:
    """A course and the account it belongs to."""

    course_id: str
    account_id: str | None = None
    uuid: str | None = None
    name: str | None = None
    sis_source_id: str | None = None
    workflow_state: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class Account:
    """An account, and its parent in the account tree."""

    account_id: str
    parent_account_id: str | None = None
    root_account_id: str | None = None
    root_account_uuid: str | None = None
    consortium_parent_account_id: str | None = None
    uuid: str | None = None
    name: str | None = None
    domain: str | None = None
    external_status: str | None = None
    sis_source_id: str | None = None
    lti_context_id: str | None = None
    default_locale: str | None = None
    default_time_zone: str | None = None
    default_storage_quota: Number | None = None
    default_user_storage_quota: Number | None = None
    default_group_storage_quota: Number | None = None
    workflow_state: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


Aggregate = (
    Outcome
    | OutcomeGroup
    | Link
    | Result
    | ProficiencyScale
    | CalculationMethod
    | FriendlyDescription
    | RubricAssessment
    | Course
    | Account
)
