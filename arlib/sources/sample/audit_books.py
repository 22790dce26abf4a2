"""Tools of the stories for audit procedures: documents that are added to finished books, in a series of their own. Floor 2.

Whatever is added comes after all draws, so no other document, amount or draw changes, and both ledgers still agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from arlib.sources.sample.collect_accounts import FIRST_CODE
from arlib.sources.sample.collect_books import TOWNS, Books, Frames, Row, balances, batches, posted
from arlib.sources.sample.plan import TRADE
from arlib.sources.sample.truth import Notes
from arlib.tables import CANONICAL

SERIES, FIRST_PLACE = 950_000, 100  # after those of the accounts for collecting
CLERK = "cash.ben"


@dataclass
class AuditBooks(Books):
    """What is added to one entity's tables for audit procedures. `numbers` counts document numbers, also skipped ones."""

    numbers: int = 0
    rejected: dict[str, int] = field(
        default_factory=dict
    )  # batch: amount of a document that the interface rejected

    def skipped(self) -> int:
        """The next number of the series, taken and not used."""
        self.numbers += 1
        return SERIES + self.numbers

    def customer(self, place: int, name: str, **given: Any) -> str:
        """A customer with its history; its code."""
        plan, n = self.plan, FIRST_PLACE + place
        code = plan.customer.format(n=FIRST_CODE + 7 * n)
        rep, region, collector = (
            plan.reps[n % len(plan.reps)],
            plan.regions[n % len(plan.regions)],
            plan.collectors[n % len(plan.collectors)],
        )
        self.add("customers", {
            "customer_id": code, "name": name, "address": _address(plan.country, n), "country": plan.country,
            "email": f"books{n}@{name.split()[0].lower()}.example", "language": {"JP": "ja"}.get(plan.country, "en"),
            "contact": "The accountant", "phone": f"+999 555 03{n % 100:02d}", "tax_id": f"{plan.country}8{n:07d}",
            "is_intercompany": False, "is_related_party": False, "payer_account": f"X{plan.code[:2]}88{n:08d}", "collector": collector,
            "sales_rep": rep, "region": region, "terms": "net 30", "credit_limit": self.money("60,000.00"),
            "limit_currency": plan.currency, "rating": "B", "status": "active", "opened_on": self.ago(1800 + n), **given,
        })  # fmt: skip
        for attribute, value in (
            ("collector", collector),
            ("sales_rep", rep),
            ("region", region),
            ("terms", "net 30"),
            ("status", "active"),
        ):
            self.add("customer_history", {
                "customer_id": code, "attribute": attribute, "value": value, "valid_from": self.window.date(-400),
            })  # fmt: skip
        return code

    def who(self, code: str) -> Row:
        """The customer of a code."""
        return next(row for row in self.rows["customers"] if row["customer_id"] == code)

    def item(self, kind: str, item_type: str, code: str, day: date, amount: int, **given: Any) -> Row:
        """A document of the entity's currency on the trade account, posted to both ledgers."""
        number = self.skipped()
        values = {
            "item_id": f"{number * 1000:09d}", "customer_id": code, "item_type": item_type,
            "document_no": self.plan.document.format(kind=kind, n=number), "effective_date": day, "posting_date": day,
            "document_date": day, "currency": self.plan.currency, "amount": amount, "functional_amount": amount, "rate": "1",
            "is_hedged": False, "control_account": TRADE, "segment": "home", "is_secured": False, "is_insured": False, **given,
        }  # fmt: skip
        item = self.add("items", {"entered_at": self.at(values["posting_date"]), **values})
        posted(self, item, source="receipts" if item_type == "receipt" else "billing",
               user=item["user"] if item_type == "receipt" else "interface")  # fmt: skip
        return item

    def invoice(self, code: str, day: date, amount: int, **given: Any) -> Row:
        """An invoice, net 30, delivered on its day."""
        number, percent = SERIES + self.numbers + 1, round(self.plan.tax_rates[0][0] * 100)
        tax, due = amount * percent // (100 + percent), day + timedelta(days=30)
        when: date = given.get("posting_date", day)
        return self.item("SI", "invoice", code, day, amount, **{
            "purchase_order": f"PO-A{number}", "order_no": f"SO-A{number}", "delivery_no": f"DN-A{number}", "due_date": due,
            "original_due_date": due, "delivery_date": day, "net_amount": amount - tax, "tax_amount": tax, "freight_amount": 0,
            "sales_rep": self.who(code)["sales_rep"], "batch_id": f"BA{(when - self.window.first).days + 1000:05d}", "user": "billing",
            **given,
        })  # fmt: skip

    def credit_memo(self, code: str, day: date, amount: int, of: Row, **given: Any) -> Row:
        """A credit memo against an invoice, applied on its posting date."""
        when: date = given.get("posting_date", day)
        memo = self.item("CM", "credit_memo", code, day, -amount, **{
            "batch_id": f"BA{(when - self.window.first).days + 1000:05d}", "user": "billing", "reason": "price",
            "authorised_by": "credit.manager", **given,
        })  # fmt: skip
        self.apply(memo, of, when, amount, kind="credit_memo", reason=memo["reason"], user=memo["user"])
        return memo

    def receipt(
        self, code: str, day: date, amount: int, *, banked: date | None = None, user: str = "cash.amy", account: str = "",
        names: tuple[Row, ...] = (), status: str = "applied",
    ) -> Row:  # fmt: skip
        """Money that the bank booked on `banked`; `names` are the documents that its advice names."""
        plan, at_bank = self.plan, banked or day
        bank, ccy = f"{plan.code}-{plan.currency}-01", plan.currency
        item = self.item("RC", "receipt", code, min(day, at_bank), -amount, posting_date=day, cash_status=status, user=user,
                         batch_id=f"DA{(day - self.window.first).days:05d}")  # fmt: skip
        who = self.who(code)
        payer = {
            "payer_name": str(who["name"]).upper(),
            "payer_account": account or who["payer_account"],
            "remittance_text": "see advice",
        }
        self.add("receipts", {
            "receipt_id": item["document_no"], "item_id": item["item_id"], "customer_id": code, "bank_account": bank,
            "effective_date": item["effective_date"], "posting_date": day, "entered_at": item["entered_at"], "currency": ccy,
            "amount": amount, "status": status, "deposit_batch": item["batch_id"], "user": user, **payer,
        })  # fmt: skip
        line = self.add("bank_lines", {
            "bank_line_id": f"BA9{self.count('bank_lines') + 1:06d}", "bank_account": bank, "booking_date": at_bank,
            "value_date": at_bank, "currency": ccy, "amount": amount, "kind": "receipt", "is_receivable": True, **payer,
        })  # fmt: skip
        self.add("receipt_bank_lines", {
            "receipt_id": item["document_no"], "bank_account": bank, "bank_line_id": line["bank_line_id"], "currency": ccy,
            "amount": amount,
        })  # fmt: skip
        for named in names:
            self.add("remittances", {
                "remittance_id": f"RA95{self.count('remittances') + 1:05d}", "receipt_id": item["document_no"],
                "reference": named["document_no"], "currency": ccy, "gross": amount, "discount": 0, "deduction": 0, "net": amount,
            })  # fmt: skip
        return item

    def apply(
        self, source: Row, target: Row, day: date, amount: int, *, kind: str = "payment", reason: str = "payment",
        user: str = "cash.amy",
    ) -> None:  # fmt: skip
        """An application in the entity's currency."""
        ccy = self.plan.currency
        self.add("applications", {
            "application_id": f"AP95{self.count('applications') + 1:06d}", "source_item_id": source["item_id"],
            "target_item_id": target["item_id"], "effective_date": day, "posting_date": day, "entered_at": self.at(day, 11),
            "source_currency": ccy, "source_amount": amount, "source_functional_amount": amount, "target_currency": ccy,
            "target_amount": amount, "target_functional_amount": amount, "discount": 0, "discount_functional_amount": 0,
            "realised_fx": 0, "kind": kind, "reason": reason, "user": user, "pairing": "stated",
        })  # fmt: skip

    def paid(self, code: str, owed: Row, day: date, **given: Any) -> Row:
        """A receipt that pays an invoice whole, as its advice says."""
        money = self.receipt(code, day, int(owed["amount"]), names=(owed,), **given)
        self.apply(money, owed, day, int(owed["amount"]), user=str(money["user"]))
        return money

    def note(
        self,
        notes: Notes,
        kind: str,
        items: tuple[Row, ...],
        day: date,
        words: str,
        *,
        is_planted: bool,
        account: str = "",
    ) -> None:
        """A row of the truth: documents of the story in order; the amount is that of the first."""
        named: list[tuple[str, int | str]] = [("text", str(item["document_no"])) for item in items]
        amount, when = abs(int(items[0]["amount"])), self.window.day(day)
        if is_planted:
            notes.plant(kind, named, amount, when, account=account, note=words)
        else:
            notes.noise(kind, named, amount, 0, when, words, account=account)

    def add_to(self, tables: Frames) -> None:
        """The rows go to the end of the entity's tables; batches and ledger balances follow."""
        batches(self)
        for row in self.rows["billing_transfers"]:
            amount = self.rejected.get(row["batch_id"])
            if amount and row["stage"] == "billing":
                row |= {"documents": row["documents"] + 1, "amount": row["amount"] + amount}
            elif amount and row["stage"] == "ar_interface":
                row |= {"rejected_documents": 1, "rejected_amount": amount}
        for name, rows in self.rows.items():
            more = CANONICAL[name].from_rows(rows)
            tables[name] = pd.concat([tables[name], more], ignore_index=True)
        tables["gl_balances"] = balances(tables["gl_balances"], self.rows["gl_lines"])


def _address(country: str, number: int) -> str:
    """A street of its own in a town of the country."""
    return (
        TOWNS[country]
        .replace("41 Mill Road", f"{number} Quay Street")
        .replace("丸の内1-1", f"丸の内{number}-1")
    )
