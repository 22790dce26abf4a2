"""Credits that are open: apply, refund or unclaimed property. Floor 1.

proposed    refunds that are proposed, and those that something forbids      refunds_of
credits     every open credit, and which way it goes                         open_credits
payee       whom and which account a refund goes to                          Payees
blocks      what forbids a refund                                            Blocks
requests    what people asked for, spread over credits                       refund_requests
booked      refunds in the ledger against refunds approved                   booked_refunds
unclaimed   dormancy clocks, letters and reports of unclaimed property       unclaimed_of
"""

from arlib.credit.refunds.booked import booked_refunds
from arlib.credit.refunds.frames import (
    BOOKED_REFUNDS,
    CREDITS,
    LETTERS,
    UNCLAIMED_PROPERTY,
    UnclaimedState,
    Way,
)
from arlib.credit.refunds.proposed import Refunds, refunds_of
from arlib.credit.refunds.unclaimed import Unclaimed, unclaimed_of

__all__ = [
    "BOOKED_REFUNDS",
    "CREDITS",
    "LETTERS",
    "UNCLAIMED_PROPERTY",
    "Refunds",
    "Unclaimed",
    "UnclaimedState",
    "Way",
    "booked_refunds",
    "refunds_of",
    "unclaimed_of",
]
