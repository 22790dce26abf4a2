"""Canonical tables of collecting: orders, targets, placements, exceptions, files, portals, notices. Floor 0."""

from __future__ import annotations

from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE


def _id(name: str, meaning: str, *, is_required: bool = True) -> Column:
    return Column(name, T, meaning, is_required=is_required, is_key=True)


ORDERS = Table("orders", "an order that is not billed in full", ("entity", "order_no"), (
    _id("order_no", "our order number"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    Column("ordered_on", D, "day of the order", True),
    Column("deliver_on", D, "day that it is to be delivered"),
    Column("cancelled_on", D, "day that it was cancelled; empty while it stands"),
    Column("currency", T, "currency", True),
    Column("amount", M, "gross value of the order", True, currency="currency"),
    Column("billed_amount", M, "gross value billed of it by now", currency="currency"),
    Column("state", T, "where it stands", True, choices=choices.OrderState),
))  # fmt: skip

TARGETS = Table("targets", "what is to be reached in a period", ("entity", "period", "measure", "collector", "region", "bucket"), (
    _id("entity", "entity code"),
    _id("period", "quarter such as 2026-Q4, or a period of the close's calendar"),
    Column("measure", T, "what is measured", True, choices=choices.TargetMeasure),
    Column("collector", T, "of one collector; empty for all"),
    Column("region", T, "of one region; empty for all"),
    Column("bucket", T, "of one bucket of the aging at the start of the quarter; empty for all"),
    Column("rate", R, "target as a share, decimal text: of the frozen balance, of accounts, of promises"),
    Column("currency", T, "currency of the amount"),
    Column("amount", M, "target as an amount, where no share is given", currency="currency"),
    Column("count", N, "target as a number: contacts"),
    Column("set_by", T, "who set it"),
))  # fmt: skip

PLACEMENTS = Table("placements", "a debt given to an agency or an attorney", ("entity", "placement_id"), (
    _id("placement_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty for all that the customer owed that day", is_required=False),
    Column("kind", T, "agency or attorney", True, choices=choices.PlacementKind),
    Column("placed_with", T, "who collects it now", True),
    Column("placed_on", D, "first day", True),
    Column("recalled_on", D, "day that it came back; empty while it is there"),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount placed", True, currency="currency"),
    Column("fee_rate", R, "contingency fee, share of what is collected, decimal text", may_be_zero=True),
    Column("approved_by", T, "who approved it"),
))  # fmt: skip

COLLECTION_EXCEPTIONS = Table("collection_exceptions", "an account or item outside the standard procedure", ("entity", "exception_id"), (
    _id("exception_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty for the account", is_required=False),
    Column("procedure", T, "what is not done, or done otherwise", True, choices=choices.ExceptionProcedure),
    Column("reason", T, "why, in words; never trusted as a formula or markup", True),
    Column("owner", T, "who answers for it", True),
    Column("approved_by", T, "who approved it"),
    Column("valid_from", D, "first day", True),
    Column("expires_on", D, "last day; an exception without one is a finding"),
))  # fmt: skip

CUSTOMER_FILES = Table("customer_files", "a document in a customer's file", ("entity", "customer_id", "kind", "received_on"), (
    _id("entity", "entity code; empty when one file serves all", is_required=False),
    _id("customer_id", "customer"),
    Column("kind", T, "what it is", True, choices=choices.FileKind),
    Column("reference", T, "number or name of the document"),
    Column("received_on", D, "day that we received it", True),
    Column("expires_on", D, "last day that it holds; empty means no end"),
))  # fmt: skip

TERMS_EXCEPTIONS = Table("terms_exceptions", "terms granted to a customer beside its own", ("entity", "exception_id"), (
    _id("exception_id", "identifier"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item; empty for all that is billed in the time", is_required=False),
    Column("terms", T, "terms granted, e.g. net 90", True),
    Column("reason", T, "why, in words; never trusted as a formula or markup"),
    Column("requested_by", T, "who asked for them"),
    Column("approved_by", T, "who approved them; empty: nobody did"),
    Column("granted_on", D, "first day", True),
    Column("expires_on", D, "last day; empty means no end"),
))  # fmt: skip

BUREAU_REPORTS = Table("bureau_reports", "a report of a credit bureau, or a trade or bank reference", ("entity", "customer_id", "provider", "reported_on"), (
    _id("entity", "entity code; empty when one account serves all", is_required=False),
    _id("customer_id", "customer"),
    Column("provider", T, "who reports", True),
    Column("kind", T, "bureau, trade or bank reference", True, choices=choices.ReferenceKind),
    Column("reported_on", D, "date of the report", True),
    Column("score", N, "score as the provider gives it"),
    Column("score_lowest", N, "worst score of the provider's scale"),
    Column("score_highest", N, "best score of the provider's scale"),
    Column("rating", T, "rating in the provider's letters"),
    Column("days_beyond_terms", N, "days that others are paid late"),
    Column("currency", T, "currency of the limit"),
    Column("recommended_limit", M, "limit that the provider recommends", currency="currency"),
    Column("text", T, "remark; never trusted as a formula or markup"),
))  # fmt: skip

PORTAL_INVOICES = Table("portal_invoices", "where an invoice stands in a customer's portal", ("entity", "item_id", "portal", "status_on"), (
    _id("entity", "entity code"),
    _id("item_id", "item"),
    Column("portal", T, "portal", True),
    Column("submitted_on", D, "day that it was submitted"),
    Column("status", T, "where it stands there", True, choices=choices.PortalStatus),
    Column("status_on", D, "day of that status", True),
    Column("pay_date", D, "day that the portal says it will be paid"),
    Column("reason", T, "why it was rejected, as the portal says; never trusted as a formula or markup"),
))  # fmt: skip

DOCUMENT_LINKS = Table("document_links", "a file that belongs to a document", ("entity", "item_id", "kind", "path"), (
    _id("entity", "entity code"),
    _id("item_id", "item"),
    Column("kind", T, "what it is", True, choices=choices.LinkKind),
    Column("path", T, "file, from the folder of the extracts", True),
    Column("sha256", T, "hash of its content, where the source keeps it"),
))  # fmt: skip

DUNNING_NOTICES = Table("dunning_notices", "a reminder or demand that was sent on an item", ("entity", "notice_id", "item_id"), (
    _id("notice_id", "letter; one letter has a row for each item in it"),
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    _id("item_id", "item"),
    Column("level", N, "level of the letter: 0 reminder before the due date, 1, 2, 3 ...", True),
    Column("sent_on", D, "day", True),
    Column("channel", T, "letter, email, call or portal", True),
    Column("currency", T, "currency of the item", True),
    Column("amount", M, "open amount asked for", True, currency="currency"),
))  # fmt: skip

COLLECTING = (
    ORDERS, TARGETS, PLACEMENTS, COLLECTION_EXCEPTIONS, CUSTOMER_FILES, TERMS_EXCEPTIONS, BUREAU_REPORTS,
    PORTAL_INVOICES, DOCUMENT_LINKS, DUNNING_NOTICES,
)  # fmt: skip
