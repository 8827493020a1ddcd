"""The scale or method in force in a context or for an outcome, inherited as of the instant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final, TypeVar

from attrs import evolve, frozen

from projector.ask.asking import Asking
from projector.ask.question import Question
from projector.domain.arguments import shown
from projector.domain.catalogue import Kind
from projector.domain.errors import BadQuestion
from projector.domain.facts import account_above
from projector.domain.inforce import InForce, KnownBy, Step, What
from projector.domain.settings import ACCOUNT_SCALES
from projector.domain.versions import Because, Version
from projector.fold.inheritance import Above, climb, lineage_of

A = TypeVar("A", bound=InForce[Any])

_CONTEXT: Final = re.compile(r"(account|course)/([^\s/]+)", re.IGNORECASE)


def context_asked(question: Question, context: str) -> str:
    """The canonical form of a context such as ``Course/565``.

    Raises:
        BadQuestion: it has another form.
    """
    if not isinstance(context, str) or (parts := _CONTEXT.fullmatch(context.strip())) is None:
        raise BadQuestion(f"invalid context {shown(context)}; write Account/1 or Course/565")
    return f"{parts[1].capitalize()}/{question.own_id(parts[2])}"


def lineage_asked(question: Question, lineage: str | Sequence[str]) -> list[str]:
    """The contexts of a lineage, nearest first.

    Raises:
        BadQuestion: it is empty, names a context twice, or has another form.
    """
    given = lineage.split(",") if isinstance(lineage, str) else lineage
    contexts = [context_asked(question, context) for context in given] if isinstance(given, Iterable) else []
    if not contexts or len(set(contexts)) < len(contexts):
        named = ",".join(contexts) if contexts else lineage
        raise BadQuestion(
            f"invalid lineage {shown(named)}; write each context once, nearest first, such as Course/5,Account/1"
        )
    return contexts


@frozen(kw_only=True)
class _Found:
    """What was found while climbing the account tree."""

    steps: tuple[Step, ...] = ()
    version: Version | None = None
    named: tuple[str, ...] = ()  # every id that any of the contexts ever had
    assumed: tuple[str, ...] = ()


_NOTHING: Final = _Found()


def in_force(question: Question, answer: type[A], context: str, lineage: str | Sequence[str] | None = None) -> A:
    """What counts in a context as of the instant: its own active one, else the nearest above it.

    Args:
        answer: Which is asked for, `ScaleInForce` or `MethodInForce`.
    """
    place = context_asked(question, context)
    given = None if lineage is None else lineage_asked(question, lineage)
    switch, note = question.setting(ACCOUNT_SCALES)
    if switch == "off":
        return _answer(question, answer, place, evolve(_NOTHING, assumed=(note,)), "switched off")
    with Asking(question) as asking:
        found = _climb(asking, answer.what, place, given)
        because = None if found.version else _because(asking, answer.what, found.named)
    return _answer(question, answer, place, evolve(found, assumed=(note, *found.assumed)), because)


def in_force_for_outcome(question: Question, answer: type[A], outcome: str | int, within: str | None = None) -> A:
    """What judged an outcome: what was in force in its context, or where it was taught, else its own."""
    id = question.own_id(outcome)
    with Asking(question) as asking:
        version = asking.version("outcome", id)
        because = None if version else asking.why_unknown("outcome", id)
    if version is None:
        asked = "" if within is None else context_asked(question, within)
        return _answer(question, answer, asked, _NOTHING, because)
    context = within or question.context_of("outcome", version.state) or _root_of(question)
    found = in_force(question, answer, context)
    if found.version is not None:
        return found
    own = f"outcome {id} judged by its own {'criterion' if answer.what == 'scale' else 'method'}"
    assumed = (*found.basis.assumed, own, *version.basis.assumed)
    basis = evolve(version.basis, assumed=assumed)
    return evolve(found, found_at="outcome", version=evolve(version, basis=basis), because=None, basis=basis)


def _answer(question: Question, answer: type[A], context: str, found: _Found, because: Because | None) -> A:
    version = found.version
    basis = version.basis if version else question.basis
    basis = evolve(basis, assumed=(*found.assumed, *basis.assumed))
    return answer(
        tenant=question.tenant,
        context=context,
        found_at=found.steps[-1].context if version else None,
        lineage=lineage_of([step.known_by for step in found.steps], version is not None),
        chain=found.steps,
        version=evolve(version, basis=basis) if version else None,
        because=because,
        basis=basis,
    )


def _climb(asking: Asking, what: What, place: str, given: list[str] | None) -> _Found:
    climbed: Iterable[tuple[str, KnownBy]] = climb(place, partial(_above, asking))
    if given is not None:
        climbed = ((context, "given") for context in given)
    steps: list[Step] = []
    named: list[str] = []
    version = None
    for context, known_by in climbed:
        type, id = context.split("/", 1)
        candidates = asking.reading.naming(type, id, what)
        named += candidates
        version = _active(asking, what, context, candidates)
        steps.append(Step(context=context, found=version.id if version else None, known_by=known_by))
        if version is not None:
            break
    assumed = tuple(f"{step.context} above {before.context} (hint)" for before, step in _hinted(steps))
    if given is not None:
        assumed = (f"lineage {','.join(given)} (given)",)
    return _Found(steps=tuple(steps), version=version, named=tuple(named), assumed=assumed)


def _hinted(steps: Sequence[Step]) -> Iterable[tuple[Step, Step]]:
    return ((before, step) for before, step in pairwise(steps) if step.known_by == "hint")


def _active(asking: Asking, what: What, context: str, named: Sequence[str]) -> Version | None:
    """The active one of a context; of several the one that was announced last."""
    found = [asking.version(what, candidate) for candidate in named]
    context_of = asking.question.context_of
    active = [v for v in found if v is not None and v.status == "active" and context_of(what, v.state) == context]
    return max(active, key=lambda version: (version.valid_from, version.id), default=None)


def contexts_above(question: Question, context: str) -> list[str]:
    """A context and every one above it as of the instant."""
    with Asking(question) as asking:
        return [place for place, _ in climb(context, partial(_above, asking))]


def _above(asking: Asking, context: str) -> Above | None:
    """The context above one as of the instant, whatever the status of either."""
    question, (type, id) = asking.question, context.split("/", 1)
    kind: Kind = "course" if type == "Course" else "account"
    state = asking.state(kind, id)
    if state is not None and (account := question.local(account_above(kind, state))) is not None:
        return Above(context=f"Account/{account}", known_by="events")
    if kind == "account" and state is not None:
        return None  # an account that says it has no parent: a root
    if kind == "course" and (account := asking.account_of(id, question.as_of)) is not None:
        return Above(context=f"Account/{account}", known_by="hint")
    root = _root_of(question)
    return Above(context=root, known_by="hint") if context != root else None


def _root_of(question: Question) -> str:
    """The institution's root account, as its events name it; the last resort of every lineage."""
    roots = question.pin.tenancy.roots_of(question.tenant)
    return f"Account/{roots[0] if roots else 1}"


def _because(asking: Asking, what: What, named: Sequence[str]) -> Because:
    """Why none of those that the contexts ever had is in force."""
    if not named:
        return "never heard of"
    if any(asking.state(what, candidate) is not None for candidate in named):
        return "deleted"
    reasons = {asking.why_unknown(what, candidate) for candidate in named}
    order: tuple[Because, ...] = ("created later", "first heard of later", "never heard of")
    return next(reason for reason in order if reason in reasons)
