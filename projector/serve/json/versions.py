"""The shapes of versions and of their basis, made without cattrs: most answers are versions."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from projector.domain.answers import Shape
from projector.domain.recorded import By
from projector.domain.versions import Basis, Changes, Unknown, Version

_OFFSET: Final = len("+00:00")


def instant(moment: datetime | None) -> str | None:
    """An instant in UTC with microseconds and ``Z``; None stays None."""
    if moment is None:
        return None
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-_OFFSET] + "Z"


_instant = lru_cache(256)(instant)


def instant_of_many(moment: datetime | None) -> str | None:
    """The same of an instant that many answers have, such as that of a commit."""
    return _instant(moment)


def basis(answer: Basis) -> Shape:
    """A basis; one that was shaped just before is not shaped again, for the many answers of a question share theirs."""
    global _last
    last = _last  # another thread may replace it
    if last is None or last[0] is not answer:
        _last = last = answer, _basis(answer)
    return last[1] | {"assumed": [*answer.assumed]}


_last: tuple[Basis, Shape] | None = None


def _basis(answer: Basis) -> Shape:
    return {
        "as_of": instant(answer.as_of),
        "known_at": instant_of_many(answer.known_at),
        "tz": answer.tz,
        "rules": answer.rules,
        "heard_until": instant_of_many(answer.heard_until),
        "decided_by": answer.decided_by,
        "assumed": [*answer.assumed],
    }


def version(answer: Version) -> Shape:
    """A version; of a result without an id with two members more, of a history with its changes and who made them."""
    shape: Shape = {
        "tenant": answer.tenant,
        "kind": answer.kind,
        "id": answer.id,
        "status": answer.status,
        "valid_from": instant(answer.valid_from),
        "valid_to": instant(answer.valid_to),
        "recorded_at": instant_of_many(answer.recorded_at),
        "event_name": answer.event_name,
        "state": dict(answer.state),
        "basis": basis(answer.basis),
    }
    if answer.guessed:
        shape |= {"guessed": answer.guessed, "continued_by": answer.continued_by}
    if answer.shows_changes:
        shape |= {"changes": changed(answer.changes), "by": by(answer.by)}
    return shape


def by(answer: By) -> Shape:
    """Who caused an event."""
    return {"user_id": answer.user_id, "user_login": answer.user_login, "job_tag": answer.job_tag}


def unknown(answer: Unknown) -> Shape:
    """The members of a version without times and state, and the reason."""
    return {
        "tenant": answer.tenant,
        "kind": answer.kind,
        "id": answer.id,
        "status": "unknown",
        "valid_from": None,
        "valid_to": None,
        "recorded_at": None,
        "event_name": None,
        "state": None,
        "because": answer.because,
        "basis": basis(answer.basis),
    }


def changed(changes: Changes) -> Shape:
    """Changes by member, each as a list of the old and the new value; the values are JSON as they are."""
    return {name: list(change) for name, change in changes.items()}
