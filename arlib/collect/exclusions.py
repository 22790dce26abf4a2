"""What no policy switches off: the debts that nobody may ask for, and why. Floor 1.

The list is accounting.md's: companies of the group, bankrupt or insolvent, estates, legal and sanction holds, placed with an
agency or attorney, sanctioned, asked for no contact, sold. Letters, statements and work lists all start from it, each with
its own words for the grounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import pandas as pd

from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.ledger.replaced import carried_items
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import AccountRole, ClaimKind, ClaimState, CustomerStatus, HoldKind
from arlib.tables.rows import Row, is_none, records, text


class Ground(StrEnum):
    """Why a debt may not be asked for; the gravest first, in the order in which they are looked for."""

    NO_CUSTOMER = "no_customer"
    INTERCOMPANY = "intercompany"
    SANCTIONED = "sanctioned"  # from here to AGENCY: the status of the customer
    CEASE_CONTACT = "cease_contact"
    BANKRUPT = "bankrupt"
    ESTATE = "estate"
    LEGAL = "legal"
    AGENCY = "agency"
    SANCTION_HOLD = "sanction_hold"
    LEGAL_HOLD = "legal_hold"
    CLAIM = "claim"
    ESTATE_CLAIM = "estate_claim"
    PLACED = "placed"
    FACTORED = "factored"
    ASSIGNED = "assigned"
    DISCHARGED = "discharged"


STATUSES = {
    CustomerStatus.SANCTIONED: (Ground.SANCTIONED, "is sanctioned: compliance decides"),
    CustomerStatus.CEASE_CONTACT: (Ground.CEASE_CONTACT, "asked not to be contacted"),
    CustomerStatus.BANKRUPT: (Ground.BANKRUPT, "is bankrupt or insolvent: file a claim, do not dun"),
    CustomerStatus.ESTATE: (Ground.ESTATE, "is an estate: it gets its special letter only"),
    CustomerStatus.LEGAL: (Ground.LEGAL, "is with an attorney"),
    CustomerStatus.AGENCY: (Ground.AGENCY, "is with an agency"),
}
OF_STATUS = tuple(ground for ground, _ in STATUSES.values())
HOLDS = {HoldKind.SANCTION: Ground.SANCTION_HOLD, HoldKind.LEGAL: Ground.LEGAL_HOLD}
CLAIMS = {ClaimKind.BANKRUPTCY: Ground.CLAIM, ClaimKind.ESTATE: Ground.ESTATE_CLAIM}
ROLES = {
    AccountRole.INTERCOMPANY: (Ground.INTERCOMPANY, "It stands on an account of intercompany receivables."),
    AccountRole.FACTORED: (Ground.FACTORED, "It stands on an account of factored debt: it was sold."),
}
ORDER = {ground.value: at for at, ground in enumerate(Ground)}
FOUND = ["ground", "cites", "because", "holder"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A ground, the record that says so, and a sentence.

    `holder` is who has the debt now, where somebody has. `up_to` limits the bar to what is dated up to that day, the day in;
    without it the bar is on all that the account owes. `when` says of a status which day's it is.
    """

    ground: Ground
    because: str
    cites: str = ""
    holder: str = ""
    up_to: date | None = None
    when: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exclusions:
    """The bars on accounts (by code at the as-of date) and on items, the gravest first; `on` says which debts they meet."""

    accounts: Mapping[str, tuple[Bar, ...]]
    items: Mapping[str, tuple[Bar, ...]]
    roles: Mapping[str, AccountRole]  # control accounts that bar what stands on them
    agents: frozenset[str]  # names that placements are with

    def whole_accounts(self) -> dict[str, tuple[Bar, ...]]:
        """The accounts that are barred whatever the day of the debt, each with such bars alone."""
        kept = {name: tuple(bar for bar in bars if bar.up_to is None) for name, bars in self.accounts.items()}
        return {name: bars for name, bars in kept.items() if bars}

    def of_items(self) -> Exclusions:
        """Without the bars on whole accounts: what is left says which items of the other accounts are barred."""
        dated = {
            name: tuple(bar for bar in bars if bar.up_to is not None) for name, bars in self.accounts.items()
        }
        return replace(self, accounts=dated)

    def on(self, items: pd.DataFrame) -> pd.DataFrame:
        """Each bar on each of these rows, the gravest first: columns ground, cites, because, holder; the index of the row.

        Needs item_id, customer_id, control_account, assigned_to and effective_date. A row that nothing bars is not there.
        """
        items = items[["item_id", "customer_id", "control_account", "assigned_to", "effective_date"]]
        parts = [
            _noted(items[items["customer_id"].fillna("").eq("")], Ground.NO_CUSTOMER, "The customer is not known."),
            *self._by_role(items),
            *self._by_holder(items),
            _met(items, "customer_id", self.accounts),
            _met(items, "item_id", self.items),
        ]  # fmt: skip
        made = pd.concat([part[FOUND] for part in parts])
        return made.sort_values("ground", key=lambda column: column.map(ORDER), kind="stable")

    def _by_role(self, items: pd.DataFrame) -> Iterator[pd.DataFrame]:
        role = items["control_account"].map({name: role.value for name, role in self.roles.items()})
        for wanted, (ground, because) in ROLES.items():
            mine = items[role.eq(wanted.value)]
            is_sold = ground is Ground.FACTORED
            yield _noted(
                mine, ground, because, cites=mine["control_account"], holder=mine["assigned_to"] if is_sold else ""
            )  # fmt: skip

    def _by_holder(self, items: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """What is assigned to somebody: sold, unless the holder is one that debts are placed with."""
        held = items[items["assigned_to"].fillna("").ne("")]
        is_agent = held["assigned_to"].map(_folded).isin(self.agents)
        for ground, mine in ((Ground.PLACED, held[is_agent]), (Ground.ASSIGNED, held[~is_agent])):
            holder = mine["assigned_to"]
            yield _noted(mine, ground, "It is assigned to " + holder + ".", cites=holder, holder=holder)


def exclusions(book: Book, *, position: Position, goes_out: bool) -> Exclusions:
    """All that bars debts of the entity from being asked for at the as-of date.

    Uses CUSTOMERS, CUSTOMER_HISTORY, CONTROL_ACCOUNTS, HOLDS, CLAIMS, PLACEMENTS, ITEMS. A customer's status counts if it is
    that of the as-of date or today's. A record stands until the day that it ends, which is out; a claim until the case is
    closed, whatever became of the claim, and debts of before a case that ended in a discharge are barred for good. What is
    recorded of an item is true of what carries it on. A placement without an item is of what was owed that day.

    With `goes_out`, for letters and statements, which leave the house today, a record that began after the as-of date counts
    too, and an account that is placed is barred with what was billed since. Without, a record counts from its first day on.
    """
    scope = position.scope
    accounts: dict[str, list[Bar]] = {}
    items: dict[str, list[Bar]] = {}
    for name, bar in _by_customer(position):
        accounts.setdefault(name, []).append(bar)
    for row, bar in _by_record(book, scope, goes_out=goes_out):
        item = text(row.get("item_id"))
        found, name = (items, item) if item else (accounts, str(row["customer_id"]))
        found.setdefault(name, []).append(bar)
    if items:
        for item, chain in carried_items(book, entity=scope.entity).items():
            carried = [bar for old in chain for bar in items.get(old, ())]
            if carried and item not in items:
                items[item] = carried
    roles = of_entity(book["control_accounts"], scope.entity)
    roles = roles[roles["role"].isin([role.value for role in ROLES])]
    agents = of_entity(book["placements"], scope.entity)["placed_with"]
    return Exclusions(
        accounts=_gravest_first(accounts),
        items=_gravest_first(items),
        roles={
            str(name): AccountRole(role) for name, role in zip(roles["account"], roles["role"], strict=True)
        },
        agents=frozenset(_folded(name) for name in agents.dropna()),
    )


def _by_customer(position: Position) -> Iterator[tuple[str, Bar]]:
    """Companies of the group, and statuses."""
    as_of = f"on {position.scope.as_of:%Y-%m-%d}"
    found: dict[tuple[str, CustomerStatus], str] = {}
    group: set[str] = set()
    barred = [status.value for status in STATUSES]
    for frame, when in ((position.attributes, as_of), (position.customers, "today")):
        group |= set(frame.loc[frame["is_intercompany"].fillna(False).astype(bool), "customer_id"])
        rows = frame[frame["status"].isin(barred)]
        for name, status in zip(rows["customer_id"], rows["status"], strict=True):
            found.setdefault((str(name), CustomerStatus(status)), when)
    for name in sorted(group):
        yield name, Bar(ground=Ground.INTERCOMPANY, because=f"Customer {name} is a company of the group.")
    for (name, status), when in sorted(found.items()):
        ground, words = STATUSES[status]
        yield name, Bar(ground=ground, because=f"Customer {name} {words}.", when=when)


def _by_record(book: Book, scope: Scope, *, goes_out: bool) -> Iterator[tuple[Row, Bar]]:
    """Holds, claims and placements that stand."""
    since = None if goes_out else scope.as_of
    for row in _rows(book, "holds", scope, first="placed_on", since=since):
        if row["kind"] in HOLDS and _stands(row, "lifted_on", scope):
            word = "Sanction" if row["kind"] == HoldKind.SANCTION else "Legal"
            yield row, Bar(
                ground=HOLDS[HoldKind(row["kind"])], cites=str(row["hold_id"]),
                because=f"{word} hold {row['hold_id']} stands since {row['placed_on']:%Y-%m-%d}.",
            )  # fmt: skip
    for row in _rows(book, "claims", scope, first="opened_on", since=since):
        if row["state"] == ClaimState.DISCHARGED:
            yield row, Bar(
                ground=Ground.DISCHARGED, cites=str(row["claim_id"]), up_to=row["opened_on"],
                because="The debt was discharged in a bankruptcy.",
            )  # fmt: skip
        elif _stands(row, "closed_on", scope):
            what = "an estate" if row["kind"] == ClaimKind.ESTATE else "a bankruptcy"
            case = f", case {text(row['case_no'])}," if text(row["case_no"]) else ""
            yield row, Bar(
                ground=CLAIMS[ClaimKind(row["kind"])], cites=str(row["claim_id"]),
                because=f"Claim {row['claim_id']} in {what}{case} of {row['opened_on']:%Y-%m-%d} stands.",
            )  # fmt: skip
    for row in _rows(book, "placements", scope, first="placed_on", since=since):
        if _stands(row, "recalled_on", scope):
            holder, is_dated = text(row["placed_with"]), not goes_out and not text(row["item_id"])
            yield row, Bar(
                ground=Ground.PLACED, cites=str(row["placement_id"]), holder=holder,
                because=f"Placement {row['placement_id']}: with {holder} since {row['placed_on']:%Y-%m-%d}.",
                up_to=row["placed_on"] if is_dated else None,
            )  # fmt: skip


def _rows(book: Book, table: str, scope: Scope, *, first: str, since: date | None) -> list[Row]:
    """The records of a table, by identifier, under the codes of the as-of date; those begun by `since`, the day in."""
    rows = of_entity(book[table], scope.entity)
    if since is not None:
        rows = rows[rows[first].le(pd.Timestamp(since)).to_numpy(dtype=bool)]
    if not len(rows):
        return []
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    return records(rows.assign(customer_id=codes).sort_values(str(rows.columns[0]), kind="stable"))


def _stands(row: Row, end: str, scope: Scope) -> bool:
    return is_none(row[end]) or bool(row[end] > pd.Timestamp(scope.as_of))


def _gravest_first(found: Mapping[str, Iterable[Bar]]) -> dict[str, tuple[Bar, ...]]:
    return {name: tuple(sorted(bars, key=lambda bar: ORDER[bar.ground])) for name, bars in found.items()}


def _noted(
    items: pd.DataFrame, ground: Ground, because: pd.Series | str, *, cites: pd.Series | str = "",
    holder: pd.Series | str = "",
) -> pd.DataFrame:  # fmt: skip
    return items.assign(ground=ground.value, cites=cites, because=because, holder=holder)


def _met(items: pd.DataFrame, column: str, bars: Mapping[str, tuple[Bar, ...]]) -> pd.DataFrame:
    """The rows that bars by this column meet, once for each bar."""
    rows = [
        (name, bar.ground.value, bar.cites, bar.because, bar.holder, bar.up_to)
        for name, found in bars.items()
        for bar in found
    ]
    listed = pd.DataFrame(rows, columns=[column, *FOUND, "up_to"])
    listed["up_to"] = pd.to_datetime(listed["up_to"])
    mine = items[items[column].isin(bars.keys())].rename_axis("_row").reset_index()
    made = mine.merge(listed.astype({column: mine[column].dtype}), on=column).set_index("_row")
    is_met = made["up_to"].isna() | made["effective_date"].le(made["up_to"]).fillna(False)
    return made[is_met.to_numpy(dtype=bool)]


def _folded(name: object) -> str:
    return text(name).strip().casefold()
