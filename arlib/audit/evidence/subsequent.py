"""Subsequent receipts: cash after the date, invoice by invoice, and what is left for other procedures. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from arlib.audit.evidence.applied import applied_after
from arlib.audit.evidence.documents import (
    TESTED,
    left_out,
    not_open,
    open_documents,
    parts_of,
    require_known,
)
from arlib.audit.evidence.frames import BY_GRADE, COVERAGE, OTHERWISE, TRACED_ITEMS
from arlib.audit.evidence.grades import WEIGHTS, Grade, Weight
from arlib.audit.evidence.next_steps import next_steps
from arlib.audit.evidence.shares import percent
from arlib.audit.evidence.traces import traces
from arlib.audit.population import Population
from arlib.controls import Identity
from arlib.money import total, totals_by
from arlib.policy import Policies, Scope
from arlib.tables import Book

AMOUNTS = ("invoice_cash", "customer_cash", "no_evidence", "settled_otherwise", "still_open", "unsupported")


@dataclass(frozen=True, kw_only=True)
class SubsequentReceipts:
    """What became of the tested items after the date."""

    documents: pd.DataFrame  # OPEN_DOCUMENTS: all that is open, tested or not
    items: pd.DataFrame  # TRACED_ITEMS
    traces: pd.DataFrame  # TRACES
    otherwise: pd.DataFrame  # OTHERWISE
    coverage: pd.DataFrame  # COVERAGE
    by_grade: pd.DataFrame  # BY_GRADE
    left_out: pd.DataFrame  # LEFT_OUT
    identities: tuple[Identity, ...]
    not_open: tuple[str, ...]  # items that were named and are not open at the date
    last_booked: date | None  # last day after the date on which the books hold cash


def subsequent_receipts(
    book: Book, *, scope: Scope, policies: Policies, population: Population | None = None,
    named: tuple[str, ...] = (), until: date | None = None,
) -> SubsequentReceipts:  # fmt: skip
    """Every tested open item at the as-of date, traced to the cash that paid it after, and graded.

    Addresses existence (and rights) of receivables at the date, and cut-off of cash. Tested are debits of the population,
    of these only the `named` (item ids or document numbers; ParameterError for one that the books do not know). Receipts
    up to and including `until` count, all that the books hold without it. Cash counts up to what was open at the date;
    only cash shown for the invoice by bank and payer supports it. Needs ITEMS and APPLICATIONS; see `traces` for the rest.
    """
    require_known(book, named, scope=scope, where="subsequent_receipts")
    documents = open_documents(book, scope=scope, policies=policies)
    why = parts_of(documents, population=population or Population(), named=named)
    rest, identities = left_out(documents, why, scope=scope)
    mine = documents[why.eq(TESTED).to_numpy(dtype=bool)].reset_index(drop=True)
    after = applied_after(book, scope=scope, items=mine["item_id"], until=until).rows
    found = traces(book, after, mine, scope=scope)
    otherwise = _otherwise(after, mine, scope=scope)
    items = _items(mine, found, otherwise)
    return SubsequentReceipts(
        documents=documents, items=items, traces=found, otherwise=otherwise, coverage=_coverage(items, scope),
        by_grade=_by_grade(found, items, scope), left_out=rest, identities=(*identities, *_identities(items, found, scope)),
        not_open=not_open(documents, named), last_booked=last_cash(book, scope=scope),
    )  # fmt: skip


def last_cash(book: Book, *, scope: Scope) -> date | None:
    """The last day after the as-of date on which the books hold a receipt; None where they hold none."""
    rows = book["receipts"]
    mine = rows[rows["entity"].eq(scope.entity)]
    dates = mine["posting_date"].fillna(mine["effective_date"])
    later = dates[dates > pd.Timestamp(scope.as_of)]
    return later.max().date() if len(later) else None


def _otherwise(after: pd.DataFrame, items: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """OTHERWISE: settlements that are not cash, earlier ones taken back, and discounts that came with cash."""
    plain = after[~after["is_cash"].to_numpy(dtype=bool)]
    discounts = after[
        after["is_cash"].to_numpy(dtype=bool) & after["net_discount"].ne(0).to_numpy(dtype=bool)
    ]
    rows = pd.concat(
        [
            plain.assign(amount=plain["net"] + plain["net_discount"], is_discount=False),
            discounts.assign(amount=discounts["net_discount"], is_discount=True),
        ],
        ignore_index=True,
    )
    rows = rows[rows["amount"].ne(0).to_numpy(dtype=bool)]
    about = items.set_index("item_id")
    made = rows.assign(
        entity=scope.entity, item_id=rows["target_item_id"], applied_on=rows["date"], by_document=rows["source_document"],
        currency=rows["target_currency"],
    )  # fmt: skip
    for name in ("document_no", "customer_id", "customer_name"):
        made[name] = about[name].reindex(made["item_id"]).array
    return OTHERWISE.typed(made).sort_values("application_id", kind="stable", ignore_index=True)


def _items(documents: pd.DataFrame, found: pd.DataFrame, otherwise: pd.DataFrame) -> pd.DataFrame:
    """TRACED_ITEMS: cash by weight, other settlements up to what is left, and what is unsupported."""
    made = documents.copy()
    ids = made["item_id"]
    for weight, name in (
        (Weight.INVOICE, "invoice_cash"), (Weight.CUSTOMER, "customer_cash"), (Weight.NONE, "no_evidence"),
    ):  # fmt: skip
        rows = found[found["weight"].eq(weight.value)]
        sums = totals_by(rows, "item_id", "counted").set_index("item_id")["counted"]
        made[name] = pd.Series(sums.reindex(ids).fillna(0).to_numpy(), dtype="Int64")
    cash = made["invoice_cash"] + made["customer_cash"] + made["no_evidence"]
    sums = totals_by(otherwise, "item_id", "amount").set_index("item_id")["amount"]
    other = pd.Series(sums.reindex(ids).fillna(0).to_numpy(), dtype="Int64")
    left = made["outstanding"] - cash
    made["settled_otherwise"] = other.clip(lower=0).where(other.clip(lower=0) <= left, left)
    made["still_open"] = left - made["settled_otherwise"]
    made["unsupported"] = made["outstanding"] - made["invoice_cash"]
    order = {grade.value: at for at, grade in enumerate(Grade)}
    best = found.assign(rank=found["grade"].map(order)).sort_values(["item_id", "rank"], kind="stable")
    grade = best.drop_duplicates("item_id").set_index("item_id")["grade"]
    made["grade"] = grade.reindex(ids).array
    paid = found[found["counted"].gt(0)].groupby("item_id")["bank_date"].max()
    made["paid_on"] = paid.reindex(ids).array
    made["next_step"] = next_steps(made)
    return TRACED_ITEMS.typed(made).sort_values("item_id", kind="stable", ignore_index=True)


def _coverage(items: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """COVERAGE of the tested items."""
    columns = ["outstanding", "invoice_cash", "customer_cash", "settled_otherwise", "unsupported"]
    key = ["currency", "bucket"]
    sums = totals_by(items, key, columns)
    by = items.assign(traced=items["invoice_cash"].gt(0)).groupby(key, sort=True)
    counts = by.agg(items=("item_id", "size"), traced_items=("traced", "sum")).reset_index()
    made = sums.merge(counts, on=key).rename(columns={"outstanding": "amount", "invoice_cash": "traced"})
    made["share"] = [percent(part, whole) for part, whole in zip(made["traced"], made["amount"], strict=True)]
    return COVERAGE.typed(made.assign(entity=scope.entity)).sort_values(key, kind="stable", ignore_index=True)


def _by_grade(found: pd.DataFrame, items: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """BY_GRADE of the traces."""
    key = ["currency", "grade"]
    made = totals_by(found, key, "counted").rename(columns={"counted": "amount"})
    counts = found.groupby(key, sort=True).agg(
        payments=("application_id", "size"), items=("item_id", "nunique")
    )
    made = made.merge(counts.reset_index(), on=key)
    whole = {str(code): total(part["outstanding"]) for code, part in items.groupby("currency", sort=True)}
    made["share"] = [
        percent(part, whole[code]) for part, code in zip(made["amount"], made["currency"], strict=True)
    ]
    made["weight"] = [WEIGHTS[Grade(grade)].value for grade in made["grade"]]
    return BY_GRADE.typed(made.assign(entity=scope.entity)).sort_values(key, kind="stable", ignore_index=True)


def _identities(items: pd.DataFrame, found: pd.DataFrame, scope: Scope) -> tuple[Identity, ...]:
    """By currency: cash by weight, other settlements and rest make what was tested; traces make the cash."""
    made = []
    for code, part in items.groupby("currency", sort=True):
        parts = sum(total(part[name]) for name in AMOUNTS[:-1])
        mine = found[found["currency"].eq(code)]
        made += [
            Identity(name="became_of_items", left_label="cash, other settlements and still open", left=parts,
                     right_label="tested items", right=total(part["outstanding"]), currency=str(code), entity=scope.entity),
            Identity(name="traces_counted", left_label="payments traced", left=total(mine["counted"]),
                     right_label="cash on tested items", currency=str(code), entity=scope.entity,
                     right=sum(total(part[name]) for name in AMOUNTS[:3])),
        ]  # fmt: skip
    return tuple(made)
