"""The scale or method that counts in a context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from projector.ask.finding import Frame
from projector.domain.errors import BadQuestion
from projector.domain.inforce import Because, MethodInForce, ScaleInForce, Step
from projector.domain.kinds import Kind
from projector.domain.versions import Version
from projector.store.reading import Reading

_CONTEXT: Final = re.compile(r"(account|course)/(\S+)", re.IGNORECASE)


def context_asked(frame: Frame, context: str) -> tuple[str, str]:
    """The type and the canonical id of a context such as ``Course/565``.

    Raises:
        BadQuestion: it has another form.
    """
    if (parts := _CONTEXT.fullmatch(context.strip())) is None:
        raise BadQuestion(f"{context!r} is no context; write Account/1 or Course/565")
    return parts[1].capitalize(), frame.own_id(parts[2])


def in_force(frame: Frame, kind: Literal["scale", "method"], context: str) -> ScaleInForce | MethodInForce:
    """What counts in a context as of the instant: the active one defined there."""
    type, id = context_asked(frame, context)
    place = f"{type}/{id}"
    with frame.log.reading(frame.pin) as reading:
        named = reading.naming(frame.tenant, type, id, kind)
        version = _active(frame, reading, kind, type, id, named)
    answer = ScaleInForce if kind == "scale" else MethodInForce
    return answer(
        context=place,
        found_at=place if version else None,
        lineage="own" if version else "unknown",
        chain=(Step(context=place, found=version.id if version else None),),
        version=version,
        because=None if version else _because(frame, kind, named),
        basis=version.basis if version else frame.basis,
    )


def _active(frame: Frame, reading: Reading, kind: Kind, type: str, id: str, named: Sequence[str]) -> Version | None:
    """The active one of a context; of several the one that was announced last."""
    found = [frame.version_at(reading, kind, candidate) for candidate in named]
    active = [
        version
        for version in found
        if version is not None
        and version.status == "active"
        and version.state.get("context_type") == type
        and frame.own_id(version.state.get("context_id") or "") == id
    ]
    return max(active, key=lambda version: (version.valid_from, version.id), default=None)


def _because(frame: Frame, kind: Kind, named: Sequence[str]) -> Because:
    """Why none of those that ever named the context is in force there."""
    if not named:
        return "never heard of"
    with frame.log.reading(frame.pin) as reading:
        stood = any(frame.version_at(reading, kind, candidate) for candidate in named)
    reasons = {frame.why_unknown(kind, candidate) for candidate in named}
    order: tuple[Because, ...] = ("created later", "first heard of later", "never heard of")
    return "deleted" if stood else next(reason for reason in order if reason in reasons)
