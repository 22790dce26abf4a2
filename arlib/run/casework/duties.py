"""Who may do what at the desk: duties that must not be one person's. Floor 4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from arlib.credit.authority import People, incompatible_with
from arlib.policy.authority import AuthorityPolicy, bare_name, plain_name
from arlib.run.casework.faults import DutyError
from arlib.run.casework.kinds import Act, duty_of
from arlib.run.casework.state import State


@dataclass(frozen=True)
class Duties:
    """The duties of a policy, and who is who.

    Names are compared as authority compares them: a declared person by any spelling of his name or login, anybody else by
    his name without blanks, case and signs that do not show.
    """

    policy: AuthorityPolicy
    people: People

    @classmethod
    def of(cls, policy: AuthorityPolicy) -> Duties:
        """The duties of a policy."""
        return cls(policy, People.of(policy))

    def is_same(self, one: str, other: str) -> bool:
        """Whether two names are one person's."""
        return self._key(one) == self._key(other)

    def require(
        self, actor: str, duty: str, state: State, *, entity: str, items: Iterable[str], receipt: str = ""
    ) -> None:
        """Raise DutyError where `actor` may not act in a duty on these items and this receipt; free for the duty ''.

        He may not where the duties declared of him and this one are incompatible, nor where he acted in an incompatible
        duty on one of them before. What was withdrawn counts no more; to withdraw what another recorded is an act on it.
        """
        if not duty:
            return
        person = self.people.find(actor)
        clash = incompatible_with(self.policy, person, duty) if person else None
        if clash is not None:
            raise DutyError(
                f"{actor} may not act in {_said(duty)}: {_said(clash[0])} and {_said(clash[1])} are incompatible duties",
                found=f"duties {', '.join(person.duties) if person else ''}",
                fix="Have somebody else record it; nothing was recorded.",
            )
        against = {plain_name(other) for pair in self._pairs(duty) for other in pair}
        for what, found, sentence in _acts(state, entity, items, receipt, self, actor):
            if plain_name(found) in against:
                raise DutyError(
                    f"{actor} may not act in {_said(duty)} on {what}: the same person acted in {_said(found)} on it before, "
                    f"and the two are incompatible ({sentence})",
                    fix="Have somebody else record it; nothing was recorded.",
                )

    def _pairs(self, duty: str) -> Iterator[tuple[str, ...]]:
        """The other halves of the pairs that a duty is in."""
        for pair in self.policy.incompatible:
            names = [plain_name(each) for each in pair]
            if plain_name(duty) in names:
                names.remove(plain_name(duty))
                yield tuple(names)

    def _key(self, name: str) -> tuple[str, str]:
        person = self.people.find(name)
        return ("person", plain_name(person.name)) if person else ("name", bare_name(name))


def _acts(
    state: State, entity: str, items: Iterable[str], receipt: str, duties: Duties, actor: str
) -> Iterator[tuple[str, str, str]]:
    """What `actor` did on these items and this receipt: the thing, the duty, the sentence."""
    places = [(item, state.by_item.get((entity, item), ())) for item in items]
    if receipt:
        places.append(("", state.by_receipt.get((entity, receipt), ())))
    for item, found in places:
        for made in found:
            what = f"item {made.item(item)}" if item else f"receipt {made.receipt}"
            ended = state.decisions.get(state.withdrawn.get(made.seq, 0))
            if ended is None and duties.is_same(made.by, actor):
                yield what, made.duty, made.sentence
            elif ended is not None and duties.is_same(ended.by, actor) and not duties.is_same(made.by, actor):
                yield what, made.duty, ended.sentence
    for item in items:
        for approved in state.approved_items.get((entity, item), ()):
            if duties.is_same(approved.by, actor):
                yield f"item {item}", duty_of(Act.PROPOSE, approved.kind), approved.sentence


def _said(duty: str) -> str:
    return duty.replace("_", " ")
