"""`projector demo`: what it prints, and the files that it leaves alone."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import projector
from projector.serve.cli import main
from projector.serve.demo.college import term
from tests.builders import outcome
from tests.conftest import FIXTURES


def test_the_demo_tells_its_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One screen; a second run starts afresh, and other files are left alone."""
    folder = tmp_path / "demo"
    assert main(["demo", "--dir", str(folder)]) == 0
    first = capsys.readouterr().out
    counts = first.splitlines()[1].split(";")[0].strip()
    shown = (FIXTURES.parent / "README.md").read_text(encoding="utf-8")
    assert counts in shown, "the README shows what the demo prints"
    assert "Distinguished" in first
    assert "◄ mastery" in first
    assert "Outcome Interprets data and graphs (304): 5 versions" in first
    assert len(first.splitlines()) <= 60
    for line in [line.strip() for line in first.splitlines() if line.startswith("  projector ")]:
        assert main(shlex.split(line)[1:]) == 0, line
    capsys.readouterr()
    assert main(["sql", "FROM outcomes", "--store", str(folder / "college.db")]) == 0  # makes tables beside the store
    capsys.readouterr()
    (folder / "mine.txt").write_text("mine")
    assert main(["demo", "--dir", str(folder)]) == 2
    assert (folder / "mine.txt").read_text() == "mine"
    (folder / "mine.txt").unlink()
    assert main(["demo", "--dir", str(folder)]) == 0


@pytest.mark.parametrize("mine", ["college.jsonl", "college.db"])
@pytest.mark.parametrize("content", [b"my own", b'{"metadata":{"event_name":"course_created"},"body":{}}\n'])
def test_the_demo_replaces_only_an_earlier_demo(tmp_path: Path, mine: str, content: bytes) -> None:
    """Somebody's own log or store may have those names."""
    for name in ("college.jsonl", "college.db"):
        (tmp_path / name).write_bytes(next(term()) if name != mine else content)
    if mine == "college.jsonl":
        (tmp_path / "college.db").unlink()
        projector.open(tmp_path / "college.db").close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert main(["demo", "--dir", str(tmp_path)]) == 2
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_the_demo_leaves_a_store_that_holds_another_institution(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also beside the demo's own log."""
    (tmp_path / "college.jsonl").write_bytes(next(term()) + b"\n")
    with projector.open(tmp_path / "college.db") as p:
        p.append([next(term()), outcome("Cells", id="7")])
    assert main(["demo", "--dir", str(tmp_path)]) == 2
    assert "holds other files; name an empty folder with --dir" in capsys.readouterr().err
    with projector.open(tmp_path / "college.db", create=False) as p:
        assert len(p.tenants) == 2
