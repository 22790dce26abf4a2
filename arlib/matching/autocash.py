"""Ordered rules of the field for customers that must follow them: match one item, clear the account, oldest first. Floor 1.

The first rule of the list that explains a receipt wins. A rule that finds two answers explains nothing by itself: its
proposal is held, or the next rule is asked, as its own text says. (Oracle Receivables, AutoCash rules.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arlib.matching.columns import texts
from arlib.matching.combine.solver import Status, solve
from arlib.matching.discounts import offer
from arlib.matching.facts import Facts
from arlib.matching.pool import NO_DAY, NOBODY, Pool
from arlib.matching.proposal import Proposal
from arlib.policy.matching import AutoCashRule, MatchingPolicy
from arlib.tables.choices import ItemType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RULES_MEANT = {
    "autocash.match_one": "the receipt equals one open item, whole or less the discount that it still earns",
    "autocash.clear_account": "the receipt equals the balance of the account, credits taken off",
    "autocash.clear_past_due": "the receipt equals all that is past due, credits taken off",
    "autocash.clear_past_due_by_terms": "the receipt equals what is past due under one payment term",
    "autocash.oldest_first": "by due date until the receipt is used up, the last item in part",
    "autocash.combination": "the receipt equals exactly one combination of open items",
}


@dataclass(frozen=True, slots=True)
class _Open:
    """An item as the rules see it. `less` is the discount that it earns on the day of the receipt."""

    item: int
    left: int
    due: int  # the document's day where it has no due date
    terms: str
    less: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a rule says: items and what they fall by. `why` says why a person must look, '' where nobody must."""

    items: tuple[tuple[int, int], ...]
    sentence: str
    why: str = ""
    explanations: int = 1


def rules_by_account(pool: Pool, policy: MatchingPolicy) -> dict[int, tuple[AutoCashRule, ...]]:
    """The rules that each account must follow; accounts that the engine is free to place are left out."""
    made = {
        number: tuple(policy.rules_of.get(customer, policy.rules))
        for number, (_, customer) in enumerate(pool.accounts)
    }
    return {number: rules for number, rules in made.items() if rules}


def place_by_rules(
    facts: Facts,
    *,
    rules_of_account: Mapping[int, Sequence[AutoCashRule]],
    remaining: NDArray[np.int64],
    receipts: Sequence[int] | None = None,
    payer_of: Mapping[int, int] | None = None,
) -> list[Proposal]:
    """Proposals for receipts of these accounts, in pool order, each by the first rule of its account that explains it.

    `remaining` is what is open of each item (not changed); `receipts` are the rows to place, else all; `payer_of` has the
    account number of receipts that are booked to nobody. An item used by one receipt is not there for the next. Only items
    of the receipt's account and currency, dated by its value date or the policy's few days after; disputed items and late
    charges as the policy says. Each rule first asks for whole items, then for items less the discounts that are still
    earned. A receipt that no rule explains, returned money among it, has no proposal.
    """
    left = [int(value) for value in remaining.tolist()]
    columns = _Columns(facts)
    rows = range(len(facts.cash)) if receipts is None else sorted(receipts)
    found = []
    for receipt in rows:
        cash, booked = facts.cash[receipt], int(facts.pool.receipts.account[receipt])
        account = booked if booked != NOBODY else (payer_of or {}).get(receipt, NOBODY)
        rules = rules_of_account.get(account, ())
        if not rules or cash <= 0:
            continue
        held = columns.open_items(receipt, account, left)
        for rule in rules:
            answer = _RULES[rule](held, cash, facts.paid_on[receipt], facts.policy.work_limit)
            if answer is None:
                continue
            items = tuple(sorted(answer.items))
            settles = tuple(settle for _, settle in items)
            found.append(
                Proposal(
                    receipt=receipt,
                    items=tuple(item for item, _ in items),
                    settles=settles,
                    rule=f"autocash.{rule.value}",
                    difference=cash - sum(settles),
                    explanations=answer.explanations,
                    payer_how="booked" if booked != NOBODY else "resolved",
                    sentence=answer.sentence,
                    held_because=answer.why,
                )
            )
            for item, settle in items:
                left[item] -= settle
            break
    return found


class _Columns:
    """Columns that only rules need."""

    def __init__(self, facts: Facts) -> None:
        frame = facts.pool.items.frame
        self.facts = facts
        self.kinds = texts(frame, "item_type")
        self.terms = texts(frame, "terms")
        self.disputed = frame["is_disputed"].fillna(False).astype(bool).tolist()

    def open_items(self, receipt: int, account: int, left: Sequence[int]) -> list[_Open]:
        """What the rules may use for a receipt, by due date, then in pool order."""
        facts, policy = self.facts, self.facts.policy
        paid_on, money = facts.paid_on[receipt], facts.receipt_money[receipt]
        found = []
        for item in facts.items_of(account):
            written = int(facts.pool.items.document_day[item])
            if not left[item] or facts.item_money[item] != money:
                continue
            if written != NO_DAY and written > paid_on + policy.days_before_document:
                continue
            if self.disputed[item] and not policy.includes_disputed:
                continue
            if self.kinds[item] == ItemType.INTEREST_OR_FEE.value and not policy.includes_late_charges:
                continue
            due = int(facts.pool.items.due_day[item])
            told = facts.discountable(item)
            made = offer(told, settles=left[item], paid_on=paid_on, grace_days=policy.discount_grace_days)
            less = made.amounts[0] if made and made.is_earned else 0
            found.append(_Open(item, left[item], written if due == NO_DAY else due, told.terms, less))
        return sorted(found, key=lambda one: (one.due, one.item))


def _match_one(held: list[_Open], cash: int, day: int, limit: int) -> _Answer | None:
    """The earliest due of the debits that equal the receipt; two due on the same day are held."""
    for same in (
        [o for o in held if o.left == cash],
        [o for o in held if o.less and o.left - o.less == cash],
    ):
        if same:
            first = same[0]
            ties = sum(one.due == first.due for one in same)
            why = "several items have this amount and due date" if ties > 1 else ""
            said = "the receipt equals one open item" + (
                ", the earliest due of several" if len(same) > ties else ""
            )
            return _Answer(((first.item, first.left),), said, why, min(ties, 2))
    return None


def _clear(held: list[_Open], cash: int, said: str) -> _Answer | None:
    if not held:
        return None
    total = sum(one.left for one in held)
    for wanted, how in (
        (total, ""),
        (total - sum(one.less for one in held), " less the discounts still earned"),
    ):
        if wanted == cash:
            return _Answer(tuple((one.item, one.left) for one in held), f"the receipt equals {said}{how}")
    return None


def _clear_account(held: list[_Open], cash: int, day: int, limit: int) -> _Answer | None:
    return _clear(held, cash, "the balance of the account")


def _past_due(held: list[_Open], day: int) -> list[_Open]:
    """Due on the day of the receipt or before; credits always, as nobody waits to use one."""
    return [one for one in held if one.left < 0 or one.due <= day]


def _clear_past_due(held: list[_Open], cash: int, day: int, limit: int) -> _Answer | None:
    past = _past_due(held, day)
    return _clear(past, cash, "all that is past due") if any(one.left > 0 for one in past) else None


def _clear_by_terms(held: list[_Open], cash: int, day: int, limit: int) -> _Answer | None:
    """One payment term's past due items, credits of the term among them; two terms that fit are held."""
    past = _past_due(held, day)
    fits = []
    for term in dict.fromkeys(one.terms for one in past if one.left > 0):
        answer = _clear(
            [one for one in past if one.terms == term], cash, f"what is past due under {term or 'no terms'}"
        )
        if answer:
            fits.append(answer)
    if len(fits) < 2:
        return fits[0] if fits else None
    # the groups stand by their oldest due date, so the first is the one that the field's rule would take
    return _Answer(fits[0].items, fits[0].sentence, "several payment terms have this total past due", 2)


def _oldest_first(held: list[_Open], cash: int, day: int, limit: int) -> _Answer | None:
    """Debits by due date; an item is closed for less where the rest of the receipt is what it costs with its discount."""
    rest = cash
    used = []
    for one in held:
        if one.left <= 0:
            continue
        if rest <= 0:
            break
        if one.less and rest == one.left - one.less:
            used.append((one.item, one.left))
            rest = 0
        else:
            used.append((one.item, min(one.left, rest)))
            rest -= min(one.left, rest)
    return _Answer(tuple(used), "oldest due first until the receipt is used up") if used else None


def _combination(held: list[_Open], cash: int, day: int, limit: int) -> _Answer | None:
    solved = solve([one.left for one in held], cash, work_limit=limit) if held else None
    if solved is None or solved.status is not Status.UNIQUE:
        return None
    chosen = solved.explanations[0]
    return _Answer(
        tuple((held[at].item, held[at].left) for at in chosen), "only these open items add up to the receipt"
    )


_RULES: dict[AutoCashRule, Callable[[list[_Open], int, int, int], _Answer | None]] = {
    AutoCashRule.MATCH_ONE: _match_one,
    AutoCashRule.CLEAR_ACCOUNT: _clear_account,
    AutoCashRule.CLEAR_PAST_DUE: _clear_past_due,
    AutoCashRule.CLEAR_PAST_DUE_BY_TERMS: _clear_by_terms,
    AutoCashRule.OLDEST_FIRST: _oldest_first,
    AutoCashRule.COMBINATION: _combination,
}
