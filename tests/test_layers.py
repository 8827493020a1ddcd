"""The import rule: data flows wire, store, fold, ask, serve; imports point inwards to the domain, in no circle."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from io import StringIO
from pathlib import Path

import pytest

import projector
from projector.domain.catalogue import CATALOGUE, Nested, Shape
from tests.builders import outcome

ROOT = Path(projector.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
NAMES = {
    ".".join(("projector", *module.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): module
    for module in MODULES
}

MAY_IMPORT = {
    "domain": {"domain"},
    "wire": {"wire", "domain"},
    "store": {"store", "domain"},
    "fold": {"fold", "domain"},
    "ask": {"ask", "fold", "store", "domain"},
    "lake": {"lake", "ask", "fold", "store", "domain"},
    "serve": {"serve", "lake", "ask", "fold", "store", "wire", "domain"},
}
OF_THE_STORE = {  # within it: what is kept knows nothing of what is derived
    "log": {"log", "interfaces", "failures"},
    "index": {"index", "interfaces", "pins", "log.kept", "log.connections", "log.transactions"},
}
OF_THE_STORE_TO_ASK = {"store", "pins", "sorting"}  # what a question sees of it, whichever log and index there are
OLD_FORMATS = "store/upkeep/migrating.py"  # names tables of both packages, and some that no release makes any more
ONLY_IN = {
    "eventsourcing": {"store"},
    "sqlite3": {"store"},
    "msgspec": {"domain/canonical.py", "domain/structs.py", "domain/canonical_bodies.py", "wire"},
    "cattrs": {"domain/typed.py", "store", "serve/json/shapes.py"},
    "granian": {"serve/http/server.py", "serve/cli/serving.py"},
    "joserfc": {"wire", "serve/cli/serving.py"},
    "litestar": {"serve/http/app.py", "serve/http/exchange.py", "serve/cli/serving.py"},
    "prometheus_client": {"serve/http/metrics.py", "serve/cli/serving.py"},
    "zstandard": {"domain/packing.py", "wire"},
    "duckdb": {"lake"},
    "pyarrow": {"lake"},
    "pytz": {"lake"},
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


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_a_package_imports_only_what_it_may(module: Path) -> None:
    """Inwards only; and each library stays in the package that knows it."""
    place = module.relative_to(ROOT)
    package = place.parts[0] if len(place.parts) > 1 else "top level"
    for name in imports(module):
        top, *rest = name.split(".")
        if top == "projector" and rest and package != "top level":
            assert rest[0] in MAY_IMPORT[package], f"{place} imports {name}"
        elif top in ONLY_IN:
            assert {package, place.as_posix()} & ONLY_IN[top], f"{place} imports {top}"


@pytest.mark.parametrize("package", OF_THE_STORE)
def test_a_package_of_the_store_imports_only_what_it_may(package: str) -> None:
    """The index follows the log by its verbs; the log hands on to any index."""
    for module in (ROOT / "store" / package).glob("*.py"):
        for name in imports(module):
            if name.startswith("projector.store."):
                inside = name.removeprefix("projector.store.")
                allowed = any(inside == may or inside.startswith(f"{may}.") for may in OF_THE_STORE[package])
                assert allowed, f"{module.name} imports {name}"


def test_questions_know_neither_log_nor_index() -> None:
    """Another one of either fits without them."""
    for module in (ROOT / "ask").glob("*.py"):
        for name in imports(module):
            if name.startswith("projector.store."):
                assert name.split(".")[2] in OF_THE_STORE_TO_ASK, f"{module.name} imports {name}"


def test_no_imports_go_in_circles() -> None:
    """Nor do those that only types need."""
    graph = {name: NAMES.keys() & {*imports(module)} - {name} - _packages(name) for name, module in NAMES.items()}
    assert {*TopologicalSorter(graph).static_order()} == NAMES.keys()  # raises CycleError where there is one


def _packages(name: str) -> set[str]:
    """The packages that a module lies in: ``from package import module`` names them too."""
    parts = name.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts))} | {"projector"}


def texts(module: Path) -> Iterator[str]:
    """Every text of a module but its docstrings; of an f-string what stands between its values."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    left_out = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(value) for value in node.values}
            yield "".join(str(value.value) for value in node.values if isinstance(value, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.value


def test_json_is_shaped_in_one_place() -> None:
    """Commands hand answers and replies on: none makes a JSON object itself."""
    for module in (ROOT / "serve/cli").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("print_json", "write_json"):
                assert not any(isinstance(one, ast.Dict) for one in ast.walk(node)), f"{module.name}:{node.lineno}"


_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|TABLE|JOIN|EXISTS)\s+(?:\{\w*\})?(?:fresh_)?([a-z_]+)\b")
_MADE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)")


def made_in(package: str) -> set[str]:
    """The tables that a package of the store makes."""
    folder = ROOT / "store" / package
    statements = [path.read_text(encoding="utf-8") for path in folder.glob("*.sql")]
    statements += [text for module in folder.glob("*.py") for text in texts(module)]
    return {name for text in statements for name in _MADE.findall(text)}


@pytest.mark.parametrize(("package", "other"), [("log", "index"), ("index", "log")])
def test_each_package_of_the_store_names_its_own_tables_only(package: str, other: str) -> None:
    """So that a log, or an index, can lie elsewhere."""
    others = made_in(other) | ({"stored_events"} if other == "log" else set())
    assert len(others) > 5
    for module in MODULES:
        place = module.relative_to(ROOT).as_posix()
        if not place.startswith(f"store/{other}/") and place != OLD_FORMATS:
            named = {name for text in texts(module) for name in _TABLE.findall(text)}
            assert not named & others, f"{place} names {named & others}"


def members(shapes: Mapping[str, Shape]) -> Iterator[str]:
    """The names of members, also of nested ones."""
    for name, shape in shapes.items():
        yield name
        if isinstance(shape, Nested):
            yield from members(shape.members)


CANVAS = {name for entry in CATALOGUE for name in members(entry.members)}


@pytest.mark.parametrize("module", sorted((ROOT / "ask").glob("*.py")), ids=lambda m: m.stem)
def test_questions_hold_no_names_of_canvas_members(module: Path) -> None:
    """What an event says is read in the domain: in the catalogue, the states and the facts."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    asked = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert not asked & (CANVAS - {"id"})


@pytest.mark.parametrize("module", sorted((ROOT / "store").rglob("*.py")), ids=lambda m: str(m.relative_to(ROOT)))
def test_statements_hold_no_names_of_canvas(module: Path) -> None:
    """But those that are columns of our own tables."""
    columns = {"created_at", "updated_at", "user_uuid"}
    theirs = {name for name in CANVAS if "_" in name} - columns
    stems = {entry.stem for entry in CATALOGUE if "_" in entry.stem}
    for text in (*texts(module), *(path.read_text(encoding="utf-8") for path in module.parent.glob("*.sql"))):
        if re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\b", text):
            words = set(re.findall(r"[a-z_]+", text))
            assert not words & theirs
            assert not any(word.startswith(tuple(stems)) for word in words)


def test_the_fold_knows_no_library_but_attrs() -> None:
    """Pure means: no clock, no file, no database."""
    names = {name.split(".")[0] for module in (ROOT / "fold").glob("*.py") for name in imports(module)}
    pure = {"bisect", "collections", "functools", "itertools", "math", "statistics", "typing"}
    assert names <= pure | {"__future__", "attrs", "projector"}


def code_lines(module: Path) -> int:
    """The lines of a module without docstrings, comments and blanks."""
    text = module.read_text(encoding="utf-8")
    docs = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    marks = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines = {
        line
        for token in tokenize.generate_tokens(StringIO(text).readline)
        if token.type not in marks
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(lines - docs)


SMALL = {  # with the reason
    "domain/errors.py": "every package imports it, and it imports nothing",
    "lake/extras.py": "what is said where packages are missing; every module of the lake may need it",
    "domain/rules.py": "one number that a release raises",
    "__main__.py": "what `python -m` runs",
    "domain/answers.py": "the base of every answer",
    "domain/gaps.py": "the two answers about what may be missing",
    "domain/digests.py": "the answer about a part of a store's states",
    "domain/files.py": "a file that was read, which the wire makes and the store keeps",
    "serve/cli/console.py": "rich, which only it imports",
    "serve/screen/by.py": "who caused an event; screens, notebooks and pages need it",
    "serve/notebook/shortening.py": "how much of an answer is shown; every form needs it",
    "serve/open.py": "the function `projector.open`",
    "store/log/dictionaries.py": "one small table, written and read",
    "store/sorting.py": "only the store may use SQLite; only the digest sorts",
    "wire/splitting/whole.py": "one of five cutters, a file each",
}


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_a_module_stays_readable(module: Path) -> None:
    """Past 250 lines of code a noun is hiding; below 20 there must be a reason for a file of its own."""
    place, lines = module.relative_to(ROOT).as_posix(), code_lines(module)
    assert lines <= 250
    assert lines >= 20 or module.name == "__init__.py" or place in SMALL


def test_importing_projector_stays_light() -> None:
    """What only the command line and later exports need is loaded there."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import projector, sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"projector.ask.view"} <= set(loaded)
    others = {
        "rich",
        "cyclopts",
        "duckdb",
        "pyarrow",
        "pytz",
        "cattrs",
        "joserfc",
        "eventsourcing",
        "sqlite3",
        "tarfile",
    }
    assert not others & {name.split(".")[0] for name in loaded}
    assert not [name for name in loaded if name.startswith(("projector.wire.", "projector.store.log"))]


NOT_TO_SHOW = ("cattrs", "joserfc", "duckdb", "tarfile", "docutils", "projector.wire", "projector.serve.ingest")


@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        ((), ()),
        (("--json",), ("rich", "projector.serve.screen.cards", "projector.serve.screen.lists", "projector.ask.zones")),
    ],
    ids=["for people", "as JSON"],
)
def test_showing_one_aggregate_loads_little(
    tmp_path: Path, options: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    """Neither what reads files, nor other commands, nor what only the other output needs."""
    with projector.open(tmp_path / "store.db") as p:
        p.append(outcome("Cells", "2024-03-01T10:00:00Z", id="5"))
    command = ["show", "outcome", "5", *options, "--store", str(tmp_path / "store.db")]
    run = f"import sys; from projector.serve.cli.app import main; code = main({command!r})"
    said = subprocess.run(
        [sys.executable, "-c", f"{run}; print(*sys.modules, file=sys.stderr); sys.exit(code)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = said.stderr.split()
    assert "Cells" in said.stdout
    assert {"projector.serve.cli.asking", "projector.store.index.reading"} <= set(loaded)
    unwanted = (*NOT_TO_SHOW, *left_out)
    assert not [name for name in loaded if any(name == one or name.startswith(f"{one}.") for one in unwanted)]
    assert {name for name in loaded if name.startswith("projector.serve.cli.")} <= {
        f"projector.serve.cli.{name}"
        for name in ("app", "asking", "console", "notes", "options", "progress", "terminal")
    }
