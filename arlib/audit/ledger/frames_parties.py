"""Declared tables of concentration, related parties and look-back. Floor 1.

Shares are decimal text of a whole that each table names. Amounts of currency `functional` are in the books' currency;
debits to the customer are positive.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.audit.ledger.frames import RollGroup
from arlib.ledger.frames_control import RollLine
from arlib.tables import Column, Kind, Table
from arlib.tables.choices import ItemType

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


def _id(name: str, meaning: str) -> Column:
    return Column(name, T, meaning, is_key=True)


def _share(name: str, meaning: str) -> Column:
    return Column(name, R, meaning, may_be_zero=True)


CONCENTRATION = Table("concentration", "a customer or a group of customers, by what it owes", ("level", "party_id", "is_own_group"), (
    Column("level", T, "customer, or group: customers under one parent", True),
    Column("rank", N, "1 owes most among those outside the group of the entity; ties by code", True),
    _id("party_id", "customer, or parent; empty for unidentified cash"),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("members", N, "customer accounts in it", True),
    Column("is_own_group", F, "a company of the entity's own group: outside the shares", True),
    Column("is_related", F, "a related party is among them", True),
    Column("balance", M, "what it owes", True, currency="functional"),
    _share("balance_share", "of what all customers outside the own group owe; empty for own companies"),
    Column("sales", M, "billed in the year, credit memos taken off, without tax where the documents say it", True, currency="functional"),
    _share("sales_share", "of sales to customers outside the own group; empty for own companies"),
    Column("before", M, "what it owed a year earlier; empty where the records do not reach", currency="functional"),
    Column("disclose_balance", F, "its share of the balance reaches the threshold", True),
    Column("disclose_sales", F, "its share of sales reaches the threshold", True),
))  # fmt: skip

CONCENTRATION_BY = Table("concentration_by", "a value of one dimension: what is owed under it", ("dimension", "value"), (
    Column("dimension", T, "region, country, currency, cover, rating or account", True),
    Column("value", T, "value; empty where none is known"),
    Column("customers", N, "customers", True),
    Column("balance", M, "what they owe", True, currency="functional"),
    _share("share", "of what all customers outside the own group owe"),
    Column("is_over", F, "reaches the threshold", True),
))  # fmt: skip

CONCENTRATION_INDEX = Table("concentration_index", "how concentrated one whole is", ("measure", "level"), (
    Column("measure", T, "balance or sales", True),
    Column("level", T, "customer or group", True),
    Column("parties", N, "with an amount above zero", True),
    Column("amount", M, "the whole: amounts above zero", True, currency="functional"),
    _share("largest", "share of the largest"),
    _share("top", "share of the top N together"),
    _share("herfindahl", "sum of the squared shares: 1 is one customer"),
    _share("equal_parties", "so many equal customers would give the same index"),
))  # fmt: skip


class Standing(StrEnum):
    """What a party is to the entity."""

    INTERCOMPANY = "intercompany"
    RELATED = "related_party"
    CANDIDATE = "candidate"  # not flagged; shares something with one that is
    OTHER = "other"


class Strength(StrEnum):
    """How much an evidence says."""

    STRONG = "strong"
    WEAK = "weak"


EVIDENCE = Table("related_evidence", "something that a customer who is not flagged shares with one that is", ("customer_id", "kind", "shared_with"), (
    Column("rank", N, "1 for the strongest candidate", True),
    _id("customer_id", "customer that is not flagged"),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("kind", T, "what is shared: bank_account, own_bank_account, tax_id, parent, email_domain, address or phone", True),
    Column("strength", T, "strong or weak by itself", True, choices=Strength),
    Column("value", T, "the shared value; of a bank account its last four characters"),
    _id("shared_with", "the flagged customer; empty where it is our own account"),
    Column("other_name", T, "its name; never trusted as a formula or markup"),
    Column("standing", T, "what the flagged one is", True),
    Column("sentence", T, "the evidence in words", True),
))  # fmt: skip

PARTIES = Table("related_parties", "a related party, own company or candidate", ("customer_id",), (
    Column("rank", N, "flagged ones first, then candidates by strength of evidence", True),
    _id("customer_id", "customer"),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("standing", T, "what it is", True, choices=Standing),
    Column("strength", T, "of a candidate: strength of the evidence"),
    Column("evidence", T, "flags or evidence, in words", True),
    Column("debits", M, "what it owes", True, currency="functional"),
    Column("credits", M, "its open credits, negative", True, currency="functional"),
    Column("balance", M, "both", True, currency="functional"),
    Column("past_due", M, "of what it owes, past due", True, currency="functional"),
    Column("sales", M, "billed in the year, credit memos taken off, gross", True, currency="functional"),
    Column("receipts", M, "received in the year, negative", True, currency="functional"),
    Column("write_offs", M, "written off in the year, negative", True, currency="functional"),
    Column("adjustments", M, "adjustments and transfers of the year", True, currency="functional"),
    Column("credit_days", N, "days from document to due date: middle of its invoices of the year"),
    Column("usual_days", N, "the same of all customers that are not related"),
    Column("days_late", R, "days late of what it paid in the year, weighted by amount; negative is early", may_be_zero=True),
    Column("usual_late", R, "the same of all customers that are not related", may_be_zero=True),
    Column("findings", T, "what stands out, in words; empty where nothing does"),
))  # fmt: skip

PARTY_TRANSACTIONS = Table("related_transactions", "a posting of the year with a related party, own company or candidate", ("entity", "posting_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    _id("posting_id", "kind and source record, unique"),
    _id("customer_id", "customer"),
    Column("standing", T, "what it is", True, choices=Standing),
    Column("group", T, "group of lines of the roll-forward", True, choices=RollGroup),
    Column("line", T, "line of the roll-forward", True, choices=RollLine),
    Column("date", D, "posting date", True),
    _id("document_no", "document"),
    Column("item_type", T, "type of the item"),
    _id("account", "control account"),
    Column("user", T, "who entered it"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "in document currency", True, currency="currency"),
    Column("functional_amount", M, "in the books' currency; empty where it is not known", currency="functional"),
))  # fmt: skip

PARTY_BALANCES = Table("related_balances", "open items of one standing in one document currency", ("standing", "currency"), (
    Column("standing", T, "what the customers are", True, choices=Standing),
    Column("currency", T, "document currency", True),
    Column("customers", N, "customers with open items", True),
    Column("items", N, "open items", True),
    Column("outstanding", M, "what is open, net", True, currency="currency"),
))  # fmt: skip

PARTY_TERMS = Table("related_terms", "an invoice of the year to a party whose terms are longer than others get", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    _id("item_id", "item"),
    _id("customer_id", "customer"),
    Column("standing", T, "what it is", True, choices=Standing),
    _id("document_no", "document"),
    Column("document_date", D, "date of the document", True),
    Column("due_date", D, "due date", True),
    Column("credit_days", N, "days from one to the other", True),
    Column("usual_limit", N, "19 of 20 invoices to customers that are not related have so many or fewer", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "gross amount", True, currency="currency"),
))  # fmt: skip

MISPLACED = Table("misplaced_items", "an open item of an own company outside the intercompany accounts, or another's on them", ("entity", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    _id("item_id", "item"),
    Column("instalment_no", N, "due part"),
    _id("customer_id", "customer"),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("item_type", T, "what it is", True, choices=ItemType),
    _id("document_no", "document"),
    _id("control_account", "account that it stands on"),
    Column("role", T, "role of the account"),
    Column("currency", T, "document currency", True),
    Column("outstanding", M, "what is open", True, currency="currency"),
    Column("why", T, "what is odd", True),
))  # fmt: skip

OUTCOME = (
    Column("cash", M, "of the gross amount, settled since by cash, with exchange on it", True, currency="functional"),
    Column("credited", M, "of it, settled since by credit memos, discounts and adjustments", True, currency="functional"),
    Column("lost", M, "of it, written off since as a credit loss", True, currency="functional"),
    Column("still_open", M, "of it, still open", True, currency="functional"),
    Column("recovered", M, "recovered since on what was written off", True, currency="functional"),
)  # fmt: skip

OUTCOMES = Table("look_back_buckets", "a bucket of an earlier date: its allowance against what became of it", ("as_of", "bucket"), (
    Column("as_of", D, "earlier date", True),
    Column("bucket_no", N, "order of the buckets", True),
    Column("bucket", T, "bucket by original due date", True),
    Column("items", N, "open debits", True),
    Column("gross", M, "gross amount", True, currency="functional"),
    Column("allowance", M, "allowance by today's policy on the facts of then", True, currency="functional"),
    *OUTCOME,
    Column("over", M, "allowance less net loss so far", True, currency="functional"),
    Column("loss_rate", R, "lost, net of recoveries, of the gross amount", may_be_zero=True),
    Column("allowance_rate", R, "allowance of the gross amount", may_be_zero=True),
))  # fmt: skip

LOOK_BACK_DATES = Table("look_back_dates", "an earlier date: the allowance of then against what was lost since", ("as_of",), (
    Column("as_of", D, "month end", True),
    Column("months_since", N, "months to the date of the question", True),
    Column("history_months", N, "months of records that the rates of then could rest on", True),
    Column("gross", M, "open debits that the allowance was counted on", True, currency="functional"),
    Column("booked", M, "allowance booked then; empty where nothing says", currency="functional"),
    Column("allowance", M, "allowance that today's policy would have required", True, currency="functional"),
    *OUTCOME,
    Column("resolved", R, "share of the gross amount that is no longer open", may_be_zero=True),
    Column("booked_over", M, "booked allowance less net loss so far: + too much, - too little", currency="functional"),
    Column("over", M, "allowance by today's policy less net loss so far; empty where its rates had no month to rest on", currency="functional"),
    Column("direction", T, "over, under, even, not_yet or unknown: of the booked allowance where it is known", True),
))  # fmt: skip

OUTCOME_ITEMS = Table("look_back_losses", "a receivable of an earlier date that was written off since, or recovered", ("as_of", "item_id"), (
    Column("as_of", D, "earlier date", True),
    _id("item_id", "debt"),
    _id("customer_id", "customer at the date of the question"),
    _id("document_no", "document"),
    Column("bucket", T, "bucket then", True),
    Column("was_specific", F, "a specific reserve would have stood on it", True),
    Column("gross", M, "open then", True, currency="functional"),
    Column("lost", M, "written off since", True, currency="functional"),
    Column("recovered", M, "recovered since", True, currency="functional"),
))  # fmt: skip
