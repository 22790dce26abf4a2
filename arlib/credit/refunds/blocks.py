"""What forbids a refund, whoever asks: each as a machine word and a sentence that cites the record. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from arlib.credit.refunds.credits import OpenCredits
from arlib.credit.refunds.frames import text_of
from arlib.ledger.attributes import customer_attributes, merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import format_minor, iso_code
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import AccountRole, ClaimState, CustomerStatus, ReceiptStatus

HELD_STATUSES = (
    CustomerStatus.BANKRUPT, CustomerStatus.ESTATE, CustomerStatus.SANCTIONED, CustomerStatus.LEGAL,
)  # fmt: skip
OVER = (ClaimState.CLOSED,)
Block = tuple[str, str]


@dataclass(frozen=True)
class Blocks:
    """The standing facts against refunds, read once."""

    statuses: Mapping[str, str]
    intercompany: frozenset[str]
    claims: Mapping[str, tuple[str, str]]  # customer to claim and kind
    holds: Mapping[
        tuple[str, str], tuple[str, str]
    ]  # customer and item ('' for the account) to hold and kind
    disputes: Mapping[tuple[str, str], str]
    returned: Mapping[str, str]  # item of a receipt to the receipt that returned it
    intercompany_accounts: frozenset[str]

    def of(self, credit: Mapping[str, Any]) -> list[Block]:
        """What forbids to refund this credit, whatever its amount and whoever asks."""
        customer, item = text_of(credit, "customer_id"), str(credit["item_id"])
        made: list[Block] = []
        if not customer or text_of(credit, "cash_status") == ReceiptStatus.UNIDENTIFIED.value:
            made.append(("unidentified", "nobody knows yet whose money it is"))
        status = self.statuses.get(customer, "")
        if status in [one.value for one in HELD_STATUSES]:
            made.append((status, f"the customer's status is {status.replace('_', ' ')}"))
        if customer in self.claims:
            claim, kind = self.claims[customer]
            if kind not in [word for word, _ in made] and not (kind == "bankruptcy" and status == "bankrupt"):
                made.append(
                    (
                        "bankrupt" if kind == "bankruptcy" else kind,
                        f"claim {claim} stands in a case of {kind}",
                    )
                )
        if customer in self.intercompany or text_of(credit, "control_account") in self.intercompany_accounts:
            made.append(
                ("intercompany", "a company of the group: balances are settled by the group's own procedure")
            )
        for key in ((customer, item), (customer, "")):
            if key in self.holds:
                hold, kind = self.holds[key]
                word = {"sanction": "sanctioned", "bank_details": "call_back"}.get(kind, "hold")
                made.append((word, f"hold {hold} ({kind.replace('_', ' ')}) stands"))
            if key in self.disputes:
                made.append(("disputed", f"dispute {self.disputes[key]} is open"))
        if item in self.returned:
            made.append(("returned", f"the payment came back with receipt {self.returned[item]}"))
        if text_of(credit, "assigned_to"):
            made.append(("assigned", f"the item is assigned to {credit['assigned_to']}"))
        return made


def blocks_of(book: Book, *, scope: Scope) -> Blocks:
    """What forbids refunds at the as-of date.

    Uses CUSTOMERS with history, CLAIMS, HOLDS, DISPUTES, RECEIPTS and CONTROL_ACCOUNTS. A hold placed on the as-of date
    stands, one lifted on it does not; a dispute alike. A dispute without an item is of the whole account.
    """
    attributes = customer_attributes(book, on=scope.as_of, entity=scope.entity)
    day = pd.Timestamp(scope.as_of)
    claims = _of(book["claims"], book, scope)
    claims = claims[
        claims["opened_on"].le(day)
        & ~claims["closed_on"].le(day)
        & ~claims["state"].isin([s.value for s in OVER])
    ]
    holds = _of(book["holds"], book, scope)
    holds = holds[holds["placed_on"].le(day) & ~holds["lifted_on"].le(day)]
    disputes = _of(book["disputes"], book, scope)
    disputes = disputes[disputes["opened_on"].le(day) & ~disputes["closed_on"].le(day)]
    receipts = of_entity(book["receipts"], scope.entity)
    back = receipts[receipts["return_of"].fillna("").ne("")]
    item_of = receipts.drop_duplicates("receipt_id").set_index("receipt_id")["item_id"]
    accounts = of_entity(book["control_accounts"], scope.entity)
    return Blocks(
        statuses=dict(zip(attributes["customer_id"], attributes["status"].fillna(""), strict=True)),
        intercompany=frozenset(attributes.loc[attributes["is_intercompany"].fillna(False).astype(bool), "customer_id"]),
        claims={str(c): (str(i), str(k)) for c, i, k in zip(claims["customer_id"], claims["claim_id"], claims["kind"], strict=True)},
        holds={
            (str(c), str(i)): (str(h), str(k))
            for c, i, h, k in zip(holds["customer_id"], holds["item_id"].fillna(""), holds["hold_id"], holds["kind"], strict=True)
        },
        disputes={
            (str(c), str(i)): str(d)
            for c, i, d in zip(disputes["customer_id"], disputes["item_id"].fillna(""), disputes["dispute_id"], strict=True)
        },
        returned={
            str(item_of[of]): str(by)
            for of, by in zip(back["return_of"], back["receipt_id"], strict=True)
            if of in item_of.index and pd.notna(item_of[of])
        },
        intercompany_accounts=frozenset(accounts.loc[accounts["role"].eq(AccountRole.INTERCOMPANY.value), "account"]),
    )  # fmt: skip


def overdue_block(customer: str, found: OpenCredits) -> Block | None:
    """The overdue items of the customer, or None."""
    if customer not in found.overdue.index:
        return None
    row = found.overdue.loc[customer]
    count = int(str(row["items"]))
    noun = "item is" if count == 1 else "items are"
    return (
        "overdue_items",
        f"{count} {noun} overdue, the oldest {row['oldest']} due {row['due_date']:%Y-%m-%d}",
    )


def booked_block(credit: Mapping[str, Any], found: OpenCredits) -> Block | None:
    """Why the ledger itself says that the credit is paid back already, or will be; None where it does not.

    A refund of the customer and currency that no credit takes counts, so does one of the same amount that is booked after
    the as-of date, and whatever uses the credit after it.
    """
    customer, currency = text_of(credit, "customer_id"), str(credit["currency"])
    mine = found.refunds[found.refunds["customer_id"].eq(customer) & found.refunds["currency"].eq(currency)]
    if len(mine):
        row = mine.iloc[0]
        amount = f"{iso_code(currency)} {format_minor(int(row['outstanding']), currency)}"
        return (
            "already_refunded",
            f"refund {row['document_no']} of {amount} is booked and not set against a credit",
        )
    later = found.later_refunds
    same = later[
        later["customer_id"].isin([customer, text_of(credit, "document_customer_id")])
        & later["currency"].eq(currency)
        & later["amount"].eq(int(credit["amount"]))
    ]
    if len(same):
        row = same.iloc[0]
        day = f"{row['effective_date']:%Y-%m-%d}"
        return "already_refunded", f"refund {row['document_no']} of the same amount is booked on {day}"
    item = str(credit["item_id"])
    if item in found.used_later:
        return "used_since", f"the credit is used after the as-of date, on {found.used_later[item]:%Y-%m-%d}"
    return None


def _of(frame: pd.DataFrame, book: Book, scope: Scope) -> pd.DataFrame:
    """Rows of the entity with the customer codes of the as-of date."""
    mine = of_entity(frame, scope.entity)
    return mine.assign(
        customer_id=merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    )
