"""From an approved proposal to balanced journal lines, by roles and not by accounts. Floor 1.

roles      which part an account plays            Role
frames     what comes out                         Action, ENTRIES
rules      the company's choices                  PostingRules, WriteOffTo, TaxOnWriteOff
parts      what a proposal's amount is made of    parts_of
entries    the double entry of every kind         entries_of
carrying   amounts in the books' currency         Carrying
beside     reinstated debts, claw-backs           reinstatements_of, clawback_entries_of
"""

from arlib.credit.posting.beside import clawback_entries_of, reinstatements_of
from arlib.credit.posting.entries import entries_of
from arlib.credit.posting.frames import ENTRIES, Action
from arlib.credit.posting.roles import Role
from arlib.credit.posting.rules import PostingRules, TaxOnWriteOff, WriteOffTo

__all__ = [
    "ENTRIES",
    "Action",
    "PostingRules",
    "Role",
    "TaxOnWriteOff",
    "WriteOffTo",
    "clawback_entries_of",
    "entries_of",
    "reinstatements_of",
]
