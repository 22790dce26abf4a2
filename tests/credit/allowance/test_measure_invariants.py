"""What holds for every book: nothing is lost, nothing counts twice, nothing is negative, the parts add up."""

from __future__ import annotations

import runpy
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.credit.allowance.matrix import provision_matrix
from arlib.money import Rounding, total
from arlib.policy.allowance import CreditOrder, Framework, Overlay, OverlayKind, RoundAt

m = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("measuring.py"))))

CUSTOMERS = ("C1", "C2", "C3")
BUCKETS = tuple(m.DUE)
amounts = st.integers(1, 10**7)
shares = st.sampled_from(["0", "0.333", "0.5", "1"])
items = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS),
        amounts,
        st.sampled_from(BUCKETS),
        st.sampled_from([0, 5, 6]),
        st.booleans(),
    ),
    max_size=12,
)
statuses = st.fixed_dictionaries(
    {name: st.sampled_from(["active", "bankrupt", "legal"]) for name in CUSTOMERS}
)
cases = st.fixed_dictionaries({
    "specific_reserves": st.lists(st.tuples(st.sampled_from(CUSTOMERS), st.integers(-1, 11), shares, st.booleans()), max_size=4),
    "disputes": st.lists(st.tuples(st.integers(0, 11), amounts), max_size=4),
    "security": st.lists(
        st.tuples(st.sampled_from(CUSTOMERS), st.integers(-1, 11), shares, st.booleans(),
                  st.sampled_from(["credit_insurance", "guarantee", "set_off"]), st.none() | amounts),
        max_size=4,
    ),
})  # fmt: skip
policies = st.fixed_dictionaries({
    "framework": st.sampled_from(Framework),
    "nets_credits": st.booleans(),
    "credit_order": st.sampled_from(CreditOrder),
    "is_net_of_tax": st.booleans(),
    "rounding": st.sampled_from(Rounding),
    "rounds_at": st.sampled_from(RoundAt),
    "dispute_credit_rate": st.sampled_from([None, Decimal("0.4"), Decimal(1)]),
    "overlays": st.sampled_from([(), (Overlay(kind=OverlayKind.ADDITIVE, value=Decimal("0.3"), reason="war"),)]),
})  # fmt: skip


def book_of(rows, status, more):
    made = [
        m.credit(f"I{n}", who, amount)
        if is_credit
        else m.debit(f"I{n}", who, amount, bucket, tax_amount=amount * tax // 100)
        for n, (who, amount, bucket, tax, is_credit) in enumerate(rows)
    ]
    item = [row["item_id"] for row in made]

    def named(place):
        return item[place] if 0 <= place < len(item) else None

    return m.book(
        made,
        customers=[{"customer_id": name, "status": value} for name, value in status.items()],
        specific_reserves=[
            {"reserve_id": f"R{n}", "customer_id": who, "item_id": named(at), "reason": "legal", "currency": "USD",
             "valid_from": "2026-01-01"} | ({"loss_rate": rate} if is_rate else {"amount": 5_000})
            for n, (who, at, rate, is_rate) in enumerate(more["specific_reserves"])
        ],
        disputes=[
            {"dispute_id": f"D{n}", "customer_id": "C1", "item_id": named(at), "currency": "USD", "amount": amount,
             "opened_on": "2026-09-01", "reason": "price"}
            for n, (at, amount) in enumerate(more["disputes"])
        ],
        security=[
            {"security_id": f"S{n}", "customer_id": who, "item_id": named(at), "kind": kind, "currency": "USD",
             "amount": amount, "cover_rate": rate, "is_integral": is_integral, "valid_from": "2026-01-01"}
            for n, (who, at, rate, is_integral, kind, amount) in enumerate(more["security"])
        ],
    )  # fmt: skip


@settings(max_examples=25)
@given(items, statuses, cases, policies)
def test_every_book_foots(rows, status, more, policy):
    made = m.measured(book_of(rows, status, more), **policy)
    assert all(identity.holds for identity in made.identities)
    exposures, used = made.exposures, made.security
    for name in ("set_off", "disputed", "tax", "exposure", "cover"):
        assert exposures[name].ge(0).all()
    assert exposures["cover"].le(exposures["exposure"]).all()
    assert exposures["line_id"].eq("").eq(exposures["part"].eq("pool")).all()
    assert len(exposures) + len(made.excluded) == len(rows)
    assert made.lines["allowance"].between(0, made.lines["exposure"]).all()
    assert made.specific["allowance"].between(0, made.specific["exposure"]).all()
    assert total(used.loc[used["counts"], "cover"]) == total(exposures["cover"])
    assert total(used["cover"]) <= total(exposures["exposure"])
    assert made.total == total(made.by_segment["allowance"])
    by_customer = exposures.groupby("customer_id")["set_off"].sum().reindex(CUSTOMERS, fill_value=0)
    taken = made.excluded.groupby("customer_id")["set_off"].sum().reindex(CUSTOMERS, fill_value=0)
    assert by_customer.to_dict() == taken.to_dict()


@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from(BUCKETS), st.integers(0, 10**15), min_size=1),
    st.fractions(0, 1, max_denominator=997),
    st.decimals(0, 3, places=3),
    st.sampled_from(Rounding),
)
def test_a_matrix_is_within_a_minor_unit_a_line_of_the_exact_figure(balances, rate, factor, rounding):
    rates = dict.fromkeys(balances, rate)
    overlays = [Overlay(value=factor, reason="any")]
    by_line = provision_matrix(balances, rates, overlays, rounding)
    whole = provision_matrix(balances, rates, overlays, rounding, rounds_at=RoundAt.TOTAL)
    assert by_line.exact == whole.exact == sum(balances.values()) * min(rate * Fraction(factor), Fraction(1))
    assert abs(by_line.total - by_line.exact) <= len(balances)
    assert abs(whole.total - whole.exact) < 1
    for line in (*by_line.lines, *whole.lines):
        assert line.at_history + line.overlay + line.discount == line.allowance


@settings(max_examples=10)
@given(items, st.sampled_from(CreditOrder))
def test_credits_of_a_customer_reach_nobody_else(rows, order):
    empty = {"specific_reserves": [], "disputes": [], "security": []}
    made = m.measured(
        book_of(rows, dict.fromkeys(CUSTOMERS, "active"), empty), nets_credits=True, credit_order=order
    )
    for who in CUSTOMERS:
        owed = sum(amount for name, amount, *_, is_credit in rows if name == who and not is_credit)
        owing = sum(amount for name, amount, *_, is_credit in rows if name == who and is_credit)
        assert total(made.exposures.loc[made.exposures["customer_id"].eq(who), "exposure"]) == max(
            0, owed - owing
        )
