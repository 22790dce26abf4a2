"""A proposal as authority sees it, weighed against somebody's rules. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from arlib.credit.authority.amounts import Amount, Limit, Translator, units_text
from arlib.credit.authority.matrix import Rule
from arlib.errors import RateError
from arlib.policy.authority import Person

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What is decided on."""

    proposal_id: str
    entity: str
    kind: str
    reason: str
    customer_id: str
    requested_by: str
    amount: Amount


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """The rule that covers a matter, in words; or why none does."""

    rule: Rule | None = None
    words: str = ""
    why: str = ""
    limit: Limit | None = None  # the narrowest of the rule, None without any


def matters_of(proposals: pd.DataFrame) -> Mapping[str, Matter]:
    """Matters by id, from PROPOSALS."""
    names = ("proposal_id", "entity", "kind", "reason", "customer_id", "requested_by", "currency")
    texts = [proposals[name].fillna("").astype(str).tolist() for name in names]
    amounts = [[None if gone else int(v) for v, gone in zip(proposals[n], proposals[n].isna(), strict=True)]
               for n in ("amount", "functional_amount")]  # fmt: skip
    found = {}
    for pid, entity, kind, reason, customer, by, currency, minor, functional in zip(
        *texts, *amounts, strict=True
    ):
        amount = Amount(minor=minor or 0, currency=currency, functional_minor=functional)
        found[pid] = Matter(
            proposal_id=pid,
            entity=entity,
            kind=kind,
            reason=reason,
            customer_id=customer,
            requested_by=by,
            amount=amount,
        )
    return found


def weigh(
    matter: Matter,
    rules: Iterable[Rule],
    *,
    person: Person,
    on: date,
    money: Translator,
    may: str = "approve",
    is_amount_free: bool = False,
) -> Weighed:
    """The rule of a person with the most room for a matter on a day, or why there is none: the nearest miss.

    A matter that is equal to a limit is within it. `is_amount_free` leaves limits out.
    """
    best: tuple[Fraction | None, Rule, Limit | None] | None = None
    misses: list[str] = []
    for rule in rules:
        miss = rule.misses(kind=matter.kind, reason=matter.reason, entity=matter.entity, on=on)
        if miss:
            misses.append(miss)
            continue
        room: Fraction | None = None
        narrowest: Limit | None = None
        why = ""
        for text, currency in () if is_amount_free else rule.limits:
            limit = money.limit(Decimal(text), currency)
            try:
                units = money.units(matter.amount, limit.currency)
            except RateError as fault:
                why = f"the limit {limit} of {rule.words} cannot be compared: {fault.message}"
                break
            if units > limit.up_to:
                why = f"{units_text(units, limit.currency)} is above the limit of {rule.words}, {limit}"
                break
            left = Fraction(limit.up_to) / units if units else None
            if narrowest is None or (left is not None and (room is None or left < room)):
                room, narrowest = left, limit
        if why:
            misses.append(why)
        elif best is None or (best[0] is not None and (room is None or room > best[0])):
            best = (room, rule, narrowest)
    if best is None:
        return Weighed(why=_why(matter, misses, person, may))
    return Weighed(rule=best[1], words=best[1].words, limit=best[2])


def _why(matter: Matter, misses: list[str], person: Person, may: str) -> str:
    """The nearest miss: a limit or a day before a kind, a reason or an entity."""
    sentences = [miss for miss in misses if miss not in ("kind", "entity", "reason")]
    if sentences:
        return f"{person.name} may not {may} it: {'; '.join(dict.fromkeys(sentences))}"
    for part, words in (
        ("reason", f"for the reason {matter.reason!a}"),
        ("entity", f"of entity {matter.entity!a}"),
        ("kind", f"of kind {matter.kind}"),
    ):
        if part in misses:
            return f"{person.name} may not {may} anything {words}"
    return f"{person.name} may not {may} anything"
