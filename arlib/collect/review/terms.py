"""The register of terms exceptions, and open invoices on other terms than their customer's without one. Floor 1."""

from __future__ import annotations

from datetime import date

import pandas as pd

from arlib.calendar import Terms, parse_terms
from arlib.collect.contact.records import records_of
from arlib.collect.position import Position
from arlib.collect.review.frames import TERMS_REGISTER, TermsFinding
from arlib.collect.review.references import names_of
from arlib.credit.write_off.words import day, many
from arlib.errors import ParameterError
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import Row, is_none, records, text


def terms_register(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every exception on record, and every open invoice whose terms need one and have none: TERMS_REGISTER by key.

    An exception is not approved, has expired (its last day was before the as-of date), has no last day, has not begun, or
    stands. An open invoice that is no residual or rebill and was not rescheduled is held against the terms its customer had
    on the document date: a due date more than `terms_tolerance_days` away from them needs an approved exception, for the
    item or the account, that was in force on the document date and comes to that due date. An invoice or terms without a
    date to tell by are left out; terms that cannot be read stand as a finding of the customer. Uses TERMS_EXCEPTIONS,
    CUSTOMERS with history.
    """
    granted = records_of(book, "terms_exceptions", scope=position.scope)
    items = _held_against_terms(book, position)
    rows = [_exception(row, position=position) for row in records(granted)]
    late = _differing(items, granted, days=policies.credit_review.terms_tolerance_days)
    rows += [_item(row) for row in records(late)]
    odd = items[items["own"].notna() & items["due_by_terms"].isna()].drop_duplicates("customer_id")
    rows += [
        {
            "customer_id": row["customer_id"], "finding": TermsFinding.UNREADABLE.value, "customer_terms": row["own"],
            "what": "no due date can be worked out from these terms: correct them",
        }
        for row in records(odd)
    ]  # fmt: skip
    made = TERMS_REGISTER.from_rows({"exception_id": "", "item_id": ""} | row for row in rows)
    own = _own_terms(
        book, position, made["customer_id"], pd.Series(pd.Timestamp(position.scope.as_of), index=made.index)
    )
    made["customer_terms"] = made["customer_terms"].fillna(own)
    made = made.assign(entity=position.scope.entity, name=names_of(made["customer_id"], position))
    made[["exception_id", "item_id"]] = made[["exception_id", "item_id"]].fillna("")
    key = [*TERMS_REGISTER.key, "customer_id"]
    return TERMS_REGISTER.typed(made).sort_values(key, kind="stable", ignore_index=True)


def _held_against_terms(book: Book, position: Position) -> pd.DataFrame:
    """Open invoices with their customer's terms on the document date (`own`) and the due date by them."""
    debits = position.debits
    plain = (
        debits["item_type"].eq(ItemType.INVOICE.value) & debits["replaces"].fillna("").eq("")
        & debits["due_date"].notna() & debits["due_date"].eq(debits["original_due_date"])
    )  # fmt: skip
    ours = set(
        position.attributes.loc[
            position.attributes["is_intercompany"].fillna(False).astype(bool), "customer_id"
        ]
    )
    rows = debits[plain & ~debits["customer_id"].isin(ours)]
    open_ = rows.groupby("item_id", sort=False)["outstanding"].sum()
    items = rows.drop_duplicates("item_id").assign(
        outstanding=lambda frame: open_.reindex(frame["item_id"]).to_numpy()
    )
    items = items.reset_index(drop=True)
    items["own"] = _own_terms(book, position, items["document_customer_id"], items["document_date"])
    pairs = items[["own", "document_date"]].drop_duplicates().dropna()
    due = {
        (own, on): due_date(own, on.date())
        for own, on in zip(pairs["own"], pairs["document_date"], strict=True)
    }
    items["due_by_terms"] = pd.to_datetime(
        pd.Series(
            [due.get(pair) for pair in zip(items["own"], items["document_date"], strict=True)], dtype="object"
        )
    ).astype("datetime64[s]")
    return items


def due_date(words: str, on: date) -> date | None:
    """The day by which all is due by terms; None where they cannot be read."""
    terms = _read(words)
    return None if terms is None else terms.due_date(on)


def _read(words: str) -> Terms | None:
    try:
        return parse_terms(words)
    except ParameterError:
        return None


def _own_terms(book: Book, position: Position, codes: pd.Series, days: pd.Series) -> pd.Series:
    """The terms that each customer had on a day: by their history, else those of today."""
    scope = position.scope
    today = position.customers.drop_duplicates("customer_id").set_index("customer_id")["terms"]
    made = today.reindex(codes).set_axis(codes.index)
    rows = book["customer_history"]
    mine = rows["attribute"].eq("terms") & (
        rows["entity"].eq(scope.entity) | rows["entity"].fillna("").eq("")
    )
    history = rows[mine.to_numpy(dtype=bool)].sort_values(["valid_from", "entity"], kind="stable")
    if history.empty or codes.empty:
        return made.mask(made.eq(""))
    asked = pd.DataFrame({"customer_id": codes, "day": days}).reset_index().sort_values("day", kind="stable")
    asked = asked[asked["customer_id"].notna() & asked["day"].notna()]
    found = pd.merge_asof(
        asked, history[["customer_id", "valid_from", "value"]], left_on="day", right_on="valid_from", by="customer_id"
    ).set_index("index")["value"]  # fmt: skip
    dated = codes.isin(history["customer_id"])
    made = made.where(~dated, found.reindex(codes.index))
    return made.mask(made.eq(""))


def _differing(items: pd.DataFrame, granted: pd.DataFrame, *, days: int) -> pd.DataFrame:
    """The items that are due on another day than by the own terms, and that no approved exception explains."""
    moved = (items["item_due_date"] - items["due_by_terms"]).dt.days
    late = items.assign(extra_days=moved)[moved.abs().gt(days)]
    if late.empty:
        return late.assign(cited="")
    by_customer = {str(code): records(rows) for code, rows in granted.groupby("customer_id")}
    cited: list[str | None] = []
    for row in records(late):
        mine = [
            one
            for one in by_customer.get(str(row["customer_id"]), [])
            if text(one["item_id"]) in ("", row["item_id"])
        ]
        inside = [one for one in mine if _covers(one, row, days)]
        if any(text(one["approved_by"]) for one in inside):
            cited.append(None)
        else:
            cited.append(str(inside[0]["exception_id"]) if inside else "")
    made = late.assign(cited=pd.Series(cited, index=late.index, dtype="object"))
    return made[made["cited"].notna()]


def _covers(exception: Row, item: Row, days: int) -> bool:
    """Whether an exception was in force on the item's day and comes to its due date."""
    on = item["document_date"]
    if not exception["granted_on"] <= on or exception["expires_on"] < on:
        return False
    due = due_date(text(exception["terms"]), on.date())
    return due is not None and abs((item["item_due_date"] - pd.Timestamp(due)).days) <= days


def _item(row: Row) -> Row:
    extra = int(row["extra_days"])
    later = f"{many(abs(extra), 'day')} {'later' if extra > 0 else 'sooner'} than by the customer's own terms"
    why = f"exception {row['cited']} is not approved" if row["cited"] else "no exception is on record"
    taken = (row["item_due_date"] - row["document_date"]).days
    return row | {
        "finding": TermsFinding.WITHOUT_EXCEPTION.value, "terms": f"due {many(taken, 'day')} after the document",
        "customer_terms": row["own"], "due_date": row["item_due_date"], "amount": row["outstanding"],
        "what": f"due {later}: {why}", "reason": None,
    }  # fmt: skip


def _exception(row: Row, *, position: Position) -> Row:
    now = pd.Timestamp(position.scope.as_of)
    if row["granted_on"] > now:
        finding, what = TermsFinding.NOT_BEGUN, f"begins on {day(row['granted_on'])}"
    elif not is_none(row["expires_on"]) and row["expires_on"] < now:
        finding, what = (
            TermsFinding.EXPIRED,
            f"ended on {day(row['expires_on'])}: bill on the customer's own terms",
        )
    elif not text(row["approved_by"]):
        finding, what = TermsFinding.NOT_APPROVED, "nobody approved it: have it approved, or take it back"
    elif is_none(row["expires_on"]):
        finding, what = TermsFinding.NO_END, "has no last day: set one"
    else:
        finding, what = TermsFinding.STANDING, f"stands until {day(row['expires_on'])}"
    return row | {
        "finding": finding.value, "what": what, "extra_days": _extra(row, position),
        "item_id": text(row["item_id"]),
    }  # fmt: skip


def _extra(row: Row, position: Position) -> int | None:
    """Days that the terms granted go beyond the own terms, for a document of the first day."""
    customers = position.customers
    own = customers.loc[customers["customer_id"].eq(row["customer_id"]), "terms"]
    on = row["granted_on"].date()
    theirs = due_date(str(own.iloc[0]), on) if len(own) and text(own.iloc[0]) else None
    granted = due_date(text(row["terms"]), on)
    return None if theirs is None or granted is None else (granted - theirs).days
