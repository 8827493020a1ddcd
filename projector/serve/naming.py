"""What answers call things: titles as of a view's instant, and names of learners."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from projector.domain.errors import BadQuestion
from projector.serve.screen.naming import Naming

if TYPE_CHECKING:
    from projector.ask.view import View
    from projector.serve.projector import Projector

_KEPT: Final = 10_000  # titles, and names, that are not looked up again


def naming_of(projector: Projector, view: View, *, shortens: bool = False) -> Naming:
    """How an answer names things: by their titles as of the view's instant, learners as `projector people` noted them.

    Args:
        shortens: Whether long ids are shortened.
    """
    return Naming(
        version_of=lru_cache(_KEPT)(view.get),
        name_of=lru_cache(_KEPT)(lambda user_uuid: _name_of(projector, user_uuid)),
        shortens=shortens,
    )


def _name_of(projector: Projector, user_uuid: str) -> str | None:
    """A learner's name; with the uuid where several people have it."""
    if (name := projector.name_of(user_uuid)) is None:
        return None
    try:
        is_own = projector.learner(name) == user_uuid
    except BadQuestion:
        is_own = False
    return name if is_own else f"{name} ({user_uuid})"
