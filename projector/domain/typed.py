"""The typed state of a kind from a body as Canvas sent it, by one strict converter.

cattrs is generous by default: it would read the text ``"false"`` as True. Every leaf has a hook of
our own here; what cannot be read is None, for a state is kept as sent and must always be shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from operator import eq
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from projector.domain.catalogue import BY_KIND, Kind
from projector.domain.ids import long_id
from projector.domain.instants import instant_of, to_datetime
from projector.domain.states import Aggregate, Number

if TYPE_CHECKING:
    from cattrs import Converter


def typed(kind: Kind, state: Mapping[str, Any]) -> Aggregate:
    """A state as its kind's class; members it does not know are left out.

    >>> typed("link", {"learning_outcome_link_id": 7, "learning_outcome_id": "12", "new": 1}).learning_outcome_id
    '12'
    """
    return _converter().structure(state, BY_KIND[kind].state)


def _text(value: Any, _: Any) -> str | None:
    return text_of(value)


def text_of(value: Any) -> str | None:
    """The text that a value is, or is written as; None where there is none.

    >>> text_of("Cells"), text_of(5.0), text_of(None)
    ('Cells', '5', None)
    """
    if value is None or isinstance(value, str):
        return value
    written = long_id(value)
    return str(value) if written is None else written


def _flag(value: Any, _: Any) -> bool | None:
    return flag_of(value)


def flag_of(value: Any) -> bool | None:
    """The flag that a value is or spells; None where it is not one.

    >>> flag_of("true"), flag_of(1)
    (True, None)
    """
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def _number(value: Any, _: Any) -> Number | None:
    return number_of(value)


def number_of(value: Any) -> Number | None:
    """The number that a value is or spells; None where it is not one.

    >>> number_of("4.5"), number_of(True)
    (4.5, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(value: Any, _: Any) -> datetime | None:
    instant = instant_of(value)
    return None if instant is None else to_datetime(instant)


@cache
def _converter() -> Converter:
    from cattrs import Converter  # costs more to import than everything else of the domain

    converter = Converter()
    for union, hook in (
        (str | None, _text),
        (bool | None, _flag),
        (Number | None, _number),
        (datetime | None, _moment),
    ):
        converter.register_structure_hook_func(partial(eq, union), hook)
    converter.register_structure_hook(str, lambda value, type: _text(value, type) or "")
    converter.register_structure_hook_func(_is_tuple, lambda value, type: _tuple(converter, value, type))
    converter.register_structure_hook_func(_is_optional_class, lambda value, type: _optional(converter, value, type))
    return converter


def _is_tuple(type: Any) -> bool:
    return get_origin(type) is tuple


def _tuple(converter: Converter, value: Any, type: Any) -> tuple[Any, ...]:
    item = get_args(type)[0]
    return tuple(converter.structure(member, item) for member in value or () if member is not None)


def _is_optional_class(type: Any) -> bool:
    return isinstance(type, UnionType) and any(hasattr(member, "__attrs_attrs__") for member in get_args(type))


def _optional(converter: Converter, value: Any, type: Any) -> Any:
    return None if value is None else converter.structure(value, get_args(type)[0])
