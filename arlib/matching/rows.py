"""Rows of what was chosen: MATCHES, and the ALTERNATIVES that lost. Floor 1.

Columns are built as lists and become one frame at the end; texts of items and receipts are taken by row number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from arlib.matching.frames import ALTERNATIVES, MATCHES
from arlib.matching.person import PERSON
from arlib.matching.pool import NO_DAY

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from arlib.matching.choice import Choice
    from arlib.matching.pool import Pool
    from arlib.matching.proposal import Hit, Proposal
    from arlib.matching.residuals import Part
    from arlib.tables import Table

MOST_ALTERNATIVES = 3  # ways shown for a receipt; who needs a fourth works on the open items themselves
_PARTS = ("discount", "deduction", "fee", "fx", "tolerance", "reason")


def match_rows(
    pool: Pool, proposals: Sequence[Proposal], parts: Sequence[Sequence[Part]], choice: Choice
) -> pd.DataFrame:
    """MATCHES by key: one row for each item of each placed proposal."""
    import numpy as np
    import pandas as pd

    if not choice.placed:
        return MATCHES.empty()
    placed = list(choice.placed.items())
    chosen = [proposals[one.proposal] for _, one in placed]
    lists = [parts[one.proposal] for _, one in placed]
    flat = [part for own in lists for part in own]
    of_row = np.repeat(
        np.arange(len(placed)), [len(own) for own in lists]
    )  # row to its receipt's place in `placed`
    receipts = np.array([receipt for receipt, _ in placed])[of_row]
    items = np.array([part.item for part in flat])
    hits = [_best_hits(proposal) for proposal in chosen]
    named = [hits[n].get(part.item, ("", "", "")) for n, part in zip(of_row.tolist(), flat, strict=True)]
    is_one_money = pool.items.money[items] == pool.receipts.money[receipts]
    differences = pool.receipts.amount[receipts] - _sums(pool.items.open[items], of_row)[of_row]
    is_whole = _sums(~is_one_money, of_row)[of_row] == 0

    def repeated(values: list[str]) -> Any:
        return pd.array(values, dtype="str").take(of_row)

    columns: dict[str, Any] = {
        **_taken(
            pool.receipts.frame,
            receipts,
            entity="entity",
            receipt_id="receipt_id",
            receipt_currency="currency",
        ),
        **_taken(pool.items.frame, items, item_id="item_id", customer_id="customer_id", currency="currency"),
        "applied_amount": [part.applied for part in flat],
        "receipt_amount": [part.receipt_used for part in flat],
        **{name: [getattr(part, name) for part in flat] for name in _PARTS},
        "claim_code": [part.code for part in flat],
        "open_before": pool.items.open[items],
        "open_after": choice.left[items],
        "decision": repeated([_decision(proposals[one.proposal], one.held) for _, one in placed]),
        "rule": repeated([proposal.rule for proposal in chosen]),
        "evidence": repeated([proposal.sentence for proposal in chosen]),
        "held_because": repeated([one.held for _, one in placed]),
        "reference": [token for token, _, _ in named],
        "reference_field": [field for _, field, _ in named],
        "reference_how": [how for _, _, how in named],
        "payer_how": repeated([proposal.payer_how for proposal in chosen]),
        "amount_difference": _known(differences, is_whole),
        "days_late": _days_late(pool, receipts, items),
        "explanations": np.array([proposal.explanations for proposal in chosen])[of_row],
    }
    return by_key(MATCHES, columns)


def alternative_rows(
    pool: Pool, proposals: Sequence[Proposal], parts: Sequence[Sequence[Part]], choice: Choice
) -> pd.DataFrame:
    """ALTERNATIVES by key: proposals that lost, then the ways that a proposal itself beat, at most three a receipt.

    A way with the items and amounts of one that stands already is not shown again.
    """
    receipts: list[int] = []
    items: list[int] = []
    ranks: list[int] = []
    applied: list[int] = []
    texts: list[tuple[str, str]] = []
    for receipt in sorted(choice.placed.keys() | choice.lost.keys()):
        placed = choice.placed.get(receipt)
        losers = choice.lost.get(receipt, ())
        first = [placed.proposal] if placed else []
        ways = [
            (tuple((p.item, p.applied) for p in parts[n.proposal]), proposals[n.proposal].rule, n.because)
            for n in losers
        ]
        for n in (*first, *(lost.proposal for lost in losers)):
            ways += [
                (tuple(zip(o.items, o.settles, strict=True)), o.rule, o.lost_because)
                for o in proposals[n].others
            ]
        seen = {tuple((part.item, part.applied) for part in parts[n]) for n in first}
        rank = len(first)
        for pairs, rule, because in ways:
            if not pairs or pairs in seen or len(seen) - len(first) == MOST_ALTERNATIVES:
                continue
            seen.add(pairs)
            rank += 1
            for item, amount in pairs:
                receipts.append(receipt)
                items.append(item)
                ranks.append(rank)
                applied.append(amount)
                texts.append((rule, because))
    columns: dict[str, Any] = {
        **_taken(pool.receipts.frame, receipts, entity="entity", receipt_id="receipt_id"),
        **_taken(pool.items.frame, items, item_id="item_id", customer_id="customer_id", currency="currency"),
        "rank": ranks,
        "applied_amount": applied,
        "rule": [rule for rule, _ in texts],
        "lost_because": [because for _, because in texts],
    }
    return by_key(ALTERNATIVES, columns)


def by_key(table: Table, columns: dict[str, Any]) -> pd.DataFrame:
    """A typed frame of whole columns, sorted by the table's key."""
    import pandas as pd

    frame = pd.DataFrame(columns)
    if frame.empty:
        return table.empty()
    return table.typed(frame).sort_values(list(table.key), kind="stable", ignore_index=True)


def _decision(proposal: Proposal, held: str) -> str:
    if proposal.rule == PERSON:
        return PERSON
    return "suggest" if held else "auto"


def _taken(frame: pd.DataFrame, rows: Any, **columns: str) -> dict[str, Any]:
    """Columns of `frame` at row numbers, under new names."""
    return {name: frame[source].take(rows).array for name, source in columns.items()}


def _best_hits(proposal: Proposal) -> dict[int, tuple[str, str, str]]:
    """For each item the text that names it best: token, field and how."""
    best: dict[int, tuple[tuple[Any, ...], Hit]] = {}
    for hit in proposal.hits:
        rank = (hit.how != "exact", hit.distance, -len(hit.token), hit.field, hit.how, hit.token)
        if hit.item not in best or rank < best[hit.item][0]:
            best[hit.item] = (rank, hit)
    return {item: (hit.token, hit.field, hit.how) for item, (_, hit) in best.items()}


def _sums(values: NDArray[Any], of_row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of rows by the number that `of_row` gives them, which rises from 0 without gaps."""
    import numpy as np

    sums = np.zeros(int(of_row[-1]) + 1, dtype=np.int64)
    np.add.at(sums, of_row, values)
    return sums


def _days_late(pool: Pool, receipts: NDArray[np.int64], items: NDArray[np.int64]) -> Any:
    import numpy as np

    due, paid = pool.items.due_day[items].astype(np.int64), pool.receipts.day[receipts].astype(np.int64)
    return _known(paid - due, (due != NO_DAY) & (paid != NO_DAY))


def _known(values: NDArray[np.int64], is_known: NDArray[np.bool_]) -> Any:
    """Int64 that is missing where it is not known."""
    import pandas as pd

    return pd.arrays.IntegerArray(values, ~is_known)
