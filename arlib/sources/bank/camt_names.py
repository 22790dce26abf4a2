"""ISO 20022 messages by name: which ones are statements, and what to call the others. Floor 2."""

from __future__ import annotations

import re

# container: what holds one account's entries in it, and the kind of statement
CONTAINERS = {
    "BkToCstmrStmt": ("Stmt", "statement"),
    "BkToCstmrAcctRpt": ("Rpt", "interim"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "notification"),
}
KIND_OF = dict(CONTAINERS.values())

_CLAIM = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,60}:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)(?:V\d{1,2})?[\s>/]")
_MESSAGE = re.compile(
    rb"urn:iso:std:iso:20022:tech:xsd:(?:[A-Z]{1,8}:)?([a-z]{4})\.(\d{3})\.\d{3}\.\d{2}|urn:[\w:]{1,40}:xsd:\$([a-z]{4})\.(\d{3})\."
)
_NAMES = {
    "camt.055": "a request to cancel a payment",
    "camt.056": "a request to cancel a payment",
    "camt.029": "an answer to an investigation",
    "camt.060": "a request for a statement",
    "camt.086": "a bank services billing statement",
    "pain.001": "a payment initiation",
    "pain.002": "a payment status report",
    "pain.007": "a reversal of direct debits",
    "pain.008": "a direct debit initiation",
    "pacs.002": "a payment status report between banks",
    "pacs.003": "a direct debit between banks",
    "pacs.004": "a payment return between banks",
    "pacs.008": "a credit transfer between banks",
    "pacs.009": "a transfer between banks",
    "remt.001": "a remittance advice",
}


def claims(head: bytes) -> bool:
    """Whether the first bytes of a file hold a camt.052, .053 or .054, in any wrapper, prefix and version."""
    return _CLAIM.search(head) is not None


def iso_message(head: bytes) -> str:
    """What an ISO 20022 file is that no reader takes, in words: "a payment initiation (pain.001), not a statement".

    '' where it is no ISO 20022 message, or one that `claims`.
    """
    if claims(head):
        return ""
    codes = ["".join((area or other).decode() + "." + (number or last).decode())
             for area, number, other, last in _MESSAGE.findall(head)]  # fmt: skip
    for code in codes:
        if not code.startswith("head."):
            return f"{_NAMES.get(code, 'an ISO 20022 message')} ({code}), not a statement"
    return ""
