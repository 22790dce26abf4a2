"""Other accounts that have to do with a customer. Floor 5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from arlib.ledger.by_customer import CustomerBook, own_items
from arlib.ledger.facts import found_at
from arlib.tables.kinds import Column, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book

RELATED = Table("related_accounts", "an account that has to do with a customer's", ("relation", "entity", "customer_id"), (
    Column("relation", Kind.TEXT, "parent, child, same code, merged from, merged into, paid by, pays for", True),
    Column("entity", Kind.TEXT, "entity code", True, is_key=True),
    Column("customer_id", Kind.TEXT, "customer code; empty for cash that nobody is known for", is_key=True),
    Column("name", Kind.TEXT, "name; never trusted as a formula or markup"),
    Column("words", Kind.TEXT, "the same as a sentence", True),
))  # fmt: skip


def related(book: CustomerBook, *, entity: str, books: Mapping[str, Book]) -> pd.DataFrame:
    """RELATED, sorted by its key: parent and children, the same code in other entities, mergers, and whose cash paid whose
    documents. `books` are the whole books by entity. Needs CUSTOMERS; uses CUSTOMER_MERGES, APPLICATIONS.
    """
    whole = books[entity]
    names = {
        code: dict(zip(each["customers"]["customer_id"], each["customers"]["name"], strict=True))
        for code, each in books.items()
    }
    found = {
        (relation, where, code): words
        for relation, where, code, words in (*_kin(book, whole, entity), *_elsewhere(book, books, entity), *_cash(book, entity))
        if (where, code) != (entity, book.customer_id)
    }  # fmt: skip
    return RELATED.from_rows(
        {
            "relation": relation,
            "entity": where,
            "customer_id": code,
            "name": names[where].get(code),
            "words": words,
        }
        for (relation, where, code), words in sorted(found.items())
    )


def _kin(book: CustomerBook, whole: Book, entity: str) -> Iterator[tuple[str, str, str, str]]:
    me, people = book.customer_id, whole["customers"]
    for code in sorted(set(people.loc[people["customer_id"].eq(me), "parent_id"].dropna()) - {""}):
        yield "parent", entity, code, "parent company"
    for code in sorted(set(people.loc[people["parent_id"].eq(me), "customer_id"].dropna())) if me else ():
        yield "child", entity, code, "has this customer as its parent"
    merges = whole["customer_merges"]
    for old, new, day in zip(
        merges["old_customer_id"], merges["new_customer_id"], merges["merged_on"], strict=True
    ):
        if new == me:
            yield "merged from", entity, str(old), f"went into this account on {day.date()}"
        if old == me:
            yield "merged into", entity, str(new), f"carries this account on since {day.date()}"


def _elsewhere(
    book: CustomerBook, books: Mapping[str, Book], entity: str
) -> Iterator[tuple[str, str, str, str]]:
    for code, each in books.items():
        if (
            code != entity
            and book.customer_id
            and each["customers"]["customer_id"].eq(book.customer_id).any()
        ):
            yield "same code", code, book.customer_id, "the same customer code in another entity"


def _cash(book: CustomerBook, entity: str) -> Iterator[tuple[str, str, str, str]]:
    items, applications = book["items"], book["applications"]
    mine = own_items(book)
    owner = items["customer_id"].fillna("").tolist()
    at = {side: found_at(applications[f"{side}_item_id"], items["item_id"]) for side in ("source", "target")}
    for source, target in zip(at["source"].tolist(), at["target"].tolist(), strict=True):
        if source < 0 or target < 0 or mine[source] == mine[target]:
            continue
        if mine[target]:
            yield "paid by", entity, owner[source], "its cash or credits settled documents of this customer"
        else:
            yield (
                "pays for",
                entity,
                owner[target],
                "its documents were settled by this customer's cash or credits",
            )
