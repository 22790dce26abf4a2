"""What the engine says of one receipt, or of the receipts that may pay one item, ways side by side. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from arlib.matching.by_hand.frames import CANDIDATES, PAYER_CANDIDATES
from arlib.matching.columns import texts
from arlib.matching.engine import match
from arlib.matching.payers import HOWS_MEANT
from arlib.matching.pool import NOBODY
from arlib.money import iso_code, shown
from arlib.tables.choices import ReceiptStatus

if TYPE_CHECKING:
    from arlib.matching.by_hand.around import Around
    from arlib.matching.calibration import Measured
    from arlib.matching.result import MatchResult
    from arlib.policy.matching import MatchingPolicy

PROPOSAL, ALTERNATIVE, NONE, AUTO, SUGGEST = "proposal", "alternative", "none", "auto", "suggest"
_OF_MATCH = ("discount", "deduction", "fee", "fx", "tolerance", "reason", "claim_code", "decision", "held_because",
             "reference", "reference_field", "reference_how", "payer_how")  # fmt: skip


@dataclass(frozen=True)
class ReceiptProposals:
    """What the engine makes of one receipt. Amounts in minor units of `currency`.

    `decision` is auto, suggest, person or none; `held_because` why it is not automatic; `unapplied` what no item takes, with
    its `status`, `reason` and `rest_evidence`. Of an open item `receipt_id` is empty and `candidates` are those of every receipt
    that pays it or may. `sentence` sums it up; `scope_sentence` says among what it was matched.
    """

    receipt_id: str
    item_id: str
    decision: str
    sentence: str
    scope_sentence: str
    held_because: str = ""
    currency: str = ""
    amount: int = 0
    unapplied: int = 0
    status: str = ""
    reason: str = ""
    rest_evidence: str = ""
    candidates: pd.DataFrame = field(default_factory=CANDIDATES.empty)
    payers: pd.DataFrame = field(default_factory=PAYER_CANDIDATES.empty)
    result: MatchResult | None = None


def propose(
    around: Around,
    *,
    policy: MatchingPolicy,
    history: Sequence[Measured] = (),
    user: str = "",
    entity_names: Mapping[str, str] | None = None,
    home: Mapping[str, str] | None = None,
    as_of_day: int | None = None,
) -> ReceiptProposals:
    """The engine's proposal for the receipt of `around` and its runners-up, or all that is proposed for its item.

    It is `match` on the small pool, so that every rule of the whole run counts. `history` are the rules measured once on the
    whole ledger (`Prepared.history`); without them the shipped figures decide. CANDIDATES by receipt and rank, PAYER_CANDIDATES
    by rank. Of a receipt that was left on account on purpose nothing is automatic, and the answer says who did. What is not
    open gives an empty answer with the reason as its sentence.
    """
    if around.faults:
        return ReceiptProposals(
            around.receipt_id, around.item_id, NONE, "; ".join(around.faults), around.sentence
        )
    result = match(
        around.inputs, policy=policy, history=history, user=user, entity_names=entity_names, home=home,
        as_of_day=as_of_day,
    )  # fmt: skip
    if not around.receipt_id:
        return _of_item(around, result)
    mine = [around.receipt_id]
    candidates = _candidates(result, mine)
    is_kept = bool(around.on_account)
    if is_kept:
        is_auto = candidates["decision"].eq(AUTO)
        candidates = candidates.assign(
            decision=candidates["decision"].mask(is_auto, SUGGEST),
            held_because=candidates["held_because"].mask(is_auto, around.on_account),
        )
    own = result.matches[result.matches["receipt_id"].eq(around.receipt_id)]
    rest = result.unmatched[result.unmatched["receipt_id"].eq(around.receipt_id)]
    offered = result.pool_receipts[result.pool_receipts["receipt_id"].eq(around.receipt_id)].iloc[0]
    decision = str(own["decision"].iloc[0]) if len(own) else NONE
    is_held = is_kept and decision == AUTO
    decision = SUGGEST if is_held else decision
    unapplied = int(rest["unapplied_amount"].iloc[0]) if len(rest) else 0
    status, reason, why = (
        (texts(rest, name)[0] for name in ("status", "reason", "evidence")) if len(rest) else ("", "", "")
    )
    currency = str(offered["currency"])
    held = around.on_account if is_held else texts(own, "held_because")[0] if len(own) else ""
    said = _sentence(own, decision, held, unapplied, currency, why)
    if is_kept and not is_held:
        said += f"; {around.on_account}"
    return ReceiptProposals(
        receipt_id=around.receipt_id,
        item_id="",
        decision=decision,
        sentence=said,
        scope_sentence=around.sentence,
        held_because=held,
        currency=currency,
        amount=int(offered["amount"]),
        unapplied=unapplied,
        status=ReceiptStatus.ON_ACCOUNT.value
        if is_kept and status == ReceiptStatus.UNAPPLIED.value
        else status,
        reason=reason,
        rest_evidence=why,
        candidates=candidates,
        payers=_payers(around),
        result=result,
    )


def _of_item(around: Around, result: MatchResult) -> ReceiptProposals:
    named = [
        frame.loc[frame["item_id"].eq(around.item_id), "receipt_id"]
        for frame in (result.matches, result.alternatives)
    ]
    receipts = list(dict.fromkeys(code for column in named for code in column.tolist()))
    own = result.matches[result.matches["item_id"].eq(around.item_id)]
    item = result.pool_items[result.pool_items["item_id"].eq(around.item_id)].iloc[0]
    money = str(item["currency"])
    if len(own):
        said = f"{len(own):,} open {'receipt is' if len(own) == 1 else 'receipts are'} proposed for it"
        left = int(own["open_after"].iloc[0])
        said += f"; {iso_code(money)} {shown(left, money)} stays open" if left else "; nothing stays open"
    elif receipts:
        said = f"no open receipt is proposed for it; it is an alternative of {len(receipts):,}"
    else:
        said = "no open receipt points at it"
    return ReceiptProposals(
        receipt_id="",
        item_id=around.item_id,
        decision=str(own["decision"].iloc[0]) if len(own) else NONE,
        sentence=said,
        scope_sentence=around.sentence,
        currency=money,
        amount=int(item["open_amount"]),
        candidates=_candidates(result, receipts),
        result=result,
    )


def _sentence(own: pd.DataFrame, decision: str, held: str, unapplied: int, currency: str, why: str) -> str:
    if decision == NONE:
        return f"no proposal: {why}" if why else "no proposal"
    count = f"{len(own):,} {'item' if len(own) == 1 else 'items'}"
    said = {
        "auto": f"{count}, applied automatically",
        "person": f"{count}, as a person decided",
        "suggest": f"{count} proposed; not automatic: {held}",
    }[decision]
    return said + (
        f"; {iso_code(currency)} {shown(unapplied, currency)} stays unapplied" if unapplied else ""
    )


def _candidates(result: MatchResult, receipts: Sequence[str]) -> pd.DataFrame:
    """CANDIDATES of these receipts: the proposal, then the ways that lost, each by item."""
    best = result.matches[result.matches["receipt_id"].isin(receipts)]
    lost = result.alternatives[result.alternatives["receipt_id"].isin(receipts)]
    items = result.pool_items.set_index("item_id")
    rows: list[dict[str, Any]] = []
    for frame, role, says in ((best, PROPOSAL, "evidence"), (lost, ALTERNATIVE, "lost_because")):
        for row in frame.to_dict("records"):
            item = items.loc[row["item_id"]]
            rows.append({
                **{name: row[name] for name in ("receipt_id", "item_id", "customer_id", "currency", "applied_amount", "rule")},
                **({name: row[name] for name in _OF_MATCH} if role == PROPOSAL else {}),
                "rank": 1 if role == PROPOSAL else row["rank"], "role": role, "says": row[says],
                "document_no": item["document_no"], "due_date": item["due_date"], "open_amount": item["open_amount"],
            })  # fmt: skip
    made = CANDIDATES.from_rows(rows)
    return made.sort_values(list(CANDIDATES.key), kind="stable", ignore_index=True)


def _payers(around: Around) -> pd.DataFrame:
    """PAYER_CANDIDATES of the receipt, as the whole ledger knows its payer."""
    whole = around.prepared
    found = whole.payers.candidates[whole.receipt_row(around.receipt_id)]
    rows = [
        {"receipt_id": around.receipt_id, "rank": rank, "customer_id": whole.payers.accounts[one.account][1], "how": one.how,
         "meaning": HOWS_MEANT[one.how], "strength": format(Decimal(repr(round(one.strength, 4))).normalize(), "f")}
        for rank, one in enumerate(found, start=1)
        if one.account != NOBODY
    ]  # fmt: skip
    return PAYER_CANDIDATES.from_rows(rows)
