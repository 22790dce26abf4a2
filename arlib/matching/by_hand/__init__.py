"""Matching by hand: one receipt or one open item looked at by a person, among what may have to do with it. Floor 1.

    prepare        an entity's whole matching inputs, indexed once           Prepared
    around         the small pool of one receipt or one open item            Around
    propose        the engine's proposal and its runners-up on that pool     ReceiptProposals
    what_if        any items chosen by hand: the difference, live            WhatIf, Given, Line
    combinations   which items sum to the receipt, doubt shown as doubt      Combinations

What is decided comes back to the engine through the book's tables (`arlib.matching.person`).
"""

from arlib.matching.by_hand.answer import Line, WhatIf
from arlib.matching.by_hand.around import Around, around
from arlib.matching.by_hand.given import Given
from arlib.matching.by_hand.prepared import Prepared, prepare
from arlib.matching.by_hand.proposals import ReceiptProposals, propose
from arlib.matching.by_hand.solve import Combinations, combinations
from arlib.matching.by_hand.whatif import what_if

__all__ = [
    "Around", "Combinations", "Given", "Line", "Prepared", "ReceiptProposals", "WhatIf",
    "around", "combinations", "prepare", "propose", "what_if",
]  # fmt: skip
