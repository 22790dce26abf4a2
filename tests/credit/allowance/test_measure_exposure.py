"""What counts as exposure, what is left out and why, and the credits that reduce it."""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from arlib.credit.allowance.exposure import exposed
from arlib.credit.allowance.measure import measure
from arlib.errors import ParameterError, RateError, TableError
from arlib.ledger.openitems import open_items
from arlib.policy import AgingPolicy, AllowancePolicy, Policies
from arlib.policy.allowance import CreditOrder, GivenRate, RateMethod

m = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("measuring.py"))))
book, debit, credit, measured, scope = m.book, m.debit, m.credit, m.measured, m.scope

RIGHT = {
    "security_id": "S1",
    "customer_id": "C1",
    "kind": "set_off",
    "currency": "USD",
    "valid_from": "2026-01-01",
}


def by_item(frame, column):
    return dict(zip(frame["item_id"], frame[column].tolist(), strict=True))


def test_every_item_left_out_has_its_reason_and_the_rest_is_exposure():
    made = measured(
        book(
            [
                debit("I1", "C1", 10_000),
                debit("RET", "C1", 2_000, control_account="1210"),
                debit("NOTE", "C1", 3_000, control_account="1220"),
                debit("WIP", "C1", 4_000, control_account="1230"),
                debit("BACK", "C1", 500, item_type="receipt", control_account="1290"),
                debit("OLD", "C1", 700, control_account="9999"),
                debit("IC", "GRP", 90_000),
                debit("IC2", "C1", 80_000, control_account="1250"),
                debit("SOLD", "C1", 70_000, control_account="1260"),
                debit("DEP", "C1", 60_000, control_account="2310"),
                debit("CLR", "C1", 50_000, control_account="1280"),
                credit("CM", "C1", 1_000),
                credit("PRE", "C1", 900, item_type="prepayment", control_account="2310"),
                credit("WHO", None, 800, item_type="receipt", control_account="1295"),
            ],
            customers=[{"customer_id": "GRP", "is_intercompany": True}],
        )
    )
    assert by_item(made.exposures, "exposure") == {
        "I1": 10_000, "RET": 2_000, "NOTE": 3_000, "WIP": 4_000, "BACK": 500, "OLD": 700,
    }  # fmt: skip
    assert by_item(made.excluded, "reason") == {
        "IC": "intercompany", "IC2": "intercompany", "SOLD": "factored", "DEP": "not_a_receivable",
        "CLR": "not_a_receivable", "CM": "credit", "PRE": "credit", "WHO": "unidentified",
    }  # fmt: skip
    assert made.excluded["because"].str.len().gt(10).all()
    assert any("9999" in sentence for sentence in made.limits)
    assert made.total == sum(line.allowance for line in made.lines.itertuples())


def test_age_is_that_of_the_original_due_date_and_of_the_document_without_one():
    made = measured(
        book([
            debit("NEW", "C1", 100, "current"),
            debit("REBILLED", "C1", 100, "current", replaces="OLD"),
            debit("OLD", "C1", 0, "121+"),
            debit("NODATE", "C1", 100, due_date=None, effective_date="2026-09-15"),
            debit("TODAY", "C1", 100, due_date="2026-10-31"),
        ])
    )  # fmt: skip
    assert by_item(made.exposures, "bucket") == {
        "NEW": "current", "REBILLED": "121+", "NODATE": "31-60", "TODAY": "current",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("edges", "due", "rate"),
    [
        ((30, 90, 180), "2026-10-01", "0.02"), ((29, 89, 179), "2026-10-01", "0.03"),
        ((30, 90, 180), "2026-08-02", "0.03"), ((29, 89, 179), "2026-08-02", "0.20"),
        ((30, 90, 180), "2026-10-02", "0.02"), ((29, 89, 179), "2026-10-02", "0.02"),
    ],
)  # fmt: skip
def test_ifrs9_b5535_which_class_holds_days_30_and_90_is_policy(edges, due, rate):
    """IFRS 9 B5.5.35: 1 % not past due, 2 % under 30 days, 3 % to 90, 20 % to 180."""
    aging = AgingPolicy(bucket_edges_days=edges)
    given = dict(zip(aging.buckets[:4], ("0.01", "0.02", "0.03", "0.20"), strict=True)) | {
        aging.buckets[4]: "1"
    }
    made = measure(
        book([debit("I1", "C1", 100_000, due_date=due)]), scope=scope(),
        policies=replace(Policies(), aging=aging), rates=m.rates(given),
    )  # fmt: skip
    assert made.lines["historical_rate"].tolist() == [str(Decimal(rate).normalize())]
    assert made.total == int(Decimal(rate) * 100_000)


def test_credits_reduce_nothing_without_a_right_of_set_off():
    made = measured(book([debit("I1", "C1", 10_000), credit("CM", "C1", 4_000)]))
    assert by_item(made.exposures, "exposure") == {"I1": 10_000}
    assert any("no right of set-off" in sentence for sentence in made.limits)


def test_credits_reduce_their_own_customer_oldest_first_and_never_below_zero():
    items = [
        debit("NEW", "C1", 5_000), debit("OLD", "C1", 3_000, "61-90"), debit("OTHER", "C2", 7_000),
        credit("CM1", "C1", 2_000, effective_date="2026-09-01"), credit("CM2", "C1", 2_500), credit("CM3", "C2", 9_999),
    ]  # fmt: skip
    made = measured(book(items, security=[RIGHT]))
    assert by_item(made.exposures, "exposure") == {"OLD": 0, "NEW": 3_500, "OTHER": 7_000}
    assert by_item(made.excluded, "set_off") == {"CM1": 2_000, "CM2": 2_500, "CM3": 0}
    netted = measured(book(items), nets_credits=True)
    assert by_item(netted.exposures, "exposure") == {"OLD": 0, "NEW": 3_500, "OTHER": 0}
    assert by_item(netted.excluded, "set_off") == {"CM1": 2_000, "CM2": 2_500, "CM3": 7_000}


def test_pro_rata_shares_the_credit_by_amount():
    items = [
        debit("A", "C1", 100),
        debit("B", "C1", 100, "61-90"),
        debit("C", "C1", 100),
        credit("CM", "C1", 100),
    ]
    made = measured(book(items), nets_credits=True, credit_order=CreditOrder.PRO_RATA)
    assert sorted(by_item(made.exposures, "set_off").values()) == [33, 33, 34]


@pytest.mark.parametrize(
    ("right", "exposure"),
    [
        ({"valid_to": "2026-10-31"}, 6_000),
        ({"valid_to": "2026-10-30"}, 10_000),
        ({"valid_from": "2026-11-01"}, 10_000),
        ({"valid_from": "2026-10-31"}, 6_000),
        ({"amount": 1_000}, 9_000),
        ({"item_id": "I2"}, 9_500),
        ({"customer_id": "C9"}, 10_000),
        ({"kind": "guarantee"}, 10_000),
    ],
)
def test_the_right_of_set_off_holds_for_its_days_amount_and_item(right, exposure):
    items = [debit("I1", "C1", 9_500), debit("I2", "C1", 500), credit("CM", "C1", 4_000)]
    made = measured(book(items, security=[RIGHT | right]))
    assert int(made.exposures["exposure"].sum()) == exposure


def test_net_of_tax_leaves_the_tax_of_the_open_part_out():
    items = [
        debit("I1", "C1", 12_000, tax_amount=2_000), debit("I2", "C1", 12_000, tax_amount=2_000),
        debit("FREE", "C1", 5_000), credit("R1", "C1", 7_000, item_type="receipt"),
    ]  # fmt: skip
    paid = [
        {
            "application_id": "A1", "source_item_id": "R1", "target_item_id": "I2", "effective_date": "2026-10-02",
            "source_currency": "USD", "source_amount": 7_000, "target_currency": "USD", "target_amount": 7_000,
            "kind": "payment", "reason": "cash", "pairing": "stated",
        }
    ]  # fmt: skip
    made = measured(book(items, applications=paid), is_net_of_tax=True)
    assert by_item(made.exposures, "tax") == {"I1": 2_000, "I2": 833, "FREE": 0}
    assert by_item(made.exposures, "exposure") == {"I1": 10_000, "I2": 4_167, "FREE": 5_000}
    assert any("no tax amount" in sentence for sentence in made.limits)


def test_exposure_is_the_carrying_amount_with_revaluation():
    made = measured(
        book(
            [debit("EUR", "C1", 10_000, currency="EUR", functional_amount=11_000)],
            revaluations=[{"item_id": "EUR", "date": "2026-10-31", "amount": 250, "account": "1200"}],
        )
    )
    assert by_item(made.exposures, "gross") == {"EUR": 11_250}
    assert by_item(made.exposures, "outstanding") == {"EUR": 10_000}


def test_an_item_without_functional_amount_is_named():
    with pytest.raises(RateError, match=r"KES-1 \(KES\)"):
        measured(book([debit("KES-1", "C1", 10_000, currency="KES"), debit("I1", "C1", 5)]))


def test_no_open_items_is_no_allowance():
    made = measured(book([debit("I1", "C1", 0)]))
    assert (made.total, len(made.exposures), len(made.lines)) == (0, 0, 0)


def test_a_customer_in_credit_has_no_exposure_and_no_negative_allowance():
    made = measured(book([debit("I1", "C1", 100), credit("CM", "C1", 900)]), nets_credits=True)
    assert by_item(made.exposures, "exposure") == {"I1": 0}
    assert made.total == 0


def test_amounts_beyond_what_a_float_holds_are_exact():
    huge = 9_007_199_254_740_993
    made = measured(
        book([debit("I1", "C1", huge, tax_amount=(huge - 3) // 6)]),
        is_net_of_tax=True,
        given=m.rates({"current": "1"}),
    )
    assert made.total == huge - (huge - 3) // 6


def test_rows_in_any_order_give_the_same():
    items = [debit(f"I{n}", f"C{n % 3}", 100 + n, list(m.DUE)[n % 6]) for n in range(12)]
    items += [credit(f"K{n}", f"C{n % 3}", 90 + n) for n in range(5)]
    one, two = (measured(book(rows), nets_credits=True) for rows in (items, items[::-1]))
    for name in ("exposures", "excluded", "lines", "by_segment"):
        assert getattr(one, name).equals(getattr(two, name)), name


def test_a_currency_of_a_limit_without_rate_is_named():
    with pytest.raises(RateError, match="EUR"):
        measured(
            book(
                [debit("I1", "C1", 5), credit("K", "C1", 1)],
                security=[RIGHT | {"currency": "EUR", "amount": 7}],
            )
        )


def test_security_that_cannot_be_is_refused_with_all_rows():
    bad = [RIGHT | {"cover_rate": "1.5"}, RIGHT | {"security_id": "S2", "amount": -1}]
    with pytest.raises(TableError) as caught:
        measured(book([debit("I1", "C1", 5)], security=bad))
    assert {problem.column for problem in caught.value.problems} == {"cover_rate", "amount"}


def test_given_rates_must_cover_every_bucket():
    every = tuple(GivenRate(bucket=name, rate=Decimal("0.01")) for name in m.DUE)
    made = book([debit("I1", "C1", 10_000)])
    policies = [
        replace(Policies(), allowance=AllowancePolicy(method=RateMethod.GIVEN, given_rates=given))
        for given in (every, every[:-1])
    ]
    assert measure(made, scope=scope(), policies=policies[0]).total == 100
    with pytest.raises(ParameterError, match=r"121\+"):
        measure(made, scope=scope(), policies=policies[1])


def test_exposed_of_an_earlier_day_does_not_know_later_facts():
    made = book([debit("I1", "C1", 100), debit("LATER", "C1", 100, effective_date="2026-11-01")])
    seen = scope(as_of=date(2026, 10, 31))
    rows = exposed(
        made, open_items(made, scope=seen), scope=seen, aging=AgingPolicy(), policy=AllowancePolicy()
    ).rows
    assert rows["item_id"].tolist() == ["I1"]
