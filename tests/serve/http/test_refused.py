"""What is not in the OpenAPI document is refused: spellings of addresses and parameters, and methods."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.recipes import STORE
from tests.serve.http.running import Running, serving

SAFE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "vary": "Authorization",
}


@pytest.fixture(scope="module")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over the demo's store."""
    store = tmp_path_factory.mktemp("college") / "s.db"
    shutil.copy(demo_folder / STORE, store)
    with serving(store) as running:
        yield running


def sent(server: Running, method: str, address: str, body: bytes | None = None) -> tuple[HTTPResponse, bytes]:
    """The response to a request whose address is sent as it is."""
    connection = HTTPConnection(server.address.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, address, body)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/digest/", 404),
        ("/v1//outcomes", 404),
        ("/v1/outcomes/", 404),
        ("/v1/outcomes/304%2Fhistory", 404),
        ("/v1/outcomes/304%2fhistory", 404),
        ("/v1/outcomes/304/else", 404),
        ("/v1", 404),
        ("/v1/outcomes/%ff", 400),
        ("/v1/outcomes/%ed%a0%80", 400),
        ("/v1/outcomes/%00", 404),
        ("/v1/outcomes/..", 404),
        ("/v1/foos", 400),
        ("/v1/Outcomes", 400),
    ],
)
def test_an_address_is_spelled_in_one_way(server: Running, address: str, status: int) -> None:
    """Others are not taken for it."""
    assert sent(server, "GET", address)[0].status == status


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ("/v1/outcomes?deleted=yes", "deleted must be true or false, not 'yes'"),
        ("/v1/outcomes?deleted=1", "deleted must be true or false, not '1'"),
        ("/v1/outcomes?deleted=", "deleted must be true or false, not ''"),
        ("/v1/outcomes?limit=1.0", "limit must be a whole number from 1 to 1000, not '1.0'"),
        ("/v1/outcomes?limit=0", "limit must be a whole number from 1 to 1000, not '0'"),
        ("/v1/outcomes?limit=1001", "limit must be a whole number from 1 to 1000, not '1001'"),
        ("/v1/outcomes?limit=1&limit=1", "the parameter limit comes twice; name it once"),
        ("/v1/outcomes?limits=1", "unknown parameter 'limits'; this question has as_of, deleted, known_at, tenant, tz"),
        ("/v1/digest?tz=right/UTC", "unknown time zone 'right/UTC'; write one such as America/New_York"),
        ("/v1/digest?tz=", "unknown time zone ''; write one such as America/New_York"),
        ("/v1/digest?tenant=", "the tenant is blank; write its uuid, or leave it out"),
        ("/v1/digest?tenant=%0d%0aSet-Cookie:a", "no event names the institution '\\r\\nSet-Cookie:a'"),
        ("/v1/digest?as_of=2025-13-01", "invalid date-time '2025-13-01'"),
        ("/v1/digest?as_of=2025-10-12T10:00:00+02:00", "write the + of an offset as %2B"),
        ("/v1/scale", "the parameter context is missing"),
        ("/v1/scale?context=", "the context is blank; write Account/1 or Course/565"),
        ("/v1/scale?context=account/1", "invalid context 'account/1'; write Account/1 or Course/565"),
        ("/v1/scale?context=Account/1%0a", "invalid context 'Account/1\\n'; write Account/1 or Course/565"),
        ("/v1/scale?context=Account/1&lineage=Account/1,Account/1", "write each context once"),
        ("/v1/scale?context=Account/1&lineage=" + "Course/1," * 50 + "Course/2", "lineage has 51 values"),
        ("/v1/scores?course=Account/1", "invalid course 'Account/1'; write one such as Course/101"),
        ("/v1/scores?learner=%20", "the learner is blank"),
        ("/v1/scores?outcome=", "the outcome is blank"),
        ("/v1/scores?learner=%ff", "the parameters are not UTF-8"),
        ("/v1/diff?from=2025-10-12&to=2025-10-13&kind=scales", "unknown kind 'scales'; write one of outcome, group"),
        ("/v1/outcomes?cursor=x", "invalid cursor; give the next of the page before as it is"),
        ("/v1/outcomes?cursor=a.b", "invalid cursor 'a.b'; write the next of the page before"),
    ],
)
def test_a_parameter_of_another_form_is_refused(server: Running, question: str, detail: str) -> None:
    """The message says what to write."""
    response, body = sent(server, "GET", question)
    assert (response.status, response.getheader("content-type")) == (400, "application/problem+json")
    assert detail in body.decode().replace("\\\\", "\\")


@pytest.mark.parametrize(
    "question",
    [
        "/v1/diff?from=0001-01-01&to=9999-12-31",
        "/v1/digest?as_of=2016-12-31T23:59:60Z",
        "/v1/digest?as_of=2025-10-12T10:00:00%2B02:00",
        "/v1/digest?as_of=2025-10-12+10:00",
        "/v1/scale?context=Account/2107~1",
        "/v1/scale?context=Account/21070000000000001",
        "/v1/scores?course=101",
    ],
)
def test_what_the_contract_allows_is_answered(server: Running, question: str) -> None:
    """Instants in all their spellings, the first and the last day, global ids."""
    assert sent(server, "GET", question)[0].status == 200


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("address", ["/v1/digest", "/v1/outcomes/304", "/v1/health", "/schema/openapi.json"])
def test_another_method_is_refused(server: Running, method: str, address: str) -> None:
    """With the one that is taken; nothing is answered to pages of other sites that ask beforehand."""
    response, _ = sent(server, method, address)
    assert (response.status, response.getheader("allow")) == (405, "GET")


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT"])
def test_events_are_posted_only(server: Running, method: str) -> None:
    """By POST."""
    response, _ = sent(server, method, "/v1/events")
    assert (response.status, response.getheader("allow")) == (405, "POST")


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("GET", "/v1/digest", None),
        ("GET", "/v1/outcomes/none", None),
        ("GET", "/v1/digest?x=1", None),
        ("GET", "/elsewhere", None),
        ("GET", "/v1/health", None),
        ("GET", "/metrics", None),
        ("GET", "/schema/openapi.json", None),
        ("OPTIONS", "/v1/digest", None),
        ("OPTIONS", "/elsewhere", None),
        ("TRACE", "/v1/digest", None),
        ("POST", "/v1/events", b""),
        ("POST", "/v1/events", b"not JSON"),
        ("POST", "/v1/events", b"{}"),
    ],
)
def test_every_response_is_safe_in_a_browser(server: Running, method: str, address: str, body: bytes | None) -> None:
    """Whatever it is, it has the headers that make it so, and no other site may read it."""
    response, _ = sent(server, method, address, body)
    headers = {name.lower(): value for name, value in response.getheaders()}
    assert headers | SAFE == headers
    assert "cache-control" in headers
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_the_content_type_of_a_post_does_not_matter(server: Running, content_type: str) -> None:
    """The body says what it is."""
    assert server.post(b"[]", **{"Content-Type": content_type}).json()["quarantined"] == 1
