"""Trees of any depth: compared and hashed without calling themselves, and their JSON."""

from __future__ import annotations

import copy
import pickle

import pytest

from projector.domain.canonical import write_deep, write_json
from projector.domain.tree import TreeGroup
from tests.builders import chain, tree


@pytest.mark.parametrize("levels", [0, 30, 10_000])
def test_trees_of_any_depth_are_values(levels: int) -> None:
    """Equal where every part is, and hashed alike."""
    assert tree(chain(levels)) == tree(chain(levels))
    assert tree(chain(levels)) != tree(chain(levels, "Cell"))
    assert tree(chain(levels)) != tree(chain(levels + 1))
    assert hash(tree(chain(levels))) == hash(tree(chain(levels)))
    assert f"{levels} groups below, 1 outcomes" in repr(chain(levels))
    assert chain(levels) != "a group"


@pytest.mark.parametrize("levels", [0, 2, 10_000])
def test_trees_of_any_depth_are_copied_and_pickled(levels: int) -> None:
    """Each part where it was."""
    group = chain(levels, branches=2 if levels == 2 else 1)
    root = TreeGroup(id="r", title="R", status="active", groups=(group, chain(1)), outcomes=())
    for again in (copy.copy(tree(root)), copy.deepcopy(tree(root)), pickle.loads(pickle.dumps(tree(root)))):
        assert again == tree(root)


@pytest.mark.parametrize("value", [{}, [], {"a": [1, {"b": None}], "é": "x\n"}, [[[]], {}], "text", 5.0, None])
def test_deep_json_is_the_same_json(value: object) -> None:
    """Written another way only."""
    assert write_deep(value) == write_json(value)
