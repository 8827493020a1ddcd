"""Names of learners from a CSV file, and a learner by uuid, SIS id or name."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from projector.ask.texts import text_asked
from projector.domain.arguments import shown, shown_path
from projector.domain.errors import BadQuestion, MissingInput
from projector.domain.settings import Person
from projector.store.log.log import EventLog

_COLUMNS = ("user_uuid", "name", "sis_id")


def read_people(path: Path) -> Iterator[Person]:
    """The people of a CSV file with the columns ``user_uuid``, ``name`` and ``sis_id``, in any order.

    Raises:
        MissingInput: it cannot be read; BadQuestion: it has no such column, or a line without a uuid.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if "user_uuid" not in (rows.fieldnames or ()):
                raise BadQuestion(f"{path} has no column user_uuid; its first line must read {','.join(_COLUMNS)}")
            for row in rows:
                uuid, name, sis_id = ((row.get(column) or "").strip() or None for column in _COLUMNS)
                if uuid is None:
                    raise BadQuestion(f"{path} line {rows.line_num}: no user_uuid; nothing of the file was stored")
                yield Person(user_uuid=uuid, name=name, sis_id=sis_id)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise MissingInput(f"{shown_path(str(path))} cannot be read: {why}") from error


def learner_asked(log: EventLog, words: str) -> str:
    """A learner's uuid, by the uuid itself, an SIS id or an exact name.

    Raises:
        BadQuestion: several people have that name, or it is not UTF-8 text.
    """
    found = log.people(text_asked(words, "the learner"))
    if len(found) > 1:
        uuids = ", ".join(person.user_uuid for person in found)
        raise BadQuestion(f"several learners have the name {shown(words)}; name one by uuid: {uuids}")
    return found[0].user_uuid if found else words
