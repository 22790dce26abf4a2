"""Which open items are proposed for write-off, and which would be but are blocked. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pandas as pd

from arlib.credit.proposals import BLOCKED, proposal_id, proposals_of
from arlib.credit.write_off import asked as requests
from arlib.credit.write_off.blocks import Block, Casework, above_dividend, blocks, casework
from arlib.credit.write_off.debts import debts as debts_of
from arlib.credit.write_off.evidence import caution, evidence
from arlib.credit.write_off.frames import LimitationState
from arlib.credit.write_off.limits import Allowed, Subject, allowed, limit_minor
from arlib.credit.write_off.words import Record, money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, of_entity
from arlib.matching.tolerance import limit_for
from arlib.money import Rates, Rounding, divide
from arlib.policy import Policies, Scope
from arlib.policy.write_off import WriteOffLimit
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus, ItemType, ProposalKind
from arlib.tables.rows import frame_of, is_none, records, text

REASON_OF_STATUS = {
    CustomerStatus.BANKRUPT.value: "bankruptcy",
    CustomerStatus.ESTATE.value: "estate",
    CustomerStatus.CLOSED.value: "closed_account",
}

REASONS = (
    *REASON_OF_STATUS.values(),
    "uncollectable",
    "small_balance",
    "tolerance",
)  # those that the rules give


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """What is proposed and what is blocked; an item is in one of the two, or in neither."""

    proposals: pd.DataFrame  # PROPOSALS
    blocked: pd.DataFrame  # BLOCKED
    debts: pd.DataFrame  # DEBTS: every open debit


@dataclass(frozen=True, kw_only=True)
class _Rule:
    kind: ProposalKind
    reason: str
    words: str
    requested_by: str = ""


def candidates(
    book: Book,
    *,
    scope: Scope,
    policies: Policies,
    open_debts: pd.DataFrame | None = None,
    limitations: pd.DataFrame | None = None,
    known: Casework | None = None,
) -> Candidates:
    """Debit items that the policy would write off at the as-of date: proposals with their evidence, and what is blocked.

    What a person asked for (ADJUSTMENT_REQUESTS) goes first, with its amount, reason and name; what is wrong with it
    blocks it. Else the first rule that fits an item counts. Tolerance: the rest of a short payment within the tolerance of
    cash application. Small balance: an item up to the policy's amount, old enough. Uncollectable: as late as the policy (or
    the customer's status) says, or less late with enough contacts and an escalation. Credits of any size never are. The
    amount is what is open; beside an allowed claim only what is above its dividend. The most restrictive limit that
    applies must cover it. The day that an age is reached is inside; age counts from the original due date, without one
    from the document's date.

    Needs ITEMS; uses every table of casework, CUSTOMERS, ACTIVITIES, FX_RATES. With LIMITATIONS a proposal whose last day
    is near says so and is to be decided by it. A limit in a currency without a closing rate raises RateError.
    """
    every = debts_of(book, scope=scope, policies=policies) if open_debts is None else open_debts
    known = known or casework(book, scope=scope)
    rates = Rates.of(book["fx_rates"])
    last_days = _last_days(limitations)
    sales = _last_sales(book, scope)
    wanted = requests.asked(book, scope=scope)
    open_ids = set(every["item_id"])
    unanswered = [*wanted.others, *(row for item, row in wanted.first.items() if item not in open_ids)]
    stopped = [requests.answered(row, scope=scope, is_open=row["item_id"] in open_ids) for row in unanswered]
    proposed = []
    for debt in records(every):
        request = wanted.first.get(debt["item_id"])
        rule = _rule(debt, scope=scope, policies=policies, rates=rates) if request is None else _of(request)
        if rule is None:
            continue
        amount, claim = above_dividend(debt, known)
        found = blocks(debt, known)
        if request is not None:
            found += requests.faults(request, debt)
            amount = min(amount, requests.amount_asked(request, int(debt["outstanding"])))
        subject = Subject(
            item_amount=int(debt["amount"]), currency=debt["currency"],
            days_past_due=None if is_none(debt["days_past_due"]) else int(debt["days_past_due"]),
            business_unit=scope.entity, customer=debt["customer_id"], reason=rule.reason, rating=text(debt["rating"]),
            status=text(debt["status"]), segment=text(debt["segment"]),
        )  # fmt: skip
        limit = allowed(subject, limits=policies.write_off.limits, rates=rates, on=scope.as_of)
        if not limit.covers(amount):
            found.append(Block(word="over_limit", because=f"Above what the policy allows: {limit.why}."))
        words = rule.words if claim is None else (
            f"{rule.words}; above the dividend of claim {claim['claim_id']}, {claim['dividend_rate']} of it"
        )  # fmt: skip
        row = _row(
            debt, amount if amount > 0 else int(debt["outstanding"]), rule, words, scope, known, book, limit
        )
        if found:
            stopped.append(row | {
                "blocked_by": "|".join(dict.fromkeys(block.word for block in found)),
                "blocked_because": " ".join(dict.fromkeys(block.because for block in found)),
            })  # fmt: skip
            continue
        last = last_days.get(debt["item_id"])
        small = rule.kind is ProposalKind.SMALL_BALANCE
        bought = sales.get(debt["customer_id"])
        said = caution(debt, known, is_small=small, has_activities=book.has("activities"),
                       sales_since=bought if bought is not None and _is_since(bought, debt) else None)  # fmt: skip
        early = "" if request is None else _early(debt, scope=scope, policies=policies, rates=rates)
        near = "" if last is None else f"Enforceable until {last[0]:%Y-%m-%d}" + (
            " only: it is time-barred, so to legal first." if last[1] == LimitationState.BARRED else "."
        )  # fmt: skip
        proposed.append(row | {
            "caution": " ".join(part for part in (early, said, near) if part),
            "decide_by": last[0] if last is not None and last[1] == LimitationState.WARNING else None,
        })  # fmt: skip
    return Candidates(
        proposals=proposals_of(proposed),
        blocked=frame_of(BLOCKED, stopped),
        debts=every,
    )


def _early(debt: Record, *, scope: Scope, policies: Policies, rates: Rates) -> str:
    """That the policy itself would not propose an item yet, '' where it would."""
    if _rule(debt, scope=scope, policies=policies, rates=rates) is not None:
        return ""
    days = policies.write_off.days_of(text(debt["status"]))
    return f"The policy itself proposes it from {days} days past due on; it is {int(debt['age_days'])}."


def _of(request: Record) -> _Rule:
    return _Rule(
        kind=ProposalKind(request["kind"]), reason=text(request["reason"]), words=requests.words(request),
        requested_by=text(request["requested_by"]),
    )  # fmt: skip


def _rule(debt: Record, *, scope: Scope, policies: Policies, rates: Rates) -> _Rule | None:
    """The rule that would write an item off, or None."""
    policy, age, open_, currency = (
        policies.write_off,
        int(debt["age_days"]),
        int(debt["outstanding"]),
        str(debt["currency"]),
    )
    if bool(debt["is_residual"]) and age >= policy.tolerance_min_days:
        most = limit_for(item_open=int(debt["amount"]), currency=currency, business_unit=scope.entity,
                         customer=str(debt["customer_id"]), reason="tolerance", limits=policies.matching.tolerances)  # fmt: skip
        if open_ <= most:
            words = f"rest of a short payment, within the tolerance of {money(most, currency)}"
            return _Rule(kind=ProposalKind.SMALL_BALANCE, reason="tolerance", words=words)
    if age >= policy.small_balance_min_days and policy.small_balance_amount > 0:
        sweep = WriteOffLimit(amount=policy.small_balance_amount, currency=policy.small_balance_currency)
        most = limit_minor(sweep, currency, rates=rates, on=scope.as_of)
        if open_ <= most:
            words = f"debit of at most {money(most, currency)}, at least {policy.small_balance_min_days} days past due"
            return _Rule(kind=ProposalKind.SMALL_BALANCE, reason="small_balance", words=words)
    status = text(debt["status"])
    if age >= policy.days_of(status):
        reason = REASON_OF_STATUS.get(status, "uncollectable")
        who = "" if reason == "uncollectable" else f"{reason.replace('_', ' ')} of the customer, "
        days = policy.days_of(status)
        late = f"at least {days} days past due" if days else "whatever its age past due"
        return _Rule(kind=ProposalKind.WRITE_OFF, reason=reason, words=f"{who}{late}")
    is_exhausted = int(debt["contacts"]) >= policy.exhausted_min_contacts and int(debt["escalations"]) > 0
    if is_exhausted and age >= policy.exhausted_min_days:
        words = (
            f"collection exhausted: {policy.exhausted_min_contacts} contacts and more, escalated, "
            f"at least {policy.exhausted_min_days} days past due"
        )
        return _Rule(kind=ProposalKind.WRITE_OFF, reason="uncollectable", words=words)
    return None


def _row(
    debt: Record,
    amount: int,
    rule: _Rule,
    words: str,
    scope: Scope,
    known: Casework,
    book: Book,
    limit: Allowed,
) -> dict[str, object]:
    open_ = int(debt["outstanding"])
    said = evidence(debt, known, has_payments=book.has("applications"), has_activities=book.has("activities"))
    return {
        "proposal_id": proposal_id(rule.kind, scope.entity, debt["item_id"], debt["currency"], amount, rule.reason),
        "entity": scope.entity, "kind": rule.kind.value, "customer_id": debt["customer_id"],
        "customer_name": debt["customer_name"], "item_id": debt["item_id"], "document_no": debt["document_no"],
        "currency": debt["currency"], "amount": amount, "tax_amount": _part(debt["tax_outstanding"], amount, open_),
        "functional_amount": _part(debt["functional_outstanding"], amount, open_), "due_date": debt["due_date"],
        "days_past_due": debt["days_past_due"], "reason": rule.reason,
        "rule": words if limit.limit is None else f"{words}; limit: {limit.why}", "evidence": said,
        "payee_account": "", "payee_name": "", "requested_by": rule.requested_by,
    }  # fmt: skip


def _part(whole: object, amount: int, open_: int) -> object:
    """An amount of the open item in proportion to what of it is proposed, rounded half up; missing stays missing."""
    return pd.NA if is_none(whole) else divide(int(cast("int", whole)) * amount, open_, Rounding.HALF_UP)


def _last_days(limitations: pd.DataFrame | None) -> dict[str, tuple[pd.Timestamp, str]]:
    if limitations is None:
        return {}
    near = limitations[
        limitations["state"].isin([LimitationState.WARNING.value, LimitationState.BARRED.value])
    ]
    return {str(item): (day, str(state)) for item, day, state in _zipped(near)}


def _zipped(rows: pd.DataFrame) -> Iterator[tuple[str, pd.Timestamp, str]]:
    yield from zip(rows["item_id"], rows["limitation_date"], rows["state"], strict=True)


def _last_sales(book: Book, scope: Scope) -> dict[str, pd.Timestamp]:
    """The day of each customer's last invoice by the as-of date."""
    items = of_entity(book["items"], scope.entity)
    bills = items[
        counted(items, scope=scope) & items["item_type"].eq(ItemType.INVOICE.value).to_numpy(dtype=bool)
    ]
    code = merged_codes(bills["customer_id"], book, entity=scope.entity, on=scope.as_of)
    day = bills["document_date"].fillna(bills["effective_date"])
    return {str(customer): last for customer, last in day.groupby(code).max().items()}


def _is_since(bought: pd.Timestamp, debt: Record) -> bool:
    """Whether the customer bought after the item fell due."""
    due = debt["original_due_date"]
    return bool(bought > (debt["document_date"] if is_none(due) else due))
