"""Hypothesis strategies: JSON values, and reports with few ids and times, so that ties are common."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tests.builders import HARBOR, ROOT, Event, reported, result
from tests.naive import canonical

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: not any("\ud800" <= c <= "\udfff" for c in json.dumps(value, ensure_ascii=False)))

TIMES = (
    "2024-03-01T10:00:00Z",
    "2024-03-01T04:00:00-06:00",  # the same instant
    "2024-03-01T10:00:00.500Z",
    "2024-03-01 02:30:00 -0800",
    "2024-03-02T00:00:00Z",
)
SOME_TIMES = st.sampled_from(TIMES)

# a small world on purpose: the same few ids, times and titles, so that ties and collisions are common
ids = st.sampled_from(["1", 1, "21070000000000001", "2107~1", "2", "99990000000000002"])
bodies = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Cells", "Cell biology", None]),
        "workflow_state": st.sampled_from(["active", "deleted", None, ""]),
        "updated_at": st.sampled_from([*TIMES, None, "soon"]),
        "points": st.sampled_from([5, 5.0, 0.1, -0.0]),
    },
)
tenants = st.sampled_from(
    [
        (HARBOR, ROOT),
        (None, ROOT),
        (HARBOR, None),
        ("Other", "21080000000000001"),
        (None, "21080000000000001"),
        (None, "7"),
    ]
)
verbs = st.sampled_from(["created", "updated"])


@st.composite
def outcomes(draw: st.DrawFn) -> Event:
    """A report of an outcome, a group or a link."""
    stem, field = draw(
        st.sampled_from(
            [
                ("learning_outcome", "learning_outcome_id"),
                ("learning_outcome_group", "learning_outcome_group_id"),
                ("learning_outcome_link", "learning_outcome_link_id"),
            ]
        )
    )
    uuid, root = draw(tenants)
    return reported(
        f"{stem}_{draw(verbs)}",
        {field: draw(ids)} | draw(bodies),
        draw(SOME_TIMES),
        root_account_uuid=uuid,
        root_account_id=root,
    )


@st.composite
def results(draw: st.DrawFn) -> Event:
    """A report of a result, of any producer generation."""
    uuid, root = draw(tenants)
    identity = draw(
        st.fixed_dictionaries(
            {
                "learning_outcome_id": ids,
                "created_at": SOME_TIMES,
                "user_uuid": st.sampled_from([None, "Ada", "Ben"]),
                "artifact_type": st.sampled_from(["RubricAssessment", "Quizzes::QuizSubmission"]),
                "associated_asset_id": st.sampled_from([None, "56", 56, "21070000000000056"]),
                "associated_asset_type": st.just("Assignment"),
            },
            optional={"id": ids},
        )
    )
    return reported(
        f"learning_outcome_result_{draw(verbs)}",
        identity | draw(bodies),
        draw(SOME_TIMES),
        root_account_uuid=uuid,
        root_account_id=root,
    )


events = outcomes() | results()
logs = st.lists(events, max_size=12)

# reports of one aggregate, each once
one_outcome = st.builds(
    lambda verb, body, at: reported(f"learning_outcome_{verb}", {"learning_outcome_id": "5"} | body, at),
    verbs,
    bodies,
    SOME_TIMES,
)
one_result = st.builds(lambda verb, body, at: result(at, id="5", verb=verb, **body), verbs, bodies, SOME_TIMES)
logs_of_one = st.lists(one_outcome, max_size=8, unique_by=canonical) | st.lists(
    one_result, max_size=8, unique_by=canonical
)
