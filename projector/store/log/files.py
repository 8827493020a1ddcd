"""Files that were read to their end, beside the log: which need not be read again."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor
from typing import Final

from projector.domain.files import FileRead
from projector.store.log.checksums import rows_where, stored_checksum, update_checksum

_READ: Final = "INSERT OR REPLACE INTO file_read (path, size, modified_at, sha256, recorded_at) VALUES (?, ?, ?, ?, ?)"


def note_files(cursor: Cursor, files: Sequence[FileRead], moment: int) -> None:
    """Note files as read at a moment; what was noted of the same path is replaced."""
    if files:
        rows = {file.path: (file.path, file.size, file.modified_at, file.sha256, moment) for file in files}
        were_any = stored_checksum(cursor, "file_read")[0] > 0
        removed = rows_where(cursor, "file_read", "path", rows) if were_any else []
        cursor.executemany(_READ, rows.values())
        update_checksum(cursor, "file_read", removed, rows.values())


def files_read(cursor: Cursor, after: str, limit: int) -> list[FileRead]:
    """A page of the files that were read, by path from behind one."""
    cursor.execute(
        "SELECT path, size, modified_at, sha256 FROM file_read WHERE path > ? ORDER BY path LIMIT ?", (after, limit)
    )
    return [
        FileRead(path=path, size=size, modified_at=modified_at, sha256=sha256)
        for path, size, modified_at, sha256 in cursor.fetchall()
    ]
