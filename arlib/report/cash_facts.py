"""What the cash-application report is made from: one row a receipt with where its money went. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pandas as pd

from arlib.errors import RateError
from arlib.matching.from_book import Cash
from arlib.matching.person import PERSON
from arlib.money import Rates, totals_by, translate_at
from arlib.report.words import plain
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    from datetime import date

    from arlib.controls import Control
    from arlib.matching.result import MatchResult

AUTO, SUGGEST = "auto", "suggest"
APPLIED_BY = (AUTO, PERSON)  # decisions that are applied and stand in the posting file
POPULATIONS = {
    Cash.OPEN.value: "open receipts",
    Cash.PERIOD.value: "the period's receipts, placed again",
    Cash.ALL.value: "all receipts, placed again",
}
WHICH = {
    Cash.OPEN.value: "open",
    Cash.PERIOD.value: "placed again",
    Cash.ALL.value: "placed again",
}  # in a cell
LONGEST_TEXT = 160  # characters of a payer's text that a table shows; the extract holds all of it
NAMED = 2  # documents that a cell names before it counts the rest
T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE


class Place(StrEnum):
    """Where the money of a receipt went."""

    AUTO = "auto"
    PERSON = "person"
    PROPOSED = "proposed"
    UNAPPLIED = "unapplied"
    PREPAYMENT = "prepayment"
    ON_ACCOUNT = "on_account"
    UNIDENTIFIED = "unidentified"
    HELD = "held"
    RETURNED = "returned"
    DUPLICATE = "duplicate"


PLACE_WORDS = {
    Place.AUTO.value: "Applied automatically",
    Place.PERSON.value: "Applied as a person decided",
    Place.PROPOSED.value: "Proposed, not automatic",
    Place.UNAPPLIED.value: "Unapplied: payer known, item not",
    Place.PREPAYMENT.value: "Prepayment",
    Place.ON_ACCOUNT.value: "On account",
    Place.UNIDENTIFIED.value: "Unidentified: payer unknown",
    Place.HELD.value: "Held",
    Place.RETURNED.value: "Returned by the bank",
    Place.DUPLICATE.value: "Duplicate of another receipt",
}
DECISION_SAID = {AUTO: "automatic", SUGGEST: "proposed", PERSON: "by a person"}
FOR_A_PERSON = (Place.UNAPPLIED.value, Place.PREPAYMENT.value)  # unplaced money that stands in the queue
SET_ASIDE = (Place.HELD.value, Place.RETURNED.value, Place.DUPLICATE.value, Place.ON_ACCOUNT.value)

BOOKED = Table("booked", "an application that the ledger holds", ("receipt_id", "item_id"), (
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("currency", T, "currency of the item", True),
    Column("applied_amount", M, "cash set against the item", True, currency="currency"),
    Column("user", T, "who applied it"),
))  # fmt: skip

PLACED = Table("placed", "a receipt and where its money went", ("receipt_id",), (
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("customer_id", T, "customer, of the receipt or else of the items proposed", is_key=True),
    Column("name", T, "name of the customer"),
    Column("payer_name", T, "payer as the bank gives it"),
    Column("remittance_text", T, "beginning of the payment's text"),
    Column("value_date", D, "when the money came", True),
    Column("age_days", N, "days since, to the as-of date"),
    Column("currency", T, "currency of the receipt", True),
    Column("amount", M, "money of the receipt", True, currency="currency"),
    Column("auto", M, "applied automatically", True, currency="currency"),
    Column("person", M, "applied as a person decided", True, currency="currency"),
    Column("proposed", M, "proposed, for a person", True, currency="currency"),
    Column("rest", M, "that no item takes", True, currency="currency"),
    Column("status", T, "what the rest is; empty where there is none"),
    Column("reason", T, "why there is a rest"),
    Column("rest_evidence", T, "what is known of the rest"),
    Column("rule", T, "rule of the proposal"),
    Column("evidence", T, "evidence of the proposal"),
    Column("held_because", T, "why the proposal is not applied automatically"),
    Column("explanations", N, "ways to explain it that were found"),
    Column("items", N, "items proposed or applied"),
    Column("documents", T, "their document numbers"),
    Column("runner_up", T, "documents of the runner-up"),
    Column("lost_because", T, "why the runner-up lost"),
))  # fmt: skip


POPULATION = Column(
    "population", T, "which receipts: open, or those of the period or all that were placed again", True
)
HEADS = {
    "population": "Which receipts",
    "receipt_id": "Receipt",
    "name": "Name",
    "payer_name": "Payer",
    "queue_no": "No.",
    "to_decide": "To decide",
    "runner_up": "Runner-up",
    "lost_because": "Why it lost",
    "remittance_text": "Text of the payment",
    "held_because": "Why not automatic",
    "applied_amount": "Cash",
    "receipt_amount": "Of the receipt",
    "deduction": "Claim",
    "fee": "Bank charge",
    "fx": "Exchange",
}


def heads(table: Table, **own: str) -> dict[str, str]:
    """What people read over the columns of a table of this report."""
    return {name: said for name, said in HEADS.items() if name in table.by_name} | own


@dataclass(frozen=True, kw_only=True, eq=False)
class CashRun:
    """One run of matching as its report reads it. `reperformed` and `booked` are None where nothing was placed again.

    `names` has customer_id and name; `ledger_controls` compare what was offered with what the ledger holds; `meant`
    says in one line what a rule is; `skipped` is the frame of invoices that customers passed over, None where nobody
    looked; `earlier` is RATE_HISTORY of earlier runs.
    """

    result: MatchResult
    cash: Cash = Cash.OPEN  # which receipts were placed again; the open ones always are
    names: Mapping[str, str] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    meant: Mapping[str, str] = field(default_factory=dict)
    ledger_controls: tuple[Control, ...] = ()
    reperformed: MatchResult | None = None
    booked: pd.DataFrame | None = None  # BOOKED, of the receipts that were placed again
    skipped: pd.DataFrame | None = None
    earlier: pd.DataFrame | None = None

    @property
    def runs(self) -> tuple[tuple[Cash, MatchResult], ...]:
        """The open receipts, and those that were placed again where any were, with which they are."""
        again = () if self.reperformed is None else ((self.cash, self.reperformed),)
        return ((Cash.OPEN, self.result), *again)


def placed(result: MatchResult, *, as_of: date, names: Mapping[str, str]) -> pd.DataFrame:
    """One row a receipt: what was applied, what is proposed, what is left over, and why. PLACED, by receipt."""
    offered, matches, rest = result.pool_receipts, result.matches, result.unmatched
    made = offered[
        ["receipt_id", "customer_id", "payer_name", "remittance_text", "value_date", "currency", "amount"]
    ]
    made = made.reset_index(drop=True)
    for name in ("payer_name", "remittance_text"):
        made[name] = clipped(made[name])
    receipt = made["receipt_id"]
    for name, decision in (("auto", AUTO), ("person", PERSON), ("proposed", SUGGEST)):
        made[name] = _sum(matches[matches["decision"].eq(decision)], "receipt_amount", receipt)
    made["rest"] = _sum(rest, "unapplied_amount", receipt)
    first_rest = rest.drop_duplicates("receipt_id").set_index("receipt_id")
    made["status"], made["reason"] = told(receipt, first_rest["status"]), told(receipt, first_rest["reason"])
    made["rest_evidence"] = sentences(told(receipt, first_rest["evidence"]))
    first = matches.drop_duplicates("receipt_id").set_index("receipt_id")
    made["rule"] = told(receipt, first["rule"])
    for name in ("evidence", "held_because"):
        made[name] = sentences(told(receipt, first[name]))
    made["explanations"] = told(receipt, first["explanations"], dtype="Int64")
    made["items"] = told(receipt, matches.groupby("receipt_id", sort=False).size(), dtype="Int64").fillna(0)
    documents = document_numbers(result)
    made["documents"] = told(receipt, named_documents(matches, documents))
    runners = result.alternatives[result.alternatives["rank"].eq(2)]
    made["runner_up"] = told(receipt, named_documents(runners, documents))
    lost = runners.drop_duplicates("receipt_id").set_index("receipt_id")["lost_because"]
    made["lost_because"] = told(receipt, lost)
    given = made["customer_id"].fillna("")
    found = told(receipt, first["customer_id"]).fillna(told(receipt, first_rest["customer_id"])).fillna("")
    made["customer_id"] = given.where(given.ne(""), found)
    made["name"] = told(made["customer_id"], names)
    made["age_days"] = (pd.Timestamp(as_of) - made["value_date"]).dt.days
    return PLACED.typed(made).sort_values("receipt_id", kind="stable", ignore_index=True)


def document_numbers(result: MatchResult) -> dict[str, str]:
    """The number that people quote of every item of the pool; the item's own where it has none."""
    items = result.pool_items
    number = items["document_no"].fillna("")
    return dict(zip(items["item_id"], number.where(number.ne(""), items["item_id"]), strict=True))


def named_documents(rows: pd.DataFrame, documents: Mapping[str, str]) -> pd.Series[str]:
    """For each receipt of `rows` its documents in one text: the first ones in order, and how many more."""
    if rows.empty:
        return pd.Series([], dtype="str", index=pd.Index([], dtype="str"))
    work = pd.DataFrame({
        "receipt": rows["receipt_id"].to_numpy(),
        "document": rows["item_id"].map(documents).fillna(rows["item_id"]).to_numpy(),
    }).sort_values(["receipt", "document"], kind="stable")  # fmt: skip
    nth = work.groupby("receipt", sort=False).cumcount()
    texts = work[nth < NAMED].groupby("receipt", sort=True)["document"].agg(", ".join)
    more = work.groupby("receipt", sort=True).size() - NAMED
    return texts + pd.Series(
        [f" and {count:,} more" if count > 0 else "" for count in more], index=more.index, dtype="str"
    )


def told(keys: pd.Series, by_key: pd.Series | Mapping[str, object], *, dtype: Any = "str") -> pd.Series:
    """What `by_key` says of each key, empty where nothing; of one type even where it says nothing at all."""
    known = by_key.to_dict() if isinstance(by_key, pd.Series) else dict(by_key)
    return pd.Series([known.get(key) for key in keys], index=keys.index, dtype="object").astype(dtype)


def sentences(texts: pd.Series) -> pd.Series[str]:
    """Clauses of the engine as sentences that stand alone in a cell: a capital, and no full stop.

    A number of a document that stands first is left as it is written.
    """
    return pd.Series([_sentence(text) if isinstance(text, str) else "" for text in texts],
                     index=texts.index, dtype="str")  # fmt: skip


def _sentence(text: str) -> str:
    is_word = text.partition(" ")[0].isalpha()
    return (f"{text[:1].upper()}{text[1:]}" if is_word else text).removesuffix(".")


def clipped(texts: pd.Series) -> pd.Series[str]:
    """Texts of payers on one line and of a length that a table can hold."""
    return pd.Series([plain(str(text), limit=LONGEST_TEXT) if isinstance(text, str) else "" for text in texts],
                     index=texts.index, dtype="str")  # fmt: skip


def in_functional(
    amounts: pd.Series, currencies: pd.Series, *, rates: Rates, functional: str, on: date
) -> pd.Series:
    """Amounts in the books' currency at the closing rate; empty for a currency that has none."""
    known = {}
    for code in sorted(set(currencies.dropna())):
        try:
            rates.find(code, functional, on, "closing")
        except RateError:
            continue
        known[code] = True
    has = currencies.isin(known)
    made = pd.Series(pd.NA, index=amounts.index, dtype="Int64")
    if has.any():
        made[has] = translate_at(
            amounts[has], from_currency=currencies[has], to_currency=functional, rates=rates, on=on
        )
    return made


def by_value(frame: pd.DataFrame, *, functional: str, amount: str) -> pd.DataFrame:
    """Rows with the largest amount in the books' currency first; those without a rate follow, by currency."""
    work = frame.assign(
        _size=frame[functional].abs(), _own=frame[amount].abs(), _none=frame[functional].isna()
    )
    work = work.sort_values(
        ["_none", "_size", "currency", "_own", "receipt_id"], ascending=[True, False, True, False, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    return work.drop(columns=["_size", "_own", "_none"])


def share(part: int, whole: int, *, places: int = 1) -> str:
    """A share in percent as decimal text, never rounded up: 9,999 of 10,000 is 99.9, not 100.0; '' of nothing."""
    if not whole:
        return ""
    return format(Decimal(100 * 10**places * part // whole).scaleb(-places), "f")


def percent_text(rate: object, *, places: int = 2) -> str:
    """A rate such as '0.99812' in percent, `99.81`, rounded down; '' where there is none."""
    if not isinstance(rate, str) or not rate:
        return ""
    return format((Decimal(rate) * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR), "f")


def _sum(rows: pd.DataFrame, column: str, receipt: pd.Series) -> pd.Series:
    if rows.empty:
        return pd.Series(0, index=receipt.index, dtype="Int64")
    sums = totals_by(rows, "receipt_id", column).set_index("receipt_id")[column]
    return receipt.map(sums).fillna(0).astype("Int64")
