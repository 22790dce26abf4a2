"""The hit list: customers with past-due amounts, for the sales executive of each. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.calls import unrated_words
from arlib.collect.work_lists.cases import Cases
from arlib.collect.work_lists.frames import hit_list_table
from arlib.collect.work_lists.limits import in_books_currency
from arlib.money import totals_by, translate_at
from arlib.policy import Policies

BY = ["sales_rep", "customer_id"]


def hit_list(
    split: pd.DataFrame, *, position: Position, cases: Cases, policies: Policies
) -> tuple[pd.DataFrame, int]:
    """The hit list (`hit_list_table` of the aging policy), and the past due of customers below its least amount.

    A row is a customer of a sales executive: of the customer, or of the document where the customer has none. Every
    past-due item is in it, disputed or promised or not, so that the totals and what is below `hit_list_min_amount` add up
    to the past due of the aging, in the books' currency at closing rates. A customer counts as below by all it has past
    due. What has no closing rate is said in words, and such a customer is always listed. Executives by name, their
    customers by total, largest first. Needs what `split_past_due` returned.
    """
    table = hit_list_table(policies.aging)
    rows = split.assign(sales_rep=split["sales_rep"].fillna(""))
    if rows.empty:
        return table.empty(), 0
    least = in_books_currency(policies.work_list.hit_list_min_amount, position, policies.work_list.currency)
    whole = rows.groupby("customer_id")["books_amount"].sum()
    is_unrated = rows.groupby("customer_id")["books_amount"].agg(lambda amounts: bool(amounts.isna().any()))
    is_listed = (whole >= least) | is_unrated
    below = int(whole[~is_listed].sum())
    rows = rows[is_listed.reindex(rows["customer_id"]).to_numpy(dtype=bool)]
    if rows.empty:
        return table.empty(), below
    rated = rows[rows["books_amount"].notna()]
    made = rows[BY].drop_duplicates().sort_values(BY, kind="stable", ignore_index=True)
    buckets = totals_by(rated, [*BY, "bucket"], "books_amount")
    for bucket in policies.aging.past_due_buckets:
        made[bucket] = _looked_up(made, buckets[buckets["bucket"].eq(bucket)], "books_amount")
    made["total"] = _looked_up(made, totals_by(rated, BY, "books_amount"), "books_amount")
    made["disputed"] = _looked_up(made, _disputed(rated, position), "disputed")
    facts = rows.groupby(BY, sort=True).agg(
        oldest_due_date=("aged_from", "min"), max_days_past_due=("days_past_due", "max"), name=("name", "first"),
        collector=("collector", "first"),
    )  # fmt: skip
    made = made.join(facts, on=BY).join(_largest(rated), on=BY)
    made = made.merge(_promises(cases, position), on="customer_id", how="left", validate="many_to_one")
    touched = cases.touches.drop_duplicates("customer_id").set_index("customer_id")["last_contact_on"]
    made = made.assign(
        entity=position.scope.entity,
        currency=position.currency,
        last_contact_on=touched.reindex(made["customer_id"]).to_numpy(),
        promised=made["promised"].fillna(0),
        unrated=_unrated(made, rows[rows["books_amount"].isna()]),
    )
    ordered = made.sort_values(
        ["sales_rep", "total", "customer_id"], ascending=[True, False, True], kind="stable"
    )
    return table.typed(ordered.reset_index(drop=True)), below


def _looked_up(made: pd.DataFrame, sums: pd.DataFrame, column: str) -> pd.Series:
    found = sums.set_index(BY)[column].reindex(pd.MultiIndex.from_frame(made[BY]))
    return found.fillna(0).astype("Int64").set_axis(made.index)


def _disputed(rated: pd.DataFrame, position: Position) -> pd.DataFrame:
    books = translate_at(
        rated["disputed"], from_currency=rated["currency"], to_currency=position.currency, rates=position.rates,
        on=position.scope.as_of,
    )  # fmt: skip
    return totals_by(rated.assign(disputed=books), BY, "disputed")


def _largest(rated: pd.DataFrame) -> pd.DataFrame:
    """Number and open amount of the largest document of each row; of equal ones the oldest."""
    whole = totals_by(rated, [*BY, "item_id"], "books_amount")
    first = rated.drop_duplicates([*BY, "item_id"])[[*BY, "item_id", "document_no", "aged_from"]]
    both = whole.merge(first, on=[*BY, "item_id"], how="left", validate="one_to_one")
    both = both.sort_values(
        ["books_amount", "aged_from", "item_id"], ascending=[False, True, True], kind="stable"
    )
    top = both.drop_duplicates(BY).set_index(BY)
    return top.rename(columns={"document_no": "largest_document", "books_amount": "largest_amount"})[
        ["largest_document", "largest_amount"]
    ]


def _promises(cases: Cases, position: Position) -> pd.DataFrame:
    """Open promises of each customer: the next day and what is still to come, in the books' currency."""
    mine = cases.promises[cases.promises["state"].eq("open")]
    rated = mine[~mine["currency"].isin(position.unrated)]
    known = rated.assign(
        promised=translate_at(
            rated["left"], from_currency=rated["currency"], to_currency=position.currency,
            rates=position.rates, on=position.scope.as_of,
        )
    )  # fmt: skip
    sums = totals_by(known, ["customer_id"], "promised")
    days = mine.groupby("customer_id", as_index=False).agg(promise_on=("pay_by", "min"))
    return days.merge(sums, on="customer_id", how="left", validate="one_to_one")


def _unrated(made: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    said = {key: unrated_words(own, "outstanding") for key, own in rows.groupby(BY, sort=True)}
    return [said.get(key, "") for key in zip(made["sales_rep"], made["customer_id"], strict=True)]
