"""Statements as plain objects out of the frames, for those who draw them. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from arlib.collect.position import CREDITS, NOT_DUE
from arlib.collect.statements.accounts import language_of
from arlib.collect.statements.model import Movement, OpenLine, Section, Statement
from arlib.money import iso_code
from arlib.policy import Policies, Scope
from arlib.policy.statement import StatementKind
from arlib.tables.choices import CASH_TYPES
from arlib.tables.rows import Row

LINE_COLUMNS = (
    "customer_id", "item_id", "document_no", "item_type", "document_date", "due_date", "reference", "instalment_no", "amount",
    "outstanding", "days_past_due", "disputed", "is_cash", "bucket",
)  # fmt: skip
MOVEMENT_COLUMNS = ("customer_id", "on", "kind", "document_no", "reference", "amount")
NOTHING: Row = {"name": "", "address": "", "country": "", "contact": "", "email": "", "language": ""}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What statements are made of: `lines` and `movements` sorted by addressee and currency, `sections` one row of each."""

    scope: Scope
    policies: Policies
    lines: pd.DataFrame
    movements: pd.DataFrame
    sections: pd.DataFrame  # addressee, currency, opening, closing
    members: Mapping[str, tuple[str, ...]]  # accounts of each addressee
    masters: Mapping[str, Row]
    references: Mapping[str, str]

    def each(self) -> Iterator[Statement]:
        """The statements in the order of the addressees' codes."""
        lines = _slices(self.lines, LINE_COLUMNS, OpenLine)
        moves = _slices(self.movements, MOVEMENT_COLUMNS, Movement)
        made: dict[str, list[Section]] = {}
        for code, currency, opening, closing in zip(
            *(self.sections[name].tolist() for name in ("addressee", "currency", "opening", "closing")), strict=True
        ):  # fmt: skip
            key = (code, currency)
            made.setdefault(code, []).append(
                self._section(code, currency, opening, closing, lines.get(key, ()), moves.get(key, ()))
            )
        for code in sorted(self.members):
            yield self._statement(code, tuple(made.get(code, ())))

    def _section(
        self,
        code: str,
        currency: str,
        opening: Any,
        closing: int,
        lines: tuple[OpenLine, ...],
        moves: tuple[Movement, ...],
    ) -> Section:
        policy = self.policies.statement
        sums = dict.fromkeys(self.policies.aging.buckets, 0)
        for line in lines:
            sums[line.bucket] += line.outstanding
        is_forward = policy.kind is StatementKind.BALANCE_FORWARD
        return Section(
            currency=currency,
            lines=lines,
            opening=int(opening) if is_forward else None,
            movements=moves,
            closing=int(closing),
            aging=tuple(sums.items()),
            past_due=sum(amount for bucket, amount in sums.items() if bucket not in (*NOT_DUE, *CREDITS)),
            disputed=sum(line.disputed for line in lines),
            credits=sum(sums[bucket] for bucket in CREDITS),
            unapplied=sums["unapplied"],
            reference=self.references.get(code, "") if policy.has_reference else "",
            remit_to=policy.remit_for(iso_code(currency)),
        )

    def _statement(self, code: str, sections: tuple[Section, ...]) -> Statement:
        scope, policy = self.scope, self.policies.statement
        master = self.masters.get(code, NOTHING)
        return Statement(
            entity=scope.entity,
            entity_name=scope.entity_name or scope.entity,
            issuer_lines=policy.issuer_lines,
            number=f"{code}/{scope.as_of:%Y-%m-%d}",
            customer_id=code,
            name=master["name"] or code,
            address=master["address"],
            country=master["country"],
            contact=master["contact"],
            email=master["email"],
            language=language_of(master["language"], policy),
            kind=policy.kind,
            as_of=scope.as_of,
            starts_on=scope.starts_on,
            ends_on=scope.ends_on,
            customers=tuple(
                (member, self.masters.get(member, NOTHING)["name"] or member) for member in self.members[code]
            ),
            sections=sections,
            has_slip=policy.has_slip,
        )


def is_cash(rows: pd.DataFrame) -> pd.Series[bool]:
    """Receipts and prepayments that are not applied."""
    return rows["item_type"].isin([kind.value for kind in CASH_TYPES]) & rows["outstanding"].lt(0)


def _slices(
    frame: pd.DataFrame, names: tuple[str, ...], kind: type[Any]
) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The rows of each addressee and currency as objects of a kind; the frame is sorted by both."""
    if frame.empty:
        return {}
    columns = [_plain(frame[name]) for name in names]
    made = [kind(*values) for values in zip(*columns, strict=True)]
    codes, currencies = frame["addressee"].tolist(), frame["currency"].tolist()
    is_new = (
        frame["addressee"].ne(frame["addressee"].shift()) | frame["currency"].ne(frame["currency"].shift())
    ).to_numpy()
    ends = [*np.flatnonzero(is_new).tolist(), len(made)]
    return {(codes[first], currencies[first]): tuple(made[first:last]) for first, last in pairwise(ends)}


def _plain(column: pd.Series) -> list[Any]:
    """Values as plain Python: dates, whole numbers, texts; None, or '' for a text, where there is nothing."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = column.to_numpy(dtype="datetime64[D]").astype(object)
        return [None if day is None else day for day in days.tolist()]
    if pd.api.types.is_string_dtype(column.dtype):
        return column.fillna("").tolist()
    return [None if value is pd.NA else value for value in column.tolist()]
