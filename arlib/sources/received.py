"""An ACH file that the bank passes on to us: what its sender gave away is what we received. Floor 2.

A NACHA file speaks for the company that a batch names. Of a file that a customer's bank sent, that is the customer; the
account that each entry goes to is then ours, and the sign turns round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from arlib.sources.forms.amounts import plain
from arlib.sources.raw import Records

if TYPE_CHECKING:
    pass


def bare(account: str) -> str:
    """An account as it is looked up: without blanks, in capitals."""
    return "".join(account.split()).upper()


def turned(lists: Mapping[str, Records], known: Mapping[str, str]) -> dict[str, Records]:
    """The lists of a file, batches of other companies to an account of ours turned to our side.

    `known` are our accounts, blanks removed and in capitals. A batch is turned when its company is none of them and all
    its entries go to one of them.
    """
    frames = {name: records.frame.copy() for name, records in lists.items() if name != "remarks"}
    entries, statements = frames["entries"], frames["statements"]
    ours: dict[str, str] = {}
    senders: dict[str, str] = {}
    for fields in statements[statements["kind"].eq("ach")].to_dict("records"):
        own = entries.loc[entries["statement"].eq(fields["statement"]), "payer_account"]
        to = {bare(text) for text in own}
        if bare(str(fields["account"])) not in known and len(to) == 1 and (account := to.pop()) in known:
            ours[str(fields["statement"])], senders[str(fields["statement"])] = (
                account,
                str(fields["account_name"]),
            )
    if not ours:
        return dict(lists)
    for frame in frames.values():
        at = frame["statement"].isin(ours)
        if at.any() and "account" in frame.columns:
            frame.loc[at, "account"] = [ours[one] for one in frame.loc[at, "statement"]]
    at = entries["statement"].isin(ours)
    entries.loc[at, "amount"] = [_negated(text) for text in entries.loc[at, "amount"]]
    is_cash = at & entries["kind"].ne("return") & entries["status"].eq("booked")
    entries.loc[is_cash, "kind"] = [
        "other" if text.startswith("-") else "receipt" for text in entries.loc[is_cash, "amount"]
    ]
    entries.loc[at, "payer_name"] = [senders[one] for one in entries.loc[at, "statement"]]
    entries.loc[at, "payer_account"] = ""
    at = statements["statement"].isin(ours)
    statements.loc[at, "net"] = [_negated(text) for text in statements.loc[at, "net"]]
    return {name: replace(records, frame=frames.get(name, records.frame)) for name, records in lists.items()}


def _negated(text: str) -> str:
    return plain(Decimal(text).copy_negate()) if text else text
