"""The outcome tree of a context as of the instant."""

from __future__ import annotations

from projector.ask.asking import Asking
from projector.ask.inheritance import context_asked
from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.facts import part_of
from projector.domain.tree import Tree
from projector.fold.tree import GroupState, LinkState, OutcomeState, grow


def tree_of(question: Question, context: str) -> Tree:
    """The groups of a context by parent, its outcomes by link, titles as they were."""
    place = context_asked(question, context)
    with Asking(question) as asking:
        groups, links, outcomes = _parts(asking, place)
        for status, _, outcome in links.values():
            if outcome is not None and outcome not in outcomes and status != "deleted":
                _look_up(asking, outcome, outcomes)
        roots, problems = grow(groups, links, outcomes, lambda id: asking.state("group", id) is not None)
    return Tree(context=place, roots=roots, problems=problems, basis=question.basis)


def _parts(asking: Asking, place: str) -> tuple[dict[str, GroupState], dict[str, LinkState], dict[str, OutcomeState]]:
    parts, as_of = asking.reading.parts, asking.question.as_of
    groups = {id: (title, status, parent) for id, status, title, parent, _ in parts(place, "group", as_of)}
    links = {id: (status, group, of) for id, status, _, group, of in parts(place, "link", as_of)}
    outcomes = {id: (status, title) for id, status, title, _, _ in parts(place, "outcome", as_of)}
    for multi_context_part, id in asking.reading.multi_context_parts():
        match multi_context_part:
            case "outcome":
                outcomes.pop(id, None)
            case "group":
                groups.pop(id, None)
            case _:
                links.pop(id, None)
        _take_multi_context_part(asking, place, multi_context_part, id, groups, links)
    return groups, links, outcomes


def _take_multi_context_part(
    asking: Asking,
    place: str,
    kind: Kind,
    id: str,
    groups: dict[str, GroupState],
    links: dict[str, LinkState],
) -> None:
    """One whose versions lie in several contexts: where its state puts it."""
    question, state = asking.question, asking.state(kind, id)
    part = None if state is None else part_of(kind, state)
    if state is None or part is None or question.context_of(kind, state) != place:
        return
    if kind == "group":
        groups[id] = part.title, part.status, question.local(part.parent)
    elif kind == "link":
        links[id] = part.status, question.local(part.parent), question.local(part.outcome)


def _look_up(asking: Asking, id: str, outcomes: dict[str, OutcomeState]) -> None:
    """An outcome of another context, such as the account above."""
    state = asking.state("outcome", id)
    if state is not None and (part := part_of("outcome", state)) is not None:
        outcomes[id] = part.status, part.title
