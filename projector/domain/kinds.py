"""The ten kinds of aggregate, in the order and by the words of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion

Kind = Literal[
    "outcome",
    "group",
    "link",
    "result",
    "scale",
    "method",
    "description",
    "assessment",
    "course",
    "account",
]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_BY_WORD: Final[Mapping[str, Kind]] = {word: kind for kind in KINDS for word in (kind, f"{kind}s")}

TREE_KINDS: Final = frozenset[Kind](("outcome", "group", "link"))  # what outcome trees are made of

PAGE: Final = "page"  # not a kind: events by the course on whose page they happened, whose account they name

# what an event may name beside its own aggregate: other aggregates by their kind, and these
LEARNER: Final = "learner"  # a user's uuid


def kind_named(word: str) -> Kind:
    """The kind a user names, singular or plural.

    Raises:
        BadQuestion: it is none.

    >>> kind_named("outcomes")
    'outcome'
    """
    kind = (_BY_WORD.get(word) or _BY_WORD.get(word.lower())) if isinstance(word, str) else None
    if kind is None:
        raise BadQuestion(f"no kind is called {shown(word)}; the kinds are {', '.join(KINDS)}")
    return kind
