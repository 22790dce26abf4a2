"""Bankruptcies and estates: what must be filed by when, claims against balances, money to be held. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from arlib.collect.contact.records import records_of, with_customer
from arlib.collect.follow_up.frames import CLAIM_STANDINGS, ClaimFinding
from arlib.collect.position import Position
from arlib.credit.write_off.blocks import claim_state
from arlib.credit.write_off.words import day, many, money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ClaimKind, ClaimState, CustomerStatus
from arlib.tables.rows import Row, is_none, records

KINDS = {
    CustomerStatus.BANKRUPT.value: ClaimKind.BANKRUPTCY.value,
    CustomerStatus.ESTATE.value: ClaimKind.ESTATE.value,
}
FINDINGS = {
    ClaimState.FILED: ClaimFinding.FILED, ClaimState.ALLOWED: ClaimFinding.ALLOWED, ClaimState.PAID: ClaimFinding.PAID,
    ClaimState.DISALLOWED: ClaimFinding.DISALLOWED, ClaimState.DISCHARGED: ClaimFinding.ENDED,
    ClaimState.CLOSED: ClaimFinding.ENDED,
}  # fmt: skip
LETTERS = ("letter",)


def claims(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every claim opened by the as-of date, and every insolvent customer without one: CLAIM_STANDINGS, sorted by its key.

    A claim that is not filed is missed from the day after its last day on, and urgent from `claim_warning_days` before; on
    the last day it can still be filed. The balance at the petition is what the customer's debits dated before that day
    were open for at the end of the day before, by business dates, in the currency of the claim; what is dated on the day
    or later is post-petition and apart. Cash that came in on the day or later is to be held: what of it was applied stands
    beside. Of a customer without a claim nobody knows the day, and its amounts are those of today in the books' currency.
    The special letter is due while the case is open and no letter to the customer since its first day is on record. Uses
    CLAIMS, ACTIVITIES, DUNNING_NOTICES.
    """
    scope = position.scope
    now = pd.Timestamp(scope.as_of)
    rows = records_of(book, "claims", scope=scope)
    rows = rows[rows["opened_on"].le(now).to_numpy(dtype=bool)]
    statuses = position.attributes.drop_duplicates("customer_id").set_index("customer_id")["status"]
    failed = statuses[statuses.isin(KINDS)]
    codes = merged_codes(pd.Series(failed.index, dtype="str"), book, entity=scope.entity, on=scope.as_of)
    ongoing = rows[rows["closed_on"].isna() | rows["closed_on"].gt(now)]
    bare = [
        code
        for code, own in zip(codes, failed.index, strict=True)
        if code == own and code not in set(ongoing["customer_id"])
    ]
    wanted = set(rows["customer_id"]) | set(bare)
    small = _of_customers(book, wanted, scope=scope)
    written = _letters(book, scope=scope)
    made = [_claim(row, small, written, position, policies) for row in records(rows)]
    made += [_wanting(code, str(failed[code]), written, position) for code in bare]
    framed = CLAIM_STANDINGS.from_rows({"claim_id": "", **row} for row in made)
    framed = with_customer(framed.assign(entity=scope.entity), position)
    return CLAIM_STANDINGS.typed(framed).sort_values(
        list(CLAIM_STANDINGS.key), kind="stable", ignore_index=True
    )


def _of_customers(book: Book, wanted: set[str], *, scope: Scope) -> Book:
    """The book with the items of these customers only, and what stands against them."""
    items, rows = of_entity(book["items"], scope.entity), of_entity(book["applications"], scope.entity)
    codes = merged_codes(items["customer_id"], book, entity=scope.entity, on=scope.as_of)
    own = set(items.loc[codes.isin(wanted), "item_id"])
    touching = rows[rows["target_item_id"].isin(own) | rows["source_item_id"].isin(own)]
    needed = own | set(touching["target_item_id"]) | set(touching["source_item_id"])
    kept = items[items["item_id"].isin(needed)]
    tables = {**book.tables, "items": kept, "applications": touching}
    for name in ("instalments", "revaluations"):
        if book.has(name):
            tables[name] = book[name][book[name]["item_id"].isin(needed)]
    return replace(book, tables=tables)


def _claim(
    row: Row, small: Book, written: dict[str, pd.Timestamp], position: Position, policies: Policies
) -> Row:
    scope = position.scope
    now, opened, code = pd.Timestamp(scope.as_of), row["opened_on"], str(row["currency"])
    state = claim_state(row, now)
    left = None if is_none(row["file_by"]) else int((row["file_by"] - now).days)
    customer = str(row["customer_id"])
    before = open_before(small, customer, opened, scope=scope)
    mine = before[before["currency"].eq(code)]
    balance = total(mine["outstanding"])
    debits = position.debits[
        position.debits["customer_id"].eq(customer) & position.debits["currency"].eq(code)
    ]
    later = total(debits.loc[debits["effective_date"].ge(opened), "outstanding"])
    came, held = _received(small, customer, code, opened, position)
    finding = _finding(state, left, policies.credit_review.claim_warning_days)
    is_open = finding is not ClaimFinding.ENDED and not row["closed_on"] <= now
    made = row | {
        "state": state.value, "days_left": left, "finding": finding.value,
        "claimed": None if is_none(row["amount"]) else int(row["amount"]), "balance_at_petition": balance,
        "difference": None if is_none(row["amount"]) else int(row["amount"]) - balance, "post_petition": later,
        "received_since": came, "held": held, "applied_since": came - held,
        "letter_due": is_open
        and (state is ClaimState.NOT_FILED or row["kind"] == ClaimKind.ESTATE)
        and not written.get(customer, pd.Timestamp.min) >= opened,
    }  # fmt: skip
    others = sorted(set(before["currency"]) - {code})
    return made | {"what": _what(made, finding, others)}


def _wanting(customer: str, status: str, written: dict[str, pd.Timestamp], position: Position) -> Row:
    """An insolvent customer without a claim on record."""
    debits = position.debits[position.debits["customer_id"].eq(customer)]
    owed = total(debits["books_amount"].dropna())
    what = "no claim is on record: find the case and its last day to file, or record why none is filed"
    return {
        "customer_id": customer, "kind": KINDS[status], "finding": ClaimFinding.NO_CLAIM.value, "currency": position.currency,
        "letter_due": customer not in written,
        "what": f"{what}; {money(owed, position.currency)} is owed now" if owed else f"{what}; nothing is owed now",
    }  # fmt: skip


def _finding(state: ClaimState, left: int | None, warning_days: int) -> ClaimFinding:
    if state is not ClaimState.NOT_FILED:
        return FINDINGS[state]
    if left is not None and left < 0:
        return ClaimFinding.MISSED
    return ClaimFinding.FILE_SOON if left is not None and left <= warning_days else ClaimFinding.TO_FILE


def open_before(small: Book, customer: str, opened: pd.Timestamp, *, scope: Scope) -> pd.DataFrame:
    """The customer's debits dated before the petition, as open as at the end of the day before it.

    What is paid, credited or sold later changes nothing: a claim is for that day. Customers by their code of today.
    """
    last = opened.date() - timedelta(days=1)
    # an item is the customer's of today even where a merger came later, so its codes are not those of that day
    rows = open_items(
        replace(small, features=frozenset()),
        scope=replace(scope, as_of=last, known_at=None, basis=Basis.EFFECTIVE),
    )
    codes = merged_codes(rows["customer_id"], small, entity=scope.entity, on=scope.as_of)
    return rows[(codes.eq(customer) & rows["outstanding"].gt(0)).to_numpy(dtype=bool)]


def _received(
    small: Book, customer: str, code: str, opened: pd.Timestamp, position: Position
) -> tuple[int, int]:
    """Cash that came in on the day of the petition or later, and what of it is not applied."""
    scope = position.scope
    items = of_entity(small["items"], scope.entity)
    codes = merged_codes(items["customer_id"], small, entity=scope.entity, on=scope.as_of)
    mine = (
        codes.eq(customer) & items["currency"].eq(code) & items["item_type"].isin(CASH_TYPES)
        & items["effective_date"].ge(opened)
    )  # fmt: skip
    cash = items[mine.to_numpy(dtype=bool) & counted(items, scope=scope)]
    open_ = position.items[position.items["item_id"].isin(cash["item_id"])]
    return max(0, -total(cash["amount"])), max(0, -total(open_["outstanding"]))


def _letters(book: Book, *, scope: Scope) -> dict[str, pd.Timestamp]:
    """The day of the last letter to each customer by the as-of date."""
    now = pd.Timestamp(scope.as_of)
    notes = records_of(book, "activities", scope=scope)
    on = notes["occurred_at"].dt.tz_convert(scope.time_zone).dt.tz_localize(None).dt.normalize()
    notes = notes.assign(day=on)[notes["kind"].isin(LETTERS).to_numpy(dtype=bool)]
    sent = records_of(book, "dunning_notices", scope=scope).rename(columns={"sent_on": "day"})
    every = pd.concat([notes[["customer_id", "day"]], sent[["customer_id", "day"]]], ignore_index=True)
    last = every[every["day"].le(now)].groupby("customer_id")["day"].max()
    return {str(customer): pd.Timestamp(on) for customer, on in last.items()}


def _what(row: Row, finding: ClaimFinding, others: list[str]) -> str:
    by = "" if is_none(row["file_by"]) else f" by {day(row['file_by'])}"
    said = {
        ClaimFinding.MISSED: f"the last day to file was {day(row['file_by'])}: ask counsel whether it can still be filed",
        ClaimFinding.FILE_SOON: f"file the claim{by}: {many(max(0, row['days_left'] or 0), 'day')} left",
        ClaimFinding.TO_FILE: f"file the claim{by or '; find out its last day'}",
        ClaimFinding.FILED: f"filed on {day(row['filed_on'])}: wait for the decision, keep the reserve",
        ClaimFinding.ALLOWED: "allowed: wait for the dividend",
        ClaimFinding.PAID: "paid: book what came, and write off the rest",
        ClaimFinding.DISALLOWED: "disallowed: ask counsel, then write it off",
        ClaimFinding.ENDED: "the case has ended: write off what is left",
    }[finding]
    made = [said]
    if row["difference"] and finding is not ClaimFinding.ENDED:
        side = "above" if row["difference"] > 0 else "below"
        made.append(
            f"the claim is {money(abs(row['difference']), row['currency'])} {side} the balance at the petition"
        )
    if others:
        made.append(f"the balance in {', '.join(others)} is not in this claim")
    if row["applied_since"]:
        made.append(
            f"{money(row['applied_since'], row['currency'])} received since the petition was applied: counsel must see it"
        )
    if row["held"]:
        made.append(f"hold {money(row['held'], row['currency'])} received since the petition")
    if row["letter_due"]:
        made.append("its special letter is due")
    return "; ".join(made)
