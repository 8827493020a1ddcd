"""`projector settings`: a setting from a day on, and the list of settings."""

from __future__ import annotations

from tests.serve.shell import Shell


def test_settings_are_made_and_listed(curriculum: Shell) -> None:
    """From a day on, in the reader's zone."""
    assert "account_level_mastery_scales on (default)" in curriculum("settings").out
    made = curriculum("settings account_level_mastery_scales off --from 2024-02-01 --json")
    assert made.json["from"] == "2024-02-01T00:00:00.000000Z"
    assert curriculum("scale Account/1 --on 2024-02-15 --json").json["because"] == "switched off"
    assert curriculum("scale Account/1 --on 2024-01-15").code == 0
    assert "switched off" in curriculum("scale Account/1 --on 2024-02-15").out
    for usage in (
        "settings colour red",
        "settings account_level_mastery_scales",
        "settings account_level_mastery_scales 7",
    ):
        assert curriculum(usage).code == 2
