"""Signed deliveries are checked by the keys that are given; without keys nothing is."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OctKey, RSAKey

from projector.domain.errors import BadQuestion, MissingInput
from projector.domain.events import LiveEvent, Refusal
from projector.wire.keys import KeySet, read_keys
from projector.wire.signed import claims_of, needs_keys
from projector.wire.wrappers import decoded
from tests.builders import outcome
from tests.strategies import json_values
from tests.wire.inputs import batch, jwt, record, sns, sqs
from tests.wire.signing import EVENT, LAST_MONTH, THIS_MONTH, UNKNOWN_KEY, signed


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key set as Canvas serves it, with a key of another kind beside."""
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    keys: list[Any] = [{"kty": "AKP", "kid": "new"}, *(k.as_dict(private=False) for k in (LAST_MONTH, THIS_MONTH))]
    path.write_text(json.dumps({"keys": keys}))
    return path


@pytest.fixture(scope="module")
def keys(file: Path) -> KeySet:
    """The same, read."""
    return read_keys(file)


def refused(token: str, keys: KeySet | None) -> str:
    """Why a JWT was refused; it is kept itself."""
    refusal = claims_of(token.encode(), keys)
    assert isinstance(refusal, Refusal)
    assert refusal.raw == token.encode()
    return refusal.reason


@pytest.mark.parametrize("key", [THIS_MONTH, LAST_MONTH], ids=["this month's", "last month's"])
def test_a_signature_that_matches_is_taken(keys: KeySet, key: RSAKey) -> None:
    """By the key that the JWT names; its claims are as they were sent."""
    assert claims_of(signed(key).encode(), keys) == EVENT.encode()


def test_signatures_are_checked_in_wrappers_too(keys: KeySet) -> None:
    """At any depth; where nothing else is inside, the wrapper is kept, to be tried with other keys."""
    (event,) = decoded(sqs(sns(signed())).encode(), keys)
    assert isinstance(event, LiveEvent)
    raw = batch(signed(UNKNOWN_KEY)).encode()
    (refusal,) = decoded(raw, keys)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.raw) == ("JWT: unknown key 2024-10 (in Records.body)", raw)
    assert needs_keys(refusal.reason)
    assert decoded(refusal.raw) == [event]


def test_a_jwt_that_is_refused_is_kept_by_itself_beside_an_event(keys: KeySet) -> None:
    """And a wrapper with nothing but refusals waits for keys if one of them does."""
    both = f'{{"Records":[{record(signed())},{record(signed(UNKNOWN_KEY))}]}}'.encode()
    _, refusal = decoded(both, keys)
    assert isinstance(refusal, Refusal)
    assert refusal.raw == signed(UNKNOWN_KEY).encode()
    (refusal,) = decoded(f'{{"Records":[{record("[7]")},{record(signed(UNKNOWN_KEY))}]}}'.encode(), keys)
    assert isinstance(refusal, Refusal)
    assert needs_keys(refusal.reason)


def test_a_signature_that_does_not_match_is_refused(keys: KeySet) -> None:
    """Another event under the same signature, and another's key under a known name."""
    header, _, signature = signed().split(".")
    other = jwt(json.dumps(outcome("Cell biology"))).split(".")[1]
    assert refused(f"{header}.{other}.{signature}", keys) == "JWT: the signature does not match"
    assert refused(signed(UNKNOWN_KEY, kid="2024-09"), keys) == "JWT: the signature does not match"
    assert refused(f"{header}.{other}.", keys) == "JWT: the signature does not match"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ('{"alg":"none","kid":"2024-09"}', "JWT: algorithm none, not RS256"),
        ('{"alg":"HS256","kid":"2024-09"}', "JWT: algorithm HS256, not RS256"),
        ('{"kid":"2024-09"}', "JWT: algorithm (none named), not RS256"),
        ('{"alg":"RS256"}', "JWT: unknown key (none named)"),
        ('{"alg":"RS256","kid":"1999-12"}', "JWT: unknown key 1999-12"),
        ('{"alg":"RS256","kid":7}', "JWT: the header cannot be read: Expected `str | null`, got `int` - at `$.kid`"),
        ('{"alg":"RS256","kid":"2024-09","crit":["x"],"x":1}', "JWT: its signature cannot be checked: "),
    ],
)
def test_a_jwt_that_cannot_be_checked_says_why(keys: KeySet, header: str, reason: str) -> None:
    """Key by `kid`, RS256 only, nothing critical that is not understood."""
    assert refused(jwt(EVENT, header), keys).startswith(reason)


@given(st.dictionaries(st.sampled_from(["crit", "b64", "typ", "x5c", "jwk", "zip", "exp"]), json_values))
def test_checking_never_raises(keys: KeySet, members: dict[str, Any]) -> None:
    """Whatever a header holds."""
    header = json.dumps({"alg": "RS256", "kid": "2024-09"} | members)
    assert refused(jwt(EVENT, header), keys).startswith("JWT: ")


@pytest.mark.parametrize("header", [b'{"alg":"RS256","kid":"\xff"}', b'{"x":"\xff","alg":"RS256","kid":"2024-09"}'])
def test_a_header_that_is_no_text_is_refused(keys: KeySet, header: bytes) -> None:
    """Its bytes are kept as they were."""
    encoded = urlsafe_b64encode(header).decode().rstrip("=")
    assert refused(f"{encoded}.{jwt(EVENT).split('.', 1)[1]}", keys).startswith("JWT: ")


def test_another_algorithm_is_refused_even_with_a_good_signature(keys: KeySet) -> None:
    """Canvas signs by RS256."""
    assert refused(signed(alg="RS512"), keys) == "JWT: algorithm RS512, not RS256"


def test_without_keys_nothing_is_checked() -> None:
    """But that there are claims."""
    assert claims_of(jwt(EVENT, '{"alg":"none"}', "").encode(), None) == EVENT.encode()


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("eyJhbGciOiJub25lIn0", "JWT: 1 parts instead of three"),
        ("eyJhbGciOiJub25lIn0.e30.a.b.c", "JWT: 5 parts instead of three"),
        ("eyJhbGciOiJub25lIn0.e3+0.", "JWT: the payload is not base64url text"),
        ("eyJhbGciOiJub25lIn0.e30.AAAAA", "JWT: the signature is not base64url text"),
        ("eyJhbGciOiJub25lI.e30.", "JWT: the header is not base64url text"),
        ("eyJhbGciOiJub25l.e30.", "JWT: the header is not a JSON object"),
        (jwt("[]"), "JWT: the payload is not a JSON object"),
        (jwt(""), "JWT: the payload is not a JSON object"),
        (jwt("[" * 5000), "JWT: the payload is not a JSON object"),
    ],
)
def test_what_is_no_jwt_says_so(token: str, reason: str) -> None:
    """With or without keys."""
    assert refused(token, None) == reason


def test_an_event_of_a_megabyte_is_checked_too(keys: KeySet) -> None:
    """Canvas sends them."""
    claims = json.dumps(outcome("Cells", description="x" * 2**20))
    assert claims_of(signed(claims=claims).encode(), keys) == claims.encode()


def test_a_key_set_goes_to_other_processes(keys: KeySet) -> None:
    """Decoding may run beside writing."""
    assert claims_of(signed().encode(), pickle.loads(pickle.dumps(keys))) == EVENT.encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys":[]}',
        '{"keys":[7]}',
        '{"keys":[{"kty":"RSA"}]}',
        '{"keys":[{"kty":"RSA","kid":"a"}]}',
        '{"keys":[{"kty":"RSA","kid":"a","n":"!","e":"AQAB"}]}',
        '{"keys":[{"kty":"RSA","kid":"a","n":7,"e":"AQAB"}]}',
        pytest.param(json.dumps({"keys": [OctKey.generate_key(256, {"kid": "a"}).as_dict()]}), id="a shared key"),
        pytest.param(json.dumps(THIS_MONTH.as_dict(private=False)), id="one key that is in no set"),
    ],
)
def test_what_is_no_key_set_says_so(tmp_path: Path, text: str) -> None:
    """With its name."""
    (tmp_path / "jwks.json").write_text(text)
    with pytest.raises(BadQuestion, match=r"jwks\.json is not a key set"):
        read_keys(tmp_path / "jwks.json")


def test_a_key_set_that_is_missing_is_a_missing_input(tmp_path: Path) -> None:
    """As any other file."""
    with pytest.raises(MissingInput, match="nowhere"):
        read_keys(tmp_path / "nowhere")


def test_without_the_extra_it_is_said_what_to_install(file: Path) -> None:
    """Everything else works without it."""
    program = (
        "import sys; sys.modules['joserfc'] = None\n"
        "import projector; from projector.wire.keys import read_keys\n"
        "try: read_keys(sys.argv[1])\n"
        "except projector.ProjectorError as error: print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True)
    assert "pip install 'outcome-projector[jwt]'" in ran.stdout
