"""What each version of a history changed, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from projector.domain.versions import Version
from projector.serve.screen.changes import Changed, changed_parts
from projector.serve.screen.labels import subject
from projector.serve.screen.naming import IDS, Naming
from projector.serve.screen.text import counted

SUPERSEDED: Final = "superseded by another event of the same instant"
NOTHING_CHANGED: Final = "no member changed"


def history_heading(versions: Sequence[Version], naming: Naming = IDS) -> str:
    """Of what a history is, and how many versions it has, at least one."""
    newest = versions[-1]
    return f"{subject(newest.kind, newest.id, newest.state, naming)}: {counted(len(versions), 'version')}"


def verb_of(version: Version, *, first: bool) -> str:
    """What the event of a version did.

    Args:
        first: Whether it is the first one of its history.
    """
    if not first:
        return "changed"
    return "created" if version.event_name.endswith("_created") else "first event"


def is_superseded(version: Version) -> bool:
    """Whether another event of the same instant is in effect instead."""
    return version.valid_to == version.valid_from


def parts_changed(version: Version, naming: Naming = IDS) -> Iterator[Changed]:
    """What a version changed; its ``updated_at`` only where nothing else did."""
    for member, (old, new) in version.changes.items():
        if member != "updated_at" or len(version.changes) == 1:
            yield from changed_parts(member, old, new, version.basis.tz, naming)
