"""Whom no letter may be sent to, whatever the policy says. Floor 1. The list is accounting.md's, and has no switch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from arlib.collect.dunning.frames import HARD_EXCLUSIONS, Spared
from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.ledger.replaced import carried_items
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import AccountRole, ClaimKind, ClaimState, CustomerStatus, HoldKind
from arlib.tables.rows import Row, is_none, records, text

STATUSES = {
    CustomerStatus.SANCTIONED: (Spared.SANCTIONED, "is sanctioned: compliance decides"),
    CustomerStatus.CEASE_CONTACT: (Spared.CEASE_CONTACT, "asked not to be contacted"),
    CustomerStatus.BANKRUPT: (Spared.BANKRUPT, "is bankrupt or insolvent: file a claim, do not dun"),
    CustomerStatus.ESTATE: (Spared.ESTATE, "is an estate: it gets its special letter only"),
    CustomerStatus.LEGAL: (Spared.LEGAL, "is with an attorney"),
    CustomerStatus.AGENCY: (Spared.AGENCY, "is with an agency"),
}  # the gravest first
HOLDS = {HoldKind.SANCTION: Spared.SANCTION_HOLD, HoldKind.LEGAL: Spared.LEGAL_HOLD}
OVER = (ClaimState.CLOSED, ClaimState.DISALLOWED, ClaimState.PAID)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A reason, the record that says so, and a sentence."""

    reason: Spared
    cites: str
    because: str


def hard_exclusions(book: Book, *, position: Position) -> pd.DataFrame:
    """Every open debit that no letter may ask for: HARD_EXCLUSIONS, the first reason that applies to each.

    In order: no customer; intercompany; customer status (as of the date, or today's: the graver counts); sanction and
    legal holds; claims in a bankruptcy or an estate that are not over, and debts of before one that ended in a discharge; sold
    receivables (account of role factored, or assigned to somebody); placements. A record counts until the day that it ends,
    which is out, and also where it began after the as-of date: a letter goes out today. A record on an item counts
    for what carries it on. Uses CUSTOMERS, CONTROL_ACCOUNTS, HOLDS, CLAIMS, PLACEMENTS.
    """
    scope, items = position.scope, position.debits
    by_customer = customer_findings(book, position=position)
    by_item = _item_findings(book, scope)
    roles = of_entity(book["control_accounts"], scope.entity)
    role = items["control_account"].map(dict(zip(roles["account"], roles["role"], strict=True)))
    parts = [
        _rows(items[items["customer_id"].fillna("").eq("")], Spared.NO_CUSTOMER, "", "The customer is not known."),
        _rows(items[role.eq(AccountRole.INTERCOMPANY.value)], Spared.INTERCOMPANY, items["control_account"],
              "It stands on an account of intercompany receivables."),
        _mapped(items, "customer_id", by_customer),
        _mapped(items, "item_id", by_item),
        _rows(items[role.eq(AccountRole.FACTORED.value)], Spared.FACTORED, items["control_account"],
              "It stands on an account of factored debt: it was sold."),
        _rows(items[items["assigned_to"].fillna("").ne("")], Spared.ASSIGNED, items["assigned_to"],
              "It is assigned to " + items["assigned_to"].fillna("") + "."),
        _discharged(items, book, scope),
    ]  # fmt: skip
    parts = [part for part in parts if len(part)]
    if not parts:
        return HARD_EXCLUSIONS.empty()
    made = pd.concat(parts)
    made = made[~made.index.duplicated(keep="first")].sort_index()
    return HARD_EXCLUSIONS.typed(made)


def customer_findings(book: Book, *, position: Position) -> dict[str, Finding]:
    """The first hard reason of each customer that has one, by its code, the gravest first as in `hard_exclusions`."""
    return {name: found[0] for name, found in all_findings(book, position=position).items()}


def all_findings(book: Book, *, position: Position) -> dict[str, list[Finding]]:
    """Every hard reason of each customer that has one, by its code."""
    scope = position.scope
    found: dict[str, list[Finding]] = {}
    then = position.attributes.set_index("customer_id")["status"].fillna("").groupby(level=0).first()
    for row in records(position.customers):
        name = str(row["customer_id"])
        if not is_none(row["is_intercompany"]) and bool(row["is_intercompany"]):
            because = f"Customer {name} is a company of the group."
            found.setdefault(name, []).append(Finding(reason=Spared.INTERCOMPANY, cites="", because=because))
        states = {text(row["status"]), str(then.get(name, ""))}
        for status, (reason, words) in STATUSES.items():
            if status.value in states:
                finding = Finding(reason=reason, cites="", because=f"Customer {name} {words}.")
                found.setdefault(name, []).append(finding)
    for name, finding in _account_records(book, scope):
        found.setdefault(name, []).append(finding)
    return found


def _account_records(book: Book, scope: Scope) -> Iterable[tuple[str, Finding]]:
    """Holds, claims and placements on accounts."""
    for row in _standing(book, "holds", "lifted_on", scope):
        if not text(row["item_id"]) and row["kind"] in HOLDS:
            yield str(row["customer_id"]), _hold(row)
    for row in _standing(book, "claims", "closed_on", scope):
        if row["state"] not in (*OVER, ClaimState.DISCHARGED):
            word, what = (
                (Spared.ESTATE, "estate") if row["kind"] == ClaimKind.ESTATE else (Spared.CLAIM, "bankruptcy")
            )
            yield str(row["customer_id"]), Finding(
                reason=word, cites=str(row["claim_id"]),
                because=f"Claim {row['claim_id']} in a {what} of {row['opened_on']:%Y-%m-%d} stands.".replace("a estate", "an estate"),
            )  # fmt: skip
    for row in _standing(book, "placements", "recalled_on", scope):
        if not text(row["item_id"]):
            yield str(row["customer_id"]), _placed(row)


def _item_findings(book: Book, scope: Scope) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    for row in _standing(book, "holds", "lifted_on", scope):
        if text(row["item_id"]) and row["kind"] in HOLDS:
            found.setdefault(str(row["item_id"]), _hold(row))
    for row in _standing(book, "placements", "recalled_on", scope):
        if text(row["item_id"]):
            found.setdefault(str(row["item_id"]), _placed(row))
    return with_carried(found, book, scope=scope)


def with_carried(found: Mapping[str, Finding], book: Book, *, scope: Scope) -> dict[str, Finding]:
    """Findings by item, and by the items that carry those on."""
    made = dict(found)
    if found:
        for item, chain in carried_items(book, entity=scope.entity).items():
            old = next((each for each in chain if each in found), None)
            if old is not None:
                made.setdefault(item, found[old])
    return made


def _standing(book: Book, table: str, end: str, scope: Scope) -> list[Row]:
    """The records of a table that have not ended by the as-of date; codes of customers after merges."""
    rows = of_entity(book[table], scope.entity)
    rows = rows[rows[end].isna() | (rows[end] > pd.Timestamp(scope.as_of))]
    if not len(rows):
        return []
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    return records(rows.assign(customer_id=codes).sort_values(str(rows.columns[0]), kind="stable"))


def _hold(row: Row) -> Finding:
    reason = HOLDS[HoldKind(row["kind"])]
    word = "Sanction" if reason is Spared.SANCTION_HOLD else "Legal"
    return Finding(
        reason=reason, cites=str(row["hold_id"]),
        because=f"{word} hold {row['hold_id']} stands since {row['placed_on']:%Y-%m-%d}.",
    )  # fmt: skip


def _placed(row: Row) -> Finding:
    return Finding(
        reason=Spared.PLACED, cites=str(row["placement_id"]),
        because=f"Placement {row['placement_id']}: with {text(row['placed_with'])} since {row['placed_on']:%Y-%m-%d}.",
    )  # fmt: skip


def _discharged(items: pd.DataFrame, book: Book, scope: Scope) -> pd.DataFrame:
    """Debts of before the opening of a case that ended in a discharge: they may never be asked for again."""
    rows = of_entity(book["claims"], scope.entity)
    rows = rows[rows["state"].eq(ClaimState.DISCHARGED.value)]
    if not len(rows):
        return items.head(0).assign(reason="", cites="", because="")
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    last = rows.assign(customer_id=codes).sort_values("opened_on").drop_duplicates("customer_id", keep="last")
    keyed = last.set_index("customer_id")
    opened = items["customer_id"].map(keyed["opened_on"])
    mine = items[(items["effective_date"] <= opened).fillna(False)]
    return _rows(mine, Spared.DISCHARGED, items["customer_id"].map(keyed["claim_id"]),
                 "The debt was discharged in a bankruptcy.")  # fmt: skip


def _rows(
    items: pd.DataFrame, reason: Spared, cites: pd.Series | str, because: pd.Series | str
) -> pd.DataFrame:
    return items.assign(
        reason=reason.value,
        cites=cites if isinstance(cites, str) else cites.reindex(items.index),
        because=because if isinstance(because, str) else because.reindex(items.index),
    )


def _mapped(items: pd.DataFrame, column: str, found: Mapping[str, Finding]) -> pd.DataFrame:
    mine = items[items[column].isin(found.keys())]
    keys = mine[column]
    return mine.assign(
        reason=keys.map({name: each.reason.value for name, each in found.items()}),
        cites=keys.map({name: each.cites for name, each in found.items()}),
        because=keys.map({name: each.because for name, each in found.items()}),
    )
