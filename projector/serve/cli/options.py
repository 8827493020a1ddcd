"""Options that several commands share, and what they print beside an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from attrs import frozen
from cyclopts import Group, Parameter

from projector.ask.view import View
from projector.domain.canonical import write_json
from projector.domain.versions import Basis, Version
from projector.serve.cli.progress import progress
from projector.serve.cli.terminal import complain, console, is_terminal, on_stderr
from projector.serve.json.replies import basis_reply
from projector.serve.open import open
from projector.serve.projector import Projector
from projector.store.place import StorePlace

if TYPE_CHECKING:
    from projector.serve.screen.naming import Naming

Flag: Parameter = Parameter(negative="")
SHARED: Group = Group("Shared options", sort_key=0)  # below those of one command
Json = Annotated[bool, Flag, Parameter(help="Print JSON.", group=SHARED)]
Tenant = Annotated[str | None, Parameter(metavar="NAME", help="The institution's uuid.", group=SHARED)]
Zone = Annotated[
    str, Parameter(metavar="ZONE", env_var="PROJECTOR_TZ", help="The time zone of dates and times.", group=SHARED)
]


@Parameter(name="*", group=SHARED)
@frozen(kw_only=True)
class StoreOption:
    """Which store."""

    store: Annotated[str, Parameter(metavar="FILE", env_var="PROJECTOR_STORE")] = "projector.db"
    "The store: a file, or sqlite:///FILE."

    def is_there(self) -> bool:
        """Whether there is a store already."""
        path = StorePlace.of(self.store).path
        return path is not None and path.exists()

    @contextmanager
    def opened(self, *, create: bool = False, read_only: bool = True) -> Iterator[Projector]:
        """The store, closed at the end."""
        with progress("events derived") as on_step:
            opened = open(self.store, create=create, read_only=read_only, on_step=on_step)
        with opened as projector:
            for sentence in projector.notices:
                complain(sentence)
            yield projector


@Parameter(name="*")
@frozen(kw_only=True)
class Intake:
    """How events are taken."""

    drop_metadata: Annotated[str, Parameter(metavar="NAMES")] = ""
    "Members of the metadata not to keep, such as client_ip,user_agent; the digest is taken before."
    keys: Annotated[str | None, Parameter(metavar="FILE")] = None
    "A file with a JWK set: signed deliveries are checked by it."

    def check(self) -> None:
        """Check them before a store is opened."""
        from projector.wire.options import IntakeOptions

        IntakeOptions.asked(self.drop_metadata, self.keys)


@Parameter(name="*", group=SHARED)
@frozen(kw_only=True)
class Query(StoreOption):
    """Which store, whose institution, by what was known when, in which zone."""

    tenant: Annotated[str | None, Parameter(metavar="NAME")] = None
    "The institution's uuid; needed where the store holds several."
    tz: Annotated[str, Parameter(metavar="ZONE", env_var="PROJECTOR_TZ")] = "UTC"
    "The zone in which dates are read and times are printed, such as America/Sao_Paulo."
    known_at: Annotated[str | None, Parameter(metavar="T")] = None
    "Use data recorded up to then; else all data."
    json: Annotated[bool, Flag] = False
    "Print JSON."

    @contextmanager
    def asked(self, as_of: str | None, *further: str | None) -> Iterator[tuple[Projector, View]]:
        """The store, and a view of it as of an instant; after the answer the notes for people, see `notes`.

        Args:
            further: The other instants that are asked for.
        """
        with self.opened() as projector:
            view = projector.as_of(as_of, known_at=self.known_at, tenant=self.tenant, tz=self.tz)
            yield projector, view
            self.notes(view, *further)

    def notes(self, view: View, *further: str | None) -> None:
        """Print on stderr, where the answer is for people, what they are to know of its zone and its instants."""
        show_notes(view, *further, json=self.json)

    def history(self, projector: Projector, kind: str, id: str) -> list[Version]:
        """Every version of an aggregate."""
        return projector.history(kind, id, known_at=self.known_at, tenant=self.tenant, tz=self.tz)


def naming_on_screen(projector: Projector, view: View) -> Naming:
    """What an answer calls things; on a terminal long ids are shortened."""
    from projector.serve.naming import naming_of

    return naming_of(projector, view, shortens=is_terminal())


def say_unnamed(view: View, *, context: str | None = None, learner: str | None = None) -> None:
    """Print on stderr, before the answer, that no event names a context or a learner that is asked for."""
    if context is not None and not view.names_context(context):
        complain(f"no event names {context}")
    if learner is not None and not view.names_learner(learner):
        complain(f"no event names the learner {learner}")


def show_notes(view: View, *further: str | None, json: bool) -> None:
    """Print on stderr, where the answer is for people, what they are to know of its zone and its instants."""
    if not json:
        from projector.serve.cli.notes import say_notes

        say_notes(view, further)


def show_basis(basis: Basis, *, json: bool) -> None:
    """Print the basis of an answer of many lines, once, on stderr."""
    with on_stderr() as stderr:
        if json:
            print(write_json(basis_reply(basis)).decode(), file=stderr)
            return
        from projector.serve.screen.cards import foot

        if is_terminal() and stderr.isatty():
            print(file=stderr)  # after the table
        console(stderr=True).show(foot(basis))
