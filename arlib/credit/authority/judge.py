"""Whether decisions may be recorded: who decided what, by what authority, all refusals at once. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from arlib.credit.authority.amounts import Amount, Translator, units_text
from arlib.credit.authority.decisions import TYPED, Accepted, Decision, Earlier, Judgement, Proof, Refusal
from arlib.credit.authority.matrix import DUTY_OF, Rule, incompatible_with, rules_of
from arlib.credit.authority.people import People, same
from arlib.credit.authority.weigh import Matter, Weighed, matters_of, weigh
from arlib.credit.proposals import DECISIONS
from arlib.errors import RateError, nearest
from arlib.money import Rates
from arlib.policy.authority import AuthorityPolicy, Person
from arlib.tables.choices import ProposalKind

if TYPE_CHECKING:
    import pandas as pd

APPROVE, REJECT, ASK = DECISIONS


def judge(
    decisions: Iterable[Decision],
    proposals: pd.DataFrame,
    *,
    policy: AuthorityPolicy,
    functional: str,
    rates: Rates,
    as_of: date,
    run_on: date,
    today: date,
    run_by: str,
    proof: Proof,
    recorded: Iterable[Earlier] = (),
) -> Judgement:
    """Judge the decisions on PROPOSALS of one run, and refuse in words, every fault of every row.

    Limits are compared at the closing rates of `as_of`, exactly; an amount equal to a limit is within it. A decision's
    day must be from `run_on` to `today`, both in it, and authority must hold on that day. `run_by` is the name or login
    of who closed, the proposer of rows that name nobody. `proof` says whom this reading proves; any other name is
    a typed one, which has no authority above the policy's limit. `recorded` are decisions made before: the same word
    again comes back as known, another is refused unless the first one asked.

    Reject needs the authority to approve, whatever the amount; ask needs a known person. All three need somebody
    other than the proposer. What one person approves for one customer under one rule counts together, with what was
    recorded within the policy's days: splitting does not help. Raises nothing for what people did.
    """
    court = _Court(
        policy=policy,
        people=People.of(policy),
        money=Translator(functional=functional, rates=rates, on=as_of),
        run_on=run_on,
        today=today,
        run_by=run_by,
        proof=proof,
        recorded=tuple(recorded),
    )
    return court.judged(tuple(decisions), matters_of(proposals))


@dataclass(kw_only=True)
class _Court:
    policy: AuthorityPolicy
    people: People
    money: Translator
    run_on: date
    today: date
    run_by: str
    proof: Proof
    recorded: tuple[Earlier, ...]
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def judged(self, decisions: tuple[Decision, ...], matters: Mapping[str, Matter]) -> Judgement:
        """The contents page."""
        last = {each.proposal_id: each for each in self.recorded}
        seen: dict[str, str] = {}
        accepted: list[tuple[Accepted, Weighed, Matter]] = []
        known: list[Earlier] = []
        problems: list[Refusal] = []
        for made in decisions:
            word = made.word.strip().casefold()
            faults = list(_incomplete(made, word))
            matter = matters.get(made.proposal_id)
            if made.proposal_id in seen:
                faults.append(f"is decided twice, also in {seen[made.proposal_id]}")
            seen.setdefault(made.proposal_id, made.where)
            if matter is None:
                faults.append("the run has no such proposal")
            earlier = last.get(made.proposal_id)
            if earlier and not faults and _is_same(earlier, made, word):
                known.append(earlier)
                continue
            if earlier and word in DECISIONS and earlier.decision not in (ASK, word):
                faults.append(
                    f"{earlier.approver} recorded {earlier.decision!r} on {earlier.decided_on}; "
                    f"{word!r} cannot follow"
                )
            faults += self.day_faults(made)
            found: tuple[Accepted, Weighed] | None = None
            if matter is not None and made.name.strip():
                found, more = self.person_faults(made, word, matter)
                faults += more
            problems += [Refusal(where=made.where, proposal_id=made.proposal_id, sentence=f) for f in faults]
            if not faults and found is not None and matter is not None:
                accepted.append((*found, matter))
        problems += self.together(accepted)
        return Judgement(
            accepted=tuple(each for each, _, _ in accepted), known=tuple(known), problems=tuple(problems)
        )

    def day_faults(self, made: Decision) -> Iterator[str]:
        """A day before the run or after today."""
        on = made.decided_on
        if on is not None and on < self.run_on:
            yield f"is dated {on}, before the run of {self.run_on} that proposes it"
        if on is not None and on > self.today:
            yield f"is dated {on}, in the future; today is {self.today}"

    def person_faults(
        self, made: Decision, word: str, matter: Matter
    ) -> tuple[tuple[Accepted, Weighed] | None, list[str]]:
        """What is wrong with who decided and with who proposed; what is to be recorded where nothing is."""
        person = self.people.find(made.name)
        said = matter.requested_by or self.run_by
        proposer = self.people.find(said) if said else None
        faults = []
        if proposer is None:
            words = self.people.unknown(said) if said else "it is not known who closed"
            faults.append(f"the proposer cannot be told: {words}")
        if person is None:
            return None, [*faults, self.people.unknown(made.name)]
        if same(person, proposer):
            faults.append(f"{person.name} is the proposer too; proposer and approver are two persons")
        weighed = Weighed(words="a question needs no authority")
        if word in (APPROVE, REJECT) and made.decided_on is not None:
            if pair := incompatible_with(self.policy, person, _duty(matter.kind)):
                faults.append(f"{person.name} has incompatible duties: {pair[0]} and {pair[1]}")
            if proposer is not None:
                faults += self.proposer_faults(proposer, matter, on=self.run_on)
            mine = self.rules_of(person, "approve")
            if same(person, proposer):
                mine = ()
            elif proposer is not None:
                lent = [
                    rule for rule in mine if any(same(self.people.find(g), proposer) for g in rule.givers)
                ]
                mine = tuple(rule for rule in mine if rule not in lent)
            weighed = weigh(
                matter,
                mine,
                person=person,
                on=made.decided_on,
                money=self.money,
                is_amount_free=word == REJECT,
            )
            if weighed.why and not same(person, proposer):
                faults.append(weighed.why)
        how = self.proof.of(person, self.people)
        if word in (APPROVE, REJECT) and how == TYPED and (why := self.typed_above(matter.amount, person)):
            faults.append(why)
        if faults or proposer is None or made.decided_on is None:
            return None, faults
        told = Accepted(
            decision=made,
            word=word,
            decided_on=made.decided_on,
            approver=person.name,
            proposer=proposer.name,
            authority=weighed.words,
            authentication=how,
        )
        return (told, weighed), []

    def proposer_faults(self, proposer: Person, matter: Matter, *, on: date) -> Iterator[str]:
        """Where the policy grants proposing at all, the proposer needs it too."""
        if any(grant.may == "propose" for grant in self.policy.grants):
            found = weigh(
                matter,
                self.rules_of(proposer, "propose"),
                person=proposer,
                on=on,
                money=self.money,
                may="propose",
            )
            if found.why:
                yield found.why

    def typed_above(self, amount: Amount, person: Person) -> str:
        """Why a typed name does not do for that amount; '' where it does."""
        limit = self.money.limit(self.policy.unauthenticated_up_to, self.policy.unauthenticated_currency)
        try:
            units = self.money.units(amount, limit.currency)
        except RateError as fault:
            return f"the limit of a typed name cannot be compared: {fault.message}"
        if units <= limit.up_to:
            return ""
        return (
            f"{person.name} is a typed name, which nothing proves; it has no authority above {limit} "
            "(have the person run `arlib approve`, or sign the workbook)"
        )

    def rules_of(self, person: Person, may: str) -> tuple[Rule, ...]:
        """The rules of a person, worked out once."""
        key = f"{may} {person.name}"
        if key not in self.rules:
            self.rules[key] = rules_of(self.policy, person, may)
        return self.rules[key]

    def together(self, accepted: list[tuple[Accepted, Weighed, Matter]]) -> Iterator[Refusal]:
        """What was split: approvals for one customer under one rule, or by typed names, that exceed it together."""
        groups: dict[tuple[str, str, str], list[tuple[Accepted, Weighed, Matter]]] = {}
        for each in accepted:
            told, weighed, matter = each
            if told.word == APPROVE and matter.customer_id:
                if weighed.rule is not None and weighed.rule.limits:
                    groups.setdefault((matter.customer_id, told.approver, weighed.words), []).append(each)
                if told.authentication == TYPED:
                    groups.setdefault((matter.customer_id, "", ""), []).append(each)
        for (customer, approver, _), rows in sorted(groups.items(), key=lambda pair: pair[0]):
            rule = rows[0][1].rule
            if approver and rule is not None:
                limits = [self.money.limit(Decimal(text), code) for text, code in rule.limits]
            else:
                policy = self.policy
                limits = [self.money.limit(policy.unauthenticated_up_to, policy.unauthenticated_currency)]
            before = self.before(rows, customer, approver, rule)
            for limit in limits:
                amounts = [self.money.units(matter.amount, limit.currency) for _, _, matter in rows]
                earlier = self.units_before(before, limit.currency)
                total = sum(amounts, earlier)
                if total > limit.up_to:
                    ids = ", ".join(told.decision.proposal_id for told, _, _ in rows)
                    more = f", with {units_text(earlier, limit.currency)} before," if before else ""
                    who = approver or "a typed name"
                    sentence = (
                        f"together {units_text(total, limit.currency)} of customer {customer!a}{more} "
                        f"above the limit of {who}, {limit}: what is split counts together"
                    )
                    where = ", ".join(told.decision.where for told, _, _ in rows)
                    yield Refusal(where=where, proposal_id=ids, sentence=sentence)
                    break

    def before(
        self,
        rows: list[tuple[Accepted, Weighed, Matter]],
        customer: str,
        approver: str,
        rule: Rule | None,
    ) -> list[Earlier]:
        """What was approved for the customer under the same rule within the policy's days of one of the rows."""
        days = [told.decided_on for told, _, _ in rows]
        reach, entity = self.policy.cumulative_days, rows[0][2].entity
        return [
            each
            for each in self.recorded
            if each.decision == APPROVE
            and (each.entity, each.customer_id) == (entity, customer)
            and any(abs((each.decided_on - day).days) <= reach for day in days)
            and (
                same(self.people.find(each.approver), self.people.find(approver))
                and rule is not None
                and each.kind in rule.kinds
                and (not rule.reasons or each.reason in rule.reasons)
                if approver
                else each.authentication == TYPED
            )
        ]

    def units_before(self, before: list[Earlier], currency: str) -> Fraction:
        """Earlier amounts in a limit's currency; one without a rate is left out, its own judgement had none either."""
        total = Fraction(0)
        for each in before:
            try:
                total += self.money.units(Amount(minor=each.amount, currency=each.currency), currency)
            except RateError:
                continue
        return total


def _duty(kind: str) -> str:
    return DUTY_OF.get(ProposalKind(kind), "")


def _is_same(earlier: Earlier, made: Decision, word: str) -> bool:
    """Whether a row says what was recorded; a second question is another one."""
    return earlier.decision == word and (word != ASK or earlier.comment == made.comment.strip())


def _incomplete(made: Decision, word: str) -> Iterator[str]:
    """What a filled row lacks."""
    if not word:
        yield "is filled in without a decision"
    elif word not in DECISIONS:
        near = nearest(word, DECISIONS)
        hint = f"; did you mean {near!r}?" if near else ""
        yield f"decision {made.word!a} is none of {', '.join(DECISIONS)}{hint}"
    if not made.name.strip():
        yield "has no name of who decided"
    if made.decided_on is None:
        said = made.day_text.strip()
        yield f"{said!a} is no day such as 2026-11-04" if said else "has no day of the decision"
    if word in (REJECT, ASK) and not made.comment.strip():
        yield f"a comment must say why: {word}"
