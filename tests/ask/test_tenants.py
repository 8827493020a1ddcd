"""Names of institutions: what each stands for, and which may be declared one."""

from __future__ import annotations

import pytest

import projector
from projector import AmbiguousTenant, BadQuestion
from tests.builders import HARBOR, ROOT, Event, outcome, reported


def of(uuid: str | None, root: str | None = None, id: str = "1") -> Event:
    """An outcome of an institution that is named so."""
    return reported(
        "learning_outcome_created", {"learning_outcome_id": id}, root_account_uuid=uuid, root_account_id=root
    )


@pytest.mark.parametrize("root", [ROOT, "2107~1", "2107~0000000000001"])
def test_a_root_account_stands_for_the_uuid_that_events_pair_it_with(p: projector.Projector, root: str) -> None:
    """In any spelling, wherever an institution is named."""
    p.append([outcome("Cells"), of("Other")])
    assert p.now(tenant=root).tenant == HARBOR
    assert p.digest(tenant=root) == p.digest(tenant=HARBOR)
    assert len(p.history("outcome", "12345", tenant=root)) == 1
    p.alias("Other", root)
    assert p.tenants == (HARBOR,)


@pytest.mark.parametrize("known", [[], [of("A")], [of("A"), of("B")], [of(None, ROOT)]])
@pytest.mark.parametrize("name", ["C", "a", "A ", "5", "21080000000000001"])
def test_a_name_that_stands_for_none_is_refused_with_those_there_are(
    p: projector.Projector, known: list[Event], name: str
) -> None:
    """In an empty store too; left out, it is only asked for where there are several."""
    p.append(known)
    for ask in (p.now, p.digest, p.dangling_references):
        with pytest.raises(BadQuestion, match="no event names the institution") as refused:
            ask(tenant=name)
        assert all(tenant in str(refused.value) for tenant in p.tenants)
    if len(p.tenants) > 1:
        with pytest.raises(AmbiguousTenant):
            p.now()
    else:
        assert p.now().tenant == "".join(p.tenants)


def test_a_long_name_is_not_repeated_whole(p: projector.Projector) -> None:
    """Its first sixty characters say which one it was."""
    p.append(of("A"))
    with pytest.raises(BadQuestion) as refused:
        p.now(tenant="x" * 5000)
    assert "x" * 60 in str(refused.value)
    assert "x" * 61 not in str(refused.value)


@pytest.mark.parametrize("taken", [("B", "C"), ("B", "D"), (ROOT, "C"), ("2107~1", "D")])
def test_a_name_that_stands_for_another_is_not_given_away(p: projector.Projector, taken: tuple[str, str]) -> None:
    """Its institution is meant, so that one has to be named."""
    p.append([of("A", ROOT), of("B"), of("C")])
    p.alias("B", "A")
    before = p.tenants
    with pytest.raises(BadQuestion, match="is an alias of 'A' already"):
        p.alias(*taken)
    assert p.tenants == before
    p.alias("A", taken[1])
    assert (p.now(tenant="B").tenant, p.now(tenant=ROOT).tenant) == (taken[1], taken[1])


@pytest.mark.parametrize("pair", [("B", "A"), ("A", "B"), (ROOT, "A"), ("A", "2107~1"), ("B", ROOT), ("C", "C")])
def test_names_of_one_institution_are_one_already(p: projector.Projector, pair: tuple[str, str]) -> None:
    """By whichever two of them."""
    p.append([of("A", ROOT), of("B"), of("C")])
    p.alias("B", "A")
    with pytest.raises(BadQuestion, match="one institution already"):
        p.alias(*pair)
