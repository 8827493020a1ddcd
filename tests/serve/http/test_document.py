"""The OpenAPI document: whole, valid, true, and made for the one who reads it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from projector.serve.http.document import document
from projector.serve.http.parameters import TENANT, plurals, zones
from projector.serve.http.responses import Reader
from projector.serve.http.routes import ROUTES
from tests.builders import HARBOR
from tests.recipes import STORE
from tests.serve.http.running import Running, make_token, serving
from tests.serve.http.stores import OTHER, make_empty, make_two

pytestmark = pytest.mark.slow  # all of them together take long

PLACE = "/schema/openapi.json"
ONE = Reader(tenants=("A",))
Document = dict[str, Any]

QUESTIONS = [
    "/v1/scale?context=Account/1&on=2025-10-12",
    "/v1/scale?context=Course/101&lineage=Course/101,Account/10,Account/1",
    "/v1/scale?context=Course/110&on=2025-09-25",
    "/v1/scale?context=Course/999&on=2000-01-01",
    "/v1/method?context=Course/110",
    "/v1/tree?context=Course/101",
    "/v1/tree?context=Account/1&as_of=2025-10-12",
    "/v1/tree?context=Account/999",
    "/v1/scores?course=Course/101&as_of=2025-11-01",
    "/v1/scores?outcome=304&across=true&inactive=true&limit=1000&scale_as_of=2025-10-01",
    "/v1/diff?from=2025-10-12&to=2025-10-13",
    "/v1/diff?from=0001-01-01&to=9999-12-31&kind=group&limit=1000",
    "/v1/digest",
    *(f"/v1/{kinds}?deleted=true&limit=1000" for kinds in plurals()),
    "/v1/results?as_of=2025-09-10&limit=1000",
    "/v1/outcomes/304?as_of=2025-10-01",
    "/v1/outcomes/304?as_of=2000-01-01",
    "/v1/outcomes/none",
    "/v1/outcomes/304/history",
    "/v1/scales/8/history?tz=Asia/Kathmandu",
    "/v1/scales/none/history",
    "/v1/outcomes/304/why?raw=true",
    "/v1/scales/7/why?as_of=2025-10-12",
    "/v1/scales/none/why",
    "/v1/foos",
    "/v1/scale",
    "/v1/health",
    PLACE,
]


def told(parameters: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """What is said of a parameter; None where it is left out."""
    return next((one for one in parameters if one["name"] == name), None)


def operation_of(path: str, of: Document) -> dict[str, Any]:
    """The operation that answers a path."""
    parts = path.split("?")[0].split("/")
    found = next(
        name
        for name in sorted(of["paths"], key=lambda name: name.count("{"))
        if len(split := name.split("/")) == len(parts)
        and all(one == other or one.startswith("{") for one, other in zip(split, parts, strict=True))
    )
    operation: dict[str, Any] = of["paths"][found]["get"]
    return operation


def see_that_described(of: Document, operation: dict[str, Any], status: int, media_type: str, answer: Any) -> None:
    """See that an answer is one of those of an operation, and has its shape."""
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = of["components"]["responses"][str(status)]
    schema = response["content"][media_type]["schema"]
    Draft202012Validator({**schema, "components": of["components"]}, validate_formats=True).validate(answer)


@pytest.fixture(scope="module")
def college(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over the demo's store."""
    store = tmp_path_factory.mktemp("college") / "s.db"
    shutil.copy(demo_folder / STORE, store)
    with serving(store) as server:
        yield server


@pytest.mark.parametrize(
    "reader",
    [ONE, Reader(tenants=("A", "B"), has_tokens=True), Reader(tenants=None, has_tokens=True), Reader(tenants=())],
)
def test_it_is_valid(reader: Reader) -> None:
    """By the schema of OpenAPI 3.1; each schema in it by that of JSON Schema; every reference leads somewhere."""
    made = document(reader)
    Draft202012Validator(OPENAPI_31).validate(made)
    for name in made["components"]["schemas"]:
        schema = {"$ref": f"#/components/schemas/{name}", "components": made["components"]}
        Draft202012Validator(schema).is_valid(None)
    assert not [one for one in references(made) if not leads_somewhere(made, one)]


def references(part: Any) -> Iterator[str]:
    """Every reference of a document."""
    match part:
        case dict():
            for name, one in part.items():
                if name == "$ref":
                    yield one
                yield from references(one)
        case list():
            for one in part:
                yield from references(one)


def leads_somewhere(made: Document, reference: str) -> bool:
    """Whether something is where a reference leads."""
    found: Any = made
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part, {})
    return bool(found)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_question_is_in_it(route: Any) -> None:
    """With each of its parameters, and with an example that is of its form."""
    made = document(ONE)
    operation = made["paths"][route.path]["get"]
    assert operation["operationId"] == route.name
    named = [one for one in operation["parameters"] if one["in"] == "query"]
    assert [one["name"] for one in named] == [one.name for one in route.parameters]
    for parameter, one in zip(route.parameters, named, strict=True):
        assert one["required"] == parameter.required
        assert one["description"]
        if parameter.example is not None and parameter is not TENANT:
            schema = {**one["schema"], "components": made["components"]}
            Draft202012Validator(schema).validate(parameter.example)
            texts = parameter.example if parameter.is_list else [parameter.example]
            parameter.see_that_formed(",".join(map(str, texts)))
    assert {"200", "304", "400", "500", "503"} <= operation["responses"].keys()


def test_everything_else_is_in_it(college: Running) -> None:
    """What the service has beside questions; and nothing is in it twice."""
    made = college.get(PLACE).json()
    others = {"/v1/events", "/v1/health", "/metrics", PLACE}
    assert made["paths"].keys() == {route.path for route in ROUTES} | others
    ids = [operation["operationId"] for path in made["paths"].values() for operation in path.values()]
    assert len(ids) == len({*ids})
    assert made["components"]["schemas"]["TimeZone"]["enum"] == list(zones())
    names = made["components"]["schemas"]["TimeZone"]["x-enum-varnames"]
    assert len({*names}) == len(zones())
    assert all(name.isidentifier() for name in names)
    assert made["components"]["schemas"]["Kinds"]["enum"] == list(plurals())
    body = made["paths"]["/v1/events"]["post"]["requestBody"]
    assert body["required"]
    assert body["content"]["application/json"]["schema"] == {}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_its_examples_have_answers(college: Running, route: Any) -> None:
    """All of a question's examples together, over the demo's store."""
    made = college.get(PLACE).json()
    operation = made["paths"][route.path]["get"]
    given = {one["name"]: one.get("example") for one in operation["parameters"]}
    path = route.path.format(kinds=given.pop("kinds", None), id=given.pop("id", None))
    texts = {name: ",".join(one) if isinstance(one, list) else one for name, one in given.items() if one is not None}
    answer = college.get(path, **texts)
    assert answer.status_code == 200, answer.text
    assert answer.json().get("items") != [] if isinstance(answer.json(), dict) else answer.json()
    see_that_described(made, operation, 200, "application/json", answer.json())


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_have_the_shapes_that_it_says(college: Running, question: str) -> None:
    """Also those that nothing is known, and problems."""
    made = college.get(PLACE).json()
    with college.client() as client:
        answer = client.get(question)
    media_type = answer.headers["content-type"]
    see_that_described(made, operation_of(question, made), answer.status_code, media_type, answer.json())


@pytest.mark.parametrize("body", [b'{"metadata":{},"body":{}}', b"[1,null]", b'"text"', b"not JSON", b""])
def test_a_post_is_answered_as_it_says(college: Running, body: bytes) -> None:
    """A JSON text that is not an event too is taken, and kept in quarantine; what is not JSON is 422."""
    made = college.get(PLACE).json()
    answer = college.post(body)
    assert answer.status_code == (400 if not body else 422 if body == b"not JSON" else 200)
    post = made["paths"]["/v1/events"]["post"]
    see_that_described(made, post, answer.status_code, answer.headers["content-type"], answer.json())


def test_it_is_asked_for_again_only_when_it_changed(tmp_path: Path) -> None:
    """It changes with the institutions of the store."""
    make_empty(tmp_path / "s.db")
    with serving(tmp_path / "s.db") as server, server.client() as client:
        tag = client.get(PLACE).headers["etag"]
        same = client.get(PLACE, headers={"If-None-Match": tag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        assert client.get(PLACE, params={"x": "1"}).status_code == 400
        event = (
            b'{"metadata":{"event_name":"account_created","event_time":"2024-01-01T00:00:00Z","root_account_uuid":"A"},'
            b'"body":{"account_id":"1"}}'
        )
        assert server.post(event).status_code == 200
        assert client.get(PLACE, headers={"If-None-Match": tag}).status_code == 200


# whose document it is


def tenant_of(made: Document, path: str = "/v1/scale") -> tuple[bool, Any] | None:
    """Whether an institution has to be named, and which may be; None where the parameter is left out."""
    found = told(made["paths"][path]["get"]["parameters"], "tenant")
    if found is None:
        return None
    schema = found["schema"]
    if "$ref" in schema:
        schema = made["components"]["schemas"]["Tenant"]
    return found["required"], schema.get("enum", schema["type"])


def test_anyone_of_an_open_server_sees_all_institutions(tmp_path: Path) -> None:
    """No token is asked for; of several institutions one has to be named, but for the digest."""
    make_two(tmp_path / "s.db")
    with serving(tmp_path / "s.db") as server:
        made = server.get(PLACE).json()
        assert tenant_of(made) == (True, [HARBOR, OTHER])
        assert tenant_of(made, "/v1/digest") == (False, [HARBOR, OTHER])
        assert "securitySchemes" not in made["components"]
        assert made["paths"]["/v1/scale"]["get"]["security"] == []
        assert server.get("/v1/digest").status_code == 200
        assert server.get("/v1/outcomes").json()["tenants"] == [HARBOR, OTHER]


def test_a_document_for_each_token(tmp_path: Path) -> None:
    """It names what its reader may see, and says nothing of institutions to one without a token."""
    make_two(tmp_path / "s.db")
    tokens = tmp_path / "tokens"
    one = make_token(tokens, "--tenant", OTHER)
    none = make_token(tokens, "--tenant", "Elsewhere")
    writer = make_token(tokens, "--scope", "write", "--tenant", HARBOR)
    admin = make_token(tokens, "--scope", "admin")
    with serving(tmp_path / "s.db", "--tokens", str(tokens)) as server:
        anyone = server.get(PLACE)
        assert tenant_of(anyone.json()) == (False, "string")
        assert HARBOR not in anyone.text
        assert anyone.json()["paths"]["/v1/scale"]["get"]["security"] == [{"bearer": []}]
        assert {"401", "403"} <= anyone.json()["paths"]["/v1/scale"]["get"]["responses"].keys()
        assert anyone.json()["paths"]["/v1/health"]["get"]["security"] == []
        assert tenant_of(server.get(PLACE, one).json()) == (False, [OTHER])
        assert HARBOR not in server.get(PLACE, one).text
        assert tenant_of(server.get(PLACE, none).json()) is None
        assert tenant_of(server.get(PLACE, writer).json()) == (False, [HARBOR])
        assert tenant_of(server.get(PLACE, admin).json()) == (True, [HARBOR, OTHER])
        assert server.get(PLACE, "projector_wrong").status_code == 401
        with server.client() as client:
            assert client.get(PLACE, headers={"Host": "elsewhere.example"}).status_code == 421
            tag = anyone.headers["etag"]
            headers = {"If-None-Match": tag, "Authorization": f"Bearer {one}"}
            assert client.get(PLACE, headers=headers).status_code == 200


def test_many_institutions_are_not_listed() -> None:
    """Up to a hundred are."""
    names = tuple(f"T{n:03}" for n in range(101))
    assert tenant_of(document(Reader(tenants=names))) == (True, "string")
    assert tenant_of(document(Reader(tenants=names[:100]))) == (True, [*names[:100]])


def test_a_parameter_that_is_left_out_is_understood(tmp_path: Path) -> None:
    """No institution can be named in an empty store; the message says so."""
    make_empty(tmp_path / "s.db")
    with serving(tmp_path / "s.db") as server:
        assert tenant_of(server.get(PLACE).json()) is None
        answer = server.get("/v1/outcomes", tenant="A")
        assert answer.status_code == 400
        assert answer.json()["detail"] == "no event names the institution 'A'; this store holds no institution yet"
