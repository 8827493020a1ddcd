"""The state digest: one hash over every state, the same from every store and engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from heapq import merge

from projector.ask.listing import states
from projector.ask.question import Question
from projector.domain.canonical import canonical_of_whole
from projector.domain.catalogue import KINDS, Kind
from projector.domain.digests import DigestPart

Source = tuple[Question, Kind]


class _OutOfOrder(Exception):
    """Raised where lines do not come in the order of their bytes, as the ids do."""


def state_digest(questions: Iterable[Question]) -> str:
    """The SHA-256, in hex, of a line for each aggregate with a state, sorted and joined with newlines.

    Args:
        questions: One for each institution that counts.
    """
    return _digest([(question, kind) for question in questions for kind in KINDS])[1]


def state_digests(questions: Iterable[Question]) -> Iterator[DigestPart]:
    """The same for each kind of each institution, over its own lines.

    Args:
        questions: As in `state_digest`.
    """
    for question in questions:
        for kind in KINDS:
            aggregates, digest = _digest([(question, kind)])
            yield DigestPart(tenant=question.tenant, kind=kind, aggregates=aggregates, digest=digest)


def _digest(sources: Sequence[Source]) -> tuple[int, str]:
    """The number of lines of some kinds of institutions, and the hash over them."""
    try:
        return _hash(merge(*(_lines(*source) for source in sources)))
    except _OutOfOrder:  # an id holds a character that JSON escapes, or one below a quotation mark
        from projector.store.sorting import sorted_lines

        return _hash(sorted_lines(line for source in sources for line in _lines(*source)))


def _hash(lines: Iterable[bytes]) -> tuple[int, str]:
    digest, last, count = sha256(), b"", 0
    for count, line in enumerate(lines, 1):  # noqa: B007
        if line < last:
            raise _OutOfOrder
        digest.update(b"\n" + line if last else line)
        last = line
    return count, digest.hexdigest()


def _lines(question: Question, kind: Kind) -> Iterator[bytes]:
    tenant = question.tenant
    for id, state, small in states(question, kind):
        yield canonical_of_whole({"id": id, "kind": kind, "state": state, "tenant": tenant}, small)
