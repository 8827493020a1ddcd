"""`projector scores`: scores, summaries and series."""

from __future__ import annotations

import json
from pathlib import Path

from tests.builders import outcome
from tests.serve.shell import Shell

SCORE = [
    "learner",
    "outcome",
    "context",
    "score",
    "method",
    "int",
    "mastery",
    "rating",
    "points_possible",
    "mastery_points",
    "results",
    "ordered_by",
    "judged_by",
    "outcome_status",
]


def test_scores_have_the_shape_of_the_contract(class_and_scale: Shell) -> None:
    """One line each; the basis once, on stderr, with what no event can know."""
    ran = class_and_scale("scores --outcome 7 --in Course/1 --as-of 2024-04-15 --json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [list(line) for line in lines] == [SCORE] * 3
    assert lines[0] == {
        "learner": "Ada",
        "outcome": "7",
        "context": "Course/1",
        "score": 2.19,
        "method": "decaying_average",
        "int": 65,
        "mastery": True,
        "rating": "Proficient",
        "points_possible": 3.0,
        "mastery_points": 2.0,
        "results": 2,
        "ordered_by": "assessed_at",
        "judged_by": {"scale": "Account/1", "method": "Account/1"},
        "outcome_status": "active",
    }
    assert json.loads(ran.err)["basis"]["assumed"] == [
        "account_level_mastery_scales=on (default)",
        "outcomes_new_decaying_average_calculation=on (default)",
    ]
    shown = class_and_scale("scores --learner Ada --as-of 2024-04-15")
    assert "2.19 of 3" in shown.out
    not_taken = "The events taken here do not include hidden results, unposted grades and alignments"
    assert not_taken in shown.err
    assert not_taken.lower() in " ".join(class_and_scale("scores --help").out.lower().replace("│", " ").split())
    nobody = class_and_scale("scores --learner Nobody")
    assert (nobody.out, nobody.code) == ("No scores.\n", 1)


def test_another_days_scale_and_summaries(class_and_scale: Shell) -> None:
    """The same results; a class in a few numbers."""
    line = json.loads(class_and_scale("scores --learner Ada --as-of 2024-04-15 --scale-as-of 2024-03-20 --json").out)
    assert (line["score"], line["rating"]) == (2.92, "Near")
    summary = json.loads(class_and_scale("scores --outcome 7 --summary --as-of 2024-04-15 --json").out)
    assert list(summary) == [
        "outcome",
        "context",
        "learners",
        "mean",
        "median",
        "mastered",
        "ratings",
        "unrated",
        "unattributed",
    ]
    assert (summary["mean"], summary["mastered"]) == (2.24, 2)
    assert summary["ratings"][1] == {"description": "Proficient", "color": "00AC18", "count": 2, "share": 67}
    assert "Proficient 67 %" in class_and_scale("scores --outcome 7 --summary --as-of 2024-04-15").out
    assert "courses merged" in class_and_scale("scores --across --as-of 2024-04-15").err


def test_outcomes_out_of_use_come_back_when_they_are_asked_for(class_and_scale: Shell, tmp_path: Path) -> None:
    """In scores, summaries and impact; the status of the outcome stands beside the method."""
    file = tmp_path / "deleted.jsonl"
    (tenant,) = {json.loads(line)["tenant"] for line in class_and_scale("list outcome --json").out.splitlines()}
    event = outcome("Cells", "2024-05-01T00:00:00Z", id="7", workflow_state="archived")
    file.write_text(json.dumps(event | {"metadata": event["metadata"] | {"root_account_uuid": tenant}}))
    class_and_scale("replay", file)
    for question in ("scores", "scores --summary", "impact Course/1 2024-03-20 2024-05-02"):
        day = "" if question.startswith("impact") else "--as-of 2024-05-02"
        assert class_and_scale(question, *day.split(), "--json").code == 1
        assert class_and_scale(question, *day.split(), "--json", "--inactive").code == 0
    lines = class_and_scale("scores --as-of 2024-05-02 --inactive --json").out.splitlines()
    assert {json.loads(line)["outcome_status"] for line in lines} == {"archived"}
    assert "outcome archived" in " ".join(class_and_scale("scores --as-of 2024-05-02 --inactive").out.split())
    assert "outcome archived" not in " ".join(class_and_scale("scores --as-of 2024-04-30 --inactive").out.split())


def test_mastery_through_time(class_and_scale: Shell) -> None:
    """By month, by week, or at instants that are named."""

    def course(over: str) -> list[tuple[str, float]]:
        lines = class_and_scale("scores --learner Cyd --as-of 2024-04-15 --json --over", over).out.splitlines()
        return [(line["as_of"][:10], line["score"]) for line in map(json.loads, lines)]

    assert course("monthly") == [("2024-02-29", 4.0), ("2024-03-31", 2.44), ("2024-04-15", 1.83)]
    assert course("2024-02-15, 2024-03-15") == [("2024-02-15", 4.0), ("2024-03-15", 2.44)]
    weeks = course("weekly")
    assert (weeks[0], weeks[-1], len(weeks)) == (("2024-02-04", 4.0), ("2024-04-15", 1.83), 12)
    assert (
        "\n2024-03-31  Cells (7)  Biology (Course/1)  "
        in class_and_scale("scores --summary --as-of 2024-04-15 --over monthly").out
    )
    assert class_and_scale("scores --over ,").code == 2
