"""The checklist of customer files: what is missing, expired or about to, exemption certificates too. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.contact.records import records_of
from arlib.collect.position import Position
from arlib.collect.review.frames import FILE_CHECKLIST, FileState
from arlib.collect.review.references import names_of
from arlib.credit.write_off.words import day, in_words, many
from arlib.ledger.attributes import merged_codes
from arlib.policy import Policies
from arlib.policy.credit_review import CreditReviewPolicy
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus, FileKind
from arlib.tables.rows import Row, is_none, records, text

REVIEWED = (FileKind.FINANCIAL_STATEMENTS.value,)


def file_checklist(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """What each customer's file has and lacks: FILE_CHECKLIST, sorted by its key.

    One row for each kind of document, the one that holds longest; each exemption certificate in force or expired stands
    for itself. A document expires after its last day: on that day it still holds, and is about to expire from
    `expiry_warning_days` before. Financial statements without an end are reviewed again when they
    are older than `review_months`. Required documents that are not there are missing; accounts that are closed, were merged into
    another or belong to a company of the group need none, nor does a book without customer files: then nothing is known to
    be missing. Uses CUSTOMER_FILES, EXEMPTIONS, CUSTOMERS.
    """
    now, policy = pd.Timestamp(position.scope.as_of), policies.credit_review
    files = records_of(book, "customer_files", scope=position.scope)
    files = files[files["received_on"].le(now).to_numpy(dtype=bool)].assign(source="customer_files")
    given = records_of(book, "exemptions", scope=position.scope)
    came = given["received_on"].fillna(given["valid_from"]).le(now) & given["valid_from"].le(now)
    given = given[came.to_numpy(dtype=bool)]
    exemptions = given.assign(
        kind=FileKind.EXEMPTION_CERTIFICATE.value, reference=given["certificate_no"], expires_on=given["valid_to"],
        received_on=given["received_on"].fillna(given["valid_from"]), source="exemptions",
    )  # fmt: skip
    # a certificate that both tables hold is one certificate
    both = pd.MultiIndex.from_frame(exemptions[["customer_id", "kind", "reference"]])
    files = files[~pd.MultiIndex.from_frame(files[["customer_id", "kind", "reference"]]).isin(both)]
    rows = [*records(_best(files)), *records(exemptions)]
    if book.has("customer_files"):
        have = {(row["customer_id"], row["kind"]) for row in rows}
        rows += [
            {"customer_id": customer, "kind": kind.value}
            for customer in _needing(book, position)
            for kind in policy.required_files
            if (customer, kind.value) not in have
        ]
    made = FILE_CHECKLIST.from_rows(_judged(row, now=now, policy=policy) for row in rows)
    made = made.assign(entity=position.scope.entity, name=names_of(made["customer_id"], position))
    return FILE_CHECKLIST.typed(made).sort_values(list(FILE_CHECKLIST.key), kind="stable", ignore_index=True)


def _best(files: pd.DataFrame) -> pd.DataFrame:
    """Of each customer and kind the document that holds longest; one without an end holds longest of all."""
    far = files["expires_on"].fillna(pd.Timestamp.max.floor("s"))
    ordered = files.assign(_until=far).sort_values(
        ["customer_id", "kind", "_until", "received_on"], kind="stable"
    )
    return ordered.drop_duplicates(["customer_id", "kind"], keep="last").drop(columns="_until")


def _needing(book: Book, position: Position) -> list[str]:
    """Customers that must have a file."""
    rows = position.attributes
    codes = merged_codes(rows["customer_id"], book, entity=position.scope.entity, on=position.scope.as_of)
    ours = rows["is_intercompany"].astype("boolean").fillna(False)
    mine = rows[~ours & codes.eq(rows["customer_id"]) & rows["status"].ne(CustomerStatus.CLOSED.value)]
    return sorted(set(mine["customer_id"].dropna()))


def _judged(row: Row, *, now: pd.Timestamp, policy: CreditReviewPolicy) -> Row:
    kind, months = text(row["kind"]), policy.review_months
    name = in_words(kind)
    is_required = kind in [each.value for each in policy.required_files]
    made = {**row, "is_required": is_required}
    if "received_on" not in row:
        return made | {"state": FileState.MISSING.value, "what": f"{name} is missing: ask for it"}
    left = None if is_none(row["expires_on"]) else int((row["expires_on"] - now).days)
    if left is not None and left < 0:
        state, what = FileState.EXPIRED, f"{name} expired on {day(row['expires_on'])}: ask for a new one"
    elif left is not None and left <= policy.expiry_warning_days:
        state = FileState.EXPIRES_SOON
        what = f"{name} holds until {day(row['expires_on'])}, {many(left, 'more day')}: ask for a new one"
    elif left is None and kind in REVIEWED and row["received_on"] < now - pd.DateOffset(months=months):
        state = FileState.REVIEW_DUE
        what = f"{name} is of {day(row['received_on'])}, older than {many(months, 'month')}: review it"
    else:
        state, what = FileState.ON_FILE, f"{name} is on file"
    return made | {"state": state.value, "days_left": left, "what": what}
