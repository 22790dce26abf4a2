"""A pasted statement read: lines in the customer's sign, what was not read, what is asked. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from arlib.controls import Control, Identity
from arlib.errors import ParameterError, SourceError
from arlib.money import minor_places, shown
from arlib.sources.edi.characters import clean
from arlib.sources.pasted import decide
from arlib.sources.pasted.cells import Line, lines_of
from arlib.sources.pasted.columns import Row
from arlib.sources.pasted.days import DAY_FIRST
from arlib.sources.pasted.decide import Decisions, Known
from arlib.sources.pasted.marks import Figure, minor_in
from arlib.sources.pasted.result import PASTED_LEFT_OUT, PASTED_PROBLEMS, PASTED_ROWS, LeftOut, Option, Pasted
from arlib.sources.pasted.scan import SHOWN, Found, Total, scanned
from arlib.sources.pasted.words_out import sentence_of
from arlib.tables import CANONICAL

MOST_REFERENCE, MOST_TEXT = 80, 300


def pasted_statement(
    text: str, *, entity: str, customer_id: str, currency: str, known: pd.DataFrame | None = None,
    decided: Mapping[str, str] | None = None, name: str = "pasted text",
) -> Pasted:  # fmt: skip
    """What a person copied from a customer's statement, as CUSTOMER_STATEMENT_LINES in the customer's sign.

    Every line of the text is in exactly one place: read, left out as no money (headings, totals, words), or a problem with
    its reason. `currency` is that of amounts that name none. `known` are the customer's ITEMS (document_no, amount, and
    their days): they say which column holds our numbers, how signs stand, and the order of day and month where that is not
    certain. `decided` answers choices by their name. What nothing decides is asked (`Pasted.choices`), and there are no
    lines until it is answered.

    Raises SourceError for no text and for more than 1 MB or 20,000 lines, ParameterError for an unknown currency or answer.
    """
    minor_places(currency)
    made = Decisions(dict(decided or {}))
    lines = lines_of(text, name)
    found = scanned(lines)
    of_ours = Known.of(known, customer_id)
    if not found.rows and found.forward is None and not found.problems:
        raise SourceError(
            "holds no line with an amount", where=name, found=f"{len(lines):,} lines",
            wanted="lines with a reference or a date, and an amount",
        )  # fmt: skip
    return _Reading(entity, customer_id, currency, name, lines, found, of_ours, made).result()


@dataclass
class _Reading:
    """The parts of one reading, in the order that they are decided."""

    entity: str
    customer_id: str
    currency: str
    name: str
    source: list[Line]
    found: Found
    known: Known
    made: Decisions

    def result(self) -> Pasted:
        """Decide, read, and say how."""
        rows = self.found.rows
        said, keys = decide.references(rows, self.known)
        order = decide.order_of_days(self.found, keys, self.known, self.made)
        amounts, start, totals = self._amounts(rows)
        kept = [
            at
            for at, value in enumerate(amounts)
            if value is not None or self._is_open(decide.AMOUNTS, decide.AMOUNT_COLUMN)
        ]
        sign = decide.sign_of(
            [rows[at] for at in kept], [amounts[at] for at in kept], [keys[at] for at in kept], self.known, self.made,
            has_sides=self.has_sides,
        )  # fmt: skip
        turn = {decide.NEGATIVE: 1, decide.POSITIVE: -1}.get(sign)
        listed = [(rows[at], said[at], amounts[at]) for at in kept]
        listed = self._with_forward(listed, start, totals)
        frame = self._rows(listed, order, turn)
        day = self._statement_date(frame, order)
        closing = self._closing(frame, totals, turn)
        return self._result(frame, day, closing)

    def _is_open(self, *names: str) -> bool:
        return any(choice.name in names for choice in self.made.choices)

    def _amounts(
        self, rows: list[Row]
    ) -> tuple[list[int | None], int | None, list[tuple[Total, list[int | None]]]]:
        """Amounts of rows as printed, the balance brought forward, and the printed totals."""
        forward = self.found.forward
        every: list[tuple[tuple[int, str], Figure, str]] = []
        for at, row in enumerate(rows):
            every += [
                ((at, name), one, row.currency or one.currency or self.currency)
                for name, one in row.sums.items()
            ]
        opening = list(forward.sums.values())[-1:] if forward is not None else []
        printed = [*opening, *(one for total in self.found.totals for one in total.figures)]
        figures = [figure for _, figure, _ in every]
        codes = [code for _, _, code in every]
        # totals decide nothing about the style, since they may be of several currencies
        values = decide.number_style(figures, codes, self.made)
        extra = self._printed(printed)
        by_key = {key: value for (key, _, _), value in zip(every, values, strict=True)} if values else {}
        start = extra[0] if opening else None
        if forward is not None and start is not None and self._is_credit(forward):
            start = -start
        amounts, faults, self.has_sides = decide.amounts_of(rows, by_key, start, self.made)
        if forward is not None and start is not None and self.has_sides and "balance" in forward.sums:
            start = self._as_book(start, by_key, amounts)
        if not self._is_open(decide.AMOUNTS, decide.AMOUNT_COLUMN):
            for at, fault in enumerate(faults):
                if fault or amounts[at] is None:
                    self.found.problems[rows[at].line] = (rows[at].raw, fault or "its amount cannot be read")
                    amounts[at] = None
        totals: list[tuple[Total, list[int | None]]] = []
        place = len(opening)
        for total in self.found.totals:
            totals.append((total, extra[place : place + len(total.figures)]))
            place += len(total.figures)
        return amounts, start, totals

    def _printed(self, figures: list[Figure]) -> list[int | None]:
        """Totals and the opening balance, in the style of the lines."""
        if not figures or self._is_open(decide.AMOUNTS):
            return [None] * len(figures)
        sample = self.made.decided.get(decide.AMOUNTS) or "1,234.56"
        return minor_in(sample, figures, [figure.currency or self.currency for figure in figures])

    @staticmethod
    def _as_book(start: int, values: Mapping[tuple[int, str], int | None], amounts: list[int | None]) -> int:
        """A balance brought forward as debit less credit: the balance beside the first line says which way it runs."""
        after, first = values.get((0, "balance")), amounts[0] if amounts else None
        if after is None or first is None:
            return start
        return -start if after - start == -first and first else start

    @staticmethod
    def _is_credit(row: Row) -> bool:
        side = row.side or next((figure.side for figure in row.sums.values()), "")
        return side == "C" or ("credit" in row.sums and "debit" not in row.sums and "balance" not in row.sums)

    def _with_forward(
        self,
        listed: list[tuple[Row, str, int | None]],
        start: int | None,
        totals: list[tuple[Total, list[int | None]]],
    ) -> list[tuple[Row, str, int | None]]:
        """The rows with the balance brought forward before them, where it is not zero and not shown beside the point."""
        forward = self.found.forward
        if forward is None:
            return listed
        values = [value for _, _, value in listed]
        rest = None if any(value is None for value in values) else sum(value or 0 for value in values)
        printed = {abs(value) for _, own in totals for value in own if value is not None}
        is_beside = (
            rest is not None
            and start is not None
            and abs(rest) in printed
            and abs(rest + start) not in printed
        )
        if start == 0 or is_beside:
            self.found.left_out[forward.line] = (forward.raw, LeftOut.FORWARD)
            return listed
        if start is None and not self._is_open(decide.AMOUNTS):
            self.found.problems[forward.line] = (forward.raw, "an amount in another style than the others")
            return listed
        return [(forward, "", start), *listed]

    def _rows(self, listed: list[tuple[Row, str, int | None]], order: str, turn: int | None) -> pd.DataFrame:
        """PASTED_ROWS, amounts in the customer's sign."""
        made = []
        for line_no, (row, reference, amount) in enumerate(listed, start=1):
            day = row.days.get("date") or row.days.get("posted") or row.days.get("due")
            on = day.on(order or DAY_FIRST) if day is not None and (order or not day.is_open) else None
            if day is not None and on is None and order and not self._is_open(decide.DATES):
                self.found.problems[row.line] = (
                    row.raw,
                    "a date in another order of day and month than the others",
                )
                continue
            main = next(
                (figure for name, figure in row.sums.items() if name not in ("balance", "paid")), None
            )
            made.append({
                "line": row.line, "line_no": line_no, "date": on, "reference": clean(reference)[:MOST_REFERENCE] or None,
                "text": clean(row.text)[:MOST_TEXT] or None,
                "currency": row.currency or (main.currency if main else "") or self.currency,
                "amount": None if amount is None or turn is None else turn * amount,
                "amount_text": main.raw if main else None,
            })  # fmt: skip
        for line_no, each in enumerate(made, start=1):
            each["line_no"] = line_no
        return PASTED_ROWS.from_rows(made)

    def _statement_date(self, frame: pd.DataFrame, order: str) -> date | None:
        name = decide.STATEMENT_DATE
        if given := self.made.by_caller(name, ()):
            try:
                return date.fromisoformat(given)
            except ValueError:
                raise ParameterError(
                    f"decided {name}", found=given, wanted="a day such as 2026-10-31"
                ) from None
        days = {day.on(order or DAY_FIRST) for day in self.found.days if order or not day.is_open} - {None}
        told = sorted(day for day in days if day is not None)
        if len(told) == 1 and not (not order and any(day.is_open for day in self.found.days)):
            self.made.take(name, told[0].isoformat(), "printed on it")
            return told[0]
        last = None if frame["date"].isna().all() else pd.Timestamp(frame["date"].max()).date()
        options = [Option(day.isoformat(), f"printed on it: {day.isoformat()}") for day in told[:8]]
        if last is not None and last not in told:
            options.append(Option(last.isoformat(), f"the day of its last line: {last.isoformat()}"))
        self.made.ask(name, "Of which day is the statement?", options, is_free=True)
        return None

    def _closing(
        self, frame: pd.DataFrame, totals: list[tuple[Total, list[int | None]]], turn: int | None
    ) -> int | None:
        """The printed closing balance in the customer's sign: the total that agrees, else the last one."""
        if turn is None or frame["amount"].isna().any() or len(set(frame["currency"])) > 1:
            return None
        own = int(frame["amount"].sum())
        last: int | None = None
        for _, values in totals:
            known = [value for value in values if value is not None]
            if any(abs(value) == abs(own) for value in known) or (
                len(known) >= 2 and abs(known[0] - known[1]) == abs(own)
            ):
                return own
            if known:
                last = turn * known[-1]
        # a total without a sign has that of what it totals
        return last if last is None or not own or last * own > 0 else -last

    def _result(self, frame: pd.DataFrame, day: date | None, closing: int | None) -> Pasted:
        found, made = self.found, self.made
        count = sum(line.spans for line in self.source)
        problems = PASTED_PROBLEMS.from_rows(
            {"line": line, "text": clean(text)[:SHOWN], "why": why}
            for line, (text, why) in sorted(found.problems.items())
        )
        left_out = PASTED_LEFT_OUT.from_rows(
            {"line": line, "text": clean(text)[:SHOWN], "what": what.value}
            for line, (text, what) in sorted(found.left_out.items())
        )
        identity = Identity(
            name="pasted lines", entity=self.entity, left_label="read, left out and not read",
            left=len(frame) + len(left_out) + len(problems), right_label="lines pasted", right=count,
        ).require()  # fmt: skip
        is_ready = not made.choices and day is not None
        lines = CANONICAL["customer_statement_lines"].empty()
        if is_ready:
            lines = CANONICAL["customer_statement_lines"].typed(
                frame.assign(
                    entity=self.entity, customer_id=self.customer_id, statement_date=pd.Timestamp(str(day))
                )
            )
        sums: dict[str, int] = {}
        if not frame["amount"].isna().any():
            sums = {str(code): int(own.sum()) for code, own in frame.groupby("currency", sort=True)["amount"]}
        code = next(iter(sums), self.currency)
        one = sums.get(code, 0) if len(sums) == 1 else None
        differs = None if closing is None or one is None else one - closing
        control = Control(
            name="pasted_statement", title=f"Statement of {self.customer_id}: lines read = printed total",
            entity=self.entity, currency=code, account=self.customer_id, left_label="lines read",
            left=None if closing is None else one, right_label="printed total", right=closing,
            unexplained_count=int(bool(differs)),
            note="no total is printed" if closing is None else f"{shown(abs(differs), code)} differ" if differs else "",
        )  # fmt: skip
        return Pasted(
            entity=self.entity, customer_id=self.customer_id, currency=self.currency, name=self.name, lines=lines, rows=frame,
            problems=problems, left_out=left_out, choices=tuple(made.choices), decided=made.decided, how=made.how,
            statement_date=day, closing=closing, total=sums, control=control, identity=identity,
            sentence=sentence_of(frame, left_out, problems, made.decided, made.choices, control),
        )  # fmt: skip
