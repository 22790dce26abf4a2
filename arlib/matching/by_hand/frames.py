"""Tables of matching by hand. Floor 1. Money is signed as an item is: debits +, credits -."""

from __future__ import annotations

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE

CANDIDATES = Table("candidates", "an item of one way to place a receipt", ("receipt_id", "rank", "item_id"), (
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("rank", N, "1 is the proposal, 2 its runner-up; where there is no proposal 1, 2, 3 are the ways that lost", True),
    Column("role", T, "proposal or alternative", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "number that people quote"),
    Column("customer_id", T, "customer of the item", is_key=True),
    Column("due_date", D, "due date of the item"),
    Column("currency", T, "currency of the item", True),
    Column("open_amount", M, "open before", True, currency="currency"),
    Column("applied_amount", M, "cash that it would take", True, currency="currency"),
    Column("discount", M, "cash discount", currency="currency"),
    Column("deduction", M, "claim that stays open", currency="currency"),
    Column("fee", M, "bank charge", currency="currency"),
    Column("fx", M, "exchange difference", currency="currency"),
    Column("tolerance", M, "small difference", currency="currency"),
    Column("reason", T, "what the difference is, as in matches"),
    Column("claim_code", T, "what a claim is about"),
    Column("decision", T, "auto, suggest or person; empty for an alternative"),
    Column("rule", T, "rule that makes it", True),
    Column("says", T, "what speaks for the proposal, or why the alternative lost", True),
    Column("held_because", T, "why the proposal is not automatic"),
    Column("reference", T, "the text in the payment that names the item"),
    Column("reference_field", T, "field of the item that it hit"),
    Column("reference_how", T, "exact, or what is damaged"),
    Column("payer_how", T, "how the payer was resolved"),
))  # fmt: skip

PAYER_CANDIDATES = Table("payer_candidates", "a customer that a receipt may come from", ("receipt_id", "rank"), (
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("rank", N, "1 is the likeliest", True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("how", T, "the strongest single reason", True),
    Column("meaning", T, "that reason in words", True),
    Column("strength", R, "chance, decimal text between 0 and 1", True, may_be_zero=True),
))  # fmt: skip

PARTS = Table("what_if_parts", "a part of the difference between a receipt and the items chosen for it", ("item_id", "kind", "code"), (
    Column("item_id", T, "item that bears it", True, is_key=True),
    Column("kind", T, "discount, tax, freight, charge, fx, tolerance, claim, or rest: not explained, stays open", True),
    Column("code", T, "what a claim is about"),
    Column("currency", T, "currency of the item", True),
    Column("amount", M, "how much less was paid for it; negative where more", True, currency="currency"),
    Column("said_by", T, "engine or person", True),
))  # fmt: skip

COMBINATIONS = Table("combinations", "an item of a combination that sums to a receipt", ("way", "item_id"), (
    Column("way", N, "number of the combination: a name, no rank", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "number that people quote"),
    Column("customer_id", T, "customer of the item", is_key=True),
    Column("due_date", D, "due date of the item"),
    Column("currency", T, "currency", True),
    Column("open_amount", M, "open amount of the item", True, currency="currency"),
    Column("difference", M, "receipt less the combination", True, currency="currency"),
))  # fmt: skip
