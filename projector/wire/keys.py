"""The public keys by which the signatures of deliveries are checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import field, frozen

from projector.domain.arguments import shown_path
from projector.domain.canonical import read_json
from projector.domain.errors import BadQuestion, MissingInput

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

_ALGORITHM: Final = "RS256"
_LARGEST: Final = 2**25  # bytes: an input of 16 MiB in any spelling


class _Header(msgspec.Struct):
    alg: str | None = None
    kid: str | None = None
    crit: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_named = msgspec.json.Decoder(_Header).decode


@frozen(kw_only=True)
class KeySet:
    """The public keys by which signatures are checked: each a JSON Web Key, by its ``kid``."""

    keys: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @cached_property
    def _imported(self) -> dict[str, RSAKey]:
        from joserfc.jwk import RSAKey

        return {kid: RSAKey.import_key(dict(key)) for kid, key in self.keys.items()}

    def __contains__(self, kid: object) -> bool:
        return kid in self.keys

    def fault(self, token: bytes, header: bytes) -> str | None:
        """Why the signature of a JWT with this header does not count; None where it does."""
        from joserfc import jws
        from joserfc.errors import BadSignatureError, JoseError

        try:
            named = _named(header)
        except (ValueError, RecursionError, msgspec.MsgspecError) as error:
            return f"the header cannot be read: {error}"
        if named.alg != _ALGORITHM:
            return f"algorithm {_shown(named.alg)}, not {_ALGORITHM}"
        if named.crit is not msgspec.UNSET:  # RFC 7515: what is not understood makes it invalid
            return "its signature cannot be checked: its header has critical members (crit)"
        if (key := self._imported.get(named.kid or "")) is None:
            return f"unknown key {_shown(named.kid)}"
        registry = jws.JWSRegistry(algorithms=[_ALGORITHM], strict_check_header=False)
        registry.max_header_length = registry.max_payload_length = registry.max_signature_length = _LARGEST
        try:
            jws.deserialize_compact(token, key, registry=registry)
        except BadSignatureError:
            return "the signature does not match"
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:  # odd members of the header
            return f"its signature cannot be checked: {error}"
        return None


def key_named(header: bytes) -> str | None:
    """The ``kid`` of a JWT's header; None where there is none.

    >>> key_named(b'{"alg":"RS256","kid":"2026-11"}')
    '2026-11'
    """
    try:
        return _named(header).kid
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None


def read_keys(path: str | os.PathLike[str]) -> KeySet:
    """The RSA keys of a JWK set, a JSON file ``{"keys":[…]}``; keys of other kinds or without ``kid`` are passed over.

    Raises:
        MissingInput: the file is missing or cannot be read.
        BadQuestion: it is not a key set, holds no such key, or the extra ``jwt`` is not installed.
    """
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise MissingInput(f"{shown_path(os.fspath(path))} cannot be read: {error.strerror}") from error
    return keys_in(text, os.fspath(path))


def keys_in(text: bytes, name: str) -> KeySet:
    """The RSA keys of the text of a JWK set.

    Args:
        name: How messages call it.

    Raises:
        BadQuestion: as in `read_keys`.
    """
    try:
        from joserfc.errors import JoseError
    except ImportError as error:
        raise BadQuestion("checking signatures needs one more package: pip install 'outcome-projector[jwt]'") from error
    try:
        keys = KeySet(keys=_rsa_keys(read_json(text)))
        if not keys._imported:
            raise ValueError("it holds no RSA key with a kid")
    except (ValueError, TypeError, KeyError, RecursionError, JoseError) as error:
        raise BadQuestion(f'{name} is not a key set {{"keys":[…]}}: {error}') from error
    return keys


def _rsa_keys(found: Any) -> dict[str, Mapping[str, Any]]:
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list):
        raise ValueError("it has no list of keys")
    usable = [key for key in keys if isinstance(key, dict) and key.get("kty") == "RSA"]
    return {key["kid"]: key for key in usable if isinstance(key.get("kid"), str)}


def _shown(value: str | None) -> str:
    return "(none named)" if value is None else value[:60]
