"""A customer's ACH file, passed on by the bank, against one of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from arlib.sources import SourceSpec, load_book

FOLDER = Path(__file__).parents[1] / "data" / "nacha"


def line(account: str) -> dict:
    """The one bank line of a file that debits an account 12345678 for 1,000,000.00 in favour of 'Name on Account'."""
    spec = SourceSpec(
        folder=FOLDER,
        profile="bank",
        tables={"documents": ("ctx-debit.ach",)},
        options={"accounts": {account: "US01/OPS"}},
    )
    book = load_book([spec], root=FOLDER)
    assert book["bank_statements"]["net"].sum() == book["bank_lines"]["amount"].sum()
    return book["bank_lines"].iloc[0].to_dict()


@pytest.mark.parametrize(
    ("ours", "amount", "kind", "payer"),
    [
        ("231380104", 100000000, "receipt", "Receiver Company"),  # we are the company that debits
        ("231380104/12345678", -100000000, "other", "Name on Account"),  # our account is the one debited
    ],
)
def test_the_side_is_ours_whoever_wrote_the_file(ours, amount, kind, payer):
    found = line(ours)
    assert (found["amount"], found["kind"], found["payer_name"]) == (amount, kind, payer)
    assert (found["entity"], found["bank_account"], found["notice"]) == ("US01", "OPS", "ach")
