"""The accounts most at risk, what makes them so, and what is done with each, by the policy. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from arlib.collect.behaviour import payment_behaviour
from arlib.collect.position import Position
from arlib.collect.review.credit_review import credit_review
from arlib.collect.review.exposure import disputed_parts
from arlib.collect.review.frames import HIGH_RISK, Level, Recommendation
from arlib.collect.review.grounds import late_amounts
from arlib.collect.review.recommend import is_above, is_late
from arlib.collect.review.strategies import INSOLVENT, Known, known_of, strategies
from arlib.credit.write_off.words import many, money
from arlib.money import Rounding, times
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus
from arlib.tables.rows import Row, is_none, records, text, whole

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
    first that the policy asks for, in the order: reserve, legal, place, plan, hold, write off, secure, call or what was
    agreed; `also` has the others. What is outside the procedure (claim, hold, counsel, agency, sold, exception) goes
    first. It never says more than the other lists: placed is what `placements_proposed` proposes, held whom
    `hold_proposals` does not spare, called for is what the call list can bring in. An account that paid within `late_days`
    and owes mostly what is younger is not placed for the rest. `behaviour` and `review` are PAYMENT_BEHAVIOUR and
    CREDIT_REVIEW where they are at hand. Uses PLANS, PLACEMENTS, COLLECTION_EXCEPTIONS and what those do.
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
        {"very_late": risk.very_late_days, "late": risk.late_days, "to_place": work.placement_min_days_past_due},
    )  # fmt: skip
    pays = paid.set_index("customer_id")[
        ["trend_days", "returned_payments", "broken_promises", "last_payment_on", "habit"]
    ]
    joined = mine.set_index("customer_id").join(late).join(pays).reset_index()
    known = known_of(book, position=position, policies=policies, review=found)
    rows = [one for row in records(joined) if (one := _judged(row, known)) is not None]
    rows.sort(key=lambda row: (-row["risk_amount"], -row["points"], str(row["customer_id"])))
    kept = rows[: policies.performance.high_risk_accounts]
    return HIGH_RISK.from_rows(row | {"rank": at} for at, row in enumerate(kept, 1))


def _judged(row: Row, known: Known) -> Row | None:
    risk = known.policies.credit_review.risk
    drivers = _drivers(row, known)
    points = min(100, sum(driver.points for driver in drivers))
    if points < risk.min_points:
        return None
    covered = min(whole(row["insured"]) + whole(row["secured"]), whole(row["open_debits"]))
    bare = whole(row["open_debits"]) - covered
    made, words = strategies(row, bare, known)
    first = made[0][0]
    return row | {
        "covered": covered, "points": points, "risk_amount": times(bare, Fraction(points, 100), Rounding.HALF_UP),
        "drivers": "; ".join(driver.words for driver in drivers), "strategy": first.value,
        "also": "|".join(dict.fromkeys(name.value for name, _ in made[1:] if name is not first)),
        "words": words,
    }  # fmt: skip


def _drivers(row: Row, known: Known) -> list[Driver]:
    """The drivers of an account, the gravest kind first."""
    policies = known.policies
    risk, policy, code = policies.credit_review.risk, policies.credit_review, str(row["currency"])
    customer, status = str(row["customer_id"]), text(row["status"])
    made = []
    if status in INSOLVENT:
        made.append(Driver(points=risk.insolvent, words=INSOLVENT[status]))
    elif status in FAILED or customer in known.placed:
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
    if known.plans.get(customer):
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
