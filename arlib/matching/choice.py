"""The joint choice: which proposal each receipt gets when proposals claim the same receipt or the same open amount. Floor 1.

Proposals are taken in one order, and each is placed where everything that it claims is still there. The order is: what people
decided, those that may apply by themselves, then the higher proven precision of the rule, the rule declared earlier, the
stronger evidence within the rule, the canonical order of the pool. A loser never takes anything, and stays as an alternative
with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from arlib.errors import ParameterError
from arlib.matching.calibration import UNPROVEN, Standing
from arlib.matching.columns import texts
from arlib.matching.person import OVERTAKEN, PERSON
from arlib.matching.proposal import rule_said
from arlib.money import iso_code, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from arlib.matching.memory import Memory
    from arlib.matching.pool import Pool
    from arlib.matching.proposal import Proposal
    from arlib.matching.residuals import Part
    from arlib.matching.special import Special

MOST_NAMED = 3  # ids that one sentence names


@dataclass(frozen=True, slots=True)
class Placed:
    """The proposal of a receipt; `held` says why it is not automatic, empty where it is."""

    proposal: int  # position in the proposals given
    held: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A proposal that is not placed: `reason` is a machine word, `because` a sentence."""

    proposal: int
    reason: str  # overtaken, special, rejected, weaker, taken, excessive, ambiguous or not_decided
    because: str


@dataclass(frozen=True)
class Choice:
    """What became of every proposal. Receipts and items are rows of the pool."""

    placed: Mapping[int, Placed]  # by receipt
    lost: Mapping[int, tuple[Lost, ...]]  # by receipt, best first
    left: NDArray[np.int64]  # open amount of each item after all placed proposals, suggested ones too


@dataclass
class _State:
    """What is placed so far."""

    left: list[int]
    placed: dict[int, int] = field(default_factory=dict)
    lost: dict[int, list[Lost]] = field(default_factory=dict)
    takers: dict[int, list[int]] = field(default_factory=dict)  # item to proposals
    contested: dict[int, str] = field(default_factory=dict)  # proposal to why


class _Names:
    """Texts of the pool as lists, each made when it is first asked for: most runs of a million items never ask."""

    def __init__(self, pool: Pool) -> None:
        self._items, self._receipts = pool.items.frame, pool.receipts.frame

    @cached_property
    def item_ids(self) -> list[str]:
        return texts(self._items, "item_id")

    @cached_property
    def receipt_ids(self) -> list[str]:
        return texts(self._receipts, "receipt_id")

    @cached_property
    def item_entities(self) -> list[str]:
        return texts(self._items, "entity")

    @cached_property
    def receipt_entities(self) -> list[str]:
        return texts(self._receipts, "entity")

    @cached_property
    def is_one_entity(self) -> bool:
        return len({*self._items["entity"].unique(), *self._receipts["entity"].unique()}) < 2


def choose(
    pool: Pool,
    proposals: Sequence[Proposal],
    parts: Sequence[Sequence[Part]],
    specials: Mapping[int, Special],
    *,
    rules: Mapping[str, Standing],
    memory: Memory | None = None,
) -> Choice:
    """Place proposals so that no receipt and no item is used beyond its amount.

    `parts` are those of each proposal, in the same order. What a person turned down, as `memory` has it, is not placed. A
    proposal without items only carries candidates and the reason why there is none; it is never placed. What a person
    decided (rule PERSON) goes first and is held by nothing. A receipt in
    `specials` gets none. Where two proposals of one rule with equal evidence claim the same, the one that comes first is
    placed and held for a person; but of two receipts that name an item exactly the earlier one simply comes first.
    """
    import numpy as np

    _check(proposals, parts)
    names = _Names(pool)
    hindered = [_hindrances(proposal, names) for proposal in proposals]
    order = _order(proposals, parts, hindered, rules)
    state = _State(left=[int(amount) for amount in pool.items.open.tolist()])

    def lose(n: int, reason: str, because: str) -> None:
        state.lost.setdefault(proposals[n].receipt, []).append(Lost(n, reason, because))

    def tie(winner: int, loser: int, why: str) -> None:
        first, second = proposals[winner], proposals[loser]
        are_equal = first.rule == second.rule and first.strength == second.strength
        if are_equal and not hindered[winner] and not hindered[loser]:
            state.contested.setdefault(winner, why)

    for n in order:
        proposal = proposals[n]
        receipt = proposal.receipt
        if receipt in specials:
            lose(n, "special", specials[receipt].sentence)
        elif not proposal.items:
            reason = "ambiguous" if proposal.explanations > 1 else "not_decided"
            if proposal.rule == PERSON:
                reason = OVERTAKEN
            lose(n, reason, proposal.sentence or proposal.held_because)
        elif (
            proposal.rule != PERSON
            and memory is not None
            and (memory.rejected_pairs or memory.rejected_sets)
            and memory.is_rejected(
                names.receipt_entities[receipt],
                names.receipt_ids[receipt],
                [names.item_ids[item] for item in proposal.items],
            )
        ):
            lose(
                n,
                "rejected",
                f"a person turned down {_first([names.item_ids[i] for i in proposal.items])} for this receipt",
            )
        elif receipt in state.placed:
            winner = state.placed[receipt]
            if _is_same(proposals[winner], proposal):
                continue  # another rule came to the same result
            lose(
                n,
                "weaker",
                f"the receipt is explained by {rule_said(proposals[winner].rule)}, which goes first",
            )
            tie(
                winner, n, f"{rule_said(proposal.rule)} explains the receipt in another way on equal evidence"
            )
        elif excess := _excess(pool, receipt, parts[n]):
            lose(n, "excessive", excess)
        elif clash := _clash(pool, state.left, parts[n]):
            item = clash[0]
            takers = state.takers.get(item, [])
            by = _first([names.receipt_ids[proposals[taker].receipt] for taker in takers])
            lose(
                n,
                "taken" if takers else "excessive",
                f"{names.item_ids[item]} is taken by receipt {by}"
                if takers
                else f"more than {names.item_ids[item]} is open for",
            )
            for taken in clash:
                for winner in state.takers.get(taken, []):
                    if not _came_first(pool, proposals[winner], proposal, taken):
                        tie(
                            winner,
                            n,
                            f"receipt {names.receipt_ids[receipt]} claims {names.item_ids[taken]} on equal evidence",
                        )
        else:
            state.placed[receipt] = n
            for part in parts[n]:
                state.left[part.item] -= settled(part)
                state.takers.setdefault(part.item, []).append(n)

    was_rejected = {r for r, losers in state.lost.items() if any(one.reason == "rejected" for one in losers)}
    placed = {}
    for receipt in sorted(state.placed):
        n = state.placed[receipt]
        if proposals[n].rule == PERSON:
            placed[receipt] = Placed(n, "")
            continue
        held = list(hindered[n])
        if receipt in was_rejected:
            held.append("another proposal for this receipt was turned down")
        if n in state.contested:
            held.append(state.contested[n])
        standing = rules.get(proposals[n].rule)
        if standing is None or not standing.is_auto:
            why = standing.why if standing else f"{rule_said(proposals[n].rule)} was never measured"
            held.append(f"{UNPROVEN}: {why}")
        placed[receipt] = Placed(n, "; ".join(held))
    _stand_alone(placed, proposals, state.takers, names)
    lost = {receipt: tuple(state.lost[receipt]) for receipt in sorted(state.lost)}
    return Choice(placed, lost, np.array(state.left, dtype=np.int64))


def _stand_alone(
    placed: dict[int, Placed],
    proposals: Sequence[Proposal],
    takers: Mapping[int, Sequence[int]],
    names: _Names,
) -> None:
    """Holds what is automatic only as long as a suggestion for the same item is accepted."""
    shared = [
        [proposals[n].receipt for n in ns if proposals[n].rule != PERSON]
        for ns in takers.values()
        if len(ns) > 1
    ]
    has_changed = True
    while has_changed:
        has_changed = False
        for receipts in shared:
            held = sorted(receipt for receipt in receipts if placed[receipt].held)
            for receipt in receipts if held else ():
                if not placed[receipt].held:
                    why = f"it shares an item with receipt {names.receipt_ids[held[0]]}, which a person has to decide"
                    placed[receipt] = Placed(placed[receipt].proposal, why)
                    has_changed = True


def settled(part: Part) -> int:
    """What the item of a part falls by: cash and what settles on top of it. A deduction stays open."""
    return part.applied + part.discount + part.fee + part.fx + part.tolerance


def _first(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _check(proposals: Sequence[Proposal], parts: Sequence[Sequence[Part]]) -> None:
    if len(proposals) != len(parts):
        raise ParameterError(
            "parts of proposals",
            found=f"{len(parts)} for {len(proposals)} proposals",
            wanted="one list for each",
        )
    for proposal, own in zip(proposals, parts, strict=True):
        items = sorted(part.item for part in own)
        if items != sorted(set(proposal.items)):
            raise ParameterError(
                "parts of a proposal",
                where=proposal.rule,
                found=items,
                wanted=f"one for each of {proposal.items}",
            )


def _hindrances(proposal: Proposal, names: _Names) -> tuple[str, ...]:
    """Why a proposal is not automatic whatever its rule's precision is; empty where nothing hinders it."""
    found = [proposal.held_because] if proposal.held_because else []
    if proposal.explanations > 1:
        found.append("more than one way explains the receipt")
    elif proposal.explanations < 1:
        found.append("whether another way explains the receipt was not counted")
    if not names.is_one_entity and any(
        names.item_entities[item] != names.receipt_entities[proposal.receipt] for item in proposal.items
    ):
        found.append("an item belongs to another entity")
    return tuple(found)


def _order(
    proposals: Sequence[Proposal],
    parts: Sequence[Sequence[Part]],
    hindered: Sequence[tuple[str, ...]],
    rules: Mapping[str, Standing],
) -> list[int]:
    place = {rule: number for number, rule in enumerate(rules)}
    nothing = Standing("", False, 0.0, "")
    ways = Counter(proposal.receipt for proposal in proposals)

    def rank(n: int) -> tuple[object, ...]:
        proposal = proposals[n]
        standing = rules.get(proposal.rule, nothing)
        return (
            proposal.rule != PERSON,
            not (standing.is_auto and proposal.items and not hindered[n]),
            -standing.bound,
            place.get(proposal.rule, len(place)),
            proposal.rule,
            -proposal.strength,
            proposal.receipt,
            proposal.items,
            proposal.settles,
            # whatever else tells two ways of a receipt apart, so that their order as given does not count
            repr((proposal, parts[n])) if ways[proposal.receipt] > 1 else "",
        )

    return sorted(range(len(proposals)), key=rank)


def _is_same(one: Proposal, other: Proposal) -> bool:
    return one.items == other.items and one.settles == other.settles


def _excess(pool: Pool, receipt: int, parts: Sequence[Part]) -> str:
    amount, used = int(pool.receipts.amount[receipt]), sum(part.receipt_used for part in parts)
    if min(amount, 0) <= used <= max(amount, 0):
        return ""
    currency = pool.currencies[int(pool.receipts.money[receipt])]
    code = iso_code(currency)
    return f"it would use {code} {shown(used, currency)} of {code} {shown(amount, currency)}"


def _clash(pool: Pool, left: Sequence[int], parts: Sequence[Part]) -> list[int]:
    """Items that would fall beyond what is left of them, or grow."""
    found = []
    for part in parts:
        rest, falls = left[part.item], settled(part)
        if falls != rest and not min(rest, 0) <= falls <= max(rest, 0):
            found.append(part.item)
    return found


def _came_first(pool: Pool, winner: Proposal, loser: Proposal, item: int) -> bool:
    """Whether the winner names the item exactly and was paid on an earlier day: the later payment is one too many."""
    names_it = any(hit.item == item and hit.how == "exact" for hit in winner.hits)
    return names_it and bool(pool.receipts.day[winner.receipt] < pool.receipts.day[loser.receipt])
