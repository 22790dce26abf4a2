"""Filters: what may be chosen, said in words, kept and read back."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.explore.filters import Choices, Filters

CHOICES = Choices(
    entity=("US01",), currency=("EUR", "USD"), bucket=("current", "1-30"), status=("active",), collector=("ann",),
    dispute_reason=("price",),
)  # fmt: skip
VALUES = st.text(max_size=8)


@given(st.fixed_dictionaries({each.name: VALUES for each in fields(Filters)}))
def test_they_come_back_as_they_were(values: dict[str, str]) -> None:
    filters = Filters(**values)
    kept = filters.as_parameters()
    assert Filters.from_parameters(kept) == filters
    assert all(kept.values())


def test_an_unknown_filter_or_no_text_is_refused() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'currency'"):
        Filters.from_parameters({"curency": "USD"})
    with pytest.raises(ParameterError, match="wanted"):
        Filters.from_parameters({"currency": 7})  # type: ignore[dict-item]


def test_every_wrong_choice_is_told_at_once() -> None:
    assert Filters(currency="USD", bucket="1-30").checked(CHOICES).currency == "USD"
    with pytest.raises(ParameterError) as fault:
        Filters(currency="usd", bucket="31-60", collector="x" * 10_000).checked(CHOICES)
    said = str(fault.value)
    assert "currency" in said
    assert "bucket" in said
    assert "collector" in said
    assert len(said) < 400


def test_they_are_said_in_words() -> None:
    assert Filters().sentence == ""
    assert Filters(currency="USD", dispute_reason="price").sentence == "open items in USD, open dispute price"
