"""Whether somebody may post what was approved: the third person. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from arlib.credit.authority.amounts import Amount, Translator
from arlib.credit.authority.decisions import TYPED, Approved, Proof, Refusal
from arlib.credit.authority.matrix import POSTING, incompatible_with, rules_of
from arlib.credit.authority.people import People, same
from arlib.credit.authority.weigh import Matter, weigh
from arlib.errors import RateError
from arlib.money import Rates, parse_plain
from arlib.policy.authority import AuthorityPolicy


def judge_posting(
    approved: Iterable[Approved],
    *,
    poster: str,
    policy: AuthorityPolicy,
    functional: str,
    rates: Rates,
    as_of: date,
    on: date,
    proof: Proof,
) -> tuple[Refusal, ...]:
    """Why `poster`, a name or login, may not post approvals on a day; nothing where he may.

    He is neither proposer nor approver, by person and not by spelling. Where the policy grants posting at all he
    needs such a grant, at the closing rates of `as_of`; without one any person may. A typed name has no
    authority above the policy's limit. Duties that must not meet `posting` are refused.
    """
    rows = tuple(approved)
    people = People.of(policy)
    person = people.find(poster)
    if person is None:
        return (Refusal(where="poster", proposal_id="", sentence=people.unknown(poster)),) if rows else ()
    money = Translator(functional=functional, rates=rates, on=as_of)
    typed = money.limit(policy.unauthenticated_up_to, policy.unauthenticated_currency)
    is_typed = proof.of(person, people) == TYPED
    needs_grant = any(grant.may == "post" for grant in policy.grants)
    rules = rules_of(policy, person, "post")
    pair = incompatible_with(policy, person, POSTING)
    found: list[Refusal] = []
    for row in rows:
        amount = Amount(minor=parse_plain(row.amount, row.currency), currency=row.currency)
        faults = []
        for said, role in ((row.proposer, "proposer"), (row.approver, "approver")):
            other = people.find(said)
            if other is None:
                faults.append(f"the {role} cannot be told: {people.unknown(said)}")
            elif same(other, person):
                faults.append(f"{person.name} is the {role} too; who posts is a third person")
        if pair:
            faults.append(f"{person.name} has incompatible duties: {pair[0]} and {pair[1]}")
        if needs_grant:
            matter = Matter(
                proposal_id=row.proposal_id,
                entity=row.entity,
                kind=row.kind,
                reason=row.reason,
                customer_id="",
                requested_by="",
                amount=amount,
            )
            why = weigh(matter, rules, person=person, on=on, money=money, may="post").why
            faults += [why] if why else []
        if is_typed:
            try:
                is_above = money.units(amount, typed.currency) > typed.up_to
                words = f"{person.name} is a typed name, which nothing proves; no authority above {typed}"
            except RateError as fault:
                is_above, words = True, f"the limit of a typed name cannot be compared: {fault.message}"
            faults += [words] if is_above else []
        found += [Refusal(where="poster", proposal_id=row.proposal_id, sentence=each) for each in faults]
    return tuple(found)
