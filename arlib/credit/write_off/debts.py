"""Open debit items with all that is known of them: the ground that proposals stand on. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.credit.write_off.flows import reversed_ids
from arlib.credit.write_off.frames import DEBTS
from arlib.credit.write_off.words import looked_up
from arlib.ledger.attributes import customer_attributes, merged_codes, with_attributes
from arlib.ledger.facts import counted, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import Rounding, divide
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType

# Cash that stands as a debit (a return, a refund) is put right by an application, never written off.
NEVER = tuple(
    kind.value for kind in (ItemType.RECEIPT, ItemType.PREPAYMENT, ItemType.REFUND, ItemType.WRITE_OFF)
)
CONTACTS = ("call", "email", "letter", "escalation")


def debts(book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """Every open item that is a debit of a customer, one row an item: DEBTS, sorted by its key.

    Due parts are put together: such an item is as late as its last part. Age counts from the original due date, so a rebill
    or a rescheduling makes no debt younger. Credits of any size, cash and unidentified amounts are never among them. Tax
    is the item's in proportion to what is open, rounded half up. Needs ITEMS; uses APPLICATIONS, INSTALMENTS, CUSTOMERS with
    history and merges, CONTROL_ACCOUNTS, ACTIVITIES, PROMISES. Facts of the as-of date count.
    """
    whole = _whole_items(open_items(book, scope=scope))
    debits = whole[
        whole["outstanding"].gt(0) & ~whole["item_type"].isin(NEVER) & whole["customer_id"].fillna("").ne("")
    ]
    if debits.empty:
        return DEBTS.empty()
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    )
    debits = with_attributes(debits.reset_index(drop=True), attributes)
    day = pd.Timestamp(scope.as_of)
    from_due = (day - debits["original_due_date"]).dt.days.astype("Int64")
    made = debits.rename(columns={"name": "customer_name"}).assign(
        days_past_due=from_due,
        age_days=from_due.fillna((day - debits["document_date"]).dt.days.astype("Int64")),
        **_of_items(book, debits, scope),
        **_of_customers(debits, attributes),
        **_payments(book, debits, scope),
        **_contacts(book, debits, scope),
        **_promises(book, debits, scope),
        **_credits(whole, debits),
    )
    return DEBTS.typed(made).sort_values(["entity", "item_id"], kind="stable", ignore_index=True)


def _whole_items(parts: pd.DataFrame) -> pd.DataFrame:
    """Open items with their due parts put together."""
    in_parts = parts["instalment_no"].notna()
    if not in_parts.any():
        return parts
    divided = parts[in_parts]
    last = divided.groupby("item_id")["due_date"].transform("max")
    moved = divided["original_due_date"].ne(divided["due_date"])
    original = divided["original_due_date"].where(moved, last)
    divided = divided.assign(due_date=last, original_due_date=original)
    sums = divided.groupby("item_id", sort=True)[["amount", "outstanding", "revaluation"]].sum()
    carrying = divided.groupby("item_id", sort=True)["functional_outstanding"].agg(
        lambda c: c.sum(min_count=len(c))
    )
    first = divided.drop_duplicates("item_id").set_index("item_id", drop=False)
    for name in sums:
        first[name] = sums[name]
    first["functional_outstanding"] = carrying.astype("Int64")
    return pd.concat([parts[~in_parts], first], ignore_index=True)


def _of_items(book: Book, debits: pd.DataFrame, scope: Scope) -> dict[str, pd.Series]:
    """What the items themselves say, and the role of their account."""
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    own = items.reindex(debits["item_id"]).reset_index(drop=True)
    tax = [
        None if pd.isna(whole) or not gross else divide(int(whole) * int(open_), int(gross), Rounding.HALF_UP)
        for whole, open_, gross in zip(own["tax_amount"], debits["outstanding"], own["amount"], strict=True)
    ]
    accounts = (
        of_entity(book["control_accounts"], scope.entity)
        .drop_duplicates("account")
        .set_index("account")["role"]
    )
    replaces = debits["replaces"].fillna("").ne("") & debits["item_type"].ne(ItemType.RECOVERY.value)
    return {
        "amount": own["amount"],
        "tax_outstanding": pd.Series(tax, dtype="Int64"),
        "is_secured": own["is_secured"].fillna(False),
        "is_insured": own["is_insured"].fillna(False),
        "is_residual": replaces | debits["outstanding"].lt(own["amount"]),
        "role": looked_up(debits["control_account"], accounts),
    }


def _of_customers(debits: pd.DataFrame, attributes: pd.DataFrame) -> dict[str, pd.Series]:
    by_code = (
        attributes.sort_values("entity").drop_duplicates("customer_id", keep="last").set_index("customer_id")
    )
    return {
        "country": looked_up(debits["customer_id"], by_code["country"]),
        "is_intercompany": looked_up(debits["customer_id"], by_code["is_intercompany"])
        .astype("boolean")
        .fillna(False),
    }


def payments(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Payments that stand at the as-of date, one row an application: item_id, customer_id (after merges), date, amount.

    A payment is an application whose source is a receipt, whatever the source system calls it; one that was reversed,
    and the reversal, are left out. The date is the effective one: it restarts a limitation and shows a customer alive.
    """
    rows = of_entity(book["applications"], scope.entity)
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    rows = rows[counted(rows, scope=scope)]
    gone = reversed_ids(rows)
    of_cash = looked_up(rows["source_item_id"], items["item_type"]).isin(
        [ItemType.RECEIPT.value, ItemType.PREPAYMENT.value]
    )
    to_debit = looked_up(rows["target_item_id"], items["amount"]).gt(0) & ~rows["kind"].isin(
        [ApplicationKind.REFUND, ApplicationKind.RETURN]
    )
    kept = rows[
        of_cash & to_debit.fillna(False) & rows["target_amount"].gt(0) & ~rows["application_id"].isin(gone)
    ]
    codes = looked_up(kept["target_item_id"], items["customer_id"])
    return pd.DataFrame(
        {
            "item_id": kept["target_item_id"],
            "customer_id": merged_codes(codes, book, entity=scope.entity, on=scope.as_of),
            "date": kept["effective_date"],
            "currency": kept["target_currency"],
            "amount": kept["target_amount"],
        }
    ).reset_index(drop=True)


def _payments(book: Book, debits: pd.DataFrame, scope: Scope) -> dict[str, pd.Series]:
    paid = payments(book, scope=scope)
    return {
        "last_payment_on": looked_up(debits["item_id"], paid.groupby("item_id")["date"].max()),
        "customer_paid_on": looked_up(debits["customer_id"], paid.groupby("customer_id")["date"].max()),
    }


def contacts(book: Book, *, scope: Scope) -> pd.DataFrame:
    """ACTIVITIES on or before the as-of date with `day` (of the instant in UTC) and customers' codes after merges."""
    rows = of_entity(book["activities"], scope.entity)
    day = rows["occurred_at"].dt.tz_localize(None).dt.floor("D").astype("datetime64[s]")
    code = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    rows = rows.assign(day=day, customer_id=code, item_id=rows["item_id"].fillna(""))
    return rows[rows["day"] <= pd.Timestamp(scope.as_of)].reset_index(drop=True)


def _contacts(book: Book, debits: pd.DataFrame, scope: Scope) -> dict[str, pd.Series]:
    rows = contacts(book, scope=scope)
    rows = rows[rows["kind"].isin(CONTACTS)]
    said = rows["kind"] + rows["done_by"].fillna("").map(lambda who: f" by {who}" if who else "")
    rows = rows.assign(said=said, is_escalation=rows["kind"].eq("escalation").astype("int64"))
    rows = rows.sort_values(["day", "activity_id"], kind="stable")
    either = pd.concat(
        [
            debits[["item_id", "customer_id"]].merge(
                rows[rows["item_id"].ne("")].drop(columns="customer_id"), on="item_id"
            ),
            debits[["item_id", "customer_id"]].merge(
                rows[rows["item_id"].eq("")].drop(columns="item_id"), on="customer_id"
            ),
        ]
    ).sort_values(["day", "activity_id"], kind="stable")
    by_item = either.groupby("item_id")
    mine = debits["item_id"]
    return {
        "contacts": looked_up(mine, by_item.size()).fillna(0).astype("Int64"),
        "escalations": looked_up(mine, by_item["is_escalation"].sum()).fillna(0).astype("Int64"),
        "last_contact_on": looked_up(mine, by_item["day"].last()),
        "last_contact": looked_up(mine, by_item["said"].last()),
    }


def _promises(book: Book, debits: pd.DataFrame, scope: Scope) -> dict[str, pd.Series]:
    rows = of_entity(book["promises"], scope.entity)
    past = rows["pay_by"].lt(pd.Timestamp(scope.as_of)) & rows["state"].isin(["broken", "partly"])
    code = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    rows = rows.assign(customer_id=code, item_id=rows["item_id"].fillna(""))[past.to_numpy(dtype=bool)]
    own = looked_up(debits["item_id"], rows[rows["item_id"].ne("")].groupby("item_id").size()).fillna(0)
    account = looked_up(
        debits["customer_id"], rows[rows["item_id"].eq("")].groupby("customer_id").size()
    ).fillna(0)
    return {"promises_broken": (own + account).astype("Int64")}


def _credits(whole: pd.DataFrame, debits: pd.DataFrame) -> dict[str, pd.Series]:
    """Open credits of each debit's customer in its currency, whatever their size."""
    minus = whole[whole["outstanding"].lt(0) & whole["customer_id"].fillna("").ne("")]
    by = minus.groupby(["customer_id", "currency"])
    keys = pd.MultiIndex.from_frame(debits[["customer_id", "currency"]])
    named = by["document_no"].agg(
        lambda numbers: (
            ", ".join(sorted(str(number) for number in numbers)[:3])
            + (f" and {len(numbers) - 3} more" if len(numbers) > 3 else "")
        )
    )
    return {
        "open_credit": (-by["outstanding"].sum())
        .reindex(keys)
        .set_axis(debits.index)
        .fillna(0)
        .astype("Int64"),
        "open_credit_documents": named.reindex(keys).set_axis(debits.index),
    }
