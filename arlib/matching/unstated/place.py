"""The stage for receipts that name nothing. Floor 1."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arlib.matching.columns import texts
from arlib.matching.pool import NO_DAY, Pool
from arlib.matching.proposal import Other, Proposal
from arlib.matching.unstated.account import SURE, Case, Choice, Placing, place_account
from arlib.matching.unstated.habits import Habit
from arlib.matching.unstated.words import Structure, sentence, structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from arlib.matching.payers import Payers
    from arlib.policy.matching import MatchingPolicy

RULES_MEANT = {
    "amount.proven": "the amount is one set of the payer's open items; no other set comes near, even with all unproven receipts taken back",
    "amount.proven_mixed": "as amount.proven, but this account also pays in part, or short, or amounts that are no set of its items",
    "amount.discount": "the amount is one set of the payer's open items less the discounts that it earned",
    "amount.open": "the amount is a set of the payer's open items, but another set fits too or the search was cut short",
    "amount.near": "the amount is a little less than one open item of the payer",
    "amount.unsure_payer": "the amount is a set of open items of a customer that may be the payer",
    "amount.anyone": "the payer is unknown, and just one open item of the ledger has this amount",
}  # fmt: skip
MOST_CANDIDATES = 4  # customers that an unsure payer is looked for at
NEARLY_ALL = 20
WHOLE_FROM = 0.95  # share of receipts that pay whole items, from which an account counts as one that does
CUT = "the search was cut at its work limit, so it is not decided that nothing else fits"
TWO_FIT = "another set of open items fits about as well"
UNSURE = "it is not known that this customer pays"
NEARLY = "the amount differs from what is open"


@dataclass(frozen=True)
class _Group:
    """Accounts that receipts of one currency join, with their receipts and open items (rows of the pool)."""

    receipts: list[int]
    items: NDArray[np.int64]
    accounts_of: dict[int, tuple[int, ...]]
    known_how: dict[int, str]  # how the payer is known, '' where it is not for sure


def place_unstated(
    pool: Pool,
    *,
    receipts: Sequence[int],
    remaining: NDArray[np.int64],
    payers: Payers,
    paid_late: Mapping[int, Sequence[int]],
    paid_whole: Mapping[int, tuple[int, int]],
    discounts: NDArray[np.int64],
    discount_days: NDArray[np.int32],
    near: Callable[[int, int], int],
    policy: MatchingPolicy,
) -> list[Proposal]:
    """Proposals for these receipt rows, by row; those that nothing explains have none.

    `remaining` is what each item row is open for (minor units; not changed). `paid_late` has, by account number, the days after
    the due date of payments that are known already, and `paid_whole` how many of its receipts paid whole items and how many did
    not. `discounts` and `discount_days` are what each item may be paid less by and
    until when (grace included; 0 where nothing). `near` says of an item row and what is open of it how much less a receipt may
    be; more than one part in NEARLY_ALL is never near.
    Only money received is placed, only whole items, nothing is used twice, and no result depends on another customer, on the
    order of rows or on identifiers.
    """
    proposals: list[Proposal] = []
    left = remaining.copy()
    groups, strangers = _groups(pool, receipts, left, payers, policy)
    for group in groups:
        proposals += _place_group(
            pool, group, left, payers, paid_late, paid_whole, discounts, discount_days, near, policy
        )
    proposals += _strangers(pool, strangers, left, policy)
    return sorted(proposals, key=lambda one: one.receipt)


def _place_group(
    pool: Pool,
    group: _Group,
    left: NDArray[np.int64],
    payers: Payers,
    paid_late: Mapping[int, Sequence[int]],
    paid_whole: Mapping[int, tuple[int, int]],
    discounts: NDArray[np.int64],
    discount_days: NDArray[np.int32],
    near: Callable[[int, int], int],
    policy: MatchingPolicy,
) -> list[Proposal]:
    case = _case(pool, group, left, policy)
    habit = Habit()
    accounts = sorted({account for receipt in group.receipts for account in group.accounts_of[receipt]})
    for account in accounts:
        habit.paid(paid_late.get(account, ()))
    habit.paid(_plain_pairs(case))
    placing = place_account(case, habit)
    whole, other = (sum(paid_whole.get(account, (0, 0))[part] for account in accounts) for part in (0, 1))
    whole, other = whole + len(placing.choices), other + _no_set(placing)
    rule = "amount.proven" if whole >= WHOLE_FROM * (whole + other) else "amount.proven_mixed"
    proposals = []
    for at in sorted(placing.choices):
        choice, receipt = placing.choices[at], group.receipts[at]
        rows = [int(group.items[row]) for row in choice.rows]
        shape = structure(case, choice.rows, int(case.days[at]))
        proposals.append(_proposal(pool, group, receipt, rows, choice, shape, rule, left, payers, habit))
    for proposal in proposals:
        left[list(proposal.items)] = 0
    for at in placing.waiting:
        receipt = group.receipts[at]
        found = _less_discount(pool, case, group, at, left, discounts, discount_days) or _nearly(
            pool, case, group, at, left, near
        )
        if found is not None:
            left[list(found.items)] = 0
            proposals.append(found)
    return proposals


def _proposal(
    pool: Pool,
    group: _Group,
    receipt: int,
    rows: list[int],
    choice: Choice,
    shape: Structure,
    rule: str,
    left: NDArray[np.int64],
    payers: Payers,
    habit: Habit,
) -> Proposal:
    explanations = 1 if choice.is_complete and choice.margin >= SURE else (2 if choice.other else 0)
    held = "" if choice.is_proven else (TWO_FIT if choice.other else CUT)
    rule = rule if choice.is_proven else "amount.open"
    if not group.known_how[receipt]:
        rule, held = "amount.unsure_payer", held or UNSURE
    others: tuple[Other, ...] = ()
    if choice.other:
        other = tuple(sorted(int(group.items[row]) for row in choice.other))
        others = (
            Other(other, tuple(int(left[row]) for row in other), rule, "less likely by the dates it pays on"),
        )
    best = payers.candidates[receipt][:1]
    return Proposal(
        receipt=receipt,
        items=tuple(sorted(rows)),
        settles=tuple(int(left[row]) for row in sorted(rows)),
        rule=rule,
        explanations=explanations,
        strength=round(choice.margin, 6),
        payer_how=best[0].how if best else "",
        sentence=sentence(shape, habit.usual_days(), is_alone=choice.is_proven),
        held_because=held,
        others=others,
    )


def _no_set(placing: Placing) -> int:
    """Receipts of which it is known that no set of the account's open items comes to them."""
    return sum(
        not ways.found and ways.is_complete
        for receipt, ways in placing.undecided.items()
        if receipt in placing.waiting
    )


def _case(pool: Pool, group: _Group, left: NDArray[np.int64], policy: MatchingPolicy) -> Case:
    items, receipts = pool.items, pool.receipts
    rows = group.items
    document = items.document_day[rows].astype(np.int64)
    due = items.due_day[rows].astype(np.int64)
    document = np.where(document == NO_DAY, due, document)
    due = np.where(due == NO_DAY, document, due)
    # the account's own last payment, so that no other customer's receipts count; an item without any date is due on it
    horizon = int(receipts.day[group.receipts].max())
    due = np.where(due == NO_DAY, horizon, due)
    order = np.argsort(due, kind="stable")
    group.items[:] = rows[order]
    days = receipts.day[group.receipts].astype(np.int64)
    may_pay = due[order][:, None] >= days - policy.days_without_reference
    theirs = {group.accounts_of[receipt] for receipt in group.receipts}
    if len(set().union(*theirs)) > 1:
        account = items.account[group.items]
        owned = {accounts: np.isin(account, accounts) for accounts in theirs}
        for column, receipt in enumerate(group.receipts):
            may_pay[:, column] &= owned[group.accounts_of[receipt]]
    return Case(
        totals=tuple(int(receipts.amount[receipt]) for receipt in group.receipts),
        days=days,
        amounts=left[group.items],
        due_days=due[order],
        document_days=document[order],
        may_pay=may_pay,
        horizon=horizon,
        states=max(100, policy.work_limit // 200),
        early_days=min(1, policy.days_before_document),
    )


def _plain_pairs(case: Case) -> Iterable[int]:
    """Lateness of receipts whose amount is one item's and nobody else's in the account."""
    items = Counter(case.amounts.tolist())
    receipts = Counter(case.totals)
    place = {int(amount): row for row, amount in enumerate(case.amounts.tolist())}
    for at, total in enumerate(case.totals):
        if items.get(total) == 1 and receipts[total] == 1:
            row = place[total]
            if case.may_pay[row, at] and case.document_days[row] <= case.days[at] + case.early_days:
                yield int(case.days[at] - case.due_days[row])


def _groups(
    pool: Pool,
    receipts: Sequence[int],
    left: NDArray[np.int64],
    payers: Payers,
    policy: MatchingPolicy,
) -> tuple[list[_Group], list[int]]:
    """Receipts by the accounts they may belong to; receipts whose accounts overlap are placed together."""
    accounts_of: dict[int, tuple[int, ...]] = {}
    known_how: dict[int, str] = {}
    strangers = []
    known = len(pool.accounts)
    for receipt in sorted(receipts):
        if pool.receipts.amount[receipt] <= 0 or pool.receipts.day[receipt] == NO_DAY:
            continue
        sure = payers.known(receipt)
        found = [sure] if sure is not None else list(payers.candidates[receipt][:MOST_CANDIDATES])
        accounts = tuple(dict.fromkeys(one.account for one in found if one.account < known))
        if not accounts:
            strangers.append(receipt)
            continue
        accounts_of[receipt] = accounts
        known_how[receipt] = sure.how if sure is not None else ""
    joined = _joined(accounts_of)
    members: dict[tuple[int, int], list[int]] = defaultdict(list)
    for receipt, accounts in accounts_of.items():
        members[joined[accounts[0]], int(pool.receipts.money[receipt])].append(receipt)
    groups = []
    for (_, money), mine in members.items():
        accounts_here = sorted({account for receipt in mine for account in accounts_of[receipt]})
        rows = np.concatenate([pool.items.of_account(account) for account in accounts_here])
        rows = np.sort(rows[(left[rows] != 0) & (pool.items.money[rows] == money)])
        if len(rows):
            groups.append(_Group(mine, rows, accounts_of, known_how))
    return groups, strangers


def _joined(accounts_of: Mapping[int, tuple[int, ...]]) -> dict[int, int]:
    """The least account that each account is joined with through receipts."""
    root: dict[int, int] = {}

    def find(account: int) -> int:
        while root.setdefault(account, account) != account:
            root[account] = root[root[account]]
            account = root[account]
        return account

    for accounts in accounts_of.values():
        for account in accounts[1:]:
            one, two = sorted((find(accounts[0]), find(account)))
            root[two] = one
        find(accounts[0])
    return {account: find(account) for account in list(root)}


def _mine(case: Case, group: _Group, at: int, left: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the pool that the receipt at this place may still pay, debits only."""
    ok = case.may_pay[:, at] & (case.document_days <= case.days[at] + case.early_days)
    rows = group.items[ok]
    return np.asarray(rows[left[rows] > 0], np.int64)


def _less_discount(
    pool: Pool,
    case: Case,
    group: _Group,
    at: int,
    left: NDArray[np.int64],
    discounts: NDArray[np.int64],
    discount_days: NDArray[np.int32],
) -> Proposal | None:
    """Items less the discount still earned on the receipt's day: one set only, else nothing."""
    from arlib.matching.combine import solve

    receipt, day = group.receipts[at], int(case.days[at])
    rows = _mine(case, group, at, left)
    earned = np.where((discount_days[rows] != NO_DAY) & (discount_days[rows] >= day), discounts[rows], 0)
    if not earned.any():
        return None
    rows, earned = rows[earned > 0], earned[earned > 0]
    total = case.totals[at]
    solved = solve((left[rows] - earned).tolist(), total, work_limit=case.states)
    if not solved.explanations:
        return None
    places = solved.explanations[0]
    picked = tuple(sorted(int(rows[place]) for place in places))
    settles = tuple(int(left[row]) for row in picked)
    is_one = solved.status == "unique"
    return Proposal(
        receipt=receipt, items=picked, settles=settles, rule="amount.discount",
        difference=total - sum(settles), explanations=1 if is_one else 2,
        payer_how=group.known_how[receipt],
        sentence=f"the amount is {len(picked)} open {'item' if len(picked) == 1 else 'items'} less the discount earned by that day",
        held_because=("" if group.known_how[receipt] else UNSURE) if is_one else TWO_FIT,
    )  # fmt: skip


def _nearly(
    pool: Pool, case: Case, group: _Group, at: int, left: NDArray[np.int64], near: Callable[[int, int], int]
) -> Proposal | None:
    """The one open item that the receipt is a little less than."""
    rows = _mine(case, group, at, left)
    total = case.totals[at]
    opened = left[rows]
    short = opened - total
    close = np.flatnonzero((short > 0) & (short <= opened // NEARLY_ALL)).tolist()
    fits = [int(rows[at]) for at in close if short[at] <= near(int(rows[at]), int(opened[at]))]
    if len(fits) != 1:
        return None
    row = fits[0]
    receipt = group.receipts[at]
    return Proposal(
        receipt=receipt, items=(row,), settles=(int(left[row]),), rule="amount.near",
        difference=total - int(left[row]), explanations=1, payer_how=group.known_how[receipt],
        sentence="the amount is a little less than this open item, and than no other of the account",
        held_because=NEARLY,
    )  # fmt: skip


def _strangers(
    pool: Pool, strangers: Sequence[int], left: NDArray[np.int64], policy: MatchingPolicy
) -> list[Proposal]:
    """Receipts of nobody, whose amount one open item of the entity has and no other receipt of nobody."""
    if not strangers:
        return []
    wanted = {int(pool.receipts.amount[receipt]) for receipt in strangers}
    entity, theirs = texts(pool.items.frame, "entity"), texts(pool.receipts.frame, "entity")
    items: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(left, np.array(sorted(wanted), np.int64))).tolist():
        items[entity[row], int(pool.items.money[row]), int(left[row])].append(row)
    asked = Counter((theirs[r], int(pool.receipts.money[r]), int(pool.receipts.amount[r])) for r in strangers)
    found = []
    for receipt in strangers:
        key = (theirs[receipt], int(pool.receipts.money[receipt]), int(pool.receipts.amount[receipt]))
        rows = items.get(key, [])
        if asked[key] != 1 or len(rows) != 1:
            continue
        day = int(pool.items.document_day[rows[0]])
        if day != NO_DAY and not -policy.days_before_document <= int(pool.receipts.day[receipt]) - day:
            continue
        found.append(
            Proposal(
                receipt=receipt, items=(rows[0],), settles=(key[2],), rule="amount.anyone", explanations=1,
                sentence="just one open item of the entity has this amount; the payer is not known",
                held_because="the payer is not known",
            )
        )  # fmt: skip
    return found
