"""Settings: flags of a tenant that no event carries, each in force from an instant on; and names of learners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from attrs import evolve, frozen

from projector.domain.answers import Answer
from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion
from projector.domain.instants import BEFORE_ALL, from_datetime
from projector.domain.tenancy import Tenancy

Switch = Literal["on", "off"]

ACCOUNT_SCALES: Final = "account_level_mastery_scales"
NEW_DECAYING: Final = "outcomes_new_decaying_average_calculation"
SETTINGS: Final = (ACCOUNT_SCALES, NEW_DECAYING)  # both are on by default


@frozen(kw_only=True)
class Setting(Answer):
    """A flag that was set for an institution; ``valid_from`` None: it is in force always.

    ``tenant`` is the name under which it was set: a uuid, an alias or a root account's id.
    """

    tenant: str
    name: str
    value: Switch
    valid_from: datetime | None
    recorded_at: datetime


def settings_of(settings: Sequence[Setting], tenancy: Tenancy, tenant: str) -> list[Setting]:
    """An institution's settings, in the order in which they were made, by what is known of institutions now.

    A name belongs to the institution that an event of that name would belong to.

    >>> from projector.domain.instants import EPOCH
    >>> made = Setting(tenant="1", name=ACCOUNT_SCALES, value="off", valid_from=None, recorded_at=EPOCH)
    >>> [setting.tenant for setting in settings_of([made], Tenancy(pairs=[("Ab", "1")]), "Ab")]
    ['Ab']
    """
    return [evolve(made, tenant=tenant) for made in settings if tenancy.tenant_meant(made.tenant) == tenant]


def in_force(settings: Sequence[Setting], name: str, as_of: int) -> Setting | None:
    """The setting that counts at an instant: of those made from then or earlier on the latest, then the last made.

    Args:
        settings: Of one institution, in the order in which they were made.
    """
    candidates = [setting for setting in reversed(settings) if setting.name == name and _start(setting) <= as_of]
    return max(candidates, key=lambda setting: (_start(setting), setting.recorded_at), default=None)


def _start(setting: Setting) -> int:
    """From when on a setting is in force, in microseconds since 1970."""
    return BEFORE_ALL if setting.valid_from is None else from_datetime(setting.valid_from)


def switch_asked(value: str | bool) -> Switch:
    """The value that a user gives a setting.

    Raises:
        BadQuestion: it is not one.

    >>> switch_asked("yes"), switch_asked(False)
    ('on', 'off')
    """
    match value.lower() if isinstance(value, str) else value:
        case True | "on" | "true" | "yes":
            return "on"
        case False | "off" | "false" | "no":
            return "off"
    raise BadQuestion(f"invalid value {shown(value)} for a setting; write on or off")


def setting_named(name: str) -> str:
    """The setting that a user names.

    Raises:
        BadQuestion: it is not one.
    """
    if not isinstance(name, str) or name not in SETTINGS:
        raise BadQuestion(f"unknown setting {shown(name)}; the settings are {', '.join(SETTINGS)}")
    return name


@frozen(kw_only=True)
class Person:
    """A learner by Canvas' uuid, with a name and an SIS id where they are known."""

    user_uuid: str
    name: str | None = None
    sis_id: str | None = None
