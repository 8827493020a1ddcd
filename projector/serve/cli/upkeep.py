"""The commands verify, rebuild and backup."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from projector.serve.cli.options import Json, StoreOption
from projector.serve.cli.progress import progress
from projector.serve.cli.terminal import DAMAGED, print_json, say
from projector.serve.json.replies import backup_reply
from projector.serve.quarantine import hash_asked
from projector.serve.screen.text import counted
from projector.wire.files.survey import path_text


def verify(
    *,
    head: Annotated[str | None, Parameter(metavar="HASH", help="A head hash that the log must have had.")] = None,
    json: Json = False,
    where: StoreOption = StoreOption(),
) -> int:
    """Recompute everything from the log, and compare.

    Reports the first difference. Writes nothing.

    Examples:
        projector verify
        projector verify --json
    """
    if head is not None:
        hash_asked(head)  # before a store is opened
    with where.opened() as projector, progress("events checked") as advance:
        found = projector.verify(head, advance)
    if json:
        print_json(found)
    elif found.damage is not None:
        say(f"Damaged. {found.damage}.")
    else:
        say(f"OK: {counted(found.events, 'event')} in {counted(found.batches, 'batch', 'batches')}.")
        if found.reduced:
            of = counted(found.reduced, "event")
            say(f"Parts of {of} were dropped at intake: of these only what was kept could be checked.")
        say(f"Head hash {found.head_hash}")
    return 0 if found.damage is None else DAMAGED


def rebuild(*, json: Json = False, where: StoreOption = StoreOption()) -> int:
    """Rebuild everything that is derived from the log.

    The store can be read and written meanwhile.

    Examples:
        projector rebuild
        projector rebuild --json
    """
    with where.opened(read_only=False) as projector, progress("events derived") as advance:
        done = projector.rebuilt or projector.rebuild(advance)
    if json:
        print_json(done)
    else:
        say(f"Rebuilt from {counted(done.events, 'event')}; {counted(done.changed, 'aggregate')} changed.")
    return 0


def backup(
    file: Annotated[str, Parameter(help="The new file.")],
    /,
    *,
    json: Json = False,
    where: StoreOption = StoreOption(),
) -> int:
    """Copy the store into a new file.

    Also while it is read and written.

    Examples:
        projector backup college-copy.db
        projector backup college-second.db --json
    """
    with where.opened() as projector:
        head = projector.backup(file)
    if json:
        print_json(backup_reply(path_text(file), head))
    else:
        say(f"Backed up to {file}; head hash {head}")
    return 0
