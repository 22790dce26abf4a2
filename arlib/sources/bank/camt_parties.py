"""Who stands on the other side of a camt transaction. Floor 2."""

from __future__ import annotations

from arlib.sources.bank.camt_header import account_of
from arlib.sources.bank.xmlstream import Node, first_text

_EMPTY: Node = {}


def name_of(party: Node) -> str:
    """The name of a party: its own, under Pty (later versions), or a bank's under Agt."""
    found = party.get("Nm")
    if found.__class__ is str:
        return found
    return first_text(party, ("Pty", "Nm"), ("Agt", "FinInstnId", "Nm"), ("FinInstnId", "Nm"), ("Nm",))


def counterparty(parties: Node, own: str, *, is_credit: bool, is_return: bool) -> tuple[str, str, str]:
    """Name, account and ultimate party of the other side.

    The debtor of money in and the creditor of money out; in a return the parties keep the roles of the original, so the
    other way round. A side with our own account is passed over, and where one side is missing the other one counts.
    """
    order = ("Dbtr", "Cdtr") if is_credit != is_return else ("Cdtr", "Dbtr")
    for side in order:
        party = parties.get(side)
        account = parties.get(side + "Acct")
        if party is None and account is None:
            continue
        number = account_of(account) if account.__class__ is dict else ""
        if number and number == own:
            continue
        found = name_of(party) if party.__class__ is dict else ""
        ultimate = parties.get("Ultmt" + side)
        last = name_of(ultimate) if ultimate.__class__ is dict else ""
        if found or number:
            return found or last, number, last if found and last != found else ""
    for side in order:
        ultimate = parties.get("Ultmt" + side)
        if ultimate.__class__ is dict and (found := name_of(ultimate)):
            return found, "", ""
    return "", "", ""
