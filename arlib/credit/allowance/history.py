"""How the debts in the allowance's scope were settled, day by day: paid, credited, lost, recovered. Floor 1.

    billed = paid + credited + lost + open

A reversal acts from its own date: a returned payment opens the debt again. Credits are neither cures nor losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd

from arlib.credit.allowance.frames import LIVES
from arlib.credit.allowance.lives import Lives, lives_of
from arlib.errors import AmountError
from arlib.ledger.facts import (
    LARGEST,
    Bools,
    Ints,
    counted,
    fact_dates,
    found_at,
    ints,
    of_entity,
    positions,
    require_answerable,
)
from arlib.policy import AllowancePolicy, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType


class Flow(IntEnum):
    """How an amount left a debt."""

    PAID = 0
    CREDITED = 1
    LOST = 2
    RECOVERED = 3  # on a debt that was written off; apart


BY_KIND = {
    ApplicationKind.PAYMENT: Flow.PAID,
    ApplicationKind.PREPAYMENT: Flow.PAID,
    ApplicationKind.CONTRA: Flow.PAID,
    ApplicationKind.REFUND: Flow.PAID,
    ApplicationKind.RETURN: Flow.PAID,
    ApplicationKind.CLEARING: Flow.PAID,
    ApplicationKind.WRITE_OFF: Flow.LOST,
    ApplicationKind.CREDIT_MEMO: Flow.CREDITED,
    ApplicationKind.ADJUSTMENT: Flow.CREDITED,
    ApplicationKind.CREDIT_TO_CREDIT: Flow.CREDITED,
    ApplicationKind.DEBIT_TO_DEBIT: Flow.CREDITED,
    ApplicationKind.TRANSFER: Flow.CREDITED,
}
CASH_SOURCES = (ItemType.RECEIPT, ItemType.PREPAYMENT, ItemType.REFUND, ItemType.RECOVERY)


@dataclass(frozen=True)
class History:
    """The debts and everything that moved them, in document currency, sorted by nothing in particular."""

    lives: Lives
    life: Ints  # debt that each movement belongs to
    day: Ints
    flow: Ints  # a Flow
    amount: Ints  # + settles, - opens again

    def settled(self, until: int | None = None) -> tuple[Ints, Ints, Ints, Ints]:
        """Paid, credited, lost and recovered of each debt, up to and including a day; of all days without one."""
        here = slice(None) if until is None else self.day <= until
        made = np.zeros((len(Flow), len(self.lives)), dtype=np.int64)
        np.add.at(made, (self.flow[here], self.life[here]), self.amount[here])
        paid, credited, lost, recovered = made
        back = beyond(self.lives.billed, paid, credited, lost)
        return paid - back, credited, lost, recovered + back

    def in_books(self) -> Ints:
        """Every movement at the booking rate: those of a debt add up, day by day, to their sum at that rate."""
        lives = self.lives
        made = self.amount.copy()
        is_odd = (lives.billed != lives.books)[self.life]
        apart = np.flatnonzero(is_odd & (self.flow == int(Flow.RECOVERED)))
        made[apart] = lives.in_books(self.amount[apart], self.life[apart])
        rows = np.flatnonzero(is_odd & (self.flow != int(Flow.RECOVERED)))
        rows = rows[np.lexsort((self.flow[rows], self.day[rows], self.life[rows]))]
        if len(rows):
            life = self.life[rows]
            upto = np.cumsum(self.amount[rows])
            begins = np.flatnonzero(np.diff(life, prepend=-1))
            earlier = np.repeat((upto - self.amount[rows])[begins], np.diff(np.append(begins, len(rows))))
            now = lives.in_books(upto - earlier, life)
            before = np.where(np.isin(np.arange(len(rows)), begins), 0, np.roll(now, 1))
            made[rows] = now - before
        return made


def beyond(billed: Ints, paid: Ints, credited: Ints, lost: Ints) -> Ints:
    """Cash on a debt beyond what is open, as far as it was written off: it is a recovery, posted to the debt itself."""
    back: Ints = np.clip(paid + credited + lost - billed, 0, np.maximum(lost, 0))
    return back


def history_of(book: Book, *, scope: Scope, policy: AllowancePolicy) -> History:
    """The debts in scope and how they were settled by the as-of date, by the scope's dates (posting dates normally).

    Needs ITEMS and APPLICATIONS (and what `lives_of` names). Paid: cash, prepayments, contra, and what an ERP cleared
    without saying more. Credited: credit memos, cash discounts, adjustments, transfers; what is billed again by a
    residual, chargeback or rebill counts against it. Lost: write-offs, but those whose reason the policy names in
    `reasons_not_credit_loss`, which are credited. Recovered: cash on an item of type recovery that carries on the debt,
    and cash on a written-off debt beyond what is open. Raises ParameterError for a date that the
    source cannot answer, TableError for an application of an item that is not there.
    """
    require_answerable(book, scope=scope)
    lives = lives_of(book, scope=scope, is_net_of_tax=policy.is_net_of_tax)
    applications = of_entity(book["applications"], scope.entity)
    here = counted(applications, scope=scope)
    if not here.all():
        applications = applications[here].reset_index(drop=True)
    members = lives.members
    parts = [_carried_on(lives)]
    if len(applications):
        items = of_entity(book["items"], scope.entity)
        day = np.asarray(
            fact_dates(applications, scope.basis).to_numpy(dtype="datetime64[D]").astype(np.int64)
        )
        flow = _flows(applications, items, policy=policy)
        target = found_at(applications["target_item_id"], members.ids)
        _require_known(applications["target_item_id"][target < 0], items, scope=scope)
        parts += _settlements(applications, lives, target, day, flow)
        parts.append(_from_debits(applications, lives, day))
    life, days, flows, amounts = (np.concatenate(column) for column in zip(*parts, strict=True))
    if float(np.abs(amounts.astype(np.float64)).sum() + lives.billed.astype(np.float64).sum()) >= LARGEST:
        raise AmountError("amounts are too large to add", wanted="a total below 4.6 × 10^18 minor units")
    return History(lives, life, days, flows, amounts)


def lives_frame(history: History) -> pd.DataFrame:
    """Each debt with what was billed and how it left by the as-of date: LIVES, sorted by its key."""
    lives = history.lives
    paid, credited, lost, recovered = history.settled()
    every = np.arange(len(lives))
    rest = lives.billed - paid - credited - lost
    paid, credited, lost, rest = lives.shared_in_books((paid, credited, lost, rest), every)
    made = pd.DataFrame(
        {
            "entity": lives.entity,
            "item_id": lives.ids,
            "customer_id": lives.customers,
            "currency": lives.currencies,
            "document_date": lives.documented.astype("datetime64[D]"),
            "aged_from": lives.aged_from.astype("datetime64[D]"),
            "billed": lives.books,
            "paid": paid,
            "credited": credited,
            "lost": lost,
            "open": rest,
            "recovered": lives.in_books(recovered, every),
        }
    )
    return LIVES.typed(made.sort_values("item_id", kind="stable", ignore_index=True))


Moves = tuple[Ints, Ints, Ints, Ints]


def _carried_on(lives: Lives) -> Moves:
    """Debits that carry on a debt open it again from their own day; a recovery does not."""
    members = lives.members
    more = np.flatnonzero((members.life >= 0) & ~members.is_root & ~members.is_recovery)
    return (
        members.life[more],
        members.day[more],
        np.full(len(more), int(Flow.CREDITED)),
        -members.amount[more],
    )


def _settlements(
    applications: pd.DataFrame, lives: Lives, target: Ints, day: Ints, flow: Ints
) -> list[Moves]:
    """What settles a debt, and the cash discount beside it."""
    members = lives.members
    life = np.where(target >= 0, members.life[target], -1) if len(members.life) else np.full(len(target), -1)
    mine = np.flatnonzero(life >= 0)
    on_recovery = members.is_recovery[target[mine]]
    kind = np.where(on_recovery, int(Flow.RECOVERED), flow[mine])
    counts = ~on_recovery | (flow[mine] == int(Flow.PAID))
    paid = (
        life[mine][counts],
        day[mine][counts],
        kind[counts],
        ints(applications["target_amount"])[mine][counts],
    )
    discount = ints(applications["discount"])
    given = mine[(discount[mine] != 0) & ~on_recovery]
    return [paid, (life[given], day[given], np.full(len(given), int(Flow.CREDITED)), discount[given])]


def _from_debits(applications: pd.DataFrame, lives: Lives, day: Ints) -> Moves:
    """A debit that is itself the source of an application: what is taken from it adds to its open amount."""
    plain = applications["kind"].isin([ApplicationKind.PAYMENT.value, ApplicationKind.PREPAYMENT.value])
    rows = np.flatnonzero(~plain.to_numpy(dtype=bool))
    members = lives.members
    source = found_at(applications["source_item_id"].iloc[rows], members.ids)
    hit = source >= 0
    rows, source = rows[hit], source[hit]
    mine = (members.life[source] >= 0) & ~members.is_recovery[source] if len(source) else hit[:0]
    rows, source = rows[mine], source[mine]
    amount = -ints(applications["source_amount"])[rows]
    return members.life[source], day[rows], np.full(len(rows), int(Flow.CREDITED)), amount


def _flows(applications: pd.DataFrame, items: pd.DataFrame, *, policy: AllowancePolicy) -> Ints:
    """What each application is to a debt: by its kind; a clearing by what cleared; a write-off also by its reason."""
    made = np.full(len(applications), int(Flow.PAID), dtype=np.int64)
    for kind, flow in BY_KIND.items():
        if flow is not Flow.PAID:
            made[applications["kind"].eq(kind.value).to_numpy(dtype=bool)] = int(flow)
    cleared = np.flatnonzero(applications["kind"].eq(ApplicationKind.CLEARING.value).to_numpy(dtype=bool))
    if len(cleared):
        at = found_at(applications["source_item_id"].iloc[cleared], items["item_id"])
        kinds = items["item_type"].to_numpy()[at]
        is_loss = kinds == ItemType.WRITE_OFF.value
        made[cleared[is_loss]] = int(Flow.LOST)
        is_cash = np.isin(kinds.astype(str), [kind.value for kind in CASH_SOURCES])
        made[cleared[~is_loss & ~is_cash & (at >= 0)]] = int(Flow.CREDITED)
    lost = np.flatnonzero(made == int(Flow.LOST))
    if len(lost):
        made[lost[~_is_credit_loss(applications.iloc[lost], items, policy=policy)]] = int(Flow.CREDITED)
    return made


def _is_credit_loss(rows: pd.DataFrame, items: pd.DataFrame, *, policy: AllowancePolicy) -> Bools:
    """Whether a write-off is a credit loss: by its reason and that of its document; a reversal as what it reverses."""
    reasons = {reason.lower() for reason in policy.reasons_not_credit_loss}
    documents = items[items["item_type"].eq(ItemType.WRITE_OFF.value).to_numpy(dtype=bool)]
    at = found_at(rows["source_item_id"], documents["item_id"])
    by_document = documents["reason"].str.lower().isin(reasons).to_numpy(dtype=bool)
    is_loss = ~rows["reason"].str.lower().isin(reasons).to_numpy(dtype=bool)
    is_loss[at >= 0] &= ~by_document[at[at >= 0]]
    undone = found_at(rows["reverses"], rows["application_id"])
    is_loss[undone >= 0] = is_loss[undone[undone >= 0]]
    return is_loss


def _require_known(wanted: pd.Series, items: pd.DataFrame, *, scope: Scope) -> None:
    if len(wanted):
        positions(
            pd.Index(items["item_id"]),
            wanted.reset_index(drop=True),
            table="applications",
            column="target_item_id",
            entity=scope.entity,
        )
