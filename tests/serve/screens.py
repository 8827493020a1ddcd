"""The screens of the program: command lines over the invented college, and what each prints on a terminal.

``python -m tests.serve.screens`` writes what they print at 80 columns into ``fixtures/screens``, to be looked at.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import projector
from projector.serve.demo.college import people
from tests.conftest import FIXTURES
from tests.recipes import STORE, make_store
from tests.serve.terminal import Seen, on_terminal

PICTURES: Final = FIXTURES / "screens"
MOST_LINES: Final = 60  # of a long list that are kept
ANA: Final = "Ana Souza"
NAMESAKE: Final = "Sam Reed"  # of two learners
COLLEGE: Final = "HarborLakeCollege0000000000000000000001x"
DAY: Final = "2025-10-10"

SCREENS: Final[dict[str, tuple[str, ...]]] = {
    "start": (),
    "help": ("--help",),
    "show-outcome": ("show", "outcome", "304", "--as-of", DAY),
    "show-scale": ("show", "scale", "7", "--as-of", DAY),
    "show-result": ("show", "result", "100526"),
    "show-link": ("show", "link", "5001"),
    "show-group": ("show", "group", "11"),
    "show-course": ("show", "course", "101"),
    "show-method": ("show", "method", "1"),
    "show-unknown": ("show", "outcome", "999"),
    "show-later": ("show", "outcome", "304", "--as-of", "2025-01-01"),
    "history-outcome": ("history", "outcome", "304"),
    "history-scale": ("history", "scale", "7"),
    "history-result": ("history", "result", "100526"),
    "history-unknown": ("history", "outcome", "999"),
    "list-outcome": ("list", "outcome", "--as-of", DAY),
    "list-course": ("list", "course", "--as-of", DAY),
    "list-scale": ("list", "scale", "--as-of", DAY),
    "list-link": ("list", "link", "--as-of", DAY),
    "list-result": ("list", "result", "--as-of", DAY),
    "list-nothing": ("list", "outcome", "--as-of", "2020-01-01"),
    "scale-inherited": ("scale", "Course/101", "--on", DAY),
    "scale-deleted": ("scale", "Course/109", "--on", "2025-09-25"),
    "scale-own": ("scale", "Account/30", "--on", "2025-09-10"),
    "scale-unnamed": ("scale", "Course/999"),
    "scale-of-outcome": ("scale", "--outcome", "303", "--in", "Course/101", "--on", DAY),
    "method": ("method", "Course/101", "--on", DAY),
    "tree": ("tree", "Account/1", "--as-of", DAY),
    "tree-unnamed": ("tree", "Course/999"),
    "scores-course": ("scores", "--in", "101", "--as-of", DAY),
    "scores-learner": ("scores", "--learner", ANA, "--as-of", DAY),
    "scores-summary": ("scores", "--in", "101", "--summary", "--as-of", DAY),
    "scores-over": ("scores", "--in", "101", "--outcome", "303", "--summary", "--over", "monthly"),
    "scores-nobody": ("scores", "--learner", "Nobody Known"),
    "impact-course": ("impact", "Course/101", "2025-10-12", "2025-10-13"),
    "impact-account": ("impact", "Account/10", "2025-10-12", "2025-10-13"),
    "impact-nothing": ("impact", "Course/999", "2025-10-12", "2025-10-13"),
    "why-outcome": ("why", "outcome", "304", "--as-of", "2025-10-30"),
    "why-result": ("why", "result", "100526"),
    "why-unknown": ("why", "outcome", "999"),
    "diff-outcomes": ("diff", "2025-09-01", "2025-10-20", "--kind", "outcome"),
    "diff-all": ("diff", "2025-10-01", "2025-10-20"),
    "diff-nothing": ("diff", "2025-11-01", "2025-11-02", "--kind", "scale"),
    "gaps": ("gaps", "--as-of", "2025-12-23"),
    "digest": ("digest",),
    "digest-log": ("digest", "--log"),
    "sql": ("sql", "SELECT id, title, mastery_points, valid_from FROM outcomes WHERE id = '304' ORDER BY valid_from"),
    "sql-wide": ("sql", "FROM outcomes WHERE id = '304' ORDER BY valid_from"),
    "tenants": ("tenants",),
    "settings": ("settings",),
    "quarantine": ("quarantine", "list"),
    "verify": ("verify",),
    "people": ("people", "people.csv"),
    "evidence": ("evidence", "--learner", ANA, "--outcome", "303", "--in", "101", "--as-of", DAY),
    "export": ("export", "--log", "log.jsonl"),
    "wrong-command": ("shwo", "outcome", "304"),
    "wrong-kind": ("show", "planet", "304"),
    "wrong-day": ("show", "outcome", "304", "--as-of", "2025-02-30"),
    "wrong-context": ("scale", "Planet/1"),
    "wrong-tenant": ("list", "outcome", "--tenant", "Nowhere"),
    "wrong-id": ("show", "scale", "Course/101"),
    "wrong-option": ("show", "outcome", "304", "--asof", DAY),
    "wrong-number-of-words": ("verify", "tables"),
    "missing-arguments": ("show", "outcome"),
    "missing-store": ("show", "outcome", "304", "--store", "nowhere.db"),
    "missing-file": ("replay", "nowhere.jsonl"),
    "wrong-zone": ("show", "outcome", "304", "--tz", "Mars/Olympus"),
    "wrong-setting": ("settings", "account_level_scales", "off"),
    "wrong-value": ("settings", "account_level_mastery_scales", "maybe"),
    "wrong-sql": ("sql", "SELECT titel FROM outcomes"),
    "wrong-statement": ("sql", "DROP TABLE outcomes"),
    "wrong-series": ("scores", "--in", "101", "--over", ","),
    "wrong-course": ("scores", "--in", "Planet/1"),
    "wrong-format": ("export", "--out", "tables", "--format", "xls"),
    "wrong-duration": ("gaps", "--longer-than", "long"),
    "drop-nothing": ("quarantine", "drop"),
    "drop-hash": ("quarantine", "drop", "--sha256", "ab"),
    "alias-same": ("tenants", "alias", COLLEGE, COLLEGE),
    "alias-blank": ("tenants", "alias", "", COLLEGE),
    "export-taken": ("export", "--out", "taken"),
    "export-nothing": ("export",),
    "backup-taken": ("backup", "people.csv"),
    "replay-empty": ("replay", "taken"),
    "evidence-unknown": ("evidence", "--learner", "Nobody Known", "--outcome", "303"),
    "evidence-half": ("evidence", "--learner", ANA),
    "scores-namesakes": ("scores", "--learner", NAMESAKE),
    "people-nothing": ("people",),
    "people-columns": ("people", "taken/notes.md"),
    "verify-head": ("verify", "--head", "ab"),
    "serve-open": ("serve", "--host", "0.0.0.0"),
    "serve-keys": ("serve", "--keys", "keys.json"),
    "serve-insecure": ("serve", "--keys", "http://keys.example/jwks.json", "--accept", COLLEGE),
    "serve-tokens": ("serve", "--tokens", "people.csv"),
    "token-nothing": ("token",),
    "token-scope": ("token", "--scope", "all"),
}

OTHERS: Final[tuple[tuple[str, ...], ...]] = (  # of which no picture is kept: they print times, or change the store
    ("demo", "--dir", "another"),
    ("replay", "log.jsonl"),
    ("replay", "people.csv"),
    ("replay", "--json", "log.jsonl"),
    ("quarantine", "retry"),
    ("rebuild",),
    ("token", "--scope", "admin", "--name", "keeper"),
    ("backup", "copy.db"),
    ("export", "--out", "tables"),
    ("scores", "--out", "scores.csv"),
    ("settings", "account_level_mastery_scales", "off", "--from", "2025-11-01"),
    ("settings",),
    ("scale", "Course/101"),
    ("tenants", "alias", "Harbor", "HarborLakeCollege0000000000000000000001x"),
    ("tenants",),
    ("quarantine", "drop", "--all"),
    ("quarantine", "list"),
    ("people", "--forget", "all"),
    ("scores", "--learner", ANA),
    ("verify",),
)


def make_folder(folder: Path) -> Path:
    """The folder of the screens: the college's store, as it was received on two days, with its learners' names."""
    make_store(folder)
    (folder / "people.csv").write_bytes(b"\n".join(people()) + b"\n")
    (folder / "namesakes.csv").write_text(f"user_uuid,name\nsam-1,{NAMESAKE}\nsam-2,{NAMESAKE}\n", encoding="utf-8")
    (folder / "taken").mkdir()
    (folder / "taken" / "notes.md").write_text("Notes of the term.\n", encoding="utf-8")
    with projector.open(folder / STORE) as p:
        p.know_people(folder / "people.csv")
        p.know_people(folder / "namesakes.csv")
    return folder


def on_screen(folder: Path, *words: str, columns: int = 80) -> Seen:
    """What a terminal shows of a command line in the folder."""
    return on_terminal(*words, columns=columns, folder=folder, PROJECTOR_STORE=STORE)


def picture(seen: Seen) -> str:
    """What is kept of a screen: all of it, of a long one the first lines."""
    bars = "━"  # of progress
    lines = "\n".join(line.lstrip("\r") for line in seen.lines if bars not in line).strip("\n").split("\n")
    more = [f"[{len(lines) - MOST_LINES:,} more lines]"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more]) + "\n"


def _write() -> None:
    folder = make_folder(Path(tempfile.mkdtemp()))
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    for name, words in SCREENS.items():
        (PICTURES / f"{name}.txt").write_text(picture(on_screen(folder, *words)), encoding="utf-8")
        print(name, file=sys.stderr)
    shutil.rmtree(folder)


if __name__ == "__main__":
    _write()
