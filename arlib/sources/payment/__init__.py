"""Payment files of approved refunds: ISO 20022 pain.001 and ACH. Floor 2. Nothing is sent; a bank takes the files.

payments      what a payment is, and the account that it is paid from      PAYMENTS, Debtor
checks        every fault of the payments at once                          payment_problems
accounts      IBAN, BIC and routing numbers                                iban_fault, routing_fault
characters    names in the characters that banks take                      written, transliterated
pain001       credit transfers by ISO 20022 pain.001.001.09                pain001_bytes
ach           credits by the NACHA rules, CCD and PPD                      ach_bytes
contents      the files of all payments, one for each currency             payment_contents, payments_of
"""

from arlib.sources.payment.characters import transliterated
from arlib.sources.payment.checks import payment_problems
from arlib.sources.payment.contents import payment_contents, payments_of
from arlib.sources.payment.payments import PAYMENTS, TRANSLITERATED, Debtor, Target

__all__ = [
    "PAYMENTS",
    "TRANSLITERATED",
    "Debtor",
    "Target",
    "payment_contents",
    "payment_problems",
    "payments_of",
    "transliterated",
]
