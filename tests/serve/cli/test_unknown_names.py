"""Contexts, learners and institutions that no event names: said first, and never answered as if they were known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import HARBOR, ROOT, mark, outcome, reported, scale
from tests.serve.shell import Shell, log_of

CONTEXTS = ["Course/999", "account/998", "Course/21070000000000999"]


@pytest.fixture
def school(run: Shell, tmp_path: Path) -> Shell:
    """A scale, an outcome, two courses, a learner."""
    page = outcome("Roots", id="8")
    page["metadata"] |= {"context_type": "Course", "context_id": "21070000000000044", "context_account_id": "55"}
    events = [scale("2024-01-01T00:00:00Z"), outcome("Cells", id="7"), mark("1", "Ada", 0.6), page]
    events.append(reported("course_updated", {"course_id": "21070000000000033", "account_id": "66"}))
    run("replay", log_of(tmp_path, *events))
    return run


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize(
    "words",
    [
        "scale {}",
        "method {}",
        "tree {}",
        "scores --in {}",
        "impact {} 2024-01-01 2024-05-01",
        "diff 2024-01-01 2024-05-01 --context {}",
    ],
)
@pytest.mark.parametrize("json", [False, True])
def test_a_context_that_no_event_names_is_said_first(school: Shell, words: str, context: str, json: bool) -> None:
    """On stderr, before everything else; the answer stays what it is."""
    if words.startswith("scores") and context.startswith("account"):
        context = "Course/998"
    ran = school(words.format(context), *(["--json"] if json else []))
    assert ran.err.splitlines()[0] == f"projector: no event names {context}"
    assert ran.code == (0 if words.startswith("scale") else 1)
    if words.startswith("scale") and json:
        assert (ran.json["lineage"], ran.json["found_at"]) == ("hint", "Account/1")


@pytest.mark.parametrize(
    "context",
    ["Course/1", "Account/1", "course/33", "Course/21070000000000033", "Account/66", "Course/44", "Account/55"],
)
def test_a_context_that_some_event_names_is_not(school: Shell, context: str) -> None:
    """A result's, a scale's, a course's own, its account, and what a page names."""
    for words in (f"scale {context}", f"tree {context}"):
        assert "no event names" not in school(words).err


@pytest.mark.parametrize("lineage", ["Course/999,Account/1", "Account/1, Course/999", "Course/999,Course/1"])
@pytest.mark.parametrize("command", ["scale", "method"])
def test_so_is_one_of_a_lineage_and_where_an_outcome_was_taught(school: Shell, command: str, lineage: str) -> None:
    """Each once, whoever names it."""
    ran = school.run(command, "Course/999", "--lineage", lineage)
    assert ran.err.count("no event names Course/999\n") == 1
    assert school(f"{command} --outcome 7 --in Course/999").err == "projector: no event names Course/999\n"
    assert school(f"{command} Course/1 --lineage Account/1").err == ""


@pytest.mark.parametrize("course", ["999", "Course/999"])
def test_so_is_the_course_of_a_page_of_evidence(school: Shell, course: str, tmp_path: Path) -> None:
    """Before what became of the page; nothing where some event names the course."""
    words = ["evidence", "--learner", "Ada", "--outcome", "7", "--out", str(tmp_path / "page.html"), "--in"]
    assert school.run(*words, course).err == "projector: no event names Course/999\n"
    assert school.run(*words, "Course/1").err == ""


def test_what_was_not_recorded_yet_names_nothing(school: Shell) -> None:
    """By what was known then; an instant before all events is no matter."""
    assert "no event names Course/1" in school("scale Course/1 --known-at 2020-01-01").err
    assert "no event names" not in school("scale Course/1 --on 2000-01-01").err


@pytest.mark.parametrize("learner", ["Ida", "adA", "42"])
def test_a_learner_that_no_event_names_is_said_first(school: Shell, learner: str) -> None:
    """Also where it is a name that nobody has."""
    ran = school("scores --learner", learner)
    assert ran.err.splitlines()[0] == f"projector: no event names the learner {learner}"
    assert (ran.code, ran.out) == (1, "No scores.\n")
    assert "no event names" not in school("scores --learner Ada").err


@pytest.mark.parametrize("tenant", ["Harbor", "harboruuid", HARBOR[:-1], HARBOR.lower(), "999"])
@pytest.mark.parametrize(
    "words",
    [
        "list outcome",
        "show outcome 7",
        "history outcome 7",
        "scale Account/1",
        "method Account/1",
        "tree Account/1",
        "scores",
        "impact Account/1 2024-01-01 2024-05-01",
        "diff 2024-01-01 2024-05-01",
        "evidence outcome 7",
        "digest",
        "gaps",
        "why outcome 7",
    ],
)
def test_an_institution_that_is_none_is_bad_usage(school: Shell, words: str, tenant: str) -> None:
    """The sentence lists those there are."""
    ran = school(words, "--tenant", tenant)
    assert (ran.code, ran.out) == (2, "")
    assert f"no event names the institution '{tenant}'" in ran.err
    assert HARBOR in ran.err


@pytest.mark.parametrize("tenant", [HARBOR, ROOT, "2107~1"])
def test_an_institution_is_named_by_its_uuid_or_root_account(school: Shell, tenant: str) -> None:
    """In any spelling of that id."""
    assert school("show outcome 7 --tenant", tenant).code == 0
