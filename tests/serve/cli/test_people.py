"""`projector people`: names for display."""

from __future__ import annotations

import json
from pathlib import Path

from tests.serve.shell import Shell


def test_people_are_for_display_and_forgotten_at_once(class_and_scale: Shell, tmp_path: Path) -> None:
    """Found by uuid, SIS id or exact name; never in log, digest, history or exports."""
    before = class_and_scale("digest").out + class_and_scale("digest --log").out + class_and_scale("export --log -").out
    people = tmp_path / "people.csv"
    lines = ("sis_id,user_uuid,name", "S1,Ada,Ada Invented", "S2,Ben,Same Name", "S3,Cyd,Same Name")
    people.write_text("\n".join(lines), encoding="utf-8-sig")
    assert class_and_scale("people", people).out == "Imported the names of 3 learners.\n"
    for words in ("Ada", "S1"):
        assert "Ada Invented" in class_and_scale("scores --as-of 2024-04-15 --learner", words).out
    code = class_and_scale("scores --json --as-of 2024-04-15 --learner S3")
    assert json.loads(code.out)["learner"] == "Cyd"
    assert class_and_scale.run("scores", "--learner", "Ada Invented").code == 0
    several = class_and_scale.run("scores", "--learner", "Same Name")
    assert (several.code, "Ben, Cyd" in several.err) == (2, True)
    assert (
        class_and_scale("digest").out + class_and_scale("digest --log").out + class_and_scale("export --log -").out
        == before
    )
    assert class_and_scale("people --forget Ben").out == "Forgot the names of 1 learner.\n"
    assert class_and_scale("people --forget all").out == "Forgot the names of 2 learners.\n"
    assert "Invented" not in class_and_scale("scores --as-of 2024-04-15").out
    assert class_and_scale("people --forget Ben").code == 1
    wrong = tmp_path / "wrong.csv"
    for text, said in (("name\nAda\n", "no column user_uuid"), ("user_uuid,name\n,Ada\n", "line 2: no user_uuid")):
        wrong.write_text(text)
        ran = class_and_scale("people", wrong)
        assert (ran.code, said in ran.err) == (2, True)
    assert class_and_scale("people /no/such.csv").code == 2
    assert class_and_scale("people").code == 2
