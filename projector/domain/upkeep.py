"""What upkeep returns: institutions, quarantine, what a verification or a rebuild found, what an export wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import field, frozen

from projector.domain.answers import Answer
from projector.domain.rules import RULES

OnStep = Callable[[int, int], None]  # how many events are done, of how many
Clock = Callable[[], datetime]  # an aware datetime


@frozen(kw_only=True)
class Institution(Answer):
    """An institution of the store.

    ``names`` are those that its events use, ``roots`` the ids of its root accounts; ``first`` and ``last`` are its
    earliest and latest ``event_time``.
    """

    tenant: str
    names: tuple[str, ...]
    roots: tuple[str, ...]
    events: int
    first: datetime | None
    last: datetime | None


@frozen(kw_only=True)
class Quarantined(Answer):
    """An input in quarantine, with its source, its position there and the reason.

    ``raw`` is the input byte for byte without its line end, of one beyond 1 MiB its first 64 KiB; ``length`` (in bytes)
    and ``sha256`` are of the whole. ``retried_at``: when a retry appended it, None while it waits.
    """

    source: str
    position: int
    reason: str
    seen_at: datetime
    length: int
    sha256: bytes
    raw: bytes = field(repr=False)
    retried_at: datetime | None = None

    @property
    def complete(self) -> bool:
        """Whether ``raw`` is all of the input, not only its first 64 KiB."""
        return len(self.raw) == self.length


@frozen(kw_only=True)
class Verified(Answer):
    """What a verification found: ``damage`` is None where everything agrees, else the first difference.

    ``reduced`` events were taken without parts of their metadata: of those only what was kept can be recomputed, not
    the digest.
    """

    events: int
    batches: int
    reduced: int
    head_hash: str
    damage: str | None = None


@frozen(kw_only=True)
class Rebuilt(Answer):
    """The result of a rebuild: the rules before, the number of events, and of aggregates whose events changed."""

    rules_before: int
    events: int
    changed: int

    @property
    def sentence(self) -> str:
        """The same as a sentence, without its full stop."""
        done = f"the store was rebuilt from its {self.events:,} events"
        if self.rules_before in (0, RULES):
            return done
        changed = "1 aggregate has" if self.changed == 1 else f"{self.changed:,} aggregates have"
        return f"{done} under rules {RULES}, before under rules {self.rules_before}: {changed} different events now"


@frozen(kw_only=True)
class Exported(Answer):
    """What an export wrote: the rows of each table, and of which state of the store.

    ``position`` and ``head_hash`` are those of the last event that is in it; ``files`` are the paths of what was
    written; ``seconds`` is how long it took.
    """

    tables: Mapping[str, int]
    position: int
    head_hash: str
    files: tuple[str, ...]
    seconds: float
