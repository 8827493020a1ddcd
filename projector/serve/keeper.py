"""A store as somebody keeps it: institutions, settings, people, quarantine, the log and what is derived from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from projector.ask.instants import Instant, start_asked
from projector.ask.institutions import Institution, institution, tenant_named
from projector.ask.texts import text_asked
from projector.domain.errors import BadQuestion
from projector.domain.events import Quarantined
from projector.domain.instants import MISSING
from projector.domain.settings import SETTINGS, Setting, switch_asked
from projector.serve.ahead import events_ahead
from projector.serve.logfile import log_lines
from projector.serve.people import learner_asked, read_people
from projector.serve.quarantine import Asked, hash_asked, which_asked
from projector.store.dropping import drop_quarantined
from projector.store.log import EventLog
from projector.store.upkeep.settling import OnStep, Rebuilt, back_up, rebuild
from projector.store.upkeep.verifying import Verified, verify


class Keeper:
    """A store, open, and all that is done with it but feeding and asking; `Projector` adds those."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def __enter__(self) -> Self:
        return self

    def __exit__(self, type: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; asking afterwards fails."""
        self._log.close()

    # institutions

    @property
    def tenants(self) -> tuple[str, ...]:
        """The institutions the store has heard of."""
        return self._log.pin().tenancy.tenants

    def institutions(self) -> list[Institution]:
        """The institutions with their events, first and last."""
        pin = self._log.pin()
        with self._log.reading(pin) as reading:
            return [institution(reading, tenant) for tenant in pin.tenancy.tenants]

    def alias(self, other: str, stands_for: str) -> None:
        """Declare that two names are one institution's; what is stored under the first moves to the second.

        Raises:
            BadQuestion: the two are one already, or one of them is not UTF-8 text.
        """
        other, stands_for = text_asked(other, "the tenant"), text_asked(stands_for, "the tenant")
        tenancy = self._log.pin().tenancy
        if other == stands_for or other in tenancy.aliases or tenancy.aliases.get(stands_for) == other:
            raise BadQuestion(f"{other} and {stands_for} are one institution already")
        self._log.alias(other, stands_for)

    def settings(self, tenant: str | None = None) -> list[Setting]:
        """Every setting that was made for an institution, in the order in which they were."""
        pin = self._log.pin()
        name = tenant_named(tenant, pin)
        return [setting for setting in pin.settings if setting.tenant == name]

    def set(
        self, name: str, value: str | bool, since: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> None:
        """Let a flag that no event carries have a value from an instant on; None: always.

        Raises:
            BadQuestion: no such setting, or no such value.
        """
        if name not in SETTINGS:
            raise BadQuestion(f"no setting is called {name!r}; the settings are {', '.join(SETTINGS)}")
        switch = switch_asked(value)
        instant = MISSING if since is None else start_asked(since, tz)
        self._log.set(tenant_named(tenant, self._log.pin()), name, switch, instant)

    # people

    def know_people(self, path: str | os.PathLike[str]) -> int:
        """How many people of a CSV file (``user_uuid,name,sis_id``) are known now, for display and for finding them."""
        people = list(read_people(Path(path)))
        self._log.know_people(people)
        return len(people)

    def forget_people(self, user_uuid: str | None = None) -> int:
        """How many people were forgotten at once: one, or everybody."""
        return self._log.forget_people(text_asked(user_uuid, "the learner"))

    def learner(self, words: str) -> str:
        """A learner's uuid, by the uuid itself, an SIS id or an exact name."""
        return learner_asked(self._log, words)

    def name_of(self, user_uuid: str) -> str | None:
        """A learner's name, where it is known."""
        return next((person.name for person in self._log.people(text_asked(user_uuid, "the learner"))), None)

    # the log and what stands beside it

    def quarantined(self, *, retried: bool = False) -> Iterator[Quarantined]:
        """What was refused or set aside, in order of arrival; ``retried``: also what was appended since."""
        return self._log.quarantined(retried=retried)

    def drop_quarantined(self, **asked: Unpack[Asked]) -> int:
        """How many inputs were dropped from quarantine for good: those of which everything holds that is asked."""
        return drop_quarantined(self._log, which_asked(**asked))

    def log_lines(self) -> Iterator[bytes]:
        """The whole log in order, a JSON object a line, for a file that ``keep_recorded_at`` restores."""
        return log_lines(self._log)

    @property
    def news(self) -> tuple[str, ...]:
        """What its user should know of its opening: that it was migrated, or derived anew."""
        return self._log.news

    @property
    def rebuilt(self) -> Rebuilt | None:
        """What deriving it anew did when it was opened; None: there was no need."""
        return self._log.rebuilt

    def verify(self, head: str | None = None, on_step: OnStep | None = None) -> Verified:
        """What recomputing everything from the log, and comparing, found; ``damage`` names the first difference.

        Args:
            head: A head hash, in hex, that the log must have had: finds a tail that was cut off.
            on_step: Told now and then how many events are done, of how many.
        """
        return verify(self._log, None if head is None else hash_asked(head), on_step)

    def rebuild(self, on_step: OnStep | None = None) -> Rebuilt:
        """What making everything that is derived from the log anew did; answers are there all along.

        Args:
            on_step: Told now and then how many events are done, of how many.
        """
        with events_ahead(self._log) as ahead:
            return rebuild(self._log, on_step, ahead)

    def backup(self, file: str | os.PathLike[str]) -> str:
        """The head hash, in hex, of a copy of the store in a new file, made while it is read and written.

        Raises:
            BadQuestion: the file exists already, or cannot be written.
        """
        return back_up(self._log, Path(file)).hex()
