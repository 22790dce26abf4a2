"""Money of receipts that no item takes: whose it is, in the words of accounting, and why. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.matching.frames import UNMATCHED
from arlib.matching.pool import NOBODY
from arlib.matching.rows import by_key
from arlib.money import iso_code, shown

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.choice import Choice, Lost
    from arlib.matching.pool import Pool
    from arlib.matching.proposal import Proposal
    from arlib.matching.residuals import Part
    from arlib.matching.special import Special

STATUSES = ("unidentified", "unapplied", "on_account", "prepayment", "returned", "held", "duplicate")


def unmatched_rows(
    pool: Pool,
    proposals: Sequence[Proposal],
    parts: Sequence[Sequence[Part]],
    specials: Mapping[int, Special],
    choice: Choice,
    *,
    payers: Mapping[int, tuple[str, str]],
) -> pd.DataFrame:
    """UNMATCHED by key: each receipt with money left, and each without any item, be its amount zero.

    A special receipt has the status of its special. Else money is unapplied where the payer is known (as booked, in `payers`
    as entity and customer by receipt, or as its proposals agree), and unidentified where not.
    """
    for special in specials.values():
        if special.status not in STATUSES:
            raise ParameterError(
                "status of a special receipt", found=special.status, wanted=", ".join(STATUSES)
            )
    rows: list[int] = []
    customers: list[str] = []
    left: list[int] = []
    words: list[tuple[str, str, str]] = []
    amounts, booked = pool.receipts.amount.tolist(), pool.receipts.account.tolist()
    of_item = pool.items.account.tolist()
    for receipt, amount in enumerate(amounts):
        placed = choice.placed.get(receipt)
        rest = amount - sum(part.receipt_used for part in parts[placed.proposal]) if placed else amount
        if placed and not rest:
            continue
        losers = choice.lost.get(receipt, ())
        tried = [placed.proposal] if placed else [lost.proposal for lost in losers]
        account = booked[receipt]
        if account == NOBODY and receipt not in payers:
            account = _agreed(proposals, tried, of_item, is_placed=placed is not None)
        customer = payers.get(receipt, ("", ""))[1] if account == NOBODY else pool.accounts[account][1]
        rows.append(receipt)
        customers.append(customer)
        left.append(rest)
        if receipt in specials:
            special = specials[receipt]
            words.append((special.status, special.reason, special.sentence))
            continue
        status = "unapplied" if customer else "unidentified"
        if placed:
            currency = pool.currencies[int(pool.receipts.money[receipt])]
            of_all = f"{shown(rest, currency)} of {iso_code(currency)} {shown(amount, currency)}"
            words.append((status, "remainder", f"{of_all} is left after the items that it pays"))
        else:
            words.append((status, *_why(losers)))
    frame = pool.receipts.frame
    columns: dict[str, Any] = {
        name: frame[name].take(rows).array
        for name in ("entity", "receipt_id", "value_date", "currency", "amount")
    }
    columns |= {
        "customer_id": customers,
        "unapplied_amount": left,
        "status": [status for status, _, _ in words],
        "reason": [reason for _, reason, _ in words],
        "evidence": [evidence for _, _, evidence in words],
    }
    return by_key(UNMATCHED, columns)


def _agreed(
    proposals: Sequence[Proposal], tried: Sequence[int], of_item: Sequence[int], *, is_placed: bool
) -> int:
    """The one account of the items of a receipt's proposals: placed, or made for a resolved payer; else NOBODY."""
    found = {of_item[i] for n in tried if is_placed or proposals[n].payer_how for i in proposals[n].items}
    return found.pop() if len(found) == 1 else NOBODY


def _why(losers: Sequence[Lost]) -> tuple[str, str]:
    """Reason and sentence of a receipt without a proposal: those of the best one that lost."""
    if losers:
        return losers[0].reason, losers[0].because
    return "no_candidate", "no open item explains it"
