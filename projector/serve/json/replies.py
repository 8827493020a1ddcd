"""The JSON of what a command did, where that is not an answer of the projector itself."""

from __future__ import annotations

from datetime import datetime

from projector.domain.answers import Answer, Shape
from projector.domain.reports import Report
from projector.domain.rules import RULES
from projector.domain.versions import Basis
from projector.serve.json import shape_of
from projector.serve.json.versions import instant, instant_of_many


def digest_reply(digest: str) -> Shape:
    """A state digest, and the rules by which it was computed."""
    return {"digest": digest, "rules": RULES}


def head_reply(head_hash: str) -> Shape:
    """The hash over the whole log."""
    return {"head_hash": head_hash}


def backup_reply(file: str, head_hash: str) -> Shape:
    """The new file, and the hash over the log that is in it."""
    return {"file": file, "head_hash": head_hash}


def posted_reply(report: Report, recorded_at: datetime | None) -> Shape:
    """The report of a post; ``recorded_at`` is null where nothing of it was appended."""
    from projector.serve.json.shapes import report as shape  # of each post: the converter would take as long again

    return shape(report) | {"recorded_at": instant_of_many(recorded_at)}


def dropped_reply(count: int) -> Shape:
    """The number of inputs that were dropped from quarantine."""
    return {"dropped": count}


def evidence_reply(file: str, answer: str, *, known: bool) -> Shape:
    """The page that was written, the answer on it as a sentence, and whether there was one."""
    return {"file": file, "answer": answer, "known": known}


def scores_written_reply(file: str, format: str, scores: int, basis: Basis) -> Shape:
    """The file of scores that was written, how many are in it, and what they rest on."""
    return {"file": file, "format": format, "scores": scores} | basis_reply(basis)


def basis_reply(basis: Basis) -> Shape:
    """The basis of an answer of many lines."""
    return {"basis": shape_of(basis)}


def at_instant(answer: Answer, as_of: datetime | None) -> Shape:
    """An answer of a series, with the instant that it is of."""
    return {"as_of": instant(as_of)} | shape_of(answer)
