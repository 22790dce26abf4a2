"""Confirmations: whom to ask, what came back, and alternative procedures where nothing usable did. Floor 1.

The entity prepares letters and this sheet; the auditor sends, receives and records (AS 2310.14, ISA 505.7). A negative
form that stays unanswered is no evidence by itself (AS 2310, ISA 505.15).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.evidence.confirm_causes import exceptions
from arlib.audit.evidence.confirm_replies import control_sheet
from arlib.audit.evidence.confirm_whom import NO_PAYER, balances, selected
from arlib.audit.evidence.documents import open_documents
from arlib.audit.evidence.frames import TRACES
from arlib.audit.evidence.frames_confirm import (
    ALTERNATIVE_ITEMS,
    ALTERNATIVES,
    BY_STATE,
    STATE_WORDS,
    UNANSWERED,
    State,
)
from arlib.audit.evidence.shares import percent
from arlib.audit.evidence.subsequent import SubsequentReceipts, subsequent_receipts
from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.controls import Identity
from arlib.money import total, totals_by
from arlib.policy import Policies, Scope
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class Confirmations:
    """Letters, replies, and what supports the balances that nobody confirmed."""

    documents: pd.DataFrame  # OPEN_DOCUMENTS: all that is open
    in_letters: pd.DataFrame  # of them, those of selected balances, with request_no
    balances: pd.DataFrame  # BALANCES
    sheet: pd.DataFrame  # CONTROL_SHEET
    exceptions: pd.DataFrame  # EXCEPTIONS
    alternatives: pd.DataFrame  # ALTERNATIVES
    alternative_items: pd.DataFrame  # ALTERNATIVE_ITEMS
    paid: SubsequentReceipts | None  # of the items behind exceptions and unanswered letters
    by_status: pd.DataFrame  # BY_STATE
    identities: tuple[Identity, ...]


def confirmations(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> Confirmations:
    """Balances at the as-of date, the letters selected, their control sheet, exceptions explained, alternatives done.

    Addresses existence and rights (and, for credit balances, completeness of liabilities); not valuation. Needs ITEMS,
    APPLICATIONS, CUSTOMERS; see `traces` for cash. Raises TableError for a file of replies that cannot be read.
    """
    options = ask.options or ConfirmationsOptions()
    documents = open_documents(book, scope=scope, policies=policies)
    found = balances(documents, population=ask.population, scope=scope)
    found = selected(
        found, options=options, customers_file=ask.files.get("customers_file", ""), book=book, scope=scope
    )
    sheet = control_sheet(book, found, options=options, replies=ask.files.get("replies", ""), scope=scope)
    inside = documents[ask.population.chosen(documents, amount="outstanding").to_numpy(dtype=bool)]
    keys = found[found["is_selected"].to_numpy(dtype=bool)][["request_no", "customer_id", "currency"]]
    letters = inside.merge(keys, on=["customer_id", "currency"])
    open_states = [state.value for state in (*UNANSWERED, State.EXCEPTION)]
    wanted = sheet.loc[sheet["status"].isin(open_states), "request_no"]
    named = tuple(letters.loc[letters["request_no"].isin(wanted), "item_id"])
    paid = subsequent_receipts(book, scope=scope, policies=policies, named=named) if named else None
    alternative_items = _alternative_items(sheet, letters, paid)
    by_status = _by_status(found, sheet, scope)
    return Confirmations(
        documents=documents, in_letters=letters, balances=found, sheet=sheet, paid=paid, by_status=by_status,
        exceptions=exceptions(book, sheet, documents, paid.traces if paid else TRACES.empty(), scope=scope),
        alternatives=_alternatives(sheet, alternative_items), alternative_items=alternative_items,
        identities=(*_identities(inside, found, by_status, sheet, letters, scope), *(paid.identities if paid else ())),
    )  # fmt: skip


def _alternative_items(
    sheet: pd.DataFrame, letters: pd.DataFrame, paid: SubsequentReceipts | None
) -> pd.DataFrame:
    """Debit items of letters without a usable reply, traced: ALTERNATIVE_ITEMS."""
    if paid is None:
        return ALTERNATIVE_ITEMS.empty()
    silent = sheet.loc[sheet["status"].isin([state.value for state in UNANSWERED]), "request_no"]
    mine = letters.loc[letters["request_no"].isin(silent), ["request_no", "item_id"]]
    made = ALTERNATIVE_ITEMS.typed(paid.items.merge(mine, on="item_id"))
    return made.sort_values(["request_no", "item_id"], kind="stable", ignore_index=True)


def _alternatives(sheet: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """ALTERNATIVES by letter. What was credited or written off since is supported by nothing."""
    has_delivery = items["delivery_no"].fillna("").ne("") | items["delivery_date"].notna()
    rows = items.assign(
        debits=items["outstanding"], paid=items["invoice_cash"],
        delivery=items["unsupported"].where(has_delivery, 0), rest=items["unsupported"].mask(has_delivery, 0),
    )  # fmt: skip
    sums = totals_by(rows, "request_no", ["debits", "paid", "delivery", "rest"]).rename(
        columns={"rest": "unsupported"}
    )
    bare = rows[rows["rest"].gt(0).to_numpy(dtype=bool)]
    numbers = bare["document_no"].fillna(bare["item_id"]).groupby(bare["request_no"]).agg(", ".join)
    silent = sheet[sheet["status"].isin([state.value for state in UNANSWERED])]
    made = silent.merge(sums, on="request_no", how="left")
    for name in ("debits", "paid", "delivery", "unsupported"):
        made[name] = made[name].astype("Int64").fillna(0)
    made["open_documents"] = numbers.reindex(made["request_no"]).array if len(numbers) else None
    return ALTERNATIVES.typed(made).sort_values("request_no", kind="stable", ignore_index=True)


def _by_status(found: pd.DataFrame, sheet: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """BY_STATE: every balance of the population by what became of it."""
    state = sheet.set_index("request_no")["status"]
    rows = found.assign(status=state.reindex(found["request_no"]).array)
    words = {one.value: said for one, said in STATE_WORDS.items()}
    rows["status"] = rows["status"].map(words).fillna(rows["why"])
    key = ["currency", "status"]
    made = totals_by(rows, key, ["debits", "amount"])
    counts = rows.groupby(key, sort=True).size().rename("letters").reset_index()
    made = made.merge(counts, on=key)
    whole = {str(code): total(part["debits"]) for code, part in found.groupby("currency", sort=True)}
    made["share"] = [
        percent(part, whole[str(code)]) for part, code in zip(made["debits"], made["currency"], strict=True)
    ]
    return BY_STATE.typed(made.assign(entity=scope.entity)).sort_values(key, kind="stable", ignore_index=True)


def _identities(
    inside: pd.DataFrame, found: pd.DataFrame, by_status: pd.DataFrame, sheet: pd.DataFrame, letters: pd.DataFrame, scope: Scope
) -> tuple[Identity, ...]:  # fmt: skip
    """By currency: balances are the open items of the population, statuses the balances, letters their items."""
    made = []
    for code, part in found.groupby("currency", sort=True):
        open_ = total(inside.loc[inside["currency"].eq(code), "outstanding"])
        made += [
            Identity(name="balances", left_label="balances", left=total(part["amount"]), right_label="open items of the population",
                     right=open_, currency=str(code), entity=scope.entity),
            Identity(name="statuses", left_label="letters and balances by status", currency=str(code), entity=scope.entity,
                     left=total(by_status.loc[by_status["currency"].eq(code), "amount"]), right_label="balances",
                     right=total(part["amount"])),
            Identity(name="letters", left_label="letters", left=total(sheet.loc[sheet["currency"].eq(code), "amount"]),
                     right_label="their items", currency=str(code), entity=scope.entity,
                     right=total(letters.loc[letters["currency"].eq(code), "outstanding"])),
        ]  # fmt: skip
    return tuple(made)


def not_confirmable(found: pd.DataFrame) -> pd.DataFrame:
    """Balances whose payer is not known."""
    return found[found["why"].eq(NO_PAYER).to_numpy(dtype=bool)]
