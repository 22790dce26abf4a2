"""Who and what is on no statement, each with the record that says so. Floor 1.

No policy switches these off but for companies of the group: a statement is a demand like a letter, and reaches whom the law or
a case bars from hearing of us.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.statements.frames import NoStatement
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.policy import Scope, StatementPolicy
from arlib.tables import Book
from arlib.tables.choices import AccountRole, ClaimKind, ClaimState, CustomerStatus, HoldKind
from arlib.tables.rows import Row, is_none, records, text

BARRED_STATUS: Mapping[str, NoStatement] = {
    CustomerStatus.SANCTIONED.value: NoStatement.SANCTIONED,
    CustomerStatus.CEASE_CONTACT.value: NoStatement.CEASE_CONTACT,
    CustomerStatus.BANKRUPT.value: NoStatement.BANKRUPT,
    CustomerStatus.ESTATE.value: NoStatement.ESTATE,
    CustomerStatus.LEGAL.value: NoStatement.LEGAL,
    CustomerStatus.AGENCY.value: NoStatement.AGENCY,
}
BARRED_HOLD = {
    HoldKind.LEGAL.value: NoStatement.LEGAL,
    HoldKind.SANCTION.value: NoStatement.SANCTIONED,
}
ORDER = tuple(NoStatement)


@dataclass(frozen=True, slots=True)
class Bar:
    """Why there is no statement: the word, and the sentence that cites the record."""

    reason: NoStatement
    because: str


def barred_accounts(book: Book, *, position: Position, policy: StatementPolicy) -> dict[str, Bar]:
    """The customers that get no statement, by code at the as-of date; the gravest reason of each.

    A status bars if it holds at the as-of date or today: a statement goes out today. A hold bars from its first day until
    the day before it is lifted, a claim from the day of the case to the day before it ends, and for good where the debt was
    discharged. Uses CUSTOMERS, CUSTOMER_HISTORY, HOLDS, CLAIMS.
    """
    found: dict[str, list[Bar]] = {}
    for code, bar in (
        *_by_status(position),
        *_by_hold(book, position.scope),
        *_by_claim(book, position.scope),
        *_of_group(position, policy),
    ):
        found.setdefault(code, []).append(bar)
    return {code: min(bars, key=lambda bar: ORDER.index(bar.reason)) for code, bars in found.items()}


def barred_items(book: Book, items: pd.DataFrame, *, scope: Scope, policy: StatementPolicy) -> dict[str, Bar]:
    """The items that are on no statement, by item id: sold, placed with somebody else, held, of the group.

    Needs `items` (ITEMS of the entity with customer codes at the as-of date); uses CONTROL_ACCOUNTS, PLACEMENTS, HOLDS.
    """
    made: dict[str, Bar] = {}
    roles = _roles(book, scope)
    for account, role in roles.items():
        if role == AccountRole.INTERCOMPANY and policy.sends_intercompany:
            continue
        reason = {AccountRole.FACTORED: NoStatement.SOLD, AccountRole.INTERCOMPANY: NoStatement.INTERCOMPANY}[
            role
        ]
        for item in items.loc[items["control_account"].eq(account), "item_id"]:
            made[item] = Bar(reason, f"Stands on account {account}, {role.value.replace('_', ' ')}.")
    held = items[items["assigned_to"].fillna("").ne("")]
    for item, holder in zip(held["item_id"], held["assigned_to"], strict=True):
        made[item] = Bar(NoStatement.SOLD, f"Assigned to {holder}.")
    made |= _placed(book, items, scope)
    for row in _standing(book, "holds", "placed_on", "lifted_on", scope):
        if text(row["item_id"]) and row["kind"] in BARRED_HOLD:
            made[row["item_id"]] = Bar(BARRED_HOLD[row["kind"]], _hold(row))
    return made


def _by_status(position: Position) -> Iterator[tuple[str, Bar]]:
    as_of = position.scope.as_of
    for frame, when in ((position.attributes, f"on {as_of:%Y-%m-%d}"), (position.customers, "today")):
        rows = frame[frame["status"].isin(list(BARRED_STATUS))]
        for code, status in zip(rows["customer_id"], rows["status"], strict=True):
            yield code, Bar(BARRED_STATUS[status], f"Status {status.replace('_', ' ')} {when}.")


def _by_hold(book: Book, scope: Scope) -> Iterator[tuple[str, Bar]]:
    for row in _standing(book, "holds", "placed_on", "lifted_on", scope):
        if not text(row["item_id"]) and row["kind"] in BARRED_HOLD:
            yield row["customer_id"], Bar(BARRED_HOLD[row["kind"]], _hold(row))


def _by_claim(book: Book, scope: Scope) -> Iterator[tuple[str, Bar]]:
    for row in _standing(book, "claims", "opened_on", "closed_on", scope, keeps=ClaimState.DISCHARGED.value):
        kind = NoStatement.BANKRUPT if row["kind"] == ClaimKind.BANKRUPTCY else NoStatement.ESTATE
        case = f", case {text(row['case_no'])}" if text(row["case_no"]) else ""
        yield (
            row["customer_id"],
            Bar(kind, f"Claim {row['claim_id']} in a {row['kind']}{case} since {row['opened_on']:%Y-%m-%d}."),
        )


def _of_group(position: Position, policy: StatementPolicy) -> Iterator[tuple[str, Bar]]:
    if not policy.sends_intercompany:
        rows = position.customers
        for code in rows.loc[rows["is_intercompany"].fillna(False).astype(bool), "customer_id"]:
            yield code, Bar(NoStatement.INTERCOMPANY, "A company of the group.")


def _roles(book: Book, scope: Scope) -> dict[str, AccountRole]:
    """Accounts of factored and of intercompany debt."""
    rows = of_entity(book["control_accounts"], scope.entity)
    wanted = rows[rows["role"].isin([AccountRole.FACTORED.value, AccountRole.INTERCOMPANY.value])]
    return {
        str(account): AccountRole(role)
        for account, role in zip(wanted["account"], wanted["role"], strict=True)
    }


def _placed(book: Book, items: pd.DataFrame, scope: Scope) -> dict[str, Bar]:
    """Items with an agency or attorney: the one that a placement names, else all debits dated up to its day."""
    made = {}
    for row in _standing(book, "placements", "placed_on", "recalled_on", scope):
        bar = Bar(
            NoStatement.PLACED,
            f"Placed with {row['placed_with']} on {row['placed_on']:%Y-%m-%d} ({row['placement_id']}).",
        )
        if text(row["item_id"]):
            made[row["item_id"]] = bar
            continue
        is_his = items["customer_id"].eq(row["customer_id"]) & items["amount"].gt(0)
        for item in items.loc[is_his & items["effective_date"].le(row["placed_on"]), "item_id"]:
            made[item] = bar
    return made


def _hold(row: Row) -> str:
    return f"{row['kind'].capitalize()} hold {row['hold_id']} since {row['placed_on']:%Y-%m-%d}."


def _standing(book: Book, table: str, first: str, last: str, scope: Scope, *, keeps: str = "") -> list[Row]:
    """Rows that stand at the as-of date: the first day is in, the last is out; a state in `keeps` never ends."""
    rows = of_entity(book[table], scope.entity)
    if rows.empty:
        return []
    day = pd.Timestamp(scope.as_of)
    is_over = rows[last].le(day)
    if keeps:
        is_over &= rows["state"].ne(keeps)
    kept = rows[rows[first].le(day) & ~is_over].sort_values([first, str(rows.columns[0])], kind="stable")
    codes = merged_codes(kept["customer_id"], book, entity=scope.entity, on=scope.as_of)
    return [row for row in records(kept.assign(customer_id=codes)) if not is_none(row[first])]
