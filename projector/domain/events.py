"""Live Events as they are decoded, and inputs that are not events."""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256
from typing import Final, NamedTuple
from zlib import crc32

from attrs import field, frozen

from projector.domain.canonical import write_json
from projector.domain.catalogue import LEARNER, Kind
from projector.domain.ids import GLOBAL, local_id, shard_of
from projector.domain.instants import to_text
from projector.domain.packing import unpack

_RESERVED: Final = re.compile("g[12]-[0-9a-fA-F]{32}")


class Row(NamedTuple):
    """What never changes on a result's row in Canvas, and so can replace a missing id.

    Ids are as `domain.ids.long_id` gives them; ``created_at`` is in microseconds since 1970.
    """

    outcome: str
    created_at: int
    user_uuid: str | None = None
    asset_type: str | None = None  # None for a rubric assessment: Canvas drops it on deletion
    asset_id: str | None = None
    title: str | None = None

    def guessed_id(self, shards: Collection[int]) -> str:
        """The guessed identity: g2 of outcome, learner, time and asset, else g1 of outcome, time and title.

        >>> Row(outcome="1", created_at=0, title="T").guessed_id(())
        'g1-ede975a71d2a3a584116168c7d0baff2'
        """
        outcome, created_at = local_id(self.outcome, shards), to_text(self.created_at)
        if self.user_uuid is None:
            return _guess("g1", outcome, created_at, self.title)
        asset = None if self.asset_id is None else local_id(self.asset_id, shards)
        return _guess("g2", outcome, self.user_uuid, created_at, self.asset_type, asset)

    def key(self, shards: Collection[int]) -> tuple[str, int]:
        """What the guessed and the later identities of one row share: outcome and time of creation."""
        return local_id(self.outcome, shards), self.created_at

    def fingerprint(self, shards: Collection[int]) -> int:
        """A number, above 0, that rows of one guessed identity share; others hardly ever do.

        >>> Row(outcome="1", created_at=0, user_uuid="Ada").fingerprint(())
        1459878471
        """
        asset = None if self.asset_id is None else local_id(self.asset_id, shards)
        outcome = local_id(self.outcome, shards)
        return 1 + crc32(f"{outcome} {self.created_at} {self.user_uuid} {self.asset_type} {asset}".encode())


def is_reserved(id: str) -> bool:
    """Whether an id has the form of guessed identities, so that no result may carry it.

    >>> is_reserved("g2-FC6E8AFC93BB13D0CEFD94857DC48CBB"), is_reserved("g2-own"), is_reserved("90017")
    (True, False, False)
    """
    return _RESERVED.fullmatch(id) is not None


def _guess(generation: str, *members: str | None) -> str:
    return f"{generation}-{sha256(write_json((generation, *members))).hexdigest()[:32]}"


class TreePart(NamedTuple):
    """What an outcome, group or link says of its place in a tree; ids as `domain.ids.long_id` gives them.

    ``parent`` is a group's parent, or the group that a link leads into; ``outcome`` the one it links.
    """

    context_type: str | None
    context_id: str | None
    parent: str | None
    outcome: str | None
    title: str | None
    status: str


def global_ids(
    id: str | None, row: Row | None, mentions: tuple[tuple[str, str], ...], hinted_course: str | None
) -> list[str]:
    """Those ids of an event that are global: each may turn out to be the institution's own."""
    ids = [named for what, named in mentions if what != LEARNER and len(named) >= GLOBAL]
    for other in (id, hinted_course, row and row.asset_id):
        if other is not None and len(other) >= GLOBAL:
            ids.append(other)
    return [found for found in ids if shard_of(found) is not None]


class LiveEvent(NamedTuple):
    """One Live Event, whole, with the facts that were read from it.

    Instants are microseconds since 1970. Ids are as `domain.ids.long_id` gives them; those of the shard of its own root
    account are local, those of the tenant's other shards are not yet.
    """

    kind: Kind
    name: str
    event_time: int
    updated_at: int  # BEFORE_ALL where the body names none
    uuid: str | None  # of the institution's root account
    root_account: str | None  # its id; one of the two is there
    id: str | None  # None for a result without one: then `row` is there
    guess: str | None  # the guessed identity of its `row` where it has no id; ids as they are
    has_title: bool  # a result whose body has the member `title`
    mentions: tuple[tuple[str, str], ...]  # (what, id) of everything else it names
    hinted_course: str | None  # the course in whose context it happened, where the metadata name its account too
    has_global_id: bool  # some id here is a global one, perhaps of another shard of the institution
    digest: bytes
    packed: bytes  # the event as the log keeps it: `domain.packing`
    warnings: tuple[str, ...]
    row: Row | None  # of a result
    part: TreePart | None  # of an outcome, a group or a link

    @property
    def text(self) -> bytes:
        """The event as it came, JSON."""
        return unpack(self.packed)[1]

    @property
    def created(self) -> bool:
        """Whether it says ``_created``; everything else counts as an update."""
        return self.name.endswith("_created")

    def own_id(self, shards: Collection[int]) -> str:
        """The id of its aggregate, given the tenant's shards."""
        if self.id is not None:
            return local_id(self.id, shards) if self.has_global_id else self.id
        assert self.row is not None
        assert self.guess is not None
        return self.row.guessed_id(shards) if self.has_global_id else self.guess


@frozen(kw_only=True)
class Refusal:
    """An input that was not taken, yet may matter: what quarantine keeps.

    ``raw`` is the input byte for byte without its line end; of one beyond 1 MiB its first 64 KiB.
    """

    reason: str
    raw: bytes = field(repr=False)
    length: int  # of the whole input, in bytes
    sha256: bytes = field(repr=False)  # of the whole input


@frozen(kw_only=True)
class Ignored:
    """An event of another family: counted by name, not stored."""

    name: str
