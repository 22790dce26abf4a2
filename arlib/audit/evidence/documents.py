"""Open items as documents: one row a document, with what shows that it was delivered. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.audit.evidence.frames import LEFT_OUT, OPEN_DOCUMENTS
from arlib.audit.population import Population
from arlib.controls import Identity
from arlib.errors import ParameterError, nearest
from arlib.ledger.aging import age_items
from arlib.ledger.facts import of_entity
from arlib.ledger.openitems import open_items
from arlib.money import total, totals_by
from arlib.policy import Policies, Scope
from arlib.tables import Book

TESTED, CREDIT, OUTSIDE, NOT_SELECTED = "tested", "credit", "outside the population", "not selected"
WHY = {
    TESTED: "tested",
    CREDIT: "credit or unapplied cash: no receipt can follow",
    OUTSIDE: "outside the population that was asked for",
    NOT_SELECTED: "not among the items named",
}


def open_documents(book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """Every document that is open at the date, credits too: OPEN_DOCUMENTS, sorted by its key.

    Due parts of one item are one row; its bucket and due date are those of the part longest past due. A document whose
    parts cancel out stays, with 0. Needs ITEMS; uses APPLICATIONS, CUSTOMERS, DOCUMENT_LINKS. Raises what `open_items`
    raises.
    """
    found = open_items(book, scope=scope)
    found = found[found["outstanding"].ne(0).to_numpy(dtype=bool)]
    aged = age_items(found, as_of=scope.as_of, policy=policies.aging)
    oldest = aged.assign(late=aged["days_past_due"].fillna(-(10**6)).astype("int64"))
    oldest = oldest.sort_values(["item_id", "late"], ascending=[True, False], kind="stable")
    made = oldest.drop_duplicates("item_id").reset_index(drop=True)
    sums = totals_by(aged, "item_id", ["outstanding", "functional_outstanding"])
    by_item = sums.set_index("item_id")
    for name in ("outstanding", "functional_outstanding"):
        made[name] = pd.Series(by_item[name].reindex(made["item_id"]).to_numpy(), dtype="Int64")
    unvalued = aged.loc[aged["functional_outstanding"].isna(), "item_id"].unique()
    made["functional_outstanding"] = made["functional_outstanding"].mask(made["item_id"].isin(unvalued))
    made = made.drop(columns=["amount"])
    return with_documents(made, book, scope=scope)


def with_documents(rows: pd.DataFrame, book: Book, *, scope: Scope) -> pd.DataFrame:
    """Rows by item_id with amount, orders, delivery, copies and the customer's name: OPEN_DOCUMENTS, sorted by its key."""
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    own = ("amount", "purchase_order", "order_no", "delivery_no", "delivery_date")
    made = rows.copy()
    for name in own:
        made[name] = items[name].reindex(made["item_id"]).array
    made["copy_path"] = copies(book, scope=scope).reindex(made["item_id"]).array
    made["customer_name"] = names(book, scope=scope).reindex(made["customer_id"]).array
    made["entity"] = scope.entity
    return OPEN_DOCUMENTS.typed(made).sort_values("item_id", kind="stable", ignore_index=True)


def copies(book: Book, *, scope: Scope) -> pd.Series:
    """Files of each item by item_id, copies of the invoice first, parted by ' | '."""
    links = of_entity(book["document_links"], scope.entity)
    if not len(links):
        return pd.Series(dtype="str")
    first = links["kind"].ne("invoice_copy")
    ordered = links.assign(later=first).sort_values(["item_id", "later", "kind", "path"], kind="stable")
    return ordered.groupby("item_id", sort=True)["path"].agg(" | ".join)


def names(book: Book, *, scope: Scope) -> pd.Series:
    """Names of customers by customer_id: the entity's own accounts before those shared by all."""
    customers = book["customers"]
    mine = customers[customers["entity"].eq(scope.entity) | customers["entity"].fillna("").eq("")]
    ordered = mine.assign(shared=mine["entity"].fillna("").eq("")).sort_values(
        ["customer_id", "shared"], kind="stable"
    )
    return ordered.drop_duplicates("customer_id").set_index("customer_id")["name"]


def parts_of(documents: pd.DataFrame, *, population: Population, named: tuple[str, ...] = ()) -> pd.Series:
    """For each open document why it is or is not tested: TESTED, CREDIT, OUTSIDE or NOT_SELECTED.

    `named` are item ids or document numbers; empty for all. Needs OPEN_DOCUMENTS.
    """
    why = pd.Series(TESTED, index=documents.index, dtype="str")
    if named:
        wanted = documents["item_id"].isin(named) | documents["document_no"].isin(named)
        why = why.mask(~wanted, NOT_SELECTED)
    why = why.mask(~population.chosen(documents, amount="outstanding"), OUTSIDE)
    return why.mask(documents["outstanding"].le(0).to_numpy(dtype=bool), CREDIT)


def require_known(book: Book, named: tuple[str, ...], *, scope: Scope, where: str) -> None:
    """ParameterError that names every item id or document number which the books do not know, with the nearest."""
    items = of_entity(book["items"], scope.entity)
    known = {*items["item_id"], *items["document_no"].dropna()}
    if odd := [name for name in named if name not in known]:
        near = nearest(odd[0], known)
        raise ParameterError(
            "no such item", where=where, found=", ".join(odd[:20]), wanted="item ids or document numbers of the entity",
            fix=f"Did you mean {near!r}?" if near else "",
        )  # fmt: skip


def not_open(documents: pd.DataFrame, named: tuple[str, ...]) -> tuple[str, ...]:
    """Of the names given, those that no open document bears."""
    held = {*documents["item_id"], *documents["document_no"].dropna()}
    return tuple(name for name in named if name not in held)


def left_out(
    documents: pd.DataFrame, why: pd.Series, *, scope: Scope
) -> tuple[pd.DataFrame, tuple[Identity, ...]]:
    """LEFT_OUT, tested items among it, and per currency that its lines add up to all open items."""
    rows = documents[["currency", "outstanding"]].assign(why=why.to_numpy())
    sums = totals_by(rows, ["currency", "why"], "outstanding")
    counts = rows.groupby(["currency", "why"], sort=True).size()
    sums["items"] = [int(counts[(c, w)]) for c, w in zip(sums["currency"], sums["why"], strict=True)]
    frame = LEFT_OUT.typed(sums.rename(columns={"outstanding": "amount"}).assign(entity=scope.entity))
    identities = tuple(
        Identity(
            name="tested_and_left_out", left_label="tested and left out", left=total(part["amount"]),
            right_label="open items at the date", currency=str(code), entity=scope.entity,
            right=total(documents.loc[documents["currency"].eq(code), "outstanding"]),
        )
        for code, part in frame.groupby("currency", sort=True)
    )  # fmt: skip
    return frame.sort_values(["currency", "why"], kind="stable", ignore_index=True), identities
