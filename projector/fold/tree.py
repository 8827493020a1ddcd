"""From groups and links to a tree that has every part once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from projector.domain.tree import Problem, TreeGroup, TreeOutcome

# plain tuples, for there may be many; deleted ones too
GroupState = tuple[str | None, str, str | None]  # title, status, parent
LinkState = tuple[str, str | None, str | None]  # status, group, outcome
OutcomeState = tuple[str, str | None]  # status and title
KnownGroup = Callable[[str], bool]

_UNKNOWN: OutcomeState = ("unknown", None)


def grow(
    groups: Mapping[str, GroupState],
    links: Mapping[str, LinkState],
    outcomes: Mapping[str, OutcomeState],
    elsewhere: KnownGroup,
) -> tuple[tuple[TreeGroup, ...], tuple[Problem, ...]]:
    """The roots and the problems of a context's tree.

    What lies below a deleted group goes with it, and so do the links of a deleted outcome. A group with an
    unknown parent is one more root; of a cycle the lowest id is one.

    Args:
        groups: By id, as of the instant; likewise ``links``.
        outcomes: By id those that are known of the outcomes that links name.
        elsewhere: Whether a group is known in another context.
    """
    deleted = [id for id, (_, status, _) in groups.items() if status == "deleted"]
    gone = set(_below(_children(groups), deleted))
    standing = {id: group for id, group in groups.items() if id not in gone}
    children, roots, problems = _sort_out(standing, elsewhere)
    hanging, faults = _hang(standing, gone, links, outcomes, elsewhere)
    built = _build(standing, children, hanging, roots)
    problems = sorted(problems + faults, key=lambda problem: (problem.kind, problem.id, problem.problem))
    return tuple(built[root] for root in roots), tuple(problems)


def _children(groups: Mapping[str, GroupState]) -> dict[str, list[str]]:
    """Who is below whom, each list by id."""
    children: dict[str, list[str]] = {}
    for id in sorted(groups):
        if (parent := groups[id][2]) is not None:
            children.setdefault(parent, []).append(id)
    return children


def _sort_out(
    groups: Mapping[str, GroupState], elsewhere: KnownGroup
) -> tuple[dict[str, list[str]], list[str], list[Problem]]:
    """Who is below whom, without cycles; the roots by id; and what is wrong with groups."""
    children, roots, problems = _children(groups), list[str](), list[Problem]()
    for id in sorted(groups):
        parent = groups[id][2]
        if parent is not None and parent in groups:
            continue
        roots.append(id)
        if parent is not None:
            known = elsewhere(parent)
            words = Problem(
                kind="group",
                id=id,
                problem="parent in another context" if known else "unknown parent",
                missing=None if known else parent,
            )
            problems.append(words)
    reached = set(_below(children, roots))
    for id in sorted(groups):
        if id not in reached:  # in a cycle, or below one
            lowest = min(_cycle(groups, id))
            if (parent := groups[lowest][2]) is not None:
                children[parent].remove(lowest)
            roots.append(lowest)
            problems.append(Problem(kind="group", id=lowest, problem="cycle", missing=None))
            reached.update(_below(children, [lowest]))
    return children, sorted(roots), problems


def _below(children: Mapping[str, list[str]], starts: Iterable[str]) -> Iterator[str]:
    """These groups and every one below them, each once."""
    seen, waiting = set(), list(starts)
    while waiting:
        id = waiting.pop()
        if id not in seen:
            seen.add(id)
            yield id
            waiting += children.get(id, ())


def _cycle(groups: Mapping[str, GroupState], id: str) -> set[str]:
    """The cycle that a group's parents run into."""
    path: dict[str | None, None] = {}
    at: str | None = id
    while at not in path:
        path[at] = None
        at = groups[at][2] if at is not None else None
    ids = list(path)
    return {one for one in ids[ids.index(at) :] if one is not None}


def _hang(
    groups: Mapping[str, GroupState],
    gone: set[str],
    links: Mapping[str, LinkState],
    outcomes: Mapping[str, OutcomeState],
    elsewhere: KnownGroup,
) -> tuple[dict[str, list[TreeOutcome]], list[Problem]]:
    """The outcomes of each group, and what is wrong with links."""
    hanging: dict[str, list[TreeOutcome]] = {}
    problems = []
    for id, (state, group, outcome) in links.items():
        if state == "deleted" or group in gone:
            continue
        known = None if outcome is None else outcomes.get(outcome)
        status, title = _UNKNOWN if known is None else known
        if status == "deleted":
            continue
        if known is None:
            problems.append(Problem(kind="link", id=id, problem="unknown outcome", missing=outcome))
        if group is not None and group in groups:
            hung = TreeOutcome(id="" if outcome is None else outcome, title=title, link_id=id, status=status)
            hanging.setdefault(group, []).append(hung)
        elif group is not None and elsewhere(group):
            problems.append(Problem(kind="link", id=id, problem="group in another context", missing=None))
        else:
            problems.append(Problem(kind="link", id=id, problem="unknown group", missing=group))
    for outcomes_there in hanging.values():
        if len(outcomes_there) > 1:
            outcomes_there.sort(key=lambda outcome: (outcome.id, outcome.link_id))
    return hanging, problems


def _build(
    groups: Mapping[str, GroupState],
    children: Mapping[str, list[str]],
    hanging: Mapping[str, list[TreeOutcome]],
    roots: Iterable[str],
) -> dict[str, TreeGroup]:
    """Every group that is not deleted, those below first; without recursion, since old trees may be deep."""
    built: dict[str, TreeGroup] = {}
    for id in reversed(list(_below(children, roots))):
        title, status, _ = groups[id]
        below = tuple(built[child] for child in children.get(id, ()))
        outcomes = tuple(hanging.get(id, ()))
        built[id] = TreeGroup(id=id, title=title, status=status, groups=below, outcomes=outcomes)
    return built
