"""The JSON shapes of answers, as the command line and HTTP give them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import asdict

from projector.ask.difference import Difference
from projector.ask.gaps import DanglingReference
from projector.ask.institutions import Institution
from projector.ask.why import EventVerdict, Explanation
from projector.domain.inforce import Because, InForce
from projector.domain.instants import BEFORE_ALL, to_text
from projector.domain.settings import Setting
from projector.domain.tree import Tree, TreeGroup
from projector.domain.versions import Basis, Version
from projector.fold.silence import Silence

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
    if version.guessed:
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


def in_force_shape(kind: str, tenant: str, answer: InForce[Any]) -> Shape:
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
        "chain": [asdict(step) for step in answer.chain],
    }


def tree_shape(tree: Tree) -> Shape:
    """A tree, nested; its problems beside it."""
    return {
        "context": tree.context,
        "roots": [_group_shape(root) for root in tree.roots],
        "problems": [asdict(problem) for problem in tree.problems],
        "basis": basis_shape(tree.basis),
    }


def _group_shape(root: TreeGroup) -> Shape:
    shapes: dict[int, Shape] = {}
    for _, group in reversed([*root.walk()]):  # those below first
        shapes[id(group)] = {
            "id": group.id,
            "title": group.title,
            "status": group.status,
            "groups": [shapes[id(below)] for below in group.groups],
            "outcomes": [{"id": o.id, "title": o.title, "link_id": o.link_id} for o in group.outcomes],
        }
    return shapes[id(root)]


def difference_shape(difference: Difference) -> Shape:
    """An aggregate that differs."""
    return {
        "tenant": difference.tenant,
        "kind": difference.kind,
        "id": difference.id,
        "status": list(difference.status),
        "changes": {name: list(change) for name, change in difference.changes.items()},
    }


def explanation_shape(explanation: Explanation, *, raw: bool) -> Shape:
    """Every event of an aggregate with its verdict; ``raw``: the events themselves too."""
    return {
        "tenant": explanation.tenant,
        "kind": explanation.kind,
        "id": explanation.id,
        "events": [_testimony_shape(event_verdict, raw) for event_verdict in explanation.testimonies],
        "basis": basis_shape(explanation.basis),
    }


def _testimony_shape(event_verdict: EventVerdict, raw: bool) -> Shape:
    event, beaten_by = event_verdict.event, event_verdict.beaten_by
    shape: Shape = {
        "verdict": event_verdict.verdict,
        "beaten_by": None if beaten_by is None else beaten_by.digest.hex(),
        "decided_by": event_verdict.decided_by,
        "event_name": event.name,
        "event_time": to_text(event.event_time),
        "changed_at": None if event_verdict.changed_at is None else to_text(event_verdict.changed_at),
        "recorded_at": to_text(event.recorded_at),
        "source": event_verdict.source,
        "position": event.position,
        "digest": event.digest.hex(),
        "duplicates": event_verdict.duplicates[0] if event_verdict.duplicates else 0,
        "contradiction": event_verdict.contradiction,
        "unread": list(event_verdict.unread),
    }
    return shape | {"event": event.whole} if raw else shape


def silence_shape(silence: Silence) -> Shape:
    """A silence; ``until`` is null while it lasts."""
    return {
        "gap": "silence",
        "since": to_text(silence.since),
        "until": None if silence.until is None else to_text(silence.until),
        "hours": round(silence.hours, 2),
        "expected": silence.expected,
    }


def unheard_shape(reference: DanglingReference) -> Shape:
    """Something that is named but was never told of."""
    kind, id = reference.named_by
    return {"gap": "never heard of", "kind": reference.kind, "id": reference.id, "named_by": {"kind": kind, "id": id}}


def institution_shape(found: Institution) -> Shape:
    """An institution with its events, first and last."""
    return {
        "tenant": found.tenant,
        "names": list(found.names),
        "root_accounts": list(found.roots),
        "events": found.events,
        "first": instant_shape(found.first),
        "last": instant_shape(found.last),
    }


def setting_shape(setting: Setting) -> Shape:
    """A setting; ``from`` is null where it is in force always."""
    return {
        "tenant": setting.tenant,
        "name": setting.name,
        "value": setting.value,
        "from": None if setting.valid_from == BEFORE_ALL else to_text(setting.valid_from),
        "recorded_at": to_text(setting.recorded_at),
    }
