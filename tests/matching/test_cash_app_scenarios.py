"""The scenario batches of github abhijeet1895raj/cash-application-hackathon (MIT, see data/cash_app_scenarios/LICENSE).

Each receipt has a note that says how its author would treat it. `CASES` says how we do; where the two differ, `argued` says
why. What a person must see is never automatic; what may be, is not said here: that is for measured precision.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arlib.matching.facts import Facts
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.matching.leftovers import contras
from arlib.matching.pool import pool_of
from arlib.matching.proposal import Proposal
from arlib.matching.residuals import decompose
from arlib.matching.returned import returned_payments, reversals
from arlib.matching.special import cautions, special_cash
from arlib.policy.matching import MatchingPolicy
from arlib.tables import CANONICAL

DATA = Path(__file__).parent / "data" / "cash_app_scenarios"
STATUS = {"CUST-03-001": "sanctioned", "CUST-03-004": "legal"}  # as the notes of their invoices say
ENTITIES = {"S03": "Global Imports Corp", "N03": "Global Imports North LLC"}
BEFORE = {  # what the notes tell of payments before: reference, day, invoice
    "TXN-03-005": ("ACH20240620001", "2024-06-20", "INV-03-005"),
    "TXN-06-003": ("ACH20240605003", "2024-06-05", "INV-06-003"),
}


@dataclass(frozen=True)
class Case:
    """What becomes of a receipt: cents applied by item, and what the difference is."""

    pays: dict[str, int] = field(default_factory=dict)
    difference: str = ""  # kind and cents, as in "fee 2500"
    reason: str = ""
    code: str = ""
    held: str = ""  # words of why a person must look
    status: str = ""  # set aside: status and reason, as in "held sanctioned_payer"
    argued: str = ""  # where the note is not followed, why


CASES = {
    "TXN-01-001": Case({"INV-01-001": 1_850_000}),
    "TXN-01-002": Case({"INV-01-002": 1_800_000, "INV-01-003": 2_400_000}),
    "TXN-01-003": Case({"INV-01-004": 3_185_000}, "discount 65000", "earned_discount"),
    "TXN-01-004": Case({"INV-01-005": 997_500}, "fee 2500", "bank_charge"),
    "TXN-01-005": Case(
        {"INV-01-006": 5_500_000},
        argued="oldest first is no evidence: it is right for 29 % of multi-item receipts of a real ledger. The item is the "
        "payer's only one and equals the receipt; the outcome is the note's.",
    ),
    "TXN-01-006": Case({"INV-01-007": 2_730_000}),
    "TXN-01-007": Case({"INV-01-008": 1_340_000}, "", "partial"),
    "TXN-01-008": Case({"INV-01-009": 875_000}),
    "TXN-02-001": Case({"INV-02-001": 3_920_000}, "discount 80000", "earned_discount"),
    "TXN-02-002": Case(
        {"INV-02-002": 4_750_000}, "deduction 250000", "freight", "freight",
        argued="the agreement is not in the ledger; the claim stays open until its credit memo.",
    ),
    "TXN-02-003": Case({"INV-02-003": 2_875_000}, "deduction 125000", "claim", "damaged"),
    "TXN-02-004": Case({"INV-02-004": 6_200_000}, "deduction 300000", "claim", "promotion"),
    "TXN-02-005": Case({"INV-02-005": 3_350_000}, "deduction 150000", "claim", "undefined"),
    "TXN-02-006": Case({"INV-02-006": 1_980_000}, "deduction 200000", "claim", "short_shipment"),
    "TXN-02-007": Case(
        {"INV-02-007": 2_584_000}, "deduction 16000", "unearned_discount", "discount",
        argued="the note reckons with $25,480, the statement has $25,840: $160 are open, not $520.",
    ),
    "TXN-02-008": Case({"INV-02-008": 4_400_000}, "deduction 200000", "claim", "pricing"),
    "TXN-02-009": Case({"INV-02-009": 1_500_000}),
    "TXN-03-001": Case(status="held sanctioned_payer"),
    "TXN-03-002": Case({"INV-03-002": 4_800_000}, held="disputed"),
    "TXN-03-003": Case(status="held other_entity"),
    "TXN-03-004": Case(
        {"INV-03-004": 3_350_000}, held="legal",
        argued="a suggestion that legal must clear; which suspense account holds the cash meanwhile is for the books.",
    ),
    "TXN-03-005": Case(status="returned return"),
    "TXN-03-006": Case({"INV-03-006": 2_975_000}),
    "TXN-04-001": Case({"INV-04-001": 8_500_000}),
    "TXN-04-002": Case(
        {"INV-04-002": 3_100_000, "INV-04-003": 2_500_000}, held="factor",
        argued="the note posts it. First it must be decided whether the invoices were sold to the factor (then the money is "
        "for a receivable that is no longer ours to collect), pledged, or only collected for us.",
    ),
    "TXN-04-003": Case(
        {"INV-04-004": 4_120_000}, "", "partial", "contra", held="contra",
        argued="the note posts the netting. Without the AP document and an approval nothing but the cash is settled: the "
        "$26,800 are a proposal, and stay open.",
    ),
    "TXN-04-004": Case({"INV-04-005": 3_250_000}),
    "TXN-04-005": Case({"INV-04-006": 1_980_000}),
    "TXN-04-006": Case({"INV-04-007": 4_725_000}),
    "TXN-04-007": Case({"INV-04-008": 2_800_000}),
    "TXN-05-001": Case({"INV-05-001": 5_400_000}),
    "TXN-05-002": Case({"INV-05-002": 3_814_500}),
    "TXN-05-003": Case(
        {"INV-05-003": 2_960_000}, "fx 10000", "exchange", held="own exchange rate",
        argued="billed in dollars, so the rate was the payer's to bear: a person must let it go.",
    ),
    "TXN-05-004": Case({"INV-05-004": 2_220_000}),
    "TXN-05-005": Case({"INV-05-005": 4_860_000, "INV-05-006": 3_780_000}),
    "TXN-05-006": Case({"INV-05-007": 2_540_500}, "fee 2500", "bank_charge"),
    "TXN-05-007": Case({"INV-05-008": 6_750_000}),
    "TXN-06-001": Case(status="held post_dated"),
    "TXN-06-002": Case(status="held stale_cheque"),
    "TXN-06-003": Case(status="returned return"),
    "TXN-06-004": Case({"INV-06-004": 3_450_000}),
    "TXN-06-005": Case(status="duplicate duplicate_receipt"),
    "TXN-06-006": Case({"INV-06-005": 1_560_000}, "", "partial"),
    "TXN-06-007": Case(status="prepayment says_prepayment"),
    "TXN-06-008": Case({"INV-06-006": 2_900_000}),
}  # fmt: skip
BATCHES = [f"sample_{number:02}" for number in range(1, 7)]


def cents(amount: float) -> int:
    return int(Decimal(str(amount)) * 100)


@dataclass(frozen=True)
class Batch:
    entity: str
    items: pd.DataFrame
    receipts: pd.DataFrame
    customers: pd.DataFrame
    before: pd.DataFrame
    applied: pd.DataFrame
    was: pd.DataFrame
    policy: MatchingPolicy
    as_of: int
    payers: dict[str, str]  # customer by receipt, as its invoices say: for the parts, which resolve nobody


@cache
def batch(name: str) -> Batch:
    bank = json.loads((DATA / name / "bank_statement.json").read_text(encoding="utf-8"))
    book = json.loads((DATA / name / "open_ar.json").read_text(encoding="utf-8"))
    entity = f"S{name[-2:]}"
    rows = [
        {
            "entity": entity,
            "item_id": i["invoice_id"],
            "customer_id": i["customer_id"],
            "item_type": "invoice",
            "document_no": i["invoice_id"],
            "purchase_order": i["po_reference"],
            "document_date": i["invoice_date"],
            "due_date": i["due_date"],
            "original_due_date": i["due_date"],
            "currency": i["currency"],
            "open_amount": cents(i["open_amount"]),
            "amount": cents(i["original_amount"]),
            "discount_rate": str(Decimal(str(i["discount_pct"])) / 100) if i["discount_pct"] else None,
            "discount_date": i["discount_deadline"],
            "is_disputed": i["status"] == "DISPUTED",
        }
        for i in book["invoices"]
    ]
    cash = [
        {
            "entity": entity,
            "receipt_id": t["txn_id"],
            "value_date": t["date"],
            "currency": t["currency"],
            "amount": -cents(t["amount"]) if t["payment_type"] == "ACH_RETURN" else cents(t["amount"]),
            "payer_name": t["payer_raw"],
            "remittance_text": t["remittance_text"],
            "reference": t["bank_reference"],
        }
        for t in bank["transactions"]
    ]
    names = {i["customer_id"]: i["customer_name"] for i in book["invoices"]}
    aliases = {
        a["canonical_customer_id"]: a
        for a in book["payer_alias_registry"]
        if a["match_type"] != "FACTORING_AGENT"
    }
    parents = {child: p for p in book["parent_child_hierarchy"] for child in p["children"]}
    people = [
        {
            "entity": entity,
            "customer_id": customer,
            "name": label,
            "payer_aliases": aliases[customer]["payer_alias"] if customer in aliases else None,
            "parent_id": parents[customer]["parent_customer_id"] if customer in parents else None,
            "status": STATUS.get(customer, "active"),
        }
        for customer, label in sorted(names.items())
    ]
    people += [
        {
            "entity": entity,
            "customer_id": p["parent_customer_id"],
            "name": p["parent_name"],
            "status": "active",
        }
        for p in book["parent_child_hierarchy"]
    ]
    items = MATCH_ITEMS.frame(rows)
    by_item = {row["item_id"]: row for row in rows}
    past = [(t, *BEFORE[t]) for t in sorted(BEFORE) if f"-{name[-2:]}-" in t]
    before = [
        {"entity": entity, "receipt_id": f"OLD-{t}", "customer_id": by_item[i]["customer_id"], "value_date": day,
         "currency": "USD", "amount": by_item[i]["amount"], "reference": reference}
        for t, reference, day, i in past
    ]  # fmt: skip
    applied = [
        {
            "entity": entity,
            "receipt_id": f"OLD-{t}",
            "item_id": i,
            "currency": "USD",
            "applied_amount": by_item[i]["amount"],
        }
        for t, _, _, i in past
    ]
    agreed = tuple(n["customer_id"] for n in book["intercompany_netting"] if n["net_agreement_active"])
    return Batch(
        entity=entity,
        items=items[items["open_amount"] != 0].reset_index(drop=True),
        receipts=MATCH_RECEIPTS.frame(cash),
        customers=CANONICAL["customers"].frame(people),
        before=MATCH_RECEIPTS.frame(before) if before else MATCH_RECEIPTS.empty(),
        applied=pd.DataFrame(
            applied, columns=["entity", "receipt_id", "item_id", "currency", "applied_amount"]
        ),
        was=items,
        policy=MatchingPolicy(
            bank_charge_max=Decimal(str(book["auto_writeoff_config"]["max_per_transaction"])),
            contra_agreements=agreed,
        ),
        as_of=(date.fromisoformat(bank["statement_date"]) - date(1970, 1, 1)).days,
        payers={
            t: by_item[next(iter(CASES[t].pays))]["customer_id"]
            for t in (r["receipt_id"] for r in cash)
            if CASES[t].pays
        },
    )


@cache
def facts_of(name: str) -> Facts:
    one = batch(name)
    pool = pool_of(one.items, one.receipts)
    payers = {
        row: [(one.entity, one.payers[receipt])]
        for row, receipt in enumerate(pool.receipts.frame["receipt_id"])
        if receipt in one.payers
    }
    plain = Facts(pool, one.policy, customers=one.customers)
    return Facts(pool, one.policy, customers=one.customers, cautions=cautions(plain, payers=payers))


def case_ids(name: str) -> list[str]:
    return batch(name).receipts["receipt_id"].tolist()


ALL = [(name, receipt) for name in BATCHES for receipt in case_ids(name)]


def test_every_receipt_has_a_case() -> None:
    assert sorted(receipt for _, receipt in ALL) == sorted(CASES)
    assert len(CASES) == 45


@pytest.mark.parametrize("name", BATCHES)
def test_what_is_set_aside(name: str) -> None:
    one, facts = batch(name), facts_of(name)
    returns = returned_payments(facts, before=one.before)
    found = special_cash(facts, returns=returns, as_of=one.as_of, entity_names=ENTITIES)
    ids = facts.pool.receipts.frame["receipt_id"].tolist()
    got = {ids[each.receipt]: f"{each.status} {each.reason}" for each in found}
    assert got == {receipt: CASES[receipt].status for receipt in ids if CASES[receipt].status}


@pytest.mark.parametrize(("name", "receipt"), [pair for pair in ALL if CASES[pair[1]].pays])
def test_what_a_difference_is(name: str, receipt: str) -> None:
    """The items given, so that this part stands alone: what is left open, and why."""
    facts, case = facts_of(name), CASES[receipt]
    items, ids = facts.pool.items.frame["item_id"].tolist(), facts.pool.receipts.frame["receipt_id"].tolist()
    rows = sorted(items.index(item) for item in case.pays)
    row = ids.index(receipt)
    opened = tuple(facts.open[item] for item in rows)
    parts, unapplied, held = decompose(
        Proposal(row, tuple(rows), opened, "stated.exact", difference=facts.cash[row] - sum(opened)), facts
    )
    assert {items[part.item]: part.applied for part in parts} == case.pays
    kinds = ("discount", "deduction", "fee", "fx", "tolerance")
    sums = {kind: sum(getattr(part, kind) for part in parts) for kind in kinds}
    assert [f"{kind} {amount}" for kind, amount in sums.items() if amount] == (
        [case.difference] if case.difference else []
    )
    assert {part.reason for part in parts} == {case.reason or "full"}
    assert {part.code for part in parts} == {case.code}
    assert bool(held) is bool(case.held)
    assert case.held in held
    assert unapplied == 0


@pytest.mark.parametrize(("name", "receipt"), [("sample_03", "TXN-03-005"), ("sample_06", "TXN-06-003")])
def test_a_returned_payment_opens_its_invoice_again(name: str, receipt: str) -> None:
    one, facts = batch(name), facts_of(name)
    made = reversals(
        facts,
        returned_payments(facts, before=one.before),
        applied=one.applied,
        items=one.was,
        before=one.before,
    )
    invoice = BEFORE[receipt][2]
    assert made[["return_id", "kind", "item_id", "amount"]].to_numpy().tolist() == [
        [receipt, "application", invoice, 2_200_000]
    ]
    due = one.was.set_index("item_id").loc[invoice, "due_date"]
    assert made["due_date"].tolist() == [due]


def test_the_netting_is_a_proposal() -> None:
    facts = facts_of("sample_04")
    items, ids = facts.pool.items.frame["item_id"].tolist(), facts.pool.receipts.frame["receipt_id"].tolist()
    row, item = ids.index("TXN-04-003"), items.index("INV-04-004")
    parts, _, _ = decompose(
        Proposal(row, (item,), (6_800_000,), "stated.exact_short", difference=-2_680_000), facts
    )
    made = contras(facts, [(row, part) for part in parts])
    assert made[["item_id", "amount", "has_agreement", "needs"]].to_numpy().tolist() == [
        ["INV-04-004", 2_680_000, True, "the AP document and an approval"]
    ]


# --- the whole engine ---------------------------------------------------------------------------------------------


@cache
def matched(name: str) -> Any:
    engine = pytest.importorskip("arlib.matching.engine", reason="the engine's entry is not there yet")
    one = batch(name)
    inputs = MatchInputs(
        items=one.items,
        receipts=one.receipts,
        customers=one.customers,
        confirmed=one.applied if len(one.applied) else None,
        confirmed_items=one.was if len(one.applied) else None,
        confirmed_receipts=one.before if len(one.applied) else None,
    )
    return engine.match(inputs, policy=one.policy, entity_names=ENTITIES, as_of_day=one.as_of)


@pytest.mark.parametrize(("name", "receipt"), ALL)
def test_the_engine(name: str, receipt: str) -> None:
    case = CASES[receipt]
    result = matched(name)
    rows = result.matches[result.matches["receipt_id"] == receipt]
    rest = result.unmatched[result.unmatched["receipt_id"] == receipt]
    if case.status:
        status, reason = case.status.split()
        assert rows.empty
        assert rest[["status", "reason"]].to_numpy().tolist() == [[status, reason]]
        return
    assert dict(zip(rows["item_id"], rows["applied_amount"].astype(int), strict=True)) == case.pays
    kinds = ("discount", "deduction", "fee", "fx", "tolerance")
    sums = {kind: int(rows[kind].fillna(0).sum()) for kind in kinds}
    assert [f"{kind} {amount}" for kind, amount in sums.items() if amount] == (
        [case.difference] if case.difference else []
    )
    assert set(rows["reason"]) == {case.reason or "full"}
    assert rest.empty
    if case.held:
        assert set(rows["decision"]) == {"suggest"}
