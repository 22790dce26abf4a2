"""Declared tables of what the measured allowance is. Floor 1.

Amounts without another currency are in the books' currency. Debits to the customer are positive, credits negative; what
is taken off an exposure is positive.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import Column, Kind, Table, choices

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class LeftOut(StrEnum):
    """Why an open item is no exposure."""

    INTERCOMPANY = "intercompany"
    FACTORED = "factored"
    NOT_A_RECEIVABLE = "not_a_receivable"
    UNIDENTIFIED = "unidentified"
    CREDIT = "credit"
    NOTHING_CARRIED = "nothing_carried"


LEFT_OUT_WORDS = {
    LeftOut.INTERCOMPANY: "a company of the group",
    LeftOut.FACTORED: "sold and derecognised: it stands on an account of role factored",
    LeftOut.NOT_A_RECEIVABLE: "its account is no receivable: allowance, clearing, or a debit on customer deposits",
    LeftOut.UNIDENTIFIED: "no customer is known",
    LeftOut.CREDIT: "a credit or open cash: it reduces its own customer's exposure where a right of set-off exists",
    LeftOut.NOTHING_CARRIED: "its carrying amount is zero",
}


class Basis(StrEnum):
    """What a specific reserve rests on."""

    RATE = "rate"  # a loss rate that a person set
    AMOUNT = "amount"  # a loss that a person set
    CLAIM = "claim"  # the dividend expected in a bankruptcy or an estate
    STATUS = "status"  # the policy's rate for the customer's status: nobody set a reserve


EXPOSURES = Table("exposures", "an open debit, or an open due part of it, that the allowance is counted on", ("entity", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("customer_id", T, "customer code at the as-of date", True, is_key=True),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    Column("segment", T, "segment of the pool; empty for the whole"),
    Column("aged_from", D, "original due date, else document date", True),
    Column("days_past_due", N, "days to the as-of date; negative while not due", True),
    Column("bucket", T, "place in the aging by original due date", True),
    Column("currency", T, "document currency", True),
    Column("outstanding", M, "what is open", True, currency="currency"),
    Column("gross", M, "carrying amount with revaluation", True, currency="functional"),
    Column("set_off", M, "the customer's own credits set against it", True, currency="functional"),
    Column("disputed", M, "part expected to be credited: reserved against revenue, no credit loss", True, currency="functional"),
    Column("tax", M, "tax left out, where the policy counts net of tax", True, currency="functional"),
    Column("exposure", M, "gross less set_off, disputed and tax", True, currency="functional"),
    Column("part", T, "pool or specific: one of them, never both", True, choices=choices.AllowancePart),
    Column("line_id", T, "its line among the specific reserves; empty in the pool", is_key=True),
    Column("cover", M, "part of the exposure that integral security pays", True, currency="functional"),
))  # fmt: skip

EXCLUDED = Table("excluded", "an open item that is no exposure, with the reason", ("entity", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("customer_id", T, "customer code at the as-of date; empty for unidentified cash", is_key=True),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    Column("reason", T, "why it is out", True, choices=LeftOut),
    Column("because", T, "the same in words", True),
    Column("currency", T, "document currency", True),
    Column("outstanding", M, "what is open", True, currency="currency"),
    Column("amount", M, "carrying amount with revaluation", True, currency="functional"),
    Column("set_off", M, "of a credit: how much of it reduced the customer's exposure", True, currency="functional"),
))  # fmt: skip

ALLOWANCE_LINES = Table("allowance_lines", "a segment and bucket of the pool", ("entity", "segment", "bucket"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("segment", T, "segment of the pool; empty for the whole"),
    Column("bucket", T, "place in the aging by original due date", True),
    Column("items", N, "items in it", True),
    Column("exposure", M, "exposure", True, currency="functional"),
    Column("cover", M, "part of it that integral security pays", True, currency="functional"),
    Column("at_risk", M, "exposure less cover: what the rate is counted on", True, currency="functional"),
    Column("historical_rate", R, "loss rate before any overlay, 12 digits; sums use the exact one", True, may_be_zero=True),
    Column("applied_rate", R, "loss rate after overlays, from 0 to 1, 12 digits", True, may_be_zero=True),
    Column("discount_factor", R, "present value of one unit lost, 12 digits; 1 without discounting", True),
    Column("at_history", M, "at_risk at the historical rate", True, currency="functional"),
    Column("overlay", M, "what the overlays change", True, currency="functional"),
    Column("discount", M, "what discounting changes, 0 or less", True, currency="functional"),
    Column("allowance", M, "at_history + overlay + discount", True, currency="functional"),
    Column("overlay_reason", T, "reasons of the overlays that act on it; empty where none does"),
))  # fmt: skip

SPECIFIC_LINES = Table("specific_lines", "a specific reserve: a named customer or item taken out of the pool", ("entity", "line_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("line_id", T, "reserve identifier, or status and customer", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("item_id", T, "item; empty for all that the customer owes", is_key=True),
    Column("reason", T, "bankruptcy, legal, agency or another reason", True),
    Column("basis", T, "what it rests on", True, choices=Basis),
    Column("items", N, "open items that it takes out of the pool", True),
    Column("exposure", M, "their exposure", True, currency="functional"),
    Column("cover", M, "part of it that integral security pays; 0 where a person set the loss", True, currency="functional"),
    Column("loss_rate", R, "share expected to be lost; empty where an amount was set", may_be_zero=True),
    Column("allowance", M, "loss expected, never above the exposure", True, currency="functional"),
    Column("needs_reserve", F, "nobody set a reserve: the policy's rate stands in", True),
    Column("set_by", T, "who set it"),
    Column("approved_by", T, "who approved it"),
    Column("note", T, "what a reader must know: capped, superseded, unapproved; empty where nothing"),
))  # fmt: skip

DISPUTE_RESERVE = Table("dispute_reserve", "an open dispute and what of it is expected to be credited", ("entity", "dispute_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("dispute_id", T, "dispute", True, is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("item_id", T, "item in dispute", is_key=True),
    Column("reason", T, "reason code", True),
    Column("opened_on", D, "opened", True),
    Column("currency", T, "currency of the item", True),
    Column("disputed", M, "amount in dispute", True, currency="currency"),
    Column("counted", M, "of it, what is still open and in the exposure", True, currency="currency"),
    Column("counted_functional", M, "the same at its carrying amount", True, currency="functional"),
    Column("credit_rate", R, "share expected to be credited, 12 digits", True, may_be_zero=True),
    Column("expected_credit", M, "expected to be credited, tax included: leaves the exposure", True, currency="functional"),
    Column("tax", M, "tax in it: comes back from the tax authority", True, currency="functional"),
    Column("reserve", M, "credit-note reserve against revenue: expected_credit less tax", True, currency="functional"),
    Column("note", T, "items that carry its item on and it counts on, or why less than the dispute counts; empty where all counts on its own"),
))  # fmt: skip

SECURITY_USED = Table("security_used", "a security and what it covers", ("entity", "security_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("security_id", T, "identifier", True, is_key=True),
    Column("kind", T, "what it is", True, choices=choices.SecurityKind),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("item_id", T, "item secured; empty for the account", is_key=True),
    Column("provider", T, "insurer, guarantor or bank"),
    Column("reference", T, "policy, guarantee or agreement number"),
    Column("is_integral", F, "part of the terms of the debt", True),
    Column("counts", F, "reduces the allowance under this framework and policy", True),
    Column("secured", M, "exposure that it could pay for", True, currency="functional"),
    Column("cover", M, "of it, what it pays after deductible, share and limit", True, currency="functional"),
    Column("reimbursement", M, "loss expected on the cover: taken off the allowance where it counts, else an asset or a disclosure of its own", True, currency="functional"),
    Column("note", T, "why it does not count; empty where it does"),
))  # fmt: skip

BY_SEGMENT = Table("allowance_by_segment", "the allowance required of a segment of the pool, or of a customer with a specific reserve", ("entity", "part", "segment", "customer_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("part", T, "pool or specific", True, choices=choices.AllowancePart),
    Column("segment", T, "segment of the pool; empty for the whole"),
    Column("customer_id", T, "customer, of a specific reserve", is_key=True),
    Column("exposure", M, "exposure", True, currency="functional"),
    Column("allowance", M, "allowance required", True, currency="functional"),
))  # fmt: skip

VIEWS = Table("allowance_views", "a figure of the allowance in each view", ("figure",), (
    Column("figure", T, "which figure", True),
    Column("management", M, "by the company's own policy", True, currency="functional"),
    Column("ifrs9", M, "IFRS 9, simplified approach", True, currency="functional"),
    Column("asc326", M, "ASC 326, aging schedule", True, currency="functional"),
))  # fmt: skip
