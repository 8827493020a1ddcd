"""The demo's accounts, courses, outcomes, scales and methods, and how they change in the term."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from random import Random
from typing import Any, ClassVar, Final

from attrs import define, field

FIRST_DAY: Final = datetime(2025, 8, 25, 8, tzinfo=UTC)
SCALE_CHANGED: Final = datetime(2025, 10, 13, 15, 30, tzinfo=UTC)
OUTCOME_OF_STORY: Final = 304

_COLLEGE: Final = json.loads(files(__package__).joinpath("college.json").read_bytes())
FACULTIES: Final[dict[int, str]] = {int(id): name for id, name in _COLLEGE["faculties"].items()}
COURSES: Final[dict[int, list[Any]]] = {int(id): course for id, course in _COLLEGE["courses"].items()}  # name, faculty
GIVEN_NAMES: Final[list[str]] = _COLLEGE["given_names"]
FAMILY_NAMES: Final[list[str]] = _COLLEGE["family_names"]
_SCALES: Final = _COLLEGE["scales"]  # points, words and colour of each step


def stamp(moment: datetime) -> str:
    """An instant as newer producers spell it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def second(moment: datetime) -> str:
    """An instant as bodies spell it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@define(kw_only=True)
class Register:
    """The events so far, and the facts later ones build on."""

    uuid: ClassVar[str] = "HarborLakeCollege0000000000000000000001x"
    root: ClassVar[str] = "21070000000000001"

    random: Random
    events: list[dict[str, Any]] = field(factory=list)
    outcomes: dict[int, list[int]] = field(factory=dict)  # by course: the outcomes assessed there

    def add(
        self, name: str, at: datetime, body: dict[str, Any], *, job: str | None = None, course: int | None = None
    ) -> None:
        """Add an event: of a person on a page, or of a background job."""
        metadata: dict[str, Any] = {
            "event_name": name,
            "event_time": stamp(at + timedelta(milliseconds=self.random.randrange(1000))),
            "producer": "canvas",
            "root_account_id": self.root,
            "root_account_lti_guid": f"{self.uuid}.harborlake.example",
            "root_account_uuid": self.uuid,
        }
        if job is not None:
            metadata |= {"job_id": f"10200205{self.random.randrange(10**8):08}", "job_tag": job}
        else:
            metadata |= self._page(course)
        self.events.append({"metadata": metadata, "body": body})

    def _page(self, course: int | None) -> dict[str, Any]:
        page = {
            "hostname": "harborlake.example",
            "http_method": "POST",
            "request_id": f"{self.random.getrandbits(64):016x}",
            "time_zone": "America/New_York",
            "user_account_id": self.root,
            "user_id": f"2107{self.random.randrange(1, 40):013}",
        }
        if course is not None:
            context = {"context_type": "Course", "context_id": f"2107{course:013}", "context_role": "TeacherEnrollment"}
            page |= context | {"context_account_id": f"2107{COURSES[course][1]:013}"}
        return page


def set_up(register: Register) -> None:
    """Everything but the results."""
    _accounts(register)
    _outcomes(register)
    _scales(register)
    _changes(register)


def _accounts(register: Register) -> None:
    early = FIRST_DAY - timedelta(days=60)
    root = {"account_id": "1", "name": "Harbor Lake College", "parent_account_id": None, "workflow_state": "active"}
    register.add("account_created", early, root)
    for account, name in FACULTIES.items():
        body = {"account_id": str(account), "name": name, "parent_account_id": "1", "root_account_id": "1"}
        register.add("account_created", early + timedelta(minutes=account), body | {"workflow_state": "active"})
    for course, (name, account) in COURSES.items():
        body = {"course_id": str(course), "account_id": str(account), "name": name, "uuid": f"course{course:034}"}
        register.add("course_created", early + timedelta(days=5, minutes=course), body | {"workflow_state": "claimed"})
        opened = body | {"workflow_state": "available", "updated_at": second(FIRST_DAY)}
        register.add("course_updated", FIRST_DAY + timedelta(minutes=course), opened, course=course)


def _group(group: int, title: str, parent: int | None, context: tuple[str, int], **more: Any) -> dict[str, Any]:
    return {
        "learning_outcome_group_id": str(group),
        "title": title,
        "description": f"<p>{title}</p>" if parent else None,
        "context_type": context[0],
        "context_id": str(context[1]),
        "parent_outcome_group_id": None if parent is None else str(parent),
        "vendor_guid": None,
        "workflow_state": "active",
    } | more


def outcome_body(outcome: int, title: str, mastery: float = 3.0, **more: Any) -> dict[str, Any]:
    """An outcome's body with a criterion of 5, 3 and 0 points."""
    ratings = [("Exceeds expectations", 5.0), ("Meets expectations", mastery), ("Does not meet expectations", 0.0)]
    return {
        "learning_outcome_id": str(outcome),
        "title": title,
        "short_description": title,
        "display_name": None,
        "description": f"<p>The learner {title[0].lower()}{title[1:]}.</p>",
        "vendor_guid": f"HLC-{outcome}",
        "context_type": "Account",
        "context_id": "1",
        "calculation_method": "decaying_average",
        "calculation_int": 65,
        "workflow_state": "active",
        "rubric_criterion": {
            "description": title,
            "mastery_points": mastery,
            "points_possible": 5.0,
            "ratings": [{"description": words, "points": points} for words, points in ratings],
        },
    } | more


def link_body(link: int, outcome: int, group: int, context: tuple[str, int], **more: Any) -> dict[str, Any]:
    """A link's body."""
    return {
        "learning_outcome_link_id": str(link),
        "learning_outcome_id": str(outcome),
        "learning_outcome_group_id": str(group),
        "context_type": context[0],
        "context_id": str(context[1]),
        "workflow_state": "active",
    } | more


def _outcomes(register: Register) -> None:
    at = FIRST_DAY - timedelta(days=40)
    whole = ("Account", 1)
    register.add("learning_outcome_group_created", at, _group(1, "Harbor Lake College", None, whole))
    outcome, link, made = 300, 5000, []
    for theme, (name, titles) in enumerate(_COLLEGE["themes"].items()):
        group = 10 + theme * 10
        register.add("learning_outcome_group_created", at, _group(group, name, 1, whole))
        for level, words in enumerate(("Foundation", "Advanced")):
            child = group + 1 + level
            register.add("learning_outcome_group_created", at, _group(child, f"{name}: {words}", group, whole))
            for title in titles:
                outcome, link = outcome + 1, link + 1
                body = outcome_body(outcome, title if level == 0 else f"{title}, on their own")
                register.add("learning_outcome_created", at, body, job="OutcomeImport#run")
                register.add(
                    "learning_outcome_link_created", at, link_body(link, outcome, child, whole), job="OutcomeImport#run"
                )
                made.append(outcome)
                at += timedelta(seconds=20)
    for course in COURSES:
        place = ("Course", course)
        register.add(
            "learning_outcome_group_created", at, _group(course * 10, COURSES[course][0], None, place), course=course
        )
        register.outcomes[course] = register.random.sample(made, 6)
        for chosen in register.outcomes[course]:
            link += 1
            register.add(
                "learning_outcome_link_created", at, link_body(link, chosen, course * 10, place), course=course
            )
            at += timedelta(minutes=7)
    for number, chosen in enumerate(made[::4], 1):
        text = {"outcome_friendly_description_id": str(number), "learning_outcome_id": str(chosen), "context_id": "1"}
        text |= {"description": "What this means for you, in plain words.", "context_type": "Account"}
        register.add("outcome_friendly_description_created", at, text | {"workflow_state": "active"})


def scale_body(
    scale: int, context: tuple[str, int], steps: Any, mastery: float, state: str = "active"
) -> dict[str, Any]:
    """A mastery scale's body; rating ids are given by position, as Canvas reuses them."""
    return {
        "outcome_proficiency_id": str(scale),
        "context_type": context[0],
        "context_id": str(context[1]),
        "workflow_state": state,
        "outcome_proficiency_ratings": [
            {
                "outcome_proficiency_rating_id": str(scale * 10 + place),
                "description": words,
                "points": points,
                "mastery": points == mastery,
                "color": color,
                "workflow_state": state,
            }
            for place, (points, words, color) in enumerate(steps)
        ],
    }


def _scales(register: Register) -> None:
    early, whole, nursing = FIRST_DAY - timedelta(days=50), ("Account", 1), ("Account", 30)
    register.add("outcome_proficiency_created", early, scale_body(7, whole, _SCALES["before"], 3.0))
    changed = scale_body(7, whole, _SCALES["after"], 2.0) | {"updated_at": second(SCALE_CHANGED)}
    register.add("outcome_proficiency_updated", SCALE_CHANGED, changed)
    own = _SCALES["nursing"]
    register.add("outcome_proficiency_created", early + timedelta(hours=2), scale_body(8, nursing, own, 2.0))
    for day, state in ((28, "deleted"), (38, "active")):
        at = FIRST_DAY + timedelta(days=day)
        body = scale_body(8, nursing, own, 2.0, state) | {"updated_at": second(at)}
        register.add("outcome_proficiency_updated", at, body)
    for number, context, method, count in ((1, whole, "decaying_average", 65), (2, nursing, "n_mastery", 3)):
        body = {"outcome_calculation_method_id": str(number), "context_type": "Account", "context_id": str(context[1])}
        body |= {"calculation_method": method, "calculation_int": count, "workflow_state": "active"}
        register.add("outcome_calculation_method_created", early + timedelta(hours=number), body)


def _changes(register: Register) -> None:
    """One outcome's story, and what was moved, deleted and restored."""

    def day(number: float) -> datetime:
        return FIRST_DAY + timedelta(days=number)

    changes = (
        (12, "Interprets data and graphs", 3.0, "active"),
        (45, "Interprets data and graphs", 4.0, "active"),
        (66, "Interprets data and graphs", 4.0, "deleted"),
        (67, "Interprets data and graphs", 4.0, "active"),
    )
    for number, title, mastery, state in changes:
        body = outcome_body(OUTCOME_OF_STORY, title, mastery, workflow_state=state, updated_at=second(day(number)))
        register.add("learning_outcome_updated", day(number), body)
    whole, group = ("Account", 1), "learning_outcome_group_updated"
    moved = link_body(5002, 302, 12, whole, updated_at=second(day(20)))
    register.add("learning_outcome_link_updated", day(20), moved)
    register.add(group, day(30), _group(22, "Communication: Advanced", 10, whole, updated_at=second(day(30))))
    for number, state in ((50, "deleted"), (52, "active")):
        body = _group(42, "Practice: Advanced", 40, whole, workflow_state=state, updated_at=second(day(number)))
        register.add(group, day(number), body)
    course = {"course_id": "108", "account_id": "10", "name": COURSES[108][0], "uuid": f"course{108:034}"}
    register.add("course_updated", day(35), course | {"workflow_state": "available", "updated_at": second(day(35))})
