"""Who could approve each proposal, for reports. Floor 1."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from arlib.credit.authority.amounts import Limit, Translator
from arlib.credit.authority.matrix import DUTY_OF, incompatible_with, rules_of
from arlib.credit.authority.people import People, same
from arlib.credit.authority.weigh import Matter, Weighed, matters_of, weigh
from arlib.money import Rates
from arlib.policy.authority import AuthorityPolicy, Person
from arlib.tables import Column, Kind, Table
from arlib.tables.choices import ProposalKind

if TYPE_CHECKING:
    import pandas as pd

APPROVERS = Table("approvers", "a proposal and who could approve it", ("entity", "proposal_id"), (
    Column("entity", Kind.TEXT, "entity code", True, is_key=True),
    Column("proposal_id", Kind.TEXT, "the proposal", True, is_key=True),
    Column("approvers", Kind.TEXT, "persons who could approve it, the smallest limit that does first; empty where nobody"),
    Column("because", Kind.TEXT, "why nobody could; empty where somebody can"),
))  # fmt: skip


def needed(
    proposals: pd.DataFrame,
    *,
    policy: AuthorityPolicy,
    functional: str,
    rates: Rates,
    on: date,
    run_by: str = "",
) -> pd.DataFrame:
    """APPROVERS for PROPOSALS on a day, at its closing rates: who holds the authority by himself or lent.

    The proposer is left out, as are persons with incompatible duties; what was approved before does not count here.
    `run_by` is who closes, where that is known. A missing rate is said in the row and raises nothing.
    """
    people, money = People.of(policy), Translator(functional=functional, rates=rates, on=on)
    mine = {person.name: rules_of(policy, person, "approve") for person in policy.people}
    rows = []
    for matter in matters_of(proposals).values():
        proposer = people.find(matter.requested_by or run_by)
        able: list[tuple[bool, Fraction, int, str]] = []
        why: list[str] = []
        duty = DUTY_OF.get(ProposalKind(matter.kind), "")
        for place, person in enumerate(policy.people):
            if same(person, proposer) or not mine[person.name] or incompatible_with(policy, person, duty):
                continue
            found = _weighed(matter, person, proposer, mine, people, money, on)
            if found.why:
                why.append(found.why)
            else:
                able.append((found.limit is None, _size(found.limit), place, person.name))
        because = "" if able else "; ".join(why) or "nobody has a grant to approve it"
        rows.append(
            {
                "entity": matter.entity,
                "proposal_id": matter.proposal_id,
                "approvers": "; ".join(name for *_, name in sorted(able)) or None,
                "because": because or None,
            }
        )
    if not rows:
        return APPROVERS.empty()
    return APPROVERS.frame(rows).sort_values(["entity", "proposal_id"], kind="stable", ignore_index=True)


def _weighed(
    matter: Matter,
    person: Person,
    proposer: Person | None,
    mine: dict[str, tuple],  # type: ignore[type-arg]
    people: People,
    money: Translator,
    on: date,
) -> Weighed:
    own = [r for r in mine[person.name] if not any(same(people.find(g), proposer) for g in r.givers)]
    return weigh(matter, own, person=person, on=on, money=money)


def _size(limit: Limit | None) -> Fraction:
    return Fraction(0) if limit is None else Fraction(limit.up_to)
