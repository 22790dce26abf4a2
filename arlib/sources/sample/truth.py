"""What was planted, and what is honest noise: the truth beside the sample company's books. Floor 2.

Notes are taken while documents are made, by handle; document numbers are put in at the end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from arlib.sources.sample.plan import EntityPlan, Texts, Window
from arlib.tables.kinds import Column, Kind, Table

T = Kind.TEXT

TRUTH = Table(
    "truth",
    "one document's part of a planted anomaly, or of honest noise that looks like one",
    ("anomaly_id", "line_no"),
    (
        Column("anomaly_id", T, "anomaly: all lines of one story share it", is_required=True, is_key=True),
        Column("line_no", Kind.INTEGER, "line of the story", is_required=True),
        Column("entity", T, "entity code", is_required=True, is_key=True),
        Column("kind", T, "what was done", is_required=True),
        Column(
            "is_planted",
            Kind.FLAG,
            "false for honest noise: a detector that flags it raises a false alarm",
            is_required=True,
        ),
        Column(
            "control",
            T,
            "control_account, customer_statement, cash_proof, billing_transfers, closed_periods or empty",
        ),
        Column(
            "account",
            T,
            "ledger account of the gap; bank account for cash_proof; customer for customer_statement and collecting",
        ),
        Column("cause", T, "cause that the control should name"),
        Column("document_no", T, "document that the cause cites"),
        Column("documents", T, "all documents of the story, separated by blanks"),
        Column("period", T, "period of the earliest date"),
        Column("currency", T, "currency of the amount", is_required=True),
        Column(
            "amount",
            Kind.MONEY,
            "general ledger less sub-ledger for a control account; else the amount at stake",
            currency="currency",
        ),
        Column("note", T, "the story in words"),
    ),
)

Reference = tuple[str, int | str]  # ("item", handle), ("app", handle) or ("text", number)


@dataclass(frozen=True, kw_only=True)
class Note:
    """One line of the truth before documents are numbered; `ccy` is a place, 0 being functional."""

    story: int
    kind: str
    is_planted: bool
    documents: tuple[Reference, ...]
    cites: Reference
    amount: int
    ccy: int
    day: int
    control: str = ""
    account: str = ""
    cause: str = ""
    note: str = ""


@dataclass
class Notes:
    """Notes of one entity while its documents are made."""

    plan: EntityPlan
    window: Window
    rows: list[Note] = field(default_factory=list)
    stories: int = 0

    def story(self) -> int:
        """A new story's number."""
        self.stories += 1
        return self.stories

    def noise(
        self,
        kind: str,
        documents: list[Reference],
        amount: int,
        ccy: int,
        day: int,
        note: str = "",
        *,
        account: str = "",
    ) -> None:
        """Honest noise: looks like an anomaly, and is none."""
        self.rows.append(
            Note(
                story=self.story(),
                kind=kind,
                is_planted=False,
                documents=tuple(documents),
                cites=documents[0],
                amount=amount,
                ccy=ccy,
                day=day,
                account=account,
                note=note,
            )
        )

    def plant(
        self,
        kind: str,
        documents: list[Reference],
        amount: int,
        day: int,
        *,
        ccy: int = 0,
        cites: Reference | None = None,
        control: str = "",
        account: str = "",
        cause: str = "",
        story: int | None = None,
        note: str = "",
    ) -> int:
        """A planted anomaly; returns its story number, which further lines may share."""
        number = story if story is not None else self.story()
        self.rows.append(
            Note(
                story=number,
                kind=kind,
                is_planted=True,
                documents=tuple(documents),
                cites=cites or documents[0],
                amount=amount,
                ccy=ccy,
                day=day,
                control=control,
                account=account,
                cause=cause,
                note=note,
            )
        )
        return number

    def table(self, item_numbers: Texts, app_ids: Texts) -> pd.DataFrame:
        """TRUTH of this entity."""

        def named(reference: Reference) -> str:
            kind, value = reference
            return (
                str(value)
                if kind == "text"
                else str((item_numbers if kind == "item" else app_ids)[int(value)])
            )

        lines: Counter[int] = Counter()
        made = []
        for row in self.rows:
            lines[row.story] += 1
            made.append(
                {
                    "anomaly_id": f"{self.plan.code}-{row.story:05d}",
                    "line_no": lines[row.story],
                    "entity": self.plan.code,
                    "kind": row.kind,
                    "is_planted": row.is_planted,
                    "control": row.control,
                    "account": row.account,
                    "cause": row.cause,
                    "document_no": named(row.cites),
                    "documents": " ".join(named(reference) for reference in row.documents),
                    "period": f"{self.window.date(row.day):%Y-%m}",
                    "currency": self.plan.currencies[row.ccy],
                    "amount": row.amount,
                    "note": row.note,
                }
            )
        return TRUTH.typed(pd.DataFrame(made))
