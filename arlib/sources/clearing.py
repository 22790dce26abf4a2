"""SAP's own logic that no mapping can say: references between lines, and clearing groups as applications.
Floor 2.

A clearing group is many to many: it says which lines settle each other, not which credit paid which debit.
Pairs are worked out oldest due date first and marked `derived`, so that no test on pairings takes them for
stated.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, Severity
from arlib.sources.convert import to_day, to_instant
from arlib.sources.profile import Profile
from arlib.tables import CANONICAL

if TYPE_CHECKING:
    import pandas as pd

    from arlib.sources.raw import Records

Tables = dict[str, "pd.DataFrame"]


def follow_references(
    tables: Tables, others: Mapping[str, Records], profile: Profile
) -> tuple[Tables, list[Problem]]:
    """Items that refer to another line (REBZG, in `_refers_to`) take its due date, in place.

    A credit follows the invoice that it refers to. A debit that refers to one is its residual: it keeps
    its own due date, carries the invoice's as original_due_date, and `replaces` it.
    """
    items = tables.get("items")
    if items is None or not len(items) or "_refers_to" not in items.columns:
        return {}, []
    due = items.drop_duplicates(["entity", "item_id"]).set_index(["entity", "item_id"])["due_date"]
    keys = list(zip(items["entity"], items["_refers_to"], strict=True))
    there = due.reindex(keys).set_axis(items.index)
    has = items["_refers_to"].fillna("").ne("") & there.notna()
    is_credit = items["amount"] < 0
    items["due_date"] = items["due_date"].mask(has & is_credit, there)
    items["original_due_date"] = items["original_due_date"].mask(has & ~is_credit, there)
    items["replaces"] = items["replaces"].mask(has & ~is_credit, items["_refers_to"])
    return {}, []


def clear_groups(
    tables: Tables, others: Mapping[str, Records], profile: Profile
) -> tuple[Tables, list[Problem]]:
    """Applications from the clearing groups of the items (`_clearing_id`, `_cleared_on`,
    `_clearing_entered`).

    In a group the debits, oldest due first, take from the credits, oldest first, per customer account and
    currency. What a group does not settle stays open and is noted: some of its lines are not in the extract.
    """
    items = tables.get("items")
    if items is None or not len(items):
        return {"applications": _provenance(CANONICAL["applications"].empty())}, []
    cleared = items.assign(
        _on=to_day(items["_cleared_on"], profile).typed,
        _at=to_instant(
            items["_clearing_entered"], profile.model_copy(update={"instant_formats": profile.date_formats})
        ).typed,
    )
    cleared = cleared[cleared["_clearing_id"].ne("") & cleared["_on"].notna()]
    cleared = cleared.sort_values(
        ["entity", "_clearing_id", "_on", "due_date", "effective_date", "item_id"], kind="stable"
    )
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for _, group in cleared.groupby(["entity", "_clearing_id", "_on"], sort=True):
        made, left = _paired(group)
        entity, clearing, on = group[["entity", "_clearing_id", "_on"]].iloc[0]
        for number, row in enumerate(made, start=1):
            rows.append(
                row
                | {
                    "application_id": f"{clearing}-{on.year}-{number}",
                    "entity": entity,
                    "effective_date": on,
                    "posting_date": on,
                    "entered_at": group["_at"].max(),
                    "kind": "clearing",
                    "reason": "clearing",
                    "clearing_id": clearing,
                    "pairing": "derived",
                }
            )
        for currency, amount in left.items():
            problems.append(_unsettled(group, str(clearing), currency, amount))
    table = CANONICAL["applications"]
    return {"applications": _provenance(table.frame(rows) if rows else table.empty())}, problems


def _paired(group: pd.DataFrame) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Pairs within one clearing group, and what stays open by currency."""
    made: list[dict[str, Any]] = []
    left: dict[str, int] = {}
    for currency, lines in group.groupby("currency", sort=True):
        records = lines.to_dict("records")
        debits = [_Open(r) for r in records if r["amount"] > 0]
        owed = [_Open(r) for r in records if r["amount"] < 0]
        # same customer account first, so that a head office paying for branches does not cross where it
        # need not
        for same in (True, False):
            for debit in debits:
                for credit in owed:
                    if debit.rest and credit.rest and (not same or debit.customer == credit.customer):
                        made.append(_application(debit, credit, str(currency)))
        rest = sum(one.rest for one in debits) - sum(one.rest for one in owed)
        if rest:
            left[str(currency)] = rest
    return made, left


class _Open:
    """What is still to be cleared of one line, in both currencies."""

    def __init__(self, row: Mapping[Hashable, Any]) -> None:
        self.item, self.customer = row["item_id"], row["customer_id"]
        self.rest = abs(int(row["amount"]))
        functional = row["functional_amount"]
        self.functional = None if functional is None or functional != functional else abs(int(functional))

    def take(self, amount: int) -> int | None:
        """Take an amount off and give its share of the carrying amount; the last share is whatever is
        left."""
        share = None
        if self.functional is not None:
            share = (2 * self.functional * amount + self.rest) // (2 * self.rest)  # half up; all for the last
            self.functional -= share
        self.rest -= amount
        return share


def _application(debit: _Open, credit: _Open, currency: str) -> dict[str, Any]:
    amount = min(debit.rest, credit.rest)
    target, source = debit.take(amount), credit.take(amount)
    return {
        "source_item_id": credit.item,
        "target_item_id": debit.item,
        "source_currency": currency,
        "source_amount": amount,
        "target_currency": currency,
        "target_amount": amount,
        "source_functional_amount": source,
        "target_functional_amount": target,
        "realised_fx": None if source is None or target is None else source - target,
    }


def _provenance(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that came from no file."""
    return frame.assign(_file="", _row=0, _part="derived").astype({"_file": "str", "_part": "str"})


def _unsettled(group: pd.DataFrame, clearing: str, currency: str, amount: int) -> Problem:
    from arlib.money import format_minor

    first = group.iloc[0]
    return Problem(
        file=str(first["_file"]),
        table="applications",
        row=int(first["_row"]),
        column="AUGBL",
        severity=Severity.NOTED,
        code="clearing_group_leaves_a_rest",
        found=f"{clearing}: {format_minor(amount, currency)} {currency}",
        wanted="lines that settle each other; the rest stays open",
    )


def documents_without_lines(
    tables: Tables, others: Mapping[str, Records], profile: Profile
) -> tuple[Tables, list[Problem]]:
    """Note what the extract leaves out: customer documents in BKPF without lines in BSEG, and lines of
    other ledgers."""
    heads, lines = others.get("BKPF"), others.get("BSEG")
    if heads is None or lines is None:
        return {}, []
    keys = [_document(frame) for frame in (heads.frame, lines.frame)]
    problems = []
    lost = ~keys[0].isin(set(keys[1])) & heads.frame["BLART"].isin(CUSTOMER_DOCUMENTS)
    for row, document, kind in zip(
        heads.rows[lost.to_numpy()], keys[0][lost], heads.frame["BLART"][lost], strict=True
    ):
        problems.append(
            _noted(
                "BKPF",
                int(row),
                "BELNR",
                "document_without_lines",
                f"{kind} {document}",
                "its lines in BSEG; the extract has none, so it is in no total",
            )
        )
    rest = lines.frame["KOART"][lines.frame["KOART"].ne("D")].value_counts().sort_index()
    if len(rest):
        found = ", ".join(f"{kind or 'blank'} {count}" for kind, count in rest.items())
        problems.append(
            _noted("BSEG", 0, "KOART", "lines_of_other_ledgers", found, "D; others are no receivables")
        )
    return {}, problems


CUSTOMER_DOCUMENTS = ("RV", "DR", "DG", "DZ", "DA", "DV")


def _document(frame: pd.DataFrame) -> pd.Series:
    made = frame["BUKRS"] + "/" + frame["BELNR"].str.replace(r"\.0+$", "", regex=True)
    return made + "/" + frame["GJAHR"].str.replace(r"\.0+$", "", regex=True)


def _noted(file: str, row: int, column: str, code: str, found: str, wanted: str) -> Problem:
    return Problem(
        file=file,
        table="items",
        row=row,
        column=column,
        severity=Severity.NOTED,
        code=code,
        found=found,
        wanted=wanted,
    )
