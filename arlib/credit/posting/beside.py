"""Entries beside a proposal's own: a written-off debt that was paid after all, and commission given back. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from arlib.credit.adjustments.frames import ClawbackWay
from arlib.credit.posting.frames import ENTRIES, Action
from arlib.credit.posting.roles import Role
from arlib.credit.posting.rules import PostingRules, WriteOffTo
from arlib.errors import Problem, TableError
from arlib.money import allocate
from arlib.tables.rows import is_none, whole

if TYPE_CHECKING:
    import pandas as pd


def reinstatements_of(
    recoveries: pd.DataFrame, *, functional: Mapping[str, str], rules: PostingRules
) -> pd.DataFrame:
    """ENTRIES that set a written-off debt up again, so that the cash received for it settles a receivable.

    `recoveries` has entity, recovery_id, customer_id, item_id, document_no, currency, amount (recovered, positive, in minor
    units) and, where known, tax_amount (relief to be paid back) and functional_amount. Dr receivable, Cr allowance or
    recovery income by the rules, Cr tax. Raises TableError with every amount that is not positive or below its tax.
    """
    lines, problems = [], []
    credit = Role.ALLOWANCE if rules.recovery_to is WriteOffTo.ALLOWANCE else Role.RECOVERY_INCOME
    for row in recoveries.to_dict("records"):
        amount, tax = int(row["amount"]), whole(row.get("tax_amount"))
        if amount <= 0 or not 0 <= tax <= amount:
            problems.append(
                _fault("recoveries", str(row["recovery_id"]), amount, "a positive amount, tax within it")
            )
            continue
        home = functional.get(str(row["entity"]), "")
        books = amount if home == row["currency"] else _known(row.get("functional_amount"))
        of_tax = None if books is None else _share(books, tax, amount)
        head = _head(row, str(row["recovery_id"]), "reinstated", home if books is not None else "")
        made = [
            head | {"role": Role.RECEIVABLE.value, "amount": amount, "functional_amount": books,
                    "customer_id": row["customer_id"], "item_id": row["item_id"], "document_no": row["document_no"]},
            head | {"role": credit.value, "amount": tax - amount,
                    "functional_amount": None if books is None or of_tax is None else of_tax - books},
            head | {"role": Role.TAX.value, "amount": -tax, "functional_amount": None if of_tax is None else -of_tax},
        ]  # fmt: skip
        lines += [line | {"line_no": at} for at, line in enumerate((x for x in made if x["amount"]), 1)]
    if problems:
        raise TableError("recoveries that cannot be booked", problems)
    return ENTRIES.from_rows(lines)


def clawback_entries_of(clawbacks: pd.DataFrame, *, functional: Mapping[str, str]) -> pd.DataFrame:
    """ENTRIES of commission that falls with the order value, from CLAWBACKS: leg 0 of each proposal.

    Commission that was paid is owed back (Dr commission receivable), commission still owed is no longer (Dr commission
    payable); Cr commission expense. Rows of nothing are left out; a negative one raises TableError.
    """
    lines: list[dict[str, Any]] = []
    problems = []
    count: dict[tuple[str, str], int] = {}
    order = ["entity", "proposal_id", "commission_id"]
    for row in clawbacks.sort_values(order, kind="stable").to_dict("records"):
        amount = int(row["amount"])
        if amount < 0:
            problems.append(_fault("clawbacks", str(row["proposal_id"]), amount, "a positive amount"))
        if amount <= 0:
            continue
        home = functional.get(str(row["entity"]), "")
        is_home = home == row["currency"]
        head = _head(row, str(row["proposal_id"]), "commission", home if is_home else "", leg=0)
        head["text"] = f"{row['proposal_id']} commission of {row['sales_partner']}"
        is_paid = row["way"] == ClawbackWay.CLAW_BACK
        key = (str(row["entity"]), str(row["proposal_id"]))
        for part, value in (
            (Role.COMMISSION_RECEIVABLE if is_paid else Role.COMMISSION_PAYABLE, amount),
            (Role.COMMISSION_EXPENSE, -amount),
        ):
            count[key] = count.get(key, 0) + 1
            lines.append(head | {"role": part.value, "amount": value, "line_no": count[key],
                                 "functional_amount": value if is_home else None})  # fmt: skip
    if problems:
        raise TableError("commission that cannot be booked", problems)
    return ENTRIES.from_rows(lines)


def _head(row: Mapping[Any, Any], ref: str, reason: str, home: str, *, leg: int = 1) -> dict[str, Any]:
    return {
        "entity": row["entity"],
        "proposal_id": ref,
        "leg": leg,
        "action": Action.JOURNAL.value,
        "currency": row["currency"],
        "functional_currency": home,
        "reason": reason,
        "text": f"{ref} {reason}",
    }


def _share(books: int, part: int, whole: int) -> int:
    return allocate(books, [part, whole - part])[0]


def _known(value: Any) -> int | None:
    return None if is_none(value) else int(value)


def _fault(table: str, where: str, found: object, wanted: str) -> Problem:
    return Problem(file=table, table=table, row=0, column="amount", code="not_bookable",
                   found=f"{where}: {found}", wanted=wanted)  # fmt: skip
