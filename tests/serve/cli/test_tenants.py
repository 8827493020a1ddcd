"""`projector tenants`: the institutions and their aliases."""

from __future__ import annotations

from pathlib import Path

from tests.builders import reported
from tests.serve.shell import Shell, log_of


def test_tenants_and_aliases(curriculum: Shell, tmp_path: Path) -> None:
    """Their events, first and last; and two declared one."""
    line = curriculum("tenants --json").json
    assert list(line) == ["tenant", "names", "root_accounts", "events", "first", "last"]
    assert (line["events"], line["first"]) == (7, "2024-01-01T00:00:00.000000Z")
    curriculum(
        "replay",
        log_of(tmp_path, reported("learning_outcome_created", {"learning_outcome_id": "1"}, root_account_uuid="Jobs")),
    )
    assert len(curriculum("tenants --json").out.splitlines()) == 2
    assert curriculum("tenants alias Jobs", line["tenant"]).code == 0
    assert curriculum("tenants --json").json["events"] == 8
    assert curriculum("tenants alias Jobs", line["tenant"]).code == 2
    assert "HarborUuid" in curriculum("tenants").out
