"""The JSON shapes of answers, as the command line and HTTP give them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from projector.domain.inforce import Because, InForce
from projector.domain.versions import Basis, Version
from projector.fold.continuation import is_guessed

Shape = dict[str, Any]


def instant_shape(moment: datetime | None) -> str | None:
    """An instant in UTC with microseconds and ``Z``; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def basis_shape(basis: Basis) -> Shape:
    """What an answer rests on."""
    return {
        "as_of": instant_shape(basis.as_of),
        "known_at": instant_shape(basis.known_at),
        "tz": basis.tz,
        "rules": basis.rules,
        "heard_until": instant_shape(basis.heard_until),
        "decided_by": basis.decided_by,
        "assumed": list(basis.assumed),
    }


def version_shape(version: Version) -> Shape:
    """A version; a result without an id with its two members more."""
    shape: Shape = {
        "tenant": version.tenant,
        "kind": version.kind,
        "id": version.id,
        "status": version.status,
        "valid_from": instant_shape(version.valid_from),
        "valid_to": instant_shape(version.valid_to),
        "recorded_at": instant_shape(version.recorded_at),
        "event_name": version.event_name,
        "state": dict(version.state),
        "basis": basis_shape(version.basis),
    }
    if version.kind == "result" and is_guessed(version.id):
        shape |= {"guessed": version.guessed, "continued_by": version.continued_by}
    return shape


def history_shape(version: Version) -> Shape:
    """A version with what it changed."""
    return version_shape(version) | {"changes": {name: list(change) for name, change in version.changes.items()}}


def unknown_shape(tenant: str, kind: str, id: str | None, because: Because, basis: Basis) -> Shape:
    """An aggregate of which nothing stands."""
    return {
        "tenant": tenant,
        "kind": kind,
        "id": id,
        "status": "unknown",
        "valid_from": None,
        "valid_to": None,
        "recorded_at": None,
        "event_name": None,
        "state": None,
        "because": because,
        "basis": basis_shape(basis),
    }


def in_force_shape(kind: str, tenant: str, answer: InForce) -> Shape:
    """What counts in a context, with where and how it was found."""
    shape = (
        version_shape(answer.version)
        if answer.version
        else unknown_shape(tenant, kind, None, answer.because or "never heard of", answer.basis)
    )
    return shape | {
        "context": answer.context,
        "found_at": answer.found_at,
        "lineage": answer.lineage,
        "chain": [{"context": step.context, "found": step.found} for step in answer.chain],
    }
