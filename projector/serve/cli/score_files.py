"""The command scores where it writes a file."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from projector.ask.view import Judging, View
from projector.domain.errors import BadQuestion
from projector.domain.versions import Basis
from projector.serve.cli.options import show_basis
from projector.serve.cli.progress import progress
from projector.serve.cli.terminal import NOTHING_THERE, complain, print_json, say
from projector.serve.json.replies import scores_written_reply
from projector.serve.projector import Projector
from projector.serve.screen.text import counted
from projector.wire.files.survey import path_text

ScoreFormat = Literal["parquet", "csv", "arrow"]
Named = tuple[str | None, str | None, str | None]  # learner, outcome and course

Out = Annotated[
    str | None, Parameter(metavar="FILE", help="Write the scores to this file instead, whole or not at all.")
]
OutFormat = Annotated[
    ScoreFormat | None,
    Parameter(name="--format", metavar="FORMAT", help="Its format. Default: by its ending, or else parquet."),
]


def see_that_one_file(out: str | None, format: ScoreFormat | None, *, summary: bool, over: str | None) -> None:
    """See, before a store is opened, that these options go together.

    Raises:
        BadQuestion: they do not.
        MissingExtra: what writes files is not installed.
    """
    if out is None:
        if format is not None:
            raise BadQuestion("--format needs a file; name it with --out PATH")
        return
    if summary or over is not None:
        raise BadQuestion("--out writes the scores of learners as of one instant; leave out --summary and --over")
    from projector.lake.extras import see_that_installed

    see_that_installed("writing scores to a file")


def write_scores_to(
    out: str, format: ScoreFormat | None, projector: Projector, view: View, named: Named, how: Judging, *, json: bool
) -> int:
    """Write scores to a file, print what was written and what it rests on; return the exit code."""
    from projector.lake.score_files import batches_of, holds_scores, write_scores
    from projector.serve.output import STDOUT, see_that_free, stream_named, written

    def is_ours(_head: bytes) -> bool:
        return holds_scores(Path(out))

    see_that_free(out, projector.file, is_ours)
    count, format, bases = 0, format or _by_ending(out), list[Basis]()
    if all(one is None for one in named):
        with progress("events written to tables") as on_step:
            projector.sql("SELECT 1", on_step=on_step).fetchall()
    with progress("results scored") as on_step:
        batches = batches_of(view.scores_frame(*named, on_step=on_step, on_basis=bases.append, **how))
        if (first := next(batches, None)) is not None:
            with written(out, projector.file, is_ours) as file:
                count = write_scores(chain((first,), batches), file, format)
    (basis,) = bases
    if json and count and stream_named(out) != STDOUT:
        print_json(scores_written_reply(path_text(out), format, count, basis))
        return 0
    if not count:
        complain("no scores; nothing was written")
    elif stream_named(out) != STDOUT:
        say(f"Wrote {counted(count, 'score')} to {out}.")
    show_basis(basis, json=json)
    return 0 if count else NOTHING_THERE


def _by_ending(out: str) -> ScoreFormat:
    """The format that the ending of a file's name means.

    >>> _by_ending("scores.CSV"), _by_ending("scores")
    ('csv', 'parquet')
    """
    match Path(out).suffix.lower():
        case ".csv":
            return "csv"
        case ".arrow":
            return "arrow"
    return "parquet"
