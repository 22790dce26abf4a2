"""Dunning: who gets which letter, what stands in it, and who must not get one. Floor 1.

bank           whether every bank account is up to date     bank_standings
exclusions     what no policy can switch off                hard_exclusions
excuses        what spares an amount for now                excuses, spare
levels         which level an item is due for               steps
interest       simple interest, split at rate changes       accrual, interest_of, compensation_of
appropriation  what a payment settles first                 appropriate
dunning        letters and everything that is in none       dunning
special        letters outside the levels                   special_letters
"""

from arlib.collect.dunning.appropriation import Appropriation, appropriate
from arlib.collect.dunning.dunning import Dunning, dunning
from arlib.collect.dunning.exclusions import hard_exclusions
from arlib.collect.dunning.frames import Outcome, Spared, SpecialKind
from arlib.collect.dunning.interest import accrual, interest_of

__all__ = [
    "Appropriation",
    "Dunning",
    "Outcome",
    "Spared",
    "SpecialKind",
    "accrual",
    "appropriate",
    "dunning",
    "hard_exclusions",
    "interest_of",
]
