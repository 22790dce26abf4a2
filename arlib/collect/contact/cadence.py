"""Days since the last contact, by item and by account, against the policy. Floor 1.

A touch on an item, or on its account as a whole, counts for the item; a touch on any item counts for the account. Waiting
is counted from the later of the last contact and the date of the document: what was billed yesterday was not neglected.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from arlib.collect.contact.frames import ACCOUNT_TOUCHES, ITEM_TOUCHES, Outside
from arlib.collect.contact.outside import WORDS, outside
from arlib.collect.contact.records import carriers, spread_to_carriers
from arlib.collect.contact.touches import touches
from arlib.collect.position import Position
from arlib.controls import Identity
from arlib.ledger.aging import CURRENT
from arlib.ledger.facts import Ints
from arlib.money import total
from arlib.policy import Policies
from arlib.policy.contact import ContactPolicy
from arlib.tables import Book

NOT_DUE = (CURRENT, "no_due_date")
LAST = ["last_contact_on", "last_kind", "last_outcome", "last_right_contact_on"]


def item_touches(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every open debit, or due part of one, with its last contact: ITEM_TOUCHES, sorted by its key.

    In time as long as the as-of date is not after `touch_by`, which is `counted_from` and the days that the policy allows
    for the item's bucket: with 14 days, the 14th day is in time and the 15th is not. Rows are those of
    `position.debits`; see `cadence_identities`. Books with neither ACTIVITIES nor DUNNING_NOTICES judge nothing.
    """
    debits = position.debits.reset_index(drop=True)
    known = touches(book, scope=position.scope, policies=policies).sort_values(
        ["on", "at", "source_id"], kind="stable", ignore_index=True
    )
    replaced = carriers(book, entity=position.scope.entity)
    last = _last(known, debits, replaced)
    right = _last(known[known["is_right"]].reset_index(drop=True), debits, replaced)
    made = debits.assign(
        last_contact_on=last["on"], last_kind=last["kind"], last_outcome=last["outcome"],
        last_right_contact_on=right["on"],
        allowed_days=allowed_days(debits["bucket"], policies.contact),
        outside_reason=_reasons(debits, outside(book, position=position, policies=policies)),
    )  # fmt: skip
    made["is_in_cadence"] = made["outside_reason"].eq("")
    made = _judged(made, made["document_date"], position, is_known=knows_contacts(book))
    made["what"] = _words(made)
    made["outside_reason"] = made["outside_reason"].replace("", np.nan)
    return ITEM_TOUCHES.typed(made).sort_values(
        ["item_id", "instalment_no"], kind="stable", ignore_index=True
    )


def account_touches(
    book: Book, *, position: Position, policies: Policies, items: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Every customer with open debits and its last contact: ACCOUNT_TOUCHES, sorted by its key.

    Age, allowed days and start are those of its items in the cadence (of all of them where none is): the oldest, the
    fewest, the earliest. Contacts on items that are settled count too. `items` is ITEM_TOUCHES where it is there already.
    """
    if items is None:
        items = item_touches(book, position=position, policies=policies)
    items = items.assign(customer_id=items["customer_id"].fillna(""))
    known = touches(book, scope=position.scope, policies=policies).sort_values(
        ["on", "at", "source_id"], kind="stable", ignore_index=True
    )
    in_any = items.groupby("customer_id")["is_in_cadence"].transform("any")
    counted = items[(items["is_in_cadence"] | ~in_any).to_numpy(dtype=bool)]
    oldest = counted.sort_values(
        ["customer_id", "days_past_due", "item_id"], ascending=[True, False, True], kind="stable"
    ).drop_duplicates("customer_id").set_index("customer_id")  # fmt: skip
    groups = counted.groupby("customer_id", sort=True)
    made = groups.agg(
        is_in_cadence=("is_in_cadence", "any"),
        allowed_days=("allowed_days", "min"),
        begins_on=("document_date", "min"),
    )
    for name in ("name", "collector", "region", "outside_reason"):
        made[name] = oldest[name]
    made["oldest_bucket"], made["max_days_past_due"] = oldest["bucket"], oldest["days_past_due"]
    made["items"] = items.groupby("customer_id").size()
    made = made.join(_sums(items)).reset_index()
    last = known.drop_duplicates("customer_id", keep="last").set_index("customer_id")
    right = known[known["is_right"]].drop_duplicates("customer_id", keep="last").set_index("customer_id")
    agreed = known[known["next_on"].notna()].drop_duplicates("customer_id", keep="last")
    for name, frame, column in (
        ("last_contact_on", last, "on"), ("last_kind", last, "kind"), ("last_outcome", last, "outcome"),
        ("last_right_contact_on", right, "on"), ("next_on", agreed.set_index("customer_id"), "next_on"),
    ):  # fmt: skip
        made[name] = frame[column].reindex(made["customer_id"]).set_axis(made.index)
    made = _judged(made, made["begins_on"], position, is_known=knows_contacts(book))
    made["outside_reason"] = made["outside_reason"].where(~made["is_in_cadence"]).fillna("")
    made["days_since_right_contact"] = _days(made["last_right_contact_on"], position)
    made = made.assign(
        entity=position.scope.entity, currency=position.currency,
        what=_words(made), outside_reason=made["outside_reason"].replace("", np.nan),
    )  # fmt: skip
    return ACCOUNT_TOUCHES.typed(made).sort_values("customer_id", kind="stable", ignore_index=True)


def allowed_days(buckets: pd.Series, policy: ContactPolicy) -> pd.Series:
    """Days that may pass without a contact, by bucket; `open_days` for one that the policy does not name."""
    days = {bucket: policy.cadence_days.get(bucket, policy.open_days) for bucket in buckets.dropna().unique()}
    return buckets.map(days).fillna(policy.open_days).astype("Int64")


def cadence_identities(items: pd.DataFrame, *, position: Position) -> tuple[Identity, ...]:
    """By currency: open debits of the aging = debits in the cadence + debits apart from it. Needs ITEM_TOUCHES."""
    made = []
    debits = position.debits
    for currency in sorted(set(debits["currency"]) | set(items["currency"])):
        here = items[items["currency"].eq(currency)]
        inside = total(here.loc[here["is_in_cadence"], "outstanding"])
        apart = total(here.loc[here["outside_reason"].notna(), "outstanding"])
        made.append(
            Identity(
                name="cadence",
                left_label="open debits of the aging",
                left=total(debits.loc[debits["currency"].eq(currency), "outstanding"]),
                right_label="in the cadence and apart from it",
                right=inside + apart,
                currency=currency,
                entity=position.scope.entity,
            )
        )
    return tuple(made)


def _last(known: pd.DataFrame, debits: pd.DataFrame, replaced: pd.DataFrame) -> pd.DataFrame:
    """The last of the contacts, which come in order, on each debit or its account as a whole."""
    rows = known.assign(order=np.arange(len(known)))[["customer_id", "item_id", "order"]]
    of_item = spread_to_carriers(rows[rows["item_id"].ne("")], replaced)
    on_item = of_item.groupby("item_id")["order"].max()
    on_account = rows[rows["item_id"].eq("")].groupby("customer_id")["order"].max()
    order = np.maximum(_orders(on_item, debits["item_id"]), _orders(on_account, debits["customer_id"]))
    found = known[["on", "kind", "outcome"]].reindex(np.where(order < 0, len(known), order))
    return found.set_axis(debits.index)


def _orders(last: pd.Series, keys: pd.Series) -> Ints:
    return np.asarray(last.reindex(keys).fillna(-1).to_numpy(dtype=np.int64))


def _reasons(debits: pd.DataFrame, apart: pd.DataFrame) -> pd.Series:
    """Why each debit is outside the cadence, '' where it is not."""
    reasons = apart.drop_duplicates("item_id").set_index("item_id")["reason"]
    found = reasons.reindex(debits["item_id"]).fillna("").to_numpy()
    return pd.Series(found, index=debits.index, dtype="str")


def _days(since: pd.Series, position: Position) -> pd.Series:
    passed: pd.Series = (pd.Timestamp(position.scope.as_of) - since).dt.days.astype("Int64")
    return passed


def knows_contacts(book: Book) -> bool:
    """Whether the books say anything of contacts; where they do not, nobody can be said to be late."""
    return book.has("activities") or book.has("dunning_notices")


def _judged(rows: pd.DataFrame, begins: pd.Series, position: Position, *, is_known: bool) -> pd.DataFrame:
    """Days since the last contact, the last day for the next one, and whether that is over."""
    as_of = pd.Timestamp(position.scope.as_of)
    start = rows["last_contact_on"].fillna(begins)
    start = start.where(start >= begins, begins)
    until = start + pd.to_timedelta(rows["allowed_days"].astype("int64"), unit="D")
    over = (as_of - until).dt.days.clip(lower=0).astype("Int64")
    over = over.where(rows["is_in_cadence"] & is_known)
    return rows.assign(
        days_since_contact=_days(rows["last_contact_on"], position),
        counted_from=start,
        touch_by=until,
        days_over=over,
        is_in_time=over.eq(0).astype("boolean"),
    )


def _sums(items: pd.DataFrame) -> pd.DataFrame:
    """Open debits of each customer in the books' currency; what has no rate is left out."""
    is_late = ~items["bucket"].isin(NOT_DUE)
    parts = {
        "books_amount": items["books_amount"],
        "books_past_due": items["books_amount"].where(is_late, 0),
        "books_outside": items["books_amount"].where(~items["is_in_cadence"], 0),
    }
    return pd.DataFrame(parts).groupby(items["customer_id"]).sum().astype("Int64")


def _words(rows: pd.DataFrame) -> pd.Series:
    """The same in words, made once for each combination that there is."""
    keys = ["days_since_contact", "last_kind", "allowed_days", "days_over", "outside_reason"]
    table = rows[keys].astype({"last_kind": "object", "outside_reason": "object"})
    unique = table.drop_duplicates().reset_index(drop=True)
    texts = [_sentence(*row) for row in unique.itertuples(index=False, name=None)]
    number = table.merge(unique.assign(number=np.arange(len(unique))), on=keys, how="left")["number"]
    return pd.Series(np.array(texts, dtype=object)[number.to_numpy(dtype=np.int64)], index=rows.index, dtype="str")  # fmt: skip


def _sentence(since: Any, kind: object, allowed: int, over: Any, reason: str) -> str:
    if reason:
        return f"Apart: {WORDS[Outside(reason)]}."
    if pd.isna(over):
        return "No contacts in the books: cannot be judged."
    if pd.isna(since):
        said = "Never contacted"
    else:
        when = "today" if since == 0 else "yesterday" if since == 1 else f"{since} days ago"
        said = f"Last contact {when} ({str(kind).replace('_', ' ')})"
    days = "day" if over == 1 else "days"
    return f"{said}; {over} {days} over the {allowed} allowed." if over else f"{said}; in time."
