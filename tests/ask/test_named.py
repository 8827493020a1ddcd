"""Whether any event names a context, a learner or an institution."""

from __future__ import annotations

import pytest

import projector
from projector import BadQuestion
from tests.builders import HARBOR, mark, outcome


def test_a_name_is_what_events_and_aliases_name(p: projector.Projector) -> None:
    """An alias is a name; what no event names is none, whoever asks."""
    for ask in (p.now, p.digest):
        with pytest.raises(BadQuestion, match="holds no institution yet"):
            ask(tenant="Harbor")
    p.append(outcome("Cells", id="7"))
    p.alias("Other", HARBOR)
    assert p.now(tenant="Other").outcome("7") is not None
    for ask in (p.now, p.digest):
        with pytest.raises(BadQuestion, match=HARBOR):
            ask(tenant="Harbor")
    with pytest.raises(BadQuestion):
        p.history("outcome", "7", tenant="Harbor")
    view = p.now()
    assert (view.names_context("Course/9"), view.names_learner("Ada")) == (False, False)
    p.append(mark("1", "Ada", 0.5))
    assert (view.names_context("Course/1"), view.names_learner("Ada")) == (False, False)
    assert (p.now().names_context("Course/1"), p.now().names_learner("Ada")) == (True, True)
