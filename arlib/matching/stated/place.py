"""All receipts that name items, placed together: an item is consumed once. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.stated.advice import take_advised
from arlib.matching.stated.board import Board
from arlib.matching.stated.elsewhere import take_elsewhere
from arlib.matching.stated.foreign import take_foreign, take_foreign_parts
from arlib.matching.stated.ground import Ground
from arlib.matching.stated.rounds import take_rounds, take_weak_rounds
from arlib.matching.stated.words import proposal_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from arlib.matching.facts import Facts
    from arlib.matching.payers import Payers
    from arlib.matching.pool import Pool
    from arlib.matching.proposal import Proposal
    from arlib.matching.references.index import Exact
    from arlib.policy.matching import MatchingPolicy


def place_stated(
    pool: Pool,
    *,
    exact: Exact,
    payers: Payers,
    remaining: NDArray[np.int64],
    policy: MatchingPolicy,
    facts: Facts | None = None,
) -> list[Proposal]:
    """One proposal for each receipt that names items, by receipt row; those that name nothing clear have none.

    `remaining` is what each item row is open for, in minor units, and is not changed; no item falls below 0 (a credit: above
    0) by all proposals together. Only money received is placed. What customers state in an advice comes first, then numbers
    without damage, then receipts that pay an item together, then damaged numbers of the payer's own items, then numbers of
    other customers, and last parts that nothing confirms. Days, small deductions and which numbers customers write are
    learned from the run's sure payments. Nothing depends on the order of rows or on identifiers.
    """
    ground = Ground(pool, exact, payers, remaining, policy.days_before_document, facts)
    board = Board(ground)
    take_advised(board)
    take_rounds(board)
    take_elsewhere(board)
    take_foreign(board)
    take_weak_rounds(board)
    take_foreign_parts(board)
    return [proposal_of(ground, board.placed[receipt]) for receipt in sorted(board.placed)]
