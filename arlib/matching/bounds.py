"""How sure a share of right answers is: one-sided Clopper-Pearson bounds, and comparisons without float doubt. Floor 1.

`right` of `tried` answers were right. With X binomial of `tried` tries, the lower bound is the p at which P(X >= right) equals
the risk (1 less the confidence), the upper bound the p at which P(X <= right) does. Both tails rise or fall with p, so that a
bound is compared with a figure by one tail at that figure, which whole numbers decide (Clopper and Pearson 1934).
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from arlib.errors import ParameterError

CONFIDENCE = Decimal("0.95")
_DOUBT = 1e-6  # relative; the float tail is good to about 1e-12, and nearer than this whole numbers decide


def precision_bound(right: int, tried: int, *, confidence: Decimal = CONFIDENCE) -> float:
    """One-sided lower bound of the precision, a share; 0 where nothing was right or nothing tried.

    Raises ParameterError where `right` is not between 0 and `tried`, or the confidence not between 0 and 1.
    """
    risk = _risk(right, tried, confidence)
    if right == 0:
        return 0.0
    from scipy.special import betaincinv

    return float(betaincinv(right, tried - right + 1, float(risk)))


def precision_ceiling(right: int, tried: int, *, confidence: Decimal = CONFIDENCE) -> float:
    """One-sided upper bound of the precision, a share; 1 where all were right or nothing was tried."""
    risk = _risk(right, tried, confidence)
    if right == tried:
        return 1.0
    from scipy.special import betaincinv

    return float(betaincinv(right + 1, tried - right, float(1 - risk)))


def reaches(right: int, tried: int, bound: Decimal, confidence: Decimal = CONFIDENCE) -> bool:
    """Whether the lower bound is at least `bound`, decided exactly: at 0.998 and 95 % 1,497 of 1,497 do, 1,496 do not."""
    risk, asked = _risk(right, tried, confidence), _share("bound", bound)
    return right > 0 and _at_most(right, tried, asked, risk, is_upper_tail=True)


def falls_short(right: int, tried: int, bound: Decimal, confidence: Decimal = CONFIDENCE) -> bool:
    """Whether even the upper bound is at most `bound`, decided exactly: the tries contradict a precision above it."""
    risk, asked = _risk(right, tried, confidence), _share("bound", bound)
    return right < tried and _at_most(right, tried, asked, risk, is_upper_tail=False)


def bound_text(share: float) -> str:
    """A share with six decimals, never rounded up to a bound that it does not reach."""
    return format(Decimal(share).quantize(Decimal("0.000001"), rounding=ROUND_FLOOR), "f")


def percent_text(share: float | Decimal) -> str:
    """A share in percent with two decimals, rounded down: 99.79 of 0.99799."""
    return format((Decimal(share) * 100).quantize(Decimal("0.01"), rounding=ROUND_FLOOR), "f")


def _at_most(right: int, tried: int, share: Fraction, risk: Fraction, *, is_upper_tail: bool) -> bool:
    """Whether P(X >= right), or P(X <= right), is at most `risk` when each try is right with chance `share`."""
    from scipy.special import betainc

    if is_upper_tail:
        near = float(betainc(right, tried - right + 1, float(share)))
    else:
        near = float(betainc(tried - right, right + 1, float(1 - share)))
    if abs(near - float(risk)) > _DOUBT * float(risk):
        return near < float(risk)
    if is_upper_tail:
        return _exactly_at_most(tried - right, tried, 1 - share, risk)
    return _exactly_at_most(right, tried, share, risk)


def _exactly_at_most(most: int, tried: int, share: Fraction, risk: Fraction) -> bool:
    """Whether P(at most `most` events in `tried` tries), with chance `share` each, is at most `risk`; in whole numbers."""
    event, all_ = share.numerator, share.denominator
    none = all_ - event
    term, total = none**most, 0  # what is common to all terms, none ** (tried - most), comes last
    for k in range(most + 1):
        total += term
        term = term * (tried - k) * event // ((k + 1) * none) if k < most else 0
    return bool(total * none ** (tried - most) * risk.denominator <= risk.numerator * all_**tried)


def _risk(right: int, tried: int, confidence: Decimal) -> Fraction:
    if not 0 <= right <= tried:
        raise ParameterError(
            "a count of right answers", found=f"{right} of {tried}", wanted="0 or more, at most all"
        )
    return 1 - _share("confidence", confidence)


def _share(name: str, value: Decimal) -> Fraction:
    share = Fraction(value)
    if not 0 < share < 1:
        raise ParameterError(name, found=str(value), wanted="a share between 0 and 1, such as 0.998")
    return share
