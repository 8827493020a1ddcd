"""One institution of a shape: its events, one after the other, each a line."""

from __future__ import annotations

from collections import deque
from itertools import accumulate
from random import Random
from typing import Final, Literal

from projector.domain.catalogue import BY_KIND, Kind
from tests.bench.shapes import writing
from tests.bench.shapes.envelope import Envelopes
from tests.bench.shapes.grades import Grades
from tests.bench.shapes.manner import Family, Manner, Numbers
from tests.bench.shapes.things import Things
from tests.bench.shapes.wording import Script, Wording, dashed, opaque
from tests.bench.shapes.writing import Json, Spelling, Writer

_FOUNDING: Final[tuple[Kind, ...]] = ("account", "account", "scale", "method", "course", "group", "outcome", "outcome")
_OTHERS: Final = ("submission_updated", "grade_change", "enrollment_created", "asset_accessed", "user_updated")
_OFTEN: Final = 1000  # characters of chance


class School:
    """An institution, of about so many events."""

    def __init__(self, random: Random, size: int, manner: Manner, spelling: Spelling, script: Script) -> None:
        self._random, self._manner = random, manner
        self._numbers = Numbers(random, manner.ids, random.randrange(1, 9000))
        self._writer = Writer(spelling, Random(random.getrandbits(64)))
        self._wording = Wording(random, script, sentences=2000 if manner.text[1] > _OFTEN else 150)
        self._envelopes = Envelopes(random, manner, self._numbers, self._writer, opaque(random, 8).lower())
        self._things = Things(random, manner, self._numbers, self._writer, self._wording)
        self._grades = Grades(random, manner, self._numbers, self._things, max(8, size // 60))
        self._families: list[Family] = list(manner.mix)
        self._weights = list(accumulate(manner.mix.values()))
        self._founding = deque[Kind](_FOUNDING * max(1, min(60, size // 400)))

    def line(self, at: int, event_time: str | None = None) -> bytes:
        """What happens next, at so many milliseconds since 1970.

        Args:
            event_time: Is in the metadata instead.
        """
        metadata, body = self._event(at)
        if event_time is not None:
            metadata["event_time"] = event_time
        if self._random.random() < self._manner.unknown:
            metadata, body = self._with_unknown(metadata, body)
        return self._writer.line(metadata, body)

    def _event(self, at: int) -> tuple[Json, Json]:
        if self._founding:
            return self._of_thing(self._founding.popleft(), "created", at)
        (family,) = self._random.choices(self._families, cum_weights=self._weights)
        match family:
            case "other":
                return self._other(at)
            case "result":
                return self._result(at)
            case "assessment":
                metadata = self._envelopes.on_page("rubric_assessed", at, *self._things.course())
                return metadata, self._spelled(self._grades.assessment(at))
            case kind:
                again = self._random.random() < self._manner.revised
                return self._of_thing(kind, "updated" if again and self._things.known.get(kind) else "created", at)

    def _of_thing(self, kind: Kind, verb: Literal["created", "updated"], at: int) -> tuple[Json, Json]:
        things, name = self._things, f"{BY_KIND[kind].stem}_{verb}"
        course, account = things.course()
        body = things.made(kind) if verb == "created" else things.revised(kind, at)
        chance = self._random.random()
        if chance < 0.3:
            return self._envelopes.by_job(name, kind, at), self._spelled(body)
        return self._envelopes.on_page(name, at, course if chance < 0.75 else None, account), self._spelled(body)

    def _result(self, at: int) -> tuple[Json, Json]:
        again = self._grades.has_any and self._random.random() < self._manner.revised
        body, assigned = self._grades.revised(at) if again else self._grades.new(at)
        name = f"learning_outcome_result_{'updated' if again else 'created'}"
        if self._random.random() < self._manner.on_page:
            return self._envelopes.on_page(name, at, assigned.course, assigned.account), self._spelled(body)
        return self._envelopes.by_job(name, "result", at), self._spelled(body)

    def _spelled(self, body: Json) -> Json:
        globally = self._manner.globally and self._random.random() < self._manner.globally
        return self._numbers.body_globally(body) if globally else body

    def _other(self, at: int) -> tuple[Json, Json]:
        course, account = self._things.course()
        body: Json = {"user_id": self._numbers.next("user"), "course_id": course, "workflow_state": "graded"}
        body["text"] = self._wording.title()
        return self._envelopes.on_page(self._random.choice(_OTHERS), at, course, account), body

    def _with_unknown(self, metadata: Json, body: Json) -> tuple[Json, Json]:
        """The same event by a producer of a later release."""
        random = self._random
        metadata = metadata | {"trace": {"id": dashed(random), "sampled": True}, "region": "eu-central-1"}
        body = body | {"hide_points": random.random() < 0.5, "tags": [self._wording.title() for _ in range(3)]}
        body["alignment"] = {"id": self._numbers.next("alignment"), "mastery": {"points": random.randrange(9)}}
        if random.random() < 0.2:
            body["workflow_state"] = random.choice(("parked", "in_review"))
        if random.random() < 0.2:
            body["updated_at"] = writing.clock(random.randrange(1_500_000_000_000, 1_700_000_000_000))
        if "calculation_method" in body and random.random() < 0.3:
            body["calculation_method"] = "rolling_average"
        return metadata, body
