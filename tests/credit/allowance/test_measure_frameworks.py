"""Frameworks, overlays and discounting on the whole measurement."""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from arlib.credit.allowance.discount import unwind
from arlib.credit.allowance.frameworks import resolved, statutory
from arlib.credit.allowance.views import views
from arlib.errors import IdentityError, ParameterError
from arlib.policy import AllowancePolicy, Policies
from arlib.policy.allowance import Framework, Overlay, OverlayKind, RoundAt

m = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("measuring.py"))))
book, debit, credit, measured = m.book, m.debit, m.credit, m.measured

ITEMS = [debit("I1", "C1", 100_000), debit("I2", "C1", 50_000, "31-60"), debit("I3", "C2", 10_001, "31-60")]
WORSE = Overlay(value=Decimal("1.5"), reason="rates of insolvency rise", bucket="31-60")
TODAY = Overlay(
    kind=OverlayKind.ADDITIVE, value=Decimal("0.01"), reason="a new line of business", is_forecast=False
)


def test_recoveries_and_insurance_follow_the_framework_unless_the_policy_says():
    assert resolved(AllowancePolicy()).credits_recoveries is False
    assert resolved(AllowancePolicy(framework=Framework.ASC326)).credits_recoveries is True
    assert resolved(AllowancePolicy(framework=Framework.ASC326)).counts_insurance is False
    assert (
        resolved(AllowancePolicy(credits_recoveries=True, counts_insurance=False)).credits_recoveries is True
    )
    own = AllowancePolicy(nets_credits=True, counts_insurance=False, overlays=(WORSE,))
    made = statutory(own, Framework.ASC326)
    assert (made.nets_credits, made.counts_insurance, made.overlays) == (False, None, (WORSE,))


def test_the_overlay_stands_in_a_column_of_its_own_with_its_reason():
    made = measured(book(ITEMS), overlays=(WORSE,)).lines.set_index("bucket")
    assert made.loc["31-60", ["at_history", "overlay", "allowance"]].tolist() == [6_000, 3_000, 9_000]
    assert (made.at["31-60", "applied_rate"], made.at["31-60", "overlay_reason"]) == ("0.15", WORSE.reason)
    assert made.loc["current", ["at_history", "overlay", "overlay_reason"]].tolist() == [1_000, 0, ""]


def test_a_capped_rate_is_said():
    steep = Overlay(value=Decimal(20), reason="the market is gone")
    made = measured(book(ITEMS), overlays=(steep,)).lines.set_index("bucket")
    assert made.at["31-60", "allowance"] == 60_001
    assert "held to" in made.at["31-60", "overlay_reason"]


def test_the_practical_expedient_takes_forecasts_out_under_asc_326_only():
    for framework, overlay, words in (
        (Framework.ASC326, 1_600, "2025-05"),
        (Framework.IFRS9, 4_600, "under IFRS 9"),
    ):
        made = measured(
            book(ITEMS), framework=framework, overlays=(WORSE, TODAY), uses_practical_expedient=True
        )
        assert int(made.lines["overlay"].sum()) == overlay
        assert any(words in sentence for sentence in made.limits)
    plain = measured(book(ITEMS), framework=Framework.ASC326, overlays=(WORSE, TODAY))
    assert int(plain.lines["overlay"].sum()) == 4_600


def test_an_overlay_on_an_unknown_bucket_is_refused_and_on_an_empty_segment_said():
    with pytest.raises(ParameterError, match="31-60"):
        measured(book(ITEMS), overlays=(replace(WORSE, bucket="31-61"),))
    made = measured(book(ITEMS), overlays=(replace(WORSE, segment="north"),))
    assert any("'north'" in sentence for sentence in made.limits)
    assert int(made.lines["overlay"].sum()) == 0


def test_discounting_is_a_column_of_its_own_and_needs_days_for_every_bucket():
    days = {"current": 0, "31-60": 73}
    made = measured(book(ITEMS), discount_rate=Decimal("0.05"), collection_days=days).lines.set_index(
        "bucket"
    )
    assert made.loc["31-60", ["at_history", "discount", "allowance"]].tolist() == [
        6_000,
        -59,
        5_941,
    ]  # 6000.1 / 1.01
    assert made.at["current", "discount"] == 0
    with pytest.raises(ParameterError, match="31-60"):
        measured(book(ITEMS), discount_rate=Decimal("0.05"), collection_days={"current": 0})


def test_the_unwind_of_a_month_is_simple_interest_on_the_opening_allowance():
    policy = AllowancePolicy(discount_rate=Decimal("0.0365"))
    assert unwind(1_000_000, starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), policy=policy) == 3_100
    assert (
        unwind(1_000_000, starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), policy=AllowancePolicy())
        == 0
    )
    with pytest.raises(ParameterError):
        unwind(1, starts_on=date(2026, 10, 2), ends_on=date(2026, 9, 30), policy=policy)


def test_rounding_at_the_total_keeps_lines_and_total_together():
    items = [debit(f"I{n}", "C1", 50, bucket) for n, bucket in enumerate(m.DUE)]
    given = m.rates(dict.fromkeys(m.DUE, "1/100"))
    assert measured(book(items), given=given).total == 6  # each 0.5 goes up
    whole = measured(book(items), given=given, rounds_at=RoundAt.TOTAL)
    assert (whole.total, sorted(whole.lines["allowance"].tolist())) == (3, [0, 0, 0, 1, 1, 1])


def test_segments_take_their_own_rates():
    people = [{"customer_id": "C1", "region": "north"}, {"customer_id": "C2", "region": "south"}]
    given = m.rates(south={"31-60": "1/2"})
    made = measured(book(ITEMS, customers=people), given=given, segment_by="region")
    lines = made.lines.set_index(["segment", "bucket"])["allowance"].to_dict()
    assert lines == {("north", "current"): 1_000, ("north", "31-60"): 5_000, ("south", "31-60"): 5_001}


def test_views_stand_side_by_side():
    insured = {
        "security_id": "S1", "customer_id": "C1", "kind": "credit_insurance", "currency": "USD", "cover_rate": "1",
        "is_integral": True, "valid_from": "2026-01-01",
    }  # fmt: skip
    made = views(
        book([*ITEMS, credit("K", "C2", 4_001)], security=[insured]), scope=m.scope(),
        policies=replace(Policies(), allowance=AllowancePolicy(nets_credits=True)), rates=m.rates(),
    )  # fmt: skip
    rows = made.compared.set_index("figure")
    assert rows.loc["set off"].tolist() == [-4_001, 0, 0]
    assert rows.loc["covered by integral security"].tolist() == [-150_000, -150_000, 0]
    assert rows.loc["allowance"].tolist() == [600, 1_000, 7_000]
    assert rows.loc["reimbursement shown apart"].tolist() == [0, 0, 6_000]


def test_an_optional_table_that_is_missing_is_said():
    assert any("insurance" in sentence for sentence in measured(book(ITEMS)).limits)
    full = book(ITEMS, security=[], claims=[], specific_reserves=[], disputes=[])
    assert measured(full).limits == ()


def test_a_broken_identity_stops_the_measurement(monkeypatch):
    import arlib.credit.allowance.measure as module

    real = module.specific_lines
    monkeypatch.setattr(module, "specific_lines", lambda *a, **k: real(*a, **k).assign(exposure=1))
    made = book(ITEMS, customers=[{"customer_id": "C2", "status": "bankrupt"}])
    with pytest.raises(IdentityError, match="specific"):
        module.measure(made, scope=m.scope(), policies=Policies(), rates=m.rates())
