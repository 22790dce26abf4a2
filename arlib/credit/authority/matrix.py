"""The matrix: what a person may do by his own grants and by what was lent to him. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from arlib.policy.authority import AuthorityPolicy, Delegation, Grant, Person, plain_name
from arlib.tables.choices import ProposalKind

EVERY_KIND = frozenset(kind.value for kind in ProposalKind)

_WRITE_OFF, _CREDIT = "write_off", "credit"
# the duty that deciding on a proposal of this kind is; for incompatible duties
DUTY_OF = {
    ProposalKind.WRITE_OFF: _WRITE_OFF,
    ProposalKind.SMALL_BALANCE: _WRITE_OFF,
    ProposalKind.SETTLEMENT: _WRITE_OFF,
    **dict.fromkeys(
        (ProposalKind.CREDIT_MEMO, ProposalKind.REBILL, ProposalKind.DEDUCTION, ProposalKind.REWRITE,
         ProposalKind.TAX_CORRECTION, ProposalKind.FEE, ProposalKind.PLAN, ProposalKind.REFUND,
         ProposalKind.UNCLAIMED, ProposalKind.CONTRA),
        _CREDIT,
    ),
}  # fmt: skip
POSTING = "posting"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One authority of one person. `limits` must all hold; `givers` lent it, the last one to this person."""

    person: str
    kinds: frozenset[str]
    reasons: frozenset[str]  # empty: every reason
    entities: frozenset[str]  # empty: every entity
    limits: tuple[tuple[str, str], ...]  # decimal text and currency, '' for the functional one
    valid_from: date | None
    valid_to: date | None
    givers: tuple[str, ...]
    words: str

    def misses(self, *, kind: str, reason: str, entity: str, on: date) -> str:
        """Why the rule does not cover a proposal, whatever its amount; '' where it does."""
        if kind not in self.kinds:
            return "kind"
        if self.entities and entity not in self.entities:
            return "entity"
        if self.reasons and reason not in self.reasons:
            return "reason"
        if self.valid_from and on < self.valid_from:
            return f"{self.words} begins on {self.valid_from}"
        if self.valid_to and on > self.valid_to:
            return f"{self.words} expired on {self.valid_to}"
        return ""


def rules_of(policy: AuthorityPolicy, person: Person, may: str) -> tuple[Rule, ...]:
    """What a person may propose, approve or post: his own grants in their order, then what was lent to him."""
    return tuple(_rules(policy, person.name, may, seen=()))


def incompatible_with(policy: AuthorityPolicy, person: Person, acting: str) -> tuple[str, str] | None:
    """Two duties that must not be one person's: two that he has, or one that he has and the one that he acts in."""
    duties = {plain_name(duty) for duty in (*person.duties, acting) if duty}
    for one, other in policy.incompatible:
        if {plain_name(one), plain_name(other)} <= duties:
            return one, other
    return None


def _rules(policy: AuthorityPolicy, name: str, may: str, *, seen: tuple[str, ...]) -> Iterator[Rule]:
    me = plain_name(name)
    for number, grant in enumerate(policy.grants, start=1):
        if plain_name(grant.person) == me and grant.may == may:
            yield _own(grant, number)
    if seen and not policy.may_lend_on:
        return
    for lent in policy.delegations:
        giver = plain_name(lent.giver)
        if plain_name(lent.taker) == me and lent.may == may and giver not in seen and giver != me:
            for rule in _rules(policy, lent.giver, may, seen=(*seen, me)):
                yield from _lent(rule, lent)


def _own(grant: Grant, number: int) -> Rule:
    return Rule(
        person=grant.person,
        kinds=frozenset(grant.kinds) or EVERY_KIND,
        reasons=frozenset(grant.reasons),
        entities=frozenset(grant.entities),
        limits=() if grant.up_to is None else ((f"{grant.up_to:f}", grant.currency),),
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        givers=(),
        words=f"grant {number} of {grant.person}",
    )


def _lent(rule: Rule, lent: Delegation) -> Iterable[Rule]:
    kinds = rule.kinds & (frozenset(lent.kinds) or EVERY_KIND)
    if not kinds:
        return
    own = () if lent.up_to is None else ((f"{lent.up_to:f}", lent.currency),)
    yield Rule(
        person=lent.taker,
        kinds=kinds,
        reasons=rule.reasons,
        entities=rule.entities,
        limits=(*rule.limits, *own),
        valid_from=max(filter(None, (rule.valid_from, lent.valid_from))),
        valid_to=min(filter(None, (rule.valid_to, lent.valid_to))),
        givers=(*rule.givers, lent.giver),
        words=f"{rule.words}, lent to {lent.taker} from {lent.valid_from} to {lent.valid_to}",
    )
