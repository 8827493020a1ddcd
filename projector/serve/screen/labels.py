"""The lines that a card shows of each kind, and how a value is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from attrs import frozen

from projector.domain.catalogue import BY_KIND, Kind, Nested
from projector.domain.instants import instant_of, to_datetime
from projector.serve.screen.naming import IDS, TITLED, Naming, own_title
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
_OUTCOME: Final = Label("Outcome", "learning_outcome_id")
_GROUP: Final = Label("In group", "learning_outcome_group_id")
_LEARNER: Final = Label("Learner", "user_uuid")
_COURSE: Final = Label("Assessed in", "result_context")
_ARTIFACT: Final = Label("Artifact", "artifact")
_CALCULATION: Final = Label("Calculation", "calculation")

_LABELS: Final[Mapping[Kind, tuple[Label, ...]]] = {
    "outcome": (
        Label("Title", "title"),
        Label("Shown as", "display_name"),
        Label("Description", "description", "html"),
        *_CONTEXT,
        _CALCULATION,
        Label("Vendor's id", "vendor_guid"),
    ),
    "group": (
        Label("Title", "title"),
        Label("Description", "description", "html"),
        *_CONTEXT,
        Label("Within group", "parent_outcome_group_id"),
    ),
    "link": (
        _OUTCOME,
        _GROUP,
        *_CONTEXT,
    ),
    "result": (
        _OUTCOME,
        _LEARNER,
        Label("Title", "title"),
        _COURSE,
        Label("Score", "score"),
        Label("Points possible", "possible"),
        Label("Percent", "percent", "share"),
        Label("Mastery", "mastery"),
        Label("Attempt", "attempt"),
        Label("Assessed", "assessed_at", "instant"),
        Label("First recorded", "created_at", "instant"),
        _ARTIFACT,
        Label("Assignment", "associated_asset"),
    ),
    "scale": _CONTEXT,
    "method": (*_CONTEXT, _CALCULATION),
    "description": (
        _OUTCOME,
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


def subject(kind: Kind, id: str, state: Mapping[str, Any] | None, naming: Naming = IDS) -> str:
    """An aggregate as a heading names it: what it is, its title or what it is of, and its id.

    >>> subject("outcome", "303", {"title": "Weighs evidence"}), subject("outcome", "9", None)
    ('Outcome Weighs evidence (303)', 'Outcome 9')
    """
    noun, state = noun_of(kind), state or {}
    if kind in TITLED:
        return f"{noun} {naming.titled(own_title(state), id)}"
    about = _about(kind, state, naming)
    return f"{noun} {naming.id(id)}" if about == "–" else f"{noun} {naming.id(id)} of {about}"


def subject_of(kind: Kind, id: str, naming: Naming) -> str:
    """An aggregate as a heading names it, by its state as of the instant."""
    version = naming.version(kind, id)
    return subject(kind, id, None if version is None else version.state, naming)


def _about(kind: Kind, state: Mapping[str, Any], naming: Naming) -> str:
    """What an aggregate without a title of its own is of; "–" where its event does not say."""
    parts: tuple[Label, ...] = _CONTEXT
    between = ", "
    match kind:
        case "link":
            parts, between = (_OUTCOME, _GROUP), " in "
        case "result":
            parts = _LEARNER, _OUTCOME
        case "description":
            parts = (_OUTCOME,)
    known = [text for label in parts if (text := written(label, state, naming)) != "–"]
    return between.join(known) or "–"


def title_of(kind: Kind, state: Mapping[str, Any], naming: Naming = IDS) -> str:
    """A short text that identifies an aggregate for people."""
    match kind:
        case "link":
            return _about(kind, state, naming)
        case "result":
            score = f"{plain(state.get('score'))} of {plain(state.get('possible'))}"
            return f"{written(_OUTCOME, state, naming)}: {score}"
        case "scale":
            ratings = state.get("outcome_proficiency_ratings") or []
            return f"{_about(kind, state, naming)}: " + ", ".join(plain(r.get("points")) for r in ratings)
        case "method":
            return f"{_about(kind, state, naming)}: {written(_CALCULATION, state)}"
        case "description":
            return without_tags(state.get("description"))
        case "assessment":
            return written(_ARTIFACT, state, naming)
        case _:
            return plain(own_title(state))


def result_cells(state: Mapping[str, Any], naming: Naming) -> tuple[str, str, str, str]:
    """A result in a row: its learner, outcome, score and course."""
    learner, outcome = (written(label, state, naming) for label in (_LEARNER, _OUTCOME))
    score = f"{plain(state.get('score'))} of {plain(state.get('possible'))}"
    return learner, outcome, score, written(_COURSE, state, naming)


def shown_fields(kind: Kind, state: Mapping[str, Any], tz: str, naming: Naming = IDS) -> Iterator[tuple[str, str]]:
    """The lines of an aggregate's card that have a value: label and value, instants in the given zone."""
    for label in labels_of(kind):
        if (text := shown_value(label, state, tz, naming)) != "–":
            yield label.text, text


def shown_value(label: Label, state: Mapping[str, Any], tz: str, naming: Naming = IDS) -> str:
    """A line's value as text, instants in the given zone; "–" where there is none."""
    if label.style == "instant" and (instant := instant_of(state.get(label.member))) is not None:
        return moment(to_datetime(instant), tz)
    return written(label, state, naming)


def written(label: Label, state: Mapping[str, Any], naming: Naming = IDS) -> str:
    """A line's value as text; "–" where there is none."""
    value = state.get(label.member)
    match label.member:
        case "context" | "result_context" | "artifact" | "associated_asset":
            type, id = state.get(f"{label.member}_type"), state.get(f"{label.member}_id")
            return "–" if type is None and id is None else naming.context(f"{plain(type)}/{plain(id)}")
        case "calculation":
            return method_name(state.get("calculation_method"), state.get("calculation_int"))
        case "mastery" if not isinstance(value, bool):
            return "–"
    if (named := naming.member(label.member, value)) is not None:
        return named
    if label.style == "html":
        return without_tags(value)
    if label.style == "share" and isinstance(value, int | float):
        return f"{plain(round(value * 100, 2))} %"
    return plain(value)


def method_name(method: Any, number: Any) -> str:
    """A calculation method by Canvas' name on its pages, with its number.

    >>> method_name("decaying_average", 65), method_name("n_mastery", 3), method_name("highest", None)
    ('Decaying Average 65/35', 'n Number of Times: 3 at mastery', 'Highest Score')
    """
    name = _METHODS.get(method) if isinstance(method, str) else None
    if name is None:
        return plain(method)
    if name.endswith("{}/{}") and (not isinstance(number, int | float) or isinstance(number, bool)):
        return name.removesuffix(" {}/{}")
    return name.format(plain(number), plain(100 - number) if isinstance(number, int | float) else "")
