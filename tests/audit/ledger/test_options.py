"""Options check themselves and name every fault at once."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from arlib.audit.options.ledger import (
    ConcentrationOptions,
    CreditBalancesOptions,
    ListingOptions,
    LookBackOptions,
    RelatedPartiesOptions,
    RollForwardOptions,
)
from arlib.errors import ParameterError


@pytest.mark.parametrize(
    ("options", "given", "named"),
    [
        (ListingOptions, {"rate_kind": "market", "rate_max_age_days": -1}, ("rate_kind", "rate_max_age_days")),
        (RollForwardOptions, {"interim": "30.6.2026", "large": "-5", "last_days": -1}, ("interim", "large", "last_days")),
        (RollForwardOptions, {"interim": "20260630"}, ("interim",)),
        (CreditBalancesOptions, {"set_off": "always", "old_days": 0}, ("set_off", "old_days")),
        (ConcentrationOptions, {"top": 0, "threshold_percent": "0", "sales_from": "x", "balance": "gross"},
         ("top", "threshold_percent", "sales_from", "balance")),
        (ConcentrationOptions, {"threshold_percent": "100.1"}, ("threshold_percent",)),
        (RelatedPartiesOptions, {"year_from": "2026-02-30", "shared_by_at_most": 1, "later_days": -1},
         ("year_from", "shared_by_at_most", "later_days")),
        (LookBackOptions, {"months": ""}, ("months",)),
        (LookBackOptions, {"months": "12, zero"}, ("months",)),
    ],
)  # fmt: skip
def test_every_fault_is_named_at_once(options, given, named):
    with pytest.raises(ParameterError) as raised:
        options(**given)
    for name in named:
        assert name in str(raised.value)


def test_options_as_logic_needs_them():
    assert RollForwardOptions(interim="2026-06-30").interim_date == date(2026, 6, 30)
    assert RollForwardOptions().interim_date is None
    assert ConcentrationOptions(threshold_percent="7.5").threshold == Fraction(3, 40)
    assert ConcentrationOptions(threshold_percent="100").threshold == 1
    assert RelatedPartiesOptions(public_domains=" Post.Example, ,x.org").more_domains == {
        "post.example",
        "x.org",
    }
    assert LookBackOptions(months="12,3, 3 ,6").months_back == (3, 6, 12)
