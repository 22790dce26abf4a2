"""Who a payment came from: the customer, its group, or another party. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arlib.matching.names import account_key, names_in
from arlib.policy import Scope
from arlib.tables import Book

CUSTOMER, GROUP, OTHER, UNTOLD = "customer", "group", "other", ""


@dataclass(frozen=True)
class KnownPayers:
    """Bank accounts and names of customers by master data, and who belongs together."""

    accounts: Mapping[str, frozenset[str]]
    names: Mapping[str, frozenset[str]]
    group: Mapping[str, frozenset[str]]  # parent, children and sisters

    def who(self, customer_id: str, name: object, account: object) -> str:
        """CUSTOMER, GROUP, OTHER, or UNTOLD where the payment or the master data says nothing to compare.

        A bank account that is the customer's decides; else the name, apart from legal form, order and punctuation.
        """
        key = account_key(account) if isinstance(account, str) else ""
        written = _names(name) if isinstance(name, str) else frozenset()
        kin = self.group.get(customer_id, frozenset())
        for who, ids in ((CUSTOMER, (customer_id,)), (GROUP, tuple(sorted(kin)))):
            if any(key and key in self.accounts.get(one, ()) for one in ids):
                return who
            if any(written & self.names.get(one, frozenset()) for one in ids):
                return who
        is_comparable = (key and self.accounts.get(customer_id)) or (written and self.names.get(customer_id))
        return OTHER if is_comparable else UNTOLD


def known_payers(book: Book, *, scope: Scope, customers: frozenset[str]) -> KnownPayers:
    """What master data says of these customers and of their groups. Needs CUSTOMERS.

    Accounts of refunds are not used: a payer is who it was known to be.
    """
    rows = book["customers"]
    mine = rows[rows["entity"].eq(scope.entity) | rows["entity"].fillna("").eq("")]
    parent = {
        str(child): str(above)
        for child, above in zip(mine["customer_id"], mine["parent_id"], strict=True)
        if isinstance(above, str) and above
    }
    children: dict[str, set[str]] = {}
    for child, above in parent.items():
        children.setdefault(above, set()).add(child)
    group = {}
    for one in customers:
        above = parent.get(one, "")
        kin = {above, *children.get(above, ()), *children.get(one, ())} - {one, ""}
        group[one] = frozenset(kin)
    wanted = customers.union(*group.values()) if group else customers
    accounts: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    held = mine[mine["customer_id"].isin(wanted)]
    columns = (held[name] for name in ("customer_id", "name", "payer_aliases", "payer_account"))
    for customer, name, aliases, account in zip(*columns, strict=True):
        told = [name, *(aliases.split("|") if isinstance(aliases, str) else ())]
        names.setdefault(str(customer), set()).update(
            reading for one in told if isinstance(one, str) for reading in _names(one)
        )
        if isinstance(account, str) and (key := account_key(account)):
            accounts.setdefault(str(customer), set()).add(key)
    return KnownPayers(
        {one: frozenset(found) for one, found in accounts.items()},
        {one: frozenset(found) for one, found in names.items()},
        group,
    )


def _names(text: str) -> frozenset[str]:
    written = names_in(text)
    return frozenset(
        key for name in (*written.whole, *written.parts) for key in (name.core, name.ordered) if key
    )
