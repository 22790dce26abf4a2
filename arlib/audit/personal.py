"""What each text column holds: a code, a name, an address, free text ... Declared once, for redaction. Floor 1.

A column that is not named here stops the redaction, so that no new column leaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from arlib.errors import ParameterError
from arlib.tables import CANONICAL, INPUTS, PROBLEMS, Kind, Table


class Content(StrEnum):
    """What a text column holds, and so what becomes of it."""

    CODE = "code"  # a key, a document number, a closed list: stays
    CUSTOMER = "customer"  # a customer id: stays, replaced where asked
    NAME = "name"  # of a customer, a payer, a contact: replaced
    NAMES = "names"  # several, separated by |: each replaced
    ADDRESS = "address"  # replaced
    EMAIL = "email"  # replaced by an address that cannot exist
    PHONE = "phone"  # replaced
    TAX_ID = "tax_id"  # of the tax authority or a court: replaced
    ACCOUNT = "account"  # a bank account of a customer: replaced
    REFERENCE = "reference"  # a number of somebody else's: stays, unless it names somebody
    REASON = "reason"  # a code stays, words that a person wrote are replaced
    TEXT = "text"  # free text: replaced, but for the numbers of our documents in it
    FILE = "file"  # path of a document: replaced
    USER = "user"  # one of ours, or who works for us: stays, replaced where asked
    ATTRIBUTE = "attribute"  # of customer_history: a user, a customer id or a code, as `attribute` says


EVERYWHERE = {
    Content.CODE: """
        entity currency item_id item_type document_no control_account account ledger journal_id line_id batch_id run_id period
        kind state status stage pairing source_currency target_currency limit_currency receipt_id application_id clearing_id
        source_item_id target_item_id reverses replaces return_of return_code bank_account bank_line_id statement_id
        remittance_id deposit_batch dispute_id promise_id activity_id security_id hold_id claim_id reserve_id plan_id
        deduction_id request_id commission_id entry_id placement_id exception_id notice_id proposal_id change_id order_no
        content_sha256 sha256 receipt_currency decision_id segment region country channel level
    """,
    Content.CUSTOMER: "customer_id parent_id old_customer_id new_customer_id corrected_customer_id",
    Content.NAME: "payer_name",
    Content.ACCOUNT: "payer_account",
    Content.TEXT: "text remittance_text",
    Content.REASON: "reason claim_code",
    Content.REFERENCE: "reference end_to_end_id bank_reference payment_reference",
    Content.USER: """
        user owner collector sales_rep sales_partner assigned_to approved_by proposed_by decided_by authorised_by set_by
        agreed_by requested_by entered_by called_back_by done_by placed_with
    """,
}  # columns of these names hold the same in every table, but where PERSONAL says otherwise

PERSONAL = {
    "entities": {Content.CODE: "name functional_currency time_zone"},
    "control_accounts": {Content.CODE: "name role"},
    "customers": {
        Content.NAME: "name contact", Content.NAMES: "payer_aliases", Content.ADDRESS: "address",
        Content.EMAIL: "email", Content.PHONE: "phone", Content.TAX_ID: "tax_id", Content.REFERENCE: "portal",
        Content.CODE: "state language terms rating status",
    },
    "customer_history": {Content.CODE: "attribute", Content.ATTRIBUTE: "value"},
    "customer_merges": {Content.TEXT: "reason"},
    "items": {Content.REFERENCE: "purchase_order delivery_no", Content.CODE: "cash_status"},
    "bank_statements": {Content.CODE: "number"},
    "bank_lines": {Content.CODE: "notice"},
    "bank_line_details": {Content.REFERENCE: "return_of"},
    "account_changes": {
        Content.CODE: "code", Content.REASON: "code_text", Content.NAME: "customer_name", Content.REFERENCE: "trace",
        Content.ACCOUNT: "corrected",
    },
    "disputes": {Content.REASON: "root_cause", Content.CODE: "team"},
    "activities": {Content.REASON: "outcome"},
    "reconciling_items": {Content.CODE: "control cause"},
    "prior_rates": {Content.CODE: "population rate"},
    "security": {Content.NAME: "provider"},
    "holds": {Content.TEXT: "reason"},
    "claims": {Content.TAX_ID: "case_no", Content.NAME: "court"},
    "specific_reserves": {Content.TEXT: "evidence"},
    "adjustment_requests": {Content.TEXT: "evidence"},
    "bank_details": {
        Content.ACCOUNT: "account", Content.CODE: "bank_code", Content.NAME: "holder", Content.REASON: "told_by",
    },
    "exemptions": {Content.TAX_ID: "certificate_no", Content.CODE: "jurisdiction"},
    "allowance_entries": {Content.CODE: "line part"},
    "prior_allowance": {Content.CODE: "part"},
    "targets": {Content.CODE: "measure bucket"},
    "collection_exceptions": {Content.CODE: "procedure", Content.TEXT: "reason"},
    "customer_files": {Content.TEXT: "reference"},
    "terms_exceptions": {Content.CODE: "terms", Content.TEXT: "reason"},
    "bureau_reports": {Content.NAME: "provider", Content.CODE: "rating"},
    "portal_invoices": {Content.REFERENCE: "portal", Content.TEXT: "reason"},
    "document_links": {Content.FILE: "path"},
    "decided_proposals": {Content.CODE: "decision"},
    "gl_lines": {Content.CODE: "source"},
    "fx_rates": {Content.CODE: "base quote source"},
    "problems": {Content.REFERENCE: "file", Content.CODE: "table column severity code wanted", Content.TEXT: "found"},
    "inputs": {
        Content.REFERENCE: "file parameters", Content.CODE: "table part profile query database",
    },
}  # fmt: skip


def contents(table: Table) -> dict[str, Content]:
    """What every text column of a declared table holds; ParameterError names the columns that nobody classified."""
    shared = {name: content for content, names in EVERYWHERE.items() for name in names.split()}
    own = {name: content for content, names in PERSONAL.get(table.name, {}).items() for name in names.split()}
    texts = table.of_kind(Kind.TEXT)
    if unknown := [name for name in texts if name not in own and name not in shared]:
        raise ParameterError(
            f"columns of {table.name} that redaction does not know",
            found=", ".join(unknown),
            fix="Say in arlib/audit/personal.py what they hold.",
        )
    return {name: own.get(name) or shared[name] for name in texts}


def all_contents() -> Mapping[str, Mapping[str, Content]]:
    """The same for every canonical table, and for what a load tells beside them."""
    return {table.name: contents(table) for table in (*CANONICAL.values(), PROBLEMS, INPUTS)}
