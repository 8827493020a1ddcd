"""Plain words: what people read, and the code, use one term for one thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        *(ROOT / "projector").rglob("*.py"),
        *(ROOT / "projector").rglob("*.html"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
    ]
)
NOT_SAID = re.compile(
    r"\b(stands?(?! for)|stood|told|tells|heard|beaten|anew|reckon\w*|whoever|knew|news|mastery line|by a hint)\b"
    r"|\b(wanderers?|milestones?|births?|seals?|sealed|rooms|law of winning|nobody told|is no (instant|context))\b"
    r"|\b(no kind is called|Of possible|Canvas says|as it must be)\b",
    re.IGNORECASE,
)
NOT_SAID_BY_THE_PROGRAM = re.compile(
    r"(?<!there )\b(is|are) no (?!longer\b|more\b|change\b)\w"  # "is not an event", not "is no event"
    r"|\b(too many words?|words? too many|is none of these|it is none|hangs? nowhere|is there already|parent by its)\b"
    r"|\b(no (time zone|kind|file|one) (is|can be) called|cannot be called \{|be meant|is made again)\b"
    r"|\b(somebody|let TMPDIR|of other families:|as it was it is kept|leave \S+ and \S+ away|nothing to drop by)\b"
    r"|\b(by its checksum there is|for which everything holds|everything holds that|it says;|are others now)\b",
    re.IGNORECASE,
)
OF_THE_CONTRACT = re.compile(  # values and members in JSON
    r"heard_until|never heard of|first heard of later|beaten_by|[\"'`](beaten|stands)[\"'`]"
)


def lines(page: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page without what the contract calls by these words."""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        yield number, OF_THE_CONTRACT.sub("", line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_uses_the_fields_words(page: Path) -> None:
    """None of the words that were replaced."""
    assert [f"{number}: {line.strip()}" for number, line in lines(page) if NOT_SAID.search(line)] == []


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.is_relative_to(ROOT / "projector")],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_the_program_speaks_plainly(page: Path) -> None:
    """Neither messages and help nor docstrings have riddles, or "is no event" for "is not an event"."""
    assert [f"{number}: {line.strip()}" for number, line in lines(page) if NOT_SAID_BY_THE_PROGRAM.search(line)] == []


NAMES: Final = ("DuckDB", "SQL", "JWT", "Canvas")  # with which a message may begin
PLACEHOLDER: Final = "{}"


@cache
def modules() -> dict[Path, ast.Module]:
    """The program's modules, parsed."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in PAGES if path.suffix == ".py"}


@cache
def errors() -> frozenset[str]:
    """The names of `ProjectorError` and of all classes that derive from it."""
    classes = [node for module in modules().values() for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    found, known = {"ProjectorError"}, set[str]()
    while found != known:
        known = set(found)
        found |= {one.name for one in classes if any(isinstance(b, ast.Name) and b.id in known for b in one.bases)}
    return frozenset(found)


def text_of(node: ast.expr) -> str | None:
    """The text of a literal, its placeholders as ``{}``; None of any other expression."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(PLACEHOLDER if (part := text_of(value)) is None else part for value in values)
        case ast.BinOp(left=left, op=ast.Add()):
            return None if (begun := text_of(left)) is None else begun + PLACEHOLDER
    return None


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of these functions or classes, with its place."""
    for path, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def messages() -> dict[str, str]:
    """The messages of errors, by place."""
    made = ((place, text_of(call.args[0])) for place, call in calls(*errors()) if call.args)
    return {place: text for place, text in made if text is not None}


def fault_of(message: str) -> str | None:
    """What is wrong with the form of an error message; None where nothing is.

    >>> fault_of("The store is closed"), fault_of("the store is closed."), fault_of("{} is no hash")
    ('begins with a capital letter', 'ends with a full stop', 'says "is no …"')
    """
    if message[:1].isupper() and not message.startswith(NAMES):
        return "begins with a capital letter"
    if message.rstrip().endswith((".", "!")):
        return "ends with a full stop"
    return 'says "is no …"' if re.search(r"(?<!there )\bis no (?!longer)", message) else None


def test_errors_are_of_one_form() -> None:
    """They begin with a small letter, a name or what they quote, and end without a full stop."""
    assert len(messages()) > 80
    assert {"BadQuestion", "StoreError", "MissingInput", "DamagedTables", "ProcessEnded"} <= errors()
    assert {place: (fault, text) for place, text in messages().items() if (fault := fault_of(text))} == {}


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("The store is closed", "begins with a capital letter"),
        ("the store is closed; open it again.", "ends with a full stop"),
        ("{} is no SHA-256", 'says "is no …"'),
        ("there is no store at {}", None),
        ("DuckDB cannot open it", None),
        ("--log and --out exclude each other", None),
    ],
)
def test_a_message_of_another_form_is_found(message: str, fault: str | None) -> None:
    """Of each fault one; and what only looks like one."""
    assert fault_of(message) == fault


def test_help_texts_are_of_one_form() -> None:
    """Each ends as a sentence, and says what is left out as a default, in the word that the layout uses too."""
    given = [
        (place, text)
        for place, call in calls("Parameter")
        for word in call.keywords
        if word.arg == "help" and (text := text_of(word.value)) is not None
    ]
    assert len(given) > 40
    assert [(place, text) for place, text in given if not text.endswith((".", "…"))] == []
    assert [(place, text) for place, text in given if re.search(r"; else |, else (now|always|its)\b", text)] == []
