"""What is on record about the accounts: the results that every work list reads, worked out once. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.collect.behaviour import payment_behaviour
from arlib.collect.contact.cadence import account_touches
from arlib.collect.contact.disputes import dispute_standings
from arlib.collect.contact.frames import Outside
from arlib.collect.contact.obstacles import obstacles
from arlib.collect.contact.outside import outside
from arlib.collect.contact.plans import plan_defaults
from arlib.collect.contact.promises import judged_promises
from arlib.collect.contact.records import carriers, records_of
from arlib.collect.contact.touches import touches
from arlib.collect.dunning.bank import bank_standings, held_because
from arlib.collect.position import Position
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ClaimKind, HoldKind, PlacementKind

RECORDS = (  # table, first day, day that it stands no longer, number, and the cause of OUTSIDE that each kind is behind
    ("placements", "placed_on", "recalled_on", "placement_id",
     {PlacementKind.AGENCY: Outside.AGENCY, PlacementKind.ATTORNEY: Outside.LEGAL}),
    ("claims", "opened_on", "closed_on", "claim_id",
     {ClaimKind.BANKRUPTCY: Outside.BANKRUPT, ClaimKind.ESTATE: Outside.ESTATE}),
    ("holds", "placed_on", "lifted_on", "hold_id", {HoldKind.SANCTION: Outside.SANCTIONED}),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """Results of contact, behaviour and dunning for one position."""

    outside: pd.DataFrame  # OUTSIDE
    disputes: pd.DataFrame  # DISPUTE_STANDINGS
    promises: pd.DataFrame  # JUDGED_PROMISES
    plans: pd.DataFrame  # PLAN_DEFAULTS
    touches: pd.DataFrame  # ACCOUNT_TOUCHES
    next_contacts: (
        pd.DataFrame
    )  # the last contact of each customer that set a later one: customer_id, on, is_right, next_on
    obstacles: pd.DataFrame  # OBSTACLES
    replaced: pd.DataFrame  # what `carriers` returns
    standing: pd.DataFrame  # placements, claims and holds of customers that stand: customer_id, cause, record
    behaviour: pd.DataFrame  # PAYMENT_BEHAVIOUR
    bank: pd.DataFrame  # BANK_STANDINGS
    late_bank: tuple[
        str, ...
    ]  # why cash may have come in that is not known; empty where the bank is up to date


def cases(book: Book, *, position: Position, policies: Policies) -> Cases:
    """All of them; every table that is not given leaves its part empty."""
    bank = bank_standings(book, scope=position.scope, policies=policies)
    return Cases(
        outside=outside(book, position=position, policies=policies),
        disputes=dispute_standings(book, position=position, policies=policies),
        promises=judged_promises(book, position=position, policies=policies),
        plans=plan_defaults(book, position=position, policies=policies),
        touches=account_touches(book, position=position, policies=policies),
        next_contacts=_next_contacts(book, position=position, policies=policies),
        obstacles=obstacles(book, position=position, policies=policies),
        replaced=carriers(book, entity=position.scope.entity),
        standing=_standing(book, position=position),
        behaviour=payment_behaviour(book, position=position, policies=policies),
        bank=bank,
        late_bank=held_because(bank, scope=position.scope),
    )


def _next_contacts(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    known = touches(book, scope=position.scope, policies=policies)
    known = known.sort_values(["on", "at", "source_id"], kind="stable", ignore_index=True)
    known = known[known["next_on"].notna()].drop_duplicates("customer_id", keep="last")
    return known[["customer_id", "on", "is_right", "next_on"]].reset_index(drop=True)


def _standing(book: Book, *, position: Position) -> pd.DataFrame:
    """Records behind a status of a customer, from their first day to the day before they end: cause of OUTSIDE and number."""
    day, parts = pd.Timestamp(position.scope.as_of), []
    for name, begins, ends, key, causes in RECORDS:
        rows = records_of(book, name, scope=position.scope)
        rows = rows[(rows[begins].le(day) & ~rows[ends].le(day)).to_numpy(dtype=bool)]
        cause = rows["kind"].astype("str").map({kind.value: cause.value for kind, cause in causes.items()})
        parts.append(
            pd.DataFrame({"customer_id": rows["customer_id"], "cause": cause, "record": rows[key]}).dropna()
        )
    return pd.concat(parts, ignore_index=True).sort_values(
        ["customer_id", "record"], kind="stable", ignore_index=True
    )
