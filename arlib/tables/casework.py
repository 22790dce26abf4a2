"""Canonical tables of credit work: security, holds, claims, plans, deductions, requests, allowance. Floor 0."""

from __future__ import annotations

from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, AT, M, N, F, R = (
    Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE,
)  # fmt: skip


def _id(name: str, meaning: str, *, is_required: bool = True) -> Column:
    return Column(name, T, meaning, is_required=is_required, is_key=True)


SECURITY = Table("security", "what secures a customer's debt: insurance, guarantee, collateral, right of set-off", ("entity", "security_id"), (
    _id("security_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item secured; empty for the account", is_required=False),
    Column("kind", T, "what it is", True, choices=choices.SecurityKind),
    Column("provider", T, "insurer, guarantor or bank"),
    Column("reference", T, "policy, guarantee or agreement number"),
    Column("currency", T, "currency of the limit", True),
    Column("amount", M, "most that it pays; empty where it has no limit", currency="currency"),
    Column("cover_rate", R, "share of the loss that it pays, decimal text, 0.9 is 90 %; empty means all", may_be_zero=True),
    Column("deductible", M, "first part of the loss that it does not pay", currency="currency"),
    Column("is_integral", F, "part of the terms of the debt: reduces the expected loss where the framework policy says so"),
    Column("valid_from", D, "first day", True),
    Column("valid_to", D, "last day; empty while it stands"),
))  # fmt: skip

HOLDS = Table("holds", "a hold: nothing may be written off, refunded or credited while it stands", ("entity", "hold_id"), (
    _id("hold_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty for the account", is_required=False),
    Column("kind", T, "why", True, choices=choices.HoldKind),
    Column("placed_on", D, "first day", True),
    Column("lifted_on", D, "day that it ended; empty while it stands"),
    Column("owner", T, "who may lift it"),
    Column("reason", T, "why, in words; never trusted as a formula or markup"),
))  # fmt: skip

CLAIMS = Table("claims", "a claim in a bankruptcy or an estate", ("entity", "claim_id"), (
    _id("claim_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    Column("kind", T, "bankruptcy or estate", True, choices=choices.ClaimKind),
    Column("case_no", T, "number of the case"),
    Column("court", T, "court or administrator"),
    Column("opened_on", D, "petition, or death", True),
    Column("file_by", D, "last day to file the claim"),
    Column("filed_on", D, "day that we filed; empty while we have not"),
    Column("currency", T, "currency of the claim", True),
    Column("amount", M, "amount claimed", currency="currency"),
    Column("state", T, "where it stands", True, choices=choices.ClaimState),
    Column("dividend_rate", R, "share expected or paid, decimal text", may_be_zero=True),
    Column("closed_on", D, "day that the case ended"),
))  # fmt: skip

SPECIFIC_RESERVES = Table("specific_reserves", "a loss expected on a named customer or item, set by a person", ("entity", "reserve_id"), (
    _id("reserve_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty for all that the customer owes", is_required=False),
    Column("reason", T, "bankruptcy, legal, agency or another reason", True),
    Column("loss_rate", R, "share expected to be lost, decimal text; where it is empty, the amount counts", may_be_zero=True),
    Column("currency", T, "currency of the amount", True),
    Column("amount", M, "loss expected, where no rate is given", currency="currency"),
    Column("set_by", T, "who set it"),
    Column("approved_by", T, "who approved it"),
    Column("valid_from", D, "first day", True),
    Column("valid_to", D, "last day; empty while it stands"),
    Column("evidence", T, "why, in words; never trusted as a formula or markup"),
))  # fmt: skip

PLANS = Table("plans", "a payment arrangement", ("entity", "plan_id"), (
    _id("plan_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty where it is for the account", is_required=False),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount that is paid off", True, currency="currency"),
    Column("rate", R, "interest a year, decimal text; empty means none", may_be_zero=True),
    Column("agreed_on", D, "day of the agreement", True),
    Column("ended_on", D, "day that it ended; empty while it runs"),
    Column("state", T, "running, kept, broken or cancelled", True, choices=choices.PlanState),
    Column("agreed_by", T, "who agreed for us"),
    Column("reference", T, "signed agreement"),
))  # fmt: skip

PLAN_INSTALMENTS = Table("plan_instalments", "a payment due under a payment arrangement", ("entity", "plan_id", "instalment_no"), (
    _id("entity", "entity code"),
    _id("plan_id", "plan"),
    Column("instalment_no", N, "1, 2, 3 ...", True),
    Column("due_date", D, "due date", True),
    Column("currency", T, "currency of the plan", True),
    Column("amount", M, "to be paid, interest included", True, currency="currency"),
    Column("interest", M, "interest in it", currency="currency"),
))  # fmt: skip

DEDUCTIONS = Table("deductions", "what a customer paid less, and what became of it", ("entity", "deduction_id"), (
    _id("deduction_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item that is open for it: the invoice, the residual or the chargeback"),
    _id("receipt_id", "receipt that paid less", is_required=False),
    Column("currency", T, "currency", True),
    Column("amount", M, "deducted", True, currency="currency"),
    Column("tax_amount", M, "tax in it", currency="currency"),
    Column("reason", T, "reason code", True),
    Column("taken_on", D, "day of the short payment", True),
    Column("state", T, "where it stands", True, choices=choices.DeductionState),
    Column("decided_on", D, "day of the decision"),
    Column("decided_by", T, "who decided that it is valid or not"),
    Column("reference", T, "claim, debit note or agreement number"),
    Column("owner", T, "who settles it"),
))  # fmt: skip

ADJUSTMENT_REQUESTS = Table("adjustment_requests", "a change of a receivable that a person asks for", ("entity", "request_id"), (
    _id("request_id", "identifier"),
    _id("entity", "entity code"),
    Column("kind", T, "what is asked for", True, choices=choices.ProposalKind),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty where it is for the account", is_required=False),
    Column("currency", T, "currency", True),
    Column("amount", M, "gross amount by which the receivable is to fall; empty where the kind works it out", currency="currency"),
    Column("tax_amount", M, "tax in it; empty where it follows the item", currency="currency"),
    Column("reason", T, "reason code", True),
    Column("requested_by", T, "who asks", True),
    Column("requested_on", D, "day", True),
    Column("effective_on", D, "day that it takes effect: end of a service, first instalment of a plan"),
    Column("corrected_amount", M, "of a rebill: gross amount of the new invoice", currency="currency"),
    Column("corrected_tax_amount", M, "of a rebill: tax in it", currency="currency"),
    _id("corrected_customer_id", "of a rebill: customer of the new invoice, where it is another", is_required=False),
    Column("pay_by", D, "of a settlement: day of the payment"),
    Column("instalments", N, "of a plan: number of monthly payments"),
    Column("rate", R, "of a plan: interest a year, decimal text", may_be_zero=True),
    _id("payer_account", "of a refund: account that it is to go to", is_required=False),
    Column("evidence", T, "document that supports it"),
    Column("text", T, "why, in words; never trusted as a formula or markup"),
))  # fmt: skip

BANK_DETAILS = Table("bank_details", "an account that a customer may be paid on", ("entity", "customer_id", "account", "valid_from"), (
    _id("entity", "entity code; empty when one account serves all", is_required=False),
    _id("customer_id", "customer"),
    _id("account", "IBAN, or account number"),
    Column("bank_code", T, "BIC, or routing number"),
    Column("holder", T, "name on the account"),
    Column("country", T, "ISO 3166 code of the bank"),
    Column("valid_from", D, "first day", True),
    Column("valid_to", D, "last day; empty while it stands"),
    Column("told_by", T, "how we were told: contract, letter, e-mail"),
    Column("entered_by", T, "who entered it"),
    Column("called_back_on", D, "day that somebody called the customer back, on a number known before"),
    Column("called_back_by", T, "who called: not the one who entered it"),
))  # fmt: skip

EXEMPTIONS = Table("exemptions", "a tax exemption certificate", ("entity", "customer_id", "certificate_no"), (
    _id("entity", "entity code; empty when one account serves all", is_required=False),
    _id("customer_id", "customer"),
    _id("certificate_no", "certificate"),
    Column("jurisdiction", T, "ISO 3166 code of the country or the subdivision"),
    Column("valid_from", D, "first day", True),
    Column("valid_to", D, "last day; empty means no end"),
    Column("received_on", D, "day that we received it"),
))  # fmt: skip

COMMISSIONS = Table("commissions", "commission that a sales partner earned on an item", ("entity", "commission_id"), (
    _id("commission_id", "identifier"),
    _id("entity", "entity code"),
    _id("item_id", "item"),
    _id("sales_partner", "who earned it"),
    Column("currency", T, "currency", True),
    Column("base_amount", M, "net order value that it was counted on", True, currency="currency"),
    Column("rate", R, "commission rate, decimal text", True, may_be_zero=True),
    Column("amount", M, "commission", True, currency="currency"),
    Column("earned_on", D, "day that it was earned", True),
    Column("paid_on", D, "day that it was paid; empty while it is owed"),
))  # fmt: skip

ALLOWANCE_ENTRIES = Table("allowance_entries", "a posting to the allowance for credit losses", ("entity", "entry_id"), (
    _id("entry_id", "identifier"),
    _id("entity", "entity code"),
    _id("account", "allowance account", is_required=False),
    Column("posting_date", D, "ledger date", True),
    Column("line", T, "what it is", True, choices=choices.AllowanceLine),
    Column("part", T, "pool or specific", True, choices=choices.AllowancePart),
    Column("segment", T, "segment of the pool; empty for the whole"),
    _id("customer_id", "customer, of a specific reserve", is_required=False),
    Column("currency", T, "functional currency", True),
    Column("amount", M, "increase of the allowance +, decrease -", True, currency="currency"),
    _id("journal_id", "journal", is_required=False),
))  # fmt: skip

PRIOR_ALLOWANCE = Table("prior_allowance", "the allowance that an earlier close required", ("entity", "period", "part", "segment", "customer_id"), (
    _id("entity", "entity code"),
    Column("period", T, "period of that close", True),
    Column("as_of", D, "its as-of date", True),
    Column("part", T, "pool or specific", True, choices=choices.AllowancePart),
    Column("segment", T, "segment of the pool; empty for the whole"),
    _id("customer_id", "customer, of a specific reserve", is_required=False),
    Column("currency", T, "functional currency", True),
    Column("exposure", M, "exposure that it was counted on", currency="currency"),
    Column("allowance", M, "allowance required", True, currency="currency"),
    _id("run_id", "the sealed run", is_required=False),
))  # fmt: skip

DECIDED_PROPOSALS = Table("decided_proposals", "a proposal that was approved, rejected or asked about before", ("entity", "proposal_id"), (
    _id("proposal_id", "proposal"),
    _id("entity", "entity code"),
    Column("kind", T, "what was proposed", True, choices=choices.ProposalKind),
    _id("customer_id", "customer", is_required=False),
    _id("item_id", "item", is_required=False),
    _id("document_no", "its document number", is_required=False),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount", True, currency="currency"),
    Column("decision", T, "approve, reject or ask: the last one", True),
    Column("proposed_by", T, "proposer"),
    Column("decided_by", T, "who decided"),
    Column("decided_on", D, "day of the decision", True),
    _id("run_id", "run that proposed it", is_required=False),
    _id("batch_id", "posting batch that it went out in; empty while it did not", is_required=False),
    Column("posted_on", D, "day that the batch was written"),
))  # fmt: skip

DECIDED_APPLICATIONS = Table("decided_applications", "a part of a receipt that a person set against an item", ("entity", "receipt_id", "item_id"), (
    _id("entity", "entity code"),
    _id("receipt_id", "receipt"),
    _id("item_id", "item"),
    Column("currency", T, "currency of the item", True),
    Column("applied_amount", M, "cash set against the item; negative where a credit is taken up", True, currency="currency"),
    Column("receipt_currency", T, "currency of the receipt", True),
    Column("receipt_amount", M, "the part of the receipt that this uses", True, currency="receipt_currency"),
    Column("discount", M, "cash discount, settles the item on top of the cash", currency="currency"),
    Column("deduction", M, "claim of the customer that stays open", currency="currency"),
    Column("fee", M, "bank charge, settles the item on top of the cash", currency="currency"),
    Column("fx", M, "exchange difference, settles the item on top of the cash", currency="currency"),
    Column("tolerance", M, "small difference, settles the item on top of the cash", currency="currency"),
    Column("reason", T, "what the difference is, as in matches"),
    Column("claim_code", T, "what a claim is about"),
    Column("decision_id", T, "decision of the store", True, is_key=True),
    Column("decided_by", T, "who decided", True),
    Column("decided_on", D, "day of the decision", True),
))  # fmt: skip

REJECTED_MATCHES = Table("rejected_matches", "an item of a proposal that a person turned down for a receipt", ("entity", "receipt_id", "decision_id", "item_id"), (
    _id("entity", "entity code"),
    _id("receipt_id", "receipt"),
    _id("item_id", "item"),
    Column("proposal", N, "number of the decision: rows of one number were turned down together", True),
    Column("decision_id", T, "decision of the store", True, is_key=True),
    Column("decided_by", T, "who decided", True),
    Column("decided_on", D, "day of the decision", True),
))  # fmt: skip

PAYER_ALIASES = Table("payer_aliases", "a payer's name or account that a person gave to a customer", ("entity", "decision_id"), (
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    Column("payer_name", T, "payer as the bank gives it; empty where the account is meant"),
    Column("payer_account", T, "account that it comes from; empty where the name is meant"),
    Column("decision_id", T, "decision of the store", True, is_key=True),
    Column("decided_by", T, "who decided", True),
    Column("decided_on", D, "day of the decision", True),
))  # fmt: skip

CASEWORK = (
    SECURITY, HOLDS, CLAIMS, SPECIFIC_RESERVES, PLANS, PLAN_INSTALMENTS, DEDUCTIONS, ADJUSTMENT_REQUESTS, BANK_DETAILS,
    EXEMPTIONS, COMMISSIONS, ALLOWANCE_ENTRIES,
)  # fmt: skip

# What people decided at the desk, read back from the store; what they note, promise, dispute and ask for joins the books' own tables.
DECIDED = (DECIDED_PROPOSALS, DECIDED_APPLICATIONS, REJECTED_MATCHES, PAYER_ALIASES)
