"""The benchmark of bulk jobs and of many institutions runs, and prints how each figure grows."""

from __future__ import annotations

import pytest

from tests.bench.bulk import INSTITUTIONS, RESULTS, main


@pytest.mark.slow
def test_the_command_prints_a_table_for_each_shape(capsys: pytest.CaptureFixture[str]) -> None:
    """With every question, and twice by how much it grows."""
    main("3", "4")
    printed = capsys.readouterr().out
    for shape in (*RESULTS, *INSTITUTIONS):
        assert f", {shape} " in printed
    for figure in ("list", "scores", "history of one", "institutions()", "verify with aliases", "asked each time"):
        assert f" {figure} " in printed
    assert printed.count("again at twice") == len(RESULTS) + len(INSTITUTIONS)
