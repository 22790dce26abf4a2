"""Receipts straight from bank lines, and advices that name a payment only."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.matching.bank_cash import bank_cash, explained
from arlib.tables import CANONICAL, Book


def line(number: str, amount: int, **more: object) -> dict:
    return {
        "bank_line_id": number, "entity": "US01", "bank_account": "A", "booking_date": pd.Timestamp("2026-10-05"),
        "currency": "USD", "amount": amount, "kind": "receipt", "payer_name": "BANK",
    } | more  # fmt: skip


def below(number: str, detail: int, amount: int, **more: object) -> dict:
    return {
        "entity": "US01", "bank_account": "A", "bank_line_id": number, "detail_no": detail, "currency": "USD",
        "amount": amount,
    } | more  # fmt: skip


def advice(number: str, net: int, **more: object) -> dict:
    return {
        "remittance_id": number,
        "entity": "US01",
        "reference": f"INV{number}",
        "currency": "USD",
        "net": net,
    } | more


def book(lines: list[dict], details: list[dict] = (), advices: list[dict] = ()) -> Book:
    return Book({
        "bank_lines": CANONICAL["bank_lines"].frame(lines),
        "bank_line_details": CANONICAL["bank_line_details"].frame(list(details)),
        "remittances": CANONICAL["remittances"].frame(list(advices)),
    })  # fmt: skip


def placed(made: Book) -> dict[str, str]:
    cash = bank_cash(made, entity="US01")
    rows = explained(made, cash, entity="US01")
    return dict(zip(rows["remittance_id"], rows["receipt_id"].fillna(""), strict=True))


def test_a_batch_whose_parts_add_up_is_that_many_receipts_and_no_other():
    made = bank_cash(
        book(
            [
                line("L1", 300, remittance_text="deposit"),
                line("L2", 500),
                line("L3", 70),
                line("L4", 9, kind="other"),
            ],
            [
                below("L1", 1, 100, payer_name="ROSE"),
                below("L1", 2, 200),
                below("L2", 1, 400),
                below("L3", 1, 70),
            ],
        ),
        entity="US01",
    )
    told = {row["receipt_id"]: (row["amount"], row["payer_name"]) for row in made.to_dict("records")}
    assert told == {"L1/1": (100, "ROSE"), "L1/2": (200, "BANK"), "L2": (500, "BANK"), "L3": (70, "BANK")}
    assert made["amount"].sum() == 870
    assert made.set_index("receipt_id").loc["L1/1", "remittance_text"] == "deposit"


def test_an_advice_in_the_banks_file_belongs_to_its_line_or_detail():
    made = book(
        [line("L1", 300), line("L2", 50)],
        [below("L1", 1, 100), below("L1", 2, 200)],
        [
            advice("1", 100, bank_account="A", bank_line_id="L1", detail_no=1),
            advice("2", 50, bank_account="A", bank_line_id="L2"),
            advice("3", 50, bank_account="B", bank_line_id="L2"),
        ],
    )
    assert placed(made) == {"1": "L1/1", "2": "L2", "3": ""}


PAYMENT = {"payment_amount": 300, "payment_date": pd.Timestamp("2026-10-04"), "payment_reference": "TR-8812"}


@pytest.mark.parametrize(
    ("lines", "more", "found"),
    [
        ([line("L1", 300)], {}, "L1"),  # the only one of its amount near the day
        ([line("L1", 300), line("L2", 300)], {}, ""),  # two could be meant
        (
            [line("L1", 300), line("L2", 300, remittance_text="wire tr 8812 x")],
            {},
            "L2",
        ),  # the reference decides
        ([line("L1", 301)], {}, ""),
        ([line("L1", 300, currency="CAD")], {}, ""),
        ([line("L1", 300, booking_date=pd.Timestamp("2026-11-05"))], {}, ""),  # too late
        (
            [line("L1", 300, remittance_text="1")],
            {"payment_reference": "1"},
            "L1",
        ),  # a short reference tells nothing
        ([line("L1", 300, remittance_text="INVOICE 7"), line("L2", 300)], {"payment_reference": "VOICE"}, ""),
        (
            [line("L1", 300, remittance_text="TR-8812")],
            {"payment_date": pd.Timestamp("2019-01-01")},
            "",
        ),  # long ago
        ([line("L1", 0)], {"payment_amount": 0}, ""),  # information only: no money came
    ],
)
def test_an_advice_by_itself_goes_to_the_one_receipt_that_it_can_mean(lines, more, found):
    made = book(lines, [], [advice("1", 100, **PAYMENT | more), advice("2", 200, **PAYMENT | more)])
    assert placed(made) == {"1": found, "2": found}


def test_two_payments_that_could_mean_one_receipt_leave_it_without():
    other = PAYMENT | {"payment_reference": "TR-9999"}
    made = book([line("L1", 300)], [], [advice("1", 300, **PAYMENT), advice("2", 300, **other)])
    assert placed(made) == {"1": "", "2": ""}


def test_an_advice_that_names_its_receipt_is_left_alone():
    made = book([line("L1", 300)], [], [advice("1", 300, **PAYMENT, receipt_id="R9")])
    assert placed(made) == {"1": "R9"}


def test_parts_in_another_currency_do_not_stand_for_the_line():
    mixed = [below("L1", 1, 100, currency="EUR"), below("L1", 2, 200)]
    made = bank_cash(book([line("L1", 300)], mixed), entity="US01")
    assert made[["receipt_id", "amount", "currency"]].to_numpy().tolist() == [["L1", 300, "USD"]]


@pytest.mark.parametrize("name", ["bank_reference", "end_to_end_id"])
def test_a_return_names_the_receipt_whose_reference_the_bank_gives(name):
    back = line("L2", -300, kind="return", reference="091400600000001", return_code="R01")
    first = line("L1", 300, **{name: "091400600000001"})
    made = bank_cash(book([first, back]), entity="US01").set_index("receipt_id")["return_of"]
    assert made.fillna("").to_dict() == {"L1": "", "L2": "L1"}
    twin = line("L3", 300, **{name: "091400600000001"})  # two could be meant
    assert bank_cash(book([first, back, twin]), entity="US01")["return_of"].fillna("").eq("").all()
