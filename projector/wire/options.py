"""How inputs are taken."""

from __future__ import annotations

import os
from collections.abc import Iterable

from attrs import field, frozen

from projector.domain.arguments import path_asked, shown
from projector.domain.errors import BadQuestion
from projector.wire.dropping import names_to_drop
from projector.wire.keys import KeySet, read_keys


@frozen(kw_only=True)
class IntakeOptions:
    """How inputs are taken: members of the metadata that are not kept, and keys that check signatures.

    ``dictionary`` is the one that the store's events are packed with, and whether it ``fits`` these; ``with_rows`` says
    that the store holds results without an id: see `projector.domain.columns.Columns`. ``inside`` bounds the bytes that
    are taken out of all wrappers.
    """

    dropped: frozenset[str] = frozenset()
    keys_file: str | None = None  # a JWK set
    keys: KeySet | None = field(default=None, repr=False)
    dictionary: bytes | None = field(default=None, repr=False)
    fits: bool = False
    with_rows: bool = False
    inside: int | None = None

    @classmethod
    def asked(cls, drop_metadata: str | Iterable[str], keys: str | os.PathLike[str] | None) -> IntakeOptions:
        """The options that a user names.

        Raises:
            BadQuestion: a name that cannot be dropped, or a file that is not a key set.
            MissingInput: there is no such file.
        """
        file = None if keys is None else path_asked(keys, "the key set")
        read = None if file is None else read_keys(file)
        return cls(dropped=names_to_drop(_texts(drop_metadata)), keys_file=file, keys=read)


def _texts(asked: str | Iterable[str]) -> str | list[str]:
    """The names that are given to be dropped; an empty text names none."""
    if isinstance(asked, str):
        return asked or []
    names = [] if asked is None else list(asked) if isinstance(asked, Iterable) else [asked]
    if not all(isinstance(name, str) for name in names):
        raise BadQuestion(f"{shown(asked)} does not name members of metadata; write names such as client_ip,user_agent")
    return names
