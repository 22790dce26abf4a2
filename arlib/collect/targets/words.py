"""Lines of collected against target in words. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from arlib.collect.targets.goals import Goal
from arlib.collect.targets.quarter import quarter_of
from arlib.credit.allowance.frames import percent_text
from arlib.money import shown, times


def share(part: int, whole: int) -> str:
    """A share in words; below zero it says so."""
    rate = Fraction(part, whole)
    return f"-{percent_text(-rate)}" if rate < 0 else percent_text(rate)


def against(line: Mapping[str, Any], goal: Goal | None, currency: str, as_of: date) -> str:
    """What was collected of a line, what is still to collect by the end of the quarter, and how that stands to its days gone."""
    frozen, collected = int(line["frozen"]), int(line["collected"])
    if not frozen:
        return "Nothing was open at the start of the quarter."
    said = f"Collected {currency} {shown(collected, currency)} of {shown(frozen, currency)} ({share(collected, frozen)})"
    if goal is None:
        return f"{said}; no target was set."
    target = goal.worth(frozen)
    aim = f"target {percent_text(goal.rate)}" if goal.rate is not None else "target"
    aim += f", {shown(target, currency)}" if goal.rate is not None else f" {shown(target, currency)}"
    if collected == target:
        return f"{said}; {aim}: met to the cent."
    if collected > target:
        return f"{said}; {aim}: {shown(collected - target, currency)} above it."
    quarter = quarter_of(as_of)
    left = shown(target - collected, currency)
    if quarter.gone(as_of) == 1:
        return f"{said}; {aim}: {left} short of it."
    pace = times(target, quarter.gone(as_of))
    side = "ahead" if collected > pace else "behind"
    even = "even with it" if collected == pace else f"{shown(abs(collected - pace), currency)} {side}"
    return (
        f"{said}; {aim} for the quarter: {left} still to collect. {quarter.told(as_of).capitalize()}: pro rata "
        f"{shown(pace, currency)}, {even}."
    )


def moved(line: Mapping[str, Any], currency: str) -> str:
    """What came to a portfolio and what went."""
    if not line["accounts_out"] and not line["accounts_in"]:
        return "No account came or went."
    parts = [
        f"{line[f'accounts_{way}']} account{'s' if line[f'accounts_{way}'] != 1 else ''} {word} "
        f"({currency} {shown(int(line[f'amount_{way}']), currency)})"
        for way, word in (("in", "came"), ("out", "went"))
        if line[f"accounts_{way}"]
    ]
    return f"{' and '.join(parts)}."


def cleared(line: Mapping[str, Any], kind: str) -> str:
    """What became of unapplied cash or open credits."""
    currency, start = str(line["currency"]), int(line["at_start"])
    new = f"{currency} {shown(int(line['new']), currency)} arose since" if line["new"] else "none arose since"
    if not start:
        return f"No {kind} at the start of the quarter; {new}."
    gone = start - int(line["left"])
    return (
        f"{currency} {shown(gone, currency)} of {shown(start, currency)} {kind} cleared ({share(gone, start)}); "
        f"{shown(int(line['left']), currency)} left, {new}."
    )


def activity(line: Mapping[str, Any]) -> str:
    """What a collector did."""
    contacts, right = int(line["contacts"]), int(line["right_contacts"])
    parts = [f"{contacts} contact{'s' if contacts != 1 else ''}, {right} with the right person"]
    if line["contacts_target"] is not None:
        off = contacts - int(line["contacts_target"])
        word = (
            "as many as the target" if not off else f"{abs(off)} {'above' if off > 0 else 'below'} the target"
        )
        parts[0] += f" ({word})"
    parts.append(f"{line['promises_taken']} promise{'s' if line['promises_taken'] != 1 else ''} taken")
    if line["promises_due"]:
        parts.append(f"{line['promises_kept']} of {line['promises_due']} that fell due kept")
    return f"{'; '.join(parts)}."
