"""Age open items: days past due, the bucket, and totals by any dimension. Floor 1.

Every open item has exactly one bucket, so the buckets sum to what is outstanding whatever the policy.
Credits, cash that is not applied and items without a due date have buckets of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from arlib.controls import Identity
from arlib.errors import AmountError, ParameterError, RateError, nearest
from arlib.ledger.facts import Bools, ints, is_among, sums_by_currency
from arlib.ledger.frames import AGING_COMPARED, Measure, aging_table, wide_table
from arlib.money import blocks, named, on_cores, totals_by
from arlib.policy import AgeFrom, AgingPolicy, Credits
from arlib.tables.choices import CASH_TYPES

CREDIT, UNAPPLIED, NO_DUE_DATE, CURRENT = "credit", "unapplied", "no_due_date", "current"
DAY = 86_400  # seconds


def age_items(open_items: pd.DataFrame, *, as_of: date, policy: AgingPolicy) -> pd.DataFrame:
    """Open items with the day that they age from, days past due, and bucket: AGED_ITEMS, in the order given.

    An item due on the as-of date is current; 30 days past due is 1-30, 31 days 31-60; the last bucket has no
    end. A debit without a date is no_due_date. Policy SHOWN puts open cash into `unapplied` and any other
    credit into `credit`; NETTED ages both like debits, by their due date or else their document date. A
    positive rest on cash is a returned payment and ages as a debit. Without `by_instalment` a part takes the
    due date of its whole item. No row and no amount changes. Needs OPEN_ITEMS (more columns stay).
    """
    is_credit = _is_credit(open_items)
    aged_from = _aged_from(open_items, policy)
    undated = is_credit & aged_from.isna().to_numpy(dtype=bool)
    if undated.any():
        aged_from = aged_from.mask(undated, open_items["document_date"])
    names = [CURRENT, *policy.past_due_buckets, NO_DUE_DATE, CREDIT, UNAPPLIED]
    place = {name: number for number, name in enumerate(names)}
    seconds = aged_from.to_numpy(dtype="datetime64[s]")
    whole_days = np.empty(len(seconds), dtype=np.int64)
    has_date = np.empty(len(seconds), dtype=bool)
    bucket = np.zeros(len(seconds), dtype=np.int8)

    def age(rows: slice) -> None:
        has_date[rows] = ~np.isnat(seconds[rows])
        whole_days[rows] = np.where(
            has_date[rows],
            np.datetime64(as_of, "D").astype(np.int64) - seconds[rows].view(np.int64) // DAY,
            0,
        )
        for last in (0, *policy.bucket_edges_days):
            bucket[rows] += whole_days[rows] > last
        bucket[rows][~has_date[rows]] = place[NO_DUE_DATE]

    on_cores(age, blocks(len(seconds)))
    if policy.credits is Credits.SHOWN:
        at = np.flatnonzero(is_credit)
        bucket[at] = np.where(
            _is_cash(open_items[["item_type", "cash_status"]].iloc[at]), place[UNAPPLIED], place[CREDIT]
        )
    return open_items.assign(
        aged_from=aged_from,
        days_past_due=pd.Series(pd.arrays.IntegerArray(whole_days, ~has_date), index=open_items.index),
        bucket=pd.Series(named(bucket, names), index=open_items.index),
    )


def _aged_from(rows: pd.DataFrame, policy: AgingPolicy) -> pd.Series:
    """The column that the policy ages from."""
    if policy.age_from is AgeFrom.DOCUMENT_DATE:
        return rows["document_date"]
    if policy.age_from is AgeFrom.DUE_DATE:
        return rows["due_date" if policy.by_instalment else "item_due_date"]
    if policy.by_instalment:
        return rows["original_due_date"]
    is_part = rows["instalment_no"].notna() & rows["original_due_date"].eq(rows["due_date"])
    return rows["original_due_date"].mask(is_part, rows["item_due_date"])


def _is_credit(rows: pd.DataFrame) -> Bools:
    """Whether what is open is below zero; the carrying amount where the document amount is settled and a rest of it
    is left.
    """
    open_ = ints(rows["outstanding"])
    made: Bools = open_ < 0
    at = np.flatnonzero(open_ == 0)
    rest = rows[["functional_outstanding", "revaluation"]].iloc[at]
    made[at] = ints(rest["functional_outstanding"]) + ints(rest["revaluation"]) < 0
    return made


def _is_cash(rows: pd.DataFrame) -> Bools:
    """Receipts and prepayments, and whatever else carries a cash status."""
    by_type = is_among(rows["item_type"], pd.Index([kind.value for kind in CASH_TYPES], dtype="str"))
    return by_type | rows["cash_status"].fillna("").ne("").to_numpy(dtype=bool)


def measured(aged: pd.DataFrame, measure: Measure) -> pd.Series:
    """The amount of each row in the measure asked for.

    A functional amount that is not known raises RateError with the currencies: it must not be left out of a
    total.
    """
    if measure is Measure.OUTSTANDING:
        return aged["outstanding"]
    amount = aged["functional_outstanding"]
    if amount.isna().any():
        missing = sorted(aged.loc[amount.isna(), "currency"].unique())
        raise RateError(
            f"{int(amount.isna().sum())} open items have no amount in the books' currency",
            found=", ".join(missing),
            fix="Give functional_amount, or age in document currency.",
        )
    return amount + aged["revaluation"] if measure is Measure.REVALUED else amount


def aging(
    aged: pd.DataFrame,
    *,
    by: Sequence[str] = ("customer_id", "currency"),
    measure: Measure = Measure.OUTSTANDING,
) -> pd.DataFrame:
    """Totals by dimension and bucket, one row for each with open items, sorted.

    Needs AGED_ITEMS; dimensions of the customer (parent_id, collector, region, sales_rep) come from
    `with_attributes`. Returns `aging_table(by, measure)`; a dimension that a document lacks is ''. Document
    amounts need `currency` in `by`. An unknown column raises ParameterError, a total beyond 64 bits
    AmountError.
    """
    table = aging_table(by, measure)
    _require_columns(aged, by)
    work = aged[[*by, "bucket"]].assign(amount=measured(aged, measure))
    for name in by:
        if work[name].hasnans:
            work[name] = work[name].fillna("")
    summed = totals_by(work, [*by, "bucket"], "amount", rows=ints(work["amount"]) != 0)
    if summed["amount"].dtype == object:
        raise AmountError("a total of the aging does not fit 64 bits", where=", ".join(by))
    return table.typed(summed)


def wide(
    long: pd.DataFrame,
    *,
    policy: AgingPolicy,
    by: Sequence[str] = ("customer_id", "currency"),
    measure: Measure = Measure.OUTSTANDING,
) -> pd.DataFrame:
    """An aging with one column a bucket, 0 where it is empty, and the total.

    Returns `wide_table(by, policy, measure)`. Needs the frame that `aging` returned for the same `by` and a
    policy with the same edges; else ParameterError.
    """
    table = wide_table(by, policy, measure)
    if unknown := sorted(set(long["bucket"]) - set(policy.buckets)):
        raise ParameterError(
            "aging has buckets that the policy has not", found=unknown, wanted=", ".join(policy.buckets)
        )
    keys = long[list(by)].drop_duplicates().sort_values(list(by), kind="stable", ignore_index=True)
    made = keys
    for bucket in policy.buckets:
        part = long.loc[long["bucket"].eq(bucket), [*by, "amount"]].rename(columns={"amount": bucket})
        made = made.merge(part, on=list(by), how="left", validate="one_to_one")
        made[bucket] = made[bucket].fillna(0)
    made["total"] = sum(
        (made[bucket] for bucket in policy.buckets), start=pd.Series(0, index=made.index, dtype="Int64")
    )
    return table.typed(made)


def aging_compared(open_items: pd.DataFrame, *, as_of: date, policy: AgingPolicy) -> pd.DataFrame:
    """Contractual aging beside risk aging (original due date), by currency and bucket: AGING_COMPARED.

    Both sides have the same total in every currency; `moved` is what residuals, rebills and rescheduling took
    out of (+) or put into (-) a bucket. Needs OPEN_ITEMS.
    """
    sides = {}
    for name, age_from in (("contractual", AgeFrom.DUE_DATE), ("risk", AgeFrom.ORIGINAL_DUE_DATE)):
        aged = age_items(open_items, as_of=as_of, policy=replace(policy, age_from=age_from))
        sides[name] = aging(aged, by=("currency",)).rename(columns={"amount": name})
    made = sides["contractual"].merge(
        sides["risk"], on=["currency", "bucket"], how="outer", validate="one_to_one"
    )
    made = made.assign(contractual=made["contractual"].fillna(0), risk=made["risk"].fillna(0))
    made["moved"] = made["risk"] - made["contractual"]
    order = made["bucket"].map({bucket: place for place, bucket in enumerate(policy.buckets)})
    return AGING_COMPARED.typed(
        made.assign(order=order).sort_values(["currency", "order"], ignore_index=True)
    )


def aging_identities(open_items: pd.DataFrame, long: pd.DataFrame, *, entity: str) -> tuple[Identity, ...]:
    """What must hold at the hand-over: by currency, Σ buckets = outstanding.

    Needs OPEN_ITEMS; `long` is an aging in document currency that has `currency` among its columns. Without
    any item there is one, of 0.
    """
    bucketed, outstanding = sums_by_currency(long, "amount"), sums_by_currency(open_items, "outstanding")
    made = tuple(
        Identity(
            name="aging",
            left_label="sum of buckets",
            left=bucketed.get(name, 0),
            right_label="outstanding",
            right=outstanding.get(name, 0),
            currency=name,
            entity=entity,
        )
        for name in sorted({*outstanding, *bucketed})
    )
    nothing = Identity(
        name="aging",
        left_label="rows of the aging",
        left=len(long),
        right_label="open items",
        right=len(open_items),
        entity=entity,
    )
    return made or (nothing,)


def _require_columns(aged: pd.DataFrame, by: Sequence[str]) -> None:
    for name in by:
        if name not in aged.columns:
            near = nearest(name, [str(column) for column in aged.columns])
            raise ParameterError(
                "aging by an unknown column", found=name, fix=f"Did you mean {near!r}?" if near else ""
            )
        if not pd.api.types.is_string_dtype(aged[name].dtype):
            raise ParameterError("aging by", found=name, wanted="columns of text, such as 'customer_id'")
