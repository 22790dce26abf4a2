"""What an evaluated sample says, in words, and what a reader must know before relying on it. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from arlib.audit.sampling.frames_select import Part
from arlib.audit.sampling.terms import KEEPS_CONFIDENCE, Bound, Combination, Direction, Netting, Terms
from arlib.money import shown

SMALL = 30  # items below which a classical estimator's limits rest on too little for any population


class Conclusion(StrEnum):
    """Whether the sample supports the book value."""

    ACCEPT = "accept"  # limits within the tolerable misstatement
    REJECT = "reject"  # a limit beyond it
    NOT_CONCLUSIVE = (
        "not_conclusive"  # no tolerable misstatement, or limits within it that cannot be relied on
    )


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a conclusion rests on. Money in minor units; the limits unrounded."""

    currency: str
    terms: Terms
    most_likely: Decimal
    upper: Decimal
    lower: Decimal
    errors: int
    examined: int
    not_found: int
    not_examined: tuple[tuple[Part, int, int], ...]  # part, its items, its book value
    largest_taint: Fraction
    has_understatements: bool
    has_estimated_parts: bool
    pools: int


def concluded(facts: Facts) -> tuple[Conclusion, str, tuple[str, ...]]:
    """The conclusion, the sentence for it, and warnings."""
    warnings = tuple(_warnings(facts))
    terms, tolerable = facts.terms, facts.terms.tolerable

    def money(minor: Decimal | int) -> str:
        return (
            f"{shown(int(Decimal(minor).to_integral_value(ROUND_HALF_UP)), facts.currency)} {facts.currency}"
        )

    percent = f"{float(terms.confidence) * 100:.10g} %"
    sides = "both limits together" if terms.is_two_sided else "each limit by itself"
    limits = f"At {percent} confidence ({sides}) the upper limit of overstatement is {money(facts.upper)}"
    if terms.direction is Direction.BOTH or terms.is_two_sided or terms.method.is_by_item:
        limits += f" and the lower limit {money(facts.lower)}"
    limits += f"; most likely is {money(facts.most_likely)}."
    if tolerable is None:
        return (
            Conclusion.NOT_CONCLUSIVE,
            f"{limits} No tolerable misstatement was given, so there is no conclusion.",
            warnings,
        )
    is_both = terms.direction is Direction.BOTH
    is_within = facts.upper <= tolerable and (not is_both or facts.lower >= -tolerable)
    if not is_within:
        is_likely = facts.most_likely > tolerable or (is_both and facts.most_likely < -tolerable)
        more = (
            "The most likely misstatement alone is beyond it."
            if is_likely
            else "The most likely one is within it: correct what was found, extend the sample or examine more otherwise."
        )
        beyond = (
            f"That is beyond the tolerable {money(tolerable)}: the sample does not support the book value."
        )
        return Conclusion.REJECT, f"{limits} {beyond} {more}", warnings
    within = f"{limits} That is within the tolerable {money(tolerable)}"
    if _is_unreliable(facts):
        few = f"{facts.errors} errors are too few for {terms.method.value} limits (at least {terms.minimum_errors})"
        return Conclusion.NOT_CONCLUSIVE, f"{within}, but {few}.", warnings
    return Conclusion.ACCEPT, f"{within}: the sample supports the book value.", warnings


def _is_unreliable(facts: Facts) -> bool:
    """Whether the method's limits depend on errors that were not seen often enough."""
    terms = facts.terms
    return terms.method not in (*KEEPS_CONFIDENCE, Bound.DIRECT) and facts.errors < terms.minimum_errors


def _warnings(facts: Facts) -> list[str]:
    terms = facts.terms
    said = []
    if _is_unreliable(facts):
        instead = "draw by money and use stringer" if terms.method.is_by_item else "use stringer"
        said.append(
            f"{facts.errors} errors were found: with fewer than {terms.minimum_errors} {terms.method.value} limits miss "
            f"their confidence (docs/sampling_coverage.md); {instead}"
        )
    elif terms.method not in KEEPS_CONFIDENCE:
        said.append(
            f"{terms.method.value} limits are approximate: their coverage is in docs/sampling_coverage.md"
        )
    if terms.method.is_by_item and facts.examined < SMALL:
        said.append(f"{facts.examined} items were examined: fewer than {SMALL} give no reliable spread")
    if facts.not_found:
        one = facts.not_found == 1
        said.append(
            f"{facts.not_found} item{'' if one else 's'} {'was' if one else 'were'} not found or not examined and "
            f"count{'s' if one else ''} as misstated in full"
        )
    if facts.largest_taint > 1 and not terms.method.is_by_item:
        said.append(
            "a taint is above 100 %, which the bound takes no unseen item to have: the limit may be too low"
        )
    for part, items, book in facts.not_examined:
        if part in (Part.ZERO, Part.CREDIT):
            said.append(
                f"{items} {part.value} items ({shown(book, facts.currency)} {facts.currency}) were not examined: nothing is said of them"
            )
    if facts.has_estimated_parts and not terms.method.is_by_item:
        said.append(
            "zero or credit items were drawn by item: their mean difference is projected, without an allowance for sampling risk"
        )
    if (
        facts.has_understatements
        and not terms.method.is_by_item
        and terms.method is not Bound.MOMENT
        and terms.netting is Netting.GROSS
    ):
        said.append(
            "understatements were found: they lessen the most likely misstatement, not the upper limit of overstatement"
        )
    if facts.pools > 1 and terms.combination is not Combination.POOLED:
        said.append(f"limits of {facts.pools} strata were added up, which is safe and wider than need be")
    return said
