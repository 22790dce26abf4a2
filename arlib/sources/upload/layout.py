"""A file of a layout before it is written: columns, rows of text, and where its money stands. Floor 2.

Text is decided here, once for all targets. Identifiers, references, accounts and amounts are written as they are or refused;
free text is made inert (an apostrophe before = + - @), its line breaks, tabs, separators and quotes are replaced, and it is
cut to the field. Everything that changed a text is a note.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from arlib.errors import Problem, Severity
from arlib.money import format_minor, minor_places, number_style, parse_minor
from arlib.sources.export import inert
from arlib.tables.check import id_fault


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A text that was changed on its way into a file."""

    file: str
    reference: str
    column: str
    change: str
    found: str


@dataclass
class Layout:
    """One table of a file in the target's layout.

    `money` names the amount columns: column, currency column, and side (1 debit, -1 credit, 0 by the sign of the amount). A
    `currency_at` that is no column of the layout is a hidden one, kept beside the rows for the control totals only.
    """

    name: str
    columns: tuple[str, ...]
    has_header: bool = True
    separator: str = ","
    number_style: str = "1234.56"
    money: tuple[tuple[str, str, int], ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def code(self, value: Any, column: str, limit: int, ref: str) -> str:
        """An identifier, account or reference: as it is, or a problem where it does not fit the field."""
        text = "" if value is None or value != value else str(value)
        if id_fault(text):
            self._refuse(
                column,
                "not_an_identifier",
                text,
                "an identifier that no spreadsheet takes for a formula",
                ref,
            )
        elif len(text) > limit:
            self._refuse(column, "longer_than_the_field", text, f"at most {limit} characters", ref)
        elif self.separator in text or '"' in text:
            self._refuse(
                column,
                "separator_in_identifier",
                text,
                f"an identifier without {self.separator!r} and quotes",
                ref,
            )
        return text

    def text(self, value: Any, column: str, limit: int, ref: str) -> str:
        """Free text made inert, on one line, cut to the field; what changed is noted."""
        given = "" if value is None or value != value else str(value)
        flat = "".join(
            " " if unicodedata.category(c) in _BLANKED or c in '"\\' or c == self.separator else c
            for c in given
        )
        flat = " ".join(flat.split())
        if flat != given:
            self._note(column, "line breaks, separators or quotes replaced", given, ref)
        safe = inert(flat)
        if safe == flat and id_fault(flat) == "formula_like_id":  # full-width forms of = + @ too
            safe = f"'{flat}"
        if safe != flat:
            self._note(column, "apostrophe put before a formula sign", given, ref)
        if len(safe) > limit:
            self._note(column, f"cut to {limit} characters", given, ref)
            safe = safe[:limit].rstrip()
        return safe

    def amount(self, minor: int, currency: str, column: str, ref: str, limit: int = 40) -> str:
        """An amount in the target's style, never cut; one that the field cannot hold is a problem."""
        text = styled(minor, currency, self.number_style)
        if len(text) > limit:
            self._refuse(
                column,
                "amount_longer_than_the_field",
                text,
                f"at most {limit} characters; a style without group marks is shorter",
                ref,
            )
        return text

    def refuse(self, column: str, code: str, found: str, wanted: str, ref: str) -> None:
        """A row that the target could not take, or would take wrongly."""
        self._refuse(column, code, found, wanted, ref)

    def _note(self, column: str, change: str, found: str, ref: str) -> None:
        shown = "".join(c if c.isprintable() else "." for c in found[:120])
        self.notes.append(Note(self.name, ref, column, change, inert(shown)))

    def _refuse(self, column: str, code: str, found: str, wanted: str, ref: str) -> None:
        self.problems.append(
            Problem(
                file=self.name,
                table=self.name,
                row=len(self.rows) + 1 + self.has_header,
                column=column,
                severity=Severity.REJECTED,
                code=code,
                found=f"{found[:80]} ({ref})",
                wanted=wanted,
            )
        )

    def data(self) -> bytes:
        """The file: UTF-8 without mark, LF, no header where the target wants none."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n", delimiter=self.separator, quoting=csv.QUOTE_MINIMAL)
        if self.has_header:
            writer.writerow(self.columns)
        for row in self.rows:
            writer.writerow([row.get(column, "") for column in self.columns])
        return out.getvalue().encode("utf-8")

    def totals(self) -> dict[str, tuple[int, int, int]]:
        """Rows, debits and credits by currency, read back from the texts that are written, not from what they were made of."""
        made: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        style = number_style(self.number_style)
        for row in self.rows:
            seen = set()
            for column, currency_at, side in self.money:
                text, currency = row.get(column, ""), row.get(currency_at, "")
                if not text:
                    continue
                minor = parse_minor(text, style, places=minor_places(currency))
                debit = minor if side > 0 or (side == 0 and minor > 0) else 0
                credit = minor if side < 0 else -minor if side == 0 and minor < 0 else 0
                made[currency][1] += debit
                made[currency][2] += credit
                seen.add(currency)
            for currency in seen:
                made[currency][0] += 1
        return {currency: (rows, debit, credit) for currency, (rows, debit, credit) in sorted(made.items())}


_BLANKED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"))


def styled(minor: int, currency: str, style: str) -> str:
    """An amount as a sample such as '1.234,56' writes it, with all places of its currency: 1.234,50 or -1.234 yen."""
    plain = format_minor(minor, currency)
    sign, bare = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, _, fraction = bare.partition(".")
    group = {"1,234.56": ",", "1.234,56": "."}.get(style, "")
    if group:
        whole = f"{int(whole):,}".replace(",", group)
    point = "," if style.endswith(",56") else "."
    return f"{sign}{whole}" + (f"{point}{fraction}" if fraction else "")


def day_text(value: Any, form: str) -> str:
    """A day in the target's form, '' where there is none."""
    import pandas as pd

    if value is None or pd.isna(value):
        return ""
    return (value if isinstance(value, date) else pd.Timestamp(value)).strftime(form)
