"""Which lapping tests the books allow, how much each looked at, and what it found. Floor 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.audit.patterns.frames import SUBTESTS, Standing, Subtest
from arlib.audit.patterns.scores import Seen
from arlib.policy import Scope
from arlib.tables import Book

ASKS = {
    Subtest.AGAINST_ADVICE: "receipts applied to other customers' items than the advice, text or reference names",
    Subtest.CHAINS: "one customer's money covers another, whose money covers a third",
    Subtest.LATE_POSTING: "receipts posted later after the bank's value date than is usual",
    Subtest.REVERSALS: "applications taken back and put elsewhere",
    Subtest.DEPOSITS: "deposits posted otherwise than the slip, or not at the bank",
    Subtest.OLDEST_ITEM: "money on another, or an older, item of the payer than it names",
    Subtest.CREDITS: "credits of one customer that settle a stranger's item",
    Subtest.USERS: "users with more of this than their share",
}
ASSERTION = {
    Subtest.LATE_POSTING: "cut-off, completeness",
    Subtest.DEPOSITS: "existence, completeness",
    Subtest.USERS: "control: segregation of duties",
}
MOSTLY = "existence, rights (whose debt is open)"


def subtests_of(
    book: Book, seen: Seen, slips: pd.DataFrame, flags: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """SUBTESTS in the order in which they are told."""
    stood, cash = seen.stood, seen.cash
    has_word = len(cash.named) > 0
    has_dates = bool(stood["banked_on"].notna().any())
    has_slips = bool(stood["deposit_batch"].notna().any())
    has_users = bool(stood["applied_by"].notna().any())
    has_apps = book.has("applications") and len(cash.applied) > 0
    no_apps = "" if has_apps else "the books hold no applications of these receipts"
    word = no_apps or ("" if has_word else _no_word(book))
    others = int(stood["item_id"].isin(seen.edges["item_id"]).sum())
    late = seen.usual + seen.options.delay_days
    named = stood["item_id"].isin(cash.named["item_id"])
    credits_found = int(flags["item_id"].isin(cash.credits["source_item_id"]).sum())
    facts: dict[Subtest, tuple[str, int, int, str]] = {
        Subtest.AGAINST_ADVICE: (word, int(named.sum()), int(stood["standing"].eq(Standing.OTHER_CUSTOMER.value).sum()),
                                 _unlooked(int((~named).sum()), "naming no document that the books know")),
        Subtest.CHAINS: (no_apps, len(stood), int(seen.edges.loc[seen.edges["chain_no"].gt(0), "item_id"].nunique()),
                         "" if has_word else "without advices only payments for strangers are seen"),
        Subtest.LATE_POSTING: ("" if has_dates else "the books hold no bank dates of receipts (bank lines and their links)",
                               int(stood["banked_on"].notna().sum()),
                               int((stood["days_to_post"].fillna(0).ge(late) & stood["days_to_post"].fillna(0).gt(0)).sum()),
                               _unlooked(int(stood["banked_on"].isna().sum()), "without a bank line")),
        Subtest.REVERSALS: (no_apps or _no_reversals(book), len(stood), int(cash.undone["item_id"].nunique()), ""),
        Subtest.DEPOSITS: ("" if has_slips else "the books hold no deposit batches", int(stood["deposit_batch"].notna().sum()),
                           len(slips), "" if has_dates else "without bank lines only customers are compared, not the bank"),
        Subtest.OLDEST_ITEM: (word, int(named.sum()), int(stood["standing"].eq(Standing.OTHER_ITEM.value).sum()), ""),
        Subtest.CREDITS: ("" if book.has("applications") else "the books hold no applications", len(cash.credits), credits_found, ""),
        Subtest.USERS: ("" if has_users else "the books do not say who applied or entered receipts",
                        int(stood["applied_by"].notna().sum()), others, ""),
    }  # fmt: skip
    made: list[dict[str, Any]] = [
        {
            "entity": scope.entity, "test": test.value, "asks": ASKS[test], "assertion": ASSERTION.get(test, MOSTLY),
            "is_possible": not missing, "tested": 0 if missing else tested, "found": 0 if missing else found,
            "why": f"test not possible: {missing}" if missing else why or None,
        }
        for test, (missing, tested, found, why) in facts.items()
    ]  # fmt: skip
    return SUBTESTS.from_rows(made)


def _no_word(book: Book) -> str:
    return (
        "no advice, text or reference of these receipts names a document of the books" if book.has("remittances")
        else "the books hold no remittance advices, and no text of receipts or bank lines names a document"
    )  # fmt: skip


def _no_reversals(book: Book) -> str:
    apps = book["applications"]
    return "" if apps["user"].notna().any() else "the books do not say who applied and who took back"


def _unlooked(count: int, said: str) -> str:
    return f"not looked at: {count:,} {'receipt' if count == 1 else 'receipts'} {said}" if count else ""
