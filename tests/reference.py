"""Makes `docs/reference/python.md` from the docstrings: ``python -m tests.reference`` writes it."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

import projector

PAGE = Path(__file__).parent.parent / "docs/reference/python.md"

_HEAD = """# Python

Every public name, made from the docstrings (`python -m tests.reference` writes this page; a test compares it). All
that is needed is `import projector`. All classes of answers are frozen, their instants are aware datetimes in UTC, and
their `to_dict()` gives what the command line prints with `--json`.

The examples use the store that `projector demo` makes:

```python
import projector

p = projector.open("projector-demo/college.db")
view = p.as_of("2025-12-01")
```

## In notebooks

A notebook shows these answers as HTML, with the words of the command line; all others as their `repr`:

| answer | what is shown |
|---|---|
| `Version` | its members, its ratings, from when to when it was in effect, its event, its basis |
| `ScaleInForce`, `MethodInForce` | where it was found, what was looked at, the version; with none, why |
| `History` | the last 100 versions, with what each changed, and who caused it |
| `Tree` | the first 200 groups and outcomes, indented by their level |
| rows of `p.sql` | the first 20 rows; whatever reads the rows afterwards begins with the first all the same |

Texts of Canvas are shown as texts, whatever is in them; long ones are cut. Colours are those of the notebook's theme.
"""
_LABEL = re.compile(r"^(Args|Returns|Raises|Source):$", re.MULTILINE)


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_sections()]).rstrip() + "\n"


def _sections() -> Iterator[str]:
    yield "## Opening a store\n"
    yield from _function("projector.open", projector.open)
    yield "## `Projector`\n"
    yield from _class(projector.Projector)
    yield "## `View`\n"
    yield from _class(projector.View)
    answers, states, errors, others = _others()
    yield "## Answers\n"
    for one in answers:
        yield f"### `{one.__name__}`\n"
        yield from _class(one)
    yield "## States\n"
    yield "The typed state of an aggregate; members are named as Canvas names them, and None where nothing was sent.\n"
    for one in states:
        yield f"### `{one.__name__}`\n"
        yield from _class(one)
    yield "## Errors\n"
    for one in errors:
        base = one.__mro__[1].__name__
        yield f"- `{one.__name__}` ({base}): {_plain(inspect.getdoc(one) or '').splitlines()[0]}"
    yield ""
    yield "## Other names\n"
    meanings = {
        "Aggregate": "The classes of states, as a type.",
        "Instant": "What a question takes as an instant: text, a `date`, or an aware `datetime`, as a type.",
        "KINDS": "The names of the kinds, in order.",
        "Kind": "The names of the kinds, as a type.",
        "RULES": "The number of the rules by which answers are derived; it rises when an answer can change.",
        "__version__": "The release, as text.",
    }
    assert meanings.keys() == set(others), others
    yield from (f"- `{name}`: {meaning}" for name, meaning in meanings.items())


def _others() -> tuple[list[type], list[type], list[type], list[str]]:
    """The exported classes of answers, of states and of errors; and the other names."""
    answers, states, errors, others = list[type](), list[type](), list[type](), list[str]()
    for name in sorted(projector.__all__):
        thing = getattr(projector, name)
        if thing in (projector.open, projector.Projector, projector.View):
            continue
        if not inspect.isclass(thing):
            others.append(name)
        elif issubclass(thing, Exception):
            errors.append(thing)
        else:
            (answers if issubclass(thing, projector.Answer | projector.History) else states).append(thing)
    return answers, states, errors, others


def _class(cls: type) -> Iterator[str]:
    yield _text(inspect.getdoc(cls) or "")
    if attrs.has(cls):
        public = [one for one in attrs.fields(cls) if not one.name.startswith("_")]
        if public:
            yield "\n".join(f"- `{one.name}`: `{_annotation(cls, one.name)}`" for one in public) + "\n"
    for name, kind, returned, text in members(cls):
        if kind == "method":
            yield from _function(name, getattr(cls, name))
        else:
            yield f"#### `{name}`\n\n`{returned}`\n"
            yield _text(text)


def members(cls: type) -> Iterator[tuple[str, str, str, str]]:
    """The public members of a class in its own source: name, ``method`` or ``property``, return type, docstring."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(tree, ast.ClassDef)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            decorators = {one.id for one in node.decorator_list if isinstance(one, ast.Name)}
            if "classmethod" not in decorators:
                kind = "property" if decorators & {"property", "cached_property"} else "method"
                returned = "" if node.returns is None else ast.unparse(node.returns)
                yield node.name, kind, returned, ast.get_docstring(node) or ""


def _function(name: str, function: Any) -> Iterator[str]:
    signature = inspect.signature(function)
    parameters = [one for one in signature.parameters.values() if one.name != "self"]
    arguments = str(signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty))
    arguments = re.sub(r"<function (\w+) at 0x[0-9a-f]+>", r"\1", arguments).replace("'", "")
    yield f"#### `{name}`\n\n```python\n{name.rpartition('.')[2]}{arguments} -> {signature.return_annotation}\n```\n"
    yield _text(inspect.getdoc(function) or "")


def _annotation(cls: type, name: str) -> str:
    """The annotation of a member as it is written: attrs has it resolved once cattrs has seen the class."""
    written = (vars(base).get("__annotations__", {}) for base in cls.__mro__)
    return next(str(annotations[name]) for annotations in written if name in annotations)


def _plain(text: str) -> str:
    return text.replace("``", "`")


def _text(docstring: str) -> str:
    """A docstring as Markdown: lists of arguments and errors, examples as code."""
    blocks = []
    for block in docstring.strip().split("\n\n"):
        label = _LABEL.match(block)
        if block.lstrip().startswith(">>>"):
            blocks.append(f"```python\n{block}\n```")
        elif label is not None:
            title = {"Args": "Arguments", "Raises": "Errors"}.get(label[1], label[1])
            blocks.append(
                f"{title}:\n\n" + "\n".join(_items(block[label.end() :], bullets=label[1] in ("Args", "Raises")))
            )
        else:
            blocks.append(_plain(block))
    return "\n\n".join(blocks) + "\n"


def _items(text: str, *, bullets: bool) -> Iterator[str]:
    for line in inspect.cleandoc(text).splitlines():
        name, colon, meaning = line.partition(": ")
        if bullets and colon and re.fullmatch(r"\w+", name):
            yield f"- `{name}`: {_plain(meaning)}"
        else:
            yield ("  " if bullets else "") + _plain(line.strip())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
