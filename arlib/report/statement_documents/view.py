"""A statement as the texts that stand on its pages: in its language, right to the last mark. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from arlib.collect.statements import OpenLine, Section, Statement
from arlib.collect.statements.references import in_fours
from arlib.money import iso_code
from arlib.policy.statement import StatementKind
from arlib.report.statement_documents.words import amount_of, bucket_of, day_of, money_of, words_of

SLIP_COLUMNS = 4  # documents side by side on the slip
SLIP_CHARACTERS = 105  # in a line of it
AGING_CHARACTERS = 10  # of an amount in a column of a tenth of the page
LONG_WORDS = ("de",)  # "Gutschriften" is as wide as that
GAP = "\u00a0" * 4


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: its cells, and what is carried to the next page after it; a heading has `cells` of one."""

    cells: tuple[str, ...]
    carried: str = ""
    brought: str = ""
    is_heading: bool = False
    is_disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """One currency of a statement as texts."""

    currency: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    is_forward: bool
    opening: tuple[str, str]  # words and amount; ('', '') on an open-item statement
    total: tuple[str, str]
    parts: tuple[tuple[str, str], ...]
    aging: tuple[tuple[str, str], ...]
    is_wide: bool  # amounts of the aging need columns of their own width
    slip: tuple[tuple[str, str], ...]  # facts on the slip; empty where there is none
    slip_documents: tuple[str, ...]


def section_view(statement: Statement, section: Section) -> SectionView:
    """The texts of a section."""
    words, language, currency = words_of(statement.language), statement.language, section.currency
    is_forward = statement.kind is StatementKind.BALANCE_FORWARD
    rows = list(_moves(statement, section) if is_forward else _lines(statement, section))
    if rows:  # nothing is carried from the last line: the total follows it
        rows[-1] = Row(rows[-1].cells, "", "", rows[-1].is_heading, rows[-1].is_disputed)
    heads = ("document", "type", "date", "reference", "amount") if is_forward else _OPEN_HEADS
    parts = (("past_due", section.past_due), ("disputed", section.disputed), ("credits", section.credits))
    opening = ("", "")
    if section.opening is not None:
        opening = (
            f"{words['opening']} {day_of(statement.starts_on, language)}",
            amount_of(section.opening, currency, language),
        )
    has_slip = statement.has_slip and section.has_slip
    return SectionView(
        currency=iso_code(currency),
        heads=tuple(words[head] for head in heads),
        rows=tuple(rows),
        is_forward=is_forward,
        opening=opening,
        total=(
            words[total_word(section)],
            money_of(section.closing, currency, language),
        ),
        parts=tuple((words[name], amount_of(amount, currency, language)) for name, amount in parts if amount),
        aging=(
            *(
                (bucket_of(bucket, words), amount_of(amount, currency, language))
                for bucket, amount in section.aging
            ),
            (words["total"], amount_of(section.closing, currency, language)),
        ),
        is_wide=max(len(amount_of(amount, currency, language)) for _, amount in section.aging)
        > AGING_CHARACTERS
        or statement.language in LONG_WORDS,
        slip=tuple(_slip(statement, section)) if has_slip else (),
        slip_documents=tuple(_slip_documents(statement, section)) if has_slip and not is_forward else (),
    )


def total_word(section: Section) -> str:
    """Which word stands before the closing balance: nothing is called due where nothing is past due."""
    if section.closing < 0:
        return "in_your_favour"
    return "total_due" if section.past_due else "closing"


_OPEN_HEADS = ("document", "type", "date", "due", "late", "reference", "amount", "open")


def _lines(statement: Statement, section: Section) -> Iterator[Row]:
    words, language, code = words_of(statement.language), statement.language, section.currency
    names, account, running = dict(statement.customers), None, 0
    for line in section.lines:
        if statement.is_group and line.customer_id != account:
            account = line.customer_id
            carried, brought = _carry(running, code, statement) if running else ("", "")
            yield Row(
                (f"{words['account']} {account}, {names.get(account, '')}",),
                carried,
                brought,
                is_heading=True,
            )
        running += line.outstanding
        kind = words[f"kind_{line.item_type}"]
        if line.disputed:
            kind = f"{kind} ({words['disputed_mark']})"
        late = (
            line.days_past_due
            if line.days_past_due and line.days_past_due > 0 and line.outstanding > 0
            else None
        )
        yield Row(
            (
                _number(line, words["part"]),
                kind,
                day_of(line.document_date, language),
                day_of(line.due_date, language),
                "" if late is None else str(late),
                line.reference,
                amount_of(line.amount, code, language),
                amount_of(line.outstanding, code, language),
            ),
            *_carry(running, code, statement),
            is_disputed=bool(line.disputed),
        )


def _moves(statement: Statement, section: Section) -> Iterator[Row]:
    words, language, code = words_of(statement.language), statement.language, section.currency
    running = section.opening or 0
    for move in section.movements:
        running += move.amount
        kind = words[f"kind_{move.kind}"]
        yield Row(
            (
                move.document_no,
                f"{kind}, {move.customer_id}" if statement.is_group else kind,
                day_of(move.on, language),
                move.reference,
                amount_of(move.amount, code, language),
            ),
            *_carry(running, code, statement),
        )


def _carry(running: int, code: str, statement: Statement) -> tuple[str, str]:
    words = words_of(statement.language)
    told = money_of(running, code, statement.language)
    return f"{words['carried']}  {told}", f"{words['brought']}  {told}"


def _number(line: OpenLine, part: str) -> str:
    number = line.document_no or line.item_id
    return number if line.instalment_no is None else f"{number} ({part}\u00a0{line.instalment_no})"


def _slip(statement: Statement, section: Section) -> Iterator[tuple[str, str]]:
    words, remit = words_of(statement.language), section.remit_to
    yield words["customer"], f"{statement.customer_id}, {statement.name}"
    yield words["number"], statement.number
    yield (
        words["amount_due" if section.past_due else "closing"],
        money_of(section.closing, section.currency, statement.language),
    )
    if section.reference:
        yield words["creditor_reference"], in_fours(section.reference)
    if remit is not None:
        yield words["pay_to"], remit.holder or statement.entity_name
        for name, value in (
            ("bank", remit.bank),
            ("bank_account", remit.account),
            ("bank_code", remit.bank_code),
        ):
            if value:
                yield words[name], value


def _slip_documents(statement: Statement, section: Section) -> Iterator[str]:
    """The documents to pay, some side by side in columns of one width; credits too, since they may be taken off."""
    part = words_of(statement.language)["part"]
    told = [
        (_number(line, part), amount_of(line.outstanding, section.currency, statement.language))
        for line in section.lines
    ]
    name, amount = max(len(one) for one, _ in told), max(len(one) for _, one in told)
    columns = max(1, min(SLIP_COLUMNS, SLIP_CHARACTERS // (name + amount + 1 + len(GAP))))
    cells = [f"{number:<{name}} {minor:>{amount}}".replace(" ", "\u00a0") for number, minor in told]
    for first in range(0, len(cells), columns):
        yield GAP.join(cells[first : first + columns])
