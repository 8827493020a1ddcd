"""The scale or method that counts in a context or for an outcome, inherited as of the instant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Final, Literal

from attrs import evolve, frozen

from projector.ask.finding import Frame
from projector.domain.arguments import shown
from projector.domain.catalogue import Kind
from projector.domain.errors import BadQuestion
from projector.domain.facts import account_above, account_of_page
from projector.domain.inforce import Because, KnownBy, MethodInForce, ScaleInForce, Step
from projector.domain.settings import ACCOUNT_SCALES
from projector.domain.versions import Version
from projector.fold.inheritance import Above, climb, lineage_of
from projector.store.reading import Reading

What = Literal["scale", "method"]

_CONTEXT: Final = re.compile(r"(account|course)/([^\s/]+)", re.IGNORECASE)


def context_asked(frame: Frame, context: str) -> str:
    """The canonical form of a context such as ``Course/565``.

    Raises:
        BadQuestion: it has another form.
    """
    if not isinstance(context, str) or (parts := _CONTEXT.fullmatch(context.strip())) is None:
        raise BadQuestion(f"{shown(context)} is no context; write Account/1 or Course/565")
    return f"{parts[1].capitalize()}/{frame.own_id(parts[2])}"


def lineage_asked(frame: Frame, lineage: str | Sequence[str]) -> list[str]:
    """The contexts of a lineage, nearest first.

    Raises:
        BadQuestion: it is empty, names a context twice, or has another form.
    """
    given = lineage.split(",") if isinstance(lineage, str) else lineage
    contexts = [context_asked(frame, context) for context in given] if isinstance(given, Iterable) else []
    if not contexts or len(set(contexts)) < len(contexts):
        named = ",".join(contexts) if contexts else lineage
        raise BadQuestion(f"{shown(named)} is no lineage; name each context once, nearest first, as Course/5,Account/1")
    return contexts


@frozen(kw_only=True)
class _Found:
    """What stood at the end of a climb."""

    steps: tuple[Step, ...]
    version: Version | None
    named: tuple[str, ...]  # every id that any of the contexts ever had
    assumed: tuple[str, ...]


def in_force(
    frame: Frame, what: What, context: str, lineage: str | Sequence[str] | None = None
) -> ScaleInForce | MethodInForce:
    """What counts in a context as of the instant: its own active one, else the nearest above it."""
    place = context_asked(frame, context)
    given = None if lineage is None else lineage_asked(frame, lineage)
    switch, note = frame.setting(ACCOUNT_SCALES)
    if switch == "off":
        return _answer(what, place, _Found(steps=(), version=None, named=(), assumed=(note,)), frame, "switched off")
    with frame.log.reading(frame.pin) as reading:
        found = _climb(frame, reading, what, place, given)
        because = None if found.version else _because(frame, reading, what, found.named)
    return _answer(what, place, evolve(found, assumed=(note, *found.assumed)), frame, because)


def in_force_for_outcome(
    frame: Frame, what: What, outcome: str | int, within: str | None = None
) -> ScaleInForce | MethodInForce:
    """What judged an outcome: what was in force in its context, or where it was taught, else its own."""
    id = frame.own_id(outcome)
    with frame.log.reading(frame.pin) as reading:
        version = frame.version_at(reading, "outcome", id)
    if version is None:
        because = frame.why_unknown("outcome", id)
        asked = "" if within is None else context_asked(frame, within)
        nothing = _Found(steps=(), version=None, named=(), assumed=())
        return _answer(what, asked, nothing, frame, because)
    found = in_force(frame, what, within or frame.context_of(version.kind, version.state) or _root_of(frame))
    if found.version is not None:
        return found
    own = f"outcome {id} judged by its own {'criterion' if what == 'scale' else 'method'}"
    assumed = (*found.basis.assumed, own, *version.basis.assumed)
    basis = evolve(version.basis, assumed=assumed)
    return evolve(found, found_at="outcome", version=evolve(version, basis=basis), because=None, basis=basis)


def _answer(
    what: What, context: str, found: _Found, frame: Frame, because: Because | None
) -> ScaleInForce | MethodInForce:
    answer = ScaleInForce if what == "scale" else MethodInForce
    version = found.version
    basis = version.basis if version else frame.basis
    basis = evolve(basis, assumed=(*found.assumed, *basis.assumed))
    return answer(
        context=context,
        found_at=found.steps[-1].context if version else None,
        lineage=lineage_of([step.known_by for step in found.steps], version is not None),
        chain=found.steps,
        version=evolve(version, basis=basis) if version else None,
        because=because,
        basis=basis,
    )


def _climb(frame: Frame, reading: Reading, what: What, place: str, given: list[str] | None) -> _Found:
    ways: Iterable[tuple[str, KnownBy]] = climb(place, partial(_above, frame, reading))
    if given is not None:
        ways = ((context, "given") for context in given)
    steps: list[Step] = []
    named: list[str] = []
    version = None
    for context, known_by in ways:
        candidates = _candidates(frame, reading, what, context)
        named += candidates
        version = _active(frame, reading, what, context, candidates)
        steps.append(Step(context=context, found=version.id if version else None, known_by=known_by))
        if version is not None:
            break
    assumed = tuple(f"{step.context} above {before.context} (hint)" for before, step in _hinted(steps))
    if given is not None:
        assumed = (f"lineage {','.join(given)} (given)",)
    return _Found(steps=tuple(steps), version=version, named=tuple(named), assumed=assumed)


def _hinted(steps: Sequence[Step]) -> Iterable[tuple[Step, Step]]:
    return ((before, step) for before, step in pairwise(steps) if step.known_by == "hint")


def _candidates(frame: Frame, reading: Reading, what: What, context: str) -> list[str]:
    type, id = context.split("/", 1)
    return reading.naming(frame.tenant, type, id, what)


def _active(frame: Frame, reading: Reading, what: What, context: str, named: Sequence[str]) -> Version | None:
    """The active one of a context; of several the one that was announced last."""
    found = [frame.version_at(reading, what, candidate) for candidate in named]
    active = [v for v in found if v is not None and v.status == "active" and frame.context_of(what, v.state) == context]
    return max(active, key=lambda version: (version.valid_from, version.id), default=None)


def contexts_above(frame: Frame, context: str) -> list[str]:
    """A context and every one above it as of the instant."""
    with frame.log.reading(frame.pin) as reading:
        return [place for place, _ in climb(context, partial(_above, frame, reading))]


def _above(frame: Frame, reading: Reading, context: str) -> Above | None:
    """The context above one as of the instant, whatever the status of either."""
    type, id = context.split("/", 1)
    kind: Kind = "course" if type == "Course" else "account"
    state = frame.state_at(reading, kind, id)
    if state is not None and (account := frame.local(account_above(kind, state))) is not None:
        return Above(context=f"Account/{account}", known_by="events")
    if kind == "account" and state is not None:
        return None  # an account that says it has no parent: a root
    if kind == "course" and (event := reading.page_event(frame.tenant, id, frame.as_of)) is not None:
        return Above(context=f"Account/{frame.local(account_of_page(event.metadata))}", known_by="hint")
    root = _root_of(frame)
    return Above(context=root, known_by="hint") if context != root else None


def _root_of(frame: Frame) -> str:
    """The institution's root account, as its events name it; the last resort of every lineage."""
    roots = frame.pin.tenancy.roots_of(frame.tenant)
    return f"Account/{roots[0] if roots else 1}"


def _because(frame: Frame, reading: Reading, what: What, named: Sequence[str]) -> Because:
    """Why none of those that the contexts ever had is in force."""
    if not named:
        return "never heard of"
    if any(frame.state_at(reading, what, candidate) is not None for candidate in named):
        return "deleted"
    reasons = {frame.why_unknown_in(reading, what, candidate) for candidate in named}
    order: tuple[Because, ...] = ("created later", "first heard of later", "never heard of")
    return next(reason for reason in order if reason in reasons)
