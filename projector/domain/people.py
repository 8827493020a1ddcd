"""Who a learner is: kept beside the log, for display only."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Person:
    """A learner by Canvas' uuid, with a name and an SIS id where they are known."""

    user_uuid: str
    name: str | None = None
    sis_id: str | None = None
