"""Questions over HTTP: parameters, pages that stay right while events arrive, and answers that the asker has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import projector
from tests.builders import outcome, reported
from tests.serve.http.running import Running, serving

DAY = "2025-10-12"


def pages(server: Running, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """All pages of a question."""
    cursor: dict[str, str] = {}
    while True:
        answer = server.get(path, **parameters, **cursor)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        if answer.json()["next"] is None:
            return
        cursor = {"cursor": answer.json()["next"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/v1/outcomes", {"as_of": DAY}),
        ("/v1/links", {"deleted": "true"}),
        ("/v1/scores", {"outcome": "303"}),
        ("/v1/scores", {"as_of": "2025-09-08"}),
        ("/v1/diff", {"from": "2025-10-09", "to": DAY}),
        ("/v1/diff", {"from": "2025-07-01", "to": DAY, "context": "Course/101"}),
        ("/v1/diff", {"from": "2025-10-09", "to": DAY, "kind": "result"}),
    ],
)
def test_pages_are_the_whole(path: str, parameters: dict[str, str], demo: Running) -> None:
    """Whatever their size, each item is on one of them, in the same order."""
    whole = [item for page in pages(demo, path, limit=1000, **parameters) for item in page["items"]]
    assert len(whole) > 7
    for limit in (1, 7, 50) if len(whole) < 50 else (50, 101):
        found = list(pages(demo, path, limit=limit, **parameters))
        assert [item for page in found for item in page["items"]] == whole
        assert all(len(page["items"]) == limit for page in found[:-1])


def test_pages_stay_right_while_events_arrive(tmp_path: Path) -> None:
    """An outcome that is renamed, deleted or new meanwhile is on no page twice, and none is left out."""
    store = tmp_path / "busy.db"
    with projector.open(store) as p:
        p.append(outcome(f"Outcome {id}", "2024-03-01T10:00:00Z", id=f"{id:05.1f}") for id in range(1, 41))
    with serving(store) as server:
        known, seen = "", list[dict[str, Any]]()
        for number, page in enumerate(pages(server, "/v1/outcomes", limit=6)):
            assert known in ("", page["basis"]["known_at"])
            known = page["basis"]["known_at"]
            seen += page["items"]
            for id, state in ((number * 6 + 3, "active"), (number * 6 + 9, "deleted"), (number + 0.5, "active")):
                event = outcome("New", "2024-03-02T10:00:00Z", id=f"{id:05.1f}", workflow_state=state)
                assert server.post(json.dumps(event).encode()).json()["appended"] == 1
        assert [item["id"] for item in seen] == [f"{id:05.1f}" for id in range(1, 41)]
        assert {item["state"]["title"].split()[0] for item in seen} == {"Outcome"}
        now = [item["id"] for page in pages(server, "/v1/outcomes", limit=1000) for item in page["items"]]
        with projector.open(store, read_only=True) as p:
            assert now == [version.id for version in p.now().all("outcome")]


class TestCursors:
    """They belong to one question."""

    def test_of_another_question(self, demo: Running) -> None:
        """It is refused, and the limit is not part of the question."""
        cursor = demo.get("/v1/outcomes", limit=3).json()["next"]
        assert demo.get("/v1/outcomes", limit=5, cursor=cursor).status_code == 200
        for path, parameters in (
            ("/v1/links", {}),
            ("/v1/outcomes", {"as_of": DAY}),
            ("/v1/outcomes", {"deleted": "true"}),
        ):
            answer = demo.get(path, cursor=cursor, **parameters)
            assert answer.status_code == 400
            assert "another question" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "cursor", ["", "x", "W10", "bnVsbA", "[]", "e30=", "\u00e9", "A" * 3000, "WzEsIngiLDEsbnVsbF0"]
    )
    def test_that_are_none(self, cursor: str, demo: Running) -> None:
        """They are refused with a sentence."""
        answer = demo.get("/v1/outcomes", cursor=cursor)
        assert answer.status_code == 400
        assert "cursor" in answer.json()["detail"]


class TestTags:
    """An asker who has an answer is told so."""

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/outcomes/304",
            "/v1/outcomes/304/history",
            "/v1/outcomes/304/why",
            "/v1/outcomes?limit=3",
            "/v1/scale?context=Course/101",
            "/v1/method?context=Course/101",
            "/v1/tree?context=Course/101",
            "/v1/scores?course=101",
            "/v1/diff?from=2025-10-12&to=2025-10-13",
            "/v1/digest",
        ],
    )
    def test_an_answer_that_the_asker_has(self, path: str, demo: Running) -> None:
        """It comes without a body, with the same tag."""
        with demo.client() as client:
            first = client.get(path)
            tag = first.headers["etag"]
            for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
                again = client.get(path, headers={"If-None-Match": known})
                assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content

    def test_a_tag_changes_with_what_is_known(self, tmp_path: Path) -> None:
        """By an event, a setting, an alias and another release's rules; a pinned question keeps its tag."""
        store = tmp_path / "tagged.db"
        with serving(store) as server:
            post(server, "Cells", "2024-03-01T10:00:00Z")
            path = "/v1/outcomes/5"
            tags = [server.get(path).headers["etag"]]
            pinned = server.get(path).json()["basis"]["known_at"]
            of_then = server.get(path, known_at=pinned).headers["etag"]
            post(server, "Cell biology", "2024-03-02T10:00:00Z")
            tags.append(server.get(path).headers["etag"])
            with projector.open(store) as p:
                p.set("account_level_mastery_scales", "off")
                tags.append(server.get(path).headers["etag"])
                p.alias("Another", p.tenants[0])
                tags.append(server.get(path).headers["etag"])
            assert all(one != other for one, other in pairwise(tags))
            assert server.get(path, known_at=pinned).json()["state"]["title"] == "Cells"
            assert of_then != tags[1]

    def test_reasons_change_with_a_duplicate(self, tmp_path: Path) -> None:
        """They count it, so their tag changes although no event was appended."""
        with serving(tmp_path / "again.db") as server:
            post(server, "Cells", "2024-03-01T10:00:00Z")
            before = server.get("/v1/outcomes/5/why").headers["etag"]
            post(server, "Cells", "2024-03-01T10:00:00Z")
            assert server.get("/v1/outcomes/5/why").headers["etag"] != before

    def test_nothing_there_has_no_tag(self, demo: Running) -> None:
        """It may be there soon."""
        assert "etag" not in demo.get("/v1/outcomes/999").headers


def post(server: Running, title: str, time: str) -> None:
    """Post one outcome."""
    assert server.post(json.dumps(outcome(title, time, id="5")).encode()).status_code == 200


REFUSED = {
    "unknown parameter": ("/v1/outcomes/304?as_off=2020-01-01", "unknown parameter 'as_off'; this question has as_of"),
    "twice": ("/v1/outcomes/304?as_of=2020-01-01&as_of=2020-01-02", "the parameter as_of comes twice"),
    "no instant": ("/v1/outcomes/304?as_of=yesterday", "invalid date-time 'yesterday'"),
    "blank instant": ("/v1/outcomes/304?as_of=", "invalid date-time ''"),
    "lost plus": ("/v1/outcomes/304?as_of=2020-08-18T17:30:00+02:00", "write the + of an offset as %2B"),
    "no zone": ("/v1/outcomes/304?tz=Mars/Olympus", "unknown time zone 'Mars/Olympus'"),
    "unknown kind": ("/v1/foos/304", "unknown kind 'foos'; write one of outcomes, groups"),
    "singular kind": ("/v1/outcome/304", "unknown kind 'outcome'; write one of outcomes"),
    "unknown kind of a diff": ("/v1/diff?from=2020-01-01&to=2020-01-02&kind=foo", "unknown kind 'foo'"),
    "negative limit": ("/v1/outcomes?limit=-3", "limit must be a whole number from 1 to 1000, not '-3'"),
    "large limit": ("/v1/outcomes?limit=1001", "limit must be a whole number from 1 to 1000, not '1001'"),
    "no limit": ("/v1/outcomes?limit=0", "limit must be a whole number from 1 to 1000, not '0'"),
    "no flag": ("/v1/outcomes?deleted=yes", "deleted must be true or false, not 'yes'"),
    "no context": ("/v1/scale", "the parameter context is missing"),
    "bad context": ("/v1/scale?context=101", "invalid context '101'; write Account/1 or Course/565"),
    "two instants": ("/v1/scale?context=Account/1&on=2020-01-01&as_of=2020-01-02", "give one of them"),
    "blank learner": ("/v1/scores?learner=%20", "the learner is blank"),
    "unknown tenant": ("/v1/outcomes/304?tenant=Elsewhere", "no event names the institution 'Elsewhere'"),
    "not UTF-8": ("/v1/outcomes/304?as_of=%ff", "not UTF-8"),
    "many parameters": ("/v1/outcomes/304?" + "&".join(f"a{n}=1" for n in range(60)), "more than 50 parameters"),
    "health": ("/v1/health?verbose=1", "unknown parameter 'verbose'; this question has no parameters"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_understood_is_refused_with_a_sentence(name: str, demo: Running) -> None:
    """A problem that says what is accepted."""
    path, sentence = REFUSED[name]
    with demo.client() as client:
        answer = client.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert sentence in problem.pop("detail")
    assert problem == {"type": "about:blank", "title": "Bad Request", "status": 400}


def test_a_date_is_its_last_instant_in_the_zone(demo: Running) -> None:
    """Of the question, else of the server."""
    asked = demo.get("/v1/outcomes/304", as_of=DAY, tz="America/New_York").json()["basis"]
    assert (asked["as_of"], asked["tz"]) == ("2025-10-13T03:59:59.999999Z", "America/New_York")


def test_a_server_may_have_a_zone_of_its_own(tmp_path: Path) -> None:
    """As every command has it from its environment."""
    with serving(tmp_path / "zone.db", env={"PROJECTOR_TZ": "Asia/Tokyo"}) as server:
        basis = server.get("/v1/outcomes/1", as_of=DAY).json()["basis"]
        assert (basis["as_of"], basis["tz"]) == ("2025-10-12T14:59:59.999999Z", "Asia/Tokyo")


def test_an_empty_store_has_answers_too(tmp_path: Path) -> None:
    """Nothing is there, and nothing fails."""
    with serving(tmp_path / "empty.db") as server:
        assert server.get("/v1/outcomes").json()["items"] == []
        assert server.get("/v1/scores").json()["next"] is None
        assert server.get("/v1/outcomes/1").status_code == 404
        assert server.get("/v1/scale", context="Account/1").status_code == 404
        assert server.get("/v1/digest").json()["digest"]


def test_several_institutions_need_a_name(tmp_path: Path) -> None:
    """Their names are given."""
    store = tmp_path / "two.db"
    with projector.open(store) as p:
        for tenant in ("Harbor", "Lakeside"):
            body = {"learning_outcome_id": "5", "title": "Cells"}
            p.append(reported("learning_outcome_created", body, root_account_uuid=tenant, root_account_id=None))
    with serving(store) as server:
        answer = server.get("/v1/outcomes/5")
        assert answer.status_code == 400
        assert answer.json()["tenants"] == ["Harbor", "Lakeside"]
        assert "name one with the parameter tenant: Harbor, Lakeside" in answer.json()["detail"]
        assert server.get("/v1/outcomes/5", tenant="Harbor").json()["tenant"] == "Harbor"
        assert server.get("/v1/digest").json() != server.get("/v1/digest", tenant="Harbor").json()


def test_what_takes_too_long_is_cut_off(demo_store: Path) -> None:
    """503, while a short question is answered as ever; the thread that computed is free again."""
    with serving(demo_store, "--timeout", "0.15") as server:
        for _ in range(5):
            answer = server.get("/v1/digest")
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert "longer than 0.15 seconds" in answer.json()["detail"] or "takes too long" in answer.json()["detail"]
            assert server.get("/v1/outcomes/304").status_code == 200
        assert server.get("/v1/tree", context="Course/101").status_code == 200
