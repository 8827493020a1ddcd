"""What ids are called on a screen: titles as of the instant, learners' names, and long ids shortened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from projector.domain.catalogue import Kind
from projector.domain.ids import long_id
from projector.domain.versions import Version
from projector.serve.screen.text import in_middle, plain

SHOWN: Final = 16  # characters of an id that a terminal shows
_CONTEXTS: Final[Mapping[str, Kind]] = {"Account": "account", "Course": "course"}
TITLED: Final[frozenset[Kind]] = frozenset({"outcome", "group", "course", "account"})  # have a title of their own
REFERENCES: Final[Mapping[str, Kind]] = {
    "learning_outcome_id": "outcome",
    "learning_outcome_group_id": "group",
    "parent_outcome_group_id": "group",
    "account_id": "account",
    "parent_account_id": "account",
}


def _nothing(*_: str) -> None:
    return None


@frozen(kw_only=True)
class Naming:
    """How a screen names things: by title and id where the title is known, else by id.

    ``version_of`` and ``name_of`` find an aggregate and a learner's name; ``shortens``: whether ids of more than 16
    characters are shortened, as on a terminal.
    """

    version_of: Callable[[Kind, str], Version | None] = _nothing
    name_of: Callable[[str], str | None] = _nothing
    shortens: bool = False

    def id(self, id: Any) -> str:
        """An id; a long one shortened in its middle.

        >>> Naming(shortens=True).id("learner00000000000000000000000000000000017")
        'learner…00000017'
        """
        return in_middle(plain(id), SHOWN) if self.shortens else plain(id)

    def titled(self, title: Any, id: Any) -> str:
        """A title with the id behind it; the id alone where there is no title.

        >>> Naming().titled("Weighs evidence", "303"), Naming().titled(None, 303)
        ('Weighs evidence (303)', '303')
        """
        return self.id(id) if title is None or title == "" else f"{plain(title)} ({self.id(id)})"

    def referenced(self, kind: Kind, id: Any) -> str:
        """An outcome, a group, a course or an account that something names by its id."""
        version = self.version(kind, id) if kind in TITLED else None
        return self.id(id) if version is None else self.titled(own_title(version.state), version.id)

    def aggregate(self, kind: Kind, id: Any) -> str:
        """An aggregate in a sentence: its kind, its title where it has one, and its id.

        >>> Naming().aggregate("link", "5")
        'link 5'
        """
        return f"{kind} {self.referenced(kind, id)}"

    def context(self, context: str | None, also: str = "") -> str:
        """An account or a course, such as ``Cell Biology (Course/101)``.

        Args:
            also: What else is said of it, in the same parentheses.

        >>> Naming().context("Account/1"), Naming().context("Account/1", also="scale 7")
        ('Account/1', 'Account/1 (scale 7)')
        """
        type, _, id = (context or "").strip().partition("/")
        type = type.capitalize() if type.capitalize() in _CONTEXTS else type
        version = self.version(kind, id) if (kind := _CONTEXTS.get(type)) is not None else None
        written = f"{plain(type)}/{self.id(id if version is None else version.id)}" if id else plain(context)
        title = None if version is None else own_title(version.state)
        if title is None:
            return f"{written} ({also})" if also else written
        return f"{plain(title)} ({', '.join(filter(None, (written, also)))})"

    def learner(self, user_uuid: Any) -> str:
        """A learner: the name where it is known."""
        name = self.name_of(user_uuid) if isinstance(user_uuid, str) else None
        return self.id(user_uuid) if name is None else plain(name)

    def member(self, member: str, value: Any) -> str | None:
        """The value of a member that refers to something; None of another member."""
        if value is None or value == "":
            return None
        if member == "user_uuid":
            return self.learner(value)
        kind = REFERENCES.get(member)
        return None if kind is None else self.referenced(kind, value)

    def version(self, kind: Kind, id: Any) -> Version | None:
        """An aggregate as of the instant; None where it has no state then."""
        asked = long_id(id)
        return None if asked is None else self.version_of(kind, asked)


IDS: Final = Naming()  # where nothing is looked up: ids as they are


def own_title(state: Mapping[str, Any]) -> Any:
    """What an outcome, a group, a course or an account is called; None where its event does not say."""
    for member in ("title", "name"):
        if state.get(member) not in (None, ""):
            return state[member]
    return None
