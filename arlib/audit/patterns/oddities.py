"""What may be unusual about an item: each test gives flags and words over the items looked at. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.audit.options.patterns import LargeAndUnusualOptions
from arlib.audit.patterns.frames_unusual import Oddity
from arlib.audit.patterns.parts import looked_up
from arlib.audit.population import least_in
from arlib.ledger.attributes import customer_attributes
from arlib.ledger.facts import Bools
from arlib.money import shown
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, CustomerStatus, ItemType

POINTS: Mapping[Oddity, int] = {
    Oddity.BARRED_CUSTOMER: 50, Oddity.BEYOND_USUAL: 40, Oddity.MISDATED: 40, Oddity.RE_AGED: 30, Oddity.WRONG_SIDE: 30,
    Oddity.OTHER_CURRENCY: 25, Oddity.NEW_CUSTOMER: 25, Oddity.LONG_TERMS: 25, Oddity.NO_ORDER: 15, Oddity.ROUND: 10,
    Oddity.NEAR_END: 5,
}  # fmt: skip
BARRED: Mapping[CustomerStatus, str] = {
    CustomerStatus.CLOSED: "closed", CustomerStatus.BANKRUPT: "bankrupt", CustomerStatus.ESTATE: "an estate",
    CustomerStatus.SANCTIONED: "sanctioned", CustomerStatus.LEGAL: "in court", CustomerStatus.AGENCY: "with a collection agency",
}  # fmt: skip
BILLED = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)
CASH = tuple(kind.value for kind in CASH_TYPES)
MOSTLY = Fraction(
    9, 10
)  # share of a customer's invoices that has orders, or one currency, for the rest to be odd
YEAR_WRONG = 300  # days between document and posting that look like a wrong year


@dataclass(frozen=True)
class Looked:
    """What the tests see. `rows` are the items looked at; `past` all invoices posted by the date."""

    rows: pd.DataFrame  # items with posted_on, size (amount looked at without sign)
    past: pd.DataFrame
    book: Book
    scope: Scope
    options: LargeAndUnusualOptions

    @property
    def billed(self) -> Bools:
        """Which rows are invoices or debit memos."""
        return self.rows["item_type"].isin(BILLED).to_numpy(dtype=bool)


Found = tuple[Bools, "pd.Series[str]", str]  # which rows, in which words, and why the test is not possible


def nothing(looked: Looked, why: str = "") -> Found:
    """No row found."""
    return np.zeros(len(looked.rows), dtype=bool), _words(looked, ""), why


def beyond_usual(looked: Looked) -> Found:
    """An invoice of `times_usual` times the median of the customer's others of the currency, or more.

    The median is of at least `usual_from` other invoices, so that one large one does not hide itself; where a customer has
    fewer, nothing is said. An invoice that is at the limit is in.
    """
    rows, options = looked.rows, looked.options
    past = looked.past
    keys = ["customer_id", "currency"]
    group = past.groupby(keys)["amount"]
    usual = pd.DataFrame({"median": group.median(), "count": group.size()})
    at = pd.MultiIndex.from_frame(rows[keys].fillna(""))
    own = usual.reindex(at)
    median, count = own["median"].to_numpy(dtype="float64"), own["count"].fillna(0).to_numpy(dtype="int64")
    gross = rows["amount"].abs().to_numpy(dtype="float64")
    hit = (
        looked.billed & (count > options.usual_from) & (gross >= options.times_usual * median) & (median > 0)
    )
    words = [
        f"{amount / middle:.1f} times the customer's usual invoice of {shown(int(middle), code)} (median of {n})"
        if is_hit
        else ""
        for is_hit, amount, middle, n, code in zip(hit, gross, median, count, rows["currency"], strict=True)
    ]
    return hit, pd.Series(words, index=rows.index, dtype="str"), ""


def new_customer(looked: Looked) -> Found:
    """An item above the currency's median invoice of a customer whose account, or first document, is `new_days` old or less."""
    rows, options = looked.rows, looked.options
    customers = looked.book["customers"].drop_duplicates("customer_id").set_index("customer_id")["opened_on"]
    opened = looked_up(rows["customer_id"], customers)
    first = looked_up(rows["customer_id"], looked.past.groupby("customer_id")["posted_on"].min())
    start = opened.fillna(first)
    # the first day of the books is no first day of a customer that was there before
    known_since = looked.past["posted_on"].min()
    age = (pd.Timestamp(looked.scope.as_of) - start).dt.days
    typical = looked_up(rows["currency"], looked.past.groupby("currency")["amount"].median()).fillna(0)
    is_new = age.le(options.new_days) & (opened.notna() | start.gt(known_since))
    hit = (
        (is_new & rows["amount"].abs().gt(typical) & pd.Series(looked.billed, index=rows.index))
        .fillna(False)
        .to_numpy(dtype=bool)
    )
    words = (
        "The customer is new: since "
        + start.dt.strftime("%Y-%m-%d").fillna("")
        + ", and the item is above the usual one"
    )
    return hit, words.astype("str"), ""


def barred_customer(looked: Looked) -> Found:
    """A sale to a customer who was closed, bankrupt, an estate, sanctioned, or with lawyers or agency when it was posted."""
    rows = looked.rows
    if not looked.book.has("customers"):
        return nothing(looked, "the books hold no customers")
    today = customer_attributes(looked.book, on=looked.scope.as_of, entity=looked.scope.entity)
    status = looked_up(
        rows["customer_id"], today.drop_duplicates("customer_id").set_index("customer_id")["status"]
    )
    since = _status_since(looked)
    began = looked_up(rows["customer_id"], since)
    is_barred = status.isin([each.value for each in BARRED])
    after = rows["posted_on"].ge(began) | began.isna()
    hit = (is_barred & after & pd.Series(looked.billed, index=rows.index)).fillna(False).to_numpy(dtype=bool)
    said = looked_up(status, pd.Series({each.value: word for each, word in BARRED.items()}))
    words = "Sold to a customer who was " + said.fillna("") + began.dt.strftime(" since %Y-%m-%d").fillna("")
    return (
        hit,
        words.astype("str"),
        "" if looked.book.has("customer_history") else "status is today's: the books hold no history",
    )


def _status_since(looked: Looked) -> pd.Series:
    history = looked.book["customer_history"]
    mine = history[
        history["attribute"].eq("status") & history["valid_from"].le(pd.Timestamp(looked.scope.as_of))
    ]
    last = mine.sort_values(["customer_id", "valid_from"], kind="stable").drop_duplicates(
        "customer_id", keep="last"
    )
    return last.set_index("customer_id")["valid_from"]


def round_amount(looked: Looked) -> Found:
    """A whole multiple of `round_to` in the item's currency; credits and receipts too."""
    rows = looked.rows
    if not looked.options.round_to:
        return nothing(looked)
    unit = {
        code: max(1, least_in(looked.options.round_to, code)) for code in rows["currency"].dropna().unique()
    }
    step = rows["currency"].map(unit).to_numpy(dtype="int64")
    size = rows["amount"].abs().to_numpy(dtype="int64")
    return (
        (size > 0) & (size % step == 0),
        _words(looked, f"A round amount, a multiple of {looked.options.round_to}"),
        "",
    )


def near_end(looked: Looked) -> Found:
    """An invoice posted in the last `near_end_days` days to the date, the date itself in, above the currency's 9th decile."""
    rows = looked.rows
    end = pd.Timestamp(looked.scope.as_of)
    last = rows["posted_on"].le(end) & rows["posted_on"].gt(
        end - pd.Timedelta(days=looked.options.near_end_days)
    )
    large = rows["size"].ge(
        looked_up(rows["currency"], looked.past.groupby("currency")["amount"].quantile(0.9))
    )
    hit = (last & large).fillna(False).to_numpy(dtype=bool) & looked.billed
    return hit, _words(looked, "A large item posted in the last days before the date"), ""


def long_terms(looked: Looked) -> Found:
    """An invoice due `long_days` or more beyond the customer's usual term, the median of its others."""
    rows, past = looked.rows, looked.past
    own = (past["due_date"] - past["document_date"].fillna(past["effective_date"])).dt.days
    usual = own.groupby(past["customer_id"]).agg(["median", "count"])
    term = (rows["due_date"] - rows["document_date"].fillna(rows["effective_date"])).dt.days
    median = looked_up(rows["customer_id"], usual["median"])
    enough = looked_up(rows["customer_id"], usual["count"]).gt(2)
    everyone = own.median()
    median = median.where(enough, everyone)
    hit = term.ge(median + looked.options.long_days).fillna(False).to_numpy(dtype=bool) & looked.billed
    words = [
        f"Due {days:.0f} days after its date; usual are {middle:.0f}" if is_hit else ""
        for is_hit, days, middle in zip(hit, term, median, strict=True)
    ]
    return (
        hit,
        pd.Series(words, index=rows.index, dtype="str"),
        "" if rows["due_date"].notna().any() else "the books hold no due dates",
    )


def no_order(looked: Looked) -> Found:
    """An invoice without the customer's order number where nine in ten of its others have one, or where it must."""
    rows, past = looked.rows, looked.past
    if not past["purchase_order"].fillna("").ne("").any():
        return nothing(looked, "the books hold no order numbers of customers")
    has = past["purchase_order"].fillna("").ne("")
    share = has.groupby(past["customer_id"]).agg(["sum", "size"])
    others = share["size"] - 1  # an invoice without a number is measured by the others
    usual = (share["sum"] >= float(MOSTLY) * others) & others.ge(looked.options.usual_from)
    customers = looked.book["customers"].drop_duplicates("customer_id").set_index("customer_id")
    must = customers["requires_order_no"].fillna(False).astype(bool)
    wanted = looked_up(rows["customer_id"], usual).fillna(False).astype(bool) | looked_up(
        rows["customer_id"], must
    ).fillna(False).astype(bool)
    lacks = rows["purchase_order"].fillna("").eq("")
    return (
        (wanted & lacks).to_numpy(dtype=bool) & looked.billed,
        _words(looked, "No order number, where the customer's others have one"),
        "",
    )


def re_aged(looked: Looked) -> Found:
    """An item whose due date was moved to a later day."""
    rows = looked.rows
    moved = rows["due_date"].gt(rows["original_due_date"]) & rows["rescheduled_on"].le(
        pd.Timestamp(looked.scope.as_of)
    )
    days = (rows["due_date"] - rows["original_due_date"]).dt.days
    by = rows["authorised_by"].fillna("nobody on record")
    hit = moved.fillna(False).to_numpy(dtype=bool)
    words = [
        f"Its due date was moved by {count:.0f} days, authorised by {who}" if is_hit else ""
        for is_hit, count, who in zip(hit, days, by, strict=True)
    ]
    return hit, pd.Series(words, index=rows.index, dtype="str"), ""


def other_currency(looked: Looked) -> Found:
    """An invoice in another currency than nine in ten of the customer's others, of at least `usual_from`."""
    rows, past = looked.rows, looked.past
    counts = past.groupby(["customer_id", "currency"]).size()
    whole = counts.groupby(level=0).sum()
    main = counts.groupby(level=0).idxmax().map(lambda key: key[1])
    others = whole - 1  # an invoice in another currency is measured by the others
    is_usual = (counts.groupby(level=0).max() >= float(MOSTLY) * others) & (
        others >= looked.options.usual_from
    )
    usual = main[is_usual]
    own = looked_up(rows["customer_id"], usual)
    hit = (own.notna() & own.ne(rows["currency"])).to_numpy(dtype=bool) & looked.billed
    return (
        hit,
        ("In " + rows["currency"] + ", though the customer is billed in " + own.fillna("")).astype("str"),
        "",
    )


def wrong_side(looked: Looked) -> Found:
    """A debit document with a negative amount, or a credit or receipt with a positive one, that takes nothing back."""
    rows = looked.rows
    debit = rows["item_type"].isin((*BILLED, ItemType.CHARGEBACK.value, ItemType.INTEREST_OR_FEE.value))
    credit = rows["item_type"].isin((ItemType.CREDIT_MEMO.value, *CASH))
    own = rows["reverses"].fillna("").eq("")
    hit = (
        (own & ((debit & rows["amount"].lt(0)) | (credit & rows["amount"].gt(0))))
        .fillna(False)
        .to_numpy(dtype=bool)
    )
    return (
        hit,
        _words(looked, "Its amount is on the other side than such a document's, and it takes nothing back"),
        "",
    )


def misdated(looked: Looked) -> Found:
    """A document dated nearly a year or more before it was posted, or after it."""
    rows = looked.rows
    dated = rows["document_date"].fillna(rows["effective_date"])
    days = (rows["posted_on"] - dated).dt.days
    off = days.abs().ge(YEAR_WRONG) & ~rows["item_type"].eq(ItemType.OPENING.value)
    hit = off.fillna(False).to_numpy(dtype=bool)
    words = [
        f"Dated {n:.0f} days before it was posted, as by a wrong year" if is_hit else ""
        for is_hit, n in zip(hit, days, strict=True)
    ]
    return hit, pd.Series(words, index=rows.index, dtype="str"), ""


def _words(looked: Looked, text: str) -> pd.Series[str]:
    return pd.Series(text, index=looked.rows.index, dtype="str")


TESTS: Mapping[Oddity, tuple[Callable[[Looked], Found], str, str]] = {
    Oddity.BARRED_CUSTOMER: (
        barred_customer, "sales to customers that are closed, insolvent, sanctioned or in court", "existence, valuation"),
    Oddity.BEYOND_USUAL: (beyond_usual, "invoices many times the customer's usual", "existence, accuracy"),
    Oddity.MISDATED: (misdated, "documents dated about a year from their posting", "cut-off, presentation (age)"),
    Oddity.RE_AGED: (re_aged, "due dates that were moved to a later day", "valuation"),
    Oddity.WRONG_SIDE: (wrong_side, "amounts on the other side than the document's kind", "classification"),
    Oddity.OTHER_CURRENCY: (other_currency, "invoices in a currency unlike the customer's", "accuracy, valuation"),
    Oddity.NEW_CUSTOMER: (new_customer, "large items of new customers", "existence"),
    Oddity.LONG_TERMS: (long_terms, "due dates far beyond the customer's usual term", "valuation, existence"),
    Oddity.NO_ORDER: (no_order, "invoices without an order where the customer's others have one", "existence"),
    Oddity.ROUND: (round_amount, "round amounts", "existence, accuracy"),
    Oddity.NEAR_END: (near_end, "large items in the last days before the date", "cut-off, existence"),
}  # fmt: skip
