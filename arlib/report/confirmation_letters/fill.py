"""Confirmation letters from the control sheet and the open documents. Floor 3. Pure; nothing is rounded here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.errors import ParameterError
from arlib.ledger.facts import of_entity
from arlib.policy import Scope
from arlib.report.confirmation_letters.model import ConfirmationLetter, ConfirmationLine
from arlib.report.documents.fill import customer_of, issuer_of
from arlib.report.documents.model import Money
from arlib.report.letters.locales import locale_of
from arlib.tables import Book
from arlib.tables.rows import is_none, records, text

BLANK = "blank"


def letters_of(
    book: Book, sheet: pd.DataFrame, in_letters: pd.DataFrame, *, options: ConfirmationsOptions, scope: Scope
) -> tuple[ConfirmationLetter, ...]:  # fmt: skip
    """A letter for each line of CONTROL_SHEET, with its open documents from `in_letters` (OPEN_DOCUMENTS with request_no).

    The sender has no address: the books hold none, and that of the statements is one for all entities of a close. Who holds
    a document by assignment is as the books have it now. Raises ParameterError without an address of the auditor: a reply
    to the entity is no audit evidence.
    """
    reply_to = reply_address(options)
    if not reply_to and not options.reply_email:
        raise ParameterError(
            "reply_to", where="confirmations", found="nothing", wanted="the auditor's address or e-mail address",
            fix="Replies must come to the auditor: give reply_to or reply_email.",
        )  # fmt: skip
    sender = issuer_of(book, scope.entity)
    sender = replace(sender, name=scope.entity_name or sender.name)
    holders = _holders(book, scope)
    by_letter = {str(number): part for number, part in in_letters.groupby("request_no", sort=True)}
    made = []
    for row in records(sheet):
        number, currency = str(row["request_no"]), str(row["currency"])
        to = customer_of(book, scope.entity, str(row["customer_id"]), name=text(row["customer_name"]))
        lines = _lines(by_letter[number], currency, holders)
        made.append(
            ConfirmationLetter(
                number=number, kind=options.form, dated=scope.as_of, sent_on=_day(options.dated), language="en",
                locale=locale_of("en", sender.country), sender=sender, to=to, about=to, as_of=scope.as_of,
                lines=() if options.form == BLANK else lines, holders=tuple(sorted({line.assigned_to for line in lines} - {""})),
                balance_currency=currency, auditor=options.auditor, reply_to=reply_to, reply_email=options.reply_email,
                reply_by=_day(options.reply_by), channel="letter",
            )
        )  # fmt: skip
    return tuple(made)


def reply_address(options: ConfirmationsOptions) -> tuple[str, ...]:
    """The lines of the auditor's address."""
    return tuple(part.strip() for part in options.reply_to.split("|") if part.strip())


def _holders(book: Book, scope: Scope) -> dict[str, str]:
    """Who holds an item by assignment, by item_id; items that the entity holds itself are not there."""
    items = of_entity(book["items"], scope.entity)
    held = items[items["assigned_to"].fillna("").str.strip().ne("").to_numpy(dtype=bool)]
    return dict(zip(held["item_id"], held["assigned_to"].str.strip(), strict=True))


def _lines(rows: pd.DataFrame, currency: str, holders: Mapping[str, str]) -> tuple[ConfirmationLine, ...]:
    ordered = rows.sort_values(["document_date", "document_no", "item_id"], kind="stable")
    return tuple(
        ConfirmationLine(
            document_no=text(row["document_no"]) or str(row["item_id"]), document_date=row["document_date"].date(),
            due_date=None if is_none(row["due_date"]) else row["due_date"].date(),
            amount=Money(amount=int(row["outstanding"]), currency=currency),
            assigned_to=holders.get(str(row["item_id"]), ""),
        )
        for row in records(ordered)
    )  # fmt: skip


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None
