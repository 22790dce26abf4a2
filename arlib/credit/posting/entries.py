"""The double entry of approved proposals, each leg balanced in its currency and in the books'. Floor 1.

write-off            Dr allowance or bad debt, Dr tax (where relief may be claimed)    Cr receivable
small balance        Dr tolerance                                                      Cr receivable
credit memo, rewrite Dr revenue, sales returns, rebate, price concession, freight, tax Cr receivable
tax correction       Dr tax                                                            Cr receivable
rebill               as a credit memo; then Dr receivable of the new invoice           Cr revenue, freight, tax
deduction            Dr rebate, price concession ... by the nature of its reason       Cr receivable
settlement           Dr price concession, tax; Dr allowance for what is a credit loss  Cr receivable
fee                  Dr receivable                                                     Cr fee income, tax
refund, unclaimed    Dr unapplied cash or the credit                                   Cr refund clearing, unclaimed property
contra               Dr payable                                                        Cr receivable
allowance            Dr bad debt                                                       Cr allowance; a release the other way
plan                 nothing: the debt stays as it is
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from arlib.credit.posting.carrying import Carrying
from arlib.credit.posting.frames import ENTRIES, Action
from arlib.credit.posting.parts import CODED, Coded, Leg, coded_of, legs_of
from arlib.credit.posting.roles import Role
from arlib.credit.posting.rules import PostingRules
from arlib.errors import Problem, TableError
from arlib.money import allocate, times
from arlib.policy.adjustment import AdjustmentPolicy
from arlib.tables.choices import CASH_TYPES, ProposalKind

if TYPE_CHECKING:
    import pandas as pd

ROUND_TRIP = (Action.ADJUSTMENT, Action.CREDIT_MEMO)  # the item that falls stands against the parts


def entries_of(
    proposals: pd.DataFrame,
    *,
    open_items: pd.DataFrame,
    functional: Mapping[str, str],
    rules: PostingRules,
    policy: AdjustmentPolicy,
    lines: pd.DataFrame | None = None,
    rebills: pd.DataFrame | None = None,
    claimable: Collection[tuple[str, str]] = (),
) -> pd.DataFrame:
    """ENTRIES of approved PROPOSALS, sorted by entity, proposal, leg and line; debits +, credits -, in minor units.

    `open_items` are OPEN_ITEMS of the run: they say on which side an item stands and what it is carried at. `functional`
    is the books' currency by entity. `lines` (ADJUSTMENT_LINES) and `rebills` (REBILL_LINES) say what a credit is made of;
    a proposal without lines is coded by the nature of its reason (`policy`), its tax to tax. `claimable` holds (entity,
    proposal) of write-offs whose tax relief may be claimed now. Raises TableError with every proposal that cannot be
    booked.
    """
    books = Carrying(open_items, dict(functional))
    codes = coded_of(lines, rebills)
    made: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for raw in proposals.sort_values(["entity", "proposal_id"], kind="stable").to_dict("records"):
        row = _filled(raw)
        coded = codes.get((row["entity"], row["proposal_id"]))
        found = _faults(row, coded)
        problems += found
        if not found:
            legs = legs_of(row, coded, rules=rules, policy=policy, claimable=claimable)
            for number, leg in enumerate(legs, 1):
                made += _lines(row, leg, number, books)
    if problems:
        raise TableError("proposals that cannot be booked", problems, fix="Nothing was written.")
    return ENTRIES.from_rows(made)


def _lines(row: Mapping[str, Any], leg: Leg, number: int, books: Carrying) -> list[dict[str, Any]]:
    """The parts of a leg and, but where it is a journal of the ledger alone or a transfer, the customer's line."""
    currency, total = row["currency"], sum(value for _, value in leg.parts)
    item = books.rows.get((row["entity"], leg.item_id), {})
    against = _books_amount(row, leg, total, books)
    home = books.functional.get(row["entity"], "") if against is not None else ""
    head = {
        "entity": row["entity"],
        "proposal_id": row["proposal_id"],
        "leg": number,
        "action": leg.action.value,
        "currency": currency,
        "reason": row["reason"],
        "text": f"{row['proposal_id']} {row['kind']} {row['reason']}".replace("_", " "),
        "functional_currency": home,
    }
    customer = {
        "customer_id": leg.customer_id or row["customer_id"],
        "item_id": leg.item_id,
        "document_no": item.get("document_no")
        or (row["document_no"] if leg.item_id == row["item_id"] else ""),
    }
    if leg.action is Action.TRANSFER:
        return [head | customer | {"line_no": 1, "role": Role.RECEIVABLE.value, "amount": total,
                                   "functional_amount": against}]  # fmt: skip
    values = [value for _, value in leg.parts]
    shares: list[int | None] = [None] * len(values)
    if against is not None:
        shares = list(allocate(against, values)) if leg.action is not Action.JOURNAL else list(values)
    made = [
        head | {"role": role.value, "amount": value, "functional_amount": share}
        for (role, value), share in zip(leg.parts, shares, strict=True)
    ]
    if leg.action is not Action.JOURNAL:
        is_cash = item.get("item_type") in set(CASH_TYPES)
        made.append(
            head
            | customer
            | {
                "role": (Role.UNAPPLIED if is_cash else Role.RECEIVABLE).value,
                "amount": -total,
                "functional_amount": None if against is None else -against,
            }
        )
    return [line | {"line_no": at} for at, line in enumerate(made, 1)]


def _books_amount(row: Mapping[str, Any], leg: Leg, total: int, books: Carrying) -> int | None:
    """The books' amount of the parts: at the item's carrying rate; a new invoice at that of the one it replaces."""
    home = books.functional.get(row["entity"], "")
    if leg.action in ROUND_TRIP:
        moved = books.movement((row["entity"], leg.item_id), -total, row["currency"])
        return None if moved is None else -moved
    if home == row["currency"]:
        return total
    rate = books.rate((row["entity"], row["item_id"]))
    return None if rate is None or not home or leg.action is Action.JOURNAL else times(total, rate)


def _faults(row: Mapping[str, Any], coded: Coded | None) -> list[Problem]:
    """Why a proposal cannot be booked."""
    kind, amount, tax = ProposalKind(row["kind"]), int(row["amount"]), int(row["tax_amount"] or 0)

    def fault(code: str, found: object, wanted: str) -> Problem:
        return Problem(file="proposals", table="proposals", row=0, column="proposal_id", code=code,
                       found=f"{row['proposal_id']}: {found}", wanted=wanted)  # fmt: skip

    found = []
    if not amount or (amount < 0 and kind is not ProposalKind.ALLOWANCE):
        found.append(fault("amount_not_positive", amount, "more than nothing; only an allowance is released"))
    elif not 0 <= tax <= abs(amount):
        found.append(fault("tax_beyond_amount", tax, f"a part of {amount}"))
    if kind is ProposalKind.REBILL and (coded is None or not coded.billed):
        found.append(fault("no_new_invoice", kind.value, "the lines of what is billed again"))
    if coded is None or kind not in CODED:
        return found
    parts = [part for parts in coded.credited.values() for part in parts]
    if any(value < 0 for _, value in [*parts, *coded.billed]):
        found.append(fault("line_not_positive", kind.value, "lines that are not negative"))
    if parts and coded.total != amount:
        found.append(fault("lines_do_not_add_up", coded.total, f"{amount}"))
    return found


def _filled(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The row with '' for a text that is missing, None for an amount."""
    import pandas as pd

    texts = {"customer_id", "item_id", "document_no", "reason", "customer_name"}
    return {
        str(name): ("" if name in texts else None) if not isinstance(value, str) and pd.isna(value) else value
        for name, value in row.items()
    }
