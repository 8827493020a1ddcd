"""What Canvas tells of the benchmarks' institution: the bodies of everything but results."""

from __future__ import annotations

from base64 import b64encode
from hashlib import blake2b
from typing import Any, Final

FACULTIES: Final = range(2, 12)
_VERBS: Final = ("Explains", "Compares", "Models", "Évalue", "Plans", "Presents", "Revises", "Cites", "Measures")
_THINGS: Final = ("a source", "an experiment", "its own work", "a data set", "an argument", "a proof", "une œuvre")
_STEPS: Final = ((4.0, "Exceeds", "127A1B"), (3.0, "Mastery", "00AC18"), (2.0, "Near", "FAB901"), (0.0, "No", "EE0612"))
_METHODS: Final = (("decaying_average", 65), ("n_mastery", 5), ("highest", None), ("latest", None), ("average", None))


def uuid(of: str) -> str:
    """An identifier of 40 letters and digits, as Canvas gives to accounts, courses and learners."""
    return b64encode(blake2b(of.encode(), digest_size=30).digest(), b"Aa").decode()


UUID: Final = uuid("Benchmark College")


def account_body(account: int) -> dict[str, Any]:
    """An account's body."""
    parent = None if account == 1 else "1"
    body = {"account_id": str(account), "name": f"Faculty {account}", "parent_account_id": parent}
    return body | {"root_account_id": "1", "uuid": uuid(f"account {account}"), "workflow_state": "active"}


def course_body(course: int, state: str) -> dict[str, Any]:
    """A course's body."""
    body = {"course_id": str(course), "account_id": str(2 + course % len(FACULTIES)), "name": f"Course {course}"}
    return body | {"uuid": uuid(f"course {course}"), "workflow_state": state}


def _context(type: str, id: int) -> dict[str, Any]:
    return {"context_type": type, "context_id": str(id), "workflow_state": "active"}


def group_body(group: int, parent: int | None, type: str, id: int) -> dict[str, Any]:
    """An outcome group's body."""
    body = {"learning_outcome_group_id": str(group), "title": f"Group {group}", "description": "<p>Together.</p>"}
    above = {"parent_outcome_group_id": None if parent is None else str(parent), "vendor_guid": None}
    return body | above | _context(type, id)


def link_body(link: int, outcome: int, group: int, type: str, id: int) -> dict[str, Any]:
    """A link's body."""
    body = {"learning_outcome_link_id": str(link), "learning_outcome_id": str(outcome)}
    return body | {"learning_outcome_group_id": str(group), "learning_outcome_context_uuid": UUID} | _context(type, id)


def outcome_body(outcome: int, edition: int) -> dict[str, Any]:
    """An outcome's body, as some edition of it reads."""
    title = f"{_VERBS[outcome % len(_VERBS)]} {_THINGS[outcome % len(_THINGS)]}, {outcome}.{edition}"
    method, number = _METHODS[edition % len(_METHODS)]
    ratings = [{"description": words, "points": points} for points, words, _ in _STEPS]
    criterion = {"description": title, "mastery_points": 3.0, "points_possible": 4.0, "ratings": ratings}
    return {
        "learning_outcome_id": str(outcome),
        "title": title,
        "short_description": title,
        "display_name": None,
        "description": f"<p>The learner {title.lower()}, <em>as the syllabus asks</em>, and says how.</p>",
        "vendor_guid": f"BC-{outcome}",
        "calculation_method": method,
        "calculation_int": number,
        "rubric_criterion": criterion,
        "context_uuid": UUID,
    } | _context("Account", 1)


def friendly_body(outcome: int, edition: int) -> dict[str, Any]:
    """A friendly description's body."""
    body = {"outcome_friendly_description_id": str(outcome), "learning_outcome_id": str(outcome)}
    text = {"description": f"What this means for you ({edition}).", "root_account_id": "1"}
    return body | text | _context("Account", 1)


def scale_body(account: int, mastery: float) -> dict[str, Any]:
    """A mastery scale's body."""
    ratings = [
        {"outcome_proficiency_rating_id": str(account * 10 + place), "description": words, "points": points}
        | {"mastery": points == mastery, "color": color, "workflow_state": "active"}
        for place, (points, words, color) in enumerate(_STEPS)
    ]
    scale = {"outcome_proficiency_id": str(account), "outcome_proficiency_ratings": ratings}
    return scale | _context("Account", account)


def method_body(account: int, edition: int) -> dict[str, Any]:
    """A calculation method's body."""
    method, number = _METHODS[edition]
    body = {"outcome_calculation_method_id": str(account), "calculation_method": method, "calculation_int": number}
    return body | _context("Account", account)
