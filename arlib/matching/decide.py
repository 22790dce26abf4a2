"""From proposals to the decisions of a run: what is applied, what is suggested, what is left, and that it adds up. Floor 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from arlib.matching.bounds import bound_text, precision_bound
from arlib.matching.choice import Choice, choose, settled
from arlib.matching.facts import Facts
from arlib.matching.frames import RULES
from arlib.matching.identities import identities
from arlib.matching.leftovers import contras, residuals, skipped
from arlib.matching.person import PERSON
from arlib.matching.result import MatchResult
from arlib.matching.rows import alternative_rows, by_key, match_rows
from arlib.matching.unmatched import unmatched_rows

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.calibration import Measured, Standing
    from arlib.matching.memory import Memory
    from arlib.matching.pool import Pool
    from arlib.matching.proposal import Proposal
    from arlib.matching.residuals import Part
    from arlib.matching.special import Special
    from arlib.policy.matching import MatchingPolicy


def decide(
    pool: Pool,
    proposals: Sequence[Proposal],
    parts: Sequence[Sequence[Part]],
    specials: Sequence[Special],
    *,
    rules: Mapping[str, Standing],
    policy: MatchingPolicy,
    memory: Memory | None = None,
    payers: Mapping[int, tuple[str, str]] | None = None,
) -> MatchResult:
    """The decisions of a run and the frames that show them, each sorted by its key.

    `parts` has the parts of each proposal in the order of `proposals`, one for each of its items. A proposal is `auto` only
    where its rule is (`arlib.matching.calibration.auto_rules`), its explanation is unique and nothing holds it; everything else
    that is placed is `suggest`, but for what a person decided, which is `person` and no rule of RULES. A proposal that a person
    turned down, as `memory` has it, does not come back. `payers` gives entity and customer of receipts whose payer was
    resolved. Raises IdentityError where money or rows that went in do not come out.
    """
    set_aside: dict[int, Special] = {}
    for special in sorted(specials, key=lambda one: (one.receipt, one.status, one.reason, one.sentence)):
        set_aside.setdefault(special.receipt, special)
    choice = choose(pool, proposals, parts, set_aside, rules=rules, memory=memory)
    facts = Facts(pool=pool, policy=policy)
    placed = [(receipt, part) for receipt, one in choice.placed.items() for part in parts[one.proposal]]
    settles = [(receipt, part.item, settled(part)) for receipt, part in placed]
    matches = match_rows(pool, proposals, parts, choice)
    unmatched = unmatched_rows(pool, proposals, parts, set_aside, choice, payers=payers or {})
    held = identities(
        pool.receipts.frame, pool.items.frame, choice.left, matches=matches, unmatched=unmatched
    )
    return MatchResult(
        pool_items=pool.items.frame,
        pool_receipts=pool.receipts.frame,
        matches=matches,
        alternatives=alternative_rows(pool, proposals, parts, choice),
        unmatched=unmatched,
        rules=_rule_rows(proposals, choice, rules, policy),
        identities=tuple(one.require() for one in held),
        residuals=residuals(facts, placed),
        contras=contras(facts, placed),
        skipped=skipped(pool, settles),
    )


def _rule_rows(
    proposals: Sequence[Proposal], choice: Choice, rules: Mapping[str, Standing], policy: MatchingPolicy
) -> pd.DataFrame:
    """RULES by key: each figure known for each rule, the figure that decides, and a row of its own for a rule without any."""
    decided = Counter(proposals[placed.proposal].rule for placed in choice.placed.values())
    decided.pop(PERSON, None)
    rows: list[tuple[str, Measured | None, bool]] = []
    for rule in sorted(rules.keys() | decided.keys()):
        standing = rules.get(rule)
        is_auto = standing is not None and standing.is_auto
        known: list[Measured | None] = [*standing.measured] if standing else []
        if standing and standing.decided_by and standing.decided_by not in known:
            known.append(standing.decided_by)
        rows += [(rule, figures, is_auto) for figures in known or [None]]
    sure = policy.bound_confidence
    columns: dict[str, Any] = {
        "rule": [rule for rule, _, _ in rows],
        "right": [m.right if m else None for _, m, _ in rows],
        "tried": [m.tried if m else None for _, m, _ in rows],
        "data_set": [m.data_set if m else "" for _, m, _ in rows],
        "is_transferred": [m.is_transferred if m else None for _, m, _ in rows],
        "bound": [
            bound_text(precision_bound(m.right, m.tried, confidence=sure)) if m else None for _, m, _ in rows
        ],
        "is_auto": [is_auto for _, _, is_auto in rows],
        "receipts": [decided[rule] for rule, _, _ in rows],
    }
    return by_key(RULES, columns)
