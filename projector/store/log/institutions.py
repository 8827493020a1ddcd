"""Settings and aliases: what no event says of tenants."""

from __future__ import annotations

from sqlite3 import Cursor

from projector.domain.instants import BEFORE_ALL, to_datetime
from projector.domain.settings import Setting, Switch
from projector.store.log.checksums import rows_where, update_checksum


def read_settings(cursor: Cursor) -> tuple[Setting, ...]:
    """Every setting that was ever made, in the order in which they were."""
    cursor.execute("SELECT tenant, name, value, valid_from, recorded_at FROM setting ORDER BY number")
    return tuple(
        Setting(
            tenant=tenant,
            name=name,
            value=value,
            valid_from=None if valid_from == BEFORE_ALL else to_datetime(valid_from),
            recorded_at=to_datetime(recorded_at),
        )
        for tenant, name, value, valid_from, recorded_at in cursor.fetchall()
    )


def write_setting(cursor: Cursor, tenant: str, name: str, value: Switch, valid_from: int, recorded_at: int) -> None:
    """Add a setting; instants in microseconds since 1970."""
    (number,) = cursor.execute(
        "INSERT INTO setting (tenant, name, value, valid_from, recorded_at) VALUES (?, ?, ?, ?, ?) RETURNING number",
        (tenant, name, value, valid_from, recorded_at),
    ).fetchone()
    update_checksum(cursor, "setting", added=rows_where(cursor, "setting", "number", [number]))


def write_alias(cursor: Cursor, other: str, stands_for: str, batch: int, recorded_at: int) -> None:
    """Note that two names are one institution's; ``batch`` is the last one before it was declared."""
    (number,) = cursor.execute(
        "INSERT INTO alias (other, stands_for, batch, recorded_at) VALUES (?, ?, ?, ?) RETURNING number",
        (other, stands_for, batch, recorded_at),
    ).fetchone()
    update_checksum(cursor, "alias", added=rows_where(cursor, "alias", "number", [number]))
