"""A store as somebody keeps it: institutions, settings, people, quarantine, the log and what is derived from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self, Unpack

from projector.ask.instants import Instant, start_asked, zone_named
from projector.ask.institutions import Institution, institution_of, tenant_named
from projector.ask.texts import id_asked, name_asked, tenant_asked
from projector.domain.arguments import path_asked, see_that_callable, shown
from projector.domain.errors import BadQuestion
from projector.domain.events import Quarantined
from projector.domain.instants import BEFORE_ALL
from projector.domain.settings import Setting, Switch, setting_named, settings_of, switch_asked
from projector.serve.logfile import log_lines
from projector.serve.output import see_that_apart
from projector.serve.parallel_rebuild import events_in_parallel
from projector.serve.people import learner_asked, read_people
from projector.serve.quarantine import QuarantineChoice, filter_asked, hash_asked
from projector.store.index.rebuilding import OnStep, Rebuilt, rebuild
from projector.store.log.dropping import drop_quarantined, forget_people
from projector.store.place import StorePlace
from projector.store.store import Store
from projector.store.upkeep.backup import back_up
from projector.store.upkeep.verifying import Verified, verify

NO_INSTITUTION: Final = "the store holds no institution yet; name the one that is meant with tenant= or --tenant"


class Upkeep:
    """A store, open, and all that is done with it but feeding and asking; `Projector` adds those.

    ``store`` is the store itself; its ``log`` is an application of the eventsourcing library, with that library's
    notification log, event streams and repository.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, type: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; asking afterwards fails."""
        self.store.close()

    @property
    def file(self) -> Path | None:
        """The store's file; None in memory."""
        return self.store.log.location.path

    # institutions

    @property
    def tenants(self) -> tuple[str, ...]:
        """The institutions the store has heard of."""
        return self.store.pin().tenancy.tenants

    def institutions(self) -> list[Institution]:
        """The institutions with their events, first and last."""
        pin, found = self.store.pin(), list[Institution]()
        for tenant in pin.tenancy.tenants:
            with self.store.reading(pin, tenant) as reading:
                found.append(institution_of(reading))
        return found

    def alias(self, other: str, stands_for: str) -> None:
        """Declare that two names are one institution's; what is stored under the first moves to the second.

        Raises:
            BadQuestion: the two are one already, the first is a name of another one, or one of them is no name.
        """
        other, stands_for = tenant_asked(other), tenant_asked(stands_for)
        tenancy = self.store.pin().tenancy
        itself, meant = tenancy.tenant_meant(other), tenancy.tenant_meant(stands_for)
        if itself == meant:
            raise BadQuestion(f"{shown(other)} and {shown(stands_for)} are one institution already")
        if itself != other:
            raise BadQuestion(f"{shown(other)} stands for {shown(itself)} already; name that one as the first")
        self.store.log.alias(other, meant)

    def settings(self, tenant: str | None = None) -> list[Setting]:
        """Every setting that was made for an institution, in the order in which they were.

        Args:
            tenant: The institution, whole, also one that no event names yet; may be left out while the store holds
                one. While it holds none, the settings of every name are listed.
        """
        pin = self.store.pin()
        if tenant is None and not pin.tenancy.tenants:
            return list(pin.settings)
        meant = tenant_named(None, pin) if tenant is None else pin.tenancy.tenant_meant(tenant_asked(tenant))
        return settings_of(pin.settings, pin.tenancy, meant)

    def set(
        self, name: str, value: str | bool, since: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> None:
        """Let a flag that no event carries have a value from an instant on; None: always.

        Args:
            tenant: The institution, also one that no event names yet; may be left out while the store holds one.

        Raises:
            BadQuestion: no such setting or value, or no institution is named and the store holds none yet.
        """
        setting, switch, start = setting_asked(name, value, since, tz)
        meant = tenant_named(None, self.store.pin()) if tenant is None else tenant_asked(tenant)
        if not meant:
            raise BadQuestion(NO_INSTITUTION)
        self.store.log.set(meant, setting, switch, start)

    # people

    def know_people(self, path: str | os.PathLike[str]) -> int:
        """How many people of a CSV file (``user_uuid,name,sis_id``) are known now, for display and for finding them."""
        people = list(read_people(Path(path_asked(path, "the file of people"))))
        self.store.log.know_people(people)
        return len(people)

    def forget_people(self, user_uuid: str | None = None) -> int:
        """How many people were forgotten at once: one, or everybody."""
        return forget_people(self.store.log, None if user_uuid is None else id_asked(user_uuid, "the learner"))

    def learner(self, words: str) -> str:
        """A learner's uuid, by the uuid itself, an SIS id or an exact name.

        Raises:
            BadQuestion: several people have that name, or it is no name.
        """
        return learner_asked(self.store.log, name_asked(words, "the learner"))

    def name_of(self, user_uuid: str) -> str | None:
        """A learner's name, where it is known."""
        return next((person.name for person in self.store.log.people(id_asked(user_uuid, "the learner"))), None)

    # the log and what stands beside it

    def quarantined(self, *, retried: bool = False) -> Iterator[Quarantined]:
        """What was refused or set aside, in order of arrival; ``retried``: also what was appended since."""
        return self.store.log.quarantined(retried=bool(retried))

    def drop_quarantined(self, **asked: Unpack[QuarantineChoice]) -> int:
        """How many inputs were dropped from quarantine for good: those of which everything holds that is asked."""
        return drop_quarantined(self.store.log, filter_asked(**asked))

    def log_lines(self) -> Iterator[bytes]:
        """The whole log in order, a JSON object a line, for a file that ``keep_recorded_at`` restores."""
        return log_lines(self.store.log)

    @property
    def notices(self) -> tuple[str, ...]:
        """What its user should know of its opening: that it was migrated, or derived anew."""
        return self.store.notices

    @property
    def rebuilt(self) -> Rebuilt | None:
        """What deriving it anew did when it was opened; None: there was no need."""
        return self.store.rebuilt

    def verify(self, head: str | None = None, on_step: OnStep | None = None) -> Verified:
        """What recomputing everything from the log, and comparing, found; ``damage`` names the first difference.

        Args:
            head: A head hash, in hex, that the log must have had: finds a tail that was cut off.
            on_step: Told now and then how many events are done, of how many.
        """
        see_that_callable(on_step=on_step)
        return verify(self.store.log, None if head is None else hash_asked(head), on_step)

    def rebuild(self, on_step: OnStep | None = None) -> Rebuilt:
        """What making everything that is derived from the log anew did; answers are there all along.

        Args:
            on_step: Told now and then how many events are done, of how many.
        """
        see_that_callable(on_step=on_step)
        with events_in_parallel(self.store.log) as ahead:
            return rebuild(self.store.log, on_step, ahead)

    def backup(self, file: str | os.PathLike[str]) -> str:
        """The head hash, in hex, of a copy of the store in a new file, made while it is read and written.

        Raises:
            BadQuestion: the file exists already, belongs to the store, or cannot be written.
            StoreError: a store cannot have that name.
        """
        path = path_asked(file, "the backup")
        StorePlace(path=Path(path)).see_that_it_can_be_named()
        see_that_apart(path, self.file)
        return back_up(self.store.log, Path(path)).hex()


def setting_asked(name: str, value: str | bool, since: Instant | None, tz: str) -> tuple[str, Switch, int]:
    """A setting, its value and from when on it is in force, in microseconds since 1970.

    Raises:
        BadQuestion: one of them is none.
    """
    zone_named(tz)
    return setting_named(name), switch_asked(value), BEFORE_ALL if since is None else start_asked(since, tz)
