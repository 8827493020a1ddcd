"""The command scores where it writes a file: what is in it, what it never replaces, and what is left where it fails."""

from __future__ import annotations

import csv
import io
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet
import pytest

import projector
from projector.lake.scores import SCHEMA, batch_of
from projector.serve.demo.college import term
from tests.builders import Clock, mark, method, outcome, scale
from tests.endurance.running import COMMAND, run
from tests.endurance.test_full_disk import no_file_above, see_that_it_says_what_to_do
from tests.lake.test_scores import row_of
from tests.serve.cli.test_progress import on_a_terminal
from tests.serve.shell import Shell, log_of

EARLY = "2024-01-01T00:00:00Z"
FORMATS = ("parquet", "csv", "arrow")
EVENTS = [
    scale(EARLY),
    method("decaying_average"),
    outcome("Cells", EARLY, id="7"),
    mark("1", "Ada", 0.5),
    mark("2", "Ben", 1.0),
    mark("3", 'ü,"\n', 0.1, of="8", result_context_id=None),
    mark("4", "Ben", 0.7, assessed_at="soon"),
    mark("5", "null", 1 / 3, result_context_type=None),
]


@pytest.fixture
def graded(run: Shell, tmp_path: Path) -> Shell:
    """A shell over a store with scores that have and lack each of their members."""
    assert run("replay", log_of(tmp_path, *EVENTS)).code == 0
    return run


@pytest.fixture
def expected(graded: Shell) -> list[tuple[Any, ...]]:
    """Its scores, as rows."""
    with projector.open(graded.store) as p:
        return [row_of(score) for score in p.now().scores()]


READ: dict[str, dict[str, Callable[[Path], pa.Table]]] = {
    "parquet": {
        "pyarrow": pyarrow.parquet.read_table,
        "polars": lambda path: polars.read_parquet(path).to_arrow(),
        "pandas": lambda path: pa.Table.from_pandas(pandas.read_parquet(path)),
        "duckdb": lambda path: duckdb.read_parquet(str(path)).to_arrow_table(),
    },
    "arrow": {
        "pyarrow": lambda path: pyarrow.ipc.open_file(path).read_all(),
        "polars": lambda path: polars.read_ipc(path).to_arrow(),
        "pandas": lambda path: pa.Table.from_pandas(pandas.read_feather(path)),
    },
    "csv": {
        "pyarrow": lambda path: pyarrow.csv.read_csv(
            path,
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=SCHEMA, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        ),
        "polars": lambda path: polars.read_csv(path, schema=polars.DataFrame(SCHEMA.empty_table()).schema).to_arrow(),
        "pandas": lambda path: pa.Table.from_pandas(
            pandas.read_csv(path, dtype={"outcome": str}, keep_default_na=False, na_values=[""])
        ),
        "duckdb": lambda path: duckdb.read_csv(
            str(path), dtype={"outcome": "VARCHAR", "int": "DOUBLE"}
        ).to_arrow_table(),
    },
}


@pytest.mark.parametrize(("format", "library"), [(format, library) for format in READ for library in READ[format]])
def test_every_library_reads_the_scores(
    graded: Shell, tmp_path: Path, expected: list[tuple[Any, ...]], format: str, library: str
) -> None:
    """The same rows, of the same types."""
    file = tmp_path / f"scores.{format}"
    ran = graded("scores --out", file)
    assert (ran.code, ran.out) == (0, f"Wrote 4 scores to {file}.\n")
    assert "assessed_at of result 4 could not be read" in " ".join(ran.err.split())
    assert "note: The events taken here do not include" in ran.err
    table = READ[format][library](file)
    assert table.column_names == SCHEMA.names
    assert [tuple(row.values()) for row in table.to_pylist()] == expected
    for name, numbers in (("score", pa.types.is_floating), ("results", pa.types.is_integer)):
        assert numbers(table.schema.field(name).type)


def test_csv_is_plain(graded: Shell, tmp_path: Path) -> None:
    """A header, NULL as nothing, flags as words, UTF-8 without a byte order mark."""
    graded("scores --out", tmp_path / "s.csv", "--across")
    content = (tmp_path / "s.csv").read_bytes()
    assert content.startswith(b'"learner","outcome","context","score","method","int","mastery"')
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert (rows[0], rows[1][:3], rows[1][6]) == (SCHEMA.names, ["Ada", "7", ""], "false")
    assert [row[0] for row in rows[1:]] == ["Ada", "Ben", "null", 'ü,"\n']


@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        ("x.csv", b'"learner"'),
        ("x.CSV", b'"learner"'),
        ("x.arrow", b"ARROW1"),
        ("x.parquet", b"PAR1"),
        ("x", b"PAR1"),
        ("x.txt", b"PAR1"),
        ("x.csv --format arrow", b"ARROW1"),
        ("x.parquet --format csv", b'"learner"'),
    ],
)
def test_the_format_is_that_of_the_ending_or_the_one_named(
    graded: Shell, tmp_path: Path, words: str, beginning: bytes
) -> None:
    """Any other ending is Parquet."""
    assert graded(f"scores --out {tmp_path}/{words}").code == 0
    assert (tmp_path / words.split()[0]).read_bytes().startswith(beginning)


@pytest.mark.parametrize("named", ["", "--learner Ada", "--in 1 --outcome 7 --inactive", "--as-of 2024-03-01 --across"])
def test_the_same_scores_are_written_that_are_printed(graded: Shell, tmp_path: Path, named: str) -> None:
    """By the same options."""
    lines = graded(f"scores --json {named}")
    ran = graded(f"scores --json {named} --out {tmp_path}/s.csv")
    count = len(lines.out.splitlines())
    basis = ran.json["basis"]
    assert ran.json == {"file": f"{tmp_path}/s.csv", "format": "csv", "scores": count, "basis": basis}
    assert count == len(pyarrow.csv.read_csv(tmp_path / "s.csv", parse_options=_LINES))
    assert ran.err == ""


_LINES = pyarrow.csv.ParseOptions(newlines_in_values=True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--format csv", "--format needs a file; name it with --out PATH"),
        ("--out x --summary", "leave out --summary and --over"),
        ("--out x --over monthly", "leave out --summary and --over"),
        ("--out x --format xlsx", "invalid value 'xlsx'"),
        ("--out x --in Account/1/2", "invalid context"),
    ],
)
def test_what_does_not_go_together_is_refused(
    graded: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, sentence: str
) -> None:
    """Exit 2, a sentence, no file."""
    monkeypatch.chdir(tmp_path)
    ran = graded(f"scores {words}")
    assert (ran.code, ran.out, sentence in ran.err) == (2, "", True)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("named", ["--as-of 2001-01-01", "--learner nobody"])
@pytest.mark.parametrize("json", ["", "--json"])
def test_without_a_score_nothing_is_written(graded: Shell, tmp_path: Path, named: str, json: str) -> None:
    """Exit 1; an earlier file stays."""
    file = tmp_path / "s.csv"
    assert graded(f"scores {named} {json} --out", file).code == 1
    assert not file.exists()
    graded("scores --out", file)
    before = file.read_bytes()
    ran = graded(f"scores {named} {json} --out", file)
    assert (ran.code, ran.out, "no scores; nothing was written" in ran.err) == (1, "", True)
    assert file.read_bytes() == before


# what is there already


def other_parquet(file: Path) -> None:
    """A file of another program with the same columns."""
    pyarrow.parquet.write_table(SCHEMA.empty_table(), file)


def other_arrow(file: Path) -> None:
    """One of ours that holds something else."""
    schema = SCHEMA.with_metadata({"outcome-projector": "others"})
    with pyarrow.ipc.new_file(file, schema) as out:
        out.write_table(schema.empty_table())


FOREIGN: dict[str, Callable[[Path], object]] = {
    "text": lambda file: file.write_text("my thesis"),
    "other columns": lambda file: file.write_text('"learner","outcome"\nAda,7\n'),
    "the same and more": lambda file: file.write_text(",".join(f'"{name}"' for name in SCHEMA.names) + ',"mine"\n'),
    "parquet": other_parquet,
    "arrow": other_arrow,
    "broken parquet": lambda file: file.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1"),
    "broken arrow": lambda file: file.write_bytes(b"ARROW1\0\0" + b"\xff" * 100),
    "a little": lambda file: file.write_bytes(b"PAR1"),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_another_kind_is_left_alone(
    graded: Shell, tmp_path: Path, make: Callable[[Path], object], format: str
) -> None:
    """Whatever format is asked for."""
    file = tmp_path / f"mine.{format}"
    make(file)
    before = file.read_bytes()
    ran = graded("scores --out", file)
    assert (ran.code, f"{file} exists already and holds something else; name another file" in ran.err) == (2, True)
    assert file.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("format", FORMATS)
def test_an_earlier_file_of_any_format_and_an_empty_one_are_replaced(
    graded: Shell, tmp_path: Path, format: str
) -> None:
    """Only its owner may read the new one."""
    file = tmp_path / "scores"
    file.touch()
    for earlier in FORMATS:
        assert graded("scores --out", file, "--format", earlier).code == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert graded("scores --out", file, "--format", format).code == 0
    assert len(READ[format]["pyarrow"](file)) == 4


def test_the_tables_of_the_store_are_never_written_over(graded: Shell, tmp_path: Path) -> None:
    """Nor is anything put beside them, by whatever name."""
    graded("scores --out", tmp_path / "s.csv")
    folder = tmp_path / "s.db.tables"
    (tmp_path / "link").symlink_to(folder)
    names = sorted(path.name for path in folder.iterdir())
    for out in (folder, folder / "new.csv", folder / "deep" / "new.csv", tmp_path / "link" / names[0]):
        ran = graded("scores --out", out)
        assert (ran.code, "belongs to the store" in ran.err) == (2, True)
    assert sorted(path.name for path in folder.iterdir()) == names
    assert graded("sql", "FROM store").code == 0


# streams


@pytest.mark.parametrize("format", FORMATS)
def test_pipes_are_written_to(graded: Shell, tmp_path: Path, format: str) -> None:
    """In every format; devices too."""
    assert graded("scores --format", format, "--out", os.devnull).code == 0
    pipe, got = tmp_path / "pipe", tmp_path / "got"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.write_bytes(pipe.read_bytes()))
    reader.start()
    assert graded("scores --format", format, "--out", pipe).code == 0
    reader.join()
    assert len(READ[format]["pyarrow"](got)) == 4


@pytest.mark.slow
def test_standard_output_by_its_name(graded: Shell) -> None:
    """It holds the scores and nothing else; it may be full, or closed early."""
    words = " ".join([*COMMAND, "scores", "--store", str(graded.store), "--format csv --out /dev/stdout"])
    for more, code in (("| cat", 0), ("| head -c 1 >/dev/null", 0), ("> /dev/full", 4)):
        ran = subprocess.run(["bash", "-c", f"set -o pipefail; {words} {more}"], capture_output=True, text=True)
        assert ran.returncode == code, ran.stderr
        assert "Traceback" not in ran.stderr
        if more == "| cat":
            assert len(list(csv.reader(io.StringIO(ran.stdout, newline="")))) == 5


# failures


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the demo, with its tables."""
    store = tmp_path_factory.mktemp("college") / "s.db"
    with projector.open(store, clock=Clock()) as p:
        p.replay(term())
        p.sql("SELECT 1").fetchall()
    return store


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.slow
def test_a_full_disk_leaves_what_was_there(college: Path, tmp_path: Path, format: str) -> None:
    """And says what to do."""
    file = tmp_path / f"scores.{format}"
    words = ("scores", "--out", file, "--store", college, "--as-of", "2025-12-01")
    for before in (None, b""):
        if before is not None:
            assert run(*words).code == 0
            before = file.read_bytes()
        ran = run(*words, before=no_file_above(4096))
        see_that_it_says_what_to_do(ran)
        assert (file.read_bytes() if file.exists() else None) == before
        assert [path.name for path in tmp_path.iterdir()] == ([] if before is None else [file.name])


@pytest.mark.slow
def test_ctrl_c_leaves_what_was_there(college: Path, tmp_path: Path) -> None:
    """At any moment; no part of a file stays."""
    file = tmp_path / "scores.parquet"
    words = [*COMMAND, "scores", "--out", str(file), "--store", str(college)]
    subprocess.run(words, check=True, capture_output=True)
    began = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    took, before = time.monotonic() - began, file.read_bytes()
    for share in (0.4, 0.6, 0.8):
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(took * share)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        if process.returncode not in (0, -signal.SIGINT):  # it had ended, or Python was just starting or ending
            assert (process.returncode, "Traceback" in err) == (130, False)
        assert file.read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (projector.StoreError("the disk is gone"), 3),
        (projector.BadQuestion("the query needs more memory"), 2),
    ],
    ids=lambda one: type(one).__name__,
)
@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_what_fails_in_the_middle_leaves_what_was_there(
    graded: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, error: BaseException, code: int
) -> None:
    """With its own exit code and sentence."""
    file, made = tmp_path / f"scores.{format}", 0
    graded("scores --out", file)
    names, before = sorted(path.name for path in tmp_path.iterdir()), file.read_bytes()

    def fail_at_third(some: Any) -> pa.RecordBatch:
        nonlocal made
        made += 1
        if made == 3:
            raise error
        return batch_of(some)

    monkeypatch.setattr("projector.lake.scores._ROWS_AT_ONCE", 1)
    monkeypatch.setattr("projector.lake.writers.AT_ONCE", 1)
    monkeypatch.setattr("projector.lake.scores.batch_of", fail_at_third)
    ran = graded("scores --out", file)
    assert (ran.code, ran.out, made) == (code, "", 3)
    assert str(error) in ran.err
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.slow
def test_a_terminal_sees_how_many_results_are_scored(college: Path, tmp_path: Path) -> None:
    """Of all that may count."""
    out, seen = on_a_terminal("scores", "--out", tmp_path / "s.csv", "--store", college)
    assert b"results scored" in seen
    assert out.startswith(b"Wrote ")


def test_without_the_extra_it_says_what_to_install() -> None:
    """Before a store is opened; scores that are printed need none."""
    program = "import sys; sys.modules['pyarrow'] = None"
    program += "; from projector.serve.cli import main; sys.exit(main(['scores', '--out', 'x.csv']))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stderr == (
        "projector: writing scores to a file needs more packages: pip install 'outcome-projector[tables]'\n"
    )
