"""Receipts placed again and compared with what the ledger booked: how misapplied cash shows. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd

from arlib.money import total
from arlib.report.cash_facts import (
    AUTO,
    BOOKED,
    NAMED,
    CashRun,
    by_value,
    document_numbers,
    in_functional,
    named_documents,
    placed,
    told,
)
from arlib.report.cash_queue import rule_words
from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arlib.policy import Scope

T, D, M, N = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER


class Verdict(StrEnum):
    """How the ledger's application of a receipt stands beside ours."""

    OTHER_CUSTOMER = "other_customer"  # booked to a customer that we do not see in it
    OTHER_ITEMS = "other_items"
    OTHER_AMOUNTS = "other_amounts"
    NOT_BOOKED = "not_booked"  # we see items, the ledger has none
    NOT_PROPOSED = "not_proposed"  # the ledger has items, we see none
    SAME = "same"
    NEITHER = "neither"  # open on both sides


VERDICT_WORDS = {
    Verdict.OTHER_CUSTOMER.value: "Other customer",
    Verdict.OTHER_ITEMS.value: "Other items",
    Verdict.OTHER_AMOUNTS.value: "Other amounts",
    Verdict.NOT_BOOKED.value: "Not booked",
    Verdict.NOT_PROPOSED.value: "Booked, nothing found",
    Verdict.SAME.value: "Same",
    Verdict.NEITHER.value: "Open on both sides",
}
QUESTIONED = (Verdict.OTHER_CUSTOMER.value, Verdict.OTHER_ITEMS.value, Verdict.OTHER_AMOUNTS.value)
BY_VERDICT = Table("reperformed", "how bookings stand beside what was found again", ("verdict", "decision", "currency"), (
    Column("verdict", T, "how they stand", True),
    Column("decision", T, "how sure what was found is", True),
    Column("currency", T, "currency of the receipts", True),
    Column("receipts", N, "receipts", True),
    Column("amount", M, "their money", True, currency="currency"),
))  # fmt: skip
COMPARED = Table("reperformed_differences", "a receipt that was booked otherwise than it was found again", ("receipt_id",), (
    Column("verdict", T, "how they stand", True),
    Column("decision", T, "how sure what was found is", True),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("customer_id", T, "customer of the receipt", is_key=True),
    Column("name", T, "name of the customer"),
    Column("value_date", D, "when the money came", True),
    Column("currency", T, "currency of the receipt", True),
    Column("amount", M, "money of the receipt", True, currency="currency"),
    Column("functional_amount", M, "that at the closing rate", currency="functional"),
    Column("booked", T, "documents that the ledger applied it to"),
    Column("booked_customers", T, "their customers"),
    Column("found", T, "documents that it was found to pay"),
    Column("found_customers", T, "their customers"),
    Column("rule", T, "rule that found them"),
    Column("evidence", T, "what speaks for them"),
    Column("user", T, "who applied it in the ledger"),
))  # fmt: skip
DECISION_WORDS = {"auto": "proven", "suggest": "suggested", "none": "none"}


def compared(run: CashRun, *, scope: Scope) -> pd.DataFrame:
    """COMPARED of every receipt that was placed again, with its verdict; empty where nothing was.

    Items and applied amounts must agree exactly. Another customer than that of any item found is said first, since cash
    on the wrong customer is what lapping looks like; a difference is a question, not yet a fault.
    """
    if run.reperformed is None or run.booked is None:
        return COMPARED.empty()
    found, booked = run.reperformed, BOOKED.typed(run.booked)
    booked = booked[booked["receipt_id"].isin(found.pool_receipts["receipt_id"])]
    rows = placed(found, as_of=scope.as_of, names=run.names)
    owner = dict(zip(found.pool_items["item_id"], found.pool_items["customer_id"].fillna(""), strict=True))
    ours, theirs = _applied(found.matches, owner), _applied(booked, owner)
    receipt = rows["receipt_id"]
    nothing = _Applied()
    pairs = [(ours.get(name, nothing), theirs.get(name, nothing)) for name in receipt]
    rows["verdict"] = [_verdict(mine, books) for mine, books in pairs]
    decisions = found.matches.drop_duplicates("receipt_id").set_index("receipt_id")["decision"]
    rows["decision"] = told(receipt, decisions).fillna("none")
    documents = document_numbers(found)
    rows["found"], rows["booked"] = rows["documents"], told(receipt, named_documents(booked, documents))
    rows["found_customers"] = [", ".join(mine.customers[:NAMED]) for mine, _ in pairs]
    rows["booked_customers"] = [", ".join(books.customers[:NAMED]) for _, books in pairs]
    users = {str(name): _users(part) for name, part in booked.groupby("receipt_id", sort=False)["user"]}
    rows["user"] = told(receipt, users)
    rows["functional_amount"] = in_functional(rows["amount"], rows["currency"], rates=run.rates,
                                              functional=scope.functional_currency, on=scope.as_of)  # fmt: skip
    return COMPARED.typed(rows)


def reperformance_tables(every: pd.DataFrame, run: CashRun, *, scope: Scope) -> tuple[ResultTable, ...]:
    """How many receipts stand how, and those that differ: what we are sure of first, then by value.

    What the ledger has not applied yet stands in the queue and is not listed again.
    """
    rows = [
        {"verdict": verdict, "decision": decision, "currency": code, "receipts": len(part), "amount": total(part["amount"])}
        for (verdict, decision, code), part in every.groupby(["verdict", "decision", "currency"], sort=True)
    ]  # fmt: skip
    order = {verdict.value: at for at, verdict in enumerate(Verdict)}
    made = pd.DataFrame(rows, columns=BY_VERDICT.names)
    made = made.assign(_at=made["verdict"].map(order)).sort_values(
        ["_at", "decision", "currency"], kind="stable"
    )
    code = scope.functional_currency
    words = {"verdict": VERDICT_WORDS, "decision": DECISION_WORDS}
    is_queued = every["verdict"].eq(Verdict.NOT_BOOKED.value) & every["receipt_id"].isin(
        run.result.pool_receipts["receipt_id"]
    )
    differ = every[~every["verdict"].isin([Verdict.SAME.value, Verdict.NEITHER.value]) & ~is_queued]
    differ = by_value(differ, functional="functional_amount", amount="amount")
    first = differ.assign(_sure=differ["decision"].ne(AUTO), _at=differ["verdict"].map(order))
    differ = first.sort_values(["_sure", "_at"], kind="stable", ignore_index=True)
    is_foreign = bool(differ["currency"].ne(code).any())
    columns = tuple(n for n in COMPARED.names if n != "functional_amount" or is_foreign)
    size = {"functional_amount": f"At closing rate, {code}"} if is_foreign else {}
    return (
        result_table(BY_VERDICT, made, title="Bookings of the ledger, performed again", functional=code, words=words,
                     is_ordered=True, headings={"verdict": "How they stand", "decision": "Found how"},
                     note="Found is proven where a rule may apply it by itself, else suggested."),
        result_table(COMPARED, differ, title="Booked otherwise than found", functional=code, is_ordered=True,
                     columns=columns, words=words | {"rule": rule_words(run)},
                     headings={"verdict": "How it stands", "decision": "Found how", "receipt_id": "Receipt",
                               "name": "Name", "booked": "Ledger applied to", "found": "Found to pay",
                               "booked_customers": "Customer booked", "found_customers": "Customer found",
                               "user": "Applied by"} | size,
                     note="A difference is a question: the payer may have said otherwise than the payment."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Applied:
    """What a receipt is applied to on one side."""

    amounts: tuple[tuple[str, int], ...] = ()  # item and amount, sorted
    customers: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(item for item, _ in self.amounts)


def _applied(rows: pd.DataFrame, owner: Mapping[str, str]) -> dict[str, _Applied]:
    found: dict[str, dict[str, int]] = {}
    for receipt, item, amount in zip(
        rows["receipt_id"], rows["item_id"], rows["applied_amount"], strict=True
    ):
        mine = found.setdefault(str(receipt), {})
        mine[str(item)] = mine.get(str(item), 0) + int(amount)
    return {
        receipt: _Applied(
            tuple(sorted(mine.items())), tuple(sorted({owner.get(item, "") for item in mine} - {""}))
        )
        for receipt, mine in found.items()
    }


def _verdict(mine: _Applied, books: _Applied) -> str:
    if not mine.amounts or not books.amounts:
        if mine.amounts:
            return Verdict.NOT_BOOKED
        return Verdict.NOT_PROPOSED if books.amounts else Verdict.NEITHER
    if mine.amounts == books.amounts:
        return Verdict.SAME
    if mine.items == books.items:
        return Verdict.OTHER_AMOUNTS
    return Verdict.OTHER_CUSTOMER if set(books.customers) - set(mine.customers) else Verdict.OTHER_ITEMS


def _users(names: pd.Series) -> str:
    return ", ".join(sorted({str(name) for name in names.dropna() if name})[:3])
