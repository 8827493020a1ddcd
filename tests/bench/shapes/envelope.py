"""The metadata of one institution's events: of a background job, or of a request on a page."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from tests.bench.shapes.manner import Manner, Numbers
from tests.bench.shapes.wording import dashed, opaque
from tests.bench.shapes.writing import Json, Writer

_TAGS: Final = {
    "result": ("RubricAssessment#update_outcomes_for_assessment", "Quizzes::SubmissionGrader#update_outcomes"),
    "outcome": ("OutcomeImport#run", "Canvas::Migration::Worker::CourseCopyWorker#perform"),
}
_ZONES: Final = ("America/Denver", "Europe/Madrid", "Asia/Tokyo", "America/Sao_Paulo", "Pacific/Auckland")
_AGENTS: Final = (
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
    "iCanvas/7.9.1 CFNetwork/1496.0.7 Darwin/23.5.0",
)
_USERS: Final = 60


class Envelopes:
    """The metadata of one institution; each of its users has a browser, an address and a session."""

    def __init__(self, random: Random, manner: Manner, numbers: Numbers, writer: Writer, name: str) -> None:
        self._random, self._numbers, self._writer = random, numbers, writer
        self._host = f"{name}.instructure.example"
        self.uuid, self.root = opaque(random), numbers.globally("1")
        both = {"root_account_id": self.root, "root_account_uuid": self.uuid}
        left_out = {"both": (), "uuid": ("root_account_id",), "root": ("root_account_uuid",)}[manner.names]
        self._institution: Json = {"producer": "canvas", "root_account_lti_guid": f"{opaque(random)}.{self._host}"}
        self._institution |= {name: value for name, value in both.items() if name not in left_out}
        self._users = [self._user() for _ in range(_USERS)]

    def _user(self) -> Json:
        random, login = self._random, opaque(self._random, 9).lower()
        return {
            "user_id": self._numbers.globally(self._numbers.next("user")),
            "user_login": f"{login}@{self._host}",
            "user_sis_id": None if random.random() < 0.3 else f"SIS-{random.randrange(10**7)}",
            "user_account_id": self.root,
            "client_ip": f"198.51.100.{random.randrange(256)}",
            "user_agent": random.choice(_AGENTS),
            "time_zone": random.choice(_ZONES),
            "session_id": f"{random.getrandbits(128):032x}",
            "hostname": self._host,
        }

    def by_job(self, name: str, family: str, at: int) -> Json:
        """The metadata of what a job did."""
        tag = self._random.choice(_TAGS.get(family, _TAGS["outcome"]))
        job = {"job_id": f"{self._random.randrange(10**15, 10**16)}", "job_tag": tag}
        return {"event_name": name, "event_time": self._writer.event_time(at), **job, **self._institution}

    def on_page(self, name: str, at: int, course: str | None, account: str) -> Json:
        """The metadata of what somebody did on a page of a course, or of an account."""
        random, globally = self._random, self._numbers.globally
        path = f"accounts/{account}" if course is None else f"courses/{course}"
        request: dict[str, Any] = {
            "request_id": dashed(random),
            "http_method": random.choice(("POST", "PUT")),
            "url": f"https://{self._host}/api/v1/{path}/outcome_groups/{random.randrange(10**6)}",
            "referrer": f"https://{self._host}/{path}/outcomes" if random.random() < 0.8 else None,
            "context_type": "Account" if course is None else "Course",
            "context_id": globally(account if course is None else course),
            "context_account_id": globally(account),
            "context_sis_source_id": None if random.random() < 0.5 else f"{random.randrange(10**8)}-{course}",
        }
        if course is not None:
            request["context_role"] = random.choice(("TeacherEnrollment", "TaEnrollment", "DesignerEnrollment"))
        parts = self._institution, random.choice(self._users), request
        return {"event_name": name, **parts[0], **parts[1], **parts[2], "event_time": self._writer.event_time(at)}
