"""What many events of one kind say, read by column: the same as `projector.domain.facts` reads from each of them.

Values are as JSON has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, compress
from typing import Any, Final, NamedTuple, Self

from attrs import define, evolve, field

from projector.domain.catalogue import LEARNER, TREE_KINDS, Entry
from projector.domain.columns import Columns, result_row
from projector.domain.events import Row, TreePart
from projector.domain.facts import RUBRIC, institution_of, own_shards, row_members
from projector.domain.ids import GLOBAL, is_global, learner_of, long_id
from projector.domain.instants import BEFORE_ALL
from projector.domain.pairs import RootAccount
from projector.domain.typed import text_of

Values = Sequence[Any]
Ids = Sequence[str | None]


class _LocalIds(NamedTuple):
    """Ids of events, and the indexes of those that are global ones of other shards than the own."""

    ids: Ids
    others: Sequence[int]


_LOCAL: Final = GLOBAL - 1  # digits of a global id that are its local one
_TEXTS: Final = frozenset((str, type(None)))
_ALL_TEXTS: Final = frozenset((str,))
OF_METADATA: Final = (  # members that facts are read from
    "event_time",
    "root_account_uuid",
    "root_account_id",
    "context_type",
    "context_id",
    "context_account_id",
)


@define(slots=False)
class KindColumns:
    """The columns of events of one kind.

    Args:
        metadata: By member, a value for each event; likewise ``body``. ``OF_METADATA`` says which of the metadata.
        absent: The value where an event does not have the member.
        instants: Of the texts of the events that name one: `projector.domain.instants.read_many`.
    """

    entry: Entry
    metadata: Mapping[str, Values]
    body: Mapping[str, Values]
    absent: object
    instants: Mapping[str, int]
    count: int
    accounts: list[RootAccount] = field(init=False)  # of each event
    _own: list[frozenset[str]] = field(init=False)  # the shards of each event's root account, as ids begin with them
    _members: dict[str | None, Values] = field(factory=dict, init=False)
    _ids: dict[str | None, _LocalIds] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        pairs = [self._known(self.metadata, name) for name in ("root_account_uuid", "root_account_id")]
        if _TEXTS.issuperset(map(type, chain(*pairs))):  # nearly always the same few
            known = {pair: institution_of(*pair) for pair in set(zip(*pairs, strict=True))}
            self.accounts = list(map(known.__getitem__, zip(*pairs, strict=True)))
        else:
            self.accounts = list(map(institution_of, *pairs))
        own = {root: frozenset(map(str, own_shards(root))) for _, root in set(self.accounts)}
        self._own = [own[root] for _, root in self.accounts]

    def _known(self, part: Mapping[str, Values], name: str) -> Values:
        """A column with None where an event does not have the member."""
        if (values := part.get(name)) is None:
            return [None] * self.count
        if self.absent not in values:
            return values
        return [None if value is self.absent else value for value in values]

    def member(self, name: str | None) -> Values:
        """A member of the bodies, None where an event does not have it."""
        if (found := self._members.get(name)) is None:
            values = self._known(self.body, name) if name is not None else [None] * self.count
            found = self._members[name] = values
        return found

    def ids(self, name: str | None) -> Ids:
        """The ids that a member of the bodies holds."""
        if (found := self._ids.get(name)) is None:
            found = self._ids[name] = self._local_ids(_long_ids(self.member(name)))
        return found.ids

    def _local_ids(self, ids: Ids) -> _LocalIds:
        """The same ids, local where they are global ones of the own shard; and which are of others."""
        long = [(index, id) for index, id in enumerate(ids) if id is not None and len(id) >= GLOBAL]
        if not long:
            return _LocalIds(ids, ())
        found, others, own = list(ids), list[int](), self._own
        for index, id in long:
            if id[:-_LOCAL] in own[index] and id.isascii() and id.isdigit():
                found[index] = id[-_LOCAL:].lstrip("0") or "0"
            elif is_global(id):
                others.append(index)
        return _LocalIds(found, others)

    def _learners(self) -> Ids:
        values = self.member(self.entry.learner)
        if _are_texts(values) and not any(map(str.isspace, filter(None, values))):
            return values
        return list(map(learner_of, values))

    @cached_property
    def _hinted(self) -> _LocalIds:
        """The courses on whose pages events happened, where the course's account is named too."""
        types = self.metadata.get("context_type", ())
        if "Course" not in types:
            return _LocalIds([None] * self.count, ())
        accounts = map(long_id, self._known(self.metadata, "context_account_id"))
        courses = _long_ids(self._known(self.metadata, "context_id"))
        named = [
            course if type == "Course" and account is not None else None
            for type, course, account in zip(types, courses, accounts, strict=True)
        ]
        return self._local_ids(named)

    def _context_ids(self) -> Ids:
        """The ids of the contexts that events lie in, where their types are texts."""
        if self.entry.context is None:
            return [None] * self.count
        types, ids = self.member(self.entry.context[0]), self.ids(self.entry.context[1])
        if _ALL_TEXTS.issuperset(map(type, types)):
            return ids
        return [id if isinstance(type, str) else None for type, id in zip(types, ids, strict=True)]

    # which of them are something else

    def unidentified(self) -> set[int]:
        """The events without an institution or an identity."""
        odd = set[int]()
        if (nobody := (None, None)) in self.accounts:
            odd.update(index for index, account in enumerate(self.accounts) if account == nobody)
        if None in (ids := self.ids(self.entry.id)):
            outcomes, created = self.ids("learning_outcome_id"), self.member("created_at")
            is_result = self.entry.kind == "result"
            for index, id in enumerate(ids):
                guessable = is_result and outcomes[index] is not None and created[index] is not None
                if id is None and not guessable:
                    odd.add(index)
        return odd

    def _of_other_shards(self) -> set[int]:
        """The events that hold global ids of other shards than their root account's."""
        found = set(self._hinted.others)
        for member in (self.entry.id, *(member for what, member in self.entry.mentions if what != LEARNER)):
            self.ids(member)
            found.update(self._ids[member].others)
        if self.entry.context is not None:
            found.update(self._others_where(self.entry.context[1], self._context_ids()))
        if self.entry.kind == "result":
            found.update(self._others_where(row_members()[2], self._asset_ids()))
        return found

    def _others_where(self, member: str, taken: Ids) -> Iterator[int]:
        """The events that hold such an id in a member, where it is taken."""
        self.ids(member)
        return (index for index in self._ids[member].others if taken[index] is not None)

    def without(self, odd: set[int]) -> Self:
        """The columns of the other events."""
        kept = [index not in odd for index in range(self.count)]
        metadata = {name: list(compress(values, kept)) for name, values in self.metadata.items()}
        body = {name: list(compress(values, kept)) for name, values in self.body.items()}
        return evolve(self, metadata=metadata, body=body, count=sum(kept))

    def without_members(self, dropped: frozenset[str]) -> Self:
        """The columns of the same events without members of their metadata."""
        return evolve(self, metadata={name: values for name, values in self.metadata.items() if name not in dropped})

    # as columns of a batch

    def add_to(
        self,
        found: Columns,
        at: Sequence[int],
        names: Sequence[str],
        digests: Sequence[bytes],
        packed: Sequence[bytes],
        *,
        with_rows: bool,
    ) -> None:
        """Add what these events say to the columns of a batch.

        Args:
            at: The indexes, rising, that they are to have when the columns are put in order.
            with_rows: Also give the rows of results that have ids.
        """
        indexes = {account: found.account_index(account) for account in dict.fromkeys(self.accounts)}
        ids = self.ids(self.entry.id)
        if self.entry.kind == "result":
            ids = self._add_results(found, at, ids, with_rows=with_rows)
        found.names += names
        found.account += map(indexes.__getitem__, self.accounts)
        found.times += map(self.instants.__getitem__, self.metadata["event_time"])
        found.updated += [BEFORE_ALL if text is None else self.instants[text] for text in self.member("updated_at")]
        found.ids += ids  # type: ignore[arg-type]  # those without one are odd, or were given a guessed one
        found.digests += digests
        found.packed += packed
        self._add_mentions(found, at)
        if (hinted := self._hinted.ids) and set(hinted) != {None}:
            found.hints += [(place, course) for place, course in zip(at, hinted, strict=True) if course is not None]
        if self.entry.kind in TREE_KINDS:
            found.parts.update(zip(at, self._parts(), strict=True))
        found.unresolved += [at[index] for index in sorted(self._of_other_shards())]

    def _add_results(self, found: Columns, at: Sequence[int], ids: Ids, *, with_rows: bool) -> Ids:
        """Add what only results have; return their ids, guessed ones too."""
        if "title" in self.body:
            titles = self.body["title"]
            found.titled += [place for place, title in zip(at, titles, strict=True) if title is not self.absent]
        found.guessed |= None in ids
        found.rows_known &= with_rows
        if not with_rows and None not in ids:
            return ids
        known = list(ids)
        for index, (place, id, row) in enumerate(zip(at, ids, self._rows, strict=True)):
            if row is not None and (id is None or with_rows):
                found.rows[place] = result_row(row, id)
                if id is None:
                    known[index] = row.guessed_id(())
        return known

    @cached_property
    def _rows(self) -> Sequence[Row | None]:
        """The rows that results describe; None where the outcome or the time of creation is missing."""
        created = [None if text is None else self.instants[text] for text in self.member("created_at")]
        made_by, type, _ = row_members()
        types = [
            None if artifact == RUBRIC or type is None else str(type)
            for artifact, type in zip(self.member(made_by), self.member(type), strict=True)
        ]
        titles = [None if title is None else str(title) for title in self.member("title")]
        members = self.ids("learning_outcome_id"), created, self._learners(), types, self._asset_ids(), titles
        return [None if None in row[:2] else Row._make(row) for row in zip(*members, strict=True)]

    def _asset_ids(self) -> Ids:
        """The ids of what results were given on, which distinguish their rows."""
        made_by, _, id = row_members()
        return [
            None if artifact == RUBRIC else id for artifact, id in zip(self.member(made_by), self.ids(id), strict=True)
        ]

    def _add_mentions(self, found: Columns, at: Sequence[int]) -> None:
        kind = self.entry.kind
        for what, member in self.entry.mentions:
            _add_mention(found, kind, what, at, self._learners() if what == LEARNER else self.ids(member))
        if self.entry.context is None:
            return
        types, ids = self.member(self.entry.context[0]), self._context_ids()
        if len(set(types)) == 1 and isinstance(types[0], str):
            _add_mention(found, kind, types[0], at, ids)
            return
        by_type = dict[str, tuple[list[int], list[str]]]()
        for place, what, id in zip(at, types, ids, strict=True):
            if id is not None:
                places, named = by_type.setdefault(what, ([], []))
                places.append(place)
                named.append(id)
        for what, mentions in by_type.items():
            found.mention(kind, what, *mentions)

    def _parts(self) -> Iterable[TreePart]:
        entry = self.entry
        types = [None if type is None else str(type) for type in self.member(entry.context and entry.context[0])]
        ids = self.ids(entry.context and entry.context[1])
        titles = map(text_of, self.member("title"))
        statuses = [text_of(state) or "active" for state in self.member("workflow_state")]
        return map(TreePart, types, ids, self.ids(entry.group), self.ids(entry.outcome), titles, statuses)


def _add_mention(found: Columns, kind: str, what: str, at: Sequence[int], ids: Ids) -> None:
    """Note what events of a kind mention by one of their members, None where an event mentions nothing by it."""
    if None in ids:
        mentions = [(place, id) for place, id in zip(at, ids, strict=True) if id is not None]
        if mentions:
            found.mention(kind, what, [place for place, _ in mentions], [id for _, id in mentions])
    else:
        found.mention(kind, what, at, ids)  # type: ignore[arg-type]


def _are_texts(values: Values) -> bool:
    """Whether these are texts, none of them empty, or None."""
    return _TEXTS.issuperset(map(type, values)) and "" not in values


def _long_ids(values: Values) -> Ids:
    """The ids that values spell: see `projector.domain.ids.long_id`."""
    if _are_texts(values) and all(map(str.isdecimal, filter(None, values))):
        return values
    return list(map(str, values)) if set(map(type, values)) == {int} else list(map(long_id, values))
