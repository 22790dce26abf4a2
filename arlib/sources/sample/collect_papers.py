"""Papers of the sample's collections desk: orders, exceptions, customer files, references, portals, placements. Floor 2."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from arlib.sources.sample.collect_books import STATUS_SINCE
from arlib.sources.sample.collect_desk import MANAGER, PORTAL, CollectDesk, Row
from arlib.tables.rows import records


def orders(desk: CollectDesk) -> list[Row]:
    """Open orders of a third of the customers, among them held, part-billed and cancelled ones."""
    made: list[Row] = []
    size = desk.books.money("2,150.00")
    for place, customer in enumerate(desk.drawn()[["customer_id", "status"]].to_dict("records")):
        if customer["status"] != "active" or place % 3:
            continue
        number = len(made)
        amount = size * (2 + number % 7) // 3
        state = ("open", "open", "open", "cancelled", "open", "billed")[number % 6]
        billed = amount if state == "billed" else amount // 4 if number % 6 == 2 else 0
        made.append({
            "order_no": f"SO-N{number + 1:05d}", "customer_id": customer["customer_id"], "ordered_on": desk.ago(5 + number % 30),
            "deliver_on": desk.ago(-3 - number % 25), "cancelled_on": desk.ago(2) if state == "cancelled" else None,
            "currency": desk.plan.currency, "amount": amount, "billed_amount": billed, "state": state,
        })  # fmt: skip
    for part, state in (("over_limit", "open"), ("on_hold", "held"), ("release", "held")):
        made.append({
            "order_no": f"SO-N{len(made) + 1:05d}", "customer_id": desk.told(part).customer, "ordered_on": desk.ago(8),
            "deliver_on": desk.ago(-9), "currency": desk.plan.currency, "amount": size, "billed_amount": 0, "state": state,
        })  # fmt: skip
    return made


def placements(desk: CollectDesk) -> list[Row]:
    """What agency and attorney have, and what came back: in each currency what was open on the day of placement."""
    status = desk.tables["customers"].set_index("customer_id")["status"]
    made: list[Row] = []

    def placed(customers: list[str], kind: str, day: date, recalled: date | None = None) -> None:
        agency = kind == "agency"
        for customer, owed in desk.owed_on(day, customers).items():
            made.extend({
                "placement_id": f"PL{number:04d}", "customer_id": customer, "kind": kind, "placed_on": day,
                "placed_with": "Fairway Recoveries" if agency else "Marsh & Lowe, attorneys", "recalled_on": recalled,
                "currency": code, "amount": amount, "fee_rate": "0.22" if agency else "0.30", "approved_by": MANAGER,
            } for number, (code, amount) in enumerate(sorted(owed.items()), len(made) + 1))  # fmt: skip

    for kind, word in (("agency", "agency"), ("attorney", "legal")):
        placed(sorted(status.index[status.eq(word)]), kind, desk.ago(STATUS_SINCE - 1))
    placed([desk.told("exception_valid").customer], "agency", desk.ago(35), recalled=desk.ago(20))
    return made


def exceptions(desk: CollectDesk) -> list[Row]:
    """Accounts outside the standard procedure: in force, expired, and without an end."""
    given = (
        ("exception_valid", "no_dunning", "merger of their accounts payable, pays by arrangement", MANAGER, -45),
        ("exception_expired", "all", "=HYPERLINK(\"http://x\",\"see mail\") of the director", MANAGER, 15),
        ("exception_endless", "no_calls", "asked not to be called", None, None),
        ("on_hold", "no_calls", "speaks to the sales director only", MANAGER, -20),
    )  # fmt: skip
    return [
        {
            "exception_id": f"EX{number:04d}", "customer_id": desk.told(part).customer, "procedure": procedure, "reason": reason,
            "owner": desk.plan.collectors[0], "approved_by": approver, "valid_from": desk.ago(90),
            "expires_on": None if end is None else desk.ago(end),
        }
        for number, (part, procedure, reason, approver, end) in enumerate(given, 1)
    ]  # fmt: skip


def files(desk: CollectDesk) -> list[Row]:
    """Credit application and tax form of every customer, but for some; one form that has expired."""
    made: list[Row] = []
    expired = desk.told("tax_form_expired").customer
    rows = desk.tables["customers"]
    for place, customer in enumerate(rows[~rows["is_intercompany"]]["customer_id"]):
        opened = desk.ago(1400 - place % 300)
        if place % 17 != 3:
            made.append({
                "customer_id": customer, "kind": "credit_application", "reference": f"CA-{place + 1:05d}", "received_on": opened,
            })  # fmt: skip
        if place % 13 != 6 or customer == expired:
            end = desk.ago(20) if customer == expired else desk.ago(-30 if place % 29 == 8 else -400)
            made.append({
                "customer_id": customer, "kind": "tax_form", "reference": f"TF-{place + 1:05d}", "received_on": opened,
                "expires_on": end,
            })  # fmt: skip
        if place % 19 == 2:
            made.append({
                "customer_id": customer, "kind": "financial_statements", "reference": "annual accounts",
                "received_on": desk.ago(200),
            })  # fmt: skip
    return made


def terms(desk: CollectDesk) -> list[Row]:
    """Terms beside the customer's own: approved, and by nobody."""
    made: list[Row] = []
    for part, approver in (("terms_unapproved", None), ("terms_approved", MANAGER)):
        told = desk.told(part)
        item = told.items[0]
        made.append({
            "exception_id": f"TE{len(made) + 1:04d}", "customer_id": told.customer, "item_id": item["item_id"], "terms": "net 90",
            "reason": "seasonal order", "requested_by": item["sales_rep"], "approved_by": approver,
            "granted_on": item["document_date"], "expires_on": desk.ago(-60),
        })  # fmt: skip
    return made


def bureau(desk: CollectDesk) -> list[Row]:
    """Reports on a quarter of the customers; the newest of some are two years old."""
    made: list[Row] = []
    rows, names = desk.tables["customers"], ["customer_id", "limit_currency", "credit_limit"]
    for place, customer in enumerate(rows.loc[~rows["is_intercompany"], names].to_dict("records")):
        if place % 4:
            continue
        kind = ("bureau", "bureau", "trade", "bank")[place // 4 % 4]
        score = 38 + place * 7 % 60
        is_bureau = kind == "bureau"
        made.append({
            "customer_id": customer["customer_id"], "kind": kind, "reported_on": desk.ago(740 if place % 20 == 8 else 40 + place % 90),
            "provider": {"bureau": "Beacon Credit Bureau", "trade": "Alder Wholesale", "bank": "Harbour Bank"}[kind],
            "score": score if is_bureau else None, "score_lowest": 1 if is_bureau else None,
            "score_highest": 100 if is_bureau else None, "rating": "ABCD"[min(3, (100 - score) // 20)] if is_bureau else None,
            "days_beyond_terms": max(0, 60 - score) // 2 if kind != "bank" else None,
            "currency": customer["limit_currency"],
            "recommended_limit": int(customer["credit_limit"]) * score // 70 if is_bureau else None,
            "text": "=1+1 is what it pays" if place % 16 == 4 else None,
        })  # fmt: skip
    return made


def portals(desk: CollectDesk) -> list[Row]:
    """Invoices in the customers' portal: rejected, approved, submitted, past the day that the portal gave, and one never sent."""
    made: list[Row] = []

    def stands(item: Row, status: str, day: date, pay: date | None = None, reason: str | None = None) -> None:
        sent = pd.Timestamp(item["document_date"]).date() + timedelta(days=1)
        steps = [("submitted", sent)] if status == "submitted" else [("submitted", sent), (status, day)]
        for state, when in steps:
            if state == status or when < day:
                made.append({
                    "item_id": item["item_id"], "portal": PORTAL, "submitted_on": sent, "status": state, "status_on": when,
                    "pay_date": pay if state == status else None, "reason": reason if state == status else None,
                })  # fmt: skip

    stands(
        desk.told("portal_rejected").items[0], "rejected", desk.ago(20), reason="<b>order number unknown</b>"
    )
    late, current = desk.told("portal_approved").items
    stands(late, "approved", desk.ago(12), pay=desk.ago(-6))
    stands(current, "submitted", desk.ago(12))
    customers = desk.drawn()
    place = dict(
        zip(desk.tables["customers"]["customer_id"], range(len(desk.tables["customers"])), strict=True)
    )
    users = {c for c in customers["customer_id"] if place[c] % 12 == 5}
    rows = desk.debits
    for number, item in enumerate(records(rows[rows["customer_id"].isin(users)])):
        if number % 5 == 4:
            continue
        day = min(item["document_date"].date() + timedelta(days=6), desk.close)
        stands(item, ("approved", "submitted", "approved", "submitted")[number % 4], day,
               pay=desk.ago(7) if number % 4 == 2 else desk.ago(-8) if number % 4 == 0 else None)  # fmt: skip
    return made
