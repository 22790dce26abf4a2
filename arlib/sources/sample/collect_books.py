"""Books of the scripted accounts for collecting: customers, invoices, money and their ledger lines. Floor 2.

They are added to the finished tables, numbered in a series of their own, so that no document, amount or draw of the rest
changes, and both ledgers still agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from arlib.sources.sample.collect_accounts import ACCOUNTS, FIRST_CODE, Account, Bill
from arlib.sources.sample.plan import PLACES, TRADE, UNAPPLIED, EntityPlan, Window
from arlib.tables import CANONICAL

Row = dict[str, Any]
Frames = dict[str, pd.DataFrame]
SERIES = 900_000  # document numbers from here on
STATUS_SINCE, UNAPPLIED_SINCE = 60, 4  # days before the close
TOWNS = {
    "FR": "12 rue de la République, 25000 Besançon", "ES": "Calle Mayor 7, 14001 Córdoba", "DE": "Hauptstraße 5, 50667 Köln",
    "CN": "北京市朝阳区建国路88号, 100022 北京", "JP": "東京都千代田区丸の内1-1, 100-0005 東京", "SE": "Strandvägen 3, 114 51 Stockholm",
    "US": "41 Mill Road, Dayton OH 45402", "GB": "41 Mill Road, Leeds LS1 4AP",
}  # fmt: skip
LANGUAGE = {"US": "en", "GB": "en", "JP": "ja"}
PHONES = {"US": "+1 202-555-01{n:02d}", "GB": "+44 1632 9600{n:02d}"}  # numbers that are kept for fiction
NO_PHONE = "+999 555 01{n:02d}"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A scripted account as it stands in the books: its customer code, its invoices, its money."""

    account: Account
    customer: str
    items: tuple[Row, ...]
    cash: tuple[Row, ...]


@dataclass
class Books:
    """What is added to the tables of one entity."""

    plan: EntityPlan
    window: Window
    rows: dict[str, list[Row]] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)

    def add(self, table: str, row: Row) -> Row:
        """One more row of a table; returns it."""
        self.rows.setdefault(table, []).append({"entity": self.plan.code} | row)
        return self.rows[table][-1]

    def count(self, table: str) -> int:
        """How many rows were added to a table."""
        return len(self.rows.get(table, ()))

    def ago(self, days: int) -> date:
        """A day before the close; a negative number gives one after it."""
        return self.window.as_of - timedelta(days=days)

    def worked(self, day: date) -> date:
        """The day, or the Friday before a weekend."""
        return day - timedelta(days=max(0, day.weekday() - 4))

    def money(self, dollars: str) -> int:
        """An amount written for US01, at the size of this entity, in minor units of its currency."""
        cents = int(dollars.replace(",", "").replace(".", ""))
        unit: int = 10 ** PLACES[self.plan.currency]
        return cents * round(self.plan.typical) * unit // 180_000

    def at(self, day: date, hour: int = 10) -> pd.Timestamp:
        """An hour of the entity's day as a UTC instant."""
        return pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=hour - self.plan.hours_from_utc)


def add_accounts(plan: EntityPlan, window: Window, tables: Frames, *, bankrupt: str) -> Books:
    """The scripted accounts of an entity, and the day that the bankrupt one became so; `tables` takes them in."""
    books = Books(plan=plan, window=window)
    for place, account in enumerate(ACCOUNTS):
        _customer(books, account, place)
    _history(books, bankrupt, "status", "bankrupt", books.ago(STATUS_SINCE))
    batches(books)
    for name, rows in books.rows.items():
        more = CANONICAL[name].from_rows(rows)
        tables[name] = pd.concat([tables[name], more], ignore_index=True)
    tables["gl_balances"] = balances(tables["gl_balances"], books.rows["gl_lines"])
    return books


def _customer(books: Books, account: Account, place: int) -> None:
    plan = books.plan
    code = plan.customer.format(n=FIRST_CODE + 7 * place)
    country = account.country or plan.country
    collector, rep, region = (
        names[place % len(names)] for names in (plan.collectors, plan.reps, plan.regions)
    )
    held = books.ago(account.held) if account.held else None
    books.add("customers", {
        "customer_id": code, "name": account.name, "address": TOWNS[country],
        "country": country, "email": f"accounts{place}@customer.example", "language": account.language or LANGUAGE[country],
        "contact": account.contact, "phone": PHONES.get(country, NO_PHONE).format(n=place),
        "tax_id": f"{country}9{place:07d}", "is_intercompany": False, "is_related_party": False,
        "payer_account": _payer_account(plan, place), "collector": collector, "sales_rep": rep, "region": region,
        "terms": "net 30", "credit_limit": books.money(account.limit), "limit_currency": plan.currency, "rating": "B",
        "status": account.status, "is_on_credit_hold": held is not None, "credit_hold_since": held,
        "requires_order_no": account.requires_order_no, "portal": account.portal or None, "opened_on": books.ago(2000 + place),
    })  # fmt: skip
    start = books.window.date(-400)
    was = {"collector": collector, "sales_rep": rep, "region": region, "terms": "net 30", "status": "active"}
    if account.part == "answered_large":
        was["collector"] = plan.collectors[(place + 1) % len(plan.collectors)]
        _history(books, code, "collector", collector, books.ago(20))
    for name, value in was.items():
        _history(books, code, name, value, start)
    if account.status != "active":
        _history(books, code, "status", account.status, books.ago(STATUS_SINCE))
    items, cash = [], []
    for bill in account.bills:
        item = _invoice(books, code, rep, bill)
        items.append(item)
        if bill.paid:
            cash.append(_paid(books, account, place, code, item, bill))
    if account.unapplied:
        day = books.worked(books.ago(UNAPPLIED_SINCE))
        amount = books.money(account.unapplied)
        cash.append(_receipt(books, account, place, code, day, amount, is_applied=False))
    books.told[account.part] = Told(account=account, customer=code, items=tuple(items), cash=tuple(cash))


def _payer_account(plan: EntityPlan, place: int) -> str:
    return f"X{plan.code[:2]}77{place:08d}"


def _history(books: Books, code: str, attribute: str, value: str, day: date) -> None:
    books.add(
        "customer_history", {"customer_id": code, "attribute": attribute, "value": value, "valid_from": day}
    )


def _invoice(books: Books, code: str, rep: str, bill: Bill) -> Row:
    plan = books.plan
    number = SERIES + books.count("items") + 1
    day = books.worked(books.ago(bill.due + bill.days))
    due = day + timedelta(days=bill.days)
    amount, percent = books.money(bill.dollars), round(plan.tax_rates[0][0] * 100)
    tax = amount * percent // (100 + percent)
    item = books.add("items", {
        "item_id": f"{number * 1000:09d}", "customer_id": code, "item_type": "invoice",
        "document_no": plan.document.format(kind="SI", n=number),
        "purchase_order": f"PO-C{number}" if bill.has_order_no else None, "order_no": f"SO-C{number}",
        "delivery_no": f"DN-C{number}", "effective_date": day, "posting_date": day, "entered_at": books.at(day),
        "document_date": day, "due_date": due, "original_due_date": due, "currency": plan.currency,
        "delivery_date": day - timedelta(days=bill.billed_after),
        "amount": amount, "net_amount": amount - tax, "tax_amount": tax, "freight_amount": 0, "functional_amount": amount,
        "rate": "1", "is_hedged": False, "control_account": TRADE, "sales_rep": rep, "segment": "home", "is_secured": False,
        "is_insured": False, "batch_id": f"BC{(day - books.window.first).days + 1000:05d}", "user": "billing",
    })  # fmt: skip
    posted(books, item, source="billing", user="interface")
    return item


def _paid(books: Books, account: Account, place: int, code: str, item: Row, bill: Bill) -> Row:
    """The receipt that pays an invoice, or a part of it."""
    day = books.worked(books.ago(bill.paid))
    amount = int(item["amount"]) // bill.parts
    cash = _receipt(
        books, account, place, code, day, amount, is_applied=True, text=f"INV {item['document_no']}"
    )
    ccy = books.plan.currency
    books.add("applications", {
        "application_id": f"AP9{books.count('applications') + 1:07d}", "source_item_id": cash["item_id"],
        "target_item_id": item["item_id"], "effective_date": day, "posting_date": day, "entered_at": books.at(day, 11),
        "source_currency": ccy, "source_amount": amount, "source_functional_amount": amount, "target_currency": ccy,
        "target_amount": amount, "target_functional_amount": amount, "discount": 0, "discount_functional_amount": 0,
        "realised_fx": 0, "kind": "payment", "reason": "payment", "user": "cash.amy", "pairing": "stated",
    })  # fmt: skip
    return cash


def _receipt(
    books: Books, account: Account, place: int, code: str, day: date, amount: int, *, is_applied: bool, text: str = ""
) -> Row:  # fmt: skip
    """Money of the account, booked by the bank on the day that it was posted."""
    plan, ccy = books.plan, books.plan.currency
    number = SERIES + books.count("items") + 1
    document, bank = plan.document.format(kind="RC", n=number), f"{plan.code}-{ccy}-01"
    status = "applied" if is_applied else "unapplied"
    item = books.add("items", {
        "item_id": f"{number * 1000:09d}", "customer_id": code, "item_type": "receipt", "document_no": document,
        "effective_date": day, "posting_date": day, "entered_at": books.at(day, 11), "document_date": day, "currency": ccy,
        "amount": -amount, "functional_amount": -amount, "rate": "1", "is_hedged": False,
        "control_account": TRADE if is_applied else UNAPPLIED, "cash_status": status, "segment": "home", "is_secured": False,
        "is_insured": False, "batch_id": f"DC{(day - books.window.first).days:05d}", "user": "cash.amy",
    })  # fmt: skip
    posted(books, item, source="receipts", user="cash.amy")
    payer = {
        "payer_name": account.name.upper(),
        "payer_account": _payer_account(plan, place),
        "remittance_text": text or None,
    }
    books.add("receipts", {
        "receipt_id": document, "item_id": item["item_id"], "customer_id": code, "bank_account": bank,
        "effective_date": day, "posting_date": day, "entered_at": books.at(day, 11), "currency": ccy, "amount": amount,
        "status": status, "deposit_batch": item["batch_id"], "user": "cash.amy", **payer,
    })  # fmt: skip
    line = books.add("bank_lines", {
        "bank_line_id": f"BL9{books.count('bank_lines') + 1:06d}", "bank_account": bank, "booking_date": day,
        "value_date": day, "currency": ccy, "amount": amount, "kind": "receipt", "is_receivable": True, **payer,
    })  # fmt: skip
    books.add("receipt_bank_lines", {
        "receipt_id": document, "bank_account": bank, "bank_line_id": line["bank_line_id"], "currency": ccy, "amount": amount,
    })  # fmt: skip
    return item


def posted(books: Books, item: Row, *, source: str, user: str) -> None:
    """The ledger line of an item, on the item's posting date."""
    day: date = item["posting_date"]
    books.add("gl_lines", {
        "ledger": "primary", "account": item["control_account"], "journal_id": f"J{item['item_id']}", "line_id": "00001",
        "posting_date": day, "entered_at": books.at(day, 18), "user": user, "source": source, "status": "posted",
        "customer_id": item["customer_id"], "document_no": item["document_no"], "batch_id": item["batch_id"],
        "currency": item["currency"], "amount": item["amount"], "functional_amount": item["functional_amount"],
        "text": item["item_type"],
    })  # fmt: skip


def batches(books: Books) -> None:
    """Billing batches of the invoices and credit memos: billing, interface and ledger agree."""
    by: dict[str, list[Row]] = {}
    for item in books.rows["items"]:
        if item["item_type"] in ("invoice", "credit_memo"):
            by.setdefault(item["batch_id"], []).append(item)
    for batch, items in sorted(by.items()):
        for stage, lag in (("billing", 0), ("ar_interface", 0), ("gl", 1)):
            day: date = items[0]["posting_date"]
            books.add("billing_transfers", {
                "batch_id": batch, "stage": stage, "transferred_on": day + timedelta(days=lag),
                "currency": books.plan.currency, "documents": len(items), "amount": sum(int(i["amount"]) for i in items),
                "rejected_documents": 0, "rejected_amount": 0, "state": "posted",
            })  # fmt: skip


def balances(frame: pd.DataFrame, lines: list[Row]) -> pd.DataFrame:
    """GL_BALANCES with the added lines in them."""
    more = [
        sum(
            int(line["functional_amount"])
            for line in lines
            if line["account"] == account and pd.Timestamp(line["posting_date"]) <= day
        )
        for account, day in zip(frame["account"], frame["as_of"], strict=True)
    ]
    return frame.assign(balance=frame["balance"] + pd.Series(more, index=frame.index, dtype="Int64"))
