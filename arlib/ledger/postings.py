"""What the sub-ledger posts to its control accounts. Floor 1: a book in, one row per movement out.

A document moves its account once. An application moves nothing in total but for its discount and its
exchange difference; between items on two accounts or in two currencies it has two legs. Aging lives in
openitems.py; this page and that one reach the same balance by different ways, and `roll_forward` holds them
against each other.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from arlib.ledger.facts import (
    fact_dates,
    ints,
    is_among,
    known_until,
    of_entity,
    places,
    positions,
    require_answerable,
    require_no_overflow,
)
from arlib.ledger.frames_control import POSTINGS, PostingKind, RollLine
from arlib.money import numbered
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType

LINE_OF_TYPE = {
    ItemType.INVOICE: RollLine.INVOICES,
    ItemType.DEBIT_MEMO: RollLine.DEBIT_MEMOS,
    ItemType.CREDIT_MEMO: RollLine.CREDIT_MEMOS,
    ItemType.CHARGEBACK: RollLine.DEDUCTIONS,
    ItemType.INTEREST_OR_FEE: RollLine.FEES_AND_INTEREST,
    ItemType.RECEIPT: RollLine.RECEIPTS,
    ItemType.PREPAYMENT: RollLine.RECEIPTS,
    ItemType.REFUND: RollLine.REFUNDS,
    ItemType.WRITE_OFF: RollLine.WRITE_OFFS,
    ItemType.RECOVERY: RollLine.RECOVERIES,
    ItemType.ADJUSTMENT: RollLine.ADJUSTMENTS,
    ItemType.TRANSFER: RollLine.TRANSFERS,
    ItemType.OPENING: RollLine.TAKEN_OVER,
}
APPLIED = (
    "entity", "application_id", "effective_date", "posting_date", "entered_at", "user", "reverses",
    "source_item_id", "target_item_id", "source_currency", "target_currency",
)  # fmt: skip
DERECOGNITION_REASONS = ("derecogn", "factor", "sold", "sale_of")


def subledger_postings(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Every movement of a control account out of the sub-ledger, dated up to the as-of date.

    Always by posting date (the effective date where none is given): this is the ledger's view, whatever the
    scope's basis. With `known_at`, only what was entered by the end of that day. A revaluation and its
    taking back are two rows. Needs ITEMS, APPLICATIONS, REVALUATIONS (RECEIPTS tell a returned payment from
    a correction); returns POSTINGS, by date. Raises ParameterError for a date that the source cannot
    answer.
    """
    postings = all_postings(book, scope=scope)
    return upto(postings, scope.as_of)


def upto(postings: pd.DataFrame, day: date) -> pd.DataFrame:
    """The postings dated on or before a day."""
    return postings[(postings["date"] <= pd.Timestamp(day)).to_numpy(dtype=bool)].reset_index(drop=True)


def all_postings(book: Book, *, scope: Scope) -> pd.DataFrame:
    """The same for all dates, also after the as-of date: where twins of the ledger's entries are looked
    for.
    """
    require_answerable(book, scope=scope)
    items, applications = (
        of_entity(book["items"], scope.entity),
        of_entity(book["applications"], scope.entity),
    )
    revaluations = of_entity(book["revaluations"], scope.entity)
    parts = [_item_rows(items, applications, of_entity(book["receipts"], scope.entity), scope)]
    if len(applications):
        parts += _application_rows(items, applications, scope)
    if len(revaluations):
        parts += _revaluation_rows(items, revaluations, scope)
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    end = known_until(scope)
    if end is not None and scope.known_at is not None:
        # a revaluation has no entry time: it is known from its own date on
        known = rows["entered_at"] < end
        known = known.where(rows["entered_at"].notna(), rows["date"] <= pd.Timestamp(scope.known_at))
        rows = rows[known.to_numpy(dtype=bool)]
    require_no_overflow(ints(rows["amount"]))
    require_no_overflow(ints(rows["functional_amount"]))
    return rows.sort_values(["date", "posting_id"], kind="stable", ignore_index=True)


def functional_or_own(
    given: pd.Series[int], own: pd.Series[int], currency: pd.Series[str], functional_currency: str
) -> pd.Series[int]:
    """The functional amount; the document's own where none is given and it is in the books' currency; else
    empty.
    """
    return given.where(given.notna() | currency.ne(functional_currency), own)


def _text(column: pd.Series[str]) -> pd.Series[str]:
    return column.fillna("")


def _given(column: pd.Series[str]) -> pd.Series[bool]:
    return column.notna() & column.ne("")


def _frame(columns: dict[str, object], index: pd.Index) -> pd.DataFrame:
    raw = pd.DataFrame(columns, index=index)
    for name in (
        "account",
        "user",
        "document_no",
        "reverses_document_no",
        "customer_id",
        "item_id",
        "application_id",
        "batch_id",
        "item_type",
    ):
        raw[name] = raw[name].fillna("") if name in raw.columns else ""
    return POSTINGS.typed(raw).reset_index(drop=True)


def _item_rows(
    items: pd.DataFrame, applications: pd.DataFrame, receipts: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    number_of = pd.Series(items["document_no"].to_numpy(), index=items["item_id"])
    number_of = number_of[~number_of.index.duplicated()]
    return _frame(
        {
            "entity": items["entity"],
            "posting_id": "item:" + items["item_id"],
            "kind": PostingKind.ITEM.value,
            "account": items["control_account"],
            "date": fact_dates(items, Basis.POSTING),
            "entered_at": items["entered_at"],
            "user": items["user"],
            "document_no": items["document_no"],
            "reverses_document_no": items["reverses"].map(number_of),
            "customer_id": items["customer_id"],
            "item_id": items["item_id"],
            "batch_id": items["batch_id"],
            "item_type": items["item_type"],
            "line": _item_lines(items, applications, receipts),
            "is_reversal": _given(items["reverses"]),
            "currency": items["currency"],
            "amount": items["amount"],
            "functional_amount": functional_or_own(
                items["functional_amount"], items["amount"], items["currency"], scope.functional_currency
            ),
        },
        items.index,
    )


def _item_lines(items: pd.DataFrame, applications: pd.DataFrame, receipts: pd.DataFrame) -> pd.Series[str]:
    """The roll-forward line of each item: by type, then by what its applications and reason say."""
    lines = items["item_type"].map({kind.value: line.value for kind, line in LINE_OF_TYPE.items()})
    reason = _text(items["reason"]).str.lower()

    taken_back = items["item_type"].isin([ItemType.RECEIPT, ItemType.PREPAYMENT]) & _given(items["reverses"])
    plain = _given(receipts["item_id"]) & ~_given(receipts["return_of"]) & ~_given(receipts["return_code"])
    correction = is_among(items["item_id"], receipts.loc[plain, "item_id"])
    lines = lines.mask(taken_back & items["amount"].gt(0) & ~correction, RollLine.RETURNED_PAYMENTS.value)

    transfer = items["item_type"].eq(ItemType.TRANSFER)
    by_kind = {
        kind: is_among(
            items["item_id"],
            pd.concat(
                [
                    applications.loc[applications["kind"].eq(kind), "source_item_id"],
                    applications.loc[applications["kind"].eq(kind), "target_item_id"],
                ],
                ignore_index=True,
            ),
        )
        for kind in (ApplicationKind.DEBIT_TO_DEBIT, ApplicationKind.CONTRA)
    }
    contra = by_kind[ApplicationKind.CONTRA] | reason.str.startswith("contra")
    sold = reason.str.startswith(DERECOGNITION_REASONS)
    sold |= _given(items["assigned_to"]) & items["amount"].lt(0)
    lines = lines.mask(transfer & sold, RollLine.DERECOGNISED.value)
    lines = lines.mask(transfer & by_kind[ApplicationKind.DEBIT_TO_DEBIT], RollLine.DEDUCTIONS.value)
    return lines.mask(transfer & contra, RollLine.CONTRA.value)


def _application_rows(items: pd.DataFrame, applications: pd.DataFrame, scope: Scope) -> list[pd.DataFrame]:
    """Discounts, exchange differences and, where two accounts or currencies meet, both legs."""
    known = places(items["item_id"])
    at = {
        side: positions(
            known,
            applications[f"{side}_item_id"],
            table="applications",
            column=f"{side}_item_id",
            entity=scope.entity,
        )
        for side in ("source", "target")
    }
    of_item = {name: _text(items[name]) for name in ("control_account", "customer_id")}
    account = numbered([of_item["control_account"]]).numbers
    is_one_account = account[at["source"]] == account[at["target"]]
    carried = _carrying(applications, is_one_account=is_one_account, scope=scope)
    own = {side: ints(applications[f"{side}_amount"]) for side in ("source", "target")}
    is_cross = applications["source_currency"].ne(applications["target_currency"]).to_numpy(dtype=bool)
    is_split = ~is_one_account | is_cross | (own["source"] != own["target"])

    def rows(
        kind: PostingKind,
        side: str,
        mine: np.ndarray,
        line: object,
        amount: pd.Series[int],
        functional: pd.Series[int],
        prefix: str,
    ) -> pd.DataFrame:
        which = np.flatnonzero(mine)
        some = applications[list(APPLIED)].iloc[which]
        item = {name: texts.take(at[side][which]).to_numpy() for name, texts in of_item.items()}
        return _frame(
            {
                "entity": some["entity"],
                "posting_id": prefix + ":" + some["application_id"],
                "kind": kind.value,
                "account": item["control_account"],
                "date": fact_dates(some, Basis.POSTING),
                "entered_at": some["entered_at"],
                "user": some["user"],
                "document_no": some["application_id"],
                "reverses_document_no": some["reverses"],
                "customer_id": item["customer_id"],
                "item_id": some[f"{side}_item_id"],
                "application_id": some["application_id"],
                "line": line[which] if isinstance(line, np.ndarray) else line,
                "is_reversal": _given(some["reverses"]),
                "currency": some[f"{side}_currency"],
                "amount": amount.iloc[which],
                "functional_amount": functional.iloc[which],
            },
            some.index,
        )

    discount = -applications["discount"].fillna(0)
    has_discount = (discount.ne(0) | carried["discount"].fillna(0).ne(0)).to_numpy(dtype=bool)
    has_exchange = carried["exchange"].fillna(0).ne(0).to_numpy(dtype=bool)
    legs = np.where(is_cross, RollLine.CROSS_CURRENCY.value, RollLine.TRANSFERS.value)
    moved = carried["source"]
    return [
        rows(
            PostingKind.DISCOUNT,
            "target",
            has_discount,
            RollLine.DISCOUNTS.value,
            discount,
            -carried["discount"],
            "discount",
        ),
        rows(
            PostingKind.REALISED_FX,
            "target",
            has_exchange,
            RollLine.REALISED_FX.value,
            pd.Series(0, index=applications.index, dtype="Int64"),
            carried["exchange"],
            "exchange",
        ),
        rows(
            PostingKind.TRANSFER,
            "source",
            is_split,
            legs,
            pd.Series(own["source"], index=applications.index, dtype="Int64"),
            moved,
            "from",
        ),
        rows(
            PostingKind.TRANSFER,
            "target",
            is_split,
            legs,
            pd.Series(-own["target"], index=applications.index, dtype="Int64"),
            -moved,
            "to",
        ),
    ]


def _carrying(applications: pd.DataFrame, *, is_one_account: np.ndarray, scope: Scope) -> pd.DataFrame:
    """What an application moves in the books' currency: out of the source, the discount, and the exchange
    difference.

    A side that is not given is worked out from the other and the stated difference. Where the source of the
    data keeps neither side, an application within one account moves nothing but its stated difference.
    """
    books = scope.functional_currency
    source, target = (
        functional_or_own(
            applications[f"{side}_functional_amount"],
            applications[f"{side}_amount"],
            applications[f"{side}_currency"],
            books,
        )
        for side in ("source", "target")
    )
    stated = applications["realised_fx"]
    source = source.fillna(target + stated)
    target = target.fillna(source - stated)
    exchange = (source - target).fillna(stated)
    neither = source.isna() & target.isna() & is_one_account
    discount = functional_or_own(
        applications["discount_functional_amount"],
        applications["discount"],
        applications["target_currency"],
        books,
    )
    return pd.DataFrame(
        {
            "source": source.mask(neither, 0),
            "discount": discount.mask(discount.isna() & applications["discount"].fillna(0).eq(0), 0),
            "exchange": exchange.mask(neither & exchange.isna(), 0),
        }
    )


def _revaluation_rows(items: pd.DataFrame, revaluations: pd.DataFrame, scope: Scope) -> list[pd.DataFrame]:
    at = positions(
        pd.Index(items["item_id"]),
        revaluations["item_id"],
        table="revaluations",
        column="item_id",
        entity=scope.entity,
    )
    of_item = {
        name: items[name].to_numpy()[at]
        for name in ("control_account", "document_no", "customer_id", "currency")
    }
    own, stated = revaluations["document_no"], revaluations["account"]
    document = own.where(_given(own), pd.Series(of_item["document_no"], index=revaluations.index))
    account = stated.where(_given(stated), pd.Series(of_item["control_account"], index=revaluations.index))
    rows = []
    for kind, day, sign in (
        (PostingKind.REVALUATION, revaluations["date"], 1),
        (PostingKind.REVALUATION_REVERSAL, revaluations["reverses_on"], -1),
    ):
        is_back = kind is PostingKind.REVALUATION_REVERSAL
        frame = _frame(
            {
                "entity": revaluations["entity"],
                "posting_id": kind.value
                + ":"
                + revaluations["item_id"]
                + ":"
                + revaluations["date"].dt.strftime("%Y-%m-%d"),
                "kind": kind.value,
                "account": account,
                "date": day,
                "document_no": document,
                "reverses_document_no": document if is_back else "",
                "customer_id": of_item["customer_id"],
                "item_id": revaluations["item_id"],
                "line": RollLine.UNREALISED_FX.value,
                "is_reversal": is_back,
                "currency": of_item["currency"],
                "amount": 0,
                "functional_amount": sign * revaluations["amount"],
            },
            revaluations.index,
        )
        rows.append(frame[frame["date"].notna()].reset_index(drop=True))
    return rows
