"""The commands tenants and settings."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from projector.domain.errors import BadQuestion
from projector.domain.settings import SETTINGS
from projector.serve.cli.options import Json, StoreOption, Tenant, Zone
from projector.serve.cli.terminal import console, print_json, say, show
from projector.serve.screen.text import moment, plain
from projector.serve.upkeep import NO_INSTITUTION, setting_asked

tenants: App = App(name="tenants")


@tenants.default
def list_tenants(*, json: Json = False, where: StoreOption = StoreOption()) -> int:
    """List the institutions, or declare two of them to be one.

    Each is shown with the number of its events, the first and the last.

    Examples:
        projector tenants
        projector tenants --json
    """
    from projector.serve.screen.lists import TENANT_COLUMNS
    from projector.serve.screen.table import stream_table

    with where.opened() as projector:
        found = projector.institutions()
        if json:
            for institution in found:
                print_json(institution)
            return 0
        rows = (
            (
                plain(one.tenant),
                f"{one.events:,}",
                "–" if one.first is None else moment(one.first, "UTC"),
                "–" if one.last is None else moment(one.last, "UTC"),
            )
            for one in found
        )
        if not stream_table(console(), TENANT_COLUMNS, rows):
            show("No events received yet.")
        return 0


@tenants.command
def alias(
    b: Annotated[str, Parameter(help="The name to give up: its events belong to A from now on.")],
    a: Annotated[str, Parameter(help="The name that both have from now on.")],
    /,
    *,
    where: StoreOption = StoreOption(),
) -> int:
    """Declare that B and A are one institution, with the name A.

    It cannot be undone except in a new store.

    Examples:
        projector tenants alias OldCollege HarborLakeCollege0000000000000000000001x
        projector tenants alias 999 HarborLakeCollege0000000000000000000001x
    """
    with where.opened(read_only=False) as projector:
        projector.alias(b, a)
    say(f"{b} and {a} are one institution from now on, called {a}.")
    return 0


def settings(
    key: Annotated[str | None, Parameter(help=" or ".join(SETTINGS) + ".")] = None,
    value: Annotated[str | None, Parameter(help="on or off.")] = None,
    /,
    *,
    since: Annotated[
        str | None, Parameter(name="--from", metavar="T", help="From then on; a day: its beginning. Default: always.")
    ] = None,
    tenant: Tenant = None,
    tz: Zone = "UTC",
    json: Json = False,
    where: StoreOption = StoreOption(),
) -> int:
    """List the settings that no event carries, or set one.

    Examples:
        projector settings
        projector settings account_level_mastery_scales off --from 2025-10-13
    """
    if (key is None) != (value is None):
        raise BadQuestion("write the setting and its value: projector settings account_level_mastery_scales off")
    if key is not None and value is not None:
        setting_asked(key, value, since, tz)  # before a store is made
        if tenant is None and not where.is_there():
            raise BadQuestion(NO_INSTITUTION)
    with where.opened(create=key is not None, read_only=key is None) as projector:
        if key is not None and value is not None:
            projector.set(key, value, since, tenant=tenant, tz=tz)
        made = projector.settings(tenant)
        if json:
            for setting in made:
                print_json(setting)
            return 0
        for setting in made:
            since = "always" if setting.valid_from is None else f"from {moment(setting.valid_from, tz)}"
            say(f"{setting.name} {setting.value}, {since}")
        for name in SETTINGS:
            if not any(setting.name == name for setting in made):
                say(f"{name} on (default)")
    return 0
