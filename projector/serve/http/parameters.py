"""What may follow the question mark of an address: every parameter's name, form and limits, read and documented here.

A parameter that is not known is refused: one that is misspelt must not be answered as if it were not there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import available_timezones

from attrs import field, frozen

from projector.domain.arguments import shown
from projector.domain.catalogue import KINDS, Kind
from projector.domain.errors import BadQuestion

MOST_ITEMS: Final = 1000  # of a page
ITEMS: Final = 100  # of a page, where no limit is named
_MOST: Final = 50  # parameters of an address

ZONES: Final = "TimeZone"  # the schema with the names of all time zones

Schema = Mapping[str, Any]

_INSTANT: Final[Schema] = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}],
}
_ID: Final = "[0-9A-Za-z_.~-]+"  # of an account or a course, local or global
_CONTEXT: Final[Schema] = {"type": "string", "pattern": f"^(Account|Course)/{_ID}$"}
_TEXT: Final[Schema] = {"type": "string", "pattern": r"\S"}
_FLAG: Final[Schema] = {"type": "boolean", "default": False}
_ZONE_LOST: Final = re.compile(r".*:\d\d(\.\d+)? \d\d:?\d\d")  # a + that was not escaped is read as a space


@frozen(kw_only=True)
class Parameter:
    """A parameter of a question: ``about`` is what the OpenAPI document says of it."""

    name: str
    about: str
    schema: Schema = field(repr=False)
    example: Any = None
    required: bool = False
    is_list: bool = False  # its values are separated by commas
    wanted: str = ""  # what a message says to write; else one such as the example

    def see_that_formed(self, text: str) -> None:
        """See that a text is one that the schema allows; instants, numbers and flags are looked at where they are read.

        Raises:
            BadQuestion: it is not.

        >>> KIND.see_that_formed("scale")
        """
        items = text.split(",") if self.is_list else [text]
        if len(items) > self.schema.get("maxItems", 1):
            raise BadQuestion(f"{self.name} has {len(items)} values; write {self.schema['maxItems']} or fewer")
        schema = self.schema["items"] if self.is_list else self.schema
        for one in items:
            _see_that_formed(self.name, one, schema, self.wanted or f"one such as {self.example}")


AS_OF: Final = Parameter(
    name="as_of",
    about="Valid time: what Canvas had announced by then. A date is its last instant in `tz`. Default: the latest.",
    schema=_INSTANT,
    example="2025-10-12",
)
ON: Final = Parameter(
    name="on", about="As of this instant or date; `as_of` is the same.", schema=_INSTANT, example="2025-10-12"
)
KNOWN_AT: Final = Parameter(
    name="known_at",
    about="Transaction time: what this store had recorded by then. Default: everything.",
    schema=_INSTANT,
)
TZ: Final = Parameter(
    name="tz",
    about="The time zone in which dates, and times without an offset, are read.",
    schema={"$ref": f"#/components/schemas/{ZONES}"},
    example="America/New_York",
)
TENANT: Final = Parameter(
    name="tenant",
    about="The institution's uuid. It may be left out while you may see only one.",
    schema=_TEXT,
    wanted="its uuid, or leave it out",
)
DELETED: Final = Parameter(name="deleted", about="Include deleted ones.", schema=_FLAG)
RAW: Final = Parameter(name="raw", about="Include the metadata and body of each event.", schema=_FLAG)
LIMIT: Final = Parameter(
    name="limit",
    about="How many items a page has at most.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": ITEMS},
    example=20,
)
CURSOR: Final = Parameter(
    name="cursor",
    about="The `next` of the page before, with the same other parameters. Further pages know no more than the first.",
    schema={"type": "string", "format": "cursor", "pattern": "^[0-9A-Za-z_-]+$"},
    wanted="the next of the page before, or leave it out to begin",
)
CONTEXT: Final = Parameter(
    name="context",
    about="An account or a course.",
    schema=_CONTEXT,
    example="Course/101",
    required=True,
    wanted="Account/1 or Course/565",
)
LINEAGE: Final = Parameter(
    name="lineage",
    about="Look at these contexts instead, nearest first.",
    schema={"type": "array", "items": _CONTEXT, "minItems": 1, "maxItems": 50, "uniqueItems": True},
    example=["Course/101", "Account/1"],
    is_list=True,
)
OUTCOME: Final = Parameter(name="outcome", about="An outcome's id.", schema=_TEXT, example="303")
LEARNER: Final = Parameter(
    name="learner",
    about="A learner's uuid.",
    schema=_TEXT,
    example="learner000000000000000000000000000000000",
)
COURSE: Final = Parameter(
    name="course",
    about="A course: `Course/565`, or its id.",
    schema={"type": "string", "pattern": f"^(Course/)?{_ID}$"},
    example="Course/101",
)
SCALE_AS_OF: Final = Parameter(
    name="scale_as_of",
    about="Judge by the scale, method, account tree and settings of another instant.",
    schema=_INSTANT,
    example="2025-10-13",
)
ACROSS: Final = Parameter(name="across", about="Merge a learner's results of an outcome in all courses.", schema=_FLAG)
INACTIVE: Final = Parameter(
    name="inactive",
    about="Include results on outcomes that are deleted, archived, or no longer linked in the course.",
    schema=_FLAG,
)
FROM: Final = Parameter(
    name="from", about="The one instant or date.", schema=_INSTANT, example="2025-10-12", required=True
)
TO: Final = Parameter(name="to", about="The other one.", schema=_INSTANT, example="2025-10-13", required=True)
KIND: Final = Parameter(
    name="kind", about="Only of this kind.", schema={"type": "string", "enum": [*KINDS]}, example="scale"
)
IN_CONTEXT: Final = Parameter(
    name="context",
    about="Only in this account or course.",
    schema=_CONTEXT,
    example="Account/1",
    wanted="Account/1 or Course/565",
)

_PLURALS: Final[Mapping[str, Kind]] = {f"{kind}s": kind for kind in KINDS}


def plurals() -> tuple[str, ...]:
    """The kinds as addresses name them: ``outcomes``, ``groups``, …"""
    return tuple(_PLURALS)


def kind_of_plural(plural: str) -> Kind:
    """The kind that an address names.

    Raises:
        BadQuestion: there is none of that name.

    >>> kind_of_plural("scales")
    'scale'
    """
    if (kind := _PLURALS.get(plural)) is None:
        raise BadQuestion(f"unknown kind {shown(plural)}; write one of {', '.join(_PLURALS)}")
    return kind


@cache
def zones() -> Mapping[str, None]:
    """The names of all time zones, in order."""
    return dict.fromkeys(sorted(available_timezones()))


def read_query(query: bytes, known: Collection[Parameter], also: Collection[str] = ()) -> dict[str, str]:
    """The parameters of an address, as text.

    Args:
        known: Those that the question has.
        also: Other names that are understood.

    Raises:
        BadQuestion: one is not known, comes twice, has another form, or is not UTF-8; or one that is needed is not
            there.

    >>> read_query(b"on=2020-08-18&context=Account%2F1", [ON, CONTEXT])
    {'on': '2020-08-18', 'context': 'Account/1'}
    """
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST)
    except UnicodeError as error:
        raise BadQuestion("the parameters are not UTF-8; escape each byte as % and two hex digits") from error
    except ValueError as error:
        raise BadQuestion(f"more than {_MOST} parameters; this question has {_names(known)}") from error
    found: dict[str, str] = {}
    names = {parameter.name for parameter in known}.union(also)
    lists = {parameter.name for parameter in known if parameter.is_list}  # some clients repeat their names
    for name, value in pairs:
        if name not in names:
            raise BadQuestion(f"unknown parameter {shown(name)}; this question has {_names(known)}")
        if name in found and name not in lists:
            raise BadQuestion(f"the parameter {name} comes twice; name it once")
        found[name] = f"{found[name]},{value}" if name in found else value
    for parameter in known:
        if parameter.required and parameter.name not in found:
            raise BadQuestion(f"the parameter {parameter.name} is missing; this question has {_names(known)}")
        if parameter.name in found:
            parameter.see_that_formed(found[parameter.name])
    return found


def _see_that_formed(name: str, text: str, schema: Schema, wanted: str) -> None:
    allowed = schema.get("enum") or (zones() if "$ref" in schema else None)
    if allowed is not None and text not in allowed:
        what, named = ("time zone", wanted) if "$ref" in schema else (name, f"one of {', '.join(allowed)}")
        raise BadQuestion(f"unknown {what} {shown(text)}; write {named}")
    pattern = schema.get("pattern", "").replace("$", r"\Z")  # in Python, $ is also before a line end
    if not re.search(pattern, text):
        fault = f"invalid {name} {shown(text)}" if text.strip() else f"the {name} is blank"
        raise BadQuestion(f"{fault}; write {wanted}")


def _names(known: Collection[Parameter]) -> str:
    return ", ".join(parameter.name for parameter in known) or "no parameters"


def flag_asked(name: str, text: str | None) -> bool:
    """A flag; one that is not there is false.

    Raises:
        BadQuestion: it is neither true nor false.
    """
    if text is None:
        return False
    if (lower := text.lower()) not in ("true", "false"):  # other languages write True
        raise BadQuestion(f"{name} must be true or false, not {shown(text)}")
    return lower == "true"


def limit_asked(text: str | None) -> int:
    """How many items a page has at most.

    Raises:
        BadQuestion: it is not a whole number from 1 to 1000.
    """
    if text is None:
        return ITEMS
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= MOST_ITEMS:
        raise BadQuestion(f"limit must be a whole number from 1 to {MOST_ITEMS}, not {shown(text)}")
    return int(text)


def instant_text(name: str, text: str) -> str:
    """The text of an instant, looked at for a plus sign that was lost.

    Raises:
        BadQuestion: the ``+`` of its offset was sent as it is, so that a space arrived.
    """
    if _ZONE_LOST.fullmatch(text):
        raise BadQuestion(f"{name} {shown(text)}: write the + of an offset as %2B")
    return text
