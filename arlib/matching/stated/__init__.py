"""Receipts that name items, placed together. Floor 1.

place      the whole stage                                place_stated
rules      classes of evidence                            RULES_MEANT
ground     items and receipts, and the ledger's habits    Ground
explain    one receipt                                    explain, slots_of
search     sums of a payer's items                        search
parts      receipts that pay one item together            together
board      what is placed and what waits                  Board
rounds     from sure to weak evidence                     take_rounds
advice     remittance advices                             take_advised
elsewhere  items of customers the payer is not known for  take_elsewhere
words      evidence as a person reads it                  proposal_of
"""

from arlib.matching.stated.place import place_stated
from arlib.matching.stated.rules import RULES_MEANT

__all__ = ["RULES_MEANT", "place_stated"]
