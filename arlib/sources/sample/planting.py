"""The tools of the planted stories: scripted documents, and where the ledgers part. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from arlib.sources.sample.billing import billing_batch
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import PLACES, TRADE, EntityPlan, Window
from arlib.sources.sample.subledger import SubLedger
from arlib.sources.sample.truth import Notes


@dataclass(frozen=True, kw_only=True)
class GlLine:
    """A line that only the general ledger has, in the functional currency."""

    account: str
    day: int
    source: str
    number: str  # document number, or the item's whose handle is in `item`
    amount: int
    text: str
    user: str = "gl.clerk"
    customer: int = -1
    item: int = -1
    batch: str = ""


@dataclass
class Ledgers:
    """What the general ledger does otherwise than the sub-ledger, by item handle."""

    omitted: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    accounts: dict[int, str] = field(default_factory=dict)
    deltas: dict[int, int] = field(default_factory=dict)
    unposted: set[int] = field(default_factory=set)
    doubled: set[int] = field(default_factory=set)
    lines: list[GlLine] = field(default_factory=list)


@dataclass
class Cash:
    """What bank and remittance advice say about scripted receipts, by item handle."""

    references: dict[int, str] = field(default_factory=dict)
    advised: dict[int, list[tuple[int, int, str]]] = field(
        default_factory=dict
    )  # receipt: (invoice, net, reason)
    unbanked: set[int] = field(default_factory=set)
    payers: dict[int, int] = field(default_factory=dict)
    booked: dict[int, int] = field(default_factory=dict)
    only_bank: list[tuple[int, int, str]] = field(default_factory=list)  # day, amount, text


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that a planted story may touch."""

    plan: EntityPlan
    ledger: SubLedger
    held: Customers
    window: Window
    notes: Notes
    gl: Ledgers
    cash: Cash

    @property
    def close(self) -> int:
        """Day number of the as-of date."""
        return self.window.close

    def cust(self, part: str) -> int:
        """Place of a scripted customer."""
        return self.held.stage[part]

    def business(self, day: int) -> int:
        """The day, or the Friday before a weekend: a story must not slip over the close."""
        weekday = (day + self.window.first.weekday()) % 7
        return day - max(0, weekday - 4)

    def money(self, dollars: str) -> int:
        """An amount written for US01, at the size of this entity, in minor units of its currency."""
        cents = int(dollars.replace(",", "").replace(".", ""))
        unit: int = 10 ** PLACES[self.plan.currency]
        return cents * round(self.plan.typical) * unit // 180_000

    def invoice(self, part: str, day: int, amount: int, **given: object) -> int:
        """A scripted invoice, net 30 and tax included unless said otherwise; its handle."""
        cust = self.cust(part)
        ccy = int(self.held.currency[cust])
        rate = self.plan.tax_rates[0][0] if ccy == 0 else 0.0
        percent = round(rate * 100)
        values: dict[str, object] = {
            "type": "invoice",
            "kind": "SI",
            "cust": cust,
            "eff": day,
            "due": day + 30,
            "ccy": ccy,
            "amount": amount,
            "tax": amount * percent // (100 + percent),
            "acct": self.held.account[cust],
            "delivered": day,
            "batch": billing_batch(day),
            "user": "billing",
            "po": f"PO-S{self.ledger.items.count:05d}",
            "order": f"SO-S{self.ledger.items.count:05d}",
            "delivery": f"DN-S{self.ledger.items.count:05d}",
            "terms": "net 30",
        }
        return self.ledger.add_item(**{**values, **given})

    def receipt(self, part: str, day: int, amount: int, **given: object) -> int:
        """A scripted receipt of a positive amount; its handle."""
        cust = self.cust(part)
        values: dict[str, object] = {
            "type": "receipt",
            "kind": "RC",
            "cust": cust,
            "eff": day,
            "ccy": int(self.held.currency[cust]),
            "amount": -amount,
            "acct": self.held.account[cust],
            "user": "cash.amy",
            "batch": f"DB{day:05d}",
        }
        return self.ledger.add_item(**{**values, **given})

    def pay(self, part: str, invoice: int, day: int, amount: int, **given: object) -> int:
        """A receipt applied whole to one invoice on its day; the receipt's handle."""
        money = self.receipt(part, day, amount, **given)
        self.ledger.apply_one(
            money,
            invoice,
            day,
            amount,
            kind="payment",
            reason="payment",
            user=str(given.get("user", "cash.amy")),
        )
        return money

    def gap(
        self,
        cause: str,
        item: int,
        amount: int,
        day: int,
        *,
        account: str = TRADE,
        story: int | None = None,
        kind: str = "",
        note: str = "",
    ) -> int:
        """Note a part of a control account's gap that a document of the sub-ledger explains."""
        return self.notes.plant(
            kind or cause,
            [("item", item)],
            amount,
            day,
            control="control_account",
            account=account,
            cause=cause,
            story=story,
            note=note,
        )

    def gl_only(
        self, cause: str, line: GlLine, *, kind: str = "", story: int | None = None, note: str = ""
    ) -> int:
        """Add a line that only the general ledger has, and note it."""
        self.gl.lines.append(line)
        cites: tuple[str, int | str] = ("item", line.item) if line.item >= 0 else ("text", line.number)
        return self.notes.plant(
            kind or cause,
            [cites],
            line.amount,
            line.day,
            control="control_account",
            account=line.account,
            cause=cause,
            story=story,
            note=note,
        )

    def undo_all(self, handles: list[int], day: int, *, reason: str) -> None:
        """Reverse applications on a day."""
        self.ledger.undo(np.array(handles), day, reason=reason)
