"""The import rule: data flows wire, store, fold, ask, serve; imports point inwards to the domain."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import projector

ROOM = Path(projector.__file__).parent
MODULES = sorted(ROOM.rglob("*.py"))

MAY_IMPORT = {
    "domain": {"domain"},
    "wire": {"wire", "domain"},
    "store": {"store", "domain"},
    "fold": {"fold", "domain"},
    "ask": {"ask", "fold", "store", "domain"},
    "serve": {"serve", "ask", "fold", "store", "wire", "domain"},
}
ONLY_IN = {
    "eventsourcing": {"store"},
    "sqlite3": {"store"},
    "msgspec": {"domain/canonical.py", "wire"},
    "cattrs": {"domain/typed.py", "store"},
    "joserfc": {"wire"},
    "zstandard": {"domain/packing.py", "wire"},
    "cyclopts": {"serve"},
    "rich": {"serve"},
    "rpds": {"domain"},
}


def imports(module: Path) -> Iterator[str]:
    """Every module that a file imports, also within functions."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOM)))
def test_a_room_imports_only_what_it_may(module: Path) -> None:
    """Inwards only; and each library stays in the room that knows it."""
    place = module.relative_to(ROOM)
    room = place.parts[0] if len(place.parts) > 1 else "front door"
    for name in imports(module):
        top, *rest = name.split(".")
        if top == "projector" and rest and room != "front door":
            assert rest[0] in MAY_IMPORT[room], f"{place} imports {name}"
        elif top in ONLY_IN:
            assert {room, place.as_posix()} & ONLY_IN[top], f"{place} imports {top}"


def test_the_fold_knows_no_library_but_attrs() -> None:
    """Pure means: no clock, no file, no database."""
    names = {name.split(".")[0] for module in (ROOM / "fold").glob("*.py") for name in imports(module)}
    pure = {"collections", "functools", "itertools", "math", "statistics", "typing"}
    assert names <= pure | {"__future__", "attrs", "projector"}


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOM)))
def test_a_module_stays_readable(module: Path) -> None:
    """Past 300 lines a noun is hiding."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 300


def test_importing_projector_stays_light() -> None:
    """What only the command line and later exports need is loaded there."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import projector, sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"projector.ask.view"} <= set(loaded)
    assert not {"rich", "cyclopts", "duckdb", "cattrs", "joserfc"} & {name.split(".")[0] for name in loaded}
