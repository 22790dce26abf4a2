"""Letters from the results of `collect.dunning` and the book: pure. Floor 3. Amounts are minor units; nothing is rounded here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from arlib.policy import Policies, Scope
from arlib.report.documents.fill import customer_of, issuer_of
from arlib.report.documents.model import Money, Party
from arlib.report.letters.locales import locale_of
from arlib.report.letters.model import Letter, LetterLine
from arlib.report.letters.page import LetterTemplates
from arlib.tables.rows import Row, is_none, records, text, whole

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book

CODE = re.compile(r"[a-z]{2,3}")
WITHOUT_CONTACT = ("estate", "bankruptcy")  # letters that do not go to the person who used to pay


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What every letter of a batch shares."""

    book: Book
    scope: Scope
    policies: Policies
    templates: LetterTemplates
    dated: date
    is_preview: bool = False


def language_of(given: str, kind: str, desk: Desk) -> tuple[str, str]:
    """The language of a letter, and a remark where it is not the customer's.

    `de-AT`, `DE` and `de` are German. A language that the policy does not list, or that has no such template, falls back
    to the policy's default.
    """
    policy = desk.policies.dunning
    code = re.split(r"[-_]", given.strip().lower())[0]
    if code in policy.languages and desk.templates.has(kind, code):
        return code, ""
    if not code:
        return policy.default_language, "the customer has no language: the default"
    what = f"no {kind} template in {code!r}" if CODE.fullmatch(code) else "the customer's language is no code"
    return policy.default_language, f"{what}: {policy.default_language!r} instead"


def dunning_letter(row: Row, lines: pd.DataFrame, desk: Desk) -> tuple[Letter, str]:
    """A letter from a row of DUNNING_LETTERS and its DUNNING_LINES, and a remark on its language."""
    language, remark = language_of(text(row["language"]), str(row["template"]), desk)
    currency = str(row["currency"])
    rows = lines.sort_values(["due_date", "document_no"], kind="stable")
    letter = _letter(
        row, str(row["template"]), language, desk, level=int(row["level"]), channel=str(row["channel"]),
        lines=tuple(_line(each, int(each["asked"])) for each in records(rows)),
        asked=Money(amount=int(row["asked"]), currency=currency), to_pay=Money(amount=int(row["to_pay"]), currency=currency),
        pay_by=_later(row["pay_by"], desk) if whole(row["days_past_due"]) > 0 else row["pay_by"].date(),
        **{name: _money(row[name], currency) for name in ("credits", "interest", "compensation", "fee", "left_out")},
    )  # fmt: skip
    return letter, remark


def special_letter(row: Row, lines: pd.DataFrame, desk: Desk) -> tuple[Letter, str]:
    """A letter from a row of SPECIAL_LETTERS and its SPECIAL_LINES, and a remark on its language."""
    kind = str(row["kind"])
    language, remark = language_of(text(row["language"]), kind, desk)
    is_posted = kind in WITHOUT_CONTACT
    is_dated_by_others = kind == "bankruptcy" or (kind == "estate" and bool(text(row["addressee"])))
    answer = (
        None
        if is_none(row["answer_by"])
        else row["answer_by"].date()
        if is_dated_by_others
        else _later(row["answer_by"], desk)
    )
    letter = _letter(
        row, kind, language, desk, channel="letter" if is_posted else "email",
        lines=tuple(_line(each, int(each["amount"])) for each in records(lines.sort_values("line_no", kind="stable"))),
        amount=None if is_none(row["amount"]) else Money(amount=int(row["amount"]), currency=str(row["currency"])),
        **{name: None if is_none(row[name]) else _money(row[name], str(row["currency"])) for name in ("discount", "fee")},
        answer_by=answer, happened_on=_day(row["happened_on"]), case_no=text(row["case_no"]), detail=text(row["detail"]),
    )  # fmt: skip
    if addressee := text(row["addressee"]):
        letter = replace(letter, to=Party(name=addressee))
    return letter, remark


def _letter(row: Row, kind: str, language: str, desk: Desk, **own: Any) -> Letter:
    entity, customer = desk.scope.entity, text(row["customer_id"])
    statement = desk.policies.statement
    sender = issuer_of(desk.book, entity)
    sender = replace(sender, name=desk.scope.entity_name or sender.name, address=statement.issuer_lines)
    to = customer_of(desk.book, entity, customer, name=text(row["name"]))
    money = own.get("to_pay") or own.get("amount")
    remit = statement.remit_for(money.currency.split(".")[0]) if money else None
    shown = () if remit is None else (remit.holder or sender.name, remit.bank, remit.account, remit.bank_code)
    return Letter(
        number=str(row["letter_id"]), kind=kind, dated=desk.dated, language=language,
        locale=locale_of(language, to.country), sender=sender, to=to, about=to,
        contact="" if kind in WITHOUT_CONTACT else _contact(desk.book, entity, customer),
        remit_to=tuple(part for part in shown if part), is_preview=desk.is_preview, **own,
    )  # fmt: skip


def _contact(book: Book, entity: str, customer: str) -> str:
    rows = book["customers"]
    mine = rows[
        rows["customer_id"].eq(customer) & (rows["entity"].eq(entity) | rows["entity"].fillna("").eq(""))
    ]
    return text(mine["contact"].iloc[0]) if len(mine) else ""


def _line(row: Mapping[str, Any], amount: int) -> LetterLine:
    days = None if is_none(row["days_past_due"]) else int(row["days_past_due"])
    return LetterLine(
        document_no=text(row["document_no"]) or text(row["item_id"]), document_date=_day(row["document_date"]),
        due_date=_day(row["due_date"]), days=days if days is not None and days > 0 and amount > 0 else None,
        amount=Money(amount=amount, currency=str(row["currency"])),
    )  # fmt: skip


def _money(value: Any, currency: str) -> Money | None:
    return Money(amount=whole(value), currency=currency) if whole(value) else None


def _later(day: Any, desk: Desk) -> date:
    """A day asked for, moved on where the letter is dated after the as-of date."""
    shift = max((desk.dated - desk.scope.as_of).days, 0)
    moved: date = day.date() + timedelta(days=shift)
    return moved


def _day(value: Any) -> date | None:
    if is_none(value):
        return None
    found: date = value.date()
    return found
