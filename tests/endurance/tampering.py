"""A store that has rows in every table, and what somebody may do to them behind its back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import projector
from projector.domain.files import FileRead
from tests.builders import Clock, Event, outcome, reported, result, scale

OTHER: Final = "21080000000000001"


def fill(p: projector.Projector, folder: Path) -> None:
    """Do everything to a store that can be done to one, so that every table has rows."""
    uuid = {"root_account_uuid": "Other", "root_account_id": OTHER}
    p.append([outcome("Cells", f"2024-03-{day:02}T10:00:00Z", context_type="Course", context_id=565) for day in (1, 2)])
    p.append(
        [outcome(f"Cells {n}", f"2024-04-01T10:{n:02}:00Z", context_type="Account", context_id=1) for n in range(40)]
    )
    p.append(
        [
            result(user_uuid="Ada", user_id="7"),
            result(id="9", user_uuid="Ada"),
            result(title="Ada, quiz"),
            scale("2024-03-01T10:00:00Z"),
        ]
    )
    p.append(
        reported("learning_outcome_created", {"learning_outcome_id": "108~1", "title": "Abroad"}, root_account_id=None)
    )
    p.append(
        [reported("learning_outcome_created", {"learning_outcome_id": n, "title": "There"}, **uuid) for n in (1, 2, 3)]
    )
    p.append(
        reported(
            "course_created",
            {"course_id": "21090000000000002", "account_id": "1"},
            context_type="Course",
            context_id="565",
        )
    )
    p.append(
        [
            reported(
                "learning_outcome_created", {"learning_outcome_id": 4}, root_account_uuid="Third", root_account_id=None
            )
        ]
    )
    p.append([outcome("Cells"), outcome("Cells 1", "2024-04-01T10:01:00Z", context_type="Account", context_id=1)])
    p.append([outcome("Cells"), "{", b"{" + b"x" * 2**20, {"metadata": {"event_name": "learning_outcome_merged"}}])
    p.append(outcome("Cells"))
    p.append(reported("course_created", {"course_id": 8}, client_ip="::1"), drop_metadata="client_ip")
    p.replay(files_of(folder / "files", *(outcome(f"File {number}", id=f"9{number}") for number in range(3))))
    for value in ("off", "on", "off"):
        p.set("account_level_mastery_scales", value, tenant="Other")
    p.store.log.append(
        [],
        "python",
        files=[FileRead(path=f"/in/{n}.jsonl", size=n, modified_at=n, sha256=bytes(32)) for n in range(3)],
        dictionaries=[b"one", b"another", b"third"],
    )
    p.alias("Third", "Other")
    p.alias("Fourth", "Other")
    people = folder / "people.csv"
    people.write_text("user_uuid,name,sis_id\nAda,Ada Lovelace,1\nBen,Ben Okri,2\nCem,Cem Kaya,3\n")
    p.know_people(people)


def files_of(folder: Path, *events: Event) -> Path:
    """A new folder, in which each of these events has a file of its own."""
    folder.mkdir()
    for number, event in enumerate(events):
        (folder / f"{number}.jsonl").write_text(json.dumps(event) + "\n")
    return folder


def new_store(path: Path) -> None:
    """Such a store in a file."""
    with projector.open(path, clock=Clock()) as p:
        fill(p, path.parent)
    with closing(sqlite3.connect(path)) as connection:  # so that it is one file, to be copied
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _columns() -> dict[str, list[str]]:
    with projector.open(":memory:") as p, p.store.log.transaction(commit=False) as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        tables = [name for (name,) in cursor.fetchall()]
        return {t: [row[1] for row in cursor.execute(f"PRAGMA table_info({t})").fetchall()] for t in tables}


COLUMNS: Final = _columns()  # of every table


class Tampered:
    """A store's file, opened with plain SQLite."""

    def __init__(self, store: Path) -> None:
        self.store = store

    def execute(self, statement: str, *values: object) -> list[Any]:
        """A statement, committed."""
        with closing(sqlite3.connect(self.store)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def middle(self, table: str) -> dict[str, Any]:
        """The row of a table that has as many before it as behind it."""
        (count,) = self.execute(f"SELECT count(*) FROM {table}")[0]
        assert count, f"the store has no row in {table}"
        (row,) = self.execute(f"SELECT * FROM {table} LIMIT 1 OFFSET {count // 2}")
        return dict(zip(COLUMNS[table], row, strict=True))

    def delete(self, table: str) -> None:
        """Remove the middle row."""
        where, values = _where(row := self.middle(table))
        assert row
        self.execute(f"DELETE FROM {table} WHERE {where}", *values)

    def alter(self, table: str, column: str) -> None:
        """Give the middle row another value in a column."""
        row = self.middle(table)
        where, values = _where(row)
        self.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", _other(row[column]), *values)

    def add(self, table: str) -> None:
        """Add a row like the middle one, with other values."""
        row = {name: _other(value) for name, value in self.middle(table).items()}
        self.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", *row.values())


def _where(row: dict[str, Any]) -> tuple[str, list[Any]]:
    return " AND ".join(f"{name} IS ?" for name in row), list(row.values())


def _other(value: Any) -> Any:
    match value:
        case None:
            return 1
        case int():
            return value + 1_000_003
        case str():
            return f"{value}x"
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1])
