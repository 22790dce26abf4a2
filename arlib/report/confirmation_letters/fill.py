"""Confirmation letters from the control sheet and the open documents. Floor 3. Pure; nothing is rounded here."""

from __future__ import annotations

from datetime import date

import pandas as pd

from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope
from arlib.report.confirmation_letters.model import ConfirmationLetter
from arlib.report.documents.fill import customer_of, issuer_of
from arlib.report.documents.model import Money, Party
from arlib.report.letters import LetterLine
from arlib.report.letters.locales import locale_of
from arlib.tables import Book
from arlib.tables.rows import is_none, records, text

BLANK = "blank"


def letters_of(
    book: Book, sheet: pd.DataFrame, in_letters: pd.DataFrame, *, options: ConfirmationsOptions, scope: Scope, policies: Policies
) -> tuple[ConfirmationLetter, ...]:  # fmt: skip
    """A letter for each line of CONTROL_SHEET, with its open documents from `in_letters` (OPEN_DOCUMENTS with request_no).

    Raises ParameterError without an address of the auditor: a reply to the entity is no audit evidence.
    """
    reply_to = reply_address(options)
    if not reply_to and not options.reply_email:
        raise ParameterError(
            "reply_to", where="confirmations", found="nothing", wanted="the auditor's address or e-mail address",
            fix="Replies must come to the auditor: give reply_to or reply_email.",
        )  # fmt: skip
    sender = issuer_of(book, scope.entity)
    sender = Party(
        name=scope.entity_name or sender.name, code=sender.code, country=sender.country, address=policies.statement.issuer_lines
    )  # fmt: skip
    by_letter = {str(number): part for number, part in in_letters.groupby("request_no", sort=True)}
    made = []
    for row in records(sheet):
        number, currency = str(row["request_no"]), str(row["currency"])
        to = customer_of(book, scope.entity, str(row["customer_id"]), name=text(row["customer_name"]))
        lines = () if options.form == BLANK else _lines(by_letter[number], currency)
        made.append(
            ConfirmationLetter(
                number=number, kind=options.form, dated=_day(options.dated) or scope.as_of, language="en",
                locale=locale_of("en", sender.country), sender=sender, to=to, about=to, lines=lines, as_of=scope.as_of,
                balance_currency=currency, auditor=options.auditor, reply_to=reply_to, reply_email=options.reply_email,
                reply_by=_day(options.reply_by), channel="letter",
            )
        )  # fmt: skip
    return tuple(made)


def reply_address(options: ConfirmationsOptions) -> tuple[str, ...]:
    """The lines of the auditor's address."""
    return tuple(part.strip() for part in options.reply_to.split("|") if part.strip())


def _lines(rows: pd.DataFrame, currency: str) -> tuple[LetterLine, ...]:
    ordered = rows.sort_values(["document_date", "document_no", "item_id"], kind="stable")
    return tuple(
        LetterLine(
            document_no=text(row["document_no"]) or str(row["item_id"]), document_date=row["document_date"].date(),
            due_date=None if is_none(row["due_date"]) else row["due_date"].date(),
            amount=Money(amount=int(row["outstanding"]), currency=currency),
        )
        for row in records(ordered)
    )  # fmt: skip


def _day(value: str) -> date | None:
    return date.fromisoformat(value) if value else None
