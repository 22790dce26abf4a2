"""Receipts with all that a lapping test compares: bank, posting, what the payer names, what was paid with it. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.audit.evidence.banked import bank_of
from arlib.audit.evidence.named import Numbers, advices_of, numbers_of, said
from arlib.audit.options.patterns import LappingOptions
from arlib.audit.options.texts import day_of, listed
from arlib.audit.patterns.kin import Kin
from arlib.audit.patterns.parts import parts_of
from arlib.audit.population import Population
from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ApplicationKind

CASH = [kind.value for kind in CASH_TYPES]
PAYING = [
    kind.value for kind in (ApplicationKind.PAYMENT, ApplicationKind.PREPAYMENT, ApplicationKind.CLEARING)
]
COVERING = [ApplicationKind.CREDIT_MEMO.value, ApplicationKind.CREDIT_TO_CREDIT.value]


@dataclass(frozen=True)
class Cash:
    """What the tests work on. `rows`: a tested receipt each, by item_id. The other frames are by the receipt's item_id.

    named: item, named_item, named_in, net. applied: item, target, amount, date, user, application_id (net of reversals).
    undone: applications that were taken back, with back_on and back_by. credits: applications of credits to debits.
    """

    rows: pd.DataFrame
    parts: pd.DataFrame  # TESTED
    all_rows: pd.DataFrame  # every receipt of the ledger by the date, currency and amount
    items: pd.DataFrame  # of the entity, indexed by item_id
    named: pd.DataFrame
    applied: pd.DataFrame
    undone: pd.DataFrame
    credits: pd.DataFrame
    numbers: dict[str, str]  # document number of every item
    owners: dict[str, str]  # customer of every item, '' for none


def cash_of(book: Book, kin: Kin, *, scope: Scope, options: LappingOptions, population: Population) -> Cash:
    """Receipts posted by the date, the date itself in; money that goes back and what the question leaves out apart.

    Needs ITEMS and APPLICATIONS; uses RECEIPTS, RECEIPT_BANK_LINES, BANK_LINES and REMITTANCES.
    """
    end = pd.Timestamp(scope.as_of)
    items = of_entity(book["items"], scope.entity)
    posted = fact_dates(items, Basis.POSTING)
    receipts = items[(items["item_type"].isin(CASH) & posted.le(end)).to_numpy(dtype=bool)].reset_index(
        drop=True
    )
    receipts = _with_register(book, receipts, scope=scope)
    since = day_of(options.since)
    posted_on = fact_dates(receipts, Basis.POSTING)
    users = listed(options.users)
    is_tested, parts = parts_of(
        receipts.assign(amount=-receipts["amount"]),
        {
            "money that goes back": receipts["amount"].ge(0),
            "posted before the first day asked about": posted_on.lt(pd.Timestamp(since))
            if since
            else posted_on.isna() & False,
            "outside the population": ~population.chosen(receipts, amount="amount"),
            "of other users": ~receipts["user"].isin(users) if users else posted_on.isna() & False,
        },
        entity=scope.entity,
    )
    rows = receipts[is_tested.to_numpy(dtype=bool)].reset_index(drop=True)
    rows = rows.assign(amount=-rows["amount"], posted_on=posted_on[is_tested].to_numpy())
    rows = _with_bank(book, rows, scope=scope)
    applied, undone, covering = _applications(book, rows, items, end, scope=scope)
    named = _named(book, rows, items, kin, scope=scope)
    return Cash(
        rows=rows, parts=parts, all_rows=receipts.assign(amount=-receipts["amount"])[["currency", "amount"]],
        items=items.drop_duplicates("item_id").set_index("item_id"), named=named, applied=applied, undone=undone,
        credits=covering,
        numbers=dict(zip(items["item_id"], items["document_no"].fillna(""), strict=True)),
        owners=dict(zip(items["item_id"], items["customer_id"].fillna(""), strict=True)),
    )  # fmt: skip


def _with_register(book: Book, receipts: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Receipts with what the register of receipts adds: its id, deposit, user, payer and texts."""
    held = of_entity(book["receipts"], scope.entity)
    held = held[held["item_id"].fillna("").ne("").to_numpy(dtype=bool)].drop_duplicates("item_id")
    more = ["receipt_id", "deposit_batch", "payer_name", "payer_account", "remittance_text", "reference"]
    own = held[["item_id", *more, "user"]].rename(columns={"user": "register_user"})
    joined = receipts.merge(own, on="item_id", how="left")
    joined["receipt_id"] = joined["receipt_id"].fillna(joined["document_no"])
    joined["deposit_batch"] = joined["deposit_batch"].fillna(joined["batch_id"])
    joined["user"] = joined["register_user"].fillna(joined["user"])
    return joined.drop(columns="register_user")


def _with_bank(book: Book, rows: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    bank = bank_of(book, rows["receipt_id"], scope=scope)
    names = [
        "receipt_id",
        "bank_line_id",
        "first_bank_date",
        "value_date",
        "linked",
        "bank_payer",
        "bank_text",
        "bank_reference",
    ]
    mine = rows.merge(bank[names], on="receipt_id", how="left")
    day = mine["value_date"].astype("datetime64[s]").fillna(mine["first_bank_date"].astype("datetime64[s]"))
    return mine.assign(banked_on=day, days_to_post=weekdays_between(day, mine["posted_on"]))


def weekdays_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Mondays to Fridays from a day to another, the first day not counted: from Friday to Monday is 1. Missing where one is."""
    known = (start.notna() & end.notna()).to_numpy(dtype=bool)
    made = np.full(len(start), 0, dtype="int64")
    first, last = (np.asarray(column[known], dtype="datetime64[D]") for column in (start, end))
    made[known] = np.busday_count(first, last)
    return pd.Series(made, index=start.index, dtype="Int64").where(known)


def _applications(
    book: Book, rows: pd.DataFrame, items: pd.DataFrame, end: pd.Timestamp, *, scope: Scope
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    apps = of_entity(book["applications"], scope.entity)
    dates = fact_dates(apps, Basis.POSTING)
    here = dates.le(end).to_numpy(dtype=bool)
    apps = apps[here].assign(date=dates[here])
    debits = items.loc[items["amount"].gt(0) & ~items["item_type"].isin(CASH), "item_id"]
    on_debits = apps["target_item_id"].isin(debits)
    covering = apps[on_debits & apps["kind"].isin(COVERING)]
    mine = apps[on_debits & apps["source_item_id"].isin(rows["item_id"]) & apps["kind"].isin(PAYING)]
    mine = mine.rename(
        columns={"source_item_id": "item_id", "target_item_id": "target", "source_amount": "applied"}
    )
    backs = mine.loc[mine["reverses"].fillna("").ne(""), ["reverses", "date", "user"]].drop_duplicates(
        "reverses"
    )
    backs = backs.rename(columns={"reverses": "application_id", "date": "back_on", "user": "back_by"})
    names = ["item_id", "target", "applied", "date", "user", "application_id"]
    first = mine[mine["reverses"].fillna("").eq("")].sort_values(["date", "application_id"], kind="stable")
    undone = first[names].merge(backs, on="application_id", how="inner")
    standing = first[~first["application_id"].isin(undone["application_id"])]
    net = mine.groupby(["item_id", "target"], sort=True)["applied"].sum().reset_index()
    last = standing[["item_id", "target", "date", "user", "application_id"]].drop_duplicates(
        ["item_id", "target"], keep="last"
    )
    applied = net[net["applied"].gt(0)].merge(last, on=["item_id", "target"], how="left")
    return applied, undone.reset_index(drop=True), covering.reset_index(drop=True)


def _named(book: Book, rows: pd.DataFrame, items: pd.DataFrame, kin: Kin, *, scope: Scope) -> pd.DataFrame:
    """What each payer names: in its advice lines, else in the texts of receipt and bank line."""
    advices = of_entity(book["remittances"], scope.entity)
    advices = advices[advices["receipt_id"].isin(rows["receipt_id"]).to_numpy(dtype=bool)]
    texts = [
        rows[name].dropna().astype("str")
        for name in ("remittance_text", "reference", "bank_text", "bank_reference")
    ]
    every = [*advices["reference"].dropna(), *pd.concat(texts).unique()] if len(rows) else []
    numbers = numbers_of(items, every)
    # digits alone may be any number of a stranger's document by accident: a stranger's is meant only where it is written whole
    whole = Numbers(numbers.whole, {})
    told, told_whole = advices_of(advices, numbers), advices_of(advices, whole)
    head = dict(zip(items["item_id"], kin.heads(items["customer_id"]), strict=True))
    debit = set(items.loc[items["amount"].gt(0) & ~items["item_type"].isin(CASH), "item_id"])
    made: list[tuple[str, str, str, int | None]] = []
    columns = (
        "item_id",
        "receipt_id",
        "customer_id",
        "remittance_text",
        "reference",
        "bank_text",
        "bank_reference",
    )
    payers = kin.heads(rows["customer_id"])
    for (item, receipt, *words), payer in zip(
        rows[list(columns)].itertuples(index=False), payers, strict=True
    ):
        lines = told.get(receipt, [])
        found: dict[str, tuple[str, int | None]] = {}
        for line, exact in zip(lines, told_whole.get(receipt, []), strict=True):
            for one in _own(line.items & debit, exact.items & debit, payer, head):
                found.setdefault(one, ("advice", line.net))
        if not lines:
            for text in said(*words):
                written = whole.in_text(text) & debit
                for one in _own(numbers.in_text(text) & debit, written, payer, head) if payer else written:
                    found.setdefault(one, ("text", None))
        made.extend((item, one, where, net) for one, (where, net) in sorted(found.items()))
    return pd.DataFrame(made, columns=["item_id", "named_item", "named_in", "net"]).astype(
        {"item_id": "str", "named_item": "str", "named_in": "str", "net": "Int64"}
    )


def _own(found: frozenset[str], whole: frozenset[str], payer: str, head: dict[str, str]) -> frozenset[str]:
    """Of items that a number may mean: those of the payer's group, else those of strangers whose number is written whole.

    Of a payer who is not known, all that its advice may mean.
    """
    if not payer:
        return found
    return frozenset(one for one in found if head.get(one) == payer) or whole
