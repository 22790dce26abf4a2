"""Credit balances: what is a liability without a right of set-off, and a journal that balances."""

from __future__ import annotations

import pytest

from arlib.audit.ask import Ask
from arlib.audit.ledger.credit_balances import credit_balances_of
from arlib.audit.options.ledger import CreditBalancesOptions
from arlib.audit.population import Population
from arlib.credit.refunds.credits import open_credits
from arlib.errors import IdentityError
from arlib.money import total
from arlib.policy import Policies

ACCOUNTS = [
    {"account": "1200", "name": "Trade", "role": "trade"}, {"account": "1250", "name": "Group", "role": "intercompany"},
    {"account": "1290", "name": "Unapplied", "role": "unapplied"}, {"account": "2310", "name": "Deposits", "role": "customer_deposit"},
]  # fmt: skip
RIGHT = {
    "security_id": "S1",
    "customer_id": "NET",
    "kind": "set_off",
    "reference": "NET-1",
    "currency": "USD",
    "valid_from": "2026-01-01",
}
CREDIT = {"item_type": "credit_memo", "effective_date": "2026-10-01"}


def credits_of(book, scope, *, population=None, **options):
    ask = Ask(
        kind="credit_balances",
        options=CreditBalancesOptions(**options),
        population=population or Population(),
    )
    return credit_balances_of(book, scope=scope, policies=Policies(), ask=ask)


@pytest.fixture
def ledger(book):
    return book(
        items=[
            {"item_id": "D1", "customer_id": "BARE", "amount": 1000, "effective_date": "2026-09-01"},
            {"item_id": "M1", "customer_id": "BARE", "amount": -300, **CREDIT},
            {"item_id": "D2", "customer_id": "NET", "amount": 250, "effective_date": "2026-09-01"},
            {"item_id": "M2", "customer_id": "NET", "amount": -300, **CREDIT},
            {"item_id": "R1", "customer_id": "BARE", "item_type": "receipt", "cash_status": "unapplied", "amount": -70,
             "effective_date": "2026-10-30", "control_account": "1290"},
            {"item_id": "R2", "customer_id": "BARE", "item_type": "receipt", "cash_status": "on_account", "amount": -60,
             "effective_date": "2026-05-04"},
            {"item_id": "R3", "customer_id": None, "item_type": "receipt", "cash_status": "unidentified", "amount": -50,
             "effective_date": "2026-10-31"},
            {"item_id": "P1", "customer_id": "BARE", "item_type": "prepayment", "amount": -40, "effective_date": "2026-10-01",
             "control_account": "2310"},
            {"item_id": "P2", "customer_id": "BARE", "item_type": "prepayment", "amount": -30, "effective_date": "2026-10-01"},
            {"item_id": "I9", "customer_id": "OWN", "amount": 100, "effective_date": "2026-10-01", "control_account": "1250"},
            {"item_id": "R9", "customer_id": "OWN", "item_type": "receipt", "amount": -120, "effective_date": "2026-10-02",
             "control_account": "1250"},
            {"item_id": "B1", "customer_id": "BARE", "item_type": "receipt", "amount": 500, "effective_date": "2026-10-03"},
            {"item_id": "X1", "customer_id": "BARE", "amount": -20, **CREDIT, "currency": "EUR"},
        ],
        applications=[{"source_item_id": "R9", "target_item_id": "I9", "amount": 120, "effective_date": "2026-10-02"}],
        control_accounts=ACCOUNTS, security=[RIGHT],
        customers=[{"customer_id": "OWN", "name": "Own", "is_intercompany": True}, {"customer_id": "BARE", "name": "<b>"}],
    )  # fmt: skip


def test_what_each_credit_is_and_what_leaves_receivables(ledger, seen):
    found = credits_of(ledger, seen())
    items = found.items.set_index("item_id")

    assert items["class"].to_dict() == {
        "I9": "overpaid", "M1": "credit_memo", "M2": "credit_memo", "P1": "prepayment", "P2": "prepayment", "R1": "unapplied",
        "R2": "on_account", "R3": "unidentified", "X1": "credit_memo",
    }  # fmt: skip
    assert items["reclassify"].dropna().astype(int).to_dict() == {
        "I9": 20, "M1": 300, "M2": 50, "P1": 0, "P2": 30, "R1": 70, "R2": 60, "R3": 50,
    }  # fmt: skip
    assert items["set_off"].dropna().astype(int).to_dict()["M2"] == 250  # what the right covers
    assert "B1" not in items.index  # a returned payment is a debit
    assert items.loc["M1", "open_debits"] == 1500
    assert items.loc["R2", "age"] == "91 to 180 days"
    assert items.loc["R2", "days_open"] == 180
    assert found.customers.set_index(["customer_id", "currency"]).loc[("NET", "USD"), "right"] == "NET-1"


def test_the_journal_balances_by_account_and_kind_of_liability(ledger, seen):
    found = credits_of(ledger, seen(), liability_account="2390")

    assert found.journal[["account", "debit", "credit"]].to_numpy().tolist() == [
        ["1200", 300 + 50 + 60 + 50 + 30, 0], ["1250", 20, 0], ["1290", 70, 0],
        ["2390", 0, 300 + 50 + 60 + 50 + 70], ["2390", 0, 30], ["2390", 0, 20],
    ]  # fmt: skip
    assert found.journal["account_name"].tolist()[3:] == [
        "Customer credit balances (other liabilities)",
        "Contract liabilities (advances from customers)",
        "Payables to companies of the group",
    ]
    assert total(found.journal["debit"]) == total(found.journal["credit"]) == found.to_reclassify == 580
    assert (
        found.items["carrying"].isna().sum() == 1
    )  # the euro credit without an amount in dollars is in no journal


def test_inside_each_customer_only_net_credits_are_liabilities(ledger, seen):
    found = credits_of(ledger, seen(), set_off="customer")
    left = found.items.set_index("item_id")["reclassify"].dropna().astype(int)
    assert left[left.gt(0)].to_dict() == {"M2": 50, "R3": 50, "I9": 20}
    assert found.otherwise is None  # one amount in the books' currency is not known


@pytest.mark.parametrize(("day", "age"), [("2026-10-31", "0 to 30 days"), ("2026-10-01", "0 to 30 days"), ("2026-09-30", "31 to 90 days"),
                                          ("2026-05-04", "91 to 180 days"), ("2026-05-03", "181 to 365 days"),
                                          ("2025-10-31", "181 to 365 days"), ("2025-10-30", "366 days and more")])  # fmt: skip
def test_ages_at_their_bounds(book, seen, day, age):
    made = book(items=[{"item_id": "M", "item_type": "credit_memo", "amount": -1, "effective_date": day}])
    assert credits_of(made, seen()).items["age"].tolist() == [age]


def test_the_population_limits_the_journal(ledger, seen):
    found = credits_of(ledger, seen(), population=Population(customers=("NET",)))
    assert found.journal["debit"].tolist() == [50, 0]
    assert all(one.holds for one in found.identities)
    assert len(found.items) == 9


@pytest.mark.parametrize("entity", ["US01", "JP01"])
def test_credits_of_the_sample_are_those_of_refunds_and_carry_the_ledgers_amount(company, entity):
    book, scope = company[entity]
    found = credits_of(book, scope)

    wanted = open_credits(book, scope=scope)
    assert (
        found.items.set_index("item_id")["amount"].to_dict()
        == wanted.credits.set_index("item_id")["amount"].to_dict()
    )
    assert {code: -total(part["amount"]) for code, part in found.items.groupby("currency")} == wanted.totals
    assert total(found.journal["debit"]) == total(found.journal["credit"]) > 0
    on_2310 = found.items[found.items["control_account"].eq("2310")]
    assert on_2310["reclassify"].eq(0).all()
    assert len(on_2310)


def test_nothing_open_and_nothing_to_do(book, seen):
    found = credits_of(book(items=[{"item_id": "I", "amount": 1, "effective_date": "2026-10-01"}]), seen())
    assert found.items.empty
    assert found.journal.empty
    assert found.otherwise == 0


def test_a_lost_credit_breaks_an_identity(ledger, seen, monkeypatch):
    import arlib.audit.ledger.credit_balances as module

    real = module._by_item
    monkeypatch.setattr(module, "_by_item", lambda *given: real(*given).iloc[1:].reset_index(drop=True))
    with pytest.raises(IdentityError):
        credits_of(ledger, seen())
