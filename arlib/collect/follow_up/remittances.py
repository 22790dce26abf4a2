"""Cash that cannot be applied because nobody said what it pays, and whom to ask. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.follow_up.frames import OPEN_CASH, CashState
from arlib.collect.position import Position
from arlib.controls import Identity
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, CustomerStatus, ItemType, ReceiptStatus
from arlib.tables.rows import Row, records, text

HELD = (CustomerStatus.BANKRUPT.value, CustomerStatus.ESTATE.value, CustomerStatus.SANCTIONED.value)
QUIET = (CustomerStatus.CEASE_CONTACT.value, CustomerStatus.LEGAL.value, CustomerStatus.AGENCY.value)


def open_cash(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """All that the aging shows as unapplied, with whether an advice is there: OPEN_CASH, sorted by its key.

    An advice is there where a remittance line names the receipt, or the bank line that it is linked with. Cash without one
    is chased from `chase_after_days` after its day on, that day in; money of insolvent, deceased or sanctioned payers is
    held and never chased. Prepayments wait for their invoice. Uses RECEIPTS, REMITTANCES, RECEIPT_BANK_LINES, CUSTOMERS.
    """
    scope = position.scope
    now = pd.Timestamp(scope.as_of)
    rows = position.credits[position.credits["bucket"].eq("unapplied")].reset_index(drop=True)
    receipts = of_entity(book["receipts"], scope.entity)
    known = receipts[receipts["item_id"].notna()].drop_duplicates("item_id").set_index("item_id")
    advised = _advised(book, entity=scope.entity)
    own = known.reindex(rows["item_id"]).reset_index(drop=True)
    said = (own["remittance_text"].fillna("") + own["reference"].fillna("")).str.strip().ne("")
    people = position.customers.drop_duplicates("customer_id").set_index("customer_id")[
        ["contact", "phone", "email"]
    ]
    people = people.reindex(rows["customer_id"]).reset_index(drop=True)
    made = rows.assign(
        receipt_id=own["receipt_id"], payer_name=own["payer_name"], received_on=rows["effective_date"],
        days_open=(now - rows["effective_date"]).dt.days, amount=-rows["outstanding"], has_text=said,
        has_advice=own["receipt_id"].isin(advised),
        cash_state=rows["cash_status"].fillna(own["status"]),
        contact=people["contact"], phone=people["phone"], email=people["email"],
    )  # fmt: skip
    after = policies.credit_review.chase_after_days
    framed = OPEN_CASH.from_rows(_judged(row, after) for row in records(made))
    return framed.sort_values(list(OPEN_CASH.key), kind="stable", ignore_index=True)


def remittances_to_chase(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """The part of `open_cash` that is to be chased: OPEN_CASH, the largest customers' oldest first by key order."""
    made = open_cash(book, position=position, policies=policies)
    return made[made["state"].eq(CashState.TO_CHASE.value)].reset_index(drop=True)


def open_cash_identities(cash: pd.DataFrame, *, position: Position) -> tuple[Identity, ...]:
    """By currency: open cash adds up to what the aging shows as unapplied. Needs OPEN_CASH of the position."""
    rows = position.credits[position.credits["bucket"].eq("unapplied")]
    codes = sorted({*rows["currency"], *cash["currency"]})
    return tuple(
        Identity(
            name="open_cash", left_label="open cash", left=total(cash.loc[cash["currency"].eq(code), "amount"]),
            right_label="aging, unapplied, sign turned", right=-total(rows.loc[rows["currency"].eq(code), "outstanding"]),
            currency=code, entity=position.scope.entity,
        )
        for code in codes
    )  # fmt: skip


def _advised(book: Book, *, entity: str) -> set[str]:
    """Receipts that a remittance line explains."""
    lines = of_entity(book["remittances"], entity)
    made = set(lines["receipt_id"].dropna()) - {""}
    links = of_entity(book["receipt_bank_lines"], entity)
    given = lines[lines["bank_line_id"].fillna("").ne("")][["bank_account", "bank_line_id"]].drop_duplicates()
    if given.empty or links.empty:
        return made
    return made | set(links.merge(given, on=["bank_account", "bank_line_id"])["receipt_id"])


def _judged(row: Row, after: int) -> Row:
    state, status = _state(row, after), text(row["cash_state"])
    return row | {"state": state.value, "status": status or None, "ask": _ask(row, state, status)}


def _state(row: Row, after: int) -> CashState:
    if row["item_type"] not in [kind.value for kind in CASH_TYPES]:
        return CashState.NOT_CASH
    if text(row["status"]) in HELD:
        return CashState.HELD
    if row["item_type"] == ItemType.PREPAYMENT:
        return CashState.PREPAYMENT
    if row["has_advice"]:
        return CashState.HAS_ADVICE
    return CashState.TOO_NEW if int(row["days_open"]) < after else CashState.TO_CHASE


def _ask(row: Row, state: CashState, status: str) -> str:
    if state is CashState.HELD:
        return f"held: the payer is {text(row['status'])}, counsel or compliance decides"
    if state is CashState.PREPAYMENT:
        return "waits for its invoice"
    if state is CashState.HAS_ADVICE:
        return "apply it by the advice"
    if state is CashState.TOO_NEW:
        return "wait for the advice"
    if state is CashState.NOT_CASH:
        return "no cash: apply it or pay it back"
    if not text(row["customer_id"]):
        payer = text(row["payer_name"])
        return (
            f"ask the bank who paid{f' (it names {payer})' if payer else ''}, then the payer what it is for"
        )
    if text(row["status"]) in QUIET:
        return f"ask through whoever speaks with the customer ({text(row['status']).replace('_', ' ')})"
    who = next((text(row[name]) for name in ("contact", "email", "phone") if text(row[name])), "")
    whom = f"ask {who}" if who else "no contact is on file: ask sales whom to ask"
    what = (
        "what it was left on account for" if status == ReceiptStatus.ON_ACCOUNT else "which invoices it pays"
    )
    return f"{whom}{',' if not who else ''} {what}"
