"""What the collections report says in sentences: what to do first, what it does not tell, and by which policy. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.collect.work_lists.frames import Change, Turn
from arlib.collect.work_lists.limits import in_books_currency
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report.collections_contact import live_promises
from arlib.report.collections_credit import ON_FILE
from arlib.report.collections_facts import CollectionFacts
from arlib.report.words import counted, money_text
from arlib.tables.rows import records


def findings(facts: CollectionFacts, *, scope: Scope, policies: Policies) -> tuple[str, ...]:
    """What to decide and to do, what speaks against the whole list first."""
    made = [*facts.lists.warnings, *_calls(facts, scope), *_silent(facts, scope, policies)]
    made += [
        *_promises(facts),
        *_plans(facts),
        *_coverage(facts),
        *_up(facts, scope),
        *_desk(facts),
        *_credit(facts, scope),
    ]
    return tuple(made)  # fmt: skip


def _calls(facts: CollectionFacts, scope: Scope) -> list[str]:
    calls, code = facts.lists.calls, scope.functional_currency
    if calls.empty:
        return ["Nobody is to be called today."] if len(facts.position.past_due) else []
    today = calls[calls["turn"].eq(Turn.TODAY.value)]
    later = len(calls) - len(today)
    if today.empty:
        verb = "comes" if later == 1 else "come"
        return [f"Nobody is to be called today; {counted(later, 'customer')} {verb} next."]
    said = (
        f"Call {counted(len(today), 'customer')} today: {money_text(total(today['collectable']), code)} can be collected, and "
        f"{money_text(total(today['expected']), code)} is expected of the calls."
    )
    made = [f"{said} {counted(later, 'customer')} more are next." if later else said]
    nobody = int(calls["collector"].fillna("").eq("").sum())
    if nobody:
        made.append(f"{counted(nobody, 'customer')} to be called have no collector: assign them.")
    return made


def _silent(facts: CollectionFacts, scope: Scope, policies: Policies) -> list[str]:
    """Large accounts that nobody reached for long."""
    policy = policies.work_list
    least = in_books_currency(policy.large_silent_amount, facts.position, policy.currency)
    rows = facts.touches
    days = rows["days_since_right_contact"].fillna(policy.silent_days)
    late = rows["max_days_past_due"].fillna(0)
    quiet = days.ge(policy.silent_days) & (
        rows["days_since_right_contact"].notna() | late.ge(policy.silent_days)
    )
    is_in = rows["is_in_cadence"].fillna(False).astype(bool)
    mine = rows[quiet.fillna(False) & is_in & rows["books_past_due"].ge(least).fillna(False)]
    if mine.empty or rows["last_contact_on"].isna().all():
        return []
    first = mine.sort_values(["books_past_due", "customer_id"], ascending=[False, True], kind="stable").iloc[
        0
    ]
    amount = money_text(total(mine["books_past_due"]), scope.functional_currency)
    return [
        f"{_accounts(len(mine))} of {money_text(least, scope.functional_currency)} past due or more gave no answer for "
        f"{policy.silent_days} days or longer: {amount}, the largest {first['customer_id']}."
    ]  # fmt: skip


def _promises(facts: CollectionFacts) -> list[str]:
    rows = live_promises(facts.lists.cases.promises)
    broken = rows[rows["state"].isin(("broken", "partly"))]
    made = []
    if len(broken):
        made.append(
            f"{counted(len(broken), 'promise')} not kept and still owed: {sums(broken, 'open_now')}; ask for the reason and a new day."
        )
    differs = int(rows["differs"].fillna(False).astype(bool).sum())
    if differs:
        made.append(
            f"{counted(differs, 'promise')} on record as something else than the ledger shows: correct the record."
        )
    return made


def _plans(facts: CollectionFacts) -> list[str]:
    plans = facts.lists.cases.plans
    late = plans[plans["is_default"].fillna(False).astype(bool)]
    if late.empty:
        return []
    return [
        f"{counted(len(late), 'payment arrangement')} in default, {sums(late, 'behind')} behind: decide whether each goes on."
    ]


def _coverage(facts: CollectionFacts) -> list[str]:
    rows = facts.coverage[facts.coverage["collector"].fillna("").eq("")]
    missed = rows[rows["meets"].eq(False).fillna(False)]
    if missed.empty:
        return []
    bands = ", ".join(
        f"{row['band']} days {int(row['touched'])} of {int(row['accounts'])}" for row in records(missed)
    )  # fmt: skip
    needed = int(missed["missing"].fillna(0).sum())
    return [
        f"Contact is below target ({bands} touched in time): {counted(needed, 'account')} to touch to reach it."
    ]


def _up(facts: CollectionFacts, scope: Scope) -> list[str]:
    rows = facts.lists.escalations
    due = rows[rows["is_due"].fillna(False).astype(bool)]
    made = []
    if len(due):
        by_role = due.groupby("to", sort=False).size()
        told = ", ".join(f"{count} to the {role}" for role, count in by_role.items())
        made.append(
            f"Escalate {_accounts(len(due))}, {money_text(total(due['amount']), scope.functional_currency)}: {told}."
        )
    large = facts.lists.large
    if len(large):
        made.append(
            f"{counted(large['customer_id'].nunique(), 'customer')} above the limit of large balances: {sums(large, 'amount')}."
        )
    return made  # fmt: skip


def _desk(facts: CollectionFacts) -> list[str]:
    made = []
    cash = facts.lists.left_out[facts.lists.left_out["cause"].isin(("unapplied_cash", "open_credits"))]
    if len(cash):
        customers = counted(cash["customer_id"].nunique(), "customer")
        made.append(
            f"Apply the cash and credits of {customers}: they cover {sums(cash, 'amount')} of what is past due."
        )
    late = facts.lists.cases.disputes
    late = late[late["is_late"].fillna(False).astype(bool) & late["is_open"].fillna(False).astype(bool)]
    if len(late):
        made.append(f"{counted(len(late), 'dispute')} open for too long: {sums(late, 'open_now')}.")
    if len(facts.obstacles):
        teams = facts.obstacles["routed_to"].value_counts()
        told = ", ".join(
            f"{str(team).replace('_', ' ')} {count}"
            for team, count in sorted(teams.items(), key=lambda pair: (-pair[1], str(pair[0])))
        )
        made.append(f"{counted(len(facts.obstacles), 'obstacle')} to payment to be cleared: {told}.")
    return made


def _credit(facts: CollectionFacts, scope: Scope) -> list[str]:
    made = []
    odd = facts.lists.exceptions
    odd = odd[odd["is_finding"].fillna(False).astype(bool)]
    if len(odd):
        made.append(
            f"{counted(len(odd), 'special exception')} expired, without a last day or not approved: renew or end each."
        )
    for action, verb in (("hold", "Hold"), ("release", "Release")):
        rows = facts.holds[
            facts.holds["action"].eq(action) & ~facts.holds["is_spared"].fillna(False).astype(bool)
        ]
        if len(rows):
            made.append(f"{verb} the orders of {counted(len(rows), 'customer')}, or say why not.")
    claims = facts.claims[facts.claims["finding"].isin(("missed", "file_soon", "no_claim"))]
    if len(claims):
        made.append(
            f"{counted(len(claims), 'claim')} in bankruptcies and estates missed, to be filed soon or not begun."
        )
    place = facts.to_place[~facts.to_place["is_blocked"].fillna(False).astype(bool)]
    if len(place):
        made.append(
            f"Place {_accounts(len(place))} with an agency or an attorney: {money_text(total(place['amount']), scope.functional_currency)}."
        )
    letters = facts.dunning.letters
    if len(letters):
        held = "; they are held until the bank is up to date" if facts.dunning.is_held else ""
        made.append(f"{counted(len(letters), 'letter')} due: {sums(letters, 'asked')}{held}.")
    files = int(facts.checklist["state"].ne(ON_FILE).sum())
    if files:
        made.append(f"{counted(files, 'document')} of customer files missing, expired or soon to expire.")
    return made  # fmt: skip


def limits(facts: CollectionFacts, *, policies: Policies) -> tuple[str, ...]:
    """What could not be told, each sentence once."""
    shares = facts.portfolios
    said = [*facts.lists.limits, *facts.dunning.limits, *shares.limits]
    moved = int(shares.accounts["change"].isin((Change.MOVED.value, Change.NEW.value)).sum())
    if moved:
        most = policies.work_list.portfolio_max_items
        said.append(
            f"Portfolios assigned anew today, {most:,} open items each at most, would give {_accounts(moved)} another collector; "
            "they are assigned at the start of a quarter."
        )
    return tuple(dict.fromkeys(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in said))


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind the lists, in words."""
    work, contact = policies.work_list, policies.contact
    steps = ", ".join(
        f"{step.days_past_due} days and {step.amount:,}: {step.to}" for step in sorted(
            work.escalations, key=lambda step: (step.days_past_due, step.amount))
    )  # fmt: skip
    return {
        "Calls": f"{work.calls_per_collector} a day for each collector; worth of a call within {work.call_horizon_days} days, from "
        f"{work.history_months} months",
        "Uplifts": f"broken promise {work.broken_promise_uplift}, silence of {work.silent_days} days {work.silence_uplift}, later "
        f"than usual {work.past_habit_uplift}; within its habit x {work.within_habit_factor}",
        "Contact": f"every {contact.open_days} days; "
        + ", ".join(f"{bucket} every {days}" for bucket, days in contact.cadence_days.items()),
        "Promises": f"kept within {contact.promise_grace_days} days of grace",
        "Escalation": steps or "none",
        "Portfolios": f"{work.portfolio_max_items:,} open items of one collector at most",
        "Large balance": f"above {policies.large_balance.amount:,} at {policies.large_balance.min_days_past_due} days past due and more",
    }


def sums(rows: pd.DataFrame, column: str) -> str:
    """Totals by currency in words: `EUR 12.00, USD 3.50`; those of nothing are left out."""
    totals = {str(code): total(part[column]) for code, part in rows.groupby("currency", sort=True)}
    return (
        ", ".join(money_text(amount, code) for code, amount in totals.items() if amount)
        or "nothing of it is owed now"
    )


def _accounts(count: int) -> str:
    return counted(count, "account")
