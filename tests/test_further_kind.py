"""A further kind is added in two places: a class, and an entry of the catalogue; as the architecture page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import projector

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "architecture.md"
STATES, CATALOGUE = re.findall(
    r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8").split("## Add a kind")[1], re.DOTALL
)
ASKED = """
import projector
def reported(verb, time, **body):
    return {"metadata": {"event_name": f"rubric_association_{verb}", "event_time": time, "root_account_uuid": "Harbor"},
            "body": {"rubric_association_id": "7", "context_type": "Course", "context_id": "5", **body}}
with projector.open("s.db") as p:
    report = p.append([reported("created", "2025-01-01T00:00:00Z", points=4),
                       reported("updated", "2025-02-01T00:00:00Z", points=5),
                       reported("updated", "2025-03-01T00:00:00Z", points=[1])])
    view = p.as_of("2025-01-15")
    print(report.appended, report.quarantined, view.get("associations", 7).aggregate.points)
    differing = p.diff("2024-12-31", "2025-01-15", context="Course/5")
    print([v.changes for v in p.history("association", "7")], [one.id for one in differing])
    p.rebuild()
    print(p.verify().damage, len(p.digest()))
"""


def test_a_class_and_an_entry_are_enough(tmp_path: Path) -> None:
    """It is taken, checked, asked for, listed, compared, rebuilt, verified and shown."""
    copytree(Path(projector.__file__).parent, tmp_path / "projector")
    _put(
        tmp_path / "projector/domain/states.py",
        "Aggregate = (\n",
        f"{STATES}\n\nAggregate = (\n    RubricAssociation\n    | ",
    )
    _put(tmp_path / "projector/domain/catalogue.py", '"account"\n]', '"account", "association"\n]')
    _put(tmp_path / "projector/domain/catalogue.py", ")\n\nMETADATA", f"    {CATALOGUE.strip()},\n)\n\nMETADATA")
    assert _run(tmp_path, "-c", ASKED).splitlines() == [
        "2 1 4",
        "[{}, {'points': (4, 5)}] ['7']",
        "None 64",
    ]
    shown = _run(tmp_path, "-m", "projector", "show", "association", "7", "--store", "s.db")
    assert re.search(r"^Association 7 +active$", shown, re.MULTILINE)
    assert re.search(r"^ +Points +5 *$", shown, re.MULTILINE)


def _put(file: Path, where: str, instead: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(where) == 1
    file.write_text(text.replace(where, instead), encoding="utf-8")


def _run(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout
