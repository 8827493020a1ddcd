"""Answers as HTML in notebooks.

The forms are imported when the first answer is shown, so that `import projector` stays quick.
"""

from __future__ import annotations

from projector.domain.answers import Shown
from projector.domain.inforce import InForce
from projector.domain.tree import Tree
from projector.domain.versions import History, Version

__all__ = ["html_of"]


def html_of(shown: Shown) -> str:
    """What a notebook shows of an answer, of a history, or of the rows of a query: one ``<div>`` without line ends."""
    from projector.serve.notebook.cards import in_force_card, version_card
    from projector.serve.notebook.histories import history_table
    from projector.serve.notebook.trees import tree_table

    match shown:
        case Version():
            return version_card(shown)
        case InForce():
            return in_force_card(shown)
        case Tree():
            return tree_table(shown)
        case History():
            return history_table(shown)
    from projector.lake.rows import Rows  # there is one only where the extra `tables` is installed
    from projector.serve.notebook.rows import rows_table

    assert isinstance(shown, Rows)
    return rows_table(shown)
