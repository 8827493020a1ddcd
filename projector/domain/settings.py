"""Flags of an institution that no event carries, each in force from an instant on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from attrs import frozen

from projector.domain.errors import BadQuestion

Switch = Literal["on", "off"]

ACCOUNT_SCALES: Final = "account_level_mastery_scales"
NEW_DECAYING: Final = "outcomes_new_decaying_average_calculation"
SETTINGS: Final = (ACCOUNT_SCALES, NEW_DECAYING)  # both are on until told otherwise


@frozen(kw_only=True)
class Setting:
    """A flag that somebody set; instants in microseconds since 1970."""

    tenant: str
    name: str
    value: Switch
    valid_from: int
    recorded_at: int


def in_force(settings: Iterable[Setting], tenant: str, name: str, as_of: int) -> Setting | None:
    """The setting that counts at an instant: of those made from then or earlier on the latest, then the last made."""
    mine = [s for s in settings if (s.tenant, s.name) == (tenant, name) and s.valid_from <= as_of]
    return max(mine, key=lambda setting: (setting.valid_from, setting.recorded_at), default=None)


def switch_asked(value: str | bool) -> Switch:
    """The value that a user gives a setting.

    >>> switch_asked("yes"), switch_asked(False)
    ('on', 'off')
    """
    match value if isinstance(value, bool) else value.lower():
        case True | "on" | "true" | "yes":
            return "on"
        case False | "off" | "false" | "no":
            return "off"
    raise BadQuestion(f"{value!r} is no value of a setting; write on or off")
