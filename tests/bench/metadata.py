"""The metadata that the benchmarks' institution sends, as text."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Final

from tests.bench.bodies import FACULTIES, UUID

ROOT: Final = "21070000000000001"
DAY: Final = 86_400_000
_SYSTEMS: Final = ("X11; Linux x86_64", "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
_BROWSER: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
_MIXED: Final = 0x9E3779B97F4A7C15F39CC0605CEDC835  # odd: multiples of it look like chance
_INSTITUTION: Final = (
    f'"producer":"canvas","root_account_id":"{ROOT}",'
    f'"root_account_lti_guid":"{UUID}.benchmark-college.example","root_account_uuid":"{UUID}"'
)


@cache
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * 86400, UTC).date().isoformat()


def second(at: int) -> str:
    """An instant, given in milliseconds, as bodies spell it."""
    minutes, seconds = divmod(at % DAY // 1000, 60)
    return f"{_day(at // DAY)}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}Z"


def by_job(name: str, at: int, tag: str, number: int) -> str:
    """The metadata of what a background job did."""
    time = f"{second(at)[:-1]}.{at % 1000:03}Z"
    job = f'"job_id":"10200205{number % 100_000_000:08}","job_tag":"{tag}"'
    return f'{{"event_name":"{name}","event_time":"{time}",{job},{_INSTITUTION}}}'


def by_page(name: str, at: int, number: int, course: int | None = None) -> str:
    """The metadata of what somebody did on a page."""
    place = ""
    if course is not None:
        place = (
            f'"context_account_id":"2107{2 + course % len(FACULTIES):013}","context_id":"2107{course:013}",'
            f'"context_role":"TeacherEnrollment","context_type":"Course",'
        )
    user, site = number % 397 + 1, "https://benchmark-college.example"
    return (
        f'{{"client_ip":"192.0.2.{number % 254 + 1}",{place}"event_name":"{name}",'
        f'"event_time":"{second(at)[:-1]}.{at % 1000:03}Z","hostname":"benchmark-college.example",'
        f'"http_method":"POST","referrer":"{site}/courses/{course or 1}/outcomes",'
        f'"request_id":"{number * _MIXED % 2**128:032x}",'
        f'"session_id":"{user * _MIXED % 2**127:032x}","time_zone":"America/New_York","url":"{site}/api/graphql",'
        f'"user_account_id":"{ROOT}","user_agent":"Mozilla/5.0 ({_SYSTEMS[user % 3]}) {_BROWSER}",'
        f'"user_id":"2107{user:013}",'
        f'"user_login":"teacher{user}@benchmark-college.example","user_sis_id":"S{user:06}",{_INSTITUTION}}}'
    )
