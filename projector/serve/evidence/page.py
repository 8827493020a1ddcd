"""Evidence: one printable page with an answer, its basis, every event behind it, and how to check it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final

from attrs import frozen

from projector.ask.view import View
from projector.domain.catalogue import kind_named
from projector.domain.explanation import Explanation
from projector.domain.rules import VERSION
from projector.domain.scores import Score
from projector.domain.versions import Basis, Version
from projector.serve.naming import naming_of
from projector.serve.projector import Projector
from projector.serve.screen.by import by_text
from projector.serve.screen.labels import labels_of, method_name, shown_value, subject_of
from projector.serve.screen.naming import Naming
from projector.serve.screen.text import beginning, moment, plain

_BECAUSE: Final = {
    "never heard of": "no event received",
    "first heard of later": "first event received later",
    "created later": "created later",
}
_GENERATOR: Final = b'<meta name="generator" content="outcome-projector">'
_NO_SCORE: Final = "No score: no active result with a score was received up to then."
_PAGE: Final = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))


@frozen(kw_only=True)
class Page:
    """The page, its answer in a sentence, and whether there was one."""

    html: str
    answer: str
    known: bool


def evidence_of_aggregate(projector: Projector, view: View, kind: str, id: str) -> Page | None:
    """The evidence for an outcome, a scale, … as of the view's instant; None where no event of it was received."""
    known_kind = kind_named(kind)
    version, explanation = view.get(known_kind, id), view.why(known_kind, id)
    if not explanation.testimonies:
        return None
    naming = naming_of(projector, view)
    noun = subject_of(known_kind, id, naming)
    if version is None:
        answer = f"{noun} was unknown: {_BECAUSE[view.why_unknown(known_kind, id)]}."
    else:
        start, end = moment(version.valid_from, view.tz), version.valid_to
        lasted = f"in effect since {start}" if end is None else f"in effect from {start} to {moment(end, view.tz)}"
        answer = f"{noun} was {version.status}, {lasted}."
    basis = version.basis if version else view.basis
    sections = [_state(version, naming), _events(explanation, view.tz, naming)]
    return _page(
        projector,
        f"What was the state of {noun[0].lower()}{noun[1:]}?",
        answer,
        basis,
        sections,
        known=version is not None,
    )


def evidence_of_score(projector: Projector, view: View, learner: str, outcome: str, course: str | None) -> Page | None:
    """The evidence for a learner's scores on an outcome; None where no event of one of the two was received."""
    scoring = view.scoring(learner, outcome, course)
    scores, sources = list(scoring), scoring.sources
    if not sources and not (view.names_learner(learner) and view.why("outcome", outcome).testimonies):
        return None
    naming = naming_of(projector, view)
    answer = "; ".join(_in_words(score, view, naming) for score in scores) + "." if scores else _NO_SCORE
    sections = [
        _table(
            f"How the score was computed in {naming.context(score.context)}",
            [
                ("Results that counted", str(score.results)),
                ("Ordered by time of", _ORDERS[score.ordered_by]),
                ("Method", method_name(score.method, score.int)),
                ("Mastery at", plain(score.mastery_points)),
                ("Scale from", naming.context(score.judged_by.scale)),
                ("Method from", naming.context(score.judged_by.method)),
            ],
        )
        for score in scores
    ]
    for kind, id in sources:
        sections += [_state(view.get(kind, id), naming), _events(view.why(kind, id), view.tz, naming)]
    about = f"{naming.learner(learner)} on outcome {naming.referenced('outcome', outcome)}"
    question = f"What was the mastery of {about}?"
    return _page(projector, question, answer, scoring.basis, sections, known=bool(scores))


def not_known(kind: str, id: str) -> str:
    """What to say where no event of an aggregate was received."""
    return f"no event of {kind_named(kind)} {beginning(id)} was received"


def not_known_of_score(view: View, learner: str, outcome: str) -> str:
    """What to say where no event names a learner, or no event of an outcome was received."""
    if not view.names_learner(learner):
        return f"no event names the learner {beginning(learner)}"
    return not_known("outcome", outcome)


def _in_words(score: Score, view: View, naming: Naming) -> str:
    """A score in a sentence; without a mastery rating it says why there is none."""
    mastery = {True: "mastered", False: "not mastered", None: ""}[score.mastery] or _no_mastery(score, view, naming)
    reached = "" if score.rating is None else f"{plain(score.rating)}, "
    points = plain(score.score)
    of = points if score.points_possible is None else f"{points} of {plain(score.points_possible)}"
    where = "" if score.context is None else f" in {naming.context(score.context)}"
    return f"{of}{where}: {reached}{mastery}"


def _no_mastery(score: Score, view: View, naming: Naming) -> str:
    if score.judged_by.scale != "outcome":
        return f"the scale of {naming.context(score.judged_by.scale)} has no mastery rating"
    if score.context is not None and view.scale_in_force(score.context).because == "never heard of":
        return "no mastery scale event was received"
    return "no mastery scale was in effect"


def is_evidence(head: bytes) -> bool:
    """Whether a file that begins so is a page of evidence."""
    return _GENERATOR in head


def _page(
    projector: Projector, question: str, answer: str, basis: Basis, sections: Sequence[str], *, known: bool
) -> Page:
    made = [
        ("Program", f"outcome-projector {VERSION}, rules {basis.rules}"),
        ("Head hash of the log", projector.head_hash()),
        ("Time zone of this page", basis.tz),
    ]
    html = _PAGE.substitute(
        question=escape(question),
        answer=escape(answer),
        basis=_table("Basis of the answer", _basis_rows(basis)),
        sections="\n".join(sections),
        made=_table("How this page was made", made),
    )
    return Page(html=html, answer=answer, known=known)


def _basis_rows(basis: Basis) -> list[tuple[str, str]]:
    def when(instant: datetime | None, nothing: str) -> str:
        return nothing if instant is None else moment(instant, basis.tz)

    return [
        ("As of", when(basis.as_of, "latest state")),
        ("Data recorded up to", when(basis.known_at, "none: the store was empty")),
        ("Last event received", when(basis.heard_until, "none")),
        ("Decided by", (basis.decided_by or "–").replace("_", " ")),
        ("Assumed", "; ".join(basis.assumed) or "nothing"),
    ]


def _table(heading: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(
        f"<tr><th>{escape(words)}</th><td>{escape(value)}</td></tr>" for words, value in rows if value != "–"
    )
    return f"<h2>{escape(heading)}</h2>\n<table>{lines}</table>" if lines else ""


def _state(version: Version | None, naming: Naming) -> str:
    """The state of an aggregate; ratings with their points, the one at mastery marked."""
    if version is None:
        return ""
    tz, labels = version.basis.tz, labels_of(version.kind)
    rows = [(label.text, shown_value(label, version.state, tz, naming)) for label in labels]
    criterion = version.state.get("rubric_criterion") or {}
    ratings = version.state.get("outcome_proficiency_ratings") or criterion.get("ratings") or []
    steps = [f"{plain(r.get('points'))} {plain(r.get('description'))}{_mark(r, criterion)}" for r in ratings]
    rows.append(("Ratings", "; ".join(steps) or "–"))
    return _table(f"{subject_of(version.kind, version.id, naming)} as of then", rows)


def _mark(rating: Mapping[str, Any], criterion: Mapping[str, Any]) -> str:
    at_line = criterion and plain(rating.get("points")) == plain(criterion.get("mastery_points"))
    return " (mastery from here on)" if rating.get("mastery") is True or at_line else ""


_ORDERS: Final = {
    "submitted_at": "submission",
    "assessed_at": "assessment: no event says when the work was submitted",
    "both": "submission where an event says it, else assessment",
}
_VERDICTS: Final = {
    "later than as_of": "later",
    "not yet known": "not yet recorded",
    "stands": "in effect",
    "beaten": "superseded",
}


def _events(explanation: Explanation, tz: str, naming: Naming) -> str:
    rows = []
    for event_verdict in explanation.testimonies:
        event, by = event_verdict.event, by_text(event_verdict.by)
        rows.append(
            f"<tr{' class=effect' if event_verdict.verdict == 'stands' else ''}>"
            f"<td>{escape(moment(event.event_time, tz))}</td><td>{_VERDICTS[event_verdict.verdict]}</td>"
            f"<td>{escape(f'{event.event_name}, {by}' if by else event.event_name)}"
            f"<br>recorded {escape(moment(event.recorded_at, tz))}"
            f" from {escape(plain(event_verdict.source))}, event number {event.position}<br>"
            f"<code>{event.digest}</code></td></tr>"
        )
    heading = f"{subject_of(explanation.kind, explanation.id, naming)}: its events, in the order that decides"
    return f"<h2>{escape(heading)}</h2>\n<table>{''.join(rows)}</table>" if rows else ""
