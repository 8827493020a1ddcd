"""What one institution's Canvas holds besides results: made by chance, and revised."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from projector.domain.catalogue import Kind
from tests.bench.shapes.manner import Manner, Numbers
from tests.bench.shapes.wording import Wording, opaque
from tests.bench.shapes.writing import Json, Writer

_METHODS: Final = (
    ("decaying_average", 65),
    ("standard_decaying_average", 70),
    ("weighted_average", 40),
    ("n_mastery", 3),
    ("highest", None),
    ("latest", None),
    ("average", None),
)
_KEPT: Final = 2000  # of a kind, to be revised


class Things:
    """All that is not a result, by kind; the account of a course is kept beside."""

    def __init__(self, random: Random, manner: Manner, numbers: Numbers, writer: Writer, wording: Wording) -> None:
        self.random, self.manner, self.numbers, self.writer, self.wording = random, manner, numbers, writer, wording
        self.known: dict[Kind, list[Json]] = {}
        self.uuid = opaque(random)
        self._uuids: dict[str, str] = {}  # of courses
        self._makers: dict[Kind, Callable[[], Json]] = {
            "account": self._account,
            "course": self._course,
            "group": self._group,
            "outcome": self._outcome,
            "link": self._link,
            "scale": self._scale,
            "method": self._method,
            "description": self._description,
        }

    def made(self, kind: Kind) -> Json:
        """The body of something new."""
        body = self._makers[kind]()
        self.keep(kind, body)
        return body

    def keep(self, kind: Kind, body: Json) -> None:
        """Remember it, in place of another one where there are many."""
        known = self.known.setdefault(kind, [])
        if len(known) < _KEPT:
            known.append(body)
        else:
            known[self.random.randrange(_KEPT)] = body

    def revised(self, kind: Kind, at: int) -> Json:
        """The body of something known after a change."""
        known = self.known[kind]
        place = self.random.randrange(len(known))
        state = "deleted" if self.random.random() < 0.05 else "active"
        body = known[place] | self._change(kind) | {"workflow_state": state, "updated_at": self.writer.moment(at)}
        known[place] = body
        return body

    def id_of(self, kind: Kind, member: str) -> str:
        """The id of something known; of something of which no event came yet where there is none."""
        known = self.known.get(kind)
        return str(self.random.choice(known)[member]) if known else self.numbers.next(kind)

    def course(self) -> tuple[str, str]:
        """Some course, and its account."""
        return self.id_of("course", "course_id"), self.id_of("account", "account_id")

    def uuid_of(self, course: str) -> str:
        """The uuid of a course."""
        if (known := self._uuids.get(course)) is None:
            known = self._uuids[course] = opaque(self.random)
        return known

    def _change(self, kind: Kind) -> Json:
        match kind:
            case "outcome":
                return {"description": self.wording.text(*self.manner.text)} | self._own_method()
            case "group":
                return {"title": self.wording.title()}
            case "link":
                return {"learning_outcome_group_id": self.id_of("group", "learning_outcome_group_id")}
            case "scale":
                return {"outcome_proficiency_ratings": self._ratings()}
            case "method":
                return self._own_method()
            case "description":
                return {"description": self.wording.title()}
            case _:
                return {"name": self.wording.title()}

    def _context(self, courses: float = 0.6) -> Json:
        course, account = self.course()
        type, id = ("Course", course) if self.random.random() < courses else ("Account", account)
        return {"context_type": type, "context_id": id}

    def _account(self) -> Json:
        parent = self.id_of("account", "account_id") if "account" in self.known else None
        return {
            "account_id": self.numbers.next("account"),
            "name": self.wording.title(),
            "parent_account_id": parent,
            "root_account_id": "1",
            "uuid": opaque(self.random),
            "default_locale": None,
            "default_time_zone": "America/Denver",
            "default_storage_quota": self.random.choice((500, 1000)),
            "external_status": "default",
            "workflow_state": "active",
        }

    def _course(self) -> Json:
        id = self.numbers.next("course")
        return {
            "course_id": id,
            "uuid": self.uuid_of(id),
            "account_id": self.id_of("account", "account_id"),
            "name": self.wording.title(),
            "sis_source_id": f"{self.random.randrange(2019, 2026)}-{id[-6:]}",
            "workflow_state": self.random.choice(("claimed", "available", "created")),
        }

    def _group(self) -> Json:
        parent = self.id_of("group", "learning_outcome_group_id") if "group" in self.known else None
        text = {"title": self.wording.title(), "description": self.wording.text(*self.manner.text)}
        body = {"learning_outcome_group_id": self.numbers.next("group"), "parent_outcome_group_id": parent}
        return body | text | self._context() | {"vendor_guid": None, "workflow_state": "active"}

    def _outcome(self) -> Json:
        title, random = self.wording.title(), self.random
        return {
            "learning_outcome_id": self.numbers.next("outcome"),
            "title": title,
            "short_description": title,
            "display_name": None if random.random() < 0.5 else self.wording.title(),
            "description": self.wording.text(*self.manner.text),
            "vendor_guid": None if random.random() < 0.5 else f"urn:{opaque(random, 12)}",
            "rubric_criterion": self._criterion(title),
            "context_uuid": self.uuid,
            "copied_from_outcome_id": None,
            "workflow_state": "active",
            **self._own_method(),
            **self._context(),
        }

    def _own_method(self) -> Json:
        method, number = self.random.choice(_METHODS)
        return {"calculation_method": method, "calculation_int": number}

    def _criterion(self, title: str) -> Json:
        number, steps = self.writer.number, self.random.randint(*self.manner.ratings)
        ratings = [{"description": self.wording.title(), "points": number(float(n))} for n in range(steps - 1, -1, -1)]
        points = {"mastery_points": number(float(steps // 2)), "points_possible": number(float(steps - 1))}
        return {"description": title, **points, "ratings": ratings}

    def _link(self) -> Json:
        outcome = self.id_of("outcome", "learning_outcome_id")
        body = {"learning_outcome_link_id": self.numbers.next("link"), "learning_outcome_id": outcome}
        group = {"learning_outcome_group_id": self.id_of("group", "learning_outcome_group_id")}
        return (
            body | group | self._context(0.8) | {"learning_outcome_context_uuid": self.uuid, "workflow_state": "active"}
        )

    def _scale(self) -> Json:
        body: Json = {"outcome_proficiency_id": self.numbers.next("scale"), **self._context(0.3)}
        return body | {"workflow_state": "active", "outcome_proficiency_ratings": self._ratings()}

    def _ratings(self) -> list[dict[str, Any]]:
        steps = self.random.randint(*self.manner.ratings)
        return [
            {
                "outcome_proficiency_rating_id": self.numbers.next("rating"),
                "description": self.wording.title(),
                "points": self.writer.number(float(n)),
                "mastery": n == steps // 2,
                "color": f"{self.random.getrandbits(24):06X}",
                "workflow_state": "active",
            }
            for n in range(steps - 1, -1, -1)
        ]

    def _method(self) -> Json:
        body: Json = {"outcome_calculation_method_id": self.numbers.next("method"), "workflow_state": "active"}
        return body | self._context(0.3) | self._own_method()

    def _description(self) -> Json:
        outcome = {"learning_outcome_id": self.id_of("outcome", "learning_outcome_id")}
        body = {"outcome_friendly_description_id": self.numbers.next("description"), "root_account_id": "1"}
        text = {"description": self.wording.title(), "workflow_state": "active"}
        return body | outcome | text | self._context()
