"""Credit work of the sample company: security, holds, claims, reserves, plans, deductions, requests. Floor 2.

Made from the finished books, so that no document changes; each planted case has an honest twin beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from arlib.sources.sample.plan import EntityPlan, Window
from arlib.sources.sample.truth import Notes
from arlib.tables import CANONICAL

Row = dict[str, Any]
Frames = dict[str, pd.DataFrame]

FAILED = ("bankrupt", "estate", "legal", "agency")
CLAIM_STATES = ("filed", "not_filed", "allowed", "discharged")
BANK_CODES = {"US": "123456780", "GB": "ARLBGB2LXXX", "JP": "ARLBJPJTXXX"}  # no real bank has them


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a credit team sees at the close: open items with what is left of them, customers, and the truth's notes."""

    plan: EntityPlan
    window: Window
    tables: Mapping[str, pd.DataFrame]
    open_items: pd.DataFrame  # ITEMS with `rest`, not zero
    status: Mapping[str, str]
    notes: Notes

    @property
    def close(self) -> date:
        """The as-of date."""
        return self.window.as_of

    def ago(self, days: int) -> date:
        """A day before the close; a negative number gives one after it."""
        return self.close - timedelta(days=days)

    @cached_property
    def debits(self) -> pd.DataFrame:
        """Open invoices of active customers outside the group, oldest first."""
        rows = self.open_items
        active = rows["customer_id"].map(self.status).eq("active")
        own = rows["item_type"].eq("invoice") & (rows["rest"] > 0) & rows["control_account"].ne("1250")
        return rows[own & active].sort_values(["due_date", "item_id"], ignore_index=True)

    @cached_property
    def credits(self) -> pd.DataFrame:
        """Open cash of known customers outside the group, oldest first."""
        rows = self.open_items
        own = rows["cash_status"].isin(["unapplied", "on_account"]) & (rows["rest"] < 0)
        known = rows["customer_id"].notna() & rows["control_account"].ne("1250")
        return rows[own & known].sort_values(["effective_date", "item_id"], ignore_index=True)

    def plant(self, kind: str, documents: list[str], amount: int, day: date, note: str) -> None:
        """Note a planted case; the amount is in the books' currency or zero."""
        self.notes.plant(
            kind, [("text", text) for text in documents], amount, self.window.day(day), note=note
        )


def credit_tables(desk: Desk) -> Frames:
    """All tables of credit work of one entity."""
    requests = list(_requests(desk))
    made = {
        "security": _security(desk),
        "holds": _holds(desk),
        "claims": _claims(desk),
        "specific_reserves": _reserves(desk),
        **_plans(desk),
        "deductions": _deductions(desk),
        "adjustment_requests": requests,
        "bank_details": _bank_details(desk),
        "exemptions": _exemptions(desk),
        "commissions": _commissions(desk, requests),
        "activities": _activities(desk),
    }
    own = {"entity": desk.plan.code}
    return {name: CANONICAL[name].from_rows(own | row for row in rows) for name, rows in made.items()}


def more_disputes(desk: Desk, disputes: pd.DataFrame) -> pd.DataFrame:
    """DISPUTES with one of a debt that was written off all the same, and at least one of an open invoice."""
    lost = desk.tables["written_off"].sort_values(["written_off_on", "item_id"])
    real = lost[lost["reason"].eq("uncollectable")]
    row = (real if len(real) else lost).iloc[-1]
    day = row["written_off_on"].date()
    desk.plant("write_off_of_disputed", [str(row["item_id"])], 0, day, "dispute still open")
    made = [(row, int(row["amount"]), day - timedelta(days=70), "quality")]
    owed = desk.debits
    if not owed["item_id"].isin(disputes.loc[disputes["closed_on"].isna(), "item_id"]).any():
        made += [(last, int(last["rest"]), desk.ago(20), "price") for _, last in owed.tail(1).iterrows()]
    rows = [
        {
            "dispute_id": f"DI9990{number:02d}", "entity": desk.plan.code, "customer_id": one["customer_id"],
            "item_id": one["item_id"], "currency": one["currency"], "amount": amount, "opened_on": opened,
            "owner": desk.plan.owner, "state": "open", "reason": reason,
        }
        for number, (one, amount, opened, reason) in enumerate(made, 1)
    ]  # fmt: skip
    return CANONICAL["disputes"].typed(pd.concat([disputes, pd.DataFrame(rows)], ignore_index=True))


def _security(desk: Desk) -> list[Row]:
    """Insurance of the customers whose items are insured, guarantees of the secured, and one right of set-off."""
    customers = desk.tables["customers"].set_index("customer_id")
    billed = desk.tables["items"]
    rows: list[Row] = []
    for kind, flag in (("credit_insurance", "is_insured"), ("guarantee", "is_secured")):
        covered = sorted(billed.loc[billed[flag].fillna(False).astype(bool), "customer_id"].dropna().unique())
        for number, customer in enumerate(covered[:8]):
            limit = int(customers.loc[customer, "credit_limit"])
            rows.append({
                "security_id": f"{kind[:2].upper()}{number + 1:04d}", "customer_id": customer, "kind": kind,
                "provider": "Northern Credit Mutual" if kind == "credit_insurance" else "Harbour Bank",
                "reference": f"POL-{number + 7001}", "currency": desk.plan.currency, "amount": limit // 2,
                "cover_rate": "0.9" if kind == "credit_insurance" else "1",
                "deductible": limit // 100 if kind == "credit_insurance" else 0, "is_integral": number % 2 == 0,
                "valid_from": desk.ago(300), "valid_to": desk.ago(40) if number == 3 else None,
            })  # fmt: skip
    debtors = set(desk.debits["customer_id"])
    both = [c for c in desk.credits["customer_id"].unique() if c in debtors]
    rows += [{
        "security_id": "SO0001", "customer_id": customer, "kind": "set_off", "provider": "", "reference": "NET-2024-17",
        "currency": desk.plan.currency, "is_integral": True, "valid_from": desk.ago(600),
    } for customer in both[:1]]  # fmt: skip
    return rows


def _holds(desk: Desk) -> list[Row]:
    owing = list(dict.fromkeys(desk.debits["customer_id"]))
    made: list[Row] = []
    for number, (customer, kind, lifted) in enumerate(
        zip(owing[2:4], ("legal", "audit"), (None, desk.ago(12)), strict=False)
    ):
        made.append({
            "hold_id": f"HO{number + 1:04d}", "customer_id": customer, "kind": kind, "placed_on": desk.ago(50),
            "lifted_on": lifted, "owner": "counsel", "reason": "litigation on a supply contract" if kind == "legal" else "year-end sample",
        })  # fmt: skip
    return made


def _failed(desk: Desk) -> list[str]:
    """Failed customers, those who still owe first."""
    owed = desk.open_items.loc[desk.open_items["rest"] > 0].groupby("customer_id")["rest"].sum()
    failed = [customer for customer, status in desk.status.items() if status in FAILED]
    return sorted(failed, key=lambda customer: (-int(owed.get(customer, 0)), customer))


def _claims(desk: Desk) -> list[Row]:
    owed = desk.open_items.loc[desk.open_items["rest"] > 0].groupby("customer_id")["rest"].sum()
    made: list[Row] = []
    for number, customer in enumerate(c for c in _failed(desk) if desk.status[c] in ("bankrupt", "estate")):
        state = CLAIM_STATES[number % len(CLAIM_STATES)]
        mine = desk.open_items[desk.open_items["customer_id"].eq(customer)]
        made.append({
            "claim_id": f"CL{number + 1:04d}", "customer_id": customer,
            "kind": "estate" if desk.status[customer] == "estate" else "bankruptcy", "case_no": f"26-{10417 + number}",
            "court": "District court", "opened_on": desk.ago(150), "file_by": desk.ago(-30 if state == "not_filed" else 60),
            "filed_on": None if state == "not_filed" else desk.ago(90),
            "currency": str(mine["currency"].iloc[0]) if len(mine) else desk.plan.currency,
            "amount": int(owed.get(customer, 0)), "state": state, "dividend_rate": "0.15" if state == "allowed" else None,
            "closed_on": desk.ago(5) if state == "discharged" else None,
        })  # fmt: skip
    return made


def _reserves(desk: Desk) -> list[Row]:
    """Reserves set by a person; the last of the failed customers was forgotten."""
    failed = _failed(desk)
    reason = {"bankrupt": "bankruptcy", "estate": "estate", "legal": "legal", "agency": "agency"}
    made: list[Row] = []
    for number, customer in enumerate(failed[:-1]):
        made.append({
            "reserve_id": f"SR{number + 1:04d}", "customer_id": customer, "reason": reason[desk.status[customer]],
            "loss_rate": ("0.85", "0.5", "0.4")[number % 3], "currency": desk.plan.currency, "set_by": desk.plan.owner,
            "approved_by": "controller", "valid_from": desk.ago(120), "evidence": "counsel's letter on file",
        })  # fmt: skip
    return made


def _plans(desk: Desk) -> dict[str, list[Row]]:
    """One arrangement that is kept so far and one that is broken."""
    late = desk.debits
    late = late[late["due_date"] < pd.Timestamp(desk.ago(20))].drop_duplicates("customer_id")
    plans: list[Row] = []
    parts: list[Row] = []
    for number, (row, state) in enumerate(
        zip(late.iloc[4:6].to_dict("records"), ("running", "broken"), strict=False)
    ):
        plan, amount = f"PA{number + 1:04d}", int(row["rest"])
        plans.append({
            "plan_id": plan, "customer_id": row["customer_id"], "item_id": row["item_id"], "currency": row["currency"],
            "amount": amount, "agreed_on": desk.ago(25 if state == "running" else 100), "state": state,
            "ended_on": desk.ago(8) if state == "broken" else None, "agreed_by": "credit.manager", "reference": f"ARR-{number + 1}",
        })  # fmt: skip
        third = amount // 3
        for part, own in enumerate((third, third, amount - 2 * third)):
            parts.append({
                "plan_id": plan, "instalment_no": part + 1, "currency": row["currency"], "amount": own, "interest": 0,
                "due_date": desk.ago((-5 if state == "running" else 70) - 30 * part),
            })  # fmt: skip
    return {"plans": plans, "plan_instalments": parts}


def _deductions(desk: Desk) -> list[Row]:
    """What is left of part-paid invoices: pending in and past its time, valid, authorised, invalid."""
    part = desk.debits
    part = part[part["rest"] * 2 < part["amount"]]
    states = ("pending", "valid", "pending", "authorised", "invalid")
    made: list[Row] = []
    for number, row in enumerate(part.head(10).to_dict("records")):
        state = states[number % len(states)]
        back = 90 if number % 5 == 2 else 20
        tax = (
            0
            if pd.isna(row["tax_amount"])
            else int(row["tax_amount"]) * int(row["rest"]) // int(row["amount"])
        )
        made.append({
            "deduction_id": f"DE{number + 1:05d}", "customer_id": row["customer_id"], "item_id": row["item_id"],
            "currency": row["currency"], "amount": int(row["rest"]), "tax_amount": tax,
            "reason": ("price", "damaged", "short_shipped", "rebate", "price")[number % 5], "taken_on": desk.ago(back), "state": state,
            "decided_on": None if state == "pending" else desk.ago(6), "decided_by": None if state == "pending" else "deductions",
            "reference": f"DN-{number + 501}", "owner": desk.plan.owner,
        })  # fmt: skip
    return made


def _requests(desk: Desk) -> Iterator[Row]:
    """What people asked for: each fault beside an honest one."""
    debits = desk.debits
    by, day = desk.plan.owner, desk.ago(6)
    counter = iter(range(1, 1000))

    def asked(kind: str, row: Mapping[Any, Any], **given: Any) -> Row:
        return {
            "request_id": f"RQ{next(counter):04d}", "kind": kind, "customer_id": row["customer_id"],
            "item_id": row["item_id"], "currency": row["currency"], "requested_by": by, "requested_on": day,
            "evidence": "mail of the customer", **given,
        }  # fmt: skip

    whole = debits[debits["rest"].eq(debits["amount"])].drop_duplicates("customer_id")
    rows = whole.head(8).to_dict("records")
    if len(rows) < 8:
        return
    yield asked("credit_memo", rows[0], amount=int(rows[0]["amount"]) // 10, reason="price")
    yield asked("credit_memo", rows[1], amount=int(rows[1]["amount"]) * 2, reason="damaged")
    desk.plant(
        "credit_above_item", [str(rows[1]["document_no"])], 0, day, "credit asked for twice the invoice"
    )
    yield asked("credit_memo", rows[2], amount=int(rows[2]["amount"]) // 5, reason="because")
    desk.plant("unknown_reason", [str(rows[2]["document_no"])], 0, day, "a reason that is no code")
    yield asked("rebill", rows[3], reason="billing_error", corrected_amount=int(rows[3]["amount"]) * 9 // 10)
    yield asked(
        "settlement", rows[4], amount=int(rows[4]["amount"]) // 4, reason="settlement", pay_by=desk.ago(-30)
    )
    yield asked("plan", rows[5], reason="arrangement", instalments=6, rate="0.06", effective_on=desk.ago(-15))
    billed = desk.tables["items"]
    service = debits[
        debits["service_to"].notna()
        & (debits["service_to"] - debits["service_from"] >= pd.Timedelta(days=10))
    ]
    for row in service.head(1).to_dict("records"):
        yield asked(
            "rewrite",
            row,
            reason="service_ended",
            effective_on=row["service_from"].date() + timedelta(days=7),
        )
    for row in desk.credits.head(2).to_dict("records"):
        yield asked("refund", row, amount=-int(row["rest"]), reason="overpayment", payer_account=None)
    paid_back = billed[billed["item_type"].eq("refund")].head(1).to_dict("records")
    for row in [] if paid_back else desk.credits.head(1).to_dict("records"):
        yield asked("refund", row, amount=-int(row["rest"]), reason="overpayment", payer_account=None)
        desk.plant("double_refund", [str(row["document_no"])], 0, day, "asked for twice")
    back = desk.tables["applications"]
    back = back[back["kind"].eq("refund")].drop_duplicates("target_item_id").set_index("target_item_id")
    for row in paid_back:
        source = str(back.loc[row["item_id"], "source_item_id"])
        yield asked("refund", {**row, "item_id": source}, amount=int(row["amount"]), reason="overpayment")
        desk.plant(
            "double_refund", [source, str(row["document_no"])], 0, day, "asked for again: it was paid back"
        )
    open_disputes = desk.tables["disputes"]
    open_disputes = open_disputes[open_disputes["closed_on"].isna()]
    argued = debits[debits["item_id"].isin(open_disputes["item_id"])]
    for row in argued.head(1).to_dict("records"):
        yield asked("write_off", row, amount=int(row["rest"]), reason="uncollectable")
        desk.plant("write_off_asked_for_disputed", [str(row["document_no"])], 0, day, "the dispute is open")
    for row in whole.iloc[8:9].to_dict("records"):
        yield asked("write_off", row, amount=int(row["rest"]), reason="uncollectable")


def _bank_details(desk: Desk) -> list[Row]:
    """Accounts of customers with money to get back: as it always was, changed without a call back, changed with one."""
    customers = desk.tables["customers"].set_index("customer_id")
    made: list[Row] = []
    owed = list(dict.fromkeys(desk.credits["customer_id"]))
    for number, customer in enumerate(owed):
        known = {
            "customer_id": customer, "bank_code": BANK_CODES[desk.plan.country], "holder": customers.loc[customer, "name"],
            "country": desk.plan.country,
        }  # fmt: skip
        first = {**known, "account": customers.loc[customer, "payer_account"], "valid_from": desk.ago(500),
                 "told_by": "contract", "entered_by": "master.data"}  # fmt: skip
        if number not in (1, 2):
            made.append(first)
            continue
        made.append({**first, "valid_to": desk.ago(11)})
        called = number == 2
        made.append({
            **known, "account": f"X{desk.plan.code[:2]}99{number:08d}", "valid_from": desk.ago(10), "told_by": "e-mail",
            "entered_by": "master.data", "called_back_on": desk.ago(8) if called else None,
            "called_back_by": "treasury" if called else None,
        })  # fmt: skip
        if not called:
            desk.plant(
                "changed_bank_details", [customer], 0, desk.ago(10), "told by e-mail, nobody called back"
            )
    return made


def _exemptions(desk: Desk) -> list[Row]:
    """A customer that was charged tax in spite of a certificate, and one whose certificate had ended."""
    taxed = desk.debits
    taxed = taxed[taxed["tax_amount"].fillna(0) > 0].drop_duplicates("customer_id")
    made: list[Row] = []
    for number, row in enumerate(taxed.iloc[6:8].to_dict("records")):
        issued = row["effective_date"].date()
        made.append({
            "customer_id": row["customer_id"], "certificate_no": f"EX-{number + 88}", "jurisdiction": desk.plan.country,
            "valid_from": issued - timedelta(days=10), "valid_to": issued + timedelta(days=-5 if number else 10),
            "received_on": issued - timedelta(days=10),
        })  # fmt: skip
        if not number:
            desk.plant(
                "taxed_in_spite_of_exemption",
                [str(row["document_no"])],
                0,
                issued,
                "certificate valid that day",
            )
    return made


def _commissions(desk: Desk, requests: list[Row]) -> list[Row]:
    """Three per cent to the partner who sold, paid the month after; of what is to be credited always."""
    sold = desk.tables["items"]
    sold = sold[sold["item_type"].eq("invoice") & sold["net_amount"].notna()]
    asked = [row["item_id"] for row in requests if row["kind"] in ("credit_memo", "rebill", "rewrite")]
    sold = sold[sold["sales_partner"].notna() | sold["item_id"].isin(asked)]
    names = ["item_id", "posting_date", "sales_partner", "currency", "net_amount"]
    made: list[Row] = []
    for number, row in enumerate(sold[names].to_dict("records")):
        earned = row["posting_date"].date()
        paid = earned + timedelta(days=30)
        partner = "partner.south" if pd.isna(row["sales_partner"]) else row["sales_partner"]
        made.append({
            "commission_id": f"CO{number + 1:06d}", "item_id": row["item_id"], "sales_partner": partner,
            "currency": row["currency"], "base_amount": int(row["net_amount"]), "rate": "0.03",
            "amount": int(row["net_amount"]) * 3 // 100, "earned_on": earned, "paid_on": paid if paid <= desk.close else None,
        })  # fmt: skip
    return made


def _activities(desk: Desk) -> list[Row]:
    """Calls and letters on what is late; one debtor acknowledged a debt that was written off."""
    customers = desk.tables["customers"].set_index("customer_id")["collector"]
    late = desk.debits
    late = late[late["due_date"] < pd.Timestamp(desk.close)]
    made: list[Row] = []

    def touched(row: Mapping[Any, Any], day: date, kind: str, outcome: str) -> None:
        made.append({
            "activity_id": f"AC{len(made) + 1:06d}", "customer_id": row["customer_id"], "item_id": row["item_id"],
            "occurred_at": datetime.combine(day, time(15), tzinfo=UTC), "done_by": customers.get(row["customer_id"]),
            "kind": kind, "outcome": outcome,
        })  # fmt: skip

    for number, row in enumerate(late[["customer_id", "item_id", "due_date"]].to_dict("records")):
        due = row["due_date"].date()
        for step, (after, kind) in enumerate(((4, "email"), (16, "call"), (41, "letter"))):
            day = due + timedelta(days=after)
            if day <= desk.close and (number + step) % 3:
                touched(row, day, kind, ("no answer", "will pay", "asks for a copy")[(number + step) % 3])
    lost = desk.tables["written_off"]
    for row in lost[lost["reason"].eq("uncollectable")].head(1).to_dict("records"):
        touched(
            row, row["written_off_on"].date() + timedelta(days=20), "acknowledgement", "wrote that it is owed"
        )
    return made
