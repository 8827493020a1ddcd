"""The shape of each answer, where it is not simply that of its members."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override

from projector.domain.answers import Answer, Shape
from projector.domain.comparison import Change, Difference
from projector.domain.explanation import EventVerdict, Explanation
from projector.domain.gaps import DanglingReference, Silence
from projector.domain.inforce import InForce, MethodInForce, ScaleInForce
from projector.domain.recorded import By, Event
from projector.domain.reports import LeftOut, Report
from projector.domain.rules import RULES
from projector.domain.scores import Score, Scores
from projector.domain.settings import Setting
from projector.domain.tree import TreeGroup, TreeOutcome
from projector.domain.upkeep import Exported, Institution, Quarantined, Rebuilt, Verified
from projector.domain.versions import Basis, Unknown, Version
from projector.serve.json.versions import basis, by, changed, instant, unknown, version
from projector.wire.files.survey import path_text

A = TypeVar("A", bound=Answer)

CONVERTER: Final = cattrs.Converter(unstruct_collection_overrides={tuple: list})


def _shapes(answer: type[A]) -> Callable[[Callable[[A], Shape]], Callable[[A], Shape]]:
    """Register a function as the one that shapes a class of answers."""

    def register(function: Callable[[A], Shape]) -> Callable[[A], Shape]:
        CONVERTER.register_unstructure_hook(answer, function)
        return function

    return register


CONVERTER.register_unstructure_hook(datetime, instant)
_plain_outcome: Final = make_dict_unstructure_fn(TreeOutcome, CONVERTER, status=override(omit=True))
_plain_left_out: Final = make_dict_unstructure_fn(LeftOut, CONVERTER, named=override(omit=True))
_plain_setting: Final = make_dict_unstructure_fn(Setting, CONVERTER, valid_from=override(rename="from"))
_plain_institution: Final = make_dict_unstructure_fn(Institution, CONVERTER, roots=override(rename="root_accounts"))
CONVERTER.register_unstructure_hook(Basis, basis)
CONVERTER.register_unstructure_hook(By, by)
CONVERTER.register_unstructure_hook(Version, version)
CONVERTER.register_unstructure_hook(Unknown, unknown)
CONVERTER.register_unstructure_hook(TreeOutcome, _plain_outcome)
CONVERTER.register_unstructure_hook(LeftOut, _plain_left_out)
CONVERTER.register_unstructure_hook(Setting, _plain_setting)
CONVERTER.register_unstructure_hook(Institution, _plain_institution)


def in_force(answer: InForce[Any]) -> Shape:
    """The version that was found, or an unknown one, with where and how it was found."""
    found: Answer | None = answer.version
    if found is None:
        because = answer.because or "never heard of"
        found = Unknown(tenant=answer.tenant, kind=answer.what, id=None, because=because, basis=answer.basis)
    shape: Shape = CONVERTER.unstructure(found)
    return shape | {
        "context": answer.context,
        "found_at": answer.found_at,
        "lineage": answer.lineage,
        "chain": CONVERTER.unstructure(answer.chain),
    }


CONVERTER.register_unstructure_hook(ScaleInForce, in_force)
CONVERTER.register_unstructure_hook(MethodInForce, in_force)


@_shapes(TreeGroup)
def tree_group(answer: TreeGroup) -> Shape:
    """A group with those below it, however deep."""
    shapes: dict[int, Shape] = {}
    for _, group in reversed([*answer.walk()]):  # those below first
        shapes[id(group)] = {
            "id": group.id,
            "title": group.title,
            "status": group.status,
            "groups": [shapes[id(below)] for below in group.groups],
            "outcomes": [_plain_outcome(outcome) for outcome in group.outcomes],
        }
    return shapes[id(answer)]


@_shapes(Difference)
def difference(answer: Difference) -> Shape:
    """An aggregate that differs, with its changes."""
    return {
        "tenant": answer.tenant,
        "kind": answer.kind,
        "id": answer.id,
        "status": list(answer.status),
        "changes": changed(answer.changes),
    }


@_shapes(Scores)
def scores(answer: Scores) -> Shape:
    """The scores, and once what they rest on."""
    return {"scores": [CONVERTER.unstructure(one) for one in answer], "basis": basis(answer.basis)}


@_shapes(Change)
def change(answer: Change) -> Shape:
    """One score on both sides."""

    def side(score: Score | None, level: int | None) -> Shape | None:
        if score is None:
            return None
        return {"score": score.score, "rating": score.rating, "mastery": score.mastery, "level": level}

    return {
        "learner": answer.learner,
        "outcome": answer.outcome,
        "context": answer.context,
        "before": side(answer.before, answer.level_before),
        "after": side(answer.after, answer.level_after),
        "mastery": list(answer.mastery),
        "move": answer.move,
    }


@_shapes(Explanation)
def explanation(answer: Explanation) -> Shape:
    """Every event of an aggregate with its verdict."""
    return {
        "tenant": answer.tenant,
        "kind": answer.kind,
        "id": answer.id,
        "events": [event_verdict(one) for one in answer.testimonies],
        "basis": basis(answer.basis),
    }


@_shapes(EventVerdict)
def event_verdict(answer: EventVerdict) -> Shape:
    """One event of an explanation, without its metadata and body."""
    event, beaten_by = answer.event, answer.beaten_by
    return {
        "verdict": answer.verdict,
        "beaten_by": None if beaten_by is None else beaten_by.digest,
        "decided_by": answer.decided_by,
        "event_name": event.event_name,
        "event_time": instant(event.event_time),
        "changed_at": instant(answer.changed_at),
        "recorded_at": instant(event.recorded_at),
        "source": answer.source,
        "position": event.position,
        "digest": event.digest,
        "duplicates": answer.duplicates[0] if answer.duplicates else 0,
        "contradiction": answer.contradiction,
        "unread": list(answer.unread),
        "by": by(answer.by),
    }


@_shapes(Event)
def event(answer: Event) -> Shape:
    """An event of the log, whole."""
    return {
        "position": answer.position,
        "recorded_at": instant(answer.recorded_at),
        "tenant": answer.tenant,
        "kind": answer.kind,
        "id": answer.id,
        "event_name": answer.event_name,
        "event_time": instant(answer.event_time),
        "metadata": answer.metadata,
        "body": answer.body,
    }


@_shapes(Silence)
def silence(answer: Silence) -> Shape:
    """A gap of the kind ``silence``."""
    return {
        "gap": "silence",
        "since": instant(answer.since),
        "until": instant(answer.until),
        "hours": round(answer.hours, 2),
        "expected": answer.expected,
    }


@_shapes(DanglingReference)
def dangling_reference(answer: DanglingReference) -> Shape:
    """A gap of the kind ``never heard of``."""
    kind, id = answer.named_by
    return {"gap": "never heard of", "kind": answer.kind, "id": answer.id, "named_by": {"kind": kind, "id": id}}


@_shapes(Report)
def report(answer: Report) -> Shape:
    """The counts of a replay, and what was left out."""
    names = ("read", "appended", "duplicates", "ignored", "quarantined")
    counts = {name: getattr(answer, name) for name in names}
    left_out = [_plain_left_out(one) for one in answer.left_out]
    return counts | {"seconds": round(answer.seconds, 3), "left_out": left_out}


@_shapes(Exported)
def exported(answer: Exported) -> Shape:
    """What an export wrote; bytes of paths that are not text are escaped."""
    files = [path_text(file) for file in answer.files]
    counts = {"tables": dict(answer.tables), "position": answer.position, "head_hash": answer.head_hash}
    return counts | {"files": files, "seconds": round(answer.seconds, 3)}


@_shapes(Verified)
def verified(answer: Verified) -> Shape:
    """What was checked, and whether everything agrees."""
    names = ("events", "batches", "reduced", "head_hash", "damage")
    return {"ok": answer.damage is None} | {name: getattr(answer, name) for name in names}


@_shapes(Rebuilt)
def rebuilt(answer: Rebuilt) -> Shape:
    """What was derived, by which rules before and by which now."""
    return {
        "events": answer.events,
        "rules_before": answer.rules_before,
        "rules": RULES,
        "changed": answer.changed,
    }


@_shapes(Quarantined)
def quarantined(answer: Quarantined) -> Shape:
    """An input in quarantine: ``raw``, or ``raw_base64`` where it is not UTF-8; of a part the length and hash too."""
    shape: Shape = {
        "source": answer.source,
        "position": answer.position,
        "reason": answer.reason,
        "seen_at": instant(answer.seen_at),
    }
    if answer.retried_at is not None:
        shape |= {"retried_at": instant(answer.retried_at)}
    if not answer.complete:
        shape |= {"length": answer.length, "sha256": answer.sha256.hex()}
    try:
        return shape | {"raw": answer.raw.decode("utf-8")}
    except UnicodeDecodeError:
        return shape | {"raw_base64": b64encode(answer.raw).decode("ascii")}
