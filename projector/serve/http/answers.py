"""The answers: for each question the one that the command line prints with ``--json``, from the same shapes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from projector.ask.asking import history_of
from projector.ask.difference import differences
from projector.ask.digest import state_digest
from projector.ask.instants import instant_asked
from projector.ask.listing import listed
from projector.ask.score_pages import score_page
from projector.ask.scores import ScoresAsked
from projector.ask.texts import results_asked
from projector.ask.view import View
from projector.domain.canonical import write_json
from projector.domain.catalogue import Kind, kind_named
from projector.domain.errors import BadQuestion
from projector.domain.inforce import InForce
from projector.serve.http.asked import Asked, Reply, reply
from projector.serve.http.parameters import kind_of_plural
from projector.serve.json import shape_of
from projector.serve.json.replies import basis_reply, digest_reply


def _kind(asked: Asked) -> Kind:
    return kind_of_plural(asked.parts["kinds"])


# one aggregate


def show(asked: Asked) -> Reply:
    """The version in effect, as ``projector show`` has it."""
    kind, view = _kind(asked), asked.view(asked.instant("as_of"))
    tag, id = asked.tag(view.tenant), asked.parts["id"]
    version = view.get(kind, id)
    return reply(shape_of(version or view.unknown(kind, id)), tag, found=version is not None)


def history(asked: Asked) -> Reply:
    """Every version, as ``projector history`` has them; 404 with the unknown object where there is none."""
    kind, question = _kind(asked), asked.question(None)
    tag, id = asked.tag(question.tenant), asked.parts["id"]
    versions = history_of(question, kind, id)
    if not versions:
        return reply(shape_of(asked.view(None).unknown(kind, id)), found=False)
    return Reply(body=write_json([shape_of(version) for version in versions]), tag=tag)


def why(asked: Asked) -> Reply:
    """Every event with its verdict, as ``projector why`` has them; 404 with the unknown object where there is none.

    It also counts duplicates and shows events recorded later, so its tag is made of the answer itself.
    """
    kind, view, id = _kind(asked), asked.view(asked.instant("as_of")), asked.parts["id"]
    answer = view.why(kind, id)
    if not answer.testimonies:
        return reply(shape_of(view.unknown(kind, id)), found=False)
    body = write_json(answer.to_dict(raw=asked.flag("raw")))
    return Reply(body=body, tag=asked.tag_of(body))


# many


def list_kind(asked: Asked) -> Reply:
    """A page of the versions in effect, by id, as ``projector list`` has them."""
    kind, question = _kind(asked), asked.question(asked.instant("as_of"))
    deleted, limit, behind = asked.flag("deleted"), asked.limit, asked.behind()
    tag = asked.tag(question.tenant)
    after = "" if behind is None else behind[0] or ""
    found = list(islice(listed(question, kind, after, deleted=deleted), limit + 1))
    items = [shape_of(version) for version in found[:limit]]
    following = (found[limit - 1].id,) if len(found) > limit else None
    return asked.page(items, basis_reply(question.basis), following, tag)


def scores(asked: Asked) -> Reply:
    """A page of scores, by learner, outcome and course, as ``projector scores`` has them."""
    question = asked.question(asked.instant("as_of"))
    limit, behind, scale_as_of = asked.limit, asked.behind(), asked.instant("scale_as_of")
    judged = question if scale_as_of is None else asked.question(scale_as_of)
    which = ScoresAsked.of(
        question,
        judged,
        *results_asked(*map(asked.given.get, ("learner", "outcome", "course"))),
        across=asked.flag("across"),
        inactive=asked.flag("inactive"),
    )
    tag = asked.tag(question.tenant)
    if behind is not None and (behind[0] is None or behind[1] is None):
        raise BadQuestion("invalid cursor; leave it out to begin")
    page = score_page(which, limit, None if behind is None else (behind[0], behind[1], behind[2]))  # type: ignore[arg-type]
    last = page.scores[-1] if page.has_more else None
    following = None if last is None else (last.learner, last.outcome, last.context)
    return asked.page([shape_of(score) for score in page.scores], basis_reply(page.basis), following, tag)


def diff(asked: Asked) -> Reply:
    """A page of the aggregates that differ between two instants, as ``projector diff`` has them."""
    before, after = asked.question(asked.instant("from")), asked.question(asked.instant("to"))
    kind, context = asked.given.get("kind"), asked.given.get("context")
    named = None if kind is None else kind_named(kind)
    limit, behind = asked.limit, asked.behind()
    begun = None
    if behind is not None:
        begun = kind_named(behind[0] or ""), behind[1] or ""
        if named not in (None, begun[0]):
            raise BadQuestion("invalid cursor; leave it out to begin")
    tag = asked.tag(after.tenant)
    found = list(islice(differences(before, after, named, context, begun), limit + 1))
    following = (found[limit - 1].kind, found[limit - 1].id) if len(found) > limit else None
    return asked.page([shape_of(one) for one in found[:limit]], basis_reply(after.basis), following, tag)


# what counts in a context


def scale(asked: Asked) -> Reply:
    """The mastery scale in force, as ``projector scale`` has it."""
    return _in_force(asked, View.scale_in_force)


def method(asked: Asked) -> Reply:
    """The calculation method in force, as ``projector method`` has it."""
    return _in_force(asked, View.method_in_force)


def _in_force(asked: Asked, ask: Callable[..., InForce[Any]]) -> Reply:
    view = asked.view(_on(asked))
    tag = asked.tag(view.tenant)
    answer = ask(view, asked.given["context"], lineage=asked.given.get("lineage"))
    return reply(shape_of(answer), tag, found=answer.version is not None)


def _on(asked: Asked) -> str | None:
    """As of when: ``on``, or ``as_of``, which is the same."""
    on, as_of = asked.instant("on"), asked.instant("as_of")
    if on is not None and as_of is not None and instant_asked(on, asked.tz) != instant_asked(as_of, asked.tz):
        raise BadQuestion("on and as_of name two instants; give one of them")
    return as_of if on is None else on


def tree(asked: Asked) -> Reply:
    """The groups and outcomes of a context, as ``projector tree`` has them."""
    view = asked.view(asked.instant("as_of"))
    tag = asked.tag(view.tenant)
    answer = view.tree(asked.given["context"])
    return reply(shape_of(answer), tag, found=bool(answer.roots))


def digest(asked: Asked) -> Reply:
    """The state digest of the institutions that may be seen, as ``projector digest`` has it."""
    tenant, as_of = asked.given.get("tenant"), asked.instant("as_of")
    questions = list(asked.questions.each_under(asked.pin, as_of, tenant, asked.tz))
    tag = asked.tag(*(question.tenant for question in questions))
    return reply(digest_reply(state_digest(questions)), tag)
