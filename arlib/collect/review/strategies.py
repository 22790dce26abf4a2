"""What is done with an account at risk: the law and what was agreed first, then what the other lists propose. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from arlib.collect.contact.frames import Outside
from arlib.collect.contact.outside import outside
from arlib.collect.follow_up.barred import apart_words
from arlib.collect.follow_up.placed import placed_now
from arlib.collect.follow_up.placements import placements_proposed
from arlib.collect.position import Position
from arlib.collect.review.collectable import split_in_books, sums_by_customer
from arlib.collect.review.frames import Recommendation, Strategy
from arlib.collect.review.holds import hold_proposals
from arlib.credit.adjustments.plan_standings import plan_standings
from arlib.credit.write_off.words import day, money
from arlib.ledger.attributes import merged_codes
from arlib.money import minor_places
from arlib.policy import Policies
from arlib.policy.credit_review import RiskPolicy
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus, PlacementKind
from arlib.tables.rows import Row, is_none, records, text, whole

Strategies = list[tuple[Strategy, str]]

INSOLVENT = {CustomerStatus.BANKRUPT.value: "bankrupt", CustomerStatus.ESTATE.value: "an estate"}
CLAIMED = (Outside.BANKRUPT.value, Outside.ESTATE.value)
NOT_OURS = (
    Outside.SANCTIONED.value, Outside.CEASE_CONTACT.value, Outside.LEGAL.value, Outside.LEGAL_HOLD.value,
)  # fmt: skip
PLACED = (Outside.AGENCY.value, Outside.PLACED.value)
NOT_YET = {
    "letters_not_exhausted": "its letters are not exhausted", "copy_asked": "a copy that it asked for is not sent",
    "promised": "the day that it promised has not passed",
}  # fmt: skip
MOST = 3  # sentences


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of accounts beside their review, by customer."""

    plans: dict[str, bool]  # with a plan in force: whether it is in default
    placed: dict[str, Row]  # with an agency or attorney: the placement
    apart: dict[str, list[Row]]  # open debits outside the procedure: OUTSIDE
    wholly: frozenset[str]  # everything that they owe is outside the procedure, whatever a policy says
    late: dict[str, dict[str, int]]  # past due: what stands aside of it, and what a call can bring in
    to_place: dict[str, Row]  # PLACEMENTS_PROPOSED
    spared: dict[str, str]  # no hold, because
    policies: Policies
    position: Position


def known_of(book: Book, *, position: Position, policies: Policies, review: pd.DataFrame) -> Known:
    """All of it at the as-of date; `review` is CREDIT_REVIEW."""
    left_out = outside(book, position=position, policies=policies)
    apart: dict[str, list[Row]] = defaultdict(list)
    for row in records(left_out):
        apart[text(row["customer_id"])].append(row)
    hard = left_out[left_out["is_hard"].astype(bool)].groupby("customer_id").size()
    owed = position.debits.groupby("customer_id").size()
    proposed = placements_proposed(book, position=position, policies=policies, apart=left_out)
    split = split_in_books(book, position=position, policies=policies, apart=left_out)
    holds = hold_proposals(book, position=position, policies=policies, review=review, split=split)
    holds = holds[holds["is_spared"].astype(bool)]
    return Known(
        plans=_plans(book, position, policies),
        placed=placed_now(book, position=position),
        apart=dict(apart),
        wholly=frozenset(str(code) for code, count in hard.items() if count >= owed.get(code, 0)),
        late=sums_by_customer(split),
        to_place={str(row["customer_id"]): row for row in records(proposed)},
        spared=dict(zip(holds["customer_id"], holds["spared_because"], strict=True)),
        policies=policies,
        position=position,
    )


def _plans(book: Book, position: Position, policies: Policies) -> dict[str, bool]:
    rows = plan_standings(book, scope=position.scope, policies=policies)
    mine = rows[rows["what"].ne("ended")]
    scope = position.scope
    codes = merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    made: dict[str, bool] = {}
    for customer, is_default in zip(codes, mine["is_default"].astype(bool), strict=True):
        made[str(customer)] = made.get(str(customer), False) or bool(is_default)
    return made


def strategies(row: Row, bare: int, known: Known) -> tuple[Strategies, str]:
    """Everything that the policy asks for, in its order, never empty; and the words for all of it.

    `row` is one of CREDIT_REVIEW with late, to_place and last_payment_on; `bare` is what nothing covers.
    """
    made = _asked_for(row, bare, known)
    first = made[0][0]
    said = [made[0][1], *(words for name, words in made[1:MOST] if name is not first)]
    return made, " ".join([*said, *_cautions(row, known)])


def _asked_for(row: Row, bare: int, known: Known) -> Strategies:
    customer, status, code = str(row["customer_id"]), text(row["status"]), str(row["currency"])
    owed = money(bare, code)
    if status in INSOLVENT:
        return _claimed(owed)
    if status in (
        CustomerStatus.LEGAL.value,
        CustomerStatus.SANCTIONED.value,
        CustomerStatus.CEASE_CONTACT.value,
    ):
        who = "compliance" if status == CustomerStatus.SANCTIONED else "counsel"
        return [
            (Strategy.LEGAL, f"Leave it to {who}; no calls or letters of our own."),
            (Strategy.RESERVE, f"Reserve for {owed}."),
        ]
    if customer in known.wholly:
        return _not_ours(customer, owed, known)
    placed = known.placed.get(customer)
    if placed is not None or status == CustomerStatus.AGENCY:
        whom = (
            f"{placed['placed_with']}, who has it since {day(placed['placed_on'])}"
            if placed
            else "the agency"
        )
        there = min(bare, _hard_amount(customer, known))
        made = [(Strategy.PLACE, f"Ask {whom}, for a report."), (Strategy.RESERVE, f"Reserve for {money(there, code)}.")]  # fmt: skip
        return [*made, (Strategy.CALL, _called(row, known))] if _collectable(row, known) else made
    ours = [*_ours(row, known), *_securing(row, bare, known.policies.credit_review.risk)]
    agreed = [each for each in known.apart.get(customer, ()) if not each["is_hard"]]
    if _collectable(row, known) or not (agreed or known.plans.get(customer) is False):
        return [*ours, (Strategy.CALL, _called(row, known))]
    return [*ours, (Strategy.AS_AGREED, _as_agreed(agreed[0]))] if agreed else ours


def _claimed(owed: str) -> Strategies:
    what = "Follow the claim, write only what the law allows"
    return [(Strategy.RESERVE, f"{what}, and reserve {owed} less the dividend expected.")]


def _not_ours(customer: str, owed: str, known: Known) -> Strategies:
    """An active account of which every open debit is outside the procedure: by the reason of the largest part."""
    sums: dict[str, int] = defaultdict(int)
    for each in known.apart[customer]:
        sums[str(each["reason"])] += whole(each["books_amount"])
    reason = max(sums, key=lambda name: sums[name])
    found = next(each for each in known.apart[customer] if each["reason"] == reason)
    words, reserve = apart_words(found), (Strategy.RESERVE, f"Reserve for {owed}.")
    if reason in CLAIMED:
        return _claimed(owed)
    if reason in NOT_OURS:
        who = "compliance" if reason == Outside.SANCTIONED else "counsel"
        return [(Strategy.LEGAL, f"Leave it to {who}: {words}; no calls or letters of our own."), reserve]
    if reason in PLACED:
        placed = known.placed.get(customer)
        whom = (
            f"{placed['placed_with']}, who has it since {day(placed['placed_on'])},"
            if placed
            else text(found["source_id"]) or "the agency"
        )
        return [(Strategy.PLACE, f"Ask {whom} for a report."), reserve]
    return [(Strategy.RESERVE, f"Nothing is ours to collect ({words}): reserve for recourse only.")]


def _hard_amount(customer: str, known: Known) -> int:
    return sum(whole(each["books_amount"]) for each in known.apart.get(customer, ()) if each["is_hard"])


def _collectable(row: Row, known: Known) -> int:
    return known.late.get(str(row["customer_id"]), {}).get("collectable", 0)


def _ours(row: Row, known: Known) -> Strategies:
    """What is done with an account that is still ours to collect."""
    policies, code, customer = known.policies, str(row["currency"]), str(row["customer_id"])
    work, made = policies.work_list, []
    plan, proposed = known.plans.get(customer), known.to_place.get(customer)
    is_rest = _still_pays(row, known) and 2 * whole(row["to_place"]) < whole(row["open_debits"])
    old = 0 if proposed is None or is_rest else whole(proposed["amount"])
    kind = None if proposed is None else proposed["kind"]
    past = f"it is {work.placement_min_days_past_due} days past due or more"
    if old and kind == PlacementKind.ATTORNEY:
        made.append((Strategy.LEGAL, f"Give {money(old, code)} to an attorney: {past}."))
    elif old and kind == PlacementKind.AGENCY:
        made.append((Strategy.PLACE, f"Place {money(old, code)} with an agency: {past}."))
    if plan is False:
        made.append((Strategy.PLAN, "Keep to the payment arrangement and watch each instalment."))
    elif plan:
        what = "give notice, or agree a new one with security"
        made.append((Strategy.PLAN, f"The payment arrangement is in default: {what}."))
    if row["recommendation"] == Recommendation.HOLD.value and customer not in known.spared:
        made.append((Strategy.HOLD, "Hold new orders until the account is brought up to date."))
    elif bool(row["is_on_hold"]):
        made.append((Strategy.HOLD, "Keep the hold on new orders."))
    if old and is_none(kind) and not _not_yet(customer, known):
        made.append((Strategy.WRITE_OFF, f"Propose {money(old, code)} for write-off: too small to place."))
    late = whole(row["late"])
    least = Fraction(policies.credit_review.risk.late_min_rate) * whole(row["open_debits"])
    offered = min(late, _collectable(row, known))
    if plan is None and not old and offered and late >= least and _still_pays(row, known):
        last = day(row["last_payment_on"])
        made.append((Strategy.PLAN, f"It still pays (last on {last}): offer an arrangement for {money(offered, code)}."))  # fmt: skip
    return made


def _still_pays(row: Row, known: Known) -> bool:
    last, now = row["last_payment_on"], pd.Timestamp(known.position.scope.as_of)
    return not is_none(last) and bool((now - last).days <= known.policies.credit_review.risk.late_days)


def _not_yet(customer: str, known: Known) -> list[str]:
    """Why some of what is late enough to be placed is not placed yet."""
    proposed = known.to_place.get(customer)
    found = "" if proposed is None else text(proposed["excluded_because"])
    return [NOT_YET[name] for name in found.split("|") if name in NOT_YET]


def _securing(row: Row, bare: int, risk: RiskPolicy) -> Strategies:
    code = str(row["currency"])
    if bare < risk.secure_amount * 10 ** minor_places(code):
        return []
    return [(Strategy.SECURE, f"Ask for a guarantee or insurance: {money(bare, code)} is not covered.")]


def _called(row: Row, known: Known) -> str:
    """What a call is about."""
    code, parts = str(row["currency"]), known.late.get(str(row["customer_id"]), {})
    if parts.get("collectable"):
        return f"Call for {money(parts['collectable'], code)} past due, and take a promise with a date."
    if parts.get("disputed"):
        return f"Settle the dispute about {money(parts['disputed'], code)} with its owner."
    if parts.get("promised"):
        return f"Wait for the {money(parts['promised'], code)} that it promised."
    if cash := parts.get("cash", 0) + parts.get("credits", 0):
        return f"Apply {money(cash, code)} of its own cash and credits first."
    return "Nothing past due is ours to call for: watch the next due date."


def _as_agreed(found: Row) -> str:
    words = apart_words(found)
    then = {
        Outside.NO_CALLS.value: "write, do not call",
        Outside.ALL.value: "ask the owner of the exception",
    }.get(str(found["reason"]), "keep to it")
    return f"{words[:1].upper()}{words[1:]}: {then}."


def _cautions(row: Row, known: Known) -> list[str]:
    """Sentences about what must not be done, or not yet."""
    customer = str(row["customer_id"])
    if text(row["status"]) in INSOLVENT or customer in known.wholly:
        return []
    made = []
    if waits := _not_yet(customer, known):
        made.append(f"Not placed yet: {' and '.join(waits)}.")
    if because := known.spared.get(customer):
        made.append(f"No hold: {because}.")
    said = dict.fromkeys(apart_words(each) for each in known.apart.get(customer, ()) if each["is_hard"])
    made += [f"Apart: {words}." for words in said]
    return made
