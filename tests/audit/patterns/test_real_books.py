"""The lapping tests on real books that hold no advices, users, deposits or bank dates: each says why it is not possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from arlib.audit.options.patterns import LappingOptions
from arlib.audit.patterns.lapping import lapping
from arlib.sources import SourceSpec, load_book


@pytest.mark.shared
def test_highradius_says_which_tests_are_not_possible(shared: Path, small):
    folder = shared / "data/highradius"
    book = load_book([SourceSpec(folder=folder, profile="highradius")], root=folder, functional={})
    entity = str(book["items"]["entity"].iloc[0])
    currency = str(book["entities"].set_index("entity").loc[entity, "functional_currency"])
    end = max(book[name]["effective_date"].max() for name in ("items", "applications")).date()
    found = lapping(
        book.for_entity(entity), scope=small("scope")(entity, currency, end), options=LappingOptions()
    )
    tests = found.subtests.set_index("test")
    for name in ("against_advice", "late_posting", "reversals", "deposits", "oldest_item", "users"):
        assert not tests.loc[name, "is_possible"], name
        assert tests.loc[name, "why"].startswith("test not possible: "), name
    assert found.flagged.empty
    assert all(identity.holds for identity in found.identities)
