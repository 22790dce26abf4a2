"""Documents and receipts booked twice, and customers that stand twice in the master data. Floor 1.

Two documents are compared when customer, currency and amount are the same and the days between them are few. What
they share gives points; what tells them apart takes points away and is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from arlib.audit.evidence.banked import bank_of
from arlib.audit.options.patterns import DuplicatesOptions
from arlib.audit.options.texts import day_of
from arlib.audit.patterns.frames import SUBTESTS
from arlib.audit.patterns.frames_duplicates import DUPLICATE_PAIRS, Twice
from arlib.audit.patterns.kin import Kin
from arlib.audit.patterns.parts import parts_add_up, parts_of
from arlib.audit.patterns.same_customers import same_customers
from arlib.audit.patterns.twins import twin_points
from arlib.audit.population import Population, least_in
from arlib.controls import Identity
from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import records

KINDS: dict[str, Twice] = {
    ItemType.INVOICE.value: Twice.INVOICE, ItemType.DEBIT_MEMO.value: Twice.INVOICE, ItemType.RECEIPT.value: Twice.RECEIPT,
    ItemType.PREPAYMENT.value: Twice.RECEIPT, ItemType.CREDIT_MEMO.value: Twice.CREDIT_MEMO, ItemType.REFUND.value: Twice.REFUND,
}  # fmt: skip
ASKS = {
    Twice.INVOICE: ("invoices billed twice", "existence, accuracy of debit balances"),
    Twice.RECEIPT: (
        "receipts entered twice, or paid twice",
        "completeness of debit balances, existence of cash",
    ),
    Twice.CREDIT_MEMO: ("credit memos given twice", "completeness, valuation"),
    Twice.REFUND: ("refunds paid twice", "existence of the outflow, rights"),
}
MOST_ALIKE = 60  # documents of one customer and amount compared with each other; more are a recurring charge


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """What was found."""

    pairs: pd.DataFrame  # DUPLICATE_PAIRS
    customers: pd.DataFrame  # SAME_CUSTOMERS
    subtests: pd.DataFrame  # SUBTESTS
    parts: pd.DataFrame  # TESTED
    tested: int
    identities: tuple[Identity, ...]

    @property
    def flagged(self) -> pd.DataFrame:
        """The pairs at the limit or above."""
        return self.pairs[self.pairs["is_flagged"].to_numpy(dtype=bool)].reset_index(drop=True)


def duplicates(
    book: Book, *, scope: Scope, options: DuplicatesOptions, population: Population | None = None
) -> Duplicates:
    """Pairs of documents posted by the date, the date itself in, that may be one; and customers that may be one.

    Needs ITEMS; uses APPLICATIONS (what was credited or taken back, what a refund pays back), RECEIPTS and
    RECEIPT_BANK_LINES (whether the bank has each receipt), CUSTOMERS. A document that takes another back, or that was taken
    back, is compared too: that is said and takes points away.
    """
    items = of_entity(book["items"], scope.entity)
    posted = fact_dates(items, Basis.POSTING)
    here = (posted.le(pd.Timestamp(scope.as_of)) & items["item_type"].isin(list(KINDS))).to_numpy(dtype=bool)
    rows = items[here].assign(posted_on=posted[here], size=items["amount"].abs()[here]).reset_index(drop=True)
    since = day_of(options.since)
    none = rows["posted_on"].isna() & False
    limits = (
        {code: least_in(options.least, code) for code in rows["currency"].dropna().unique()}
        if options.least
        else {}
    )
    is_tested, parts = parts_of(
        rows,
        {
            "posted before the first day asked about": rows["posted_on"].lt(pd.Timestamp(since))
            if since
            else none,
            "of no amount": rows["size"].eq(0),
            "outside the population": ~(population or Population()).chosen(rows, amount="amount"),
            "below the smallest amount tested": rows["size"].lt(rows["currency"].map(limits))
            if limits
            else none,
        },
        entity=scope.entity,
    )
    tested = rows[is_tested.to_numpy(dtype=bool)].reset_index(drop=True)
    tested = _with_receipts(book, tested, scope=scope)
    tested["what"] = tested["item_type"].map({kind: what.value for kind, what in KINDS.items()})
    pairs = _pairs(tested, within=options.within_days)
    taken_back = _taken_back(book, items, scope=scope)
    kin = Kin(book, scope=scope)
    frame = _judged(
        tested, pairs, taken_back, kin, options, scope=scope, has_bank=book.has("receipt_bank_lines")
    )
    return Duplicates(
        pairs=frame, customers=same_customers(book, scope=scope, flag_from=options.flag_from),
        subtests=_subtests(book, tested, frame, scope=scope), parts=parts, tested=len(tested),
        identities=parts_add_up(parts, rows, entity=scope.entity, what="documents of the sub-ledger"),
    )  # fmt: skip


def _with_receipts(book: Book, rows: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Rows with what receipts and bank say of cash: receipt_id, bank_line_id, payer account and texts."""
    held = of_entity(book["receipts"], scope.entity)
    held = held[held["item_id"].fillna("").ne("").to_numpy(dtype=bool)].drop_duplicates("item_id")
    names = ["item_id", "receipt_id", "payer_account", "remittance_text", "reference", "deposit_batch"]
    made = rows.merge(held[names], on="item_id", how="left")
    bank = bank_of(book, made["receipt_id"].dropna(), scope=scope)
    return made.merge(
        bank[["receipt_id", "bank_line_id"]].drop_duplicates("receipt_id"), on="receipt_id", how="left"
    )


def _pairs(rows: pd.DataFrame, *, within: int) -> list[tuple[int, int]]:
    """Places of documents of one kind, customer, currency and amount that are few days apart; cash also without customer.

    Neighbours by date are compared, so a charge that recurs gives a pair for each step and not for each two of them.
    """
    keys = ["what", "customer_id", "currency", "size", "is_back"]
    held = rows.assign(customer_id=rows["customer_id"].fillna(""), is_back=rows["reverses"].fillna("").ne(""))
    ordered = held.sort_values([*keys, "posted_on", "document_no", "item_id"], kind="stable")
    same = (ordered[keys] == ordered[keys].shift()).all(axis=1)
    near = ordered["posted_on"].diff().dt.days.le(within)
    hit = (same & near).to_numpy(dtype=bool)
    places = ordered.index.to_numpy()
    return [(int(places[at - 1]), int(places[at])) for at in hit.nonzero()[0]]


def _taken_back(book: Book, items: pd.DataFrame, *, scope: Scope) -> set[str]:
    """Items that another reverses, or that credit memos settle in full."""
    memos = items["item_type"].eq(ItemType.CREDIT_MEMO.value)
    # a credit memo names the invoice that it credits, perhaps in part: what was settled tells whether in full
    undoing = items[~memos & items["reverses"].fillna("").ne("")]
    back = set(undoing["reverses"]) | set(undoing["item_id"])
    apps = of_entity(book["applications"], scope.entity)
    dates = fact_dates(apps, Basis.POSTING)
    mine = apps[(dates.le(pd.Timestamp(scope.as_of)) & apps["kind"].eq("credit_memo")).to_numpy(dtype=bool)]
    sums = mine.groupby("target_item_id")["target_amount"].sum()
    amount = items.drop_duplicates("item_id").set_index("item_id")["amount"].reindex(sums.index)
    return back | set(sums.index[(sums >= amount).fillna(False).to_numpy(dtype=bool)])


def _judged(
    rows: pd.DataFrame, pairs: list[tuple[int, int]], taken_back: set[str], kin: Kin, options: DuplicatesOptions,
    *, scope: Scope, has_bank: bool,
) -> pd.DataFrame:  # fmt: skip
    wanted = sorted({place for pair in pairs for place in pair})
    held = dict(zip(wanted, records(rows.iloc[wanted]), strict=True))
    steps = _regular(rows, pairs)
    made: list[dict[str, Any]] = []
    for first, second in pairs:
        one, two = held[first], held[second]
        points, reasons, excuses = twin_points(
            one, two, is_regular=(first, second) in steps, taken_back=taken_back, has_bank=has_bank
        )
        score = max(points, 0)
        made.append({
            "entity": scope.entity, "what": one["what"], "item_id": one["item_id"], "other_item_id": two["item_id"],
            "customer_id": one["customer_id"], "customer_name": kin.names.get(one["customer_id"]),
            "document_no": one["document_no"], "other_document_no": two["document_no"], "posted_on": one["posted_on"],
            "other_posted_on": two["posted_on"], "currency": one["currency"], "amount": one["size"],
            "users": ", ".join(sorted({str(row["user"]) for row in (one, two) if isinstance(row["user"], str)})) or None,
            "score": score, "is_flagged": score >= options.flag_from,
            "reasons": _sentences(reasons), "explained_by": _sentences(excuses),
        })  # fmt: skip
    made.sort(
        key=lambda row: (
            -row["score"],
            -int(row["amount"]),
            str(row["document_no"]),
            str(row["other_document_no"]),
        )
    )
    return DUPLICATE_PAIRS.from_rows({**row, "rank": rank} for rank, row in enumerate(made, start=1))


def _regular(rows: pd.DataFrame, pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Pairs that belong to a charge that comes regularly: two steps or more in a row of nearly one length, 5 days or more.

    Lengths are near where they differ by 3 days or less, as months do.
    """
    day = rows["posted_on"]
    length = {pair: (day.iloc[pair[1]] - day.iloc[pair[0]]).days for pair in pairs}
    after = {pair[0]: pair for pair in pairs}
    made: set[tuple[int, int]] = set()
    for pair in pairs:
        following = after.get(pair[1])
        if (
            following
            and min(length[pair], length[following]) >= 5
            and abs(length[pair] - length[following]) <= 3
        ):
            made |= {pair, following}
    return made


def _sentences(said: list[str]) -> str | None:
    return "; ".join(said) or None


def _subtests(book: Book, rows: pd.DataFrame, pairs: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """One row a kind: how many documents were compared and how many pairs are flagged."""

    def told(what: Twice) -> Iterator[str]:
        if what is Twice.RECEIPT and not book.has("receipt_bank_lines"):
            yield "without bank lines nobody can tell a receipt entered twice from one paid twice"
        if what is Twice.INVOICE and not (rows["purchase_order"].notna() | rows["delivery_no"].notna()).any():
            yield "without order and delivery numbers only amount, customer and days are compared"

    flagged = pairs[pairs["is_flagged"].to_numpy(dtype=bool)]
    made = []
    for what, (asks, assertion) in ASKS.items():
        count = int(rows["what"].eq(what.value).sum())
        why = (
            "; ".join(told(what))
            if count
            else f"test not possible: the books hold no {what.value.replace('_', ' ')}s"
        )
        made.append({
            "entity": scope.entity, "test": what.value, "asks": asks, "assertion": assertion, "is_possible": count > 0,
            "tested": count, "found": int(flagged["what"].eq(what.value).sum()), "why": why or None,
        })  # fmt: skip
    return SUBTESTS.from_rows(made)
