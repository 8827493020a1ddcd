"""Deliveries that Canvas signed: each is its own token, for the institutions that are accepted."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hmac import digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from attrs import define, frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey

from projector.domain.errors import ProjectorError
from projector.serve.http.signing import Keys
from tests.builders import HARBOR, outcome
from tests.serve.http.running import Running, make_token, serving
from tests.serve.http.test_access import of_meadow, run
from tests.serve.http.test_tenant_scan import kept
from tests.wire.signing import LAST_MONTH, THIS_MONTH, UNKNOWN_KEY, signed

pytestmark = pytest.mark.slow  # all of them together take long


def key_set(*keys: RSAKey) -> bytes:
    """Public keys as a JWK set."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def claims(title: str = "Cells", id: str = "5", **members: Any) -> str:
    """An event as the claims of a delivery."""
    return json.dumps(outcome(title, id=id) | members)


@frozen(kw_only=True)
class Signed:
    """A server that takes the deliveries of one institution, and its store."""

    server: Running
    store: Path


@pytest.fixture(scope="module", params=["alone", "with tokens"])
def signing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    """A server with keys, also where tokens are given."""
    folder = tmp_path_factory.mktemp("signed")
    store, keys, options = folder / "store.db", folder / "keys.json", list[str]()
    keys.write_bytes(key_set(THIS_MONTH, LAST_MONTH))
    if request.param == "with tokens":
        make_token(folder / "tokens", "--tenant", HARBOR)
        options = ["--tokens", str(folder / "tokens")]
    with serving(store, "--keys", str(keys), "--accept", HARBOR, *options) as server:
        assert server.post(signed(claims=claims()).encode()).json()["appended"] == 1
        yield Signed(server=server, store=store)


# those that count


@pytest.mark.parametrize("key", [THIS_MONTH, LAST_MONTH], ids=["this month", "last month"])
def test_a_delivery_is_its_own_token(signing: Signed, key: RSAKey) -> None:
    """Canvas sends none."""
    again = signing.server.post(signed(key, claims(f"By {key.kid}", "6")).encode())
    assert again.status_code == 200
    assert again.json()["appended"] + again.json()["duplicates"] == 1
    assert again.json()["appended"] == 0 or again.json()["recorded_at"] is not None


def test_clocks_may_differ_by_a_minute(signing: Signed) -> None:
    """Ours is not the sender's."""
    now = int(time.time())
    token = signed(claims=claims("In time", "7", exp=now - 30, nbf=now + 30, iat=now))
    assert signing.server.post(token.encode()).status_code == 200


# those that do not


def segments(header: Any, payload: str, signature: bytes) -> str:
    """A JWT of any parts."""
    head = header if isinstance(header, str) else json.dumps(header)
    parts = head.encode(), payload.encode(), signature
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def by_rsa(header: Any, key: RSAKey = THIS_MONTH) -> str:
    """A JWT with any header, whose signature is good."""
    begun, private = segments(header, claims("forged"), b"").rstrip("."), key.private_key
    assert private is not None
    signature = private.sign(begun.encode(), PKCS1v15(), hashes.SHA256())
    return f"{begun}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def by_hmac(secret: bytes) -> str:
    """A JWT whose key is what everybody knows."""
    begun = segments({"alg": "HS256", "kid": THIS_MONTH.kid}, claims("forged"), b"").rstrip(".")
    signature = base64.urlsafe_b64encode(digest(secret, begun.encode(), "sha256")).decode().rstrip("=")
    return f"{begun}.{signature}"


def with_part(index: int, text: str) -> str:
    """A delivery of which one part is another one."""
    parts = signed(claims=claims("forged")).split(".")
    parts[index] = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return ".".join(parts)


def forged() -> dict[str, str]:
    """What nobody signed who may."""
    now, kid = int(time.time()), THIS_MONTH.kid
    own = UNKNOWN_KEY.as_dict(private=False)
    name = {"alg": "RS256", "kid": kid}
    no_key = signed(UNKNOWN_KEY, claims("forged"))
    return {
        "expired": signed(claims=claims("forged", exp=now - 120)),
        "not yet": signed(claims=claims("forged", nbf=now + 3600)),
        "odd time": signed(claims=claims("forged", exp="tomorrow")),
        "no number": signed(claims=claims("forged", exp=True)),
        "unknown key": no_key,
        "no kid": by_rsa({"alg": "RS256"}),
        "kid is null": by_rsa({"alg": "RS256", "kid": None}),
        "other key under our name": by_rsa(name, UNKNOWN_KEY),
        "its key with it": by_rsa(name | {"jwk": own}, UNKNOWN_KEY),
        "its key with it, without a name": by_rsa({"alg": "RS256", "jwk": own}, UNKNOWN_KEY),
        "its key elsewhere": by_rsa(name | {"x5u": "https://evil.example", "jku": "https://evil.example"}, UNKNOWN_KEY),
        "certificate with it": by_rsa(name | {"x5c": ["MII"]}, UNKNOWN_KEY),
        "critical": by_rsa(name | {"crit": ["zebra"], "zebra": 1}),
        "critical b64": by_rsa(name | {"crit": ["b64"], "b64": False}),
        "critical nothing": by_rsa(name | {"crit": []}),
        "none": segments({"alg": "none", "kid": kid}, claims("forged"), b""),
        "None": segments({"alg": "NoNe", "kid": kid}, claims("forged"), b""),
        "none, signed": segments({"alg": "none", "kid": kid}, claims("forged"), b"x"),
        "no algorithm": segments({"kid": kid}, claims("forged"), b"x"),
        "HS256 by PEM": by_hmac(THIS_MONTH.as_pem(private=False)),
        "HS256 by DER": by_hmac(THIS_MONTH.as_der(private=False)),
        "HS256 by nothing": by_hmac(b""),
        "RS512": signed(claims=claims("forged"), alg="RS512"),
        "other payload": with_part(1, claims("other")),
        "other header": with_part(0, json.dumps(name | {"typ": "jwt"})),
        "no signature": signed(claims=claims("forged")).rpartition(".")[0] + ".",
        "cut signature": signed(claims=claims("forged"))[:-8],
        "header is none": "eyJ.e30.x",
        "kid is a number": segments({"alg": "RS256", "kid": 5}, claims("forged"), b"x"),
        "kid twice": segments(f'{{"alg":"RS256","kid":"{kid}","kid":"x"}}', claims("forged"), b"x"),
        "claims are a list": signed(claims="[1]"),
        "no base64": signed(claims=claims("forged")).replace(".", ".!", 1),
        "a line end": signed(claims=claims("forged")).replace(".", ".\n", 1),
    }


FORGED = forged()


@pytest.mark.parametrize("what", FORGED)
def test_what_nobody_signed_who_may_is_not_stored(signing: Signed, what: str) -> None:
    """Not even in quarantine."""
    before = kept(signing.store)
    answer = signing.server.post(FORGED[what].encode())
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert kept(signing.store) == before


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(of_meadow(outcome("Rocks"))),
        json.dumps({"Records": [outcome("Cells", id="77"), of_meadow(outcome("Rocks"))]}),
        json.dumps(of_meadow(outcome("Rocks", verb="zoomed"))),
    ],
    ids=["event", "wrapper", "set aside"],
)
def test_a_delivery_of_another_institution_is_not_stored(signing: Signed, text: str) -> None:
    """Canvas signs every institution's deliveries by the same keys."""
    before = kept(signing.store)
    answer = signing.server.post(signed(claims=text).encode())
    assert answer.status_code == 403
    assert kept(signing.store) == before


def test_a_delivery_does_not_read(signing: Signed) -> None:
    """It is not a token to be shown."""
    token = signed(claims=claims())
    shown = signing.server.get("/v1/outcomes", token).status_code
    with_tokens = signing.server.get("/v1/outcomes").status_code == 401
    assert shown == (401 if with_tokens else 200)


@pytest.mark.parametrize("body", [claims("unsigned"), "[]", "eyJ", "eyJ.a.b.c", "{", "words"], ids=str.strip)
def test_without_a_signature_a_token_is_needed(tmp_path: Path, body: str) -> None:
    """Where there are tokens."""
    store, keys = tmp_path / "store.db", tmp_path / "keys.json"
    keys.write_bytes(key_set(THIS_MONTH))
    write = make_token(tmp_path / "tokens", "--scope", "write", "--tenant", HARBOR)
    options = ("--keys", str(keys), "--accept", HARBOR, "--tokens", str(tmp_path / "tokens"))
    with serving(store, *options) as server:
        before = kept(store)
        assert server.post(body.encode()).status_code == 401
        assert kept(store) == before
        assert server.post(claims("unsigned").encode(), write).status_code == 200


# the start


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--keys", "KEYS"), "--keys needs --accept TENANT"),
        (("--accept", HARBOR), "name the keys"),
        (("--keys", "http://127.0.0.1:1/keys", "--accept", HARBOR), "https://"),
        (("--keys", "file:///etc/passwd", "--accept", HARBOR), "https://"),
        (("--keys", "https://127.0.0.1:1/keys", "--accept", HARBOR), "cannot be fetched"),
        (("--keys", "/nowhere/keys", "--accept", HARBOR), "cannot be read"),
        (("--keys", "EMPTY", "--accept", HARBOR), "not a key set"),
    ],
    ids=["no accept", "no keys", "http", "file", "down", "missing", "empty"],
)
def test_there_is_no_start_without_keys_that_can_be_used(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """Each with what to do."""
    files = {"KEYS": tmp_path / "keys.json", "EMPTY": tmp_path / "empty.json"}
    files["KEYS"].write_bytes(key_set(THIS_MONTH))
    files["EMPTY"].write_bytes(b'{"keys":[]}')
    words = [str(files.get(word, word)) for word in options]
    ran = run("serve", "--store", str(tmp_path / "store.db"), "--port", "0", *words)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


# keys at a URL


@define
class KeyServer:
    """A server of keys over https: what it answers, and how often it was asked."""

    port: int = 0
    content: bytes = b""
    status: int = 200
    location: str = ""
    asked: int = 0
    pause: float = 0.0  # seconds between bytes

    @property
    def url(self) -> str:
        """Where the keys are."""
        return f"https://127.0.0.1:{self.port}/keys"


def certificate(folder: Path) -> Path:
    """A certificate of this machine, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "keys")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


@contextmanager
def key_server(file: Path) -> Iterator[KeyServer]:
    """A server of keys."""
    state = KeyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(state.status)
            if state.location:
                self.send_header("Location", state.location)
            self.end_headers()
            try:
                for byte in [state.content[:20], *state.content[20:].split(b",")] if state.pause else [state.content]:
                    self.wfile.write(byte)
                    self.wfile.flush()
                    time.sleep(state.pause)
            except OSError:  # who asked has gone
                pass

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        state.port = server.server_port
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield state
        server.shutdown()


@pytest.fixture
def keys_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """A server of keys that this process trusts, and those that it starts."""
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with key_server(file) as state:
        state.content = key_set(LAST_MONTH)
        yield state


def test_keys_are_fetched_at_the_start(tmp_path: Path, keys_at: KeyServer) -> None:
    """And again for an unknown key, but not for each delivery, nor for each unknown key within a minute."""
    with serving(tmp_path / "store.db", "--keys", keys_at.url, "--accept", HARBOR) as server:
        assert keys_at.asked == 1
        for _ in range(3):
            assert server.post(signed(LAST_MONTH, claims()).encode()).status_code == 200
        assert keys_at.asked == 1
        for _ in range(3):
            assert server.post(signed(UNKNOWN_KEY, claims()).encode()).status_code == 401
        assert keys_at.asked == 2


@define
class Hands:
    """A clock that is set by hand."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_an_unknown_key_has_them_fetched_again_but_once_a_minute(keys_at: KeyServer) -> None:
    """Keys change each month; whoever invents names must not have us ask again and again."""
    clock = Hands()
    keys = Keys.of(keys_at.url, clock)
    keys_at.content = key_set(THIS_MONTH, LAST_MONTH)
    assert keys.for_kid(LAST_MONTH.kid)
    assert keys_at.asked == 1
    assert (THIS_MONTH.kid in keys.for_kid(THIS_MONTH.kid), keys_at.asked) == (True, 2)
    for clock.seconds, asked in ((0.0, 2), (59.0, 2), (60.0, 3), (61.0, 3), (119.0, 3), (120.0, 4)):
        assert UNKNOWN_KEY.kid not in keys.for_kid(UNKNOWN_KEY.kid)
        assert keys_at.asked == asked


def faults_of(keys_at: KeyServer, **now: Any) -> tuple[list[str], bool, int]:
    """What is said where keys are fetched again, whether the last ones still count, and how often was asked."""
    clock, said = Hands(), list[str]()
    keys = Keys.of(keys_at.url, clock)
    keys.on_fault = said.append
    for name, value in now.items():
        setattr(keys_at, name, value)
    clock.seconds = 60
    found = keys.for_kid("another")
    return said, LAST_MONTH.kid in found, keys_at.asked


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"status": 500}, "cannot be fetched"),
        ({"status": 404}, "cannot be fetched"),
        ({"content": b"<html>"}, "not a key set"),
        ({"content": b'{"keys":[]}'}, "not a key set"),
        ({"content": b'{"keys":[' + b" " * 2**20 + b"]}"}, "larger than"),
        ({"status": 302, "location": "http://127.0.0.1:1/keys"}, "without https"),
        ({"status": 302, "location": "file:///etc/passwd"}, "cannot be fetched"),
        ({"status": 302, "location": "keys"}, "cannot be fetched"),
        ({"port": 1}, None),
    ],
    ids=["fault", "missing", "page", "empty", "large", "to http", "to a file", "in circles", "unchanged"],
)
def test_the_last_keys_count_while_no_others_come(keys_at: KeyServer, now: dict[str, Any], said: str | None) -> None:
    """What went wrong is said."""
    faults, still, _ = faults_of(keys_at, **now)
    assert still
    assert said is None or (len(faults) == 1 and said in faults[0])


def test_keys_that_come_too_slowly_are_not_waited_for(keys_at: KeyServer) -> None:
    """Others wait meanwhile."""
    began = time.monotonic()
    faults, still, _ = faults_of(keys_at, content=b"{" + b" ," * 100, pause=0.5)
    assert still
    assert "did not come within 5 seconds" in faults[0]
    assert time.monotonic() - began < 9


@pytest.mark.parametrize(
    "now", [{"status": 302, "location": "http://127.0.0.1:1/"}, {"content": b"x" * (2**20 + 1)}], ids=["http", "large"]
)
def test_such_keys_are_not_taken_at_the_start(keys_at: KeyServer, now: dict[str, Any]) -> None:
    """There are no others yet."""
    for name, value in now.items():
        setattr(keys_at, name, value)
    with pytest.raises(ProjectorError, match=r"without https|larger than"):
        Keys.of(keys_at.url)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    keys_at: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else anybody could hand out keys."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ProjectorError, match="cannot be fetched"):
        Keys.of(keys_at.url)
    assert keys_at.asked == 0
