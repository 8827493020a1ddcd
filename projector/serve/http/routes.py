"""The questions that may be asked by GET: where each is, its parameters, and what answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from attrs import frozen

from projector.serve.http import answers, parameters
from projector.serve.http.asked import Asked, Reply
from projector.serve.http.parameters import Parameter

_WHEN: Final = (parameters.KNOWN_AT, parameters.TENANT, parameters.TZ)
_PAGED: Final = (parameters.LIMIT, parameters.CURSOR)


@frozen(kw_only=True)
class Route:
    """One question: ``path`` names its parts in braces; ``shape`` is the name of the schema of its answer.

    ``lane`` says whether it comes at once or may take long; ``also`` are names of parameters that are understood too.
    """

    path: str
    name: str
    summary: str
    answer: Callable[[Asked], Reply]
    shape: str
    parameters: tuple[Parameter, ...] = ()
    also: tuple[str, ...] = ()
    lane: Literal["quick", "long"] = "quick"
    or_unknown: bool = False  # 404 with an answer that says why nothing is there


ROUTES: Final = (
    Route(
        path="/v1/scale",
        name="scale",
        summary="The mastery scale in effect in a context",
        answer=answers.scale,
        shape="InForce",
        parameters=(parameters.CONTEXT, parameters.ON, parameters.LINEAGE, *_WHEN),
        also=("as_of",),
        or_unknown=True,
    ),
    Route(
        path="/v1/method",
        name="method",
        summary="The calculation method in effect in a context",
        answer=answers.method,
        shape="InForce",
        parameters=(parameters.CONTEXT, parameters.ON, parameters.LINEAGE, *_WHEN),
        also=("as_of",),
        or_unknown=True,
    ),
    Route(
        path="/v1/tree",
        name="tree",
        summary="The groups and outcomes of a context",
        answer=answers.tree,
        shape="Tree",
        parameters=(parameters.CONTEXT, parameters.AS_OF, *_WHEN),
        lane="long",
        or_unknown=True,
    ),
    Route(
        path="/v1/scores",
        name="scores",
        summary="Learners' scores, as Canvas rolls them up",
        answer=answers.scores,
        shape="Scores",
        parameters=(
            parameters.OUTCOME,
            parameters.LEARNER,
            parameters.COURSE,
            parameters.AS_OF,
            parameters.SCALE_AS_OF,
            parameters.ACROSS,
            parameters.INACTIVE,
            *_WHEN,
            *_PAGED,
        ),
        lane="long",
    ),
    Route(
        path="/v1/diff",
        name="diff",
        summary="What differs between two instants",
        answer=answers.diff,
        shape="Differences",
        parameters=(parameters.FROM, parameters.TO, parameters.KIND, parameters.IN_CONTEXT, *_WHEN, *_PAGED),
        lane="long",
    ),
    Route(
        path="/v1/digest",
        name="digest",
        summary="One hash of all states",
        answer=answers.digest,
        shape="Digest",
        parameters=(parameters.AS_OF, *_WHEN),
        lane="long",
    ),
    Route(
        path="/v1/{kinds}",
        name="list",
        summary="All outcomes, groups, scales, … in effect",
        answer=answers.list_kind,
        shape="Versions",
        parameters=(parameters.AS_OF, parameters.DELETED, *_WHEN, *_PAGED),
        lane="long",
    ),
    Route(
        path="/v1/{kinds}/{id}",
        name="show",
        summary="One outcome, group, scale, … as of an instant",
        answer=answers.show,
        shape="Version",
        parameters=(parameters.AS_OF, *_WHEN),
        or_unknown=True,
    ),
    Route(
        path="/v1/{kinds}/{id}/history",
        name="history",
        summary="Every version, oldest first",
        answer=answers.history,
        shape="History",
        parameters=_WHEN,
        lane="long",
        or_unknown=True,
    ),
    Route(
        path="/v1/{kinds}/{id}/why",
        name="why",
        summary="Which event is in effect, and why no other is",
        answer=answers.why,
        shape="Explanation",
        parameters=(parameters.AS_OF, parameters.RAW, *_WHEN),
        lane="long",
        or_unknown=True,
    ),
)
