"""What the documentation shows in Python does what it says; the reference has every public name."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import pytest

import projector
from tests import recipes, reference
from tests.blocks import DOCS

OVER_A_STORE = (  # pages whose examples need one, and run elsewhere
    reference.PAGE,
    recipes.PAGE,
    DOCS / "how-to/use-tables-in-other-programs.md",
)
SHOWN = sorted(
    page for page in DOCS.rglob("*.md") if page not in OVER_A_STORE and ">>> " in page.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, as a reader would try them."""
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert results.attempted
    assert not results.failed


PAGES = sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"])
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    """To a file that is there, and to one of its headings where one is named."""
    for name, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / name if name else page
        assert target.is_file(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


def anchors(page: Path) -> set[str]:
    """How links name the headings of a page."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_reference_is_made_from_the_docstrings() -> None:
    """As they are now."""
    written = reference.PAGE.read_text(encoding="utf-8")
    assert written == reference.page(), "write it again with: python -m tests.reference"


def test_the_reference_has_every_public_name() -> None:
    """Exported names, and the public members of each class."""
    text = reference.PAGE.read_text(encoding="utf-8")
    missing = [name for name in projector.__all__ if f"`{name}`" not in text and f"`projector.{name}`" not in text]
    assert missing == []
    for name in projector.__all__:
        thing = getattr(projector, name)
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            section = text.split(f"# `{name}`\n", 1)[1]
            assert [member for member, *_ in reference.members(thing) if f"#### `{member}`" not in section] == []


MEMBERS = [
    pytest.param(owner, name, kind, text, id=f"{owner.__name__}.{name}")
    for owner in (projector.Projector, projector.View)
    for name, kind, _, text in reference.members(owner)
]


@pytest.mark.parametrize(("owner", "name", "kind", "text"), MEMBERS)
def test_a_public_member_is_documented_whole(owner: type, name: str, kind: str, text: str) -> None:
    """With each argument on a line of its own, and an example, which pytest runs."""
    assert "\n>>> " in text
    if kind == "method":
        parameters = inspect.signature(getattr(owner, name)).parameters
        assert [one for one in parameters if one != "self" and f"\n    {one}: " not in text] == []
