"""Closed choices of the declared tables. Floor 0. Messages list these enums, so no second list can drift."""

from __future__ import annotations

from enum import StrEnum


class ItemType(StrEnum):
    """What a receivable document is. Debits to the customer are positive, credits and receipts negative."""

    INVOICE = "invoice"
    DEBIT_MEMO = "debit_memo"
    CREDIT_MEMO = "credit_memo"
    CHARGEBACK = "chargeback"  # a debit memo for a short payment, not a card dispute
    INTEREST_OR_FEE = "interest_or_fee"
    RECEIPT = "receipt"  # a returned payment is a receipt with `reverses`, positive
    PREPAYMENT = "prepayment"  # a contract liability with a control account of its own
    REFUND = "refund"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"
    ADJUSTMENT = "adjustment"
    TRANSFER = "transfer"  # contra, reclass, merge of customers, move between entities or accounts
    OPENING = "opening"  # a balance brought forward from before the first extract


CASH_TYPES = (ItemType.RECEIPT, ItemType.PREPAYMENT)


class ApplicationKind(StrEnum):
    """Why a credit was set against a debit."""

    PAYMENT = "payment"
    CREDIT_MEMO = "credit_memo"
    PREPAYMENT = "prepayment"
    WRITE_OFF = "write_off"
    ADJUSTMENT = "adjustment"
    REFUND = "refund"  # a refund set against the receipt or credit that it pays back
    RETURN = "return"  # a returned payment set against the receipt that came back
    CREDIT_TO_CREDIT = "credit_to_credit"
    DEBIT_TO_DEBIT = "debit_to_debit"  # a chargeback or rebill replaces the rest of an invoice
    CONTRA = "contra"
    TRANSFER = "transfer"
    CLEARING = "clearing"  # a clearing group of an ERP that does not say more


class Pairing(StrEnum):
    """Whether the source system says which credit paid which debit, or we worked it out from a clearing group."""

    STATED = "stated"
    DERIVED = "derived"


class ReceiptStatus(StrEnum):
    """Where cash stands."""

    UNIDENTIFIED = "unidentified"  # payer unknown
    UNAPPLIED = "unapplied"  # payer known, item not
    ON_ACCOUNT = "on_account"  # left so on purpose
    APPLIED = "applied"
    REVERSED = "reversed"


class AccountRole(StrEnum):
    """What a control account is for."""

    TRADE = "trade"
    INTERCOMPANY = "intercompany"
    UNAPPLIED = "unapplied"
    UNIDENTIFIED = "unidentified"
    CUSTOMER_DEPOSIT = "customer_deposit"
    RETENTION = "retention"
    NOTES = "notes"
    FACTORED = "factored"
    UNBILLED = "unbilled"
    ALLOWANCE = "allowance"
    CLEARING = "clearing"


class CustomerStatus(StrEnum):
    """Whether and how a customer may be dealt with."""

    ACTIVE = "active"
    CLOSED = "closed"
    BANKRUPT = "bankrupt"
    ESTATE = "estate"
    LEGAL = "legal"
    AGENCY = "agency"
    SANCTIONED = "sanctioned"
    CEASE_CONTACT = "cease_contact"


class RateKind(StrEnum):
    """What an exchange rate is for."""

    SPOT = "spot"
    AVERAGE = "average"
    CLOSING = "closing"
    CONTRACT = "contract"


class JournalStatus(StrEnum):
    """Whether a ledger line counts in the balance."""

    POSTED = "posted"
    UNPOSTED = "unposted"


class JournalSource(StrEnum):
    """Where a ledger line came from. What a source system calls it is mapped by the profile; the rest is OTHER."""

    BILLING = "billing"  # invoices and credit memos by the interface
    RECEIPTS = "receipts"  # cash through the sub-ledger
    LOCKBOX = "lockbox"  # cash straight from the bank's lockbox
    ADJUSTMENTS = "adjustments"
    REVALUATION = "revaluation"
    RECLASS = "reclass"
    MANUAL = "manual"
    OTHER = "other"


class PeriodState(StrEnum):
    """Whether a period takes postings."""

    OPEN = "open"
    CLOSED = "closed"
    REOPENED = "reopened"


class BatchState(StrEnum):
    """Where a billing batch stands on its way to the ledger."""

    POSTED = "posted"
    UNPOSTED = "unposted"
    REJECTED = "rejected"


class SecurityKind(StrEnum):
    """What secures a debt."""

    CREDIT_INSURANCE = "credit_insurance"
    GUARANTEE = "guarantee"
    LETTER_OF_CREDIT = "letter_of_credit"
    COLLATERAL = "collateral"
    DEPOSIT = "deposit"
    SET_OFF = "set_off"  # a right to set the customer's own credits against its debts


class HoldKind(StrEnum):
    """Why a customer or an item is held."""

    LEGAL = "legal"
    AUDIT = "audit"
    SANCTION = "sanction"
    BANK_DETAILS = "bank_details"  # changed details wait for a call back
    OTHER = "other"


class ClaimKind(StrEnum):
    """Which proceeding a claim is in."""

    BANKRUPTCY = "bankruptcy"
    ESTATE = "estate"


class ClaimState(StrEnum):
    """Where a claim stands."""

    NOT_FILED = "not_filed"
    FILED = "filed"
    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    PAID = "paid"
    DISCHARGED = "discharged"
    CLOSED = "closed"


class PlanState(StrEnum):
    """Where a payment arrangement stands."""

    RUNNING = "running"
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"


class DeductionState(StrEnum):
    """Where a deduction stands."""

    PENDING = "pending"
    VALID = "valid"
    AUTHORISED = "authorised"  # agreed beforehand: rebate, allowance, promotion
    INVALID = "invalid"
    SETTLED = "settled"


class AllowanceLine(StrEnum):
    """A line of the movement of the allowance."""

    OPENING = "opening"
    CHARGE = "charge"
    RELEASE = "release"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"
    UNWIND = "unwind"
    TRANSFER = "transfer"  # between pool and specific
    SCOPE = "scope"  # acquired, sold, derecognised
    EXCHANGE = "exchange"


class AllowancePart(StrEnum):
    """Collective or specific."""

    POOL = "pool"
    SPECIFIC = "specific"


class ProposalKind(StrEnum):
    """What a proposal changes; each has its own authority."""

    WRITE_OFF = "write_off"
    SMALL_BALANCE = "small_balance"
    CREDIT_MEMO = "credit_memo"
    REBILL = "rebill"  # credit the invoice in full and bill it again
    DEDUCTION = "deduction"  # a valid or authorised deduction becomes an adjusting entry
    REWRITE = "rewrite"  # unused service, with its tax and commission
    TAX_CORRECTION = "tax_correction"  # tax of an exempt customer
    FEE = "fee"  # a fee of a returned payment
    SETTLEMENT = "settlement"
    PLAN = "plan"  # a payment arrangement
    REFUND = "refund"
    UNCLAIMED = "unclaimed"  # credits of an owner who cannot be found, to the holder state
    CONTRA = "contra"
    ALLOWANCE = "allowance"  # the charge or release of the month


class OrderState(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    HELD = "held"  # waits for a release by credit
    BILLED = "billed"
    CANCELLED = "cancelled"


class TargetMeasure(StrEnum):
    """What a target is set for."""

    COLLECTED = "collected"  # cash on what was open at the start of the quarter, net of returns
    COVERAGE = "coverage"  # accounts touched in time
    PROMISES_KEPT = "promises_kept"
    CONTACTS = "contacts"
    DSO = "dso"  # days, in `count`
    CEI = "cei"
    CURRENT = "current"  # share not yet due
    OVER_90 = "over_90"


class PlacementKind(StrEnum):
    """Who a debt was given to."""

    AGENCY = "agency"
    ATTORNEY = "attorney"


class ExceptionProcedure(StrEnum):
    """What is not done on an account that is outside the standard procedure."""

    NO_DUNNING = "no_dunning"
    NO_CALLS = "no_calls"
    NO_CREDIT_HOLD = "no_credit_hold"
    OWN_SCHEDULE = "own_schedule"  # touched by agreement, not by the cadence
    ALL = "all"


class FileKind(StrEnum):
    """What a document in a customer's file is."""

    CREDIT_APPLICATION = "credit_application"
    TAX_FORM = "tax_form"
    EXEMPTION_CERTIFICATE = "exemption_certificate"
    GUARANTEE = "guarantee"
    CONTRACT = "contract"
    FINANCIAL_STATEMENTS = "financial_statements"
    BANK_REFERENCE = "bank_reference"
    OTHER = "other"


class ReferenceKind(StrEnum):
    """Who says something about a customer."""

    BUREAU = "bureau"
    TRADE = "trade"
    BANK = "bank"


class PortalStatus(StrEnum):
    """Where an invoice stands in a customer's portal."""

    SUBMITTED = "submitted"
    REJECTED = "rejected"
    APPROVED = "approved"
    PAID = "paid"


class LinkKind(StrEnum):
    """What a file that belongs to a document is."""

    INVOICE_COPY = "invoice_copy"
    PROOF_OF_DELIVERY = "proof_of_delivery"
    ORDER = "order"
    OTHER = "other"
