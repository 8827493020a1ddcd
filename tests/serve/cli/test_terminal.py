"""Nothing that is printed for people commands the terminal, whatever names and arguments hold."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from projector.serve.cli.console import PlainConsole
from projector.serve.cli.terminal import complain, say
from tests.builders import outcome, reported
from tests.serve.shell import Shell, log_of

STEERING = ["\x1b[31mred", "\x1b]0;title\x07", "a\u202eb", "a\u2066b", "\x9b2J", "a\rb\x08", "two\nlines", "a\u2028b"]


def is_harmless(text: str) -> bool:
    """Whether a text can only be read: lines of printable characters."""
    return all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("name", STEERING)
def test_no_name_steers_the_terminal(run: Shell, tmp_path: Path, name: str) -> None:
    """Institutions, learners, outcomes, contexts, files: in answers and in what goes wrong."""
    other = outcome("Cells", id="7")
    other["metadata"] |= {"root_account_uuid": name, "root_account_id": None}
    people = tmp_path / "people.csv"
    people.write_text(f'user_uuid,name\n"{name}1","{name}"\n"{name}2","{name}"\n', newline="")
    run("replay", log_of(tmp_path, outcome(name, id=name)))
    said = [
        run.run("show", "outcome", name),
        run.run("why", "outcome", name, "--raw"),
        run.run("history", "outcome", name),
        run.run("list", "outcome"),
        run.run("evidence", "outcome", name, "--out", str(tmp_path / "page.html")),
        run.run("evidence", "--learner", name, "--outcome", name),
        run.run("scale", f"Course/{name}"),
        run.run("scale", name),
        run.run("tree", f"Account/{name}"),
        run.run("show", name, "7"),
        run.run("show", "outcome", "7", "--as-of", name),
        run.run("show", "outcome", "7", "--tz", name),
        run.run("show", "outcome", "7", f"--{name}"),
        run.run("replay", str(tmp_path / name)),
        run.run("backup", str(tmp_path / "no" / name)),
        run.run("settings", name, "on"),
        run.run("settings", "account_level_mastery_scales", name),
        run.run("tenants", "alias", name, name),
        run.run("quarantine", "drop", "--sha256", name),
        run.run("people", str(people)),
        run.run("scores", "--learner", name),
        run.run("people", str(tmp_path / name)),
        run.run("gaps", "--longer-than", name),
        run("replay", log_of(tmp_path, other)),
        run("show outcome 7"),  # several institutions, one of that name
        run("tenants"),
        run.run("tenants", "alias", name, "Ab"),
    ]
    assert [ran.out + ran.err for ran in said if not is_harmless(ran.out + ran.err)] == []
    assert "several institutions" in said[-3].err
    assert any("several learners have the name" in ran.err for ran in said)


@pytest.mark.parametrize("name", STEERING)
def test_a_line_is_one_line_on_both_streams(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A name with line ends forges no sentence of ours."""
    say(f"Wrote 1 event to {name}.")
    complain(f"no event names {name}")
    printed = capsys.readouterr()
    assert (printed.out.count("\n"), printed.err.count("\n")) == (1, 1)
    assert is_harmless(printed.out + printed.err)
    assert printed.err.startswith("projector: no event names ")


@pytest.mark.parametrize("name", STEERING)
@pytest.mark.parametrize("terminal", [True, False])
def test_the_console_itself_prints_nothing_that_steers(name: str, terminal: bool) -> None:
    """Also where a screen forgot to prepare a text; styles stay the console's own."""
    stream = io.StringIO()
    console = PlainConsole(file=stream, width=60, force_terminal=terminal)
    table = Table(name, box=None)
    table.add_row(Text(name, style="bold"))
    console.print(Text(name), table, name, markup=False, highlight=False)
    printed = stream.getvalue()
    styles = ("\x1b[1m", "\x1b[0m", "\x1b[3m")
    for style in styles:
        printed = printed.replace(style, "")
    assert is_harmless(printed)


def test_json_is_json(run: Shell, tmp_path: Path) -> None:
    """What programs read is not altered."""
    name = "a\u202eb\x1b"
    run("replay", log_of(tmp_path, reported("learning_outcome_created", {"learning_outcome_id": "7", "title": name})))
    assert json.loads(run("show outcome 7 --json").out)["state"]["title"] == name


def test_nothing_from_canvas_can_steer_the_terminal(run: Shell, tmp_path: Path) -> None:
    """Escapes are shown, markup is text, tags are left out."""
    title = "\x1b[31mred\x07 [bold]Cells[/bold] \u202e"
    run("replay", log_of(tmp_path, outcome(title, description="<b>grow</b> &amp; <i>divide</i>")))
    for line in ("show outcome 12345", "list outcome", "history outcome 12345"):
        out = run(line).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "\\x1b[31mred\\x07 [bold]Cells[/bold]" in out
    assert "grow & divide" in run("show outcome 12345").out
