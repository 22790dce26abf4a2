"""All work lists of a day, and the proof that they add up to what is past due. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.calls import account_parts, call_list
from arlib.collect.work_lists.cases import Cases, cases
from arlib.collect.work_lists.chances import collection_rates, habit_of
from arlib.collect.work_lists.escalations import escalations
from arlib.collect.work_lists.exceptions import exception_list
from arlib.collect.work_lists.hits import hit_list
from arlib.collect.work_lists.large import large
from arlib.collect.work_lists.left_out import left_out
from arlib.collect.work_lists.parts import split_past_due
from arlib.controls import Identity
from arlib.money import iso_code, total
from arlib.policy import Policies
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkLists:
    """The lists, each ordered as it is worked through."""

    cases: Cases
    calls: pd.DataFrame  # CALL_LIST
    left_out: pd.DataFrame  # LEFT_OUT
    parts: pd.DataFrame  # ACCOUNT_PARTS
    hits: pd.DataFrame  # hit_list_table(policies.aging)
    rates: pd.DataFrame  # CHANCES
    escalations: pd.DataFrame  # ESCALATIONS
    exceptions: pd.DataFrame  # EXCEPTION_LIST
    large: pd.DataFrame  # LARGE
    identities: tuple[Identity, ...]
    warnings: tuple[str, ...]  # what speaks against the call list as a whole: the bank is not up to date
    limits: tuple[str, ...]  # what the lists do not say


def work_lists(
    book: Book, *, position: Position, policies: Policies, known: Cases | None = None
) -> WorkLists:
    """Call list, left out, hit list, escalations, exceptions and large balances at the position's date.

    Needs ITEMS; uses APPLICATIONS, CUSTOMERS, DISPUTES, PROMISES, PLANS, ACTIVITIES, COLLECTION_EXCEPTIONS, the bank's
    tables, FX_RATES and what they use. By currency, call list and left out add up to the past due of the position; the
    hit list and what is below its least amount, in the books' currency. A currency of the policy without a closing rate
    raises RateError. `known` saves working out what the caller has already.
    """
    found = known or cases(book, position=position, policies=policies)
    usual = found.behaviour.drop_duplicates("customer_id").set_index("customer_id")["habit_days"]
    habits = habit_of(usual)
    rates_table, rates = collection_rates(book, scope=position.scope, policies=policies, habits=habits)
    split = split_past_due(
        position, outside=found.outside, disputes=found.disputes, promises=found.promises, plans=found.plans,
        replaced=found.replaced,
    )  # fmt: skip
    split = split.assign(
        usual_days=usual.reindex(split["customer_id"]).astype("Int64").to_numpy(),
        habit=habits.reindex(split["customer_id"]).fillna("none_known").to_numpy(),
    )
    parts = account_parts(split, rates, entity=position.scope.entity)
    calls = call_list(split, parts, rates, position=position, cases=found, policies=policies)
    out = left_out(split, position=position, cases=found)
    hits, below = hit_list(split, position=position, cases=found, policies=policies)
    largest, unrated = large(position, policies=policies)
    return WorkLists(
        cases=found,
        calls=calls,
        left_out=out,
        parts=parts,
        hits=hits,
        rates=rates_table,
        escalations=escalations(book, split, position=position, policies=policies),
        exceptions=exception_list(book, position=position, policies=policies),
        large=largest,
        identities=_identities(position, parts=parts, out=out, hits=hits, below=below),
        warnings=_warnings(found),
        limits=_limits(book, position, rates_table, unrated, policies),
    )


def _identities(
    position: Position, *, parts: pd.DataFrame, out: pd.DataFrame, hits: pd.DataFrame, below: int
) -> tuple[Identity, ...]:
    late, entity = position.past_due, position.scope.entity
    made = [
        Identity(
            name="call_list", left_label="to be called for, and left out",
            left=total(parts.loc[parts["currency"].eq(code), "collectable"]) + total(out.loc[out["currency"].eq(code), "amount"]),
            right_label="past due of the position", right=total(late.loc[late["currency"].eq(code), "outstanding"]),
            currency=str(code), entity=entity,
        )
        for code in sorted(late["currency"].unique())
    ]  # fmt: skip
    whole = Identity(
        name="hit_list", left_label="hit list, and below its least amount", left=total(hits["total"]) + below,
        right_label="past due of the position at closing rates", right=total(late["books_amount"]),
        currency=position.currency, entity=entity,
    )  # fmt: skip
    return (*made, whole)


def _warnings(found: Cases) -> tuple[str, ...]:
    if not found.late_bank:
        return ()
    told = " ".join(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in found.late_bank)
    return (f"A payment may have come in that is not known: look at the bank before calling anybody. {told}",)


def _limits(
    book: Book, position: Position, rates: pd.DataFrame, unrated: tuple[str, ...], policies: Policies
) -> tuple[str, ...]:
    made = []
    if position.unrated:
        codes = ", ".join(iso_code(code) for code in position.unrated)
        made.append(
            f"No closing rate for {codes}: what is past due in it is named in words and ranked last, and is in no sum."
        )
    if lost := [iso_code(code) for code in unrated if code not in position.unrated]:
        made.append(
            f"No closing rate for {', '.join(lost)} into the currency of large balances: they leave it out."
        )
    if not rates["items"].sum():
        share = policies.work_list.chance_without_history
        made.append(f"The past shows no item past due: what a call brings is the policy's share of {share}.")
    if not book.has("activities"):
        made.append("No activities were given: silence is not known and raises no rank.")
    return tuple(made)
