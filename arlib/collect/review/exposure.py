"""What each customer owes and has ordered, what reduces it and what covers it. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd

from arlib.collect.contact.records import in_books
from arlib.collect.position import Position
from arlib.collect.review.frames import EXPOSURES
from arlib.credit.allowance.frameworks import resolved
from arlib.credit.allowance.insurance import cover_exposures
from arlib.credit.allowance.set_off import set_off
from arlib.credit.write_off.words import money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.ledger.replaced import carried_items
from arlib.money import totals_by
from arlib.policy import Policies
from arlib.policy.credit_review import CreditsInExposure
from arlib.tables import Book
from arlib.tables.choices import OrderState, SecurityKind

STOPPED = (OrderState.BILLED.value, OrderState.CANCELLED.value)


def exposures(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """What every customer owes and has ordered at the as-of date, at closing rates: EXPOSURES, sorted by its key.

    A row for every customer of CUSTOMERS that was not merged into another, and of an open item; debits without a
    customer stand under ''. Credits reduce the exposure as the policy says (`credits`): none, as far as a right of
    set-off is on record, or all, never below 0. Open orders are those ordered by the as-of date, not cancelled by it,
    less what is billed of them. Disputes are those open at the end of the as-of date; a dispute counts for at most what
    is past due of its item. Cover is what the securities of the day would pay of the open debits, whatever the framework
    of the allowance makes of them. What has no closing rate is in no amount and is named in `unrated`. Needs ITEMS; uses
    CUSTOMERS, ORDERS, SECURITY, DISPUTES, FX_RATES.
    """
    scope = position.scope
    debits, known = position.debits, position.debits[position.debits["books_amount"].notna()]
    orders = open_orders(book, position=position)
    made = _customers(book, position, orders).set_index("customer_id")
    made = made.join(_sums(known, "open_debits")).join(_sums(position.credits, "credits", sign=-1))
    made = made.join(_sums(position.past_due, "past_due")).join(_oldest(position.past_due))
    made = made.join(totals(orders, "books_amount", "open_orders"))
    made = made.join(totals(disputed_parts(book, position=position), "books_amount", "disputed"))
    made = made.join(_netted(book, position, policies)).join(_covered(book, position, policies))
    amounts = [
        "open_debits", "credits", "netted_credits", "open_orders", "past_due", "disputed", "insured", "secured",
    ]  # fmt: skip
    made[amounts] = made[amounts].astype("Int64").fillna(0)
    counted = made["open_orders"] if policies.credit_review.counts_open_orders else 0
    made["exposure"] = made["open_debits"] - made["netted_credits"] + counted
    made = made.reset_index().assign(entity=scope.entity, currency=position.currency)
    made["unrated"] = _unrated(debits, orders, made["customer_id"])
    return EXPOSURES.typed(made).sort_values(["entity", "customer_id"], kind="stable", ignore_index=True)


def open_orders(book: Book, *, position: Position) -> pd.DataFrame:
    """Orders with something not billed at the as-of date: ORDERS with `open_amount`, `books_amount`, codes after mergers."""
    scope = position.scope
    rows = of_entity(book["orders"], scope.entity)
    day = pd.Timestamp(scope.as_of)
    rest = rows["amount"] - rows["billed_amount"].fillna(0)
    # an order that was cancelled later was still one on the day
    stands = ~rows["state"].isin(STOPPED) | rows["cancelled_on"].gt(day)
    stands &= rows["ordered_on"].le(day) & ~rows["cancelled_on"].le(day) & rest.gt(0)
    mine = rows[stands.to_numpy(dtype=bool)].reset_index(drop=True)
    mine["open_amount"] = rest[stands].reset_index(drop=True)
    mine["customer_id"] = merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    mine["books_amount"] = in_books(mine["open_amount"], mine["currency"], position)
    return mine


def disputed_parts(book: Book, *, position: Position) -> pd.DataFrame:
    """What is past due and in dispute, by due part: item_id, instalment_no, customer_id, days_past_due, books_amount.

    A dispute of an item stands on the item that carries it on, too; one for the account takes what is past due of the
    customer in its currency, oldest first. No part is disputed for more than is open of it.
    """
    scope = position.scope
    rows = of_entity(book["disputes"], scope.entity)
    day = pd.Timestamp(scope.as_of)
    rows = rows[(rows["opened_on"].le(day) & ~rows["closed_on"].le(day)).to_numpy(dtype=bool)]
    late = position.past_due.sort_values(["aged_from", "item_id", "instalment_no"], kind="stable")
    if rows.empty or late.empty:
        return _parts_of(late, pd.Series(dtype="Int64"))
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    carried = carried_items(book, entity=scope.entity)
    heirs: dict[str, list[str]] = defaultdict(list)
    for item, before in carried.items():
        for old in before:
            heirs[old].append(item)
    wanted = set(rows["item_id"].dropna()) | {heir for old in rows["item_id"].dropna() for heir in heirs[old]}
    mine = late[
        late["item_id"].isin(wanted) | late["customer_id"].isin(codes[rows["item_id"].fillna("").eq("")])
    ]
    left = mine["outstanding"].to_dict()
    by_item = {name: list(index) for name, index in mine.groupby("item_id", sort=False).groups.items()}
    by_account = {
        name: list(index)
        for name, index in mine.groupby(["customer_id", "currency"], sort=False).groups.items()
    }
    taken: dict[int, int] = defaultdict(int)
    ordered = rows.assign(customer_id=codes).sort_values(["opened_on", "dispute_id"], kind="stable")
    for item, customer, currency, amount in zip(
        ordered["item_id"].fillna(""),
        ordered["customer_id"],
        ordered["currency"],
        ordered["amount"],
        strict=True,
    ):
        places = (
            [at for name in (item, *heirs.get(item, ())) for at in by_item.get(name, [])]
            if item
            else by_account.get((customer, currency), [])
        )
        rest = int(amount)
        for at in places:
            part = max(0, min(rest, int(left[at]) - taken[at]))
            taken[at] += part
            rest -= part
    return _parts_of(mine, pd.Series({at: value for at, value in taken.items() if value}, dtype="Int64"))


def _parts_of(late: pd.DataFrame, taken: pd.Series) -> pd.DataFrame:
    """The parts with something in dispute, the books' amount in proportion (cut down to the minor unit)."""
    mine = late.loc[taken.index]
    books = [
        None if pd.isna(whole) else int(whole) * int(part) // int(open_)
        for whole, part, open_ in zip(mine["books_amount"], taken, mine["outstanding"], strict=True)
    ]
    columns = ["item_id", "instalment_no", "customer_id", "currency", "days_past_due"]
    return mine[columns].assign(amount=taken, books_amount=pd.array(books, dtype="Int64"))


def totals(rows: pd.DataFrame, column: str, name: str) -> pd.Series:
    """The sum of a money column by customer, '' for none."""
    work = rows.assign(customer_id=rows["customer_id"].fillna("")) if len(rows) else rows
    found = totals_by(work, "customer_id", column).set_index("customer_id")[column]
    return found.rename(name)


def _sums(rows: pd.DataFrame, name: str, *, sign: int = 1) -> pd.Series:
    return sign * totals(rows, "books_amount", name)


def _oldest(late: pd.DataFrame) -> pd.DataFrame:
    by = late.assign(customer_id=late["customer_id"].fillna("")).groupby("customer_id")
    return by.agg(oldest_due_date=("aged_from", "min"), max_days_past_due=("days_past_due", "max"))


def _customers(book: Book, position: Position, orders: pd.DataFrame) -> pd.DataFrame:
    """Every customer with its attributes of the as-of date; one that was merged into another by then is that other."""
    scope = position.scope
    named = position.attributes.sort_values("entity", kind="stable").drop_duplicates(
        "customer_id", keep="last"
    )
    codes = {*named["customer_id"], *position.items["customer_id"].dropna(), *orders["customer_id"].dropna()}
    bare = (
        position.debits["customer_id"].fillna("").eq("").any() or position.credits["customer_id"].isna().any()
    )
    every = pd.Series(sorted(codes | ({""} if bare else set())), dtype="str", name="customer_id")
    every = every[merged_codes(every, book, entity=scope.entity, on=scope.as_of).eq(every)].reset_index(
        drop=True
    )
    found = every.to_frame().merge(named.drop(columns="entity"), on="customer_id", how="left")
    found["parent_id"] = found["parent_id"].fillna(found["customer_id"])
    found["parent_id"] = found["parent_id"].mask(found["parent_id"].eq(""), found["customer_id"])
    found["is_intercompany"] = found["is_intercompany"].astype("boolean").fillna(False)
    columns = ["customer_id", "name", "parent_id", "collector", "sales_rep", "status", "is_intercompany"]
    return found[columns]


def _netted(book: Book, position: Position, policies: Policies) -> pd.Series:
    """Own credits that reduce what each customer owes."""
    how = policies.credit_review.credits
    debits = position.debits[
        position.debits["books_amount"].fillna(0).gt(0) & position.debits["customer_id"].notna()
    ]
    credits_ = position.credits[
        position.credits["books_amount"].fillna(0).lt(0) & position.credits["customer_id"].notna()
    ]
    if how is CreditsInExposure.NONE or debits.empty or credits_.empty:
        return pd.Series(dtype="Int64", name="netted_credits")
    owed = debits.reset_index(drop=True).assign(gross=lambda rows: rows["books_amount"])
    owing = credits_.reset_index(drop=True).assign(amount=lambda rows: rows["books_amount"])
    policy = replace(policies.allowance, nets_credits=how is CreditsInExposure.ALL)
    found = set_off(_rated(book, position), owed, owing, scope=position.scope, policy=policy)
    return totals(
        owed.assign(books_amount=pd.array(found.against, dtype="Int64")), "books_amount", "netted_credits"
    )


def _covered(book: Book, position: Position, policies: Policies) -> pd.DataFrame:
    """What insurance, and what other security, would pay of each customer's open debits."""
    debits = position.debits[
        position.debits["books_amount"].fillna(0).gt(0) & position.debits["customer_id"].notna()
    ]
    rows = debits.reset_index(drop=True).assign(
        exposure=lambda frame: frame["books_amount"], is_by_person=False
    )
    none = pd.DataFrame({"insured": pd.Series(dtype="Int64"), "secured": pd.Series(dtype="Int64")})
    if not book.has("security") or rows.empty:
        return none
    covered = cover_exposures(
        _rated(book, position), rows, scope=position.scope, policy=resolved(policies.allowance)
    )
    if covered.pairs.empty:
        return none
    kinds = covered.lines.set_index("security_id")["kind"]
    pairs = covered.pairs.assign(
        customer_id=rows["customer_id"].to_numpy()[covered.pairs["row"].to_numpy(dtype=np.int64)],
        kind=kinds.reindex(covered.pairs["security_id"]).to_numpy(),
        cover=covered.pairs["cover"].astype("Int64"),
    )
    is_insurance = pairs["kind"].eq(SecurityKind.CREDIT_INSURANCE.value)
    return pd.concat(
        [totals(pairs[is_insurance], "cover", "insured"), totals(pairs[~is_insurance], "cover", "secured")],
        axis=1,
    )


def _rated(book: Book, position: Position) -> Book:
    """The book without securities in currencies that have no closing rate: they cover nothing that can be told."""
    rows = book["security"]
    amounts = pd.Series(1, index=rows.index, dtype="Int64")
    known = in_books(amounts, rows["currency"], position).notna() if len(rows) else amounts.notna()
    return replace(book, tables={**book.tables, "security": rows[known.to_numpy(dtype=bool)]})


def _unrated(debits: pd.DataFrame, orders: pd.DataFrame, customers: pd.Series) -> pd.Series:
    """Amounts that have no closing rate, in words, by customer."""
    said: dict[str, list[str]] = defaultdict(list)
    for rows, column, word in ((debits, "outstanding", "open"), (orders, "open_amount", "ordered")):
        missing = rows[rows["books_amount"].isna()]
        if missing.empty:
            continue
        missing = missing.assign(customer_id=missing["customer_id"].fillna(""))
        sums = totals_by(missing, ["customer_id", "currency"], column)
        for customer, code, amount in sums.itertuples(index=False, name=None):
            said[customer].append(f"{money(amount, code)} {word}")
    words = [" and ".join(said[str(customer)]) if customer in said else "" for customer in customers]
    return pd.Series(words, index=customers.index, dtype="str")
