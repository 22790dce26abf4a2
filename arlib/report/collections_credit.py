"""The tables of the collections report about credit: holds, claims, placements, exceptions, letters, files. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.collect.dunning.frames import DUNNING_LETTERS
from arlib.collect.follow_up.frames import CLAIM_STANDINGS, PLACEMENT_REGISTER, PLACEMENTS_PROPOSED
from arlib.collect.review.frames import FILE_CHECKLIST, HOLD_PROPOSALS
from arlib.collect.work_lists.frames import EXCEPTION_LIST
from arlib.money import iso_code
from arlib.policy import Scope
from arlib.report.collections_facts import CollectionFacts
from arlib.report.collections_tables import sentences, shown
from arlib.report.model import ResultTable
from arlib.report.tables import result_table, spoken

ON_FILE = "on_file"


def credit_tables(facts: CollectionFacts, *, scope: Scope) -> tuple[ResultTable, ...]:
    """Holds and releases, claims, placements, exceptions, letters due, customer files."""
    code = scope.functional_currency
    return (
        _holds(facts.holds, code),
        _claims(facts.claims, code),
        _to_place(facts.to_place, code),
        _placed(facts.placed, code),
        _exceptions(facts.lists.exceptions, code),
        _letters(facts, code),
        _checklist(facts.checklist, code),
    )


def _holds(holds: pd.DataFrame, code: str) -> ResultTable:
    columns = ("action", "customer_id", "name", "exposure", "limit_in_books", "over_limit", "past_due", "open_orders", "is_spared",
               "reason", "spared_because", "disputed", "max_days_past_due", "is_on_hold", "hold_since", "collector",
               "sales_rep")  # fmt: skip
    ordered = holds.sort_values(
        ["action", "is_spared", "exposure", "customer_id"], ascending=[True, True, False, True], kind="stable"
    )
    return result_table(
        HOLD_PROPOSALS, ordered, title=f"Credit holds and releases to decide, {iso_code(code)}", functional=code, columns=columns,
        headings=shown(columns, {"limit_in_books": "Limit", "is_spared": "Spared"}), is_ordered=True, words=spoken(ordered, "action"),
        needs_review=True, not_totalled=("limit_in_books", "over_limit"),
        not_on_page=("currency", "over_limit", "spared_because", "disputed", "max_days_past_due", "is_on_hold", "hold_since",
                     "collector", "sales_rep"),
    )  # fmt: skip


def _claims(claims: pd.DataFrame, code: str) -> ResultTable:
    columns = ("customer_id", "name", "kind", "finding", "file_by", "days_left", "currency", "claimed", "balance_at_petition", "what",
               "claim_id", "case_no", "opened_on", "filed_on", "state", "difference", "post_petition", "received_since",
               "held", "applied_since", "letter_due")  # fmt: skip
    return result_table(
        CLAIM_STANDINGS, claims.assign(what=sentences(claims["what"])), name="claims",
        title="Bankruptcies and estates: claims and their last days", functional=code,
        columns=columns, headings=shown(columns, {"file_by": "File by", "claim_id": "Claim"}), words=spoken(claims, "finding"),
        not_totalled=("received_since", "held", "applied_since"),
        not_on_page=("claim_id", "case_no", "opened_on", "filed_on", "state", "difference", "post_petition", "received_since", "held",
                     "applied_since", "letter_due"),
    )  # fmt: skip


def _to_place(rows: pd.DataFrame, code: str) -> ResultTable:
    columns = ("kind", "customer_id", "name", "amount", "items", "max_days_past_due", "is_blocked", "reason", "excluded",
               "excluded_because", "oldest_due_date", "collector")  # fmt: skip
    ordered = rows.sort_values(
        ["is_blocked", "amount", "customer_id"], ascending=[True, False, True], kind="stable"
    )
    return result_table(
        PLACEMENTS_PROPOSED, ordered, title=f"Proposed for an agency or an attorney, {iso_code(code)}", functional=code,
        columns=columns, headings=shown(columns, {"is_blocked": "Blocked"}), is_ordered=True,
        words=spoken(ordered, "kind"), needs_review=True,
        not_on_page=("currency", "is_blocked", "excluded", "excluded_because", "oldest_due_date", "collector"),
    )  # fmt: skip


def _placed(rows: pd.DataFrame, code: str) -> ResultTable:
    columns = ("placement_id", "customer_id", "name", "placed_with", "placed_on", "state", "currency", "amount", "collected",
               "open_now", "fee", "what", "kind", "recalled_on", "days", "fee_rate", "collector", "approved_by")  # fmt: skip
    return result_table(
        PLACEMENT_REGISTER, rows, title="Placed with agencies and attorneys", functional=code, columns=columns,
        headings=shown(columns, {"placement_id": "Placement", "state": "Stands"}), words=spoken(rows, "state"),
        not_on_page=("fee", "kind", "recalled_on", "days", "fee_rate", "what", "collector", "approved_by"),
        note="A debt that came back is called for again.",
    )  # fmt: skip


def _exceptions(rows: pd.DataFrame, code: str) -> ResultTable:
    columns = ("exception_id", "customer_id", "name", "procedure", "reason", "owner", "expires_on", "past_due", "state", "what",
               "document_no", "item_id", "approved_by", "valid_from", "days_left", "is_finding")  # fmt: skip
    return result_table(
        EXCEPTION_LIST, rows, title=f"Special exceptions from the standard procedure, {iso_code(code)}", functional=code,
        columns=columns, headings=shown(columns, {"exception_id": "Exception", "expires_on": "Last day"}), is_ordered=True,
        not_on_page=("currency", "document_no", "item_id", "approved_by", "valid_from", "days_left", "is_finding", "state"),
        not_totalled=("past_due",),
    )  # fmt: skip


def _letters(facts: CollectionFacts, code: str) -> ResultTable:
    columns = ("level", "customer_id", "name", "template", "channel", "items", "currency", "asked", "to_pay", "days_past_due",
               "letter_id", "language", "credits", "interest", "compensation", "fee", "left_out", "oldest_due", "pay_by")  # fmt: skip
    letters = facts.dunning.letters
    ordered = letters.sort_values(
        ["level", "currency", "asked", "letter_id"], ascending=[False, True, False, True], kind="stable"
    )
    held = (
        " Held: no letter goes out until the bank is up to date." if facts.dunning.is_held and len(letters) else ""
    )  # fmt: skip
    return result_table(
        DUNNING_LETTERS, ordered, name="letters_due", title="Letters due, the highest level first", functional=code, columns=columns,
        headings=shown(columns, {"template": "Letter", "letter_id": "Letter no."}),
        is_ordered=True, words=spoken(ordered, "template", "channel"),
        not_on_page=("letter_id", "language", "credits", "interest", "compensation", "fee", "left_out", "oldest_due", "pay_by"),
        note=f"The command letters writes them as drafts; nothing is sent.{held}",
    )  # fmt: skip


def _checklist(rows: pd.DataFrame, code: str) -> ResultTable:
    columns = ("state", "customer_id", "name", "kind", "reference", "jurisdiction", "expires_on", "days_left", "what", "is_required",
               "source", "received_on")  # fmt: skip
    mine = rows[rows["state"].ne(ON_FILE)]
    return result_table(
        FILE_CHECKLIST, mine, title="Customer files: documents missing, expired or soon to expire", functional=code, columns=columns,
        headings=shown(columns, {"expires_on": "Last day", "kind": "Document"}), not_on_page=("is_required", "source", "received_on"),
    )  # fmt: skip
