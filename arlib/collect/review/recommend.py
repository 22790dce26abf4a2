"""What a credit review recommends for one customer or group: hold, release, raise, lower, keep, with the reason. Floor 1."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from arlib.collect.position import Position
from arlib.collect.review.frames import Level, Recommendation
from arlib.credit.write_off.words import day, many, money
from arlib.errors import RateError
from arlib.money import Rounding, divide, iso_code, minor_places, times, translate
from arlib.policy.credit_review import CreditReviewPolicy
from arlib.tables.choices import CustomerStatus
from arlib.tables.rows import Row, is_none, text, whole

STOPPED_STATUS = {
    CustomerStatus.BANKRUPT.value: "is bankrupt",
    CustomerStatus.ESTATE.value: "is an estate",
    CustomerStatus.LEGAL.value: "is with counsel",
    CustomerStatus.AGENCY.value: "is with an agency",
    CustomerStatus.SANCTIONED.value: "is sanctioned",
}


def recommended(row: Row, *, position: Position, policy: CreditReviewPolicy) -> Row:
    """The row with recommendation, proposed_limit, reason and note.

    In this order: a company of the group is not reviewed; grounds to hold (status, above the limit, late) hold, or let a
    hold stand, but where the customer's own unapplied credits would take them away; a good payer that is only above its
    limit is raised, where the policy's highest raise is enough; a hold without a ground is released; then the limit is
    set, raised, lowered or kept.
    """
    if row["is_intercompany"]:
        return row | _said(
            Recommendation.NOT_REVIEWED, "A company of the group: no limit is held against it."
        )
    if not row["customer_id"]:
        return row | _said(Recommendation.NOT_REVIEWED, "The customer of these items is not known.")
    note = _note(row)
    grounds = hold_grounds(row, policy=policy)
    if grounds and (cure := _cured_by_credits(row, policy)):
        return row | _said(Recommendation.KEEP, cure, note=note)
    if grounds and row["is_on_hold"]:
        return row | _said(
            Recommendation.KEEP, f"The hold{_since(row)} stays: {_joined(grounds)}.", note=note
        )
    if grounds and (raised := _raised_instead(row, position, policy)) is not None:
        why = f"{_capital(_joined(grounds))}, but it pays well ({row['score_text']}) and nothing that counts is late"
        return (
            row
            | _said(Recommendation.RAISE, f"{why}: raise the limit, or hold.", note=note)
            | _proposed(raised, row)
        )
    if grounds:
        return row | _said(Recommendation.HOLD, f"{_capital(_joined(grounds))}.", note=note)
    if row["is_on_hold"]:
        if against := release_obstacles(row, policy=policy):
            return row | _said(
                Recommendation.KEEP, f"The hold{_since(row)} stays: {_joined(against)}.", note=note
            )
        return row | _said(Recommendation.RELEASE, released_because(row, policy), note=note)
    return row | _limit(row, position=position, policy=policy, note=note)


def hold_grounds(row: Row, *, policy: CreditReviewPolicy) -> list[str]:
    """Clauses, each a ground to hold the orders of a customer; none where there is none."""
    made = []
    status = text(row["status"])
    if status in STOPPED_STATUS:
        made.append(f"the customer {STOPPED_STATUS[status]}")
    if is_above(row, policy.hold_utilisation_rate):
        code = row["currency"]
        above = whole(row["exposure"]) - whole(row["limit_in_books"])
        made.append(
            f"the exposure of {money(row['exposure'], code)} is {money(above, code)} above the limit of "
            f"{money(row['limit_in_books'], code)}{_used(row)}"
        )
    if is_late(row["late_to_hold"], row["currency"], policy):
        made.append(
            f"{money(row['late_to_hold'], row['currency'])} that is not disputed is {policy.hold_days_past_due} days "
            f"past due or more, the oldest {many(whole(row['max_days_past_due']), 'day')}"
        )
    return made


def release_obstacles(row: Row, *, policy: CreditReviewPolicy) -> list[str]:
    """Clauses, each against the release of a hold that has no ground any more."""
    made = []
    if is_above(row, Decimal(1)):
        made.append(
            f"the exposure of {money(row['exposure'], row['currency'])} is still above the limit{_used(row)}"
        )
    if is_late(row["late_to_release"], row["currency"], policy):
        made.append(
            f"{money(row['late_to_release'], row['currency'])} is more than {policy.release_days_past_due} days past due"
        )
    if text(row["status"]) not in ("", CustomerStatus.ACTIVE.value):
        made.append(f"the customer's status is {text(row['status']).replace('_', ' ')}")
    return made


def released_because(row: Row, policy: CreditReviewPolicy) -> str:
    """Why a hold is proposed for release."""
    late = f"Nothing that counts is more than {policy.release_days_past_due} days past due"
    if is_none(row["limit_in_books"]):
        return f"{late}; no limit is given."
    return f"{late}, and the exposure is within the limit{_used(row)}."


def is_above(row: Row, rate: Decimal) -> bool:
    """Whether the exposure is above so many times the limit; exactly so much is not, and without a limit nothing is."""
    if is_none(row["limit_in_books"]):
        return False
    return whole(row["exposure"]) > Fraction(rate) * whole(row["limit_in_books"])


def is_late(amount: object, currency: str, policy: CreditReviewPolicy) -> bool:
    """Whether a late amount reaches the least that counts; exactly the least does, an amount of 0 never."""
    least = Fraction(policy.hold_min_amount) * 10 ** minor_places(currency)
    return whole(amount) > 0 and whole(amount) >= least


def _cured_by_credits(row: Row, policy: CreditReviewPolicy) -> str:
    """A sentence where unapplied credits of the customer would take every ground away; '' where not."""
    credits_ = whole(row["unapplied"])
    if credits_ <= 0 or text(row["status"]) in STOPPED_STATUS:
        return ""
    after = row | {
        "exposure": whole(row["exposure"]) - credits_,
        "late_to_hold": whole(row["late_to_hold"]) - credits_,
    }
    if hold_grounds(after, policy=policy):
        return ""
    return (
        f"Apply {money(credits_, row['currency'])} of the customer's own credits and cash first: without it "
        f"{_joined(hold_grounds(row, policy=policy))}."
    )


def _raised_instead(row: Row, position: Position, policy: CreditReviewPolicy) -> int | None:
    """A higher limit that would take the exposure of a good payer who is only above it; None where there is none."""
    is_good = not is_none(row["score"]) and int(row["score"]) >= policy.raise_min_score
    if not is_good or row["level"] == Level.PARENT.value or row["unrated"]:
        return None
    late = is_late(row["late_to_release"], str(row["currency"]), policy)
    if late or text(row["status"]) in STOPPED_STATUS or not whole(row["limit_in_books"]):
        return None
    proposed = _proposal(row, max(whole(row["exposure"]), whole(row["highest_balance"])), position, policy)
    needed = _in_limit_currency(row, whole(row["exposure"]), position)
    return proposed if proposed is not None and needed is not None and proposed >= needed else None


def _limit(row: Row, *, position: Position, policy: CreditReviewPolicy, note: str) -> Row:
    """Set, raise, lower or keep the limit."""
    code, exposure = str(row["currency"]), whole(row["exposure"])
    if row["level"] == Level.PARENT.value:
        return _group_limit(row, note)
    if is_none(row["credit_limit"]):
        if exposure <= 0:
            return _said(Recommendation.KEEP, "No limit is given, and nothing is owed or ordered.", note=note)
        proposed = _proposal(row, max(exposure, whole(row["highest_balance"])), position, policy)
        return _said(
            Recommendation.SET_LIMIT, f"No limit is given, and {money(exposure, code)} is owed or ordered.", note=note,
        ) | _proposed(proposed, row)  # fmt: skip
    if is_none(row["limit_in_books"]):
        return _said(
            Recommendation.KEEP, f"The limit in {iso_code(str(row['limit_currency']))} has no closing rate: "
            "it cannot be held against the exposure.", note=note,
        )  # fmt: skip
    score = None if is_none(row["score"]) else int(row["score"])
    is_clean = not is_late(row["late_to_release"], code, policy) and not row["unrated"]
    is_good = score is not None and score >= policy.raise_min_score
    if is_good and is_clean and _uses(row, policy.raise_utilisation_rate):
        proposed = _proposal(row, max(exposure, whole(row["highest_balance"])), position, policy)
        if proposed is not None and proposed > int(row["credit_limit"]):
            why = f"Pays well ({row['score_text']}) and uses the limit{_used(row)}"
            return _said(Recommendation.RAISE, f"{why}.", note=note) | _proposed(proposed, row)
    if score is not None and score <= policy.lower_max_score:
        proposed = _rounded_up(row, exposure, position, policy)
        if proposed is not None and proposed < int(row["credit_limit"]):
            why = f"Pays badly ({row['score_text']}; {row['habit']}): no more than is owed and ordered now"
            return _said(Recommendation.LOWER, f"{why}.", note=note) | _proposed(proposed, row)
    peak = max(exposure, whole(row["highest_balance"]))
    if score is not None and not _uses(row | {"exposure": peak}, policy.lower_idle_utilisation_rate):
        proposed = _proposal(row, peak, position, policy)
        if proposed is not None and 0 < proposed < int(row["credit_limit"]):
            why = f"Never used more than {money(peak, code)} of it in {policy.score.months} months"
            return _said(Recommendation.LOWER, f"{why}.", note=note) | _proposed(proposed, row)
    return _said(Recommendation.KEEP, _kept(row, score), note=note)


def _group_limit(row: Row, note: str) -> Row:
    if is_none(row["limit_in_books"]):
        missing = ", ".join(str(code) for code in row["without_limit"][:5])
        return _said(Recommendation.KEEP, f"The group has no limit: none is given for {missing}.", note=note)
    return _said(Recommendation.KEEP, f"Within the limit of the group{_used(row)}.", note=note)


def _kept(row: Row, score: int | None) -> str:
    pays = row["score_text"] if score is not None else f"{row['score_text']}, so neither raised nor lowered"
    return f"Within the limit{_used(row)}; payment behaviour {pays}."


def _proposal(row: Row, peak: int, position: Position, policy: CreditReviewPolicy) -> int | None:
    """A limit of the peak and the policy's headroom, in whole steps, at most the policy's share of today's limit.

    Where a fresh report recommends a limit, no more than that, in whole steps below it.
    """
    wanted = times(max(peak, 0), 1 + policy.raise_headroom_rate, Rounding.CEILING)
    made = _rounded_up(row, wanted, position, policy)
    if made is None:
        return None
    step = _step(row, policy)
    if not is_none(row["credit_limit"]) and int(row["credit_limit"]) > 0:
        most = times(int(row["credit_limit"]), policy.raise_max_rate, Rounding.FLOOR)
        made = min(made, most // step * step)
    if not is_none(row["advised_limit"]):
        advised = _in_limit_currency(row, whole(row["advised_limit"]), position)
        made = min(made, made if advised is None else advised // step * step)
    return made


def _rounded_up(row: Row, amount: int, position: Position, policy: CreditReviewPolicy) -> int | None:
    """An amount of the books in the limit's currency, up to the next whole step; None where there is no rate."""
    found = _in_limit_currency(row, amount, position)
    step = _step(row, policy)
    return None if found is None else -(-found // step) * step


def _in_limit_currency(row: Row, amount: int, position: Position) -> int | None:
    code, own = _limit_code(row), position.currency
    try:
        rate = position.rates.find(own, code, position.scope.as_of)
    except RateError:
        return None
    return translate(amount, from_currency=own, to_currency=code, rate=rate, rounding=Rounding.CEILING)


def _limit_code(row: Row) -> str:
    return str(row["currency"] if is_none(row["limit_currency"]) else row["limit_currency"])


def _step(row: Row, policy: CreditReviewPolicy) -> int:
    code = _limit_code(row)
    step = policy.step_of.get(iso_code(code), policy.limit_step)
    return max(1, times(10 ** minor_places(code), step, Rounding.CEILING))


def _proposed(limit: int | None, row: Row) -> Row:
    return {"proposed_limit": limit, "limit_currency": _limit_code(row)}


def _uses(row: Row, rate: Decimal) -> bool:
    return whole(row["exposure"]) >= Fraction(rate) * whole(row["limit_in_books"])


def _used(row: Row) -> str:
    """How much of the limit is used, in brackets: ' (87 % used)'; '' where there is no share."""
    most = whole(row["limit_in_books"])
    if is_none(row["limit_in_books"]) or most <= 0:
        return ""
    return f" ({divide(100 * whole(row['exposure']), most)} % used)"


def _note(row: Row) -> str:
    """What could not be told, and what asks for care."""
    made = []
    if row["unrated"]:
        made.append(f"{row['unrated']} has no closing rate and is in no figure")
    if whole(row["unapplied"]) > 0:
        made.append(f"{money(row['unapplied'], row['currency'])} of own credits and cash is not applied")
    if row["level"] == Level.CUSTOMER.value:
        owed, covered = whole(row["open_debits"]), whole(row["insured"]) + whole(row["secured"])
        if covered:
            made.append(
                f"insurance and other security would pay {money(covered, row['currency'])} of {money(owed, row['currency'])} owed"
            )
        if not is_none(row["bureau_on"]) and row["is_stale"]:
            made.append(f"the newest report with a score is of {day(row['bureau_on'])}: ask for a new one")
    return "; ".join(made)


def _said(what: Recommendation, reason: str, *, note: str = "") -> Row:
    return {"recommendation": what.value, "reason": reason, "note": note}


def _since(row: Row) -> str:
    return "" if is_none(row["hold_since"]) else f" since {day(row['hold_since'])}"


def _joined(clauses: list[str]) -> str:
    return "; and ".join(clauses)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
