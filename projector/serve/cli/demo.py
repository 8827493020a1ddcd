"""The command demo."""

from __future__ import annotations

import shlex
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import Annotated, Final

from cyclopts import Parameter

from projector.domain.errors import BadQuestion, ProjectorError
from projector.lake.extras import tables_beside
from projector.serve.cli.options import Flag, naming_on_screen
from projector.serve.cli.replaying import summary
from projector.serve.cli.serving import admission_at, run_server
from projector.serve.cli.terminal import say_whole, show
from projector.serve.output import HEAD, written

LOG: Final = "college.jsonl"
STORE: Final = "college.db"
PEOPLE: Final = "people.csv"
_PORTS: Final = (8080, 0)  # the first one that is free; 0 is any


def demo(
    *,
    dir: Annotated[
        Path, Parameter(metavar="FOLDER", help="The folder for the demo's log and store; made if there is none.")
    ] = Path("projector-demo"),
    opens: Annotated[bool, Flag, Parameter(name="--open", help="Then serve it over HTTP, until Ctrl-C.")] = False,
) -> int:
    """Make a term of an invented college, and ask about it.

    Writes the events to college.jsonl and the learners' names to people.csv, reads both into the store college.db, and
    shows answers. With --open it then serves them over HTTP, which needs the extra serve.

    Examples:
        projector demo
        projector demo --dir another-demo
    """
    from projector.serve.demo.college import LANDMARKS, people, term
    from projector.serve.open import open
    from projector.serve.screen.story import demo_story

    admission = admission_at(_PORTS) if opens else None
    _make_room(dir)
    log, store, names = dir / LOG, dir / STORE, dir / PEOPLE
    with written(log, None, _is_demo_log) as file:
        file.writelines(line + b"\n" for line in term())
    with written(names, None, _is_demo_people) as file:
        file.writelines(line + b"\n" for line in people())
    with open(store) as projector:
        report = projector.replay(log)
        projector.know_people(names)
        before, after = (
            projector.as_of(day).scale_in_force(LANDMARKS.context)
            for day in (LANDMARKS.before_change, LANDMARKS.after_change)
        )
        versions = projector.history("outcome", LANDMARKS.outcome_id)
        naming = naming_on_screen(projector, projector.now())
        show(demo_story(LANDMARKS.name, summary(report), before, after, versions, naming))
    show("\nTry next:")
    for command in _next(store):
        say_whole(f"  {command}")
    if admission is None:
        return 0
    show("")
    with open(store) as projector:
        return run_server(projector, admission, str(store))


def _make_room(folder: Path) -> None:
    """A place for the files, without a store; an earlier demo's may be replaced, anything else is left alone."""
    store_files, tables = {STORE, f"{STORE}-wal", f"{STORE}-shm"}, tables_beside(folder / STORE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = {file.name for file in folder.iterdir()}
    except OSError as error:
        raise BadQuestion(
            f"{folder} cannot be used for the demo: {error.strerror}; name a folder with --dir"
        ) from error
    if found and (found - {LOG, PEOPLE, tables.name, *store_files} or not _is_demo(folder)):
        raise BadQuestion(f"{folder} holds other files; name an empty folder with --dir")
    rmtree(tables, ignore_errors=True)
    for name in store_files & found:
        (folder / name).unlink(missing_ok=True)


def _is_demo(folder: Path) -> bool:
    """Whether a folder's log and store are those of a demo, with nothing added."""
    from projector.serve.demo.college import LANDMARKS
    from projector.serve.open import open

    try:
        with (folder / LOG).open("rb") as log:
            if not _is_demo_log(log.read(HEAD)):
                return False
        with open(folder / STORE, create=False, read_only=True) as projector:
            return {*projector.tenants} <= {LANDMARKS.tenant}
    except (OSError, ProjectorError):
        return False


def _is_demo_log(head: bytes) -> bool:
    from projector.serve.demo.college import LANDMARKS

    return LANDMARKS.tenant.encode() in head.partition(b"\n")[0]


def _is_demo_people(head: bytes) -> bool:
    from projector.serve.demo.college import people

    return head.startswith(b"\n".join(islice(people(), 2)))


def _next(store: Path) -> list[str]:
    from projector.serve.demo.college import LANDMARKS

    at = f"--store {shlex.quote(str(store))}"
    return [
        f"projector scale {LANDMARKS.context} --on {LANDMARKS.before_change} {at}",
        f"projector show outcome {LANDMARKS.outcome_id} --as-of 2025-10-01 {at}",
        f"projector history scale {LANDMARKS.scale_id} {at}",
        f"projector list outcome --as-of 2025-10-30 {at}",
        f"projector why outcome {LANDMARKS.outcome_id} --as-of 2025-10-30 {at}",
        f'projector scores --learner "{LANDMARKS.learner}" --as-of {LANDMARKS.before_change} {at}',
        f"projector impact {LANDMARKS.course} {LANDMARKS.before_change} {LANDMARKS.after_change} {at}",
        f"projector quarantine list {at}",
        f"projector digest {at}",
    ]
