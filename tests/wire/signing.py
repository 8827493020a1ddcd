"""Deliveries as Canvas signs them, and the keys."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

from tests.builders import outcome

THIS_MONTH, LAST_MONTH, UNKNOWN_KEY = (
    RSAKey.generate_key(2048, {"kid": kid}, auto_kid=False) for kid in ("2024-09", "2024-08", "2024-10")
)
EVENT = json.dumps(outcome("Cells") | {"iat": 1725366600})


def signed(key: RSAKey = THIS_MONTH, claims: str = EVENT, **header: Any) -> str:
    """A JWT as Canvas signs its deliveries."""
    registry = jws.JWSRegistry(algorithms=["RS256", "RS512"], strict_check_header=False)
    known = {"alg": "RS256", "kid": key.kid, "typ": "JWT"} | header
    return jws.serialize_compact(known, claims, key, registry=registry)
