"""Related parties and own companies: who they are, what is open with them, and how they are dealt with. Floor 1.

Disclosure: IAS 24.18 and ASC 850-10-50-1 (relationship, transactions, balances, terms, bad debts). Audit: ISA 550, AS 2410.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.concentration import SALES_TYPES
from arlib.audit.ledger.evidence import Found, standings
from arlib.audit.ledger.frames import RollGroup
from arlib.audit.ledger.frames_parties import (
    MISPLACED,
    PARTIES,
    PARTY_BALANCES,
    PARTY_TERMS,
    PARTY_TRANSACTIONS,
    Standing,
    Strength,
)
from arlib.audit.ledger.population import Split, carrying, ledger_controls, split
from arlib.audit.ledger.roll_forward import GROUP_OF
from arlib.audit.options.ledger import RelatedPartiesOptions
from arlib.collect.paid import paid_lines
from arlib.collect.position import Position, position
from arlib.controls import Control, Identity
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, fact_dates, of_entity
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings
from arlib.money import total, totals_by
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import AccountRole, ItemType
from arlib.tables.rows import is_none, records

FLAGGED = (Standing.INTERCOMPANY.value, Standing.RELATED.value)
PARTY = (*FLAGGED, Standing.CANDIDATE.value)
USUAL = Fraction(19, 20)  # of invoices: longer credit than so many have is unlike others'
FEWEST = 20  # invoices of others below which "usual" says little


@dataclass(frozen=True, kw_only=True)
class RelatedParties:
    """The parties, the evidence on candidates, balances and transactions."""

    parties: pd.DataFrame  # PARTIES
    found: Found
    balances: pd.DataFrame  # PARTY_BALANCES
    transactions: pd.DataFrame  # PARTY_TRANSACTIONS
    terms: pd.DataFrame  # PARTY_TERMS
    misplaced: pd.DataFrame  # MISPLACED
    first: date  # first day of the transactions
    usual_invoices: int  # invoices of the year to customers that are not related
    population: Split
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    unvalued: int  # open items of parties without an amount in the books' currency


def related_parties_of(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> RelatedParties:
    """Parties on record and candidates at the as-of date, their open items, and the year's transactions up to it.

    Needs ITEMS, APPLICATIONS and CUSTOMERS; uses all that `open_items`, `standings` and `paid_lines` use. By posting date
    whatever the scope's basis; the first day and the as-of date are in. Credit days are from document to due date of the
    year's invoices; days late are those of `paid_lines`. Usual is what customers that are neither related nor candidates
    have. The population limits the open items asked about, not the transactions. Every identity is required to hold.
    """
    scope = replace(scope, basis=Basis.POSTING)
    options = ask.options or RelatedPartiesOptions()
    first = options.first_day or (pd.Timestamp(scope.as_of) - pd.DateOffset(years=1)).date() + timedelta(
        days=1
    )
    open_ = open_items(book, scope=scope)
    part = split(open_, ask.population, amount="outstanding", entity=scope.entity)
    asked = open_[part.mask].reset_index(drop=True)
    found = standings(book, scope=scope, options=options)
    standing_of = {str(code): str(what) for code, what in found.standing.items()}
    transactions = _transactions(book, standing_of, first, scope)
    invoices = _invoices(book, standing_of, first, scope)
    at = position(book, scope=scope, policies=policies)
    terms = _terms(invoices)
    parties = _parties(
        asked,
        found,
        transactions,
        invoices,
        terms,
        _lateness(book, at, standing_of, first, scope),
        at,
        options,
    )
    balances = _balances(asked, standing_of)
    identities = (*part.identities, *_identities(asked, balances, scope))
    for identity in identities:
        identity.require()
    is_party = asked["customer_id"].map(standing_of).isin(PARTY)
    return RelatedParties(
        parties=parties, found=found, balances=balances, transactions=transactions, terms=terms,
        misplaced=_misplaced(asked, found, book, at, scope), first=first,
        usual_invoices=int(invoices["standing"].eq(Standing.OTHER.value).sum()), population=part,
        controls=ledger_controls(book, open_, scope=scope, name="related_parties"), identities=identities,
        unvalued=int((carrying(asked).isna() & is_party).sum()),
    )  # fmt: skip


def _transactions(book: Book, standing_of: dict[str, str], first: date, scope: Scope) -> pd.DataFrame:
    """PARTY_TRANSACTIONS: every posting of the window on a party."""
    rows = subledger_postings(book, scope=scope)
    rows["customer_id"] = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    rows["standing"] = rows["customer_id"].map(standing_of).astype("str").fillna(Standing.OTHER.value)
    inside = rows["standing"].isin(PARTY) & rows["date"].ge(pd.Timestamp(first))
    mine = rows[inside.to_numpy(dtype=bool)]
    groups = {line.value: group.value for line, group in GROUP_OF.items()}
    made = PARTY_TRANSACTIONS.typed(mine.assign(group=mine["line"].map(groups)))
    return made.sort_values(["customer_id", "date", "posting_id"], kind="stable", ignore_index=True)


def _invoices(book: Book, standing_of: dict[str, str], first: date, scope: Scope) -> pd.DataFrame:
    """Invoices of the window with a due date, their credit days, and the standing of their customer."""
    items = of_entity(book["items"], scope.entity)
    mine = (
        items["item_type"].eq(ItemType.INVOICE.value)
        & items["due_date"].notna()
        & counted(items, scope=scope)
    )
    mine &= fact_dates(items, Basis.POSTING).ge(pd.Timestamp(first))
    rows = items[mine.to_numpy(dtype=bool)].reset_index(drop=True)
    rows["document_date"] = rows["document_date"].fillna(rows["effective_date"])
    rows["customer_id"] = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    rows["credit_days"] = (rows["due_date"] - rows["document_date"]).dt.days.astype("Int64")
    rows["standing"] = rows["customer_id"].map(standing_of).astype("str").fillna(Standing.OTHER.value)
    return rows


def _terms(invoices: pd.DataFrame) -> pd.DataFrame:
    """PARTY_TERMS: invoices to parties with more credit days than 19 of 20 invoices to others have."""
    others = np.sort(
        invoices.loc[invoices["standing"].eq(Standing.OTHER.value), "credit_days"].to_numpy(dtype="int64")
    )
    if not len(others):
        return PARTY_TERMS.empty()
    limit = int(others[-(-len(others) * USUAL.numerator // USUAL.denominator) - 1])
    long = invoices[
        (invoices["standing"].isin(PARTY) & invoices["credit_days"].gt(limit)).to_numpy(dtype=bool)
    ]
    made = PARTY_TERMS.typed(long.assign(usual_limit=limit))
    return made.sort_values(["customer_id", "item_id"], kind="stable", ignore_index=True)


def _lateness(
    book: Book, at: Position, standing_of: dict[str, str], first: date, scope: Scope
) -> dict[str, Fraction]:
    """Days late weighted by amount of what was paid in the window: by party, and '' for all others."""
    rows = paid_lines(book, position=at).frame
    inside = rows["paid_on"].between(pd.Timestamp(first), pd.Timestamp(scope.as_of))
    rows = rows[
        (inside & rows["days_late"].notna() & rows["books_amount"].gt(0).fillna(False)).to_numpy(dtype=bool)
    ]
    who = rows["customer_id"].where(rows["customer_id"].map(standing_of).isin(PARTY), "")
    weight, days = (rows[name].astype(object) for name in ("books_amount", "days_late"))  # exact at any size
    work = pd.DataFrame({"who": who, "weight": weight, "product": weight * days})
    sums = work.groupby("who")[["weight", "product"]].sum()
    return {str(name): Fraction(int(row["product"]), int(row["weight"])) for name, row in sums.iterrows()}


def _parties(
    asked: pd.DataFrame, found: Found, transactions: pd.DataFrame, invoices: pd.DataFrame, terms: pd.DataFrame,
    late: dict[str, Fraction], at: Position, options: RelatedPartiesOptions,
) -> pd.DataFrame:  # fmt: skip
    """PARTIES, flagged ones first by code, then candidates by the strength of their evidence."""
    amounts = _amounts(asked, at)
    done = _by_group(transactions)
    days = invoices.groupby("customer_id")["credit_days"].median()
    others = invoices.loc[invoices["standing"].eq(Standing.OTHER.value), "credit_days"]
    usual_days = _half(others.median()) if len(others) else None
    usual_late, long = late.get(""), terms["customer_id"].value_counts()
    first = found.evidence.drop_duplicates("customer_id")
    ranks = dict(zip(first["customer_id"].astype("str"), first["rank"].astype("int64"), strict=True))
    names = at.customers.drop_duplicates("customer_id").set_index("customer_id")["name"]
    flagged = sorted(str(code) for code, what in found.standing.items() if what in FLAGGED)
    rows = []
    for number, code in enumerate([*flagged, *sorted(ranks, key=lambda one: ranks[one])], start=1):
        mine = found.evidence[found.evidence["customer_id"].eq(code).to_numpy(dtype=bool)]
        what = str(found.standing[code])
        row: dict[str, Any] = {
            "rank": number, "customer_id": code, "name": names.get(code), "standing": what,
            **amounts.get(code, {"debits": 0, "credits": 0, "balance": 0, "past_due": 0}), **done.get(code, _nothing()),
            "credit_days": _half(days.get(code)), "usual_days": usual_days,
            "days_late": _tenth(late.get(code)), "usual_late": _tenth(usual_late),
        }  # fmt: skip
        if what == Standing.CANDIDATE.value:
            is_strong = mine["strength"].eq(Strength.STRONG.value).any()
            row["strength"] = (Strength.STRONG if is_strong else Strength.WEAK).value
            row["evidence"] = "; ".join(dict.fromkeys(mine["sentence"]))
        else:
            own = what == Standing.INTERCOMPANY.value
            row["evidence"] = "flagged as a company of the group" if own else "flagged as a related party"
        row["findings"] = "; ".join(
            _findings(row, int(long.get(code, 0)), late.get(code), usual_late, options)
        )
        rows.append(row)
    return PARTIES.from_rows(rows)


def _amounts(asked: pd.DataFrame, at: Position) -> dict[str, dict[str, int]]:
    """Carrying amounts of the open items of each customer."""
    overdue = set(at.past_due["item_id"])
    owed = carrying(asked).fillna(0)
    work = asked.assign(
        debits=owed.where(asked["outstanding"].gt(0), 0), credits=owed.where(asked["outstanding"].lt(0), 0), balance=owed,
        past_due=owed.where(asked["outstanding"].gt(0) & asked["item_id"].isin(overdue), 0),
    )  # fmt: skip
    sums = totals_by(
        work[work["customer_id"].notna()], "customer_id", ["debits", "credits", "balance", "past_due"]
    )
    return {str(row.pop("customer_id")): row for row in records(sums)}


def _nothing() -> dict[str, int]:
    return {"sales": 0, "receipts": 0, "write_offs": 0, "adjustments": 0}


def _by_group(transactions: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The year's transactions of each party in the books' currency; sales are documents of sale, not other lines."""
    amount = transactions["functional_amount"].fillna(0)
    is_sale = transactions["item_type"].isin(SALES_TYPES)
    group = transactions["group"]
    work = transactions.assign(
        sales=amount.where(is_sale, 0),
        receipts=amount.where(group.eq(RollGroup.RECEIPTS.value), 0),
        write_offs=amount.where(group.eq(RollGroup.WRITE_OFFS.value), 0),
        adjustments=amount.where(group.eq(RollGroup.ADJUSTMENTS.value), 0),
    )
    sums = totals_by(work, "customer_id", list(_nothing()))
    return {str(row.pop("customer_id")): row for row in records(sums)}


def _half(value: Any) -> int | None:
    """A median of whole days, to the day; a half goes up."""
    return None if is_none(value) else int(np.floor(float(value) + 0.5))


def _tenth(value: Fraction | None) -> str | None:
    """A number of days with one place, half up."""
    if value is None:
        return None
    tenths = int(np.floor(float(value * 10) + 0.5))
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"


def _findings(
    row: Mapping[str, Any],
    long: int,
    late: Fraction | None,
    usual: Fraction | None,
    options: RelatedPartiesOptions,
) -> list[str]:
    """What stands out of one party, in words."""
    made = []
    if long:
        made.append(f"{long} invoice{'' if long == 1 else 's'} with longer credit than 19 of 20 to others")
    if late is not None and usual is not None and late - usual > options.later_days:
        made.append(f"pays {_tenth(late - usual)} days later than others")
    if int(row["write_offs"]) < 0:
        made.append("written off in the year")
    if int(row["adjustments"]):
        made.append("adjusted or transferred in the year")
    if int(row["past_due"]) > 0:
        made.append("owes past due")
    if int(row["credits"]) < 0:
        made.append("has open credits")
    return made


def _balances(asked: pd.DataFrame, standing_of: dict[str, str]) -> pd.DataFrame:
    """PARTY_BALANCES of all open items asked about."""
    rows = asked.assign(
        standing=asked["customer_id"].map(standing_of).astype("str").fillna(Standing.OTHER.value), items=1
    )
    by = ["standing", "currency"]
    sums = totals_by(rows, by, ["items", "outstanding"])
    counts = rows.groupby(by)["customer_id"].nunique().rename("customers").reset_index()
    order = {each.value: number for number, each in enumerate(Standing)}
    made = sums.merge(counts, on=by, how="left").assign(order=lambda frame: frame["standing"].map(order))
    return PARTY_BALANCES.typed(made.sort_values(["order", "currency"], kind="stable", ignore_index=True))


def _misplaced(asked: pd.DataFrame, found: Found, book: Book, at: Position, scope: Scope) -> pd.DataFrame:
    """MISPLACED: own companies outside intercompany accounts, others on them. Without such an account: none."""
    accounts = (
        of_entity(book["control_accounts"], scope.entity)
        .drop_duplicates("account")
        .set_index("account")["role"]
    )
    if not accounts.eq(AccountRole.INTERCOMPANY.value).any():
        return MISPLACED.empty()
    role = asked["control_account"].map(accounts)
    is_own = asked["customer_id"].map(found.standing).eq(Standing.INTERCOMPANY.value).to_numpy(dtype=bool)
    on_own = role.eq(AccountRole.INTERCOMPANY.value).to_numpy(dtype=bool)
    odd = (is_own != on_own) & role.notna().to_numpy(dtype=bool)
    names = at.customers.drop_duplicates("customer_id").set_index("customer_id")["name"]
    why = np.where(
        is_own,
        "a company of the group on another account",
        "on an intercompany account, not a company of the group",
    )
    rows = asked.assign(role=role, name=asked["customer_id"].map(names), why=why)[odd]
    return MISPLACED.typed(rows).sort_values(["item_id", "instalment_no"], kind="stable", ignore_index=True)


def _identities(asked: pd.DataFrame, balances: pd.DataFrame, scope: Scope) -> tuple[Identity, ...]:
    """By currency: related parties, own companies, candidates and others are all open items asked about."""
    return tuple(
        Identity(
            name="balances by standing", entity=scope.entity, currency=str(code), left_label="by standing",
            left=total(balances.loc[balances["currency"].eq(code), "outstanding"]), right_label="open items asked about",
            right=total(asked.loc[asked["currency"].eq(code), "outstanding"]),
        )
        for code in sorted(asked["currency"].unique())
    )  # fmt: skip
