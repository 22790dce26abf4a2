"""The table of an advice's text, checked against the total that the text states. Floor 2.

What is not certain is refused: a header that names a reference and an amount, one row a document, one number style, and
a stated total that is exactly the sum of the rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from arlib.errors import SourceError
from arlib.money import is_currency
from arlib.sources.advice import figures, words
from arlib.sources.advice.lines import GAP, MAX_LINES, MONEY, Table, Total, cell_of, found_in, reference_of
from arlib.sources.edi.characters import clean
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Row

_LABEL_GAP = re.compile(r":[ \u00a0]{2,}")


def read_table(text: str, name: str, *, payer: str = "", date: str = "") -> list[Row]:
    """One payment and its remittances. Raises SourceError where a row or the total is not certain, and says what
    was found and what is missing."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise SourceError("is too long for an advice", where=name, found=f"{len(lines):,} lines")
    table, totals = found_in(lines, name)
    facts = _facts(lines)
    currency, columns = _figures(table, totals, facts, name)
    checked = _checked(table, columns, totals, currency, name)
    amount = sum(checked["paid"], Decimal(0))
    payment = {
        "payment": "1", "date": facts.get("date") or date, "currency": currency, "amount": plain(amount),
        "trace": facts.get("trace", ""), "reference": facts.get("trace", ""),
        "payer_name": facts.get("payer") or clean(payer), "entries": str(len(table.rows)), "net": plain(amount),
        "state": "ties", "difference": plain(amount - amount),
    }  # fmt: skip
    made: list[Row] = [("payments", table.line, payment)]
    dates = figures.days([cell_of(table, row, "date") for _, row in table.rows])
    for place, (line, row) in enumerate(table.rows):
        fields = {
            "payment": "1", "remittance_line": str(place + 1), "reference": clean(reference_of(table, row)),
            "reference_kind": "invoice" if "invoice" in table.columns else "", "document_date": dates[place],
            "currency": currency, "net": plain(checked["paid"][place]), "reason_text": clean(cell_of(table, row, "reason")),
            "customer_reference": clean(cell_of(table, row, "order")),
        }  # fmt: skip
        for kind in ("gross", "discount", "deduction"):
            if kind in checked and cell_of(table, row, kind if kind in table.columns else "amount"):
                fields[kind] = plain(checked[kind][place])
        made.append(("remittances", line, fields))
    return made


def _facts(lines: Sequence[str]) -> dict[str, str]:
    """What labelled lines say of the payment: payer, trace, date, currency; a fact that is said in two ways is none."""
    labels = {"payer": words.PAYER, "trace": words.TRACE, "date": words.PAID_ON, "currency": words.CURRENCY}
    found: dict[str, set[str]] = {}
    for piece in (piece for line in lines for piece in GAP.split(_LABEL_GAP.sub(": ", line[:400]))):
        head, mark, tail = piece.replace("\uff1a", ":").partition(":")
        value = clean(tail.strip(" \t|"))
        for fact, phrases in labels.items():
            if mark and value and words.bare(head.strip(" \t|")) in phrases:
                found.setdefault(fact, set()).add(value)
    facts = {fact: next(iter(values)) for fact, values in found.items() if len(values) == 1}
    if "date" in facts:
        facts["date"] = figures.days([facts["date"]])[0]
    return facts


def _figures(
    table: Table, totals: Sequence[Total], facts: dict[str, str], name: str
) -> tuple[str, dict[str, list[Decimal]]]:
    """The currency, and the values of each column of money and of the totals (as 'total'), in one number style."""
    kinds = [kind for kind in MONEY if kind in table.columns]
    texts: list[str] = []
    named = {code for code in (facts.get("currency", "").upper()[:3],) if code}
    named |= {cell_of(table, row, "currency").upper() for _, row in table.rows} - {""}
    for heading in table.cells:
        named |= set(re.findall(r"\(([A-Z]{3})\)", heading))
    cells = [(line, cell_of(table, row, kind)) for line, row in table.rows for kind in kinds]
    cells += [(one.line, text) for one in totals for text in one.texts]
    for line, cell in cells:
        text, code = figures.stripped(cell) if cell not in ("", "-") else ("", "")
        if not text and cell not in ("", "-"):
            raise SourceError("not an amount", where=f"{name}, line {line}", found=cell)
        texts.append(text)
        named |= {code} - {""}
    known = {code for code in named if is_currency(code)}
    if len(known) > 1:
        raise SourceError("several currencies in one advice", where=name, found=", ".join(sorted(known)))
    currency = next(iter(known), "")
    values = figures.amounts(texts, currency=currency)
    if values is None:
        raise SourceError(
            "the amounts are not all written in one certain style",
            where=name,
            found=", ".join([text for text in texts if text][:4]),
            wanted="one such as 1,234.56 or 1.234,56 throughout",
        )
    count = len(kinds)
    made = {kind: values[place : len(table.rows) * count : count] for place, kind in enumerate(kinds)}
    return currency, made | {"total": values[len(table.rows) * count :]}


def _checked(
    table: Table, columns: dict[str, list[Decimal]], totals: Sequence[Total], currency: str, name: str
) -> dict[str, list[Decimal]]:
    """The columns by what they mean, proven row by row and by the stated totals."""
    made: dict[str, list[Decimal]] = {
        kind: columns[kind] for kind in ("gross", "discount", "deduction", "net") if kind in columns
    }
    if "amount" in columns:
        made["gross" if "net" in made and "gross" not in made else "net"] = columns["amount"]
    if "net" not in made:
        made["net"] = made.pop("gross") if not {"discount", "deduction"} & set(made) else []
    for kind in ("discount", "deduction"):
        if (
            kind in made
            and any(value < 0 for value in made[kind])
            and not any(value > 0 for value in made[kind])
        ):
            made[kind] = [-value for value in made[kind]]
    if not made["net"]:
        made["net"] = _left(made, len(table.rows))
    elif "gross" in made and {"discount", "deduction"} & set(made):
        for (line, _), paid, left in zip(table.rows, made["net"], _left(made, len(table.rows)), strict=True):
            if paid != left:
                raise SourceError(
                    f"line {line} does not add up",
                    where=name,
                    found=plain(paid),
                    wanted=f"{plain(left)}, what is left",
                )
    made["paid"] = made["net"]
    sums = {kind: sum(values, Decimal(0)) for kind, values in made.items()}
    said = f"{len(table.rows)} rows, sum {sums['paid']:,}{f' {currency}' if currency else ''}"
    place, is_proven = 0, False
    for one in totals:
        values = columns["total"][place : place + len(one.texts)]
        place += len(one.texts)
        is_proven |= sums["paid"] in values
        if any(value not in (*sums.values(), *(-value for value in sums.values())) for value in values):
            raise SourceError(
                f"the total on line {one.line} is not the sum of the rows",
                where=name,
                found=", ".join(f"{value:,}" for value in values),
                wanted=said,
            )
    if not is_proven:
        raise SourceError(
            f"{said}, but no total to check {'it' if len(table.rows) == 1 else 'them'} with",
            where=name,
            wanted="a line such as Total paid with the amount",
        )
    return made


def _left(made: dict[str, list[Decimal]], count: int) -> list[Decimal]:
    none = [Decimal(0)] * count
    triples = zip(
        made.get("gross", none), made.get("discount", none), made.get("deduction", none), strict=True
    )
    return [gross - discount - deduction for gross, discount, deduction in triples]
