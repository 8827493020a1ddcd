"""The second process: how it ends where the one that started it was killed."""

from __future__ import annotations

import marshal
import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["projector.wire.parallel", "projector.serve.parallel_log"])
@pytest.mark.parametrize("order", [b"", b'{"files": [{"path": "a', (100).to_bytes(8, "big") + b"cut off"])
def test_an_order_that_is_cut_off_ends_it_without_a_word(module: str, order: bytes) -> None:
    """Its standard error is that of the command, which people read."""
    program = f"from {module} import main; main()"
    done = subprocess.run([sys.executable, "-c", program], input=order, capture_output=True, check=False)
    assert (done.returncode, done.stdout[8:], done.stderr) == (0, b"ready", b"")


def test_messages_that_are_cut_off_end_it_without_a_word() -> None:
    """Also behind an order that was whole."""
    order = marshal.dumps({"dropped": [], "keys": None, "dictionary": None, "fits": False, "with_rows": False})
    sent = len(order).to_bytes(8, "big") + order + (100).to_bytes(8, "big") + b"cut off"
    program = "from projector.wire.parallel import main; main()"
    done = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, check=False)
    assert (done.returncode, done.stdout[8:], done.stderr) == (0, b"ready", b"")
