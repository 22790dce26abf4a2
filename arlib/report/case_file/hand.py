"""The receipt of a case: what the engine proposes, what lost, and what a person chose by hand. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.matching.by_hand import Line
from arlib.matching.by_hand.frames import CANDIDATES, PARTS, PAYER_CANDIDATES
from arlib.report.case_file.facts import CaseFacts
from arlib.report.model import ResultTable
from arlib.report.tables import result_table, spoken
from arlib.tables import Column, Kind, Table

T, M = Kind.TEXT, Kind.MONEY

CHOSEN_LINES = Table("what_if_lines", "a part of the receipt set against an item by hand", ("item_id",), (
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "number that people quote", is_key=True),
    Column("currency", T, "currency of the item", True),
    Column("applied_amount", M, "cash set against it", True, currency="currency"),
    Column("receipt_currency", T, "currency of the receipt", True),
    Column("receipt_amount", M, "the part of the receipt that this uses", True, currency="receipt_currency"),
    *(Column(name, M, meaning, currency="currency") for name, meaning in (
        ("discount", "cash discount"), ("deduction", "claim that stays open"), ("fee", "bank charge"),
        ("fx", "exchange difference"), ("tolerance", "small difference"),
    )),
    Column("reason", T, "what the difference is"),
    Column("claim_code", T, "what a claim is about"),
))  # fmt: skip


def hand_tables(facts: CaseFacts) -> tuple[ResultTable, ...]:
    """The proposals side by side with why the others lost, the payers, and what was chosen by hand."""
    hand, code = facts.hand, facts.scope.functional_currency
    proposals, chosen = (hand.proposals, hand.chosen) if hand else (None, None)
    rows = _own(facts, proposals.candidates if proposals else CANDIDATES.empty())
    payers = _own(facts, proposals.payers if proposals else PAYER_CANDIDATES.empty())
    parts = chosen.parts if chosen else PARTS.empty()
    lines = _lines(facts, chosen.lines if chosen else ())
    none = "" if hand else "No receipt was named."
    return (
        result_table(CANDIDATES, rows, name="candidates", title="Ways to place the receipt, the proposal first", functional=code,
                     is_ordered=True, words=spoken(rows, "role", "rule", "decision", "reason", "reference_how", "payer_how"),
                     columns=("rank", "role", "document_no", "currency", "open_amount", "applied_amount", "deduction", "says",
                              "held_because", "rule", "customer_id", "due_date", "discount", "fee", "fx", "tolerance", "reason",
                              "claim_code", "decision", "reference", "reference_field", "reference_how", "payer_how", "item_id",
                              "receipt_id"),
                     not_totalled=("open_amount", "applied_amount", "deduction", "discount", "fee", "fx", "tolerance"), note=none,
                     headings={"rank": "No.", "role": "Which", "says": "What speaks for it, or why it lost", "applied_amount": "Cash on it",
                               "held_because": "Why a person decides", "open_amount": "Open", "deduction": "Claim"},
                     not_on_page=("rule", "customer_id", "due_date", "discount", "fee", "fx", "tolerance", "reason", "claim_code",
                                  "decision", "reference", "reference_field", "reference_how", "payer_how", "item_id", "receipt_id")),
        result_table(PAYER_CANDIDATES, payers, title="Who may have paid", functional=code, is_ordered=True,
                     not_on_page=("receipt_id", "rank"), words=spoken(payers, "how"), note=none,
                     headings={"how": "How", "meaning": "Which means", "strength": "Chance", "rank": "No."}),
        result_table(CHOSEN_LINES, lines, title="Chosen by hand", functional=code, is_ordered=True, words=spoken(lines, "reason"),
                     headings={"applied_amount": "Cash on it", "receipt_amount": "Of the receipt", "deduction": "Claim"},
                     not_on_page=("item_id", "receipt_currency", "claim_code"), note="" if chosen else "Nothing was chosen by hand."),
        result_table(PARTS, parts, title="What the difference of the choice is", functional=code, is_ordered=True,
                     words=spoken(parts, "kind", "said_by"), headings={"code": "Claim code", "said_by": "Says who"}),
    )  # fmt: skip


def _own(facts: CaseFacts, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of this customer alone."""
    return rows[rows["customer_id"].fillna("").isin(facts.book.codes)].reset_index(drop=True)


def _lines(facts: CaseFacts, lines: tuple[Line, ...]) -> pd.DataFrame:
    numbers = facts.book["items"].drop_duplicates("item_id").set_index("item_id")["document_no"]
    rows = [
        {name: getattr(line, name) for name in CHOSEN_LINES.by_name if name != "document_no"}
        | {"document_no": str(numbers.get(line.item_id, ""))}
        for line in lines
    ]
    return CHOSEN_LINES.from_rows(rows) if rows else CHOSEN_LINES.empty()
