"""Frames of plain rows: nothing is guessed, nothing passes through float."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from arlib.tables import CANONICAL
from arlib.tables.rows import frame_of, is_none, records, text, whole

PLANS = CANONICAL["plans"]


def row(number: str, amount: object, **more: object) -> dict[str, object]:
    return {
        "plan_id": number, "entity": "E1", "customer_id": "C1", "currency": "USD", "amount": amount,
        "agreed_on": "2026-10-01", "state": "running", **more,
    }  # fmt: skip


def test_an_amount_that_one_row_lacks_leaves_the_others_whole():
    made = PLANS.from_rows([row("P1", 2**60 + 1), row("P2", None)])
    assert made["amount"].dtype == "Int64"
    assert made["amount"].tolist() == [2**60 + 1, pd.NA]
    pd.testing.assert_series_equal(made.dtypes, PLANS.empty().dtypes)


@pytest.mark.parametrize("amount", [1.5, 1.0])
def test_money_that_is_a_float_is_refused_even_unharmed(amount):
    with pytest.raises(TypeError, match=r"plans\.amount"):
        PLANS.from_rows([row("P1", 100), row("P2", amount)])


def test_a_missing_amount_may_stand_as_nan():
    assert PLANS.from_rows([row("P1", float("nan"))])["amount"].isna().all()


def test_what_is_not_declared_is_left_out_and_the_order_kept():
    made = PLANS.from_rows([row("P2", 1, mood="calm"), row("P1", 2)])
    assert "mood" not in made
    assert made["plan_id"].tolist() == ["P2", "P1"]
    assert frame_of(PLANS, [row("P2", 1), row("P1", 2)])["plan_id"].tolist() == ["P1", "P2"]


def test_no_rows_are_an_empty_table():
    pd.testing.assert_frame_equal(PLANS.from_rows([]), PLANS.empty())


def test_what_a_mask_leaves_empty_can_be_merged():
    """Texts that a mask emptied have no chunk, and pandas cannot merge two of these."""
    made = PLANS.from_rows([row("P1", 5)])
    no_row = made["amount"].eq(6)
    none = PLANS.typed(pd.DataFrame({name: made[name][no_row] for name in made}))
    assert none.merge(none, on=["plan_id", "currency"], how="outer", validate="one_to_one").empty
    pd.testing.assert_series_equal(none.dtypes, PLANS.empty().dtypes)


def test_records_come_back_and_empty_cells_are_told():
    back = records(PLANS.from_rows([row("P1", 5)]))[0]
    assert (back["amount"], back["state"]) == (5, "running")
    assert [is_none(value) for value in (None, pd.NA, pd.NaT, float("nan"), 0, "")] == [True] * 4 + [
        False
    ] * 2
    assert (text(back["ended_on"]), text("x"), whole(pd.NA), whole(7)) == ("", "x", 0, 7)


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [("document_date", "due_date", pd.Timestamp("2026-01-01")), ("net_amount", "tax_amount", 5), ("is_hedged", "is_insured", True),
     ("reason", "batch_id", "x")],
)  # fmt: skip
def test_columns_that_were_not_given_are_written_to_one_by_one(first, second, value):
    """They share their memory until then."""

    def lacking() -> pd.DataFrame:
        return CANONICAL["items"].typed(pd.DataFrame({"item_id": ["a", "b"]}))

    before = lacking()
    ways: list[Callable[[pd.DataFrame], object]] = [
        lambda frame: frame.__setitem__(first, [value, value]),
        lambda frame: frame.loc.__setitem__((0, first), value),
        lambda frame: frame.iloc.__setitem__((0, frame.columns.get_loc(first)), value),
        lambda frame: frame.at.__setitem__((0, first), value),
        lambda frame: frame.fillna({first: value}, inplace=True),  # noqa: PD002
        lambda frame: frame.update(pd.DataFrame({first: [value, value]})),
    ]
    for write in ways:
        frame = lacking()
        write(frame)
        assert frame[second].isna().all()
    assert before[[first, second]].isna().all(axis=None)
