"""The errors that users meet; each message says what to do next."""

from __future__ import annotations

from collections.abc import Iterable


class ProjectorError(Exception):
    """What every error of this package derives from."""


class BadQuestion(ProjectorError, ValueError):
    """A question with an invalid argument: a bad instant, kind, zone, context, tenant or path."""


class AmbiguousTenant(BadQuestion):
    """The store holds several institutions and none was named.

    >>> AmbiguousTenant(["Ab", "Cd"]).tenants
    ('Ab', 'Cd')
    """

    def __init__(self, tenants: Iterable[str]) -> None:
        self.tenants: tuple[str, ...] = tuple(tenants)
        names = ", ".join(self.tenants)
        super().__init__(f"this store holds several institutions; name one with tenant= or --tenant: {names}")


class MissingInput(BadQuestion, OSError):
    """An input path that is missing, cannot be read, or is not a path. The call stored nothing."""


class MissingExtra(ProjectorError):
    """The question needs packages that are not installed; the message is the ``pip install`` line.

    >>> str(MissingExtra("SQL over the store", "tables"))
    "SQL over the store needs more packages: pip install 'outcome-projector[tables]'"
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs more packages: pip install 'outcome-projector[{extra}]'")


class StoreError(ProjectorError):
    """The store cannot be used: missing, locked, damaged, of another program, of another format, or without room."""


class DamagedLog(StoreError, ValueError):
    """An event of the log is missing, or not as it was written."""


class MissingDictionary(DamagedLog):
    """The dictionary that an event was compressed with is not in the store."""

    def __init__(self, where: str = "an event") -> None:
        super().__init__(f"the dictionary that {where} was compressed with is missing; restore a backup")
