"""`projector evidence`: a page where something is known, and a plain no where nothing is."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.builders import mark, outcome, scale
from tests.serve.shell import Shell, log_of

EARLY = "2024-01-01T00:00:00Z"


def page(run: Shell, tmp_path: Path, *words: str) -> tuple[int, str, str]:
    """Exit code, what was said, and the page; "" where none was written."""
    file = tmp_path / "page.html"
    file.unlink(missing_ok=True)
    ran = run.run("evidence", *words, "--out", str(file))
    return ran.code, ran.out + ran.err, file.read_text() if file.exists() else ""


@pytest.fixture
def school(run: Shell, tmp_path: Path) -> Shell:
    """Ada and an outcome, no scale."""
    events = [outcome("Cells", EARLY, id="7"), outcome("Roots", EARLY, id="8"), mark("1", "Ada", 0.6)]
    run("replay", log_of(tmp_path, *events))
    return run


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


def read(path: Path) -> Tags:
    """A page, read."""
    tags = Tags()
    tags.feed(path.read_text(encoding="utf-8"))
    return tags


def test_evidence_is_one_page_with_everything_to_check_it(class_and_scale: Shell, tmp_path: Path) -> None:
    """Question, answer, basis, events with digests, head hash; no script, nothing from elsewhere."""
    out = tmp_path / "page.html"
    assert class_and_scale("evidence --learner Ada --outcome 7 --as-of 2024-04-15 --out", out).code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    found = read(out)
    assert "script" not in found.tags
    assert "src=" not in out.read_text()
    for words in (
        "What was the mastery of Ada on outcome Cells (7)?",
        "2.19 of 3 in Biology (Course/1): Proficient, mastered.",
        "2024-04-15 23:59:59.999999 UTC",
        "assumed",
        class_and_scale("digest --log").out.strip(),
        "projector export",
    ):
        assert words.lower() in found.words.lower(), words
    for kind, id in (("result", "1"), ("result", "2"), ("scale", "9"), ("method", "3")):
        digests = [event["digest"] for event in class_and_scale(f"why {kind} {id} --json").json["events"]]
        assert all(digest in found.words for digest in digests), kind
    assert class_and_scale("evidence outcome 7 --as-of 2024-04-15 --out", out).code == 0
    assert "What was the state of outcome Cells (7)?" in read(out).words
    assert class_and_scale("evidence outcome 404 --out", out).code == 1
    for usage in ("evidence outcome", "evidence --learner Ada", "evidence outcome 7 --out /no/such/x.html"):
        assert class_and_scale(usage).code == 2


def test_what_canvas_sent_cannot_break_the_page(class_and_scale: Shell, tmp_path: Path) -> None:
    """Titles are text, not markup."""
    event = outcome("<script>alert(1)</script> & $question", id="8")
    event["metadata"]["root_account_uuid"] = "ClassUuid000000000000000000000000000000001"
    class_and_scale("replay", log_of(tmp_path, event))
    out = tmp_path / "page.html"
    class_and_scale("evidence outcome 8 --out", out)
    assert "script" not in read(out).tags
    assert "<script>alert(1)</script> & $question" in read(out).words


def test_evidence_as_json_is_one_object(school: Shell, tmp_path: Path) -> None:
    """Also where nothing was in effect then."""
    file = tmp_path / "page.html"
    ran = school("evidence outcome 7 --json --out", file)
    assert list(ran.json) == ["file", "answer", "known"]
    assert (ran.json["file"], ran.json["known"]) == (str(file), True)
    early = school("evidence outcome 7 --as-of 2019-01-01 --json --out", file)
    assert (early.code, json.loads(early.out)["known"]) == (1, False)


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        (None, "3 in Course/1: no mastery scale event was received."),
        ({"points_possible": 5, "ratings": [{"points": 5}]}, "no mastery scale event was received."),
        ({"points_possible": 5, "mastery_points": 3, "ratings": []}, "3 of 5 in Course/1: mastered."),
        ({"points_possible": 5, "mastery_points": 4, "ratings": []}, "3 of 5 in Course/1: not mastered."),
    ],
)
def test_without_a_mastery_line_nothing_is_said_of_mastery(
    school: Shell, tmp_path: Path, criterion: dict[str, Any] | None, said: str
) -> None:
    """Neither that it was reached nor that it was not."""
    school("replay", log_of(tmp_path, outcome("Cells", "2024-01-02T00:00:00Z", id="7", rubric_criterion=criterion)))
    code, printed, html = page(school, tmp_path, "--learner", "Ada", "--outcome", "7")
    assert code == 0
    assert said in printed
    assert said in html
    assert ("mastered" in printed) == ("mastered" in said)


def test_a_scale_without_a_mastery_rating_says_so(school: Shell, tmp_path: Path) -> None:
    """An event of it was received, so nothing else is said."""
    none = [{"description": "High", "points": 4, "mastery": False}, {"description": "Low", "points": 0}]
    school("replay", log_of(tmp_path, scale(EARLY, outcome_proficiency_ratings=none)))
    code, printed, html = page(school, tmp_path, "--learner", "Ada", "--outcome", "7")
    said = "2.4 of 4 in Course/1: Low, the scale of Account/1 has no mastery rating."
    assert (code, said in printed, said in html) == (0, True, True)


@pytest.mark.parametrize("how", ["deleted", "switched off"])
def test_a_scale_that_is_not_in_effect_was_received_all_the_same(school: Shell, tmp_path: Path, how: str) -> None:
    """So it is not said that none was."""
    school("replay", log_of(tmp_path, scale(EARLY, workflow_state="deleted" if how == "deleted" else "active")))
    if how == "switched off":
        school("settings account_level_mastery_scales off")
    code, printed, _ = page(school, tmp_path, "--learner", "Ada", "--outcome", "7")
    assert (code, "no mastery scale was in effect." in printed) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("outcome", "77"), "no event of outcome 77 was received"),
        (("outcome", "9"), "no event of outcome 9 was received"),
        (("--learner", "Ida", "--outcome", "7"), "no event names the learner Ida"),
        (("--learner", "Ada", "--outcome", "77"), "no event of outcome 77 was received"),
        (("outcome", "5" * 300), f"no event of outcome {'5' * 60}… was received"),
        (("--learner", "I" * 300, "--outcome", "7"), f"no event names the learner {'I' * 60}…"),
    ],
)
def test_it_is_said_what_is_not_known(school: Shell, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """An outcome that results name may have no event of its own; of a long name the beginning."""
    school("replay", log_of(tmp_path, mark("9", "Ben", 0.6, of="9")))
    code, printed, html = page(school, tmp_path, *words)
    assert (code, printed, html) == (1, f"projector: {said}; nothing was written\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ("--learner", "Ida", "--outcome", "7"),
        ("--learner", "Ada", "--outcome", "77"),
        ("--learner", "Ada Lovelace", "--outcome", "7"),
        ("--learner", "Ida", "--outcome", "77", "--in", "Course/1"),
        ("outcome", "77"),
        ("result", "404"),
        ("scale", "1"),
    ],
)
def test_of_what_no_event_names_there_is_no_page(school: Shell, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Nothing is written, an earlier page stays, and the sentence says what was looked for."""
    code, printed, html = page(school, tmp_path, *words)
    assert (code, html) == (1, "")
    assert "nothing was written" in printed
    assert page(school, tmp_path, "outcome", "7")[0] == 0
    file = tmp_path / "page.html"
    before = file.read_text()
    assert school.run("evidence", *words, "--out", str(file)).code == 1
    assert file.read_text() == before


def test_of_a_known_learner_and_outcome_without_a_score_there_is_a_page(school: Shell, tmp_path: Path) -> None:
    """That there was no score then may be the answer that is wanted."""
    for words in ("--learner Ada --outcome 8", "--learner Ada --outcome 7 --as-of 2019-01-01"):
        code, printed, html = page(school, tmp_path, *words.split())
        assert code == 1
        assert "No score" in printed
        assert "No score" in html


@pytest.mark.parametrize("context", ["Course/101", "account/1", " Course/101 ", "COURSE/5"])
@pytest.mark.parametrize("command", ["evidence", "show", "history", "why"])
@pytest.mark.parametrize("kind", ["scale", "scales", "method", "outcome"])
def test_a_context_where_an_id_belongs_names_the_command_that_is_meant(
    school: Shell, command: str, kind: str, context: str
) -> None:
    """Exit 2, before anything is read or written."""
    ran = school.run(command, kind, context)
    meant = "method" if kind == "method" else "scale"
    type, id = context.strip().split("/")
    assert (ran.code, ran.out) == (2, "")
    assert f"projector {meant} {type.capitalize()}/{id}" in ran.err


@pytest.mark.parametrize("context", ["Course/101", "account/1"])
def test_a_context_for_an_outcome_names_it_too(school: Shell, tmp_path: Path, context: str) -> None:
    """Wherever an outcome is asked for."""
    code, printed, html = page(school, tmp_path, "--learner", "Ada", "--outcome", context)
    assert (code, html) == (2, "")
    assert f"projector scale {context.capitalize()}" in printed
    for command in ("scale", "method"):
        ran = school.run(command, "--outcome", context)
        assert (ran.code, "is a context, not the id of an outcome" in ran.err) == (2, True)


def test_of_a_long_context_the_beginning_is_said(school: Shell) -> None:
    """As of any argument."""
    assert len(school.run("show", "scale", "Course/" + "9" * 5000).err) < 300


def test_other_ids_with_a_stroke_are_ids(school: Shell, tmp_path: Path) -> None:
    """Only what reads as an account or a course is taken for one."""
    school("replay", log_of(tmp_path, outcome("Odd", EARLY, id="Group/1"), scale(EARLY)))
    assert school.run("show", "outcome", "Group/1").code == 0
    assert "write course 7" in school.run("show", "course", "Course/7").err
