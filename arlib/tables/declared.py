"""The canonical tables: everything after `sources` speaks these. Floor 0.

Generated into docs/data_dictionary.md; change a meaning here and nowhere else. Debit to the customer is positive as an
item; bank lines are positive when money comes in; an application's amounts are positive, those of its reversal negative.
"""

from __future__ import annotations

from arlib.tables import choices
from arlib.tables.casework import CASEWORK, DECIDED, PRIOR_ALLOWANCE
from arlib.tables.collecting import COLLECTING
from arlib.tables.kinds import Column, Kind, Table

T, D, AT, M, N, F, R = (
    Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE,
)  # fmt: skip


def _id(name: str, meaning: str, *, is_required: bool = True) -> Column:
    return Column(name, T, meaning, is_required=is_required, is_key=True)


def _three_dates() -> tuple[Column, ...]:
    return (
        Column("effective_date", D, "business date: when it took effect between us and the customer", True),
        Column(
            "posting_date",
            D,
            "ledger date: the period that it belongs to; the effective date where none is given",
        ),
        Column("entered_at", AT, "when it was entered, UTC; empty where the source does not keep it"),
    )


ENTITIES = Table("entities", "a legal entity", ("entity",), (
    _id("entity", "entity code, text: 00417 keeps its zeros"),
    Column("name", T, "name", True),
    Column("functional_currency", T, "ISO 4217 code of the currency of its books", True),
    Column("time_zone", T, "IANA name; a knowledge date ends at midnight here"),
    Column("country", T, "ISO 3166 code, for business days"),
))  # fmt: skip

PERIODS = Table("periods", "a period of an entity", ("entity", "period"), (
    _id("entity", "entity code"),
    _id("period", "period name, e.g. 2026-10"),
    Column("starts_on", D, "first day", True),
    Column("ends_on", D, "last day", True),
    Column("state", T, "whether it takes postings", True, choices=choices.PeriodState),
    Column("closed_at", AT, "when it was closed, UTC"),
    Column("reopened_at", AT, "when it was last reopened, UTC"),
))  # fmt: skip

CONTROL_ACCOUNTS = Table("control_accounts", "a balance-sheet account that receivables post to", ("entity", "account"), (
    _id("entity", "entity code"),
    _id("account", "ledger account"),
    Column("name", T, "account name"),
    Column("role", T, "what it is for", True, choices=choices.AccountRole),
    Column("in_tieout", F, "whether the sub-ledger must agree with it"),
    Column("valid_from", D, "first day of use"),
    Column("valid_to", D, "last day of use; empty while in use"),
    Column("owner", T, "who clears its reconciling items"),
))  # fmt: skip

CUSTOMERS = Table("customers", "a customer account, as it is today", ("entity", "customer_id"), (
    _id("entity", "entity code; empty when one account serves all entities", is_required=False),
    _id("customer_id", "customer code, text"),
    Column("name", T, "name as the customer writes it; never trusted as a formula or markup"),
    Column("address", T, "postal address"),
    Column("state", T, "ISO 3166-2 subdivision of the last known address, such as US-CA"),
    Column("country", T, "ISO 3166 code"),
    Column("email", T, "address for statements"),
    Column("language", T, "language of letters"),
    Column("contact", T, "person who pays there"),
    Column("phone", T, "telephone of the contact"),
    Column("tax_id", T, "tax number"),
    Column("is_intercompany", F, "a company of the group"),
    Column("is_related_party", F, "a related party outside the group"),
    Column("payer_account", T, "bank account that it pays from"),
    Column("payer_aliases", T, "other names that it pays under, separated by |"),
    Column("parent_id", T, "customer code of the parent"),
    Column("collector", T, "who collects"),
    Column("sales_rep", T, "who sells"),
    Column("region", T, "region"),
    Column("terms", T, "payment terms, e.g. 2/10 net 30"),
    Column("credit_limit", M, "credit limit", currency="limit_currency"),
    Column("limit_currency", T, "currency of the limit"),
    Column("rating", T, "credit rating"),
    Column("status", T, "how it may be dealt with", choices=choices.CustomerStatus),
    Column("is_on_credit_hold", F, "no new orders go out"),
    Column("credit_hold_since", D, "first day of the credit hold"),
    Column("requires_order_no", F, "pays no invoice without its order number"),
    Column("portal", T, "portal that its invoices must be submitted to"),
    Column("opened_on", D, "day that the account was opened"),
))  # fmt: skip

CUSTOMER_HISTORY = Table("customer_history", "an attribute of a customer from a date on", ("entity", "customer_id", "attribute", "valid_from"), (
    _id("entity", "entity code; empty when one account serves all", is_required=False),
    _id("customer_id", "customer code"),
    Column("attribute", T, "parent_id, collector, sales_rep, region, terms, status, rating or credit_limit", True),
    Column("value", T, "its value from that day on; empty means none"),
    Column("valid_from", D, "first day", True),
))  # fmt: skip

CUSTOMER_MERGES = Table("customer_merges", "a merge of one customer account into another", ("entity", "old_customer_id", "merged_on"), (
    _id("entity", "entity code"),
    _id("old_customer_id", "code that ended"),
    _id("new_customer_id", "code that goes on"),
    Column("merged_on", D, "first day under the new code; reports before it keep the old one", True),
    Column("reason", T, "why"),
))  # fmt: skip

ITEMS = Table("items", "a receivable document, or the part of it on one control account", ("entity", "item_id"), (
    _id("item_id", "item identifier, unique in the entity"),
    _id("entity", "entity code"),
    _id("customer_id", "customer code; empty only for unidentified cash", is_required=False),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    _id("document_no", "document number that people quote"),
    Column("purchase_order", T, "customer's order number"),
    Column("order_no", T, "our order number"),
    Column("delivery_no", T, "delivery note"),
    *_three_dates(),
    Column("document_date", D, "date printed on the document; the effective date where none is given"),
    Column("due_date", D, "contractual due date; empty means none"),
    Column("original_due_date", D, "due date before any residual, chargeback, rebill or rescheduling; risk aging uses it"),
    Column("delivery_date", D, "when goods or service were delivered; needed by cut-off tests"),
    Column("service_from", D, "first day of the service billed"),
    Column("service_to", D, "last day of the service billed"),
    Column("currency", T, "ISO 4217 code of the document", True),
    Column("amount", M, "gross amount; debits +, credits and receipts -", True, currency="currency"),
    Column("net_amount", M, "amount before tax and freight", currency="currency"),
    Column("tax_amount", M, "tax", currency="currency"),
    Column("freight_amount", M, "freight", currency="currency"),
    Column("discount_base", M, "amount that a cash discount is counted on", currency="currency"),
    Column("discount_rate", R, "cash discount, decimal text, 0.02 is 2 %", may_be_zero=True),
    Column("discount_date", D, "last day that earns the discount"),
    Column("functional_amount", M, "amount in the books' currency at the booking rate", currency="functional"),
    Column("rate", R, "booking rate, functional per document unit, decimal text"),
    Column("is_hedged", F, "keeps its contract rate and is not revalued"),
    _id("control_account", "ledger account that it stands on", is_required=False),
    Column("cash_status", T, "for cash: where it stands when not applied", choices=choices.ReceiptStatus),
    Column("sales_rep", T, "who sold"),
    Column("sales_partner", T, "partner who earns commission"),
    Column("segment", T, "segment for loss rates"),
    Column("is_secured", F, "secured by collateral or guarantee"),
    Column("is_insured", F, "covered by credit insurance"),
    Column("assigned_to", T, "factor, agency or attorney that holds it"),
    _id("reverses", "item that this one reverses", is_required=False),
    _id("replaces", "item whose rest this residual, chargeback or rebill carries on", is_required=False),
    _id("batch_id", "billing batch or deposit batch that brought it", is_required=False),
    Column("reason", T, "reason code of an adjustment, credit, write-off or transfer"),
    Column("user", T, "who entered it"),
    Column("authorised_by", T, "who authorised a new due date"),
    Column("rescheduled_on", D, "day that the due date was changed; empty when it stands since the item was made"),
    Column("text", T, "memo; never trusted as a formula or markup"),
))  # fmt: skip

INSTALMENTS = Table("instalments", "a due part of an item", ("entity", "item_id", "instalment_no"), (
    _id("entity", "entity code"),
    _id("item_id", "item"),
    Column("instalment_no", N, "1, 2, 3 ...", True),
    Column("due_date", D, "due date of the part", True),
    Column("currency", T, "currency of the item", True),
    Column("amount", M, "amount of the part; the parts sum to the item", True, currency="currency"),
))  # fmt: skip

APPLICATIONS = Table("applications", "one credit set against one debit", ("entity", "application_id"), (
    _id("application_id", "application identifier, unique in the entity"),
    _id("entity", "entity code"),
    _id("source_item_id", "the credit: receipt, credit memo, write-off ..."),
    _id("target_item_id", "the debit: invoice, chargeback ...; for declared kinds another credit"),
    *_three_dates(),
    Column("source_currency", T, "currency of the source", True),
    Column("source_amount", M, "taken from the source, positive; its open amount moves towards zero by it", True, currency="source_currency"),
    Column("source_functional_amount", M, "carrying amount taken from the source", currency="functional"),
    Column("target_currency", T, "currency of the target", True),
    Column("target_amount", M, "settled on the target by the source, positive, without discount", True, currency="target_currency"),
    Column("target_functional_amount", M, "carrying amount settled on the target, without discount", currency="functional"),
    Column("discount", M, "cash discount allowed: settles the target on top of target_amount", currency="target_currency"),
    Column("discount_functional_amount", M, "the discount at the target's carrying rate", currency="functional"),
    Column("realised_fx", M, "exchange gain + or loss -: source less target carrying amount", currency="functional"),
    Column("kind", T, "why the credit was set against the debit", True, choices=choices.ApplicationKind),
    Column("reason", T, "reason code", True),
    Column("user", T, "who applied"),
    _id("clearing_id", "clearing document or group", is_required=False),
    Column("pairing", T, "stated by the source or derived from a clearing group", True, choices=choices.Pairing),
    _id("reverses", "application that this one reverses (amounts negative)", is_required=False),
))  # fmt: skip

REVALUATIONS = Table("revaluations", "an unrealised exchange difference on an open item", ("entity", "item_id", "date"), (
    _id("entity", "entity code"),
    _id("item_id", "item"),
    Column("date", D, "date of the revaluation", True),
    Column("rate", R, "closing rate, functional per document unit, decimal text"),
    Column("amount", M, "difference to the carrying amount, gain +", True, currency="functional"),
    _id("account", "ledger account that it was posted to"),
    Column("reverses_on", D, "day it is taken back, normally the first of the next period"),
    _id("document_no", "revaluation run or journal", is_required=False),
))  # fmt: skip

BANK_LINES = Table("bank_lines", "a line that the bank booked", ("entity", "bank_account", "bank_line_id"), (
    _id("bank_line_id", "line identifier, unique in the account"),
    _id("entity", "entity code"),
    _id("bank_account", "our account"),
    Column("booking_date", D, "when the bank booked it", True),
    Column("value_date", D, "value date"),
    Column("currency", T, "currency", True),
    Column("amount", M, "money in +, money out -", True, currency="currency"),
    Column("kind", T, "receipt, return, card_fee, bank_fee or other; only the first three touch receivables", True),
    Column("payer_name", T, "payer as the bank gives it"),
    Column("payer_account", T, "payer's account"),
    Column("remittance_text", T, "free text"),
    Column("reference", T, "structured reference"),
    _id("return_of", "bank line that this one returns", is_required=False),
    Column("return_code", T, "reason code of the return"),
    Column("is_receivable", F, "whether it concerns receivables; empty counts as yes for receipt, return and card_fee"),
    _id("statement_id", "statement that it stands on", is_required=False),
    Column("end_to_end_id", T, "the payer's own reference, passed through the banks"),
    Column("bank_reference", T, "the bank's reference"),
    Column("notice", T, "what told it where no final statement did: interim, notification, lockbox or ach; such a line is on no balance"),
))  # fmt: skip

BANK_LINE_DETAILS = Table("bank_line_details", "a transaction inside a line that the bank booked as one", ("entity", "bank_account", "bank_line_id", "detail_no"), (
    _id("entity", "entity code"),
    _id("bank_account", "our account"),
    _id("bank_line_id", "bank line"),
    Column("detail_no", N, "1, 2, 3 ...", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "money in +, money out -; the details of a line need not add up to it", True, currency="currency"),
    Column("payer_name", T, "payer"),
    Column("payer_account", T, "payer's account"),
    Column("remittance_text", T, "free text"),
    Column("reference", T, "structured reference"),
    Column("end_to_end_id", T, "the payer's own reference, passed through the banks"),
    Column("return_of", T, "reference of the payment that this one returns"),
    Column("return_code", T, "reason code of the return"),
))  # fmt: skip

BANK_STATEMENTS = Table("bank_statements", "a statement of a bank account", ("entity", "bank_account", "statement_id"), (
    _id("statement_id", "statement identifier, unique in the account"),
    _id("entity", "entity code"),
    _id("bank_account", "our account"),
    Column("kind", T, "statement, or a notice: interim, notification, lockbox, ach", True),
    Column("number", T, "the bank's number of it"),
    Column("from_date", D, "first day that it covers"),
    Column("to_date", D, "last day that it covers"),
    Column("currency", T, "currency", True),
    Column("opening", M, "booked balance before the first entry", currency="currency"),
    Column("closing", M, "booked balance after the last", currency="currency"),
    Column("entries", N, "booked entries", True),
    Column("net", M, "their sum, money in +", True, currency="currency"),
    Column("repeated", M, "of its entries, the sum of those that another statement gave; they stand there", currency="currency"),
    Column("content_sha256", T, "hash of its balances, its entries and what stands below them: a statement that comes again with another hash was altered", True),
))  # fmt: skip

RECEIPTS = Table("receipts", "cash that the ledger holds", ("entity", "receipt_id"), (
    _id("receipt_id", "receipt identifier"),
    _id("entity", "entity code"),
    _id("item_id", "the item that stands for it in the sub-ledger; empty when none was posted", is_required=False),
    _id("customer_id", "customer, empty when unidentified", is_required=False),
    _id("bank_account", "our account that it came in on", is_required=False),
    *_three_dates(),
    Column("currency", T, "currency", True),
    Column("amount", M, "money received +, returned -", True, currency="currency"),
    Column("status", T, "where it stands", True, choices=choices.ReceiptStatus),
    _id("deposit_batch", "deposit", is_required=False),
    Column("user", T, "who entered it"),
    Column("payer_name", T, "payer"),
    Column("payer_account", T, "payer's account"),
    Column("remittance_text", T, "free text"),
    Column("reference", T, "structured reference"),
    _id("return_of", "receipt that this one returns", is_required=False),
    Column("return_code", T, "reason code of the return"),
))  # fmt: skip

RECEIPT_BANK_LINES = Table("receipt_bank_lines", "a link between a receipt and a bank line", ("entity", "receipt_id", "bank_line_id"), (
    _id("entity", "entity code"),
    _id("receipt_id", "receipt"),
    _id("bank_account", "our account"),
    _id("bank_line_id", "bank line"),
    Column("currency", T, "currency", True),
    Column("amount", M, "the part of both that belongs together, signed as the receipt", True, currency="currency"),
))  # fmt: skip

REMITTANCES = Table("remittances", "a line of a remittance advice", ("entity", "remittance_id"), (
    _id("remittance_id", "line identifier"),
    _id("entity", "entity code"),
    _id("receipt_id", "receipt that it explains", is_required=False),
    Column("reference", T, "what the customer says that it pays"),
    Column("currency", T, "currency", True),
    Column("gross", M, "gross amount of the document", currency="currency"),
    Column("discount", M, "discount taken", currency="currency"),
    Column("deduction", M, "deduction taken", currency="currency"),
    Column("reason", T, "customer's reason"),
    Column("net", M, "net amount paid", currency="currency"),
    Column("payment_reference", T, "trace or cheque number, or the payer's own reference, of the payment that it belongs to"),
    Column("payment_date", D, "date of that payment"),
    Column("payment_amount", M, "amount of that payment", currency="currency"),
    Column("payer_name", T, "payer as the advice names it"),
    Column("payer_account", T, "payer's account"),
    _id("bank_account", "our account, where the bank's file carried the advice", is_required=False),
    _id("bank_line_id", "bank line, where the bank's file carried the advice", is_required=False),
    Column("detail_no", N, "transaction inside that bank line"),
))  # fmt: skip

ACCOUNT_CHANGES = Table("account_changes", "a change of a customer's bank details, as a clearing house told it", ("entity", "change_id"), (
    _id("change_id", "identifier"),
    _id("entity", "entity code"),
    Column("told_on", D, "date of the notice"),
    Column("code", T, "code of the change, such as C01", True),
    Column("code_text", T, "what the code means"),
    _id("customer_id", "customer as the notice names it", is_required=False),
    Column("customer_name", T, "name"),
    Column("trace", T, "trace number of the payment that it is about"),
    Column("corrected", T, "what it should be; to be confirmed by a call back before anything is paid there"),
))  # fmt: skip

ACTIVITIES = Table("activities", "a touch: a call, letter or note", ("entity", "activity_id"), (
    _id("activity_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty for the account", is_required=False),
    Column("occurred_at", AT, "when, UTC", True),
    Column("done_by", T, "who"),
    Column("kind", T, "call, email, letter, note or escalation", True),
    Column("outcome", T, "what came of it"),
    Column("text", T, "note; never trusted as a formula or markup"),
    Column("next_on", D, "day agreed for the next contact"),
))  # fmt: skip

CUSTOMER_STATEMENT_LINES = Table("customer_statement_lines", "a line of the customer's own statement of our account", ("entity", "customer_id", "statement_date", "line_no"), (
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    Column("statement_date", D, "date of the statement", True),
    Column("line_no", N, "line of the statement, 1, 2, 3 ...", True),
    Column("reference", T, "their reference: mostly our document number"),
    Column("date", D, "date on the line"),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount in their sign: what they owe us is negative in their books", True, currency="currency"),
    Column("text", T, "text on the line"),
))  # fmt: skip

DISPUTES = Table("disputes", "a dispute", ("entity", "dispute_id"), (
    _id("dispute_id", "dispute"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item in dispute", is_required=False),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount in dispute", True, currency="currency"),
    Column("opened_on", D, "opened", True),
    Column("closed_on", D, "closed; empty while open"),
    Column("owner", T, "who settles it"),
    Column("state", T, "state"),
    Column("reason", T, "reason code", True),
    Column("root_cause", T, "what went wrong, as found when it was settled: a code"),
    Column("team", T, "team where it went wrong: sales, order_management, billing, logistics, quality, tax, customer"),
))  # fmt: skip

PROMISES = Table("promises", "a promise to pay", ("entity", "promise_id"), (
    _id("promise_id", "promise"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item promised; empty for the account", is_required=False),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount promised", True, currency="currency"),
    Column("promised_on", D, "when it was given", True),
    Column("pay_by", D, "date promised", True),
    Column("closed_on", D, "when it was judged"),
    Column("owner", T, "who took it"),
    Column("state", T, "open, kept, partly or broken"),
))  # fmt: skip

WRITTEN_OFF = Table("written_off", "a debt written off", ("entity", "item_id", "written_off_on"), (
    _id("entity", "entity code"),
    _id("item_id", "item written off"),
    _id("customer_id", "customer"),
    Column("written_off_on", D, "date", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "gross amount written off", True, currency="currency"),
    Column("tax_amount", M, "tax part", currency="currency"),
    Column("reason", T, "reason code", True),
    Column("proposed_by", T, "proposer"),
    Column("approved_by", T, "approver"),
    Column("is_enforceable", F, "may still be collected"),
    Column("limitation_date", D, "last day to enforce it"),
    Column("relief_claimed_on", D, "day that relief of the tax part was claimed"),
    Column("relief_repaid_on", D, "day that the relief was paid back, after a recovery"),
))  # fmt: skip

BILLING_TRANSFERS = Table("billing_transfers", "a billing batch on its way through one system", ("entity", "batch_id", "stage"), (
    _id("entity", "entity code"),
    _id("batch_id", "batch"),
    Column("stage", T, "billing, ar_interface or gl", True),
    Column("transferred_on", D, "date", True),
    Column("currency", T, "functional currency of the totals", True),
    Column("documents", N, "documents in the batch", True),
    Column("amount", M, "total", True, currency="currency"),
    Column("rejected_documents", N, "documents rejected"),
    Column("rejected_amount", M, "amount rejected", currency="currency"),
    Column("state", T, "where it stands", choices=choices.BatchState),
))  # fmt: skip

RECONCILING_ITEMS = Table("reconciling_items", "a reconciling item carried from an earlier close", ("entity", "control", "account", "cause", "document_no"), (
    _id("entity", "entity code"),
    Column("control", T, "control that it belongs to, e.g. control_account", True),
    _id("account", "ledger or bank account"),
    Column("cause", T, "cause of difference", True),
    _id("document_no", "document that it cites"),
    Column("currency", T, "currency", True),
    Column("amount", M, "difference, general ledger less sub-ledger", True, currency="currency"),
    Column("first_reported_on", D, "period end of the close that reported it first", True),
    Column("owner", T, "who clears it"),
))  # fmt: skip

PRIOR_BALANCES = Table("prior_balances", "the closing balance of a control account in the previous period's close", ("entity", "account", "currency"), (
    _id("entity", "entity code"),
    _id("account", "ledger account; empty where the book names none", is_required=False),
    Column("currency", T, "functional currency", True),
    Column("balance", M, "sub-ledger balance at the end of the previous period, as it was sealed", True, currency="currency"),
    _id("run_id", "the sealed run", is_required=False),
))  # fmt: skip

PRIOR_RATES = Table("prior_rates", "a hit rate of cash application in an earlier period's close", ("entity", "period", "population", "rate", "currency"), (
    _id("entity", "entity code"),
    Column("period", T, "period of that close", True),
    Column("population", T, "which receipts: open, or those of the period or all that were placed again", True),
    Column("rate", T, "which rate", True),
    Column("currency", T, "currency of a rate by value; empty for the others"),
    Column("hits", N, "counted in; money in minor units", True),
    Column("of", N, "counted of", True),
    _id("run_id", "the sealed run that they were read from", is_required=False),
))  # fmt: skip

PRIOR_STATEMENTS = Table("prior_statements", "a bank statement that an earlier close read", ("entity", "bank_account", "statement_id"), (
    _id("entity", "entity code"),
    _id("bank_account", "our account"),
    _id("statement_id", "statement"),
    Column("to_date", D, "last day that it covers"),
    Column("currency", T, "currency", True),
    Column("closing", M, "closing balance as stated", currency="currency"),
    Column("entries", N, "booked entries", True),
    Column("content_sha256", T, "hash of its entries", True),
    Column("period", T, "period of the close that read it first", True),
    _id("run_id", "the sealed run", is_required=False),
))  # fmt: skip

GL_LINES = Table("gl_lines", "a line of a journal on a control account", ("entity", "ledger", "journal_id", "line_id"), (
    _id("entity", "entity code"),
    _id("ledger", "ledger, e.g. primary"),
    _id("account", "ledger account"),
    _id("journal_id", "journal"),
    _id("line_id", "line of the journal"),
    Column("posting_date", D, "ledger date", True),
    Column("entered_at", AT, "when it was entered, UTC"),
    Column("user", T, "who posted"),
    Column("source", T, "where it came from", True, choices=choices.JournalSource),
    Column("status", T, "whether it counts", True, choices=choices.JournalStatus),
    _id("customer_id", "customer", is_required=False),
    _id("document_no", "document that the sub-ledger knows it by", is_required=False),
    _id("batch_id", "interface batch", is_required=False),
    Column("currency", T, "currency of the document", True),
    Column("amount", M, "debit +, credit -", True, currency="currency"),
    Column("functional_amount", M, "in the books' currency", True, currency="functional"),
    Column("text", T, "line text"),
))  # fmt: skip

GL_BALANCES = Table("gl_balances", "the balance of a ledger account at the end of a day", ("entity", "ledger", "account", "as_of", "currency"), (
    _id("entity", "entity code"),
    _id("ledger", "ledger, e.g. primary"),
    _id("account", "ledger account"),
    Column("as_of", D, "end of that day", True),
    Column("currency", T, "functional currency", True),
    Column("balance", M, "debit +, credit -", True, currency="currency"),
))  # fmt: skip

FX_RATES = Table("fx_rates", "an exchange rate", ("date", "base", "quote", "kind"), (
    Column("date", D, "date of the rate", True),
    Column("base", T, "one unit of this currency ...", True),
    Column("quote", T, "... costs so many of this", True),
    Column("rate", R, "decimal text", True),
    Column("kind", T, "what it is for", True, choices=choices.RateKind),
    Column("source", T, "who publishes it", True),
))  # fmt: skip

CANONICAL: dict[str, Table] = {
    table.name: table
    for table in (
        ENTITIES, PERIODS, CONTROL_ACCOUNTS, CUSTOMERS, CUSTOMER_HISTORY, CUSTOMER_MERGES, ITEMS, INSTALMENTS,
        APPLICATIONS, REVALUATIONS, BANK_STATEMENTS, BANK_LINES, BANK_LINE_DETAILS, RECEIPTS, RECEIPT_BANK_LINES, REMITTANCES, CUSTOMER_STATEMENT_LINES,
        ACCOUNT_CHANGES, DISPUTES, PROMISES, ACTIVITIES, WRITTEN_OFF, BILLING_TRANSFERS, RECONCILING_ITEMS, PRIOR_BALANCES, PRIOR_RATES,
        PRIOR_STATEMENTS, *CASEWORK, *COLLECTING, PRIOR_ALLOWANCE, *DECIDED, GL_LINES, GL_BALANCES, FX_RATES,
    )
}  # fmt: skip

OF_CLOSES = frozenset(
    {
        PRIOR_BALANCES.name,
        PRIOR_RATES.name,
        PRIOR_STATEMENTS.name,
        PRIOR_ALLOWANCE.name,
        *(table.name for table in DECIDED),
    }
)  # what earlier closes say, not the books
