"""The lines that a card shows of each kind, and how a value is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from attrs import frozen

from projector.domain.catalogue import BY_KIND, Kind, Nested
from projector.domain.instants import instant_of, to_datetime
from projector.serve.screen.text import moment, plain, without_tags

Style = Literal["text", "html", "share", "instant"]


@frozen
class Label:
    """One line of a card: its label, Canvas' member, and how the value is written."""

    text: str
    member: str
    style: Style = "text"


_NOUNS: Final[Mapping[Kind, str]] = {
    "outcome": "Outcome",
    "group": "Outcome group",
    "link": "Link",
    "result": "Result",
    "scale": "Mastery scale",
    "method": "Calculation method",
    "description": "Friendly description",
    "assessment": "Rubric assessment",
    "course": "Course",
    "account": "Account",
}

_CONTEXT: Final = (Label("Context", "context"),)

_LABELS: Final[Mapping[Kind, tuple[Label, ...]]] = {
    "outcome": (
        Label("Title", "title"),
        Label("Shown as", "display_name"),
        Label("Description", "description", "html"),
        *_CONTEXT,
        Label("Calculation", "calculation"),
        Label("Vendor's id", "vendor_guid"),
    ),
    "group": (
        Label("Title", "title"),
        Label("Description", "description", "html"),
        *_CONTEXT,
        Label("Within group", "parent_outcome_group_id"),
    ),
    "link": (
        Label("Outcome", "learning_outcome_id"),
        Label("In group", "learning_outcome_group_id"),
        *_CONTEXT,
    ),
    "result": (
        Label("Outcome", "learning_outcome_id"),
        Label("Learner", "user_uuid"),
        Label("Title", "title"),
        Label("Assessed in", "result_context"),
        Label("Score", "score"),
        Label("Points possible", "possible"),
        Label("Percent", "percent", "share"),
        Label("Mastery", "mastery"),
        Label("Attempt", "attempt"),
        Label("Assessed", "assessed_at", "instant"),
        Label("First recorded", "created_at", "instant"),
        Label("Artifact", "artifact"),
        Label("Assignment", "associated_asset"),
    ),
    "scale": _CONTEXT,
    "method": (*_CONTEXT, Label("Calculation", "calculation")),
    "description": (
        Label("Outcome", "learning_outcome_id"),
        Label("Description", "description", "html"),
        *_CONTEXT,
    ),
    "assessment": (
        Label("Submission", "artifact"),
        Label("Assessment type", "assessment_type"),
        Label("Aligned to outcomes", "aligned_to_outcomes"),
        Label("Submitted", "submitted_at", "instant"),
        Label("Assessed", "created_at", "instant"),
    ),
    "course": (Label("Name", "name"), Label("In account", "account_id"), Label("SIS id", "sis_source_id")),
    "account": (Label("Name", "name"), Label("Within account", "parent_account_id"), Label("SIS id", "sis_source_id")),
}

_METHODS: Final[Mapping[str, str]] = {
    "highest": "Highest Score",
    "latest": "Most Recent Score",
    "average": "Average",
    "n_mastery": "n Number of Times: {} at mastery",
    "decaying_average": "Decaying Average {}/{}",
    "weighted_average": "Weighted Average {}/{}",
    "standard_decaying_average": "Standard Decaying Average {}/{}",
}


def noun_of(kind: Kind) -> str:
    """What a card calls a kind."""
    return _NOUNS.get(kind, kind.capitalize())


def labels_of(kind: Kind) -> tuple[Label, ...]:
    """The lines of a kind's card; of one without lines of its own every plain member."""
    plain_members = [name for name, shape in BY_KIND[kind].members.items() if not isinstance(shape, Nested)]
    return _LABELS.get(kind) or tuple(Label(name.replace("_", " ").capitalize(), name) for name in plain_members)


def title_of(kind: Kind, state: Mapping[str, Any]) -> str:
    """A short text that identifies an aggregate for people."""
    match kind:
        case "link":
            outcome, group = state.get("learning_outcome_id"), state.get("learning_outcome_group_id")
            return f"outcome {plain(outcome)} in group {plain(group)}"
        case "result":
            score = f"{plain(state.get('score'))} of {plain(state.get('possible'))}"
            return f"outcome {plain(state.get('learning_outcome_id'))}: {score}"
        case "scale":
            ratings = state.get("outcome_proficiency_ratings") or []
            return f"{written(Label('', 'context'), state)}: " + ", ".join(plain(r.get("points")) for r in ratings)
        case "method":
            return f"{written(Label('', 'context'), state)}: {written(Label('', 'calculation'), state)}"
        case "description":
            return without_tags(state.get("description"))
        case "assessment":
            return written(Label("", "artifact"), state)
        case _:
            title = state.get("title")
            return plain(state.get("name") if title is None or title == "" else title)


def shown_fields(kind: Kind, state: Mapping[str, Any], tz: str) -> Iterator[tuple[str, str]]:
    """The lines of an aggregate's card that have a value: label and value, instants in the given zone."""
    for label in labels_of(kind):
        if (text := shown_value(label, state, tz)) != "–":
            yield label.text, text


def shown_value(label: Label, state: Mapping[str, Any], tz: str) -> str:
    """A line's value as text, instants in the given zone; "–" where there is none."""
    if label.style == "instant" and (instant := instant_of(state.get(label.member))) is not None:
        return moment(to_datetime(instant), tz)
    return written(label, state)


def written(label: Label, state: Mapping[str, Any]) -> str:
    """A line's value as text; "–" where there is none."""
    value = state.get(label.member)
    match label.member:
        case "context" | "result_context" | "artifact" | "associated_asset":
            type, id = state.get(f"{label.member}_type"), state.get(f"{label.member}_id")
            return "–" if type is None and id is None else f"{plain(type)}/{plain(id)}"
        case "calculation":
            return _calculation(state)
        case "mastery" if not isinstance(value, bool):
            return "–"
    if label.style == "html":
        return without_tags(value)
    if label.style == "share" and isinstance(value, int | float):
        return f"{plain(round(value * 100, 2))} %"
    return plain(value)


def _calculation(state: Mapping[str, Any]) -> str:
    method = state.get("calculation_method")
    name, number = _METHODS.get(method) if isinstance(method, str) else None, state.get("calculation_int")
    if name is None:
        return plain(method)
    if name.endswith("{}/{}") and (not isinstance(number, int | float) or isinstance(number, bool)):
        return name.removesuffix(" {}/{}")
    return name.format(plain(number), plain(100 - number) if isinstance(number, int | float) else "")
