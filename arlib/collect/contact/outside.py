"""Open debits that the standard procedure leaves out: by law, by the state of the debt, or by agreement. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from arlib.collect.contact.frames import BY_AGREEMENT, OUTSIDE, Outside
from arlib.collect.contact.records import carriers, records_of, spread_to_carriers
from arlib.collect.position import Position
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import (
    AccountRole,
    ClaimKind,
    CustomerStatus,
    ExceptionProcedure,
    HoldKind,
)

WORDS = {
    Outside.NO_CUSTOMER: "nobody is named who owes it",
    Outside.INTERCOMPANY: "a company of the group: settled between the companies",
    Outside.BANKRUPT: "bankrupt: only the claim may be pursued",
    Outside.ESTATE: "an estate: only the special letter may go out",
    Outside.SANCTIONED: "sanctioned: held until compliance decides",
    Outside.CEASE_CONTACT: "asked for no contact",
    Outside.LEGAL: "with the lawyers",
    Outside.LEGAL_HOLD: "under a legal hold",
    Outside.AGENCY: "placed with an agency",
    Outside.PLACED: "placed with an agency or attorney",
    Outside.SOLD: "sold: it is not ours to collect",
    Outside.ALL: "outside the procedure by agreement",
    Outside.NO_CALLS: "no calls by agreement",
    Outside.OWN_SCHEDULE: "contacted on a schedule of its own",
}
STATUSES = {
    CustomerStatus.BANKRUPT: Outside.BANKRUPT,
    CustomerStatus.ESTATE: Outside.ESTATE,
    CustomerStatus.SANCTIONED: Outside.SANCTIONED,
    CustomerStatus.CEASE_CONTACT: Outside.CEASE_CONTACT,
    CustomerStatus.LEGAL: Outside.LEGAL,
    CustomerStatus.AGENCY: Outside.AGENCY,
}
PROCEDURES = {
    ExceptionProcedure.ALL: Outside.ALL,
    ExceptionProcedure.NO_CALLS: Outside.NO_CALLS,
    ExceptionProcedure.OWN_SCHEDULE: Outside.OWN_SCHEDULE,
}
CLAIMED = {ClaimKind.BANKRUPTCY: Outside.BANKRUPT, ClaimKind.ESTATE: Outside.ESTATE}
HELD = {HoldKind.LEGAL: Outside.LEGAL_HOLD, HoldKind.SANCTION: Outside.SANCTIONED}

Found = tuple[pd.Series, pd.Series | None]  # rows it is true of, and the record that says so


def outside(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Open debits outside the standard procedure, each with the first reason that applies: OUTSIDE, sorted by its key.

    Uses the customer's status at the as-of date, CLAIMS, HOLDS, PLACEMENTS, CONTROL_ACCOUNTS and COLLECTION_EXCEPTIONS.
    What accounting.md forbids goes before what was agreed, and no policy changes it. A record stands from its first day
    on; on the day that a hold is lifted, a placement recalled or a claim closed it no longer does; the last day of an
    exception is still in.
    """
    del policies  # nothing here is a choice; the argument is that of its neighbours
    debits = position.debits.reset_index(drop=True)
    reason = pd.Series("", index=debits.index, dtype="str")
    source = pd.Series("", index=debits.index, dtype="str")
    found = list(_found(book, debits, position))
    for wanted in Outside:
        for kind, (here, record) in found:
            if kind is wanted:
                new = here & reason.eq("")
                reason = reason.mask(new, wanted.value)
                if record is not None:
                    source = source.mask(new, record.fillna(""))
    made = debits.assign(reason=reason, source_id=source)[reason.ne("").to_numpy(dtype=bool)]
    made = made.assign(
        is_hard=~made["reason"].isin([kind.value for kind in BY_AGREEMENT]),
        what=made["reason"].map({kind.value: words for kind, words in WORDS.items()}),
    )
    return OUTSIDE.typed(made).sort_values(["item_id", "instalment_no"], kind="stable", ignore_index=True)


def _found(book: Book, debits: pd.DataFrame, position: Position) -> Iterator[tuple[Outside, Found]]:
    scope, customers = position.scope, debits["customer_id"]
    yield Outside.NO_CUSTOMER, (customers.isna() | customers.eq(""), None)
    group = position.attributes.loc[position.attributes["is_intercompany"].fillna(False), "customer_id"]
    roles = _roles(book, debits, entity=scope.entity)
    yield Outside.INTERCOMPANY, (customers.isin(group) | roles.eq(AccountRole.INTERCOMPANY.value), None)
    for status, kind in STATUSES.items():
        yield kind, (debits["status"].eq(status.value), None)

    day, replaced = pd.Timestamp(scope.as_of), carriers(book, entity=scope.entity)
    claims = records_of(book, "claims", scope=scope)
    claims = claims[(claims["opened_on"].le(day) & ~claims["closed_on"].le(day)).to_numpy(dtype=bool)]
    for claim, kind in CLAIMED.items():
        yield kind, _about(claims[claims["kind"].eq(claim.value)], "claim_id", debits, replaced)
    holds = records_of(book, "holds", scope=scope)
    holds = holds[(holds["placed_on"].le(day) & ~holds["lifted_on"].le(day)).to_numpy(dtype=bool)]
    for hold, kind in HELD.items():
        yield kind, _about(holds[holds["kind"].eq(hold.value)], "hold_id", debits, replaced)
    placed = records_of(book, "placements", scope=scope)
    placed = placed[(placed["placed_on"].le(day) & ~placed["recalled_on"].le(day)).to_numpy(dtype=bool)]
    of_account = placed["item_id"].isna() | placed["item_id"].eq("")
    yield Outside.PLACED, _about(placed[~of_account], "placement_id", debits, replaced)
    # an account is placed with what it owed that day; what was billed later is ours to collect
    last = placed[of_account].sort_values(["placed_on", "placement_id"], kind="stable")
    last = last.drop_duplicates("customer_id", keep="last").set_index("customer_id").reindex(customers)
    here = debits["effective_date"].le(last["placed_on"].set_axis(debits.index))
    yield Outside.PLACED, (here, last["placement_id"].set_axis(debits.index))
    yield Outside.SOLD, (roles.eq(AccountRole.FACTORED.value), None)
    held = debits["assigned_to"].fillna("").ne("") & ~roles.eq(AccountRole.FACTORED.value)
    yield Outside.PLACED, (held, debits["assigned_to"])

    agreed = records_of(book, "collection_exceptions", scope=scope)
    agreed = agreed[(agreed["valid_from"].le(day) & ~agreed["expires_on"].lt(day)).to_numpy(dtype=bool)]
    for procedure, kind in PROCEDURES.items():
        rows = agreed[agreed["procedure"].eq(procedure.value)]
        yield kind, _about(rows, "exception_id", debits, replaced)


def _about(rows: pd.DataFrame, key: str, debits: pd.DataFrame, replaced: pd.DataFrame) -> Found:
    """Which debits the records are about: those of their item, of what carries it on, or of the customer's account."""
    if "item_id" not in rows.columns:
        rows = rows.assign(item_id="")
    if rows.empty:
        return pd.Series(False, index=debits.index), None
    rows = rows.assign(item_id=rows["item_id"].fillna("")).sort_values(key, kind="stable")
    rows = spread_to_carriers(rows, replaced)
    by_item = rows[rows["item_id"].ne("")].drop_duplicates("item_id").set_index("item_id")[key]
    by_customer = rows[rows["item_id"].eq("")].drop_duplicates("customer_id").set_index("customer_id")[key]
    record = by_item.reindex(debits["item_id"]).set_axis(debits.index)
    record = record.fillna(by_customer.reindex(debits["customer_id"]).set_axis(debits.index))
    return record.notna(), record.astype("str")


def _roles(book: Book, debits: pd.DataFrame, *, entity: str) -> pd.Series:
    """The role of each debit's control account; '' where none is known."""
    accounts = book["control_accounts"]
    roles = accounts[accounts["entity"].eq(entity)].drop_duplicates("account").set_index("account")["role"]
    return roles.reindex(debits["control_account"]).set_axis(debits.index).fillna("").astype("str")
