"""Skipped invoices, short payments, cash without advice, placements and claims: boundary days, cases both ways."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.collect.follow_up.claims import claims
from arlib.collect.follow_up.placements import placement_register, placements_proposed
from arlib.collect.follow_up.remittances import open_cash, open_cash_identities, remittances_to_chase
from arlib.collect.follow_up.short import short_payments
from arlib.collect.follow_up.skipped import skipped_invoices

ENTITIES = ("US01", "UK01", "JP01")


def late(days: int) -> str:
    return str(date.fromordinal(date(2026, 10, 31).toordinal() - days))


# skipped and short


@pytest.mark.parametrize(
    ("due", "dated", "skipped"),
    [
        ("2026-09-29", "2026-08-30", True),
        ("2026-09-30", "2026-08-31", False),
        ("2026-09-29", "2026-10-02", False),
        ("2026-11-15", "2026-08-30", False),
    ],
)  # fmt: skip
def test_an_invoice_is_passed_over_by_cash_for_what_is_due_later(k, due, dated, skipped):
    """Cash of 1 October paid an invoice due on 30 September; the other was there, due sooner, and not paid."""
    tables = k.together(
        k.paid(1, 100_00, "2026-09-30", "2026-10-01"),
        {"items": [k.invoice("I9", 50_00, due, effective_date=dated, document_date=dated)]},
    )
    made = k.case(tables).of(skipped_invoices)
    assert made["item_id"].tolist() == (["I9"] if skipped else [])
    if skipped:
        assert (made["amount"].iloc[0], made["receipt_id"].iloc[0], made["receipts"].iloc[0]) == (
            50_00,
            "C1R1",
            1,
        )


def test_what_was_paid_in_part_is_short_and_not_skipped(k):
    tables = k.together(
        k.paid(1, 100_00, "2026-09-30", "2026-10-01"),
        {"items": [k.invoice("I9", 50_00, "2026-09-01"), k.cash("R9", 20_00, "2026-09-05")],
         "applications": [k.applied("R9", "I9", 20_00, "2026-09-05")]},
    )  # fmt: skip
    case = k.case(tables)
    assert case.of(skipped_invoices).empty
    made = case.of(short_payments).iloc[0]
    assert (made["billed"], made["paid"], made["credited"], made["left_open"]) == (50_00, 20_00, 0, 30_00)
    assert (made["receipt_id"], made["days_open"]) == ("R9", 56)
    assert made["what"] == "nobody said why: ask for USD 30.00 or for the reason in writing"


def test_short_payments_say_what_the_records_say(k):
    tables = {
        "items": [k.invoice("I1", 50_00, late(20)), k.cash("R1", 20_00, "2026-10-05"), k.invoice("I2", 9_00, late(20)),
                  k.invoice("CB", 5_00, late(20), item_type="chargeback", replaces="I0", reason="price_claim"),
                  k.invoice("I0", 5_00, late(20))],
        "applications": [k.applied("R1", "I1", 20_00, "2026-10-05")],
        "deductions": [{"deduction_id": "DE1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 30_00,
                        "reason": "short_shipped", "taken_on": "2026-10-05", "state": "invalid"}],
        "disputes": [{"dispute_id": "D1", "customer_id": "C1", "item_id": "I0", "currency": "USD", "amount": 5_00,
                      "opened_on": "2026-10-01", "reason": "price", "owner": "sue"}],
    }  # fmt: skip
    made = k.case(tables).of(short_payments).set_index("item_id")
    assert made.index.tolist() == ["CB", "I1"]
    assert (made.loc["I1", "about"], made.loc["I1", "deduction_id"]) == ("short shipped", "DE1")
    assert made.loc["I1", "what"] == "the deduction DE1 is not valid: ask for USD 30.00"
    assert (made.loc["CB", "dispute_id"], made.loc["CB", "what"]) == (
        "D1",
        "dispute D1 is open since 2026-10-01 (sue): settle it",
    )


def test_a_returned_payment_leaves_no_short_payment(k):
    tables = k.paid(1, 100_00, "2026-09-30", "2026-10-01")
    tables["applications"].append(
        k.applied("C1R1", "C1I1", -100_00, "2026-10-05") | {"application_id": "X", "reverses": "A-C1R1-C1I1"}
    )
    assert k.case(tables).of(short_payments).empty


def exception(**more):
    return {"exception_id": "X1", "customer_id": "C1", "procedure": "all", "reason": "agreed", "owner": "cfo",
            "valid_from": "2026-10-01"} | more  # fmt: skip


HOLD = {"hold_id": "H1", "customer_id": "C1", "kind": "legal", "placed_on": "2026-09-01", "reason": "suit"}
BARS = [
    ({"customers": [{"customer_id": "C1", "status": "bankrupt"}]}, "do not ask for it, bankrupt"),
    ({"holds": [HOLD]}, "do not ask for it, under a legal hold (H1)"),
    ({"collection_exceptions": [exception()]}, "do not ask for it, outside the procedure by agreement (X1)"),
    ({"collection_exceptions": [exception(procedure="no_calls")]}, "; no calls by agreement (X1)"),
    ({"holds": [HOLD | {"lifted_on": "2026-10-31"}]}, None),
    ({"collection_exceptions": [exception(expires_on="2026-10-30")]}, None),
]


@pytest.mark.parametrize(("more", "says"), BARS)
def test_nobody_is_asked_for_what_is_outside_the_procedure(k, more, says):
    """The same for an invoice passed over and one paid short; each record ended, both are asked for."""
    tables = k.together(
        k.paid(1, 100_00, "2026-09-30", "2026-10-01"),
        {"items": [k.invoice("I8", 50_00, "2026-09-01"), k.invoice("I9", 50_00, "2026-09-01"), k.cash("R9", 20_00, "2026-09-05")],
         "applications": [k.applied("R9", "I9", 20_00, "2026-09-05")]},
        more,
    )  # fmt: skip
    case = k.case(tables)
    ask, what = case.of(skipped_invoices).iloc[0]["ask"], case.of(short_payments).iloc[0]["what"]
    usual = "send a copy", "ask for USD 30.00 or for the reason in writing"
    if says is None:
        assert (ask.endswith(usual[0]), what.endswith(usual[1])) == (True, True)
    else:
        assert says in ask
        assert says in what
        is_asked = says.startswith(";")
        assert (usual[0] in ask, usual[1] in what) == (is_asked, is_asked)


@pytest.mark.parametrize(
    ("agreed", "due", "says"),
    [
        (
            "2026-09-10",
            "2026-11-20",
            "is kept since 2026-09-10: watch its instalments, do not ask for the item",
        ),
        ("2026-09-10", "2026-10-26", "is kept"),  # the days of grace are not over
        ("2026-08-01", "2026-11-20", None),  # agreed before the items were billed: it is not about them
    ],
)
def test_what_is_on_an_arrangement_is_not_asked_for(k, agreed, due, says):
    tables = k.together(
        k.paid(1, 100_00, "2026-10-20", "2026-10-25"),
        {"items": [k.invoice("I8", 50_00, "2026-10-01"), k.invoice("I9", 50_00, "2026-10-01"), k.cash("R9", 20_00, "2026-09-05")],
         "applications": [k.applied("R9", "I9", 20_00, "2026-09-05")],
         "plans": [{"plan_id": "L1", "customer_id": "C1", "currency": "USD", "amount": 80_00, "agreed_on": agreed, "state": "running"}],
         "plan_instalments": [{"plan_id": "L1", "instalment_no": 1, "due_date": due, "currency": "USD", "amount": 80_00}]},
    )  # fmt: skip
    case = k.case(tables)
    ask, what = case.of(skipped_invoices).iloc[0]["ask"], case.of(short_payments).iloc[0]["what"]
    if says is None:
        assert "send a copy" in ask
        assert what.startswith("nobody said why")
    else:
        assert f"payment arrangement L1 {says}" in ask
        assert f"payment arrangement L1 {says}" in what
        tables["plan_instalments"][0]["due_date"] = "2026-09-15"
        assert (
            "payment arrangement L1 is in default: give notice"
            in k.case(tables).of(short_payments).iloc[0]["what"]
        )


# cash without advice


@pytest.mark.parametrize(
    ("on", "more", "state"),
    [
        ("2026-10-29", {}, "to_chase"),
        ("2026-10-30", {}, "too_new"),
        ("2026-10-01", {"item_type": "prepayment"}, "prepayment"),
    ],
)
def test_cash_is_chased_from_its_second_day_on(k, on, more, state):
    made = k.case({"items": [k.cash("R1", 10_00, on, **more)]}).of(open_cash)
    assert made["state"].tolist() == [state]


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([{"remittance_id": "M1", "receipt_id": "X1", "reference": "D-1", "currency": "USD"}], "has_advice"),
        ([{"remittance_id": "M1", "reference": "D-1", "currency": "USD", "bank_account": "B", "bank_line_id": "L1"}], "has_advice"),
        ([{"remittance_id": "M1", "receipt_id": "X2", "reference": "D-1", "currency": "USD"}], "to_chase"),
    ],
)  # fmt: skip
def test_an_advice_names_the_receipt_or_its_bank_line(k, lines, state):
    tables = {
        "items": [k.cash("R1", 10_00, "2026-10-01")], "remittances": lines,
        "receipts": [{"receipt_id": "X1", "item_id": "R1", "customer_id": "C1", "effective_date": "2026-10-01",
                      "currency": "USD", "amount": 10_00, "status": "unapplied"}],
        "receipt_bank_lines": [{"receipt_id": "X1", "bank_account": "B", "bank_line_id": "L1", "currency": "USD", "amount": 10_00}],
    }  # fmt: skip
    assert k.case(tables).of(open_cash)["state"].tolist() == [state]


@pytest.mark.parametrize(
    ("customer", "state", "says"),
    [({"contact": "Ann Lee"}, "to_chase", "ask Ann Lee which invoices it pays"),
     ({}, "to_chase", "no contact is on file: ask sales whom to ask, which invoices it pays"),
     ({"status": "bankrupt"}, "held", "held: the payer is bankrupt, counsel or compliance decides"),
     ({"status": "cease_contact"}, "to_chase", "ask through whoever speaks with the customer (cease contact)")],
)  # fmt: skip
def test_whom_to_ask(k, customer, state, says):
    made = (
        k.case({"customers": [k.customer("C1", **customer)], "items": [k.cash("R1", 10_00, "2026-10-01")]})
        .of(open_cash)
        .iloc[0]
    )
    assert (made["state"], made["ask"]) == (state, says)


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_sample_chases_what_has_no_advice(k, entity):
    sample = k.sample(entity)
    chased = set(sample.of(remittances_to_chase)["customer_id"].dropna())
    assert k.planted(entity, "receipt_without_advice") <= chased
    assert not k.planted(entity, "receipt_with_advice") & chased
    cash = sample.of(open_cash)
    identities = open_cash_identities(cash, position=sample.position)
    assert identities
    assert all(identity.holds for identity in identities)


# placements


def placement(**more):
    return {"placement_id": "P1", "customer_id": "C1", "kind": "agency", "placed_with": "Fair", "placed_on": "2026-09-01",
            "currency": "USD", "amount": 100_00, "fee_rate": "0.225"} | more  # fmt: skip


@pytest.mark.parametrize(
    ("paid_on", "recalled", "collected"),
    [("2026-08-31", None, 0), ("2026-09-01", None, 33_33), ("2026-10-31", None, 33_33), ("2026-09-09", "2026-09-10", 33_33),
     ("2026-09-10", "2026-09-10", 0)],
)  # fmt: skip
def test_what_an_agency_collected_and_its_fee(k, paid_on, recalled, collected):
    tables = {
        "items": [k.invoice("I1", 100_00, "2026-06-30"), k.invoice("I2", 50_00, "2026-11-10"), k.cash("R1", 33_33, paid_on)],
        "applications": [k.applied("R1", "I1", 33_33, paid_on)], "placements": [placement(recalled_on=recalled)],
    }  # fmt: skip
    made = k.case(tables).of(placement_register).iloc[0]
    assert (made["collected"], made["open_now"]) == (
        collected,
        66_67,
    )  # what was billed in October is not placed
    assert made["fee"] == (7_50 if collected else 0)  # 749.925 rounds to 750
    assert made["state"] == ("recalled" if recalled else "placed")


def notice(item="I1", level=3, sent="2026-10-17"):
    return {"notice_id": f"N{item}", "customer_id": "C1", "item_id": item, "level": level, "sent_on": sent, "channel": "letter",
            "currency": "USD", "amount": 1_00}  # fmt: skip


@pytest.mark.parametrize(
    ("days", "amount", "notices", "kind"),
    [
        (120, 250_00, [notice()], "agency"), (119, 250_00, [notice()], "none"), (120, 249_99, [notice()], None),
        (120, 10_000_00, [notice()], "attorney"), (120, 9_999_99, [notice()], "agency"),
        (120, 250_00, [notice(sent="2026-10-18")], None), (120, 250_00, [notice(level=2)], None), (120, 250_00, [], None),
        (120, 250_00, "absent", "agency"),
    ],
)  # fmt: skip
def test_placed_by_age_amount_and_letters(k, days, amount, notices, kind):
    """The last letter waits 14 days: of 17 October it is over on the 31st."""
    tables = {"items": [k.invoice("I1", amount, late(days))]} | (
        {} if notices == "absent" else {"dunning_notices": notices}
    )
    made = k.case(tables).of(placements_proposed)
    if kind == "none":
        assert made.empty
    else:
        assert (None if pd.isna(made["kind"].iloc[0]) else made["kind"].iloc[0]) == kind
        assert bool(made["is_blocked"].iloc[0]) is (kind is None)


def dispute(**more):
    return {"dispute_id": "D", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 400_00,
            "opened_on": "2026-09-01", "reason": "price"} | more  # fmt: skip


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"disputes": [dispute()]}, "disputed"),
        ({"plans": [{"plan_id": "L", "customer_id": "C1", "currency": "USD", "amount": 1, "agreed_on": "2026-09-01",
                     "state": "running"}]}, "plan"),
        ({"promises": [{"promise_id": "PR", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 1,
                        "promised_on": "2026-10-01", "pay_by": "2026-10-31", "state": "open"}]}, "promised"),
        ({"customers": [{"customer_id": "C1", "status": "bankrupt"}]}, "bankrupt"),
        ({"customers": [{"customer_id": "C1", "status": "sanctioned"}]}, "sanctioned"),
        ({"customers": [{"customer_id": "C1", "is_intercompany": True}]}, "intercompany"),
        ({"placements": [placement()]}, "placed"),
    ],
)  # fmt: skip
def test_what_is_not_placed(k, more, why):
    made = k.case({"items": [k.invoice("I1", 400_00, late(200))]} | more).of(placements_proposed).iloc[0]
    assert (bool(made["is_blocked"]), made["amount"], made["excluded"], made["excluded_because"]) == (
        True,
        0,
        400_00,
        why,
    )


@pytest.mark.parametrize(
    "more",
    [
        {"disputes": [dispute(closed_on="2026-10-31")]}, {"disputes": [dispute(amount=150_00)]},
        {"promises": [{"promise_id": "PR", "customer_id": "C1", "currency": "USD", "amount": 1, "promised_on": "2026-10-01",
                       "pay_by": "2026-10-30", "state": "open"}]},
        {"placements": [placement(recalled_on="2026-10-31")]},
    ],
)  # fmt: skip
def test_their_honest_twins_are_placed(k, more):
    made = k.case({"items": [k.invoice("I1", 400_00, late(200))]} | more).of(placements_proposed).iloc[0]
    assert made["kind"] == "agency"
    assert made["amount"] + made["excluded"] == 400_00


def asked(outcome, on, item="I1"):
    return {"activity_id": f"T{on}", "customer_id": "C1", "item_id": item, "kind": "call", "outcome": outcome,
            "occurred_at": f"{on}T10:00:00Z"}  # fmt: skip


@pytest.mark.parametrize(
    ("done", "is_placed"),
    [
        ([asked("asks for a copy", "2026-01-06")], False),
        ([asked("asks for a copy", "2026-01-06", item=None)], False),  # which one, nobody wrote down
        ([asked("asks for a copy", "2026-01-06"), asked("copy sent", "2026-01-07")], True),
        ([asked("asks for a copy", "2026-01-06", item="I2")], True),
    ],
)
def test_a_debt_is_not_placed_while_a_copy_that_was_asked_for_is_not_sent(k, done, is_placed):
    tables = {
        "items": [k.invoice("I1", 400_00, late(200)), k.invoice("I2", 10_00, "2026-11-30")],
        "activities": done,
    }
    made = k.case(tables).of(placements_proposed).iloc[0]
    if is_placed:
        assert (made["kind"], made["excluded"]) == ("agency", 0)
    else:
        assert (bool(made["is_blocked"]), made["excluded"], made["excluded_because"]) == (
            True,
            400_00,
            "copy_asked",
        )
        assert "(copy asked)" in made["reason"]


# claims


def claim(**more):
    return {"claim_id": "CL", "customer_id": "C1", "kind": "bankruptcy", "opened_on": "2026-09-01", "currency": "USD",
            "state": "not_filed", "amount": 100_00} | more  # fmt: skip


def insolvent(k, *items, **more):
    return {"customers": [k.customer("C1", status="bankrupt")], "items": list(items)} | more


@pytest.mark.parametrize(
    ("more", "finding"),
    [
        ({"file_by": "2026-10-30"}, "missed"), ({"file_by": "2026-10-31"}, "file_soon"), ({"file_by": "2026-11-30"}, "file_soon"),
        ({"file_by": "2026-12-01"}, "to_file"), ({}, "to_file"), ({"state": "filed", "filed_on": "2026-10-31"}, "filed"),
        ({"state": "filed", "filed_on": "2026-11-01", "file_by": "2026-11-15"}, "file_soon"),
        ({"state": "allowed", "filed_on": "2026-09-10"}, "allowed"),
        ({"state": "closed", "filed_on": "2026-09-10", "closed_on": "2026-10-01"}, "ended"),
    ],
)  # fmt: skip
def test_claims_by_their_days(k, more, finding):
    made = k.case(insolvent(k, claims=[claim(**more)])).of(claims)
    assert made.loc[made["claim_id"].eq("CL"), "finding"].tolist() == [finding]


def test_the_balance_at_the_petition_what_came_after_and_money_to_hold(k):
    """500 billed before, 100 of it paid before; 70 billed and 90 received on the day of the petition, 30 of it applied."""
    tables = insolvent(
        k, k.invoice("I1", 500_00, "2026-08-31"), k.cash("R0", 100_00, "2026-08-31"),
        k.invoice("I2", 70_00, "2026-10-01", effective_date="2026-09-01", document_date="2026-09-01", posting_date="2026-08-31"),
        k.cash("R1", 90_00, "2026-09-01"), k.invoice("I3", 20_00, "2026-08-31", currency="EUR"),
        applications=[k.applied("R0", "I1", 100_00, "2026-08-31"), k.applied("R1", "I1", 30_00, "2026-09-02")],
        claims=[claim(amount=420_00, file_by="2026-11-15")],
        activities=[{"activity_id": "T1", "customer_id": "C1", "kind": "letter", "occurred_at": "2026-08-31T10:00:00Z"}],
    )  # fmt: skip
    made = k.case(tables).of(claims).iloc[0]
    assert (made["balance_at_petition"], made["difference"], made["post_petition"]) == (400_00, 20_00, 70_00)
    assert (made["received_since"], made["held"], made["applied_since"]) == (90_00, 60_00, 30_00)
    assert bool(made["letter_due"])
    words = ("USD 20.00 above the balance", "balance in EUR is not in this claim", "hold USD 60.00",
             "USD 30.00 received since the petition was applied")  # fmt: skip
    assert all(clause in made["what"] for clause in words)
    tables["activities"][0]["occurred_at"] = "2026-09-01T10:00:00Z"
    assert not k.case(tables).of(claims).iloc[0]["letter_due"]


def test_an_insolvent_customer_without_a_claim_is_a_finding(k):
    made = k.case(insolvent(k, k.invoice("I1", 500_00, "2026-08-31"))).of(claims)
    assert made["finding"].tolist() == ["no_claim"]
    assert "USD 500.00 is owed now" in made["what"].iloc[0]
    ended = claim(state="closed", closed_on="2026-10-01", filed_on="2026-09-05")
    both = k.case(insolvent(k, k.invoice("I1", 500_00, "2026-08-31"), claims=[ended])).of(claims)
    assert set(both["finding"]) == {"no_claim", "ended"}
    healthy = k.case({"items": [k.invoice("I1", 500_00, "2026-08-31")]}).of(claims)
    assert healthy.empty


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_sample_every_failed_customer_has_a_line(k, entity):
    sample = k.sample(entity)
    made = sample.of(claims)
    status = sample.position.attributes.set_index("customer_id")["status"]
    failed = set(status[status.isin(["bankrupt", "estate"])].index)
    assert failed <= set(made["customer_id"])
    applied = made.loc[made["applied_since"].fillna(0).gt(0), "customer_id"]
    assert len(applied) >= len(k.planted(entity, "money_from_bankrupt"))
    register = sample.of(placement_register)
    assert len(register) == len(sample.book["placements"])
    proposed = sample.of(placements_proposed)
    assert not set(proposed.loc[~proposed["is_blocked"], "customer_id"]) & failed
    assert sample.of(skipped_invoices)["days_past_due"].gt(0).all()
    assert sample.of(short_payments)["left_open"].gt(0).all()
