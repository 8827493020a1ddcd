"""Upkeep of a store: institutions, settings, people, quarantine, and the log with what is derived from it.

What only one method needs is imported there, so that `import projector` stays quick.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Unpack

from attrs import frozen

from projector.ask.instants import Instant, start_asked, zone_named
from projector.ask.institutions import institution_of, tenant_named
from projector.ask.texts import id_asked, name_asked, tenant_asked
from projector.domain.arguments import path_asked, see_that_callable, shown
from projector.domain.errors import BadQuestion
from projector.domain.instants import BEFORE_ALL
from projector.domain.settings import Setting, Switch, setting_named, settings_of, switch_asked
from projector.domain.upkeep import Institution, OnStep, Quarantined, Rebuilt, Verified

if TYPE_CHECKING:
    from projector.serve.quarantine import QuarantineChoice
    from projector.store.store import Store

NO_INSTITUTION: Final = "this store holds no institution yet; name one with tenant= or --tenant"


@frozen
class Upkeep:
    """What is done with an open store beside feeding and asking; `Projector` documents each method."""

    store: Store

    # institutions

    @property
    def tenants(self) -> tuple[str, ...]:
        """The names of the institutions."""
        return self.store.pin().tenancy.tenants

    def institutions(self) -> list[Institution]:
        """The institutions with their events, first and last."""
        pin, found = self.store.pin(), list[Institution]()
        for tenant in pin.tenancy.tenants:
            with self.store.reading(pin, tenant) as reading:
                found.append(institution_of(reading))
        return found

    def alias(self, other: str, stands_for: str) -> None:
        """Declare that two names are one institution's."""
        other, stands_for = tenant_asked(other), tenant_asked(stands_for)
        tenancy = self.store.pin().tenancy
        itself, meant = tenancy.tenant_meant(other), tenancy.tenant_meant(stands_for)
        if itself == meant:
            raise BadQuestion(f"{shown(other)} and {shown(stands_for)} are one institution already")
        if itself != other:
            raise BadQuestion(f"{shown(other)} is an alias of {shown(itself)} already; write that one first")
        self.store.log.alias(other, meant)

    def settings(self, tenant: str | None) -> list[Setting]:
        """The settings of an institution; while the store holds none, those of every name."""
        pin = self.store.pin()
        if tenant is None and not pin.tenancy.tenants:
            return list(pin.settings)
        meant = tenant_named(None, pin) if tenant is None else pin.tenancy.tenant_meant(tenant_asked(tenant))
        return settings_of(pin.settings, pin.tenancy, meant)

    def set(self, name: str, value: str | bool, since: Instant | None, tenant: str | None, tz: str) -> None:
        """Set a flag of an institution from an instant on."""
        setting, switch, start = setting_asked(name, value, since, tz)
        meant = tenant_named(None, self.store.pin()) if tenant is None else tenant_asked(tenant)
        if not meant:
            raise BadQuestion(NO_INSTITUTION)
        self.store.log.set(meant, setting, switch, start)

    # people

    def know_people(self, path: str | os.PathLike[str]) -> int:
        """Store the names of learners from a CSV file."""
        from projector.serve.people import read_people

        people = list(read_people(Path(path_asked(path, "the file of people"))))
        self.store.log.know_people(people)
        return len(people)

    def forget_people(self, user_uuid: str | None) -> int:
        """Remove the names of one learner, or of all."""
        from projector.store.log.dropping import forget_people

        return forget_people(self.store.log, None if user_uuid is None else id_asked(user_uuid, "the learner"))

    def learner(self, text: str) -> str:
        """A learner's uuid, by uuid, SIS id or exact name."""
        from projector.serve.people import learner_asked

        return learner_asked(self.store.log, name_asked(text, "the learner"))

    def name_of(self, user_uuid: str) -> str | None:
        """A learner's name, or None."""
        return next((person.name for person in self.store.log.people(id_asked(user_uuid, "the learner"))), None)

    # quarantine

    def quarantined(self, *, retried: bool) -> Iterator[Quarantined]:
        """The inputs in quarantine, in order of arrival."""
        return self.store.log.quarantined(retried=bool(retried))

    def drop_quarantined(self, **choice: Unpack[QuarantineChoice]) -> int:
        """Remove inputs from quarantine for good."""
        from projector.serve.quarantine import filter_asked
        from projector.store.log.dropping import drop_quarantined

        return drop_quarantined(self.store.log, filter_asked(**choice))

    # the log and what is derived from it

    def log_lines(self) -> Iterator[bytes]:
        """The log as lines of JSON."""
        from projector.serve.logfile import log_lines

        return log_lines(self.store.log)

    def verify(self, head: str | None, on_step: OnStep | None) -> Verified:
        """Recompute everything from the log, and compare."""
        from projector.serve.parallel_log import events_in_parallel
        from projector.serve.quarantine import hash_asked
        from projector.store.upkeep.verifying import verify

        see_that_callable(on_step=on_step)
        wanted = None if head is None else hash_asked(head)
        with events_in_parallel(self.store.log, checked=True) as parallel:
            return verify(self.store.log, wanted, on_step, parallel)

    def rebuild(self, on_step: OnStep | None) -> Rebuilt:
        """Derive everything from the log again."""
        from projector.serve.parallel_log import events_in_parallel
        from projector.store.index.rebuilding import rebuild

        see_that_callable(on_step=on_step)
        with events_in_parallel(self.store.log) as parallel:
            return rebuild(self.store.log, on_step, parallel)

    def backup(self, file: str | os.PathLike[str]) -> str:
        """Copy the store into a new file; its head hash."""
        from projector.serve.output import see_that_apart
        from projector.store.place import StorePlace
        from projector.store.upkeep.backup import back_up

        path = path_asked(file, "the backup")
        StorePlace(path=Path(path)).see_that_it_can_be_named()
        see_that_apart(path, self.store.log.location.path)
        return back_up(self.store.log, Path(path)).hex()


def setting_asked(name: str, value: str | bool, since: Instant | None, tz: str) -> tuple[str, Switch, int]:
    """A setting, its value, and from when on it is in force, in microseconds since 1970.

    Raises:
        BadQuestion: there is no such setting, value, instant or zone.
    """
    zone_named(tz)
    return setting_named(name), switch_asked(value), BEFORE_ALL if since is None else start_asked(since, tz)
