"""Past due that is not on the call list, with the record that keeps it off. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.cases import Cases
from arlib.collect.work_lists.frames import LEFT_OUT
from arlib.collect.work_lists.words import (
    MOST,
    cited,
    disputed_words,
    first_upper,
    planned_words,
    promised_words,
)
from arlib.credit.write_off.words import money
from arlib.money import totals_by, translate_at
from arlib.tables.choices import CustomerStatus, ItemType

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
    plans, disputes, promises = cases.plans, cases.disputes, cases.promises
    is_kept = plans["is_running"].fillna(False).astype(bool) & ~plans["is_default"].fillna(False).astype(bool)
    is_open = disputes["is_open"].fillna(False).astype(bool) & ~disputes["open_now"].eq(0).fillna(False)
    is_to_come = promises["state"].eq("open") & ~promises["open_now"].eq(0).fillna(False)
    records = {
        "plan": _by_account(plans[is_kept]),
        "disputed": _by_account(disputes[is_open]),
        "promised": _by_account(promises[is_to_come]),
    }
    said = cases.outside.drop_duplicates("item_id").set_index("item_id")
    outside = rows[rows["excluded_by"].ne("")]
    sources = said[["what", "source_id"]].reindex(outside["item_id"]).fillna("").set_axis(outside.index)
    outside = outside.assign(what=_with_records(outside, sources, cases))
    papers = _papers(position)
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
                f"Cash of the customer that is not applied covers {money(amount, currency)}: apply it first"
                f"{papers['unapplied', key[0], key[1]]}."
            )
        elif cause == "open_credits":
            details[key] = (
                f"Open credits of the customer cover {money(amount, currency)}: apply them first"
                f"{papers['credit', key[0], key[1]]}."
            )
        elif cause == "no_customer":
            details[key] = "No customer is known for it."
        else:
            details[key] = first_upper(str(texts.get(key, "")) or f"{str(cause).replace('_', ' ')}.")
    return details


def _with_records(outside: pd.DataFrame, own: pd.DataFrame, cases: Cases) -> list[str]:
    """Why each row is outside the procedure, with the record that says so; where only a status does, that is said."""
    standing = cases.standing.groupby(["customer_id", "cause"], sort=True)["record"].agg(list).to_dict()
    statuses = {kind.value for kind in CustomerStatus}
    made = []
    for customer, cause, what, record in zip(
        outside["customer_id"], outside["cause"], own["what"], own["source_id"], strict=True
    ):
        names = [str(record)] if record else []
        names = names or [str(name) for name in standing.get((customer, cause), ())]
        if not names and cause in statuses:
            names = [f"status of customer {customer}"]
        named = ", ".join(name for name in names if name not in what)
        made.append(f"{what} ({named})" if what and named else str(what))
    return made


def _papers(position: Position) -> Mapping[tuple[str, str, str], str]:
    """The documents of cash and credits that are not applied, by bucket, customer and currency: ` (RC-1, RC-2)`."""
    rows = position.credits
    rows = rows[rows["item_type"].ne(ItemType.PREPAYMENT.value) & rows["outstanding"].lt(0)]
    rows = rows.assign(paper=rows["document_no"].fillna("").mask(rows["document_no"].eq(""), rows["item_id"]))
    rows = rows.sort_values(["effective_date", "item_id"], kind="stable")
    made: dict[tuple[str, str, str], str] = defaultdict(str)
    for (bucket, customer, currency), own in rows.groupby(["bucket", *KEYS], sort=True)["paper"]:
        names = list(dict.fromkeys(str(name) for name in own))
        more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
        made[str(bucket), str(customer), str(currency)] = f" ({', '.join(names[:MOST])}{more})"
    return made


def _by_account(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    return {(str(a), str(b)): own for (a, b), own in frame.groupby(KEYS, sort=True)}
