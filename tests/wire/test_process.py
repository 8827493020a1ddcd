"""The second process: how it ends where the one that started it was killed."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["projector.wire.parallel", "projector.serve.parallel_log"])
@pytest.mark.parametrize("order", [b"", b'{"files": [{"path": "a'])
def test_an_order_that_is_cut_off_ends_it_without_a_word(module: str, order: bytes) -> None:
    """Its standard error is that of the command, which people read."""
    program = f"from {module} import main; main()"
    done = subprocess.run([sys.executable, "-c", program], input=order, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
