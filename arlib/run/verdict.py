"""Whether controls hold up a close.

Unexplained, not run though they must, or explained beyond what policy allows. Floor 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from arlib.controls import STATUS_WORDS, Control, Status
from arlib.policy import ControlPolicy


def blocking(
    controls: Sequence[Control],
    *,
    policy: ControlPolicy,
    entities: Iterable[str],
    functional: dict[str, str],
    as_of: date,
    is_partial: bool = False,
) -> tuple[str, ...]:
    """One sentence for each thing that makes a close end with 1; none where it may pass.

    A control that must run and that a partial close did not ask for is no fault of it.

    Limits on explained differences count in functional currency: a control in another currency is held to the
    age limit only. The limits themselves still pass.
    """
    told = [sentence for control in controls for sentence in _of(control, policy, functional, as_of)]
    for entity in entities:
        for name in policy.must_run:
            mine = [c for c in controls if c.entity == entity and c.name == name]
            if not mine and not is_partial:
                told.append(f"{entity} {name}: must run, and no notebook ran it")
            told += [
                f"{entity} {c.title}: must run; {STATUS_WORDS[c.status]}" + (f" ({c.note})" if c.note else "")
                for c in mine
                if c.status is Status.NO_INPUT
            ]
    return tuple(dict.fromkeys(told))


def _of(control: Control, policy: ControlPolicy, functional: dict[str, str], as_of: date) -> list[str]:
    from arlib.money import minor_places, shown

    head = f"{control.entity} {control.title}"
    if control.status is Status.UNEXPLAINED:
        amount_words = f"{shown(control.unexplained, control.currency)} {control.currency}"
        cancels = (
            f" ({control.unexplained_count} documents that cancel out)" if not control.unexplained else ""
        )
        return [f"{head}: unexplained {amount_words}{cancels}"]
    if control.status is not Status.EXPLAINED:
        return []
    told = []
    amount = Decimal(abs(control.difference or 0)).scaleb(-minor_places(control.currency))
    is_functional = functional.get(control.entity) == control.currency
    if policy.max_explained is not None and is_functional and amount > policy.max_explained:
        told.append(f"{head}: explained {amount} {control.currency}, policy allows {policy.max_explained}")
    if policy.max_age_days is not None and control.oldest is not None:
        days = (as_of - control.oldest).days
        if days > policy.max_age_days:
            told.append(
                f"{head}: explained by a document {days} days old, policy allows {policy.max_age_days}"
            )
    return told
