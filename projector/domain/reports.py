"""What a replay reports: counts, warnings, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import field, frozen

from projector.domain.answers import Answer


@frozen(kw_only=True)
class CountedWarning(Answer):
    """A warning, how often it occurred, and where first: ``position`` is a line from 1, or an element."""

    text: str
    count: int
    source: str
    position: int


@frozen(kw_only=True)
class WithoutEvents(Answer):
    """A named path all of whose inputs were refused, with the first reason."""

    path: str
    reason: str


@frozen(kw_only=True)
class LeftOut(Answer):
    """A file of a folder or an archive that is not read, and why; ``named`` is the argument that it belongs to."""

    path: str
    reason: str
    named: str = field(default="", eq=False, repr=False)


@frozen(kw_only=True)
class Report(Answer):
    """The counts of a replay: ``read == appended + duplicates + ignored + quarantined``.

    ``seconds`` is the time it took. ``ignored_names`` counts events of other families by name. ``damaged`` names
    sources that could not be read to their end, each with the reason. ``left_out``: files of folders and archives that
    were not read. ``without_events``: named paths that have inputs, none of which is an event. ``interrupted``: the
    replay was asked to stop before its end.
    """

    read: int = 0
    appended: int = 0
    duplicates: int = 0
    ignored: int = 0
    quarantined: int = 0
    seconds: float = 0.0
    warnings: tuple[CountedWarning, ...] = ()
    ignored_names: Mapping[str, int] = field(factory=dict)
    damaged: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    without_events: tuple[WithoutEvents, ...] = ()
    interrupted: bool = False


@frozen(kw_only=True)
class Progress(Answer):
    """How far a replay has come: bytes of the sources (``offset``), and inputs that were read."""

    offset: int
    read: int


def never() -> bool:
    """The `ShouldStop` of a replay that runs to its end."""
    return False


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]
