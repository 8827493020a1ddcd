"""The outcome tree of a context as of the instant."""

from __future__ import annotations

from projector.ask.finding import Frame
from projector.ask.inheritance import context_asked
from projector.domain.catalogue import Kind
from projector.domain.facts import part_of
from projector.domain.tree import Tree
from projector.fold.tree import GroupState, LinkState, OutcomeState, grow
from projector.store.reading import Reading


def tree_of(frame: Frame, context: str) -> Tree:
    """The groups of a context by parent, its outcomes by link, titles as they were."""
    place = context_asked(frame, context)
    with frame.log.reading(frame.pin) as reading:
        groups, links, outcomes = _parts(frame, reading, place)
        for status, _, outcome in links.values():
            if outcome is not None and outcome not in outcomes and status != "deleted":
                _look_up(frame, reading, outcome, outcomes)
        roots, problems = grow(groups, links, outcomes, lambda id: frame.state_at(reading, "group", id) is not None)
    return Tree(context=place, roots=roots, problems=problems, basis=frame.basis)


def _parts(
    frame: Frame, reading: Reading, place: str
) -> tuple[dict[str, GroupState], dict[str, LinkState], dict[str, OutcomeState]]:
    where = frame.tenant, place
    groups = {
        id: (title, status, parent) for id, status, title, parent, _ in reading.parts(*where, "group", frame.as_of)
    }
    links = {id: (status, group, of) for id, status, _, group, of in reading.parts(*where, "link", frame.as_of)}
    outcomes = {id: (status, title) for id, status, title, _, _ in reading.parts(*where, "outcome", frame.as_of)}
    wandering = reading.wanderers(frame.tenant)
    for wanderer, id in wandering:
        match wanderer:
            case "outcome":
                outcomes.pop(id, None)
            case "group":
                groups.pop(id, None)
            case _:
                links.pop(id, None)
        _take_wanderer(frame, reading, place, wanderer, id, groups, links)
    return groups, links, outcomes


def _take_wanderer(
    frame: Frame,
    reading: Reading,
    place: str,
    kind: Kind,
    id: str,
    groups: dict[str, GroupState],
    links: dict[str, LinkState],
) -> None:
    """One whose versions lie in several contexts: where its state puts it."""
    state = frame.state_at(reading, kind, id)
    part = None if state is None else part_of(kind, state)
    if state is None or part is None or frame.context_of(kind, state) != place:
        return
    if kind == "group":
        groups[id] = part.title, part.status, frame.local(part.parent)
    elif kind == "link":
        links[id] = part.status, frame.local(part.parent), frame.local(part.outcome)


def _look_up(frame: Frame, reading: Reading, id: str, outcomes: dict[str, OutcomeState]) -> None:
    """An outcome of another context, such as the account above."""
    state = frame.state_at(reading, "outcome", id)
    if state is not None and (part := part_of("outcome", state)) is not None:
        outcomes[id] = part.status, part.title
