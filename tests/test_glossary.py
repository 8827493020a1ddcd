"""The glossary can be looked things up in."""

from __future__ import annotations

import re
from typing import Final, get_args

import pytest

from projector.domain.comparison import Move
from projector.domain.explanation import Verdict
from projector.domain.inforce import KnownBy, Lineage
from projector.domain.versions import Because, DecidedBy
from tests.blocks import DOCS

TERMS, JSON = (DOCS / "reference/glossary.md").read_text(encoding="utf-8").split("\n## Names in JSON", 1)
ROW: Final = re.compile(r"^\| ([^|]+?) \| .+ \|$", re.MULTILINE)


def test_terms_are_in_alphabetical_order() -> None:
    """Each once."""
    terms = [term for term in ROW.findall(TERMS) if term != "term"]
    assert len(terms) > 50
    assert terms == sorted({*terms}, key=str.casefold)


@pytest.mark.parametrize("values", [Verdict, Because, DecidedBy, KnownBy, Lineage, Move])
def test_values_in_json_are_explained(values: object) -> None:
    """Every one of them."""
    assert [value for value in get_args(values) if f"`{value}`" not in JSON] == []
