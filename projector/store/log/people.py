"""Names of learners: a table beside the log that can be emptied at once."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor

from projector.domain.settings import Person


def write_people(cursor: Cursor, people: Sequence[Person]) -> None:
    """Note who learners are; what was known of the same uuid is replaced."""
    rows = [(person.user_uuid, person.name, person.sis_id) for person in people]
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.executemany("INSERT OR REPLACE INTO person VALUES (?, ?, ?)", rows)


def delete_people(cursor: Cursor, user_uuid: str | None) -> int:
    """Delete one, or with None all; return how many."""
    cursor.execute("SELECT count(*) FROM person WHERE ? IS NULL OR user_uuid = ?", (user_uuid, user_uuid))
    count: int = cursor.fetchone()[0]
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("DELETE FROM person WHERE ? IS NULL OR user_uuid = ?", (user_uuid, user_uuid))
    return count


def find_people(cursor: Cursor, words: str) -> list[Person]:
    """The people with this uuid, else with this SIS id, else with exactly this name."""
    for member in ("user_uuid", "sis_id", "name"):
        cursor.execute(f"SELECT user_uuid, name, sis_id FROM person WHERE {member} = ? ORDER BY user_uuid", (words,))
        if rows := cursor.fetchall():
            return [Person(**row) for row in rows]
    return []
