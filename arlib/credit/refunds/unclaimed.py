"""Unclaimed property: how long a credit has had no word of its owner, and what its holder must do when. Floor 1."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from arlib.calendar.periods import add_months
from arlib.controls import Identity
from arlib.credit.proposals import proposal_id, proposals_of
from arlib.credit.refunds.contacts import contacts_of, letters_sent
from arlib.credit.refunds.credits import NO_MONEY, open_credits
from arlib.credit.refunds.frames import LETTERS, UNCLAIMED_PROPERTY, UnclaimedState, text_of
from arlib.ledger.facts import counted, fact_dates, of_entity
from arlib.money import iso_code, minor_places, total
from arlib.policy import Policies, Scope
from arlib.policy.refund import HolderRule, UnclaimedPolicy
from arlib.tables import Book
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import frame_of, records

NO_CONTACT = "date of the credit"


@dataclass(frozen=True)
class Unclaimed:
    """Where every credit stands on its way to the holder state, and which letters are due."""

    property: pd.DataFrame  # UNCLAIMED_PROPERTY
    letters: pd.DataFrame  # LETTERS
    proposals: pd.DataFrame  # PROPOSALS of kind unclaimed
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True)
class _Owners:
    """What is known of the owners of credits."""

    customers: Mapping[str, Mapping[str, Any]]
    contacts: Mapping[str, tuple[pd.Timestamp, str]]
    letters: Mapping[str, list[pd.Timestamp]]
    policy: UnclaimedPolicy
    scope: Scope


def unclaimed_of(
    book: Book, *, scope: Scope, policies: Policies, refunding: Collection[str] = ()
) -> Unclaimed:
    """The clock of every open credit of any size, the letters that are due, and what is to be reported.

    Needs ITEMS; uses APPLICATIONS, CUSTOMERS, RECEIPTS, ACTIVITIES and DECIDED_PROPOSALS. The owner's last known address decides whose rule
    counts (state, else country), and where none is known the holder's state of incorporation. A place without a row in
    the policy is said and has no dates. The clock starts on the owner's last contact, not before the credit's own date;
    the credit is dormant from the same day so many months on, that day included. `letter_due` begins on the first day of
    the letter's window and ends when the letter is recorded; a credit is reportable once dormant with its letter sent or
    none asked for, and then proposed for the holder state, unless it is among `refunding` (items that a refund of the
    same run pays back). Credits that were remitted in the period stand as escheated. Amounts are minor units.
    """
    found = open_credits(book, scope=scope)
    is_internal = found.credits["item_type"].isin([kind.value for kind in NO_MONEY])
    owing, internal = found.credits[~is_internal], found.credits[is_internal]
    policy = policies.refund.unclaimed
    owners = _Owners(
        customers=_customers(book, scope), contacts=contacts_of(book, scope, policy), letters=letters_sent(book, scope, policy),
        policy=policy, scope=scope,
    )  # fmt: skip
    known = of_entity(book["decided_proposals"], scope.entity)
    given = set(
        known.loc[
            known["kind"].eq(ProposalKind.UNCLAIMED.value) & known["decision"].eq("approve"), "item_id"
        ].dropna()
    )
    rows = [_clocked(credit, owners, is_given=credit["item_id"] in given) for credit in records(owing)]
    remitted = _remitted(book, scope, policy, {str(row["item_id"]) for row in rows}, owners)
    frame = frame_of(UNCLAIMED_PROPERTY, [*rows, *remitted])
    functional = dict(zip(owing["item_id"], owing["functional_amount"], strict=True))
    is_open = ~frame["item_id"].isin({str(row["item_id"]) for row in remitted})
    return Unclaimed(
        property=frame,
        letters=_letters(frame, owners),
        proposals=_proposals(frame, functional, set(refunding) | given, owners),
        identities=tuple(
            Identity(
                name="unclaimed property", left_label="credits on a clock and our own entries",
                left=_sum(frame[is_open], code) + _sum(internal, code),
                right_label="open amounts below zero", right=-found.totals[code], currency=code, entity=scope.entity,
            )
            for code in sorted(found.totals)
        ),
        limits=_limits(book, frame, owners),
    )  # fmt: skip


def _clocked(credit: Mapping[str, Any], owners: _Owners, *, is_given: bool) -> dict[str, Any]:
    """The UNCLAIMED_PROPERTY row of one credit."""
    policy, scope = owners.policy, owners.scope
    customer = text_of(credit, "customer_id")
    owner = owners.customers.get(customer, {})
    place, place_from = _place(owner, policy, scope)
    start, what = _clock(credit, customer, owners)
    row: dict[str, Any] = {
        **{name: credit[name] for name in ("entity", "item_id", "document_no", "currency", "amount")},
        "customer_id": customer or None, "customer_name": credit.get("name"), "place": place or None,
        "place_from": place_from or None, "clock_start": start, "clock_from": what, "note": None,
    }  # fmt: skip
    rule = policy.rule(place) if place else None
    if is_given:
        return row | {
            "state": UnclaimedState.ESCHEATED.value,
            "note": "approved for the holder state, not yet booked",
        }
    if owner.get("is_intercompany") is True:
        return row | {"state": UnclaimedState.EXEMPT.value, "note": "a company of the group"}
    if not place:
        return row | {
            "state": UnclaimedState.NO_PLACE.value,
            "note": "give the customer's state, or the holder's in holder_places",
        }
    if rule is None:
        return row | {
            "state": UnclaimedState.NO_RULE.value,
            "note": f"the policy has no row for {place}: ask counsel for one",
        }
    row["is_confirmed"] = bool(rule.confirmed_by)
    is_business = bool(customer) and policy.owners_are_businesses and customer not in policy.consumers
    if rule.is_b2b_exempt and is_business:
        return row | {
            "state": UnclaimedState.EXEMPT.value,
            "note": f"{rule.place} exempts credits between businesses",
        }
    return row | _dates(row, rule, customer, owners)


def _dates(row: Mapping[str, Any], rule: HolderRule, customer: str, owners: _Owners) -> dict[str, Any]:
    """Dormancy, letter, report and state of a credit whose rule is known."""
    as_of = owners.scope.as_of
    dormant_on = add_months(row["clock_start"].date(), rule.dormancy_months)
    due = rule.report_due(dormant_on)
    first, last = rule.letter_window(due)
    made: dict[str, Any] = {"dormant_on": dormant_on, "report_due": due}
    sent = next((day for day in owners.letters.get(customer, []) if day.date() >= first), None)
    needs_letter = bool(customer) and _reaches(int(row["amount"]), str(row["currency"]), rule)
    if needs_letter:
        made |= {"letter_from": first, "letter_by": last, "letter_sent_on": sent}
    state, note = UnclaimedState.RUNNING, ""
    if needs_letter and sent is None and as_of >= first:
        state = UnclaimedState.LETTER_DUE
        note = f"the last day of the letter was {last:%Y-%m-%d}: ask counsel" if as_of > last else ""
    elif as_of >= dormant_on:
        is_unsent = needs_letter and sent is None
        state = UnclaimedState.RUNNING if is_unsent else UnclaimedState.REPORTABLE
        note = f"dormant; the letter can go out from {first:%Y-%m-%d}" if is_unsent else ""
        if state is UnclaimedState.REPORTABLE and as_of > due:
            note = f"the report was due on {due:%Y-%m-%d}"
    return made | {"state": state.value, "note": note or None}


def _place(owner: Mapping[str, Any], policy: UnclaimedPolicy, scope: Scope) -> tuple[str, str]:
    """Whose rule counts: the owner's state, else its country outside the United States, else the holder's state."""
    state, country = text_of(owner, "state"), text_of(owner, "country")
    if state:
        return state, "owner"
    if country and country != "US":
        return country, "owner"
    held = policy.holder_places.get(scope.entity, "")
    return held, "holder" if held else ""


def _clock(credit: Mapping[str, Any], customer: str, owners: _Owners) -> tuple[pd.Timestamp, str]:
    own: pd.Timestamp = credit["document_date"]
    contact = owners.contacts.get(customer)
    return contact if contact and contact[0] > own else (own, NO_CONTACT)


def _reaches(amount: int, currency: str, rule: HolderRule) -> bool:
    """Whether a credit is large enough for a letter; a minimum in another currency is no minimum."""
    if iso_code(currency) != rule.currency:
        return True
    return bool(amount >= rule.letter_min_amount * 10 ** minor_places(currency))


def _remitted(
    book: Book, scope: Scope, policy: UnclaimedPolicy, still_open: set[str], owners: _Owners
) -> list[dict[str, Any]]:
    """Credits that an entry with a reason of remittance closed in the period."""
    items = of_entity(book["items"], scope.entity)
    by_id = items.drop_duplicates("item_id").set_index("item_id")
    ours = set(
        items.loc[items["reason"].isin(policy.remitted_reasons) & counted(items, scope=scope), "item_id"]
    )
    applications = of_entity(book["applications"], scope.entity)
    days = fact_dates(applications, scope.basis)
    here = applications[
        counted(applications, scope=scope) & days.ge(pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    ]
    taken: dict[str, int] = {}
    for side, other in (("source", "target"), ("target", "source")):
        mine = here[here[f"{other}_item_id"].isin(ours)]
        for item, amount in zip(mine[f"{side}_item_id"], mine[f"{side}_amount"], strict=True):
            if item not in ours and item not in still_open:
                taken[str(item)] = taken.get(str(item), 0) + int(amount)
    made = []
    for item, amount in sorted(taken.items()):
        row = by_id.loc[item]
        credit = {str(key): value for key, value in row.items()} | {"item_id": item}
        credit["document_date"] = (
            row["document_date"] if pd.notna(row["document_date"]) else row["effective_date"]
        )
        customer = text_of(credit, "customer_id")
        owner = owners.customers.get(customer, {})
        place, place_from = _place(owner, policy, scope)
        start, what = _clock(credit, customer, owners)
        made.append({
            "entity": scope.entity, "item_id": item, "customer_id": customer or None, "customer_name": owner.get("name"),
            "document_no": credit["document_no"], "currency": credit["currency"], "amount": amount, "place": place or None,
            "place_from": place_from or None, "clock_start": start, "clock_from": what, "note": "remitted in the period",
            "state": UnclaimedState.ESCHEATED.value,
        })  # fmt: skip
    return made


def _letters(frame: pd.DataFrame, owners: _Owners) -> pd.DataFrame:
    """One letter for each owner, currency and report: LETTERS."""
    due = frame[frame["state"].eq(UnclaimedState.LETTER_DUE.value)]
    rows = []
    for (customer, currency, report_due), part in due.groupby(
        ["customer_id", "currency", "report_due"], sort=True
    ):
        owner = owners.customers.get(str(customer), {})
        last = part["letter_by"].min()
        rows.append({
            "entity": owners.scope.entity, "customer_id": customer, "customer_name": owner.get("name"),
            "address": owner.get("address"), "place": part["place"].iloc[0], "currency": currency,
            "amount": total(part["amount"]), "credits": len(part),
            "documents": ", ".join(part["document_no"].fillna(part["item_id"])), "dormant_on": part["dormant_on"].min(),
            "send_from": part["letter_from"].min(), "send_by": last, "report_due": report_due,
            "is_late": bool(last < pd.Timestamp(owners.scope.as_of)),
        })  # fmt: skip
    return frame_of(LETTERS, rows)


def _proposals(
    frame: pd.DataFrame, functional: Mapping[str, Any], without: set[str], owners: _Owners
) -> pd.DataFrame:
    """What is reportable, proposed for the holder state, to be decided before the report is due."""
    ready = frame[frame["state"].eq(UnclaimedState.REPORTABLE.value) & ~frame["item_id"].isin(without)]
    rows = []
    for row in ready.to_dict("records"):
        said = [
            ""
            if row["is_confirmed"]
            else f"the rule of {row['place']} is an example that counsel has not confirmed",
            str(row["note"]) if isinstance(row["note"], str) else "",
        ]
        carried = functional.get(str(row["item_id"]))
        rows.append({
            "proposal_id": proposal_id(ProposalKind.UNCLAIMED, owners.scope.entity, row["item_id"], row["currency"], row["amount"]),
            "entity": owners.scope.entity, "kind": ProposalKind.UNCLAIMED.value, "customer_id": row["customer_id"],
            "customer_name": row["customer_name"], "item_id": row["item_id"], "document_no": row["document_no"],
            "currency": row["currency"], "amount": row["amount"],
            "functional_amount": pd.NA if pd.isna(carried) else int(carried), "reason": "unclaimed_property",
            "rule": f"{row['place']}: dormant since {row['dormant_on']:%Y-%m-%d}",
            "evidence": f"last contact {row['clock_start']:%Y-%m-%d} ({row['clock_from']})"
            + (f", letter of {row['letter_sent_on']:%Y-%m-%d}" if pd.notna(row["letter_sent_on"]) else ", no letter asked for"),
            "caution": "; ".join(part for part in said if part) or None, "decide_by": row["report_due"],
        })  # fmt: skip
    return proposals_of(rows)


def _limits(book: Book, frame: pd.DataFrame, owners: _Owners) -> tuple[str, ...]:
    said = []
    if not book.has("activities"):
        said.append(
            "No activities were given: owners' calls and letters do not restart the clock, and no letter counts as sent."
        )
    used = frame["place"].notna() & frame["is_confirmed"].eq(False).fillna(False)
    if used.any():
        places = ", ".join(sorted(set(frame.loc[used, "place"])))
        said.append(
            f"The unclaimed-property rules used for {places} are examples that counsel has not confirmed."
        )
    for state, what in (
        (UnclaimedState.NO_RULE, "in places without a rule"),
        (UnclaimedState.NO_PLACE, "without a known place of owner or holder"),
    ):
        rows = frame[frame["state"].eq(state.value)]
        if len(rows):
            places = ", ".join(sorted(set(rows["place"].dropna())))
            credits_ = "1 open credit" if len(rows) == 1 else f"{len(rows):,} open credits"
            said.append(f"{credits_} {what}{f' ({places})' if places else ''}: no dormancy date is given.")
    return tuple(said)


def _sum(rows: pd.DataFrame, currency: str) -> int:
    return total(rows.loc[rows["currency"].eq(currency), "amount"])


def _customers(book: Book, scope: Scope) -> dict[str, Mapping[str, Any]]:
    rows = book["customers"]
    mine = rows[rows["entity"].fillna("").isin(["", scope.entity])].sort_values(
        "entity", na_position="first", kind="stable"
    )
    return {str(row["customer_id"]): row for row in records(mine)}
