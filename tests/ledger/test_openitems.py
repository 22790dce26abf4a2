"""Open items: figures worked by hand in small text books, a slow second method, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from arlib.errors import AmountError, ParameterError, TableError
from arlib.ledger.frames import OPEN_ITEMS
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings
from arlib.policy import Basis
from arlib.tables import CANONICAL, Book


def by_item(frame: pd.DataFrame, column: str = "outstanding") -> dict[str, object]:
    return dict(zip(frame["item_id"], frame[column], strict=True))


SHORT_PAYMENT = """
    item   INV-1 invoice ACME 2026-01-01 100.00 due=2026-01-31
    item   R-1 receipt ACME 2026-02-03 -97.00
    apply  A-1 R-1 INV-1 2026-02-03 97.00 discount=1.00
"""


def test_what_is_open_before_on_and_after_the_payment(ledger, seen):
    book = ledger(SHORT_PAYMENT)
    assert by_item(open_items(book, scope=seen("2025-12-31"))) == {}
    assert by_item(open_items(book, scope=seen("2026-01-01"))) == {"INV-1": 100_00}
    assert by_item(open_items(book, scope=seen("2026-02-02"))) == {"INV-1": 100_00}
    assert by_item(open_items(book, scope=seen("2026-02-03"))) == {
        "INV-1": 2_00
    }  # 100 - 97 - 1 discount; R-1 is used up


def test_columns_and_order_are_the_declared_ones(ledger, seen):
    made = open_items(ledger(SHORT_PAYMENT), scope=seen("2026-02-02"))
    assert list(made.columns) == OPEN_ITEMS.names
    assert made.dtypes.astype(str).tolist() == OPEN_ITEMS.empty().dtypes.astype(str).tolist()
    row = made.iloc[0]
    assert (
        row["document_date"] == row["posting_date"] == pd.Timestamp("2026-01-01")
    )  # both fall back on the effective date
    assert row["original_due_date"] == pd.Timestamp("2026-01-31")
    assert row["due_from"] == "item"


def test_empty_book_and_one_row(ledger, seen):
    assert len(open_items(Book({}), scope=seen("2026-01-31"))) == 0
    assert list(open_items(Book({}), scope=seen("2026-01-31")).columns) == OPEN_ITEMS.names
    assert len(open_items(ledger("item I invoice C 2026-01-01 5.00"), scope=seen("2026-01-31"))) == 1


def test_a_reversal_acts_from_its_own_date(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 due=2026-01-31
        item  R-1 receipt ACME 2026-01-20 -100.00
        apply A-1 R-1 INV-1 2026-01-20 100.00
        apply A-2 R-1 INV-1 2026-02-10 -100.00 reverses=A-1
        item  R-1X receipt ACME 2026-02-10 100.00 reverses=R-1
        apply A-3 R-1 R-1X 2026-02-10 100.00 kind=return
    """)
    assert by_item(open_items(book, scope=seen("2026-02-09"))) == {}
    back = open_items(book, scope=seen("2026-02-10"))
    assert by_item(back) == {"INV-1": 100_00}
    assert by_item(back, "due_date") == {"INV-1": pd.Timestamp("2026-01-31")}  # the original due date is back


def test_a_returned_payment_left_as_a_debit_takes_the_due_date_that_it_restores(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 60.00 due=2026-01-31
        item  INV-2 invoice ACME 2026-01-05 40.00 due=2026-02-04
        item  R-1 receipt ACME 2026-01-20 -100.00
        apply A-1 R-1 INV-1 2026-01-20 60.00
        apply A-2 R-1 INV-2 2026-01-20 40.00
        item  R-1X receipt ACME 2026-02-10 100.00 reverses=R-1
        item  R-9X receipt ACME 2026-02-12 7.00
    """)
    made = open_items(book, scope=seen("2026-03-31"))
    assert by_item(made) == {"R-1X": 100_00, "R-9X": 7_00}
    assert by_item(made, "due_date") == {
        "R-1X": pd.Timestamp("2026-01-31"),
        "R-9X": pd.Timestamp("2026-02-12"),
    }
    assert by_item(made, "due_from") == {"R-1X": "restored", "R-9X": "own_date"}


def test_a_returned_payment_restores_only_what_still_stood_settled(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 due=2026-01-31
        item  INV-2 invoice ACME 2026-01-05 100.00 due=2026-02-04
        item  R-1 receipt ACME 2026-01-20 -100.00
        apply A-1 R-1 INV-1 2026-01-20 100.00
        apply A-2 R-1 INV-1 2026-01-25 -100.00 reverses=A-1
        apply A-3 R-1 INV-2 2026-01-25 100.00
        item  R-1X receipt ACME 2026-02-10 100.00 reverses=R-1
    """)
    made = by_item(open_items(book, scope=seen("2026-03-31")), "due_date")
    assert made == {"INV-1": pd.Timestamp("2026-01-31"), "R-1X": pd.Timestamp("2026-02-04")}


def test_a_returned_payment_does_not_restore_what_only_a_reversal_touched(ledger, seen):
    """INV-0's own application is posted in April, its reversal in February: at 31 March it stands at -20.

    That settles nothing, so INV-0's earlier due date is not what the return restores.
    """
    book = ledger("""
        item  INV-0 invoice ACME 2026-01-01 20.00 due=2026-01-15
        item  INV-1 invoice ACME 2026-01-05 100.00 due=2026-02-28
        item  R-1 receipt ACME 2026-01-20 -100.00
        apply A-0 R-1 INV-0 2026-01-20 20.00 posting=2026-04-01
        apply A-1 R-1 INV-0 2026-02-01 -20.00 reverses=A-0
        apply A-2 R-1 INV-1 2026-01-20 100.00
        item  R-1X receipt ACME 2026-02-10 100.00 reverses=R-1
    """)
    made = open_items(book, scope=seen("2026-03-31"))
    assert by_item(made) == {"INV-0": 40_00, "R-1": -20_00, "R-1X": 100_00}
    assert by_item(made, "due_date")["R-1X"] == pd.Timestamp("2026-02-28")
    assert by_item(made, "due_from")["R-1X"] == "restored"


def test_refund_write_off_credit_to_credit_and_chargeback(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 due=2026-01-31
        item  R-1 receipt ACME 2026-01-20 -150.00
        apply A-1 R-1 INV-1 2026-01-20 80.00
        item  RF-1 refund ACME 2026-01-25 50.00
        apply A-2 R-1 RF-1 2026-01-25 50.00 kind=refund
        item  WO-1 write_off ACME 2026-01-28 -5.00
        apply A-3 WO-1 INV-1 2026-01-28 5.00 kind=write_off
        item  T-1 transfer ACME 2026-01-29 -15.00
        item  CB-1 chargeback ACME 2026-01-29 15.00 due=2026-02-28 replaces=INV-1
        apply A-4 T-1 INV-1 2026-01-29 15.00 kind=debit_to_debit
        item  CM-1 credit_memo ACME 2026-01-30 -9.00
        apply A-5 R-1 CM-1 2026-01-30 -9.00 kind=credit_to_credit
    """)
    # R-1: -150 + 80 + 50 - 9 = -29; CM-1: -9 + 9 = 0; INV-1: 100 - 80 - 5 - 15 = 0
    # CB-1: 15, keeps the due date of INV-1
    made = open_items(book, scope=seen("2026-01-31"))
    assert by_item(made) == {"R-1": -29_00, "CB-1": 15_00}
    row = made[made["item_id"] == "CB-1"].iloc[0]
    assert row["due_date"] == pd.Timestamp("2026-02-28")
    assert row["original_due_date"] == pd.Timestamp("2026-01-31")


def test_original_due_date_goes_through_a_chain_of_rebills(ledger, seen):
    book = ledger("""
        item A invoice C 2026-01-01 1.00 due=2026-01-31
        item B invoice C 2026-02-01 1.00 due=2026-03-31 replaces=A
        item D invoice C 2026-03-01 1.00 due=2026-05-31 replaces=B
        item F invoice C 2026-03-01 1.00 due=2026-05-31 replaces=E
        item G invoice C 2026-03-01 1.00 due=2026-05-31 original=2026-02-15 replaces=B
        item H invoice C 2026-03-01 1.00 due=2026-06-30 replaces=G
    """)
    made = by_item(open_items(book, scope=seen("2026-03-31")), "original_due_date")
    assert {key: f"{value:%m-%d}" for key, value in made.items()} == {
        "A": "01-31",
        "B": "01-31",
        "D": "01-31",
        "F": "05-31",
        "G": "02-15",
        "H": "02-15",
    }


def test_replaced_items_in_a_loop_are_refused(ledger, seen):
    book = ledger("""
        item A invoice C 2026-01-01 1.00 due=2026-01-31 replaces=B
        item B invoice C 2026-02-01 1.00 due=2026-03-31 replaces=A
    """)
    with pytest.raises(TableError, match="loop"):
        open_items(book, scope=seen("2026-03-31"))


def test_a_rescheduled_item_had_its_old_due_date_before(ledger, seen):
    book = ledger(
        "item A invoice C 2026-01-01 1.00 due=2026-04-30 original=2026-01-31 rescheduled_on=2026-03-10"
    )
    for as_of, due in (("2026-03-09", "2026-01-31"), ("2026-03-10", "2026-04-30")):
        row = open_items(book, scope=seen(as_of)).iloc[0]
        assert (row["due_date"], row["original_due_date"]) == (pd.Timestamp(due), pd.Timestamp("2026-01-31"))


def test_two_bases(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-19 100.00 posting=2026-02-05
        item  R-1 receipt ACME 2026-01-31 -30.00 posting=2026-01-31
        apply A-1 R-1 INV-1 2026-01-31 30.00 posting=2026-02-05
    """)
    assert by_item(open_items(book, scope=seen("2026-01-31"))) == {"R-1": -30_00}
    assert by_item(open_items(book, scope=seen("2026-01-31", basis=Basis.EFFECTIVE))) == {"INV-1": 70_00}


KNOWN = """
    item  INV-1 invoice ACME 2026-01-10 100.00 entered=2026-01-10T09:00:00Z
    item  R-1 receipt ACME 2026-01-30 -30.00 entered=2026-02-01T04:59:59Z
    apply A-1 R-1 INV-1 2026-01-30 30.00 entered=2026-02-01T05:00:00Z
"""


def test_known_at_ends_at_midnight_of_the_entity(ledger, seen):
    book = ledger(KNOWN, features=("entry_times",))
    there = seen(
        "2026-01-31", known_at=date(2026, 1, 31), time_zone="America/New_York"
    )  # midnight is 05:00 UTC
    assert by_item(open_items(book, scope=there)) == {"INV-1": 100_00, "R-1": -30_00}
    assert by_item(open_items(book, scope=replace(there, known_at=date(2026, 2, 1)))) == {"INV-1": 70_00}
    assert by_item(open_items(book, scope=replace(there, time_zone="UTC"))) == {"INV-1": 100_00}


def test_known_at_is_refused_in_words_without_entry_times(ledger, seen):
    scope = seen("2026-01-31", known_at=date(2026, 1, 31))
    with pytest.raises(ParameterError, match="does not keep when a fact was entered"):
        open_items(ledger(KNOWN), scope=scope)
    with pytest.raises(ParameterError, match="1 items carry no entry time"):
        open_items(ledger("item A invoice C 2026-01-01 1.00", features=("entry_times",)), scope=scope)


def test_a_snapshot_answers_for_its_own_day_only(ledger, seen):
    book = ledger(SHORT_PAYMENT, features=("snapshot",), snapshot_date="2026-02-03")
    assert len(open_items(book, scope=seen("2026-02-03"))) == 1
    with pytest.raises(ParameterError, match=r"snapshot of one day.*'2026-02-02', wanted 2026-02-03"):
        open_items(book, scope=seen("2026-02-02"))


def test_merges_keep_history(ledger, seen):
    book = ledger("""
        item  I invoice A 2026-01-01 1.00
        item  J invoice B 2026-01-01 2.00
        merge A B 2026-02-01
        merge B D 2026-03-01
    """)
    codes = {
        as_of: by_item(open_items(book, scope=seen(as_of)), "customer_id")
        for as_of in ("2026-01-31", "2026-02-01", "2026-03-01")
    }
    assert codes == {
        "2026-01-31": {"I": "A", "J": "B"},
        "2026-02-01": {"I": "B", "J": "B"},
        "2026-03-01": {"I": "D", "J": "D"},
    }
    assert by_item(open_items(book, scope=seen("2026-03-01")), "document_customer_id") == {"I": "A", "J": "B"}


def test_merges_there_and_back_end_at_the_last(ledger, seen):
    book = ledger("""
        item  I invoice A 2026-01-01 1.00
        item  J invoice B 2026-01-01 2.00
        merge A B 2026-02-01
        merge B A 2026-03-01
    """)
    assert by_item(open_items(book, scope=seen("2026-03-01")), "customer_id") == {"I": "A", "J": "A"}


def test_instalments_fill_the_earliest_part_first(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 90.00 due=2026-05-01
        part  INV-1 1 2026-03-01 30.00
        part  INV-1 2 2026-02-01 30.00
        part  INV-1 3 2026-04-01 30.00
        item  R-1 receipt ACME 2026-01-15 -45.00
        apply A-1 R-1 INV-1 2026-01-15 45.00
        item  INV-2 invoice ACME 2026-01-01 10.00 due=2026-05-01
    """)
    made = open_items(book, scope=seen("2026-01-31"))
    # 45 fills part 2 (February, 30) and half of part 1 (March); part 3 is untouched
    rows = list(
        zip(
            made["item_id"],
            made["instalment_no"].fillna(0),
            made["due_date"].dt.strftime("%m-%d"),
            made["amount"],
            made["outstanding"],
            made["due_from"],
            strict=True,
        )
    )
    assert rows == [
        ("INV-1", 1, "03-01", 30_00, 15_00, "instalment"),
        ("INV-1", 3, "04-01", 30_00, 30_00, "instalment"),
        ("INV-2", 0, "05-01", 10_00, 10_00, "item"),
    ]
    assert made["item_due_date"].dt.strftime("%m-%d").tolist() == ["05-01", "05-01", "05-01"]


def test_instalments_keep_an_overpayment_and_credit_signs(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 60.00
        part  INV-1 1 2026-02-01 30.00
        part  INV-1 2 2026-03-01 30.00
        item  R-1 receipt ACME 2026-01-15 -70.00
        apply A-1 R-1 INV-1 2026-01-15 70.00
        item  CM-1 credit_memo ACME 2026-01-01 -20.00
        part  CM-1 1 2026-02-01 -5.00
        part  CM-1 2 2026-03-01 -15.00
        item  INV-2 invoice ACME 2026-01-01 8.00
        apply A-2 CM-1 INV-2 2026-01-15 8.00
    """)
    made = open_items(book, scope=seen("2026-01-31"))
    assert list(zip(made["item_id"], made["instalment_no"], made["outstanding"], strict=True)) == [
        ("CM-1", 2, -12_00),
        ("INV-1", 2, -10_00),
    ]


@pytest.mark.parametrize("parts", [("30.00", "29.99"), ("70.00", "-10.00")])
def test_parts_that_do_not_make_the_item_are_refused(ledger, seen, parts):
    book = ledger(f"""
        item  INV-1 invoice ACME 2026-01-01 60.00
        part  INV-1 1 2026-02-01 {parts[0]}
        part  INV-1 2 2026-03-01 {parts[1]}
    """)
    with pytest.raises(TableError, match="do not sum"):
        open_items(book, scope=seen("2026-01-31"))


def test_functional_carrying_amount_and_revaluation(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 currency=EUR functional=110.00
        item  R-1 receipt ACME 2026-01-20 -40.00 currency=EUR functional=-42.00
        apply A-1 R-1 INV-1 2026-01-20 40.00 currency=EUR source_currency=EUR from=42.00 to=44.00
        reval INV-1 2026-01-31 1.80 back=2026-02-01
        reval INV-1 2025-12-31 9.99 back=2026-01-01
        item  INV-2 invoice ACME 2026-01-01 5.00
    """)
    made = open_items(book, scope=seen("2026-01-31"))
    assert by_item(made, "functional_outstanding") == {
        "INV-1": 66_00,
        "INV-2": 5_00,
    }  # 110 - 44; R-1: -42 + 42 = 0
    assert by_item(made, "revaluation") == {"INV-1": 1_80, "INV-2": 0}
    assert by_item(open_items(book, scope=seen("2026-02-01")), "revaluation") == {"INV-1": 0, "INV-2": 0}


def test_functional_amounts_that_an_application_does_not_say_follow_the_booking_rate(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 currency=EUR functional=110.01
        item  INV-2 invoice ACME 2026-01-01 10.00 currency=EUR
        item  R-1 receipt ACME 2026-01-20 -43.00 currency=EUR functional=-42.00
        apply A-1 R-1 INV-1 2026-01-20 33.00 currency=EUR source_currency=EUR
        apply A-2 R-1 INV-2 2026-01-20 10.00 currency=EUR source_currency=EUR
    """)
    made = open_items(book, scope=seen("2026-01-31"))
    assert by_item(made) == {"INV-1": 67_00}  # the receipt is used up, so none of its 42.00 is left
    assert by_item(made, "functional_outstanding") == {"INV-1": 73_71}  # 110.01 × 67 / 100 = 73.7067
    before = open_items(book, scope=seen("2026-01-19"))
    assert before.set_index("item_id")["functional_outstanding"].isna().to_dict() == {
        "INV-1": False,
        "INV-2": True,
    }


def test_a_carrying_amount_left_on_a_settled_item_stays_in_sight(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 currency=EUR functional=110.00
        item  R-1 receipt ACME 2026-01-20 -100.00 currency=EUR functional=-110.00
        apply A-1 R-1 INV-1 2026-01-20 100.00 currency=EUR source_currency=EUR from=110.00 to=109.98
    """)
    made = open_items(book, scope=seen("2026-01-31"))
    assert list(zip(made["item_id"], made["outstanding"], made["functional_outstanding"], strict=True)) == [
        ("INV-1", 0, 2)
    ]


def test_a_revaluation_that_outlives_its_item_stays_in_sight(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 currency=EUR functional=110.00
        reval INV-1 2026-01-31 1.80 back=2026-03-01
        item  R-1 receipt ACME 2026-02-20 -100.00 currency=EUR functional=-110.00
        apply A-1 R-1 INV-1 2026-02-20 100.00 currency=EUR source_currency=EUR from=110.00 to=110.00
    """)
    made = open_items(book, scope=seen("2026-02-28"))
    assert made[["item_id", "outstanding", "revaluation"]].to_numpy().tolist() == [["INV-1", 0, 1_80]]
    assert len(open_items(book, scope=seen("2026-03-01"))) == 0


def test_a_revaluation_is_known_from_its_own_date_and_taken_back_from_that(ledger, seen):
    """A revaluation carries no entry time: nothing of it is known before its date, its taking back before that.

    As of 15 February: +1.80 of 31 January was taken back on the 10th, +2.50 of the 7th stands. As known at
    the 10th both are facts already; at the 9th the 1.80 still stands beside the 2.50; at the 5th it stands
    alone; at 30 January there was none.
    """
    book = ledger(
        """
        item  INV-1 invoice ACME 2026-01-01 100.00 currency=EUR functional=110.00 entered=2026-01-01T09:00:00Z
        item  R-0 receipt ACME 2026-01-01 -1.00 entered=2026-01-01T09:00:00Z
        reval INV-1 2026-01-31 1.80 back=2026-02-10
        reval INV-1 2026-02-07 2.50 back=2026-03-01
    """,
        features=("entry_times",),
    )
    there = seen("2026-02-15")
    found = {}
    for day in (None, date(2026, 2, 10), date(2026, 2, 9), date(2026, 2, 5), date(2026, 1, 30)):
        scope = replace(there, known_at=day)
        found[day] = by_item(open_items(book, scope=scope), "revaluation")["INV-1"]
        posted = subledger_postings(book, scope=scope)
        revalued = posted["kind"].isin(["revaluation", "revaluation_reversal"])
        on_account = posted.loc[revalued, "functional_amount"].sum()
        assert found[day] == on_account
    assert list(found.values()) == [2_50, 2_50, 4_30, 1_80, 0]


def test_what_was_entered_later_does_not_bring_a_revaluation_forward(ledger, seen):
    """As of 31 January, however late one looks: the taking back of 1 February does not count yet."""
    book = ledger(
        """
        item  INV-1 invoice ACME 2026-01-01 100.00 currency=EUR functional=110.00 entered=2026-01-01T09:00:00Z
        reval INV-1 2026-01-31 1.80 back=2026-02-01
    """,
        features=("entry_times",),
    )
    scope = seen("2026-01-31", known_at=date(2026, 2, 5))
    assert by_item(open_items(book, scope=scope), "revaluation") == {"INV-1": 1_80}


def test_functional_amounts_are_shared_over_parts_without_losing_a_cent(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00 currency=EUR functional=110.01
        part  INV-1 1 2026-02-01 33.33 currency=EUR
        part  INV-1 2 2026-03-01 33.33 currency=EUR
        part  INV-1 3 2026-04-01 33.34 currency=EUR
    """)
    made = open_items(book, scope=seen("2026-01-31"))
    assert made["functional_outstanding"].tolist() == [
        36_67,
        36_67,
        36_67,
    ]  # 36.666..., 36.666..., and the rest 36.67
    assert made["functional_outstanding"].sum() == 110_01


def test_an_application_that_counts_before_its_item_stays_in_the_total(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-02-02 100.00
        item  R-1 receipt ACME 2026-01-31 -100.00
        apply A-1 R-1 INV-1 2026-01-31 100.00
    """)
    assert by_item(open_items(book, scope=seen("2026-01-31"))) == {"INV-1": -100_00}
    assert by_item(open_items(book, scope=seen("2026-02-02"))) == {}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("apply A-1 R-1 NOPE 2026-01-20 10.00", "not there"),
        ("apply A-1 NOPE INV-1 2026-01-20 10.00", "not there"),
        ("apply A-1 R-1 INV-1 2026-01-20 10.00 currency=EUR", "target_currency is not that of the item"),
        (
            "apply A-1 R-1 INV-1 2026-01-20 10.00 source_currency=EUR",
            "source_currency is not that of the item",
        ),
        ("item INV-1 invoice ACME 2026-01-02 1.00", "stands twice"),
        ("reval NOPE 2026-01-31 1.00", "not there"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(ledger, seen, line, words):
    text = "item INV-1 invoice ACME 2026-01-01 100.00\n item R-1 receipt ACME 2026-01-20 -40.00\n" + line
    with pytest.raises(TableError, match=words) as caught:
        open_items(ledger(text), scope=seen("2026-01-31"))
    assert len(caught.value.problems) == 1


def test_every_fault_is_reported(ledger, seen):
    text = "item INV-1 invoice ACME 2026-01-01 100.00\n" + "\n".join(
        f"apply A-{n} NOPE-{n} INV-1 2026-01-20 1.00" for n in range(3)
    )
    with pytest.raises(TableError) as caught:
        open_items(ledger(text), scope=seen("2026-01-31"))
    assert [problem.found for problem in caught.value.problems] == ["NOPE-0", "NOPE-1", "NOPE-2"]


def test_sums_never_wrap_around(ledger, seen):
    huge = f"{2**61}"
    with pytest.raises(AmountError, match="too large"):
        open_items(
            ledger("\n".join(f"item I{n} invoice C 2026-01-01 {huge} currency=JPY" for n in range(3))),
            scope=seen("2026-01-31"),
        )


def test_only_the_entity_of_the_scope_counts(ledger, seen):
    ours, theirs = (
        ledger("item I invoice C 2026-01-01 5.00"),
        ledger("item I invoice C 2026-01-01 7.00", entity="E2"),
    )
    book = Book({"items": pd.concat([theirs["items"], ours["items"]]), "applications": ours["applications"]})
    assert open_items(book, scope=seen("2026-01-31"))["outstanding"].tolist() == [5_00]


# --- invariants, against a slow second method --------------------

START = date(2026, 1, 1)
DAYS = st.integers(0, 40).map(lambda n: (START + timedelta(days=n)).isoformat())
MONEY = st.integers(-(10**12), 10**12)


@st.composite
def books(draw):
    """Items and applications of any signs, dates, currencies, order, some with due parts."""
    count = draw(st.integers(1, 8))
    currencies = ["USD", "EUR", "JPY"]
    items = []
    for number in range(count):
        items.append(
            {
                "entity": "E1",
                "item_id": f"I{number}",
                "customer_id": draw(st.sampled_from(["A", "B", None])),
                "document_no": f"D{number}",
                "item_type": draw(
                    st.sampled_from(
                        ["invoice", "credit_memo", "receipt", "prepayment", "write_off", "opening"]
                    )
                ),
                "effective_date": draw(DAYS),
                "posting_date": draw(st.none() | DAYS),
                "due_date": draw(st.none() | DAYS),
                "original_due_date": draw(st.none() | DAYS),
                "currency": draw(st.sampled_from(currencies)),
                "amount": draw(MONEY),
            }
        )
    applications = []
    for number in range(draw(st.integers(0, 8))):
        source, target = draw(st.sampled_from(items)), draw(st.sampled_from(items))
        applications.append(
            {
                "entity": "E1",
                "application_id": f"A{number}",
                "source_item_id": source["item_id"],
                "target_item_id": target["item_id"],
                "effective_date": draw(DAYS),
                "posting_date": draw(st.none() | DAYS),
                "source_currency": source["currency"],
                "target_currency": target["currency"],
                "source_amount": draw(MONEY),
                "target_amount": draw(MONEY),
                "discount": draw(st.none() | st.integers(-100, 100)),
                "kind": "payment",
                "reason": "x",
                "pairing": "stated",
            }
        )
    parts = []
    for item in items:
        if item["amount"] > 3 and draw(st.booleans()):
            cut = draw(st.integers(0, item["amount"]))
            for number, amount in enumerate((cut, item["amount"] - cut), start=1):
                parts.append(
                    {
                        "entity": "E1",
                        "item_id": item["item_id"],
                        "instalment_no": number,
                        "due_date": draw(DAYS),
                        "currency": item["currency"],
                        "amount": amount,
                    }
                )
    return items, applications, parts


def as_book(items, applications, parts) -> Book:
    rows = {"items": items, "applications": applications, "instalments": parts}
    tables = {}
    for name, records in rows.items():
        names = list(records[0]) if records else []
        raw = pd.DataFrame(
            {key: pd.Series([row[key] for row in records], dtype="object") for key in names},
            index=range(len(records)),
        )
        tables[name] = CANONICAL[name].typed(raw)
    return Book(tables)


def slowly(items, applications, as_of: str, basis: Basis) -> dict[str, int]:
    """What is open of each item by Python integers, one row at a time."""

    def counts(row) -> bool:
        posted = (
            (row["posting_date"] or row["effective_date"])
            if basis is Basis.POSTING
            else row["effective_date"]
        )
        return posted <= as_of

    open_ = {row["item_id"]: row["amount"] if counts(row) else 0 for row in items}
    for row in filter(counts, applications):
        open_[row["target_item_id"]] -= row["target_amount"] + (row["discount"] or 0)
        open_[row["source_item_id"]] += row["source_amount"]
    return {key: value for key, value in open_.items() if value}


@settings(max_examples=50, deadline=None)
@given(books(), DAYS, st.sampled_from(list(Basis)), st.randoms(use_true_random=False))
def test_equal_to_the_slow_method_in_any_order_and_without_touching_the_input(
    seen, drawn, as_of, basis, random
):
    items, applications, parts = drawn
    book = as_book(items, applications, parts)
    before = {name: frame.copy(deep=True) for name, frame in book.tables.items()}
    scope = seen(as_of, basis=basis)
    made = open_items(book, scope=scope)

    sums = made.groupby("item_id")["outstanding"].sum()
    assert {key: int(value) for key, value in sums.items() if value} == slowly(
        items, applications, as_of, basis
    )
    for name, frame in before.items():
        assert_frame_equal(book[name], frame)

    for rows in (items, applications, parts):
        random.shuffle(rows)
    assert_frame_equal(open_items(as_book(items, applications, parts), scope=scope), made)


@pytest.mark.parametrize("facts", [60_000])
def test_many_facts_take_seconds_not_minutes(seen, facts):
    from time import perf_counter

    ids = pd.Series(range(facts)).astype(str)
    day = pd.Series(pd.Timestamp("2026-01-15"), index=ids.index)
    items = CANONICAL["items"].typed(
        pd.DataFrame(
            {
                "entity": "E1",
                "item_id": "I" + ids,
                "document_no": "I" + ids,
                "customer_id": "C" + (ids.astype(int) % 500).astype(str),
                "item_type": "invoice",
                "effective_date": day,
                "currency": "USD",
                "amount": pd.array([1000] * facts, dtype="Int64"),
            }
        )
    )
    credit = items.assign(item_id="R" + ids, item_type="receipt", amount=-items["amount"])
    applications = CANONICAL["applications"].typed(
        pd.DataFrame(
            {
                "entity": "E1",
                "application_id": "A" + ids,
                "source_item_id": "R" + ids,
                "target_item_id": "I" + ids,
                "effective_date": day,
                "source_currency": "USD",
                "target_currency": "USD",
                "source_amount": pd.array([400] * facts, dtype="Int64"),
                "target_amount": pd.array([400] * facts, dtype="Int64"),
                "kind": "payment",
                "reason": "x",
                "pairing": "stated",
            }
        )
    )
    book = Book({"items": pd.concat([items, credit], ignore_index=True), "applications": applications})
    started = perf_counter()
    made = open_items(book, scope=seen("2026-01-31"))
    assert perf_counter() - started < 5  # about 0.4 s; a loop over rows would take far longer
    assert made["outstanding"].abs().unique().tolist() == [600]
