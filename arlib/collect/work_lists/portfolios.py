"""Who has which account: the assignment at the start of a quarter, stable from one to the next. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.assignment import assign
from arlib.collect.work_lists.frames import LOADS, PORTFOLIOS, Change
from arlib.collect.work_lists.words import many
from arlib.controls import Identity
from arlib.money import total, totals_by
from arlib.policy import Policies
from arlib.tables.rows import Row, records


@dataclass(frozen=True, kw_only=True, eq=False)
class Portfolios:
    """Accounts with their collectors before and after, loads, and what could not be done, in words."""

    accounts: pd.DataFrame  # PORTFOLIOS
    loads: pd.DataFrame  # LOADS
    limits: tuple[str, ...]
    identities: tuple[Identity, ...]


def portfolios(position: Position, *, policies: Policies) -> Portfolios:
    """Every account with open items and its collector, by `assign`; give the position of the quarter's start.

    The size of an account is the number of its open transactions (documents, of either sign) and the open debits in the
    books' currency at closing rates. Collectors are those of the policy, or everybody who has an account. No collector
    gets more than `portfolio_max_items` transactions; accounts without room keep nobody and are named. An account stays
    with its collector unless that limit forces a move.
    """
    policy = policies.work_list
    rows = position.items[position.items["customer_id"].fillna("").ne("")]
    accounts = _accounts(rows)
    roster = sorted(set(policy.collectors) or set(accounts["collector_before"]) - {""})
    after = assign(
        accounts.rename(columns={"collector_before": "collector"}), roster, most_items=policy.portfolio_max_items,
        keeps_region=policy.portfolio_keeps_region, region_slack=Fraction(policy.portfolio_region_slack),
    )  # fmt: skip
    before = accounts["collector_before"]
    change = np.select(
        [after.eq(""), after.eq(before), before.isin(roster)],
        [Change.UNPLACED.value, Change.STAYS.value, Change.MOVED.value], Change.NEW.value,
    )  # fmt: skip
    made = accounts.assign(
        entity=position.scope.entity, currency=position.currency, collector=after, change=change
    )
    loads = _loads(made, roster, position)
    held = dict(zip(loads["collector"], loads["items_before"], strict=True))
    made["why"] = [_why(row, held, roster=roster, most=policy.portfolio_max_items) for row in records(made)]
    table = PORTFOLIOS.typed(made).sort_values(["entity", "customer_id"], kind="stable", ignore_index=True)
    whole = Identity(
        name="portfolios", left_label="open transactions of the portfolios", left=int(loads["items"].sum()),
        right_label="open transactions of customers", right=int(rows["item_id"].nunique()), entity=position.scope.entity,
    )  # fmt: skip
    return Portfolios(
        accounts=table, loads=loads, limits=_limits(table, roster, policies), identities=(whole,)
    )


def _accounts(rows: pd.DataFrame) -> pd.DataFrame:
    """Customers with what they are in size, region and collector."""
    debits = rows[rows["outstanding"].gt(0) & rows["books_amount"].notna()]
    sums = totals_by(debits, ["customer_id"], "books_amount").set_index("customer_id")["books_amount"]
    made = rows.groupby("customer_id", sort=True).agg(
        items=("item_id", "nunique"), name=("name", "first"), region=("region", "first"),
        collector_before=("collector", "first"),
    ).reset_index()  # fmt: skip
    return made.assign(
        amount=sums.reindex(made["customer_id"]).fillna(0).astype("Int64").to_numpy(),
        items=made["items"].astype("Int64"),
        region=made["region"].fillna(""),
        collector_before=made["collector_before"].fillna("").astype("str"),
    )


def _loads(made: pd.DataFrame, roster: list[str], position: Position) -> pd.DataFrame:
    names = sorted({*roster, *made["collector_before"], *made["collector"]})
    rows = []
    for name in names:
        had, has = made[made["collector_before"].eq(name)], made[made["collector"].eq(name)]
        rows.append(
            {
                "entity": position.scope.entity, "collector": name, "currency": position.currency,
                "accounts_before": len(had), "items_before": int(had["items"].sum()), "amount_before": total(had["amount"]),
                "accounts": len(has), "items": int(has["items"].sum()), "amount": total(has["amount"]),
                "regions": ", ".join(sorted({str(region) for region in has["region"] if region})),
                "came": int(has["collector_before"].ne(name).sum()), "left": int(had["collector"].ne(name).sum()),
            }
        )  # fmt: skip
    return LOADS.from_rows(rows)


def _why(row: Row, held: dict[str, int], *, roster: list[str], most: int) -> str:
    before, items = str(row["collector_before"]), int(row["items"])
    if row["change"] == Change.STAYS.value:
        return ""
    if row["change"] == Change.UNPLACED.value:
        if items > most:
            return (
                f"{many(items, 'open transaction')} are more than the {most:,} that one collector may have."
            )
        return f"No collector has room for {many(items, 'open transaction')}."
    if not before:
        return "Nobody had it."
    if before not in roster:
        return f"{before} takes no portfolio."
    if held[before] > most:
        return f"{before} had {held[before]:,} open transactions, and {most:,} is the most."
    return "Moved so that every account finds room under the limit."


def _limits(accounts: pd.DataFrame, roster: list[str], policies: Policies) -> tuple[str, ...]:
    most = policies.work_list.portfolio_max_items
    if not roster:
        return ("No collector is known: no account can be assigned.",) if len(accounts) else ()
    lost = accounts[accounts["change"].eq(Change.UNPLACED.value)]
    if lost.empty:
        return ()
    items, whole = int(lost["items"].sum()), int(accounts["items"].sum())
    needed = max(-(-whole // most), len(roster) + 1)
    too_large = int(lost["items"].gt(most).sum())
    said = (
        f"{many(len(lost), 'account')} with {many(items, 'open transaction')} found no room: {many(len(roster), 'collector')} "
        f"with {most:,} at most hold {len(roster) * most:,} of {whole:,}; at least {needed:,} are needed."
    )
    if not too_large:
        return (said,)
    return (
        said,
        f"{many(too_large, 'account')} of more than {most:,} open transactions cannot be anybody's under the limit.",
    )
