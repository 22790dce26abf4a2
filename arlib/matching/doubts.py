"""What a payment says against its own proposal: such a proposal is shown, never applied by itself. Floor 1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from arlib.matching.columns import texts
from arlib.matching.facts import plain
from arlib.matching.payment_words import cut
from arlib.matching.pool import NOBODY, REFERENCE_FIELDS, Pool
from arlib.matching.proposal import Proposal
from arlib.matching.special import Special

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.payers import Payers
    from arlib.matching.references import Exact

SAYS_OTHERWISE = re.compile(
    r"\b(?:do not apply|don't apply|not for|on account|disputed?|refund(?:ed)?|chargeback|prepayment|prepaid)\b",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"\d{4,}", re.ASCII)
# several customers share a name more often than a bank account
_OF_THE_PAYER = ("account on file", "account seen before")


def doubts(
    pool: Pool,
    proposals: Sequence[Proposal],
    *,
    exact: Exact,
    payers: Payers,
    closed: Collection[str],
) -> list[str]:
    """Why each proposal needs a person, '' where nothing speaks against it.

    - the text says that it is for something else, on account, disputed or a refund
    - a number read as damaged is, as written, the number of another item, or of one that is closed (`closed` has these,
      as `arlib.matching.facts.plain` makes them)
    - several receipts of one payer, amount and text, and the number in it had to be read as damaged
    - nothing that the text names is open, and the amount alone decided
    - it is booked to one customer, and the payer's bank account is another's
    """
    frame = pool.receipts.frame
    columns = [texts(frame, name) for name in ("remittance_text", "reference", "payer_name", "payer_account")]
    said = [f"{text} \n {reference}" for text, reference in zip(columns[0], columns[1], strict=True)]
    twins = Counter(_likeness(pool, row, said, columns[2], columns[3]) for row in range(len(said)))
    numbers = [pool.items.frame[name].array for name in REFERENCE_FIELDS]
    found = []
    for proposal in proposals:
        row = proposal.receipt
        why = []
        if word := SAYS_OTHERWISE.search(cut(said[row])):
            why.append(f"the payment says '{word.group().lower()}'")
        damaged = [plain(hit.token) for hit in proposal.hits if hit.how != "exact"]
        if damaged:
            others = {
                plain(str(numbers[one.field][one.item])) for one in exact.named[row]
                if one.how == "exact" and one.item not in proposal.items
            }  # fmt: skip
            if token := next((token for token in damaged if token in others or token in closed), ""):
                why.append(f"{token} is, as written, the number of another item")
            if twins[_likeness(pool, row, said, columns[2], columns[3])] > 1:
                why.append("several receipts have this payer, amount and text")
        if proposal.rule.startswith("amount.") and (number := _NUMBER.search(cut(said[row]))):
            why.append(f"the payment names {number.group()}, which is no open item of the payer")
        booked = int(pool.receipts.account[row])
        if booked != NOBODY:
            other = [
                one for one in payers.candidates[row] if one.account != booked and one.how in _OF_THE_PAYER
            ]
            if other:
                why.append(f"it is booked to another customer than the payer's {other[0].how} says")
        found.append("; ".join(why))
    return found


def _likeness(
    pool: Pool, row: int, said: Sequence[str], names: Sequence[str], accounts: Sequence[str]
) -> tuple[object, ...]:
    """What two copies of one payment share; alone by its row where the text has no number."""
    if not _NUMBER.search(cut(said[row])):
        return (row,)
    amount, money = int(pool.receipts.amount[row]), int(pool.receipts.money[row])
    return (plain(accounts[row]) or plain(names[row]), amount, money, plain(said[row]))


def applied_twins(pool: Pool, before: pd.DataFrame | None) -> list[Special]:
    """Receipts that say in everything what one says that is applied already: `before` is MATCH_RECEIPTS of those."""
    if before is None or before.empty:
        return []
    columns = (
        "entity",
        "currency",
        "amount",
        "value_date",
        "payer_name",
        "payer_account",
        "remittance_text",
        "reference",
    )
    keys = [before[name].astype("object").where(before[name].notna(), None) for name in columns]
    applied: dict[tuple[object, ...], str] = {}
    for *key, receipt in zip(*keys, before["receipt_id"], strict=True):
        applied.setdefault(tuple(key), receipt)
    frame = pool.receipts.frame
    mine = [frame[name].astype("object").where(frame[name].notna(), None) for name in columns]
    found = []
    for row, (*key, receipt) in enumerate(zip(*mine, frame["receipt_id"], strict=True)):
        twin = applied.get(tuple(key))
        if twin is not None and twin != receipt and (key[4] or key[5]) and (key[6] or key[7]):
            sentence = f"payer, day, amount and text are those of receipt {twin}, which is applied already"
            found.append(Special(row, "duplicate", "applied_twin", sentence))
    return found
