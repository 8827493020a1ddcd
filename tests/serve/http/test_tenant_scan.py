"""A token sees only its institutions: every route is asked in many ways, and no answer holds a mark of another one."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, product
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import httpx
import pytest
from attrs import frozen

import projector
from projector.domain.catalogue import KINDS
from projector.domain.ids import long_id
from projector.serve.http.parameters import plurals
from projector.serve.http.routes import ROUTES
from tests.builders import Event, reported
from tests.serve.http.running import Running, make_token, serving

pytestmark = pytest.mark.slow  # all of them together take long

OURS, THEIRS = "OursUuid0000000000000000000000000000001A", "ZebraUuid000000000000000000000000000001B"
OUR_ROOT, THEIR_ROOT = "21070000000000001", "31690000000000001"
ALIAS = "ZebraAlias00000000000000000000000000002B"
NOBODY: Final = "NobodyUuid00000000000000000000000000009N"
MARK: Final = re.compile(rb"zebra|3169(?:0000|~)|770077", re.IGNORECASE)


def events_of(mark: str, uuid: str, root: str, number: str) -> Iterator[Event]:
    """Some of every kind: ids that both institutions have, and ids, names and persons of one alone."""
    start = ("2024-03-01T10:00:00Z", "2024-03-02T10:00:00Z")

    def event(name: str, body: dict[str, Any], at: str) -> Event:
        metadata = {
            "event_name": name,
            "event_time": at,
            "root_account_uuid": uuid,
            "root_account_id": root,
            "user_login": f"{mark}-login",
            "user_id": f"{number}9",
            "client_ip": f"{mark}-ip",
            "job_tag": f"{mark}#job",
        }
        return {"metadata": metadata, "body": body}

    for own, at in product((False, True), start):
        id = f"{number}{5}" if own else "5"
        context = {"context_type": "Course", "context_id": f"{number}1" if own else "1"}
        text = f"{mark} {at}"
        yield event("learning_outcome_created", {"learning_outcome_id": id, "title": text} | context, at)
        yield event("learning_outcome_group_created", {"learning_outcome_group_id": id, "title": text} | context, at)
        yield event(
            "learning_outcome_link_created",
            {"learning_outcome_link_id": id, "learning_outcome_id": id, "learning_outcome_group_id": id, **context},
            at,
        )
        ratings = [{"description": text, "points": points, "mastery": points == 3} for points in (4, 3, 0)]
        scale = {"outcome_proficiency_id": id, "outcome_proficiency_ratings": ratings}
        yield event("outcome_proficiency_created", scale | context, at)
        method = {"outcome_calculation_method_id": id, "calculation_method": "n_mastery", "calculation_int": 3}
        yield event("outcome_calculation_method_created", method | context, at)
        friendly = {"outcome_friendly_description_id": id, "description": text, "learning_outcome_id": id}
        yield event("outcome_friendly_description_created", friendly | context, at)
        yield event("course_created", {"course_id": context["context_id"], "account_id": id, "name": text}, at)
        yield event("account_created", {"account_id": id, "parent_account_id": "1", "name": text}, at)
        for learner, guessed in product((f"{mark}Learner", "Ada"), (False, True)):
            row = {
                "learning_outcome_id": id,
                "user_uuid": learner,
                "created_at": at,
                "assessed_at": at,
                "score": 3.0,
                "possible": 4.0,
                "percent": 0.75,
                "title": text,
                "result_context_type": "Course",
                "result_context_id": context["context_id"],
            }
            yield event("learning_outcome_result_created", row if guessed else row | {"id": f"{id}{len(learner)}"}, at)
        yield event("rubric_assessed", {"id": id, "rubric_name": text, "user_uuid": f"{mark}Learner"}, at)
    yield event("learning_outcome_zoomed", {"id": mark}, start[0])
    yield event("learning_outcome_created", {"title": mark}, start[0])


@frozen(kw_only=True)
class Two:
    """A server of two institutions; the tokens of ours, and one that reads theirs."""

    server: Running
    store: Path
    ours: str
    theirs: str
    write: str
    admin: str


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """A server of two institutions, whose ids collide."""
    folder = tmp_path_factory.mktemp("two")
    store, file = folder / "store.db", folder / "tokens"
    ours = [*events_of("Lion", OURS, OUR_ROOT, "660066")]
    theirs = [*events_of("Zebra", THEIRS, THEIR_ROOT, "770077")]
    for one in theirs[::3]:
        one["metadata"]["root_account_uuid"] = ALIAS
    with projector.open(store) as p:
        for pair in zip(ours, theirs, strict=True):
            p.replay(pair)
        p.alias(ALIAS, THEIRS)
        p.set("account_level_mastery_scales", False, "2024-03-01T12:00:00Z", tenant=THEIRS)
    tokens = {
        "ours": make_token(file, "--tenant", OURS, "--name", "Lion"),
        "theirs": make_token(file, "--tenant", THEIRS, "--name", "ZebraToken"),
        "write": make_token(file, "--scope", "write", "--tenant", OURS),
        "admin": make_token(file, "--scope", "admin", "--name", "ZebraAdmin"),
    }
    with serving(store, "--tokens", str(file)) as server:
        yield Two(server=server, store=store, **tokens)


NAMES = (None, OURS, THEIRS, ALIAS, THEIR_ROOT, "3169~1", OUR_ROOT, NOBODY, "", "1")
IDS = ("5", "7700775", "31690000000000005", "3169~5", "770077514", "510", "nothing", "21070000000000005")
CONTEXTS = ("Course/1", "Course/7700771", "Account/1", "Course/31690000000000001", "Account/7700775")
INSTANTS = ("2024-03-01T10:00:00Z", "2024-03-03", "2020-01-01", "2030-01-01")


def addresses() -> Iterator[tuple[str, dict[str, str]]]:
    """Every route with many parameters, without the tenant."""
    for route in ROUTES:
        paths = [route.path]
        if "{kinds}" in route.path:
            paths = [path.replace("{kinds}", kinds) for path in paths for kinds in plurals()]
        if "{id}" in route.path:
            paths = [path.replace("{id}", quote(id, safe="")) for path in paths for id in IDS]
        for path in paths:
            yield from ((path, given) for given in parameters_of({one.name for one in route.parameters}))
    yield from ((path, {}) for path in ("/v1/health", "/metrics", "/schema/openapi.json", "/", "/zebra", "/v1/zebras"))


def parameters_of(names: set[str]) -> Iterator[dict[str, str]]:
    """Some of the parameters of a route at a time."""
    needed = {"from": INSTANTS[2], "to": INSTANTS[3]} if "from" in names else {}
    wanted = [{"context": context} for context in CONTEXTS] if "context" in names else []
    if needed or not wanted:
        wanted.append({})
    for given in wanted:
        yield needed | given
        for name in names & {"as_of", "on", "known_at", "scale_as_of"}:
            yield needed | given | {name: INSTANTS[0]}
        if "deleted" in names:
            yield needed | given | {"deleted": "true", "limit": "1"}
        if "raw" in names:
            yield needed | given | {"raw": "true"}
        if "lineage" in names:
            yield needed | given | {"lineage": "Course/7700771,Account/7700775"}
        if "kind" in names:
            yield from (needed | given | {"kind": kind} for kind in KINDS)
    if "learner" in names:
        for learner, id, course in product(
            ("ZebraLearner", "Ada", None), ("5", "7700775", None), ("1", "7700771", None)
        ):
            asked = {"learner": learner, "outcome": id, "course": course, "inactive": "true"}
            yield {name: value for name, value in asked.items() if value is not None}


_VARIES = {"date", "content-length"}


def told(answer: httpx.Response) -> bytes:
    """All of an answer, its headers included, but for those that change with the second or with what is named."""
    head = [f"{name}: {value}" for name, value in answer.headers.items() if name not in _VARIES]
    return f"{answer.status_code}\n".encode() + "\n".join(head).encode() + b"\n\n" + answer.content


def without(text: bytes, *echoed: str) -> bytes:
    """An answer without what the request itself named."""
    for one in sorted(
        {form for name in echoed if name for form in (name, quote(name, safe=""))}, key=len, reverse=True
    ):
        text = text.replace(one.encode(), b"*")
    return text


@pytest.mark.parametrize("tenant", NAMES, ids=str)
def test_no_answer_holds_anything_of_another_institution(two: Two, tenant: str | None) -> None:
    """Over all routes, whatever is named; an institution that may not be seen is like one that nobody has."""
    asked = 0
    with two.server.client(two.ours) as client:
        for path, given in addresses():
            named = given if tenant is None else given | {"tenant": tenant}
            answer = client.get(path, params=named)
            asked += 1
            assert answer.status_code < 500, (path, named, answer.text)
            parts = [*given.values(), *chain(*(value.split(",") for value in given.values())), *path.split("/")]
            parts += [part.partition("/")[2] for part in parts]
            parts += [str(long_id(unquote(part))) for part in parts]
            said = without(told(answer), tenant or "", *parts)
            assert MARK.search(said) is None, (path, named, said)
            if tenant in (THEIRS, ALIAS, THEIR_ROOT) and answer.status_code != 404:
                other = client.get(path, params=given | {"tenant": NOBODY})
                assert without(told(answer), tenant) == without(told(other), NOBODY), (path, named)
    assert asked > 500


@pytest.mark.parametrize("kinds", plurals())
@pytest.mark.parametrize("part", ["", "/history", "/why"], ids=["show", "history", "why"])
def test_their_aggregate_is_one_of_which_no_event_was_received(two: Two, kinds: str, part: str) -> None:
    """Asked for by an id that only they have."""
    answers = {id: two.server.get(f"/v1/{kinds}/{id}{part}", two.ours) for id in ("7700775", "7700888")}
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({without(answer.content, id) for id, answer in answers.items()}) == 1


def test_their_cursors_give_ours(two: Two) -> None:
    """A cursor made for theirs leads to nothing of them."""
    with two.server.client(two.theirs) as them, two.server.client(two.ours) as us:
        for path in (*(f"/v1/{kinds}" for kinds in plurals()), "/v1/scores", "/v1/diff"):
            given = {"limit": "1"} | ({"from": INSTANTS[2], "to": INSTANTS[3]} if path == "/v1/diff" else {})
            page = them.get(path, params=given)
            assert page.json()["next"], path
            cursor = page.json()["next"]
            assert MARK.search(told(us.get(path, params=given | {"cursor": cursor}))) is None
            answer = us.get(path, params=given | {"cursor": cursor, "tenant": THEIRS})
            assert answer.status_code == 400
            assert MARK.search(without(told(answer), THEIRS)) is None


def test_their_tags_say_nothing(two: Two) -> None:
    """What they have cannot be asked after by its ETag."""
    with two.server.client(two.theirs) as them, two.server.client(two.ours) as us:
        for path in ("/v1/outcomes", "/v1/outcomes/5", "/v1/scores", "/v1/digest", "/v1/outcomes/5/why"):
            tag = them.get(path).headers["etag"]
            assert us.get(path).headers["etag"] != tag
            answer = us.get(path, headers={"If-None-Match": tag})
            assert answer.status_code == 200
            assert MARK.search(told(answer)) is None


@pytest.mark.parametrize("who", ["ours", "theirs", "write"])
def test_metrics_are_for_administrators(two: Two, who: str) -> None:
    """They are of all institutions; and no label names one."""
    answer = two.server.get("/metrics", getattr(two, who))
    assert answer.status_code == 403
    assert MARK.search(two.server.get("/metrics", two.admin).content) is None


# writing


def own(**metadata: Any) -> Event:
    """An event of ours that is new, or of another one by its metadata."""
    known = {"event_name": "learning_outcome_created", "event_time": "2024-05-01T10:00:00Z"}
    known |= {"root_account_uuid": OURS, "root_account_id": OUR_ROOT}
    given = {name: value for name, value in (known | metadata).items() if value is not None}
    return {"metadata": given, "body": {"learning_outcome_id": "990", "title": "new"}}


def theirs(**metadata: Any) -> Event:
    """An event of theirs that is new."""
    return own(**{"root_account_uuid": THEIRS, "root_account_id": THEIR_ROOT} | metadata)


def text(event: Any) -> bytes:
    """An event as JSON."""
    return json.dumps(event).encode()


def without_id(event: Event) -> Event:
    """An event without the id of what it is of."""
    return event | {"body": {"title": "x"}}


LARGE = {"title": "x" * 1_200_000, "score": "no number"}
POSTS = {
    "one": text(theirs()),
    "array": text([own(), theirs()]),
    "lines": text(own()) + b"\n" + text(theirs()),
    "wrapped": text({"Records": [{"body": json.dumps(own())}, {"body": json.dumps(theirs())}]}),
    "base64": text({"Data": base64.b64encode(text(theirs())).decode()}),
    "set aside": text(theirs(event_name="learning_outcome_zoomed")),
    "set aside among ours": text([own(), theirs(event_name="learning_outcome_zoomed")]),
    "wrapped and set aside": text({"Records": [{"body": json.dumps(theirs(event_name="outcome_zoomed"))}]}),
    "no id": text(without_id(theirs())),
    "no time": text(theirs(event_time=None)),
    "no name": text(theirs(event_name=None)),
    "body": text(theirs() | {"body": 5}),
    "attributes": text({"attributes": theirs()["metadata"], "body": {}}),
    "no JSON": text(own()) + b"\n" + text(theirs()).replace(b'"new"', b"NaN"),
    "cut": text(own()) + b"\n" + text(theirs())[:-4],
    "text in text": text(own()) + b'\n"' + text(theirs())[:-4].replace(b'"', b'\\"') + b'"',
    "large": text({"body": LARGE | {"learning_outcome_id": {}}, "metadata": theirs()["metadata"]}),
    "alias": text(theirs(root_account_uuid=ALIAS)),
    "root alone": text(theirs(root_account_uuid=None)),
    "root as tilde": text(theirs(root_account_uuid=None, root_account_id="3169~1")),
    "root as number": text(theirs(root_account_uuid=None, root_account_id=31690000000000001)),
    "nobody": text(own(root_account_uuid=NOBODY)),
    "their duplicate": text(next(events_of("Zebra", THEIRS, THEIR_ROOT, "770077"))),
}


def kept(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of all tables of a store."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


@pytest.mark.parametrize("post", POSTS)
def test_what_holds_an_event_of_theirs_is_not_stored(two: Two, post: str) -> None:
    """Neither in the log nor in quarantine, nor is it counted."""
    before = kept(two.store)
    answer = two.server.post(POSTS[post], two.write)
    assert (answer.status_code, MARK.search(told(answer))) == (403, None), answer.text
    assert kept(two.store) == before


def test_events_that_name_only_a_root_account_stay_where_they_are(tmp_path: Path) -> None:
    """Whoever may write to one institution cannot have another one's events become its own."""
    store, file = tmp_path / "store.db", tmp_path / "tokens"
    read, write = make_token(file, "--tenant", OURS), make_token(file, "--scope", "write", "--tenant", OURS)
    with projector.open(store) as p:
        p.append(theirs(root_account_uuid=None, root_account_id="77"))
    with serving(store, "--tokens", str(file)) as server:
        assert server.post(text(own(root_account_id="77")), write).status_code == 403
        assert server.post(text(own(root_account_id="78")), write).status_code == 200
        assert server.get("/v1/outcomes/990", read).json()["state"]["title"] == "new"
        assert len(server.get("/v1/outcomes", read).json()["items"]) == 1


def test_what_is_broken_of_ours_is_kept(two: Two) -> None:
    """Also where its body names the account as results do, by a local id."""
    broken = text(own())[:-2] + b',"root_account_id":"1","x":NaN}}'
    answer = two.server.post(text(own()) + b"\n" + broken, two.write)
    assert (answer.status_code, answer.json()["quarantined"]) == (200, 1)


@pytest.mark.parametrize(("theirs_without_uuid", "status"), [(True, 403), (False, 200)], ids=["moves", "moves nothing"])
def test_a_root_account_of_others_is_refused_where_their_events_would_move(
    tmp_path: Path, theirs_without_uuid: bool, status: int
) -> None:
    """Events without a uuid belong to the one institution that is paired with their root account."""

    def event(id: str, uuid: str | None, root: str) -> bytes:
        body = {"learning_outcome_id": id, "title": "Cells"}
        return text(reported("learning_outcome_created", body, root_account_uuid=uuid, root_account_id=root))

    store, tokens = tmp_path / "roots.db", tmp_path / "tokens"
    with projector.open(store) as p:
        p.append([event("1", "Zebra", "31690000000000001"), event("2", "Heron", "31700000000000001")])
        if theirs_without_uuid:
            p.append([event("3", None, "31690000000000001")])
    token = make_token(tokens, "--scope", "write", "--tenant", "Heron")
    with serving(store, "--tokens", str(tokens)) as server:
        assert server.post(event("4", "Heron", "31690000000000001"), token).status_code == status
    with projector.open(store) as p:
        assert (p.now(tenant="Zebra").outcome("3") is not None) == theirs_without_uuid
        assert (p.now(tenant="Heron").outcome("4") is not None) == (status == 200)


def test_events_without_a_uuid_are_those_of_the_one_beside_them(tmp_path: Path) -> None:
    """A post says itself whose root account it names."""
    tokens = tmp_path / "tokens"
    token = make_token(tokens, "--scope", "write", "--tenant", "Heron")
    body = {"learning_outcome_id": "1", "title": "Cells"}
    alone = reported("learning_outcome_created", body, root_account_uuid=None, root_account_id="31700000000000001")
    beside = reported("learning_outcome_updated", body, root_account_uuid="Heron", root_account_id="31700000000000001")
    with serving(tmp_path / "new.db", "--tokens", str(tokens)) as server:
        assert server.post(text(alone), token).status_code == 403
        assert server.post(text([alone, beside]), token).json()["appended"] == 2
        assert server.post(text(alone), token).json()["duplicates"] == 1
