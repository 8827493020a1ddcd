"""Answers as JSON: one shape each, for ``--json``, for ``to_dict()`` and over HTTP.

What needs cattrs is imported when the first answer that needs it is shaped, so that `import projector` stays quick.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from projector.domain.answers import Answer, Shape
from projector.domain.versions import Unknown, Version
from projector.serve.json.versions import unknown, version

__all__ = ["shape_of"]


def shape_of(answer: Answer) -> Shape:
    """The JSON shape of an answer.

    >>> from projector.domain.reports import LeftOut
    >>> shape_of(LeftOut(path="logs/a.parquet", reason="a Parquet file"))
    {'path': 'logs/a.parquet', 'reason': 'a Parquet file'}
    """
    match answer:
        case Version():
            return version(answer)
        case Unknown():
            return unknown(answer)
        case _:
            return _shaper()(answer)


@cache
def _shaper() -> Callable[[Answer], Shape]:
    from projector.serve.json.shapes import CONVERTER

    return CONVERTER.unstructure
