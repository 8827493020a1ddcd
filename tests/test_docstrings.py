"""Names in docstrings are names of something."""

from __future__ import annotations

import builtins
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import projector

_NAME = re.compile(r"(?<![`\w])`([A-Za-z_][\w.]*)`(?![`\w])")
_MODULES = [
    found.name
    for found in pkgutil.walk_packages(projector.__path__, "projector.")
    if not found.name.endswith("__main__")
]


def documented(module: ModuleType) -> Iterator[tuple[str, object, object]]:
    """The docstrings of a module, its functions, classes and their members, each with where its names are looked up."""
    yield module.__doc__ or "", module, module
    for thing in vars(module).values():
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        yield getattr(thing, "__doc__", None) or "", thing, module
        if inspect.isclass(thing):
            for member in vars(thing).values():
                function = getattr(member, "fget", None) or getattr(member, "func", None) or member
                if callable(function):
                    yield function.__doc__ or "", thing, module


def is_name(name: str, thing: object, module: object) -> bool:
    """Whether a name is one of a class, of its module, of the whole program, or of Python."""
    first, *rest = name.split(".")
    for where in (thing, module, projector, builtins):
        found = getattr(where, first, None)
        for one in rest:
            found = getattr(found, one, None)
        if found is not None:
            return True
    place, _, last = name.rpartition(".")
    try:
        return bool(place) and (hasattr(importlib.import_module(place), last) or bool(importlib.import_module(name)))
    except ImportError:
        return False


@pytest.mark.parametrize("name", _MODULES)
def test_a_name_in_a_docstring_is_one(name: str) -> None:
    """Where it stands in single quotes of code."""
    module = importlib.import_module(name)
    unknown = {
        (getattr(thing, "__name__", name), found)
        for text, thing, where in documented(module)
        for found in _NAME.findall(text)
        if not is_name(found, thing, where)
    }
    assert unknown == set()
