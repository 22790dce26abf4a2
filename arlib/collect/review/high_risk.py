"""The accounts most at risk, what makes them so, and what is done with each, by the policy. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from arlib.collect.behaviour import payment_behaviour
from arlib.collect.follow_up.placed import placed_now
from arlib.collect.position import Position
from arlib.collect.review.credit_review import credit_review
from arlib.collect.review.exposure import disputed_parts
from arlib.collect.review.frames import HIGH_RISK, Level, Recommendation, Strategy
from arlib.collect.review.grounds import late_amounts
from arlib.collect.review.recommend import is_above, is_late
from arlib.credit.adjustments.plan_standings import plan_standings
from arlib.credit.write_off.words import day, many, money
from arlib.ledger.attributes import merged_codes
from arlib.money import Rounding, minor_places, times
from arlib.policy import Policies
from arlib.policy.credit_review import RiskPolicy
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus
from arlib.tables.rows import Row, is_none, records, text, whole

INSOLVENT = {CustomerStatus.BANKRUPT.value: "bankrupt", CustomerStatus.ESTATE.value: "an estate"}
FAILED = {
    CustomerStatus.LEGAL.value: "with counsel", CustomerStatus.AGENCY.value: "with an agency",
    CustomerStatus.SANCTIONED.value: "sanctioned", CustomerStatus.CEASE_CONTACT.value: "not to be contacted",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Driver:
    """Something that makes an account a risk: its points, and the clause that says so."""

    points: int
    words: str


def high_risk(
    book: Book, *, position: Position, policies: Policies, behaviour: pd.DataFrame | None = None,
    review: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The accounts with the most at risk, ranked: HIGH_RISK, at most `performance.high_risk_accounts` rows.

    An account that owes something and is none of the group's own companies takes the points of each driver of
    `credit_review.risk`, at most 100; with `min_points` or more it is at high risk. At risk are its open debits that no
    insurance or other security covers, times points of 100, rounded half up; the ranking goes by that. Late amounts
    count from `hold_min_amount` and `late_min_rate` of what is owed on, the disputed part left out. The strategy is the
    first that the policy asks for, in the order: reserve, legal, place, plan, hold, write off, secure, call; `also` has
    the others. An account that paid within `late_days` and owes mostly what is younger is not placed for the rest: it
    is called. `behaviour` and `review` are PAYMENT_BEHAVIOUR and CREDIT_REVIEW where they are at hand. Uses PLANS,
    PLACEMENTS and what those do.
    """
    paid = payment_behaviour(book, position=position, policies=policies) if behaviour is None else behaviour
    found = (
        credit_review(book, position=position, policies=policies, behaviour=paid)
        if review is None
        else review
    )
    mine = found[
        found["level"].eq(Level.CUSTOMER.value) & found["open_debits"].gt(0) & found["customer_id"].ne("")
        & found["recommendation"].ne(Recommendation.NOT_REVIEWED.value)
    ]  # fmt: skip
    risk, work = policies.credit_review.risk, policies.work_list
    late = late_amounts(
        position, disputed_parts(book, position=position),
        {"very_late": risk.very_late_days, "late": risk.late_days, "to_place": work.placement_min_days_past_due,
         "undisputed": 1},
    )  # fmt: skip
    pays = paid.set_index("customer_id")[
        ["trend_days", "returned_payments", "broken_promises", "last_payment_on", "habit"]
    ]
    joined = mine.set_index("customer_id").join(late).join(pays).reset_index()
    facts = _Facts(_plans(book, position, policies), placed_now(book, position=position), policies, position)
    rows = [one for row in records(joined) if (one := _judged(row, facts)) is not None]
    rows.sort(key=lambda row: (-row["risk_amount"], -row["points"], str(row["customer_id"])))
    kept = rows[: policies.performance.high_risk_accounts]
    return HIGH_RISK.from_rows(row | {"rank": at} for at, row in enumerate(kept, 1))


@dataclass(frozen=True)
class _Facts:
    """What is known of accounts beside their review."""

    plans: dict[str, bool]  # customers with a plan in force: whether it is in default
    placed: dict[str, Row]  # customers that are with an agency or attorney: the placement
    policies: Policies
    position: Position


def _plans(book: Book, position: Position, policies: Policies) -> dict[str, bool]:
    rows = plan_standings(book, scope=position.scope, policies=policies)
    mine = rows[rows["what"].ne("ended")]
    scope = position.scope
    codes = merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    made: dict[str, bool] = {}
    for customer, is_default in zip(codes, mine["is_default"].astype(bool), strict=True):
        made[str(customer)] = made.get(str(customer), False) or bool(is_default)
    return made


def _judged(row: Row, facts: _Facts) -> Row | None:
    risk = facts.policies.credit_review.risk
    drivers = _drivers(row, facts)
    points = min(100, sum(driver.points for driver in drivers))
    if points < risk.min_points:
        return None
    covered = min(whole(row["insured"]) + whole(row["secured"]), whole(row["open_debits"]))
    bare = whole(row["open_debits"]) - covered
    strategies = _strategies(row, bare, facts)
    first, words = strategies[0]
    return row | {
        "covered": covered, "points": points, "risk_amount": times(bare, Fraction(points, 100), Rounding.HALF_UP),
        "drivers": "; ".join(driver.words for driver in drivers), "strategy": first.value,
        "also": "|".join(dict.fromkeys(name.value for name, _ in strategies[1:] if name is not first)),
        "words": " ".join([words, *(said for name, said in strategies[1:3] if name is not first)]),
    }  # fmt: skip


def _drivers(row: Row, facts: _Facts) -> list[Driver]:
    """The drivers of an account, the gravest kind first."""
    policies = facts.policies
    risk, policy, code = policies.credit_review.risk, policies.credit_review, str(row["currency"])
    customer, status = str(row["customer_id"]), text(row["status"])
    made = []
    if status in INSOLVENT:
        made.append(Driver(points=risk.insolvent, words=INSOLVENT[status]))
    elif status in FAILED or customer in facts.placed:
        made.append(Driver(points=risk.failed, words=FAILED.get(status, "placed")))
    least = Fraction(risk.late_min_rate) * whole(row["open_debits"])
    if is_late(row["very_late"], code, policy) and whole(row["very_late"]) >= least:
        made.append(Driver(points=risk.very_late, words=_late(row, "very_late", risk.very_late_days)))
    elif is_late(row["late"], code, policy) and whole(row["late"]) >= least:
        made.append(Driver(points=risk.late, words=_late(row, "late", risk.late_days)))
    if is_none(row["limit_in_books"]):
        made.append(Driver(points=risk.no_limit, words="no limit is given"))
    elif is_above(row, Decimal(1)):
        above = whole(row["exposure"]) - whole(row["limit_in_books"])
        points = risk.far_over_limit if is_above(row, risk.far_over_limit_rate) else risk.over_limit
        made.append(Driver(points=points, words=f"{money(above, code)} above its limit"))
    if not is_none(row["score"]) and int(row["score"]) <= risk.low_score_points:
        made.append(Driver(points=risk.low_score, words=f"payment behaviour {row['score_text']}"))
    failures = whole(row["broken_promises"]) + whole(row["returned_payments"])
    if failures and failures >= risk.failures_least:
        made.append(Driver(points=risk.failures, words=_failures(row)))
    if not is_none(row["trend_days"]) and Decimal(row["trend_days"]) >= policy.score.trend_days:
        made.append(
            Driver(points=risk.getting_later, words=f"pays {row['trend_days']} days later than before")
        )
    if not is_none(row["bureau_score"]) and Decimal(row["bureau_score"]) <= risk.weak_bureau_points:
        made.append(Driver(points=risk.weak_bureau, words=f"{row['bureau']}: {row['bureau_score']} of 100"))
    if facts.plans.get(customer):
        made.append(Driver(points=risk.plan_default, words="its payment arrangement is in default"))
    return [driver for driver in made if driver.points]


def _late(row: Row, name: str, days: int) -> str:
    return (
        f"{money(row[name], row['currency'])} is {days} days past due or more "
        f"(the oldest {many(whole(row['max_days_past_due']), 'day')})"
    )


def _failures(row: Row) -> str:
    parts = [
        many(whole(row[name]), noun)
        for name, noun in (("broken_promises", "broken promise"), ("returned_payments", "returned payment"))
        if whole(row[name])
    ]
    return " and ".join(parts)


def _strategies(row: Row, bare: int, facts: _Facts) -> list[tuple[Strategy, str]]:
    """Everything that the policy asks for, in its order, each with a sentence; never empty."""
    customer, status, code = str(row["customer_id"]), text(row["status"]), str(row["currency"])
    policies, made = facts.policies, []
    owed, risk = money(bare, code), policies.credit_review.risk
    if status in INSOLVENT:
        what = "Follow the claim, write only what the law allows"
        return [(Strategy.RESERVE, f"{what}, and reserve {owed} less the dividend expected.")]
    placed = facts.placed.get(customer)
    if status in (
        CustomerStatus.LEGAL.value,
        CustomerStatus.SANCTIONED.value,
        CustomerStatus.CEASE_CONTACT.value,
    ):
        who = "compliance" if status == CustomerStatus.SANCTIONED else "counsel"
        made.append((Strategy.LEGAL, f"Leave it to {who}; no calls or letters of our own."))
        made.append((Strategy.RESERVE, f"Reserve for {owed}."))
        return made
    if placed is not None or status == CustomerStatus.AGENCY:
        whom = (
            f"{placed['placed_with']}, who has it since {day(placed['placed_on'])}"
            if placed
            else "the agency"
        )
        return [(Strategy.PLACE, f"Ask {whom}, for a report."), (Strategy.RESERVE, f"Reserve for {owed}.")]
    return [*_ours(row, facts), *_securing(row, bare, risk), (Strategy.CALL, _called(row))]


def _ours(row: Row, facts: _Facts) -> list[tuple[Strategy, str]]:
    """What is done with an account that is still ours to collect."""
    policies, code, customer = facts.policies, str(row["currency"]), str(row["customer_id"])
    work, made = policies.work_list, []
    places = 10 ** minor_places(facts.position.currency)
    plan, still_pays = facts.plans.get(customer), _still_pays(row, facts)
    old = (
        0 if still_pays and 2 * whole(row["to_place"]) < whole(row["open_debits"]) else whole(row["to_place"])
    )
    if plan is False:
        made.append((Strategy.PLAN, "Keep to the payment arrangement and watch each instalment."))
    elif old >= work.attorney_min_amount * places and old:
        made.append(
            (
                Strategy.LEGAL,
                f"Give {money(old, code)} to an attorney: {_past(work.placement_min_days_past_due)}.",
            )
        )
    elif old >= work.placement_min_amount * places and old:
        made.append(
            (
                Strategy.PLACE,
                f"Place {money(old, code)} with an agency: {_past(work.placement_min_days_past_due)}.",
            )
        )
    if plan:
        made.append(
            (
                Strategy.PLAN,
                "The payment arrangement is in default: give notice, or agree a new one with security.",
            )
        )
    if row["recommendation"] == Recommendation.HOLD.value:
        made.append((Strategy.HOLD, "Hold new orders until the account is brought up to date."))
    elif bool(row["is_on_hold"]):
        made.append((Strategy.HOLD, "Keep the hold on new orders."))
    if old and old < work.placement_min_amount * places:
        made.append((Strategy.WRITE_OFF, f"Propose {money(old, code)} for write-off: too small to place."))
    late = whole(row["late"])
    last, now = row["last_payment_on"], pd.Timestamp(facts.position.scope.as_of)
    still_pays = not is_none(last) and (now - last).days <= policies.credit_review.risk.late_days
    least = Fraction(policies.credit_review.risk.late_min_rate) * whole(row["open_debits"])
    if plan is None and not old and late and late >= least and still_pays:
        made.append(
            (
                Strategy.PLAN,
                f"It still pays (last on {day(last)}): offer an arrangement for {money(late, code)}.",
            )
        )
    return made


def _still_pays(row: Row, facts: _Facts) -> bool:
    last, now = row["last_payment_on"], pd.Timestamp(facts.position.scope.as_of)
    return not is_none(last) and bool((now - last).days <= facts.policies.credit_review.risk.late_days)


def _past(days: int) -> str:
    return f"it is {days} days past due or more"


def _securing(row: Row, bare: int, risk: RiskPolicy) -> list[tuple[Strategy, str]]:
    code = str(row["currency"])
    if bare < risk.secure_amount * 10 ** minor_places(code):
        return []
    return [(Strategy.SECURE, f"Ask for a guarantee or insurance: {money(bare, code)} is not covered.")]


def _called(row: Row) -> str:
    """What a call is about."""
    code, late = str(row["currency"]), whole(row["undisputed"])
    if whole(row["past_due"]) and not late:
        return f"Settle the dispute about {money(row['past_due'], code)} with its owner."
    if late:
        return f"Call for {money(late, code)} past due, and take a promise with a date."
    return "Nothing is past due: call before the next due date, and watch it."
