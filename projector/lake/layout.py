"""The SQL of a tables file: the stored rows of every kind, and the tables and macros that people see.

A stored row is one version of an aggregate, or one of several spans of it:

    valid_from, next_from    the event's time and that of the next one, in the order that decides
    known_from, next_known   when the event was recorded, and when the next one was
    known_to                 when it was known to be otherwise

Until ``next_known`` nothing ends the version; from then on it ends at ``next_from``. So a version takes one row where
its events were recorded in the order that decides. Where they were not, each row is a span of its own, without
``next_known``. Where another result continues one for a part of a version, ``own_from`` and ``own_to`` are the
version's own span, and ``valid_from`` and ``next_from`` one of the parts in which it is not continued.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from attrs import frozen

from projector.domain.catalogue import KINDS, Kind
from projector.lake.columns import MEMBERS, RATINGS, RATINGS_OF, said_of

FORMAT: Final = 1  # of the tables: columns are only added at their ends while it stays

_HEAD: Final = {"tenant": "VARCHAR", "id": "VARCHAR", "position": "BIGINT"}
_SPAN: Final = dict.fromkeys(
    ("valid_from", "next_from", "known_from", "next_known", "known_to", "own_from", "own_to"), "TIMESTAMPTZ"
)
_STATE: Final = {
    "recorded_at": "TIMESTAMPTZ",
    **dict.fromkeys(("status", "event_name"), "VARCHAR"),
    "state": "VARCHAR USING COMPRESSION zstd",  # most of a file; the others are compressed as DuckDB finds best
}
_OF_SPAN: Final = {"guessed": "VARCHAR", "continued_by": "VARCHAR"}
MEMBER: Final = "m_"  # how the names of columns begin that are made of members, before they are stored
UNSEEN: Final = (*_HEAD, *_SPAN, "status", *_OF_SPAN)  # columns that the tables of other kinds need of one
_IS_LAST: Final = {"is_last": "BOOLEAN"}  # of an aggregate, by all that is known: the state digest is made of these

_RATINGS_TABLES: Final[dict[Kind, str]] = {"scale": "scale_ratings", "outcome": "criterion_ratings"}
_BESIDE_RATINGS: Final[dict[Kind, tuple[str, ...]]] = {"scale": ("context_type", "context_id"), "outcome": ()}


def table_of(kind: Kind) -> str:
    """The name of a kind's table.

    >>> table_of("outcome")
    'outcomes'
    """
    return f"{kind}s"


def tables_of(kind: Kind) -> tuple[str, ...]:
    """The names of all tables that are made of a kind.

    >>> tables_of("scale")
    ('scales', 'scales_bitemporal', 'scale_ratings', 'scale_ratings_bitemporal')
    """
    names = (table_of(kind), _RATINGS_TABLES[kind]) if kind in _RATINGS_TABLES else (table_of(kind),)
    return tuple(name for table in names for name in (table, f"{table}_bitemporal"))


@cache
def sql(name: str) -> str:
    """The text of an SQL file beside this module."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


# names and texts in SQL


def name_in_sql(name: str) -> str:
    """The name of a column or a table.

    >>> name_in_sql("judged_by.scale")
    '"judged_by.scale"'
    """
    return f'"{name}"'


def names_in_sql(names: Iterable[str]) -> str:
    """Names with commas between them."""
    return ", ".join(map(name_in_sql, names))


def selected(columns: Mapping[str, str]) -> str:
    """What is selected: each expression under the name of its column.

    >>> selected({"id": "s.id", "place": "1"})
    's.id AS "id", 1 AS "place"'
    """
    return ", ".join(f"{text} AS {name_in_sql(name)}" for name, text in columns.items())


def text_in_sql(text: str) -> str:
    """A text as a literal.

    >>> text_in_sql("it's")
    "'it''s'"
    """
    return "'{}'".format(text.replace("'", "''"))


# stored rows


def _said(kind: Kind) -> dict[str, str]:
    """The columns made of members, with their types."""
    return {column.name: column.type for column in said_of(kind)}


def _stored(kind: Kind) -> dict[str, str]:
    return {**_HEAD, **_SPAN, **_STATE, **_said(kind), **_OF_SPAN, **_IS_LAST}


def spans_of_events() -> str:
    """The statement that finds the spans of ``events``, some of which are in ``folded``."""
    return sql("all_spans").format(spans=sql("spans"))


def insertion(kind: Kind) -> str:
    """The statement that stores the rows of a kind, whose states are in ``states``, with the spans that were found."""
    of_span, said = {*_SPAN, *_OF_SPAN, *_IS_LAST}, _said(kind)
    values = [
        f"s.{name}" if name in of_span else f'e."{MEMBER}{name}"' if name in said else f"e.{name}"
        for name in _stored(kind)
    ]
    names, table = names_in_sql(_stored(kind)), table_of(kind)
    joined = "states AS e JOIN all_spans AS s ON s.n = e.n"
    return f"INSERT INTO stored.{table} ({names}) SELECT {', '.join(values)} FROM {joined} ORDER BY s.n, s.known_from"


# what people see

ALWAYS: Final = ("tenant", "id", "valid_from", "valid_to")
KNOWN: Final = ("known_from", "known_to")


@frozen
class PublicTable:
    """A table as people see it, the same on both clocks and its macros.

    ``columns`` are the expressions of its columns, by name; ``only_now`` names those that it has not on both clocks.
    ``now``, ``both``, ``at`` and ``at_known`` are what the table, the one on both clocks and the macros select from.
    """

    name: str
    columns: Mapping[str, str]
    now: str
    both: str
    at: str
    at_known: str
    only_now: tuple[str, ...] = ()

    @property
    def both_name(self) -> str:
        """The name of the table on both clocks."""
        return f"{self.name}_bitemporal"

    @property
    def columns_on_both(self) -> Mapping[str, str]:
        """The columns on both clocks: what is known from when to when comes after the first five."""
        rest = {name: text for name, text in self.columns.items() if name not in (*_AT, *self.only_now)}
        return {**_plain(_AT), **_plain(KNOWN), **rest}

    def definition(self, without: Collection[str] = ()) -> str:
        """The statements that define it, without the columns of some names."""
        return sql("tables").format(
            name=self.name,
            columns=_selected(self.columns, without),
            columns_on_both=_selected(self.columns_on_both, without),
            now=self.now,
            both=self.both,
            at=self.at,
            at_known=self.at_known,
        )


_AT: Final = (*ALWAYS, "recorded_at")


@cache
def public_tables(kind: Kind) -> tuple[PublicTable, ...]:
    """The tables that are made of a kind, as people see them."""
    versions = _versions(kind)
    return (versions, _ratings(kind)) if kind in RATINGS_OF else (versions,)


def columns_of(kind: Kind) -> dict[str, tuple[str, ...]]:
    """The columns of all tables that are made of a kind, by table.

    >>> columns_of("scale")["scale_ratings_bitemporal"][5:10]
    ('known_from', 'known_to', 'status', 'place', 'outcome_proficiency_rating_id')
    """
    found = dict[str, tuple[str, ...]]()
    for table in public_tables(kind):
        found[table.name], found[table.both_name] = tuple(table.columns), tuple(table.columns_on_both)
    return found


def definitions(kinds: Collection[Kind] = KINDS, without: Collection[str] = ()) -> Iterator[str]:
    """The statements that make an empty tables file.

    Args:
        kinds: Only the tables of these kinds.
        without: Names of columns that no table shows.
    """
    yield "CREATE SCHEMA stored"
    for kind in stored_kinds(kinds):
        columns = ", ".join(f"{name_in_sql(name)} {type}" for name, type in _stored(kind).items())
        yield f"CREATE TABLE stored.{table_of(kind)} ({columns})"
    yield sql("store")
    yield from definitions_over_stored(kinds, without)


def definitions_over_stored(kinds: Collection[Kind] = KINDS, without: Collection[str] = ()) -> Iterator[str]:
    """The statements that define what people see, over the stored rows of the kinds.

    Args:
        kinds: As in `definitions`.
        without: As in `definitions`.
    """
    yield sql("instants")
    yield sql("questions")
    for kind in stored_kinds(kinds):
        rest = [name for name in (*_STATE, *_said(kind)) if name != "recorded_at"]
        yield sql("stored").format(
            table=table_of(kind),
            rest=names_in_sql([*rest, *_OF_SPAN]),
            rest_in_effect=f"{names_in_sql([*rest, 'guessed'])}, CAST(NULL AS VARCHAR) AS continued_by",
        )
    if "link" in kinds:
        yield sql("links")
    for kind in KINDS:
        if kind in kinds:
            yield from (table.definition(without) for table in public_tables(kind))


def stored_kinds(kinds: Collection[Kind]) -> tuple[Kind, ...]:
    """The kinds whose stored rows the tables of some kinds are made of: a link is in the tree while its outcome is."""
    return tuple(kind for kind in KINDS if kind in kinds or (kind == "outcome" and "link" in kinds))


def stored_columns(kind: Kind) -> tuple[str, ...]:
    """The columns of a kind's stored rows."""
    return tuple(_stored(kind))


def _versions(kind: Kind) -> PublicTable:
    table = table_of(kind)
    rest = ["status", "event_name", "state", *(column.name for column in MEMBERS[kind])]
    rest += list(_OF_SPAN) if kind == "result" else []
    in_tree = ("in_tree",) if kind == "link" else ()
    at = "stored.links_in_tree_at" if in_tree else f"stored.{table}_at"
    return PublicTable(
        name=table,
        columns=_plain([*_AT, *rest, *in_tree]),
        now="stored.links_shown" if in_tree else f"stored.{table}_now",
        both=f"stored.{table}_both",
        at=f"{at}(t)",
        at_known=f"{at}(t, k)",
        only_now=in_tree,
    )


def _ratings(kind: Kind) -> PublicTable:
    """The table with a row for each rating, ``place`` counted from 1."""
    table, parts = table_of(kind), {part.name: f'rating."{part.name}"' for part in RATINGS_OF[kind].parts}

    def unnested(source: str) -> str:
        return f"(SELECT *, unnest({RATINGS}) AS rating, generate_subscripts({RATINGS}, 1) AS place FROM {source})"

    return PublicTable(
        name=_RATINGS_TABLES[kind],
        columns={**_plain([*_AT, "status", "place"]), **parts, **_plain(_BESIDE_RATINGS[kind])},
        now=unnested(f"stored.{table}_now"),
        both=unnested(f"stored.{table}_both"),
        at=unnested(f"stored.{table}_at(t)"),
        at_known=unnested(f"stored.{table}_at(t, k)"),
    )


def _plain(names: Iterable[str]) -> dict[str, str]:
    return {name: name_in_sql(name) for name in names}


def _selected(columns: Mapping[str, str], without: Collection[str]) -> str:
    return selected({name: text for name, text in columns.items() if name not in without})
