"""Past due that is not on the call list, with the record that keeps it off. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.cases import Cases
from arlib.collect.work_lists.frames import LEFT_OUT
from arlib.collect.work_lists.words import cited, disputed_words, first_upper, planned_words, promised_words
from arlib.credit.write_off.words import money
from arlib.money import totals_by, translate_at

KEYS = ["customer_id", "currency"]
CAUSES = {
    "planned": "plan", "disputed": "disputed", "promised": "promised", "cash": "unapplied_cash", "credits": "open_credits",
}  # fmt: skip


def left_out(split: pd.DataFrame, *, position: Position, cases: Cases) -> pd.DataFrame:
    """What of the past due nobody is called for, by customer, currency and cause: LEFT_OUT, largest first.

    Needs what `split_past_due` returned. Causes are the reasons of OUTSIDE, then plan, disputed, promised,
    unapplied_cash and open_credits; an account may have several. With what the call list collects they add up to what is
    past due. Amounts without a closing rate come last.
    """
    named = split.assign(cause=split["excluded_by"], amount=split["excluded"])
    pieces = [named[named["cause"].ne("")]]
    pieces += [
        split.assign(cause=cause, amount=split[name])[split[name].gt(0)] for name, cause in CAUSES.items()
    ]
    rows = pd.concat(pieces, ignore_index=True)
    if rows.empty:
        return LEFT_OUT.empty()
    made = totals_by(rows, [*KEYS, "cause"], "amount")
    whose = rows.drop_duplicates("customer_id").set_index("customer_id")
    called = split.assign(is_called=split["collectable"].gt(0)).groupby(KEYS, sort=True)["is_called"].any()
    keys = pd.MultiIndex.from_frame(made[KEYS])
    details = _details(rows, made, position=position, cases=cases)
    made = made.assign(
        entity=position.scope.entity,
        collector=whose["collector"].reindex(made["customer_id"]).to_numpy(),
        name=whose["name"].reindex(made["customer_id"]).to_numpy(),
        is_whole=~called.reindex(keys).fillna(False).to_numpy(dtype=bool),
        books_amount=_books(made, position),
        detail=[
            details[key] for key in zip(made["customer_id"], made["currency"], made["cause"], strict=True)
        ],
    )
    size = made["books_amount"].fillna(-1)
    ordered = made.assign(size=size).sort_values(
        ["size", "customer_id", "currency", "cause"], ascending=[False, True, True, True], kind="stable"
    )
    return LEFT_OUT.typed(ordered.reset_index(drop=True))


def _books(made: pd.DataFrame, position: Position) -> pd.Series:
    rated = made[~made["currency"].isin(position.unrated)]
    books = translate_at(
        rated["amount"], from_currency=rated["currency"], to_currency=position.currency, rates=position.rates,
        on=position.scope.as_of,
    )  # fmt: skip
    return books.reindex(made.index).astype("Int64")


def _details(
    rows: pd.DataFrame, made: pd.DataFrame, *, position: Position, cases: Cases
) -> Mapping[tuple[str, str, str], str]:
    """The sentence of each line: what the records say of it."""
    as_of = position.scope.as_of
    is_kept = cases.plans["is_running"].fillna(False).astype(bool)
    records = {
        "plan": _by_account(cases.plans[is_kept]),
        "disputed": _by_account(cases.disputes[cases.disputes["is_open"].fillna(False).astype(bool)]),
        "promised": _by_account(cases.promises[cases.promises["state"].eq("open")]),
    }
    said = cases.outside.drop_duplicates("item_id").set_index("item_id")["what"]
    outside = rows[rows["excluded_by"].ne("")]
    outside = outside.assign(what=said.reindex(outside["item_id"]).fillna("").to_numpy())
    texts = outside.groupby([*KEYS, "cause"], sort=True)["what"].agg(lambda column: cited(list(column)))
    details: dict[tuple[str, str, str], str] = defaultdict(str)
    for customer, currency, cause, amount in zip(
        made["customer_id"], made["currency"], made["cause"], made["amount"], strict=True
    ):
        key = (str(customer), str(currency), str(cause))
        own = records.get(str(cause), {}).get((key[0], key[1]))
        if cause == "plan" and own is not None:
            details[key] = planned_words(own, as_of=as_of)
        elif cause == "disputed" and own is not None:
            details[key] = disputed_words(own)
        elif cause == "promised" and own is not None:
            details[key] = promised_words(own, as_of=as_of)
        elif cause == "unapplied_cash":
            details[key] = (
                f"Cash of the customer that is not applied covers {money(amount, currency)}: apply it first."
            )
        elif cause == "open_credits":
            details[key] = f"Open credits of the customer cover {money(amount, currency)}: apply them first."
        elif cause == "no_customer":
            details[key] = "No customer is known for it."
        else:
            details[key] = first_upper(str(texts.get(key, "")) or f"{str(cause).replace('_', ' ')}.")
    return details


def _by_account(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    return {(str(a), str(b)): own for (a, b), own in frame.groupby(KEYS, sort=True)}
