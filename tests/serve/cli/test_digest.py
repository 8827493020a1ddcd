"""`projector digest`: the state digest and the head hash."""

from __future__ import annotations

import projector
from tests.serve.shell import Shell


def test_digest_and_head_hash(seeded: Shell) -> None:
    """The hex alone, or with what it rests on."""
    with projector.open(seeded.store) as p:
        digest, head = p.digest(), p.head_hash()
    assert seeded("digest").out == f"{digest}\n"
    assert seeded("digest --json").json == {"digest": digest, "rules": projector.RULES}
    assert seeded("digest --log").out == f"{head}\n"
    assert seeded("digest --log --json").json == {"head_hash": head}
    assert seeded("digest --as-of 2019-01-01").out != seeded("digest").out
