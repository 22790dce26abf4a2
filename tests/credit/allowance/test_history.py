"""How debts left: paid, credited, lost, recovered; by hand, both ways."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from arlib.credit.allowance.history import history_of, lives_frame
from arlib.errors import RateError, TableError
from arlib.ledger.openitems import open_items
from arlib.policy import AllowancePolicy
from arlib.tables import CANONICAL, Book

FLOWS = ("billed", "paid", "credited", "lost", "open", "recovered")


def flows(book, scope, **policy) -> dict[str, tuple[int, ...]]:
    frame = lives_frame(history_of(book, scope=scope, policy=AllowancePolicy(**policy)))
    return {row.item_id: tuple(getattr(row, name) for name in FLOWS) for row in frame.itertuples()}


def test_cash_discount_credit_and_loss_are_told_apart(debts, seen):
    book = debts("""
        bill   I1 ACME 2025-01-10 100.00 due=2025-02-09
        pay    I1 2025-02-01 40.00 discount=1.00
        credit I1 2025-03-01 9.00
        off    I1 2025-06-30 20.00
    """)
    assert flows(book, seen("2025-06-30")) == {"I1": (100_00, 40_00, 10_00, 20_00, 30_00, 0)}
    assert flows(book, seen("2025-06-29")) == {"I1": (100_00, 40_00, 10_00, 0, 50_00, 0)}
    assert flows(book, seen("2025-01-09")) == {}


def test_a_small_balance_write_off_is_a_loss_only_where_the_policy_says_so(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-10 100.00
        off  I1 2025-03-01 3.00 reason=Small_Balance
        off  I1 2025-03-02 2.00 reason=other document_reason=small_balance
        off  I1 2025-03-03 5.00
    """)
    assert flows(book, seen("2025-03-31"))["I1"] == (100_00, 0, 5_00, 5_00, 90_00, 0)
    assert flows(book, seen("2025-03-31"), reasons_not_credit_loss=())["I1"] == (
        100_00,
        0,
        0,
        10_00,
        90_00,
        0,
    )


def test_a_reversed_write_off_is_no_loss_from_its_own_date_whatever_its_reason(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-10 100.00
        off  I1 2025-06-30 100.00 application_id=W1
        off  I1 2025-08-15 -100.00 reverses=W1 reason=reinstated
        off  I1 2025-09-01 4.00 application_id=W2 reason=small_balance
        off  I1 2025-09-02 -4.00 reverses=W2 reason=reversal
    """)
    assert flows(book, seen("2025-08-14"))["I1"] == (100_00, 0, 0, 100_00, 0, 0)
    assert flows(book, seen("2025-08-15"))["I1"] == (100_00, 0, 0, 0, 100_00, 0)
    assert flows(book, seen("2025-09-01"))["I1"] == (100_00, 0, 4_00, 0, 96_00, 0)
    assert flows(book, seen("2025-09-02"))["I1"] == (100_00, 0, 0, 0, 100_00, 0)


def test_a_returned_payment_opens_the_debt_again(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-10 100.00
        pay  I1 2025-02-10 100.00 application_id=P1
        pay  I1 2025-02-20 -100.00 reverses=P1 reason=nsf_return
    """)
    assert flows(book, seen("2025-02-19"))["I1"] == (100_00, 100_00, 0, 0, 0, 0)
    assert flows(book, seen("2025-02-20"))["I1"] == (100_00, 0, 0, 0, 100_00, 0)


def test_a_chargeback_and_a_rebill_are_no_new_sale_and_no_loss(debts, seen):
    book = debts("""
        bill   I1 ACME 2025-01-10 100.00 due=2025-02-09
        pay    I1 2025-02-09 80.00
        apply  I1 2025-02-09 20.00 kind=debit_to_debit
        bill   C1 ACME 2025-02-09 20.00 type=chargeback replaces=I1 due=2025-03-31
        off    C1 2025-09-30 15.00
        bill   I2 ACME 2025-01-10 100.00
        credit I2 2025-03-01 100.00
        bill   B2 ACME 2025-03-01 90.00 replaces=I2
        pay    B2 2025-04-01 90.00
    """)
    assert flows(book, seen("2025-12-31")) == {
        "I1": (100_00, 80_00, 0, 15_00, 5_00, 0),
        "I2": (100_00, 90_00, 10_00, 0, 0, 0),
    }
    assert flows(book, seen("2025-02-28"))["I1"] == (100_00, 80_00, 0, 0, 20_00, 0)


def test_recoveries_are_apart_by_item_or_on_the_debt_itself(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-10 100.00
        off  I1 2025-06-30 100.00
        bill V1 ACME 2025-07-31 30.00 type=recovery replaces=I1
        pay  V1 2025-07-31 30.00
        bill I2 ACME 2025-01-10 100.00
        pay  I2 2025-02-01 60.00
        off  I2 2025-06-30 40.00
        pay  I2 2025-08-01 10.00
    """)
    assert flows(book, seen("2025-12-31")) == {
        "I1": (100_00, 0, 0, 100_00, 0, 30_00),
        "I2": (100_00, 60_00, 0, 40_00, 0, 10_00),
    }


def test_the_group_and_accounts_that_are_not_trade_are_out(debts, seen):
    book = debts(
        """
        bill I1 ACME 2025-01-10 100.00 control_account=1200
        bill I2 SIS 2025-01-10 100.00 control_account=1200
        bill I3 ACME 2025-01-10 100.00 control_account=1260
        bill I4 ACME 2025-01-10 100.00 control_account=1210
        bill I5 ACME 2025-01-10 100.00
        """,
        customers=[{"customer_id": "ACME", "entity": "E1", "name": "Acme"},
                   {"customer_id": "SIS", "entity": "E1", "name": "Sister", "is_intercompany": True}],
        control_accounts=[{"entity": "E1", "account": "1200", "role": "trade"}, {"entity": "E1", "account": "1260", "role": "factored"},
                          {"entity": "E1", "account": "1210", "role": "retention"}],
    )  # fmt: skip
    assert set(flows(book, seen("2025-12-31"))) == {"I1", "I4", "I5"}


def test_amounts_are_at_the_booking_rate_and_still_foot(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-10 1.00 currency=EUR functional_amount=1.10
        pay  I1 2025-02-10 0.33 currency=EUR
        credit I1 2025-02-11 0.33 currency=EUR
        off  I1 2025-06-30 0.34 currency=EUR
    """)
    # 0.33 -> 36.3, 0.66 -> 72.6, 1.00 -> 110: cumulated and rounded half up, so that nothing is left open
    assert flows(book, seen("2025-12-31"))["I1"] == (1_10, 36, 37, 37, 0, 0)


def test_without_tax_where_the_policy_says_so(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-10 120.00 tax_amount=20.00
        off  I1 2025-06-30 60.00
    """)
    assert flows(book, seen("2025-12-31"), is_net_of_tax=True)["I1"] == (100_00, 0, 0, 50_00, 50_00, 0)


def test_a_foreign_debt_without_its_functional_amount_is_refused(debts, seen):
    book = debts("bill I1 ACME 2025-01-10 1.00 currency=EUR")
    with pytest.raises(RateError, match="EUR"):
        flows(book, seen("2025-12-31"))


def test_a_loop_and_an_unknown_item_are_refused(debts, seen):
    loop = debts("""
        bill I1 ACME 2025-01-10 1.00 replaces=I2
        bill I2 ACME 2025-01-10 1.00 replaces=I1
    """)
    with pytest.raises(TableError, match="loop"):
        flows(loop, seen("2025-12-31"))
    with pytest.raises(TableError, match="not there"):
        flows(debts("bill I1 ACME 2025-01-10 1.00\npay I9 2025-02-10 1.00"), seen("2025-12-31"))
    twice = debts("bill I1 ACME 2025-01-10 1.00\nbill I1 ACME 2025-01-11 1.00")
    with pytest.raises(TableError, match="twice"):
        flows(twice, seen("2025-12-31"))


def test_an_empty_book_has_no_debts(seen):
    assert flows(Book({}), seen("2025-12-31")) == {}


@pytest.mark.parametrize(("entity", "currency"), [("US01", "USD"), ("UK01", "GBP"), ("JP01", "JPY")])
def test_the_sample_foots_and_its_open_part_is_that_of_the_open_items(company, seen, entity, currency):
    scope = seen("2026-10-31", entity, currency)
    history = history_of(company, scope=scope, policy=AllowancePolicy())
    frame = lives_frame(history)
    assert (frame["billed"] == frame["paid"] + frame["credited"] + frame["lost"] + frame["open"]).all()
    members = history.lives.members
    mine = set(members.ids[(members.life >= 0) & ~members.is_recovery])
    open_ = open_items(company, scope=scope)
    paid, credited, lost, _ = history.settled()
    by_currency = (
        pd.Series(history.lives.billed - paid - credited - lost)
        .groupby(history.lives.currencies.to_numpy())
        .sum()
    )
    theirs = open_[open_["item_id"].isin(mine)].groupby("currency")["outstanding"].sum()
    assert by_currency[by_currency != 0].to_dict() == theirs.to_dict()
    assert frame["lost"].sum() > 0
    assert frame["recovered"].sum() > 0


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["pay", "credit", "off", "apply"]), st.integers(0, 5), st.integers(1, 400),
        st.integers(-5_000, 9_000).filter(bool),
    ),
    max_size=25,
)  # fmt: skip


def random_book(moves, read) -> Book:
    """Six debts, one a chargeback on another, one foreign, and whatever moves there are."""
    lines = [
        f"bill I{n} C{n % 3} 2025-0{n + 1}-10 {50 + 7 * n}.00" + (" replaces=I1 type=chargeback" if n == 4 else "")
        + (" currency=EUR functional_amount=91.37" if n == 5 else "")
        for n in range(6)
    ]  # fmt: skip
    for word, item, day, amount in moves:
        when = pd.Timestamp("2025-01-01") + pd.Timedelta(days=day)
        lines.append(
            f"{word} I{item} {when:%Y-%m-%d} {amount / 100:.2f}" + (" currency=EUR" if item == 5 else "")
        )
    return read("\n".join(lines))


@settings(max_examples=20)
@given(moves=MOVES, seed=st.integers(0, 9))
def test_every_debt_foots_and_the_order_of_rows_does_not_matter(debts, seen, moves, seed):
    book, scope = random_book(moves, debts), seen("2025-12-31")
    history = history_of(book, scope=scope, policy=AllowancePolicy())
    frame = lives_frame(history)
    assert (frame["billed"] == frame["paid"] + frame["credited"] + frame["lost"] + frame["open"]).all()
    dollars = frame[frame["currency"].eq("USD")]
    opened = open_items(book, scope=scope)
    mine = opened["item_id"].str.startswith("I") & opened["currency"].eq("USD")
    back = history.settled()[3][history.lives.currencies.eq("USD").to_numpy()].sum()
    assert dollars["open"].sum() == opened.loc[mine, "outstanding"].sum() + back
    shuffled = {
        name: rows.sample(frac=1, random_state=seed).reset_index(drop=True)
        for name, rows in book.tables.items()
    }
    again = lives_frame(history_of(Book(shuffled), scope=scope, policy=AllowancePolicy()))
    assert_frame_equal(frame, again)


def test_the_columns_are_the_declared_ones(debts, seen):
    frame = lives_frame(
        history_of(debts("bill I1 ACME 2025-01-10 1.00"), scope=seen("2025-12-31"), policy=AllowancePolicy())
    )
    assert frame["billed"].dtype == "Int64"
    assert CANONICAL["items"]["item_id"].is_key
