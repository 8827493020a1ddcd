"""The commands about mastery: scores, impact, people, evidence."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.builders import outcome
from tests.conftest import FIXTURES
from tests.serve.test_cli import Shell

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


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell over the story of a class and its scale."""
    shell = Shell(tmp_path / "s.db", capsys)
    shell("replay --keep-recorded-at", FIXTURES / "scenarios" / "class-and-scale.jsonl")
    return shell


def test_scores_have_the_shape_of_the_contract(run: Shell) -> None:
    """One line each; the basis once, on stderr, with what no event can know."""
    ran = run("scores --outcome 7 --in Course/1 --as-of 2024-04-15 --json")
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
    shown = run("scores --learner Ada --as-of 2024-04-15")
    assert "2.19 of 3" in shown.out
    not_taken = "The events taken here do not include hidden results, unposted grades and alignments"
    assert not_taken in shown.err
    assert not_taken in " ".join(run("scores --help").out.replace("│", " ").split())
    nobody = run("scores --learner Nobody")
    assert (nobody.out, nobody.code) == ("No score.\n", 1)


def test_another_days_scale_and_summaries(run: Shell) -> None:
    """The same results; a class in a few numbers."""
    line = json.loads(run("scores --learner Ada --as-of 2024-04-15 --scale-as-of 2024-03-20 --json").out)
    assert (line["score"], line["rating"]) == (2.92, "Near")
    summary = json.loads(run("scores --outcome 7 --summary --as-of 2024-04-15 --json").out)
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
    assert "Proficient 67 %" in run("scores --outcome 7 --summary --as-of 2024-04-15").out
    assert "courses merged" in run("scores --across --as-of 2024-04-15").err


def test_outcomes_out_of_use_come_back_when_they_are_asked_for(run: Shell, tmp_path: Path) -> None:
    """In scores, summaries and impact; the status of the outcome stands beside the method."""
    file = tmp_path / "deleted.jsonl"
    (tenant,) = {json.loads(line)["tenant"] for line in run("list outcome --json").out.splitlines()}
    event = outcome("Cells", "2024-05-01T00:00:00Z", id="7", workflow_state="archived")
    file.write_text(json.dumps(event | {"metadata": event["metadata"] | {"root_account_uuid": tenant}}))
    run("replay", file)
    for question in ("scores", "scores --summary", "impact Course/1 2024-03-20 2024-05-02"):
        day = "" if question.startswith("impact") else "--as-of 2024-05-02"
        assert run(question, *day.split(), "--json").code == 1
        assert run(question, *day.split(), "--json", "--inactive").code == 0
    lines = run("scores --as-of 2024-05-02 --inactive --json").out.splitlines()
    assert {json.loads(line)["outcome_status"] for line in lines} == {"archived"}
    assert "outcome archived" in " ".join(run("scores --as-of 2024-05-02 --inactive").out.split())
    assert "outcome archived" not in " ".join(run("scores --as-of 2024-04-30 --inactive").out.split())


def test_mastery_through_time(run: Shell) -> None:
    """By month, by week, or at instants that are named."""

    def course(over: str) -> list[tuple[str, float]]:
        lines = run("scores --learner Cyd --as-of 2024-04-15 --json --over", over).out.splitlines()
        return [(line["as_of"][:10], line["score"]) for line in map(json.loads, lines)]

    assert course("monthly") == [("2024-02-29", 4.0), ("2024-03-31", 2.44), ("2024-04-15", 1.83)]
    assert course("2024-02-15, 2024-03-15") == [("2024-02-15", 4.0), ("2024-03-15", 2.44)]
    weeks = course("weekly")
    assert (weeks[0], weeks[-1], len(weeks)) == (("2024-02-04", 4.0), ("2024-04-15", 1.83), 12)
    assert "As of 2024-03-31" in run("scores --summary --as-of 2024-04-15 --over monthly").out
    assert run("scores --over ,").code == 2


def test_what_a_change_of_scale_did(run: Shell) -> None:
    """Who changes level, and the counts by outcome."""
    lines = [json.loads(line) for line in run("impact Course/1 2024-03-20 2024-04-15 --json").out.splitlines()]
    members = ["learner", "outcome", "context", "before", "after", "mastery", "move"]
    assert [list(line) for line in lines] == [members] * 3
    assert [line["mastery"] for line in lines] == [[False, True], [True, True], [False, False]]
    assert [line["move"] for line in lines] == ["up", "same", "same"]
    assert lines[0]["before"] == {"score": 2.92, "rating": "Near", "mastery": False, "level": -1}
    shown = run("impact Course/1 2024-03-20 2024-04-15").out
    assert "Ada, outcome 7: 2.92 of 4, Near → 2.19 of 3, Proficient  (up)" in shown
    assert run("impact Course/9 2024-03-20 2024-04-15").code == 1
    assert run("impact Planet/9 2024-03-20 2024-04-15").code == 2


def test_people_are_for_display_and_forgotten_at_once(run: Shell, tmp_path: Path) -> None:
    """Found by uuid, SIS id or exact name; never in log, digest, history or exports."""
    before = run("digest").out + run("digest --log").out + run("export --log -").out
    people = tmp_path / "people.csv"
    lines = ("sis_id,user_uuid,name", "S1,Ada,Ada Invented", "S2,Ben,Same Name", "S3,Cyd,Same Name")
    people.write_text("\n".join(lines), encoding="utf-8-sig")
    assert run("people", people).out == "CountedWarning 3 people.\n"
    for words in ("Ada", "S1"):
        assert "Ada Invented" in run("scores --as-of 2024-04-15 --learner", words).out
    code = run("scores --json --as-of 2024-04-15 --learner S3")
    assert json.loads(code.out)["learner"] == "Cyd"
    assert run.run("scores", "--learner", "Ada Invented").code == 0
    several = run.run("scores", "--learner", "Same Name")
    assert (several.code, "Ben, Cyd" in several.err) == (2, True)
    assert run("digest").out + run("digest --log").out + run("export --log -").out == before
    assert run("people --forget Ben").out == "Forgot 1 person.\n"
    assert run("people --forget all").out == "Forgot 2 people.\n"
    assert "Invented" not in run("scores --as-of 2024-04-15").out
    assert run("people --forget Ben").code == 1
    wrong = tmp_path / "wrong.csv"
    for text, said in (("name\nAda\n", "no column user_uuid"), ("user_uuid,name\n,Ada\n", "line 2: no user_uuid")):
        wrong.write_text(text)
        ran = run("people", wrong)
        assert (ran.code, said in ran.err) == (2, True)
    assert run("people /no/such.csv").code == 2
    assert run("people").code == 2


class Tags(HTMLParser):
    """The tags of a page and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def page(path: Path) -> Tags:
    """A page, read."""
    tags = Tags()
    tags.feed(path.read_text(encoding="utf-8"))
    return tags


def test_evidence_is_one_page_with_everything_to_check_it(run: Shell, tmp_path: Path) -> None:
    """Question, answer, basis, events with digests, head hash; no script, nothing from elsewhere."""
    out = tmp_path / "page.html"
    assert run("evidence --learner Ada --outcome 7 --as-of 2024-04-15 --out", out).code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    found = page(out)
    assert "script" not in found.tags
    assert "src=" not in out.read_text()
    for words in (
        "What was the mastery of Ada on outcome 7?",
        "2.19 of 3 in Course/1: Proficient, mastered.",
        "2024-04-15 23:59:59.999999 UTC",
        "assumed",
        run("digest --log").out.strip(),
        "projector export",
    ):
        assert words.lower() in found.words.lower(), words
    for kind, id in (("result", "1"), ("result", "2"), ("scale", "9"), ("method", "3")):
        digests = [event["digest"] for event in run(f"why {kind} {id} --json").json["events"]]
        assert all(digest in found.words for digest in digests), kind
    assert run("evidence outcome 7 --as-of 2024-04-15 --out", out).code == 0
    assert "What was outcome 7?" in page(out).words
    assert run("evidence outcome 404 --out", out).code == 1
    for usage in ("evidence outcome", "evidence --learner Ada", "evidence outcome 7 --out /no/such/x.html"):
        assert run(usage).code == 2


def test_what_canvas_sent_cannot_break_the_page(run: Shell, tmp_path: Path) -> None:
    """Titles are text, not markup."""
    from tests.builders import outcome
    from tests.serve.test_cli import log_of

    event = outcome("<script>alert(1)</script> & $question", id="8")
    event["metadata"]["root_account_uuid"] = "ClassUuid000000000000000000000000000000001"
    run("replay", log_of(tmp_path, event))
    out = tmp_path / "page.html"
    run("evidence outcome 8 --out", out)
    assert "script" not in page(out).tags
    assert "<script>alert(1)</script> & $question" in page(out).words
