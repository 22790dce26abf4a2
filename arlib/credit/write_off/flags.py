"""Patterns in write-offs that a person should look at, the gravest first. Floor 1.

A flag says what was found and in which documents; it accuses nobody. Each has an honest twin that is not flagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.calendar import add_months
from arlib.credit.write_off.blocks import Casework, is_running
from arlib.credit.write_off.frames import FLAGS, Flag, RecoveryWay, ReliefStatus
from arlib.credit.write_off.limits import Subject, allowed, limit_minor
from arlib.credit.write_off.words import Record, day, listed, looked_up, many, money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, of_entity
from arlib.money import Rates, Rounding, times
from arlib.policy import Policies, Scope
from arlib.policy.authority import bare_name
from arlib.policy.write_off import WriteOffLimit
from arlib.tables import Book
from arlib.tables.choices import HoldKind, ItemType
from arlib.tables.rows import records, text

RANK = {flag: number for number, flag in enumerate(Flag, start=1)}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the patterns are looked for in."""

    book: Book
    scope: Scope
    policies: Policies
    register: pd.DataFrame  # REGISTER, those of the months of review, with the poster as `user`
    flows: pd.DataFrame  # WRITE_OFF_FLOWS
    recoveries: pd.DataFrame
    relief: pd.DataFrame
    known: Casework
    rates: Rates


def flags(
    book: Book,
    register: pd.DataFrame,
    flows: pd.DataFrame,
    came_back: pd.DataFrame,
    relief: pd.DataFrame,
    known: Casework,
    *,
    scope: Scope,
    policies: Policies,
) -> pd.DataFrame:
    """Every pattern in the write-offs of the months of review: FLAGS, the gravest first, then by amount of items and name.

    Proposer and approver are one person where their names are the same but for case, width and spaces. Just below a limit
    is at least 1 - `split_within_rate` of it and not above it; limits are those of the policy and the amounts up to which
    authority was granted. Splitting needs at least `split_min_items` of one customer, currency and person within
    `split_window_days`, that together pass the limit. Three or more of nearly one amount in that window are shown where no
    limit explains them. Needs REGISTER, WRITE_OFF_FLOWS, RECOVERIES, RELIEF; uses DISPUTES, HOLDS, PROMISES, PLANS, ITEMS,
    FX_RATES. A limit in a currency without a closing rate raises RateError.
    """
    since = pd.Timestamp(add_months(scope.as_of, -policies.write_off.review_months))
    recent = register[register["written_off_on"] > since]
    posted = flows[~flows["is_of_credit"].to_numpy(dtype=bool) & flows["amount"].gt(0).to_numpy(dtype=bool)]
    users = posted.drop_duplicates("item_id").set_index("item_id")["user"]
    mine = recent.assign(user=looked_up(recent["item_id"], users).astype("str")).reset_index(drop=True)
    found = Found(book=book, scope=scope, policies=policies, register=mine, flows=flows, recoveries=came_back, relief=relief,
                  known=known, rates=Rates.of(book["fx_rates"]))  # fmt: skip
    rows = [row for pattern in PATTERNS for row in pattern(found)]
    made = FLAGS.from_rows(rows)
    order = ["rank", "items", "reference"]
    return made.sort_values(order, ascending=[True, False, True], kind="stable", ignore_index=True)


def _self_approved(found: Found) -> Iterator[dict[str, Any]]:
    for by, rows in found.register.groupby(["customer_id", "currency", "approved_by"], sort=True):
        same = rows[
            [same_person(a, b) for a, b in zip(rows["proposed_by"], rows["approved_by"], strict=True)]
        ]
        if len(same):
            yield _flag(Flag.SELF_APPROVED, same, f"{by[2]} proposed and approved {_items(same)}.")


def same_person(first: object, second: object) -> bool:
    """Whether two names are one, whatever their case, width and spaces; an empty name is nobody's."""
    return bool(bare_name(text(first))) and bare_name(text(first)) == bare_name(text(second))


def _no_approver(found: Found) -> Iterator[dict[str, Any]]:
    for where, said in (
        ("register", "no approver is on record"),
        ("ledger", "the register of debts written off does not hold it"),
    ):
        rows = found.register[
            found.register["approved_by"].fillna("").str.strip().eq("") & found.register["source"].eq(where)
        ]
        if where == "ledger" and not found.book.has("written_off"):
            continue
        for _, part in rows.groupby(["customer_id", "currency"], sort=True):
            yield _flag(Flag.NO_APPROVER, part, f"{_items(part)} without approval: {said}.")


def _clusters(found: Found) -> Iterator[pd.DataFrame]:
    """Runs of write-offs of one customer, currency and person whose first and last day are within the window."""
    window = timedelta(days=found.policies.write_off.split_window_days)
    rows = found.register.assign(person=_persons(found.register))
    for _, part in rows.groupby(["customer_id", "currency", "person"], sort=True):
        yield from _runs(part.sort_values(["written_off_on", "item_id"], kind="stable"), window)


def _runs(part: pd.DataFrame, window: timedelta) -> Iterator[pd.DataFrame]:
    """The longest runs within a window, each row in one run."""
    start = 0
    days = part["written_off_on"].tolist()
    for end in range(1, len(days) + 1):
        if end == len(days) or days[end] - days[start] > window:
            yield part.iloc[start:end]
            start = end


def _persons(rows: pd.DataFrame) -> pd.Series:
    """Who stands behind a write-off: the proposer, else who posted it."""
    proposer = rows["proposed_by"].fillna("").map(bare_name)
    return proposer.where(proposer.ne(""), rows["user"].fillna("").map(bare_name))


def _splits(found: Found) -> Iterator[dict[str, Any]]:
    policy = found.policies.write_off
    within = Fraction(policy.split_within_rate)
    for run in _clusters(found):
        if len(run) < policy.split_min_items:
            continue
        explained = False
        for limit in _thresholds(found, run):
            most = limit_minor(limit, str(run["currency"].iloc[0]), rates=found.rates, on=found.scope.as_of)
            least = times(most, 1 - within, Rounding.CEILING)
            below = run[run["amount"].between(least, most)]
            total = int(below["amount"].sum())
            if most > 0 and len(below) >= policy.split_min_items and total > most:
                explained = True
                code = str(run["currency"].iloc[0])
                yield _flag(Flag.SPLIT, below, f"{_items(below)} in {_days(below)}, each just below the limit of "
                            f"{money(most, code)}, together {money(total, code)}: one loss in parts?")  # fmt: skip
                break
        near = _nearly_equal(run, within)
        if not explained and len(near) >= max(3, policy.split_min_items):
            code = str(near["currency"].iloc[0])
            yield _flag(Flag.NEAR_EQUAL, near, f"{_items(near)} of nearly one amount in {_days(near)}, together "
                        f"{money(int(near['amount'].sum()), code)}: is there a limit that they keep below?")  # fmt: skip


def _nearly_equal(run: pd.DataFrame, within: Fraction) -> pd.DataFrame:
    """The largest group of a run whose smallest amount is within the share of its largest."""
    ordered = run.sort_values("amount", kind="stable")
    amounts = [int(a) for a in ordered["amount"]]
    best, start = (0, 0), 0
    for end in range(len(amounts)):
        while amounts[start] < times(amounts[end], 1 - within, Rounding.CEILING):
            start += 1
        if end + 1 - start > best[1] - best[0]:
            best = (start, end + 1)
    return ordered.iloc[best[0] : best[1]]


def _thresholds(found: Found, run: pd.DataFrame) -> list[WriteOffLimit]:
    """Amounts that somebody may have wanted to keep below: limits that apply to the run, then grants; the lowest first."""
    row = run.iloc[0]
    values = {
        "business_unit": found.scope.entity, "customer": row["customer_id"], "reason": row["reason"],
        "user": row["proposed_by"],
    }  # fmt: skip
    own = [
        limit for limit in found.policies.write_off.limits
        if limit.amount and (not limit.of or limit.of == values.get(limit.scope.value))
    ]  # fmt: skip
    granted = [
        WriteOffLimit(amount=grant.up_to, currency=grant.currency or found.scope.functional_currency)
        for grant in found.policies.authority.grants
        if grant.up_to and grant.may == "approve" and (not grant.kinds or {"write_off", "small_balance"} & set(grant.kinds))
        and (not grant.entities or found.scope.entity in grant.entities)
    ]  # fmt: skip
    code = str(row["currency"])
    return sorted(
        [*own, *granted], key=lambda limit: limit_minor(limit, code, rates=found.rates, on=found.scope.as_of)
    )


def _over_limit(found: Found) -> Iterator[dict[str, Any]]:
    over = over_limits(found.register, scope=found.scope, policies=found.policies, rates=found.rates)
    for at, why in over.items():
        row = found.register.loc[[at]]
        yield _flag(Flag.OVER_LIMIT, row, f"{_amount(row)} was written off; allowed is less: {why}.")


def over_limits(register: pd.DataFrame, *, scope: Scope, policies: Policies, rates: Rates) -> dict[int, str]:
    """The rows of REGISTER whose amount is above what the policy's limits allow, with the limit that binds.

    Limits by age, share, rating, status and segment are for proposals: what they hung on then is not known any more.
    Limits are translated at the closing rate of the as-of date, as for proposals.
    """
    made = {}
    limits = [
        limit for limit in policies.write_off.limits
        if limit.amount is not None and limit.scope.value in ("business_unit", "customer", "reason", "user")
    ]  # fmt: skip
    for at, row in register.iterrows() if limits else ():
        subject = Subject(item_amount=int(row["amount"]), currency=row["currency"], days_past_due=10**6,
                          business_unit=scope.entity, customer=row["customer_id"], reason=text(row["reason"]),
                          user=text(row["proposed_by"]))  # fmt: skip
        plain = [WriteOffLimit(scope=o.scope, of=o.of, amount=o.amount, currency=o.currency) for o in limits]
        limit = allowed(subject, limits=plain, rates=rates, on=scope.as_of)
        if not limit.covers(int(row["amount"])):
            made[int(str(at))] = limit.why
    return made


def _case_at(found: Found, flag: Flag, table: str, stood: Any, said: Any) -> Iterator[dict[str, Any]]:
    """Write-offs for which a record of a table stood on the day of the write-off."""
    for at, row in enumerate(records(found.register)):
        stands = [r for r in found.known.of(table, row) if stood(r, row["written_off_on"])]
        if stands:
            yield _flag(flag, found.register.iloc[[at]], said(stands[0], found.register.iloc[[at]]))


def _stood(begins: str, ends: str) -> Any:
    return lambda record, day: record[begins] <= day and not record[ends] <= day


def _disputed(found: Found) -> Iterator[dict[str, Any]]:
    def said(record: Record, row: pd.DataFrame) -> str:
        return f"{_amount(row)} was written off while dispute {record['dispute_id']} was open."

    yield from _case_at(found, Flag.DISPUTED, "disputes", _stood("opened_on", "closed_on"), said)


def _held(found: Found) -> Iterator[dict[str, Any]]:
    def stood(record: Record, day: pd.Timestamp) -> bool:
        return record["kind"] != HoldKind.BANK_DETAILS and bool(_stood("placed_on", "lifted_on")(record, day))

    def said(record: Record, row: pd.DataFrame) -> str:
        return f"{_amount(row)} was written off while {record['kind'].replace('_', ' ')} hold {record['hold_id']} stood."

    yield from _case_at(found, Flag.HELD, "holds", stood, said)


def _promised(found: Found) -> Iterator[dict[str, Any]]:
    def stood(record: Record, day: pd.Timestamp) -> bool:
        return bool(_stood("promised_on", "closed_on")(record, day)) and bool(record["pay_by"] >= day)

    def said(record: Record, row: pd.DataFrame) -> str:
        return f"{_amount(row)} was written off before promise {record['promise_id']} fell due on {record['pay_by']:%Y-%m-%d}."

    yield from _case_at(found, Flag.PROMISE_OPEN, "promises", stood, said)


def _planned(found: Found) -> Iterator[dict[str, Any]]:
    def said(record: Record, row: pd.DataFrame) -> str:
        return f"{_amount(row)} was written off while payment arrangement {record['plan_id']} was running."

    yield from _case_at(found, Flag.PLAN_OPEN, "plans", is_running, said)


def _credits(found: Found) -> Iterator[dict[str, Any]]:
    since = pd.Timestamp(add_months(found.scope.as_of, -found.policies.write_off.review_months))
    rows = found.flows[found.flows["is_of_credit"].to_numpy(dtype=bool)]
    rows = rows[rows["amount"].gt(0) & rows["date"].gt(since)].rename(columns={"date": "written_off_on"})
    for _, row in rows.groupby("application_id", sort=True):
        plain = row.assign(customer_name="", proposed_by=row["user"], approved_by="")
        yield _flag(
            Flag.CREDIT,
            plain,
            f"A credit of {_amount(row)} was written off: credits go to apply, refund or unclaimed property.",
        )


def _new_sales(found: Found) -> Iterator[dict[str, Any]]:
    items = of_entity(found.book["items"], found.scope.entity)
    bills = items[
        counted(items, scope=found.scope) & items["item_type"].eq(ItemType.INVOICE.value).to_numpy(dtype=bool)
    ]
    bills = bills[bills["replaces"].fillna("").eq("")]  # a rebill is no new sale
    bills = bills.assign(
        day=bills["document_date"].fillna(bills["effective_date"]),
        customer=merged_codes(
            bills["customer_id"], found.book, entity=found.scope.entity, on=found.scope.as_of
        ),
    )
    by_customer = {str(code): own for code, own in bills.groupby("customer")}
    reach = timedelta(days=found.policies.write_off.new_sales_days)
    small = found.register["reason"].isin(["small_balance", "tolerance"])
    for (customer, _), part in found.register[~small].groupby(["customer_id", "currency"], sort=True):
        own = by_customer.get(str(customer))
        if own is None:
            continue
        first = part["written_off_on"].min()
        later = own[own["day"].gt(first) & own["day"].le(part["written_off_on"].max() + reach)]
        if len(later):
            sums = ", ".join(
                money(int(rows["amount"].sum()), str(code))
                for code, rows in later.groupby("currency", sort=True)
            )
            numbers = listed(later["document_no"])
            yield _flag(
                Flag.NEW_SALES,
                part,
                f"{_items(part)} of the customer, then {many(len(later), 'new sale')} of {sums} ({numbers}): why sell on credit again?",
            )


def _quick(found: Found) -> Iterator[dict[str, Any]]:
    days = found.policies.write_off.quick_recovery_days
    back = found.recoveries[found.recoveries["recovered"].gt(0) & found.recoveries["days_since"].le(days)]
    for item, rows in back.groupby("item_id", sort=True):
        off = found.register[found.register["item_id"].eq(item)]
        if len(off):
            code, paid = str(off["currency"].iloc[0]), int(rows["recovered"].sum())
            how = " by reversal" if rows["way"].eq(RecoveryWay.REVERSED.value).all() else ""
            after = int(rows["days_since"].min())
            yield _flag(
                Flag.QUICK_RECOVERY,
                off,
                f"{money(paid, code)} came back{how} {after} days after {_amount(off)} was written off: was it written off too early?",
            )


def _repeated(found: Found) -> Iterator[dict[str, Any]]:
    least = found.policies.write_off.repeated_min_dates
    for _, part in found.register.groupby(["customer_id", "currency"], sort=True):
        count = part["written_off_on"].nunique()
        if count >= least:
            yield _flag(Flag.REPEATED, part, f"{_items(part)} on {count} days within {found.policies.write_off.review_months} months: "
                        "should the customer have been stopped?")  # fmt: skip


def _relief_dates(found: Found) -> Iterator[dict[str, Any]]:
    for at, row in enumerate(records(found.register)):
        mine = found.relief[
            found.relief["item_id"].eq(row["item_id"])
            & found.relief["written_off_on"].eq(row["written_off_on"])
        ]
        for claim in records(mine):
            on, first, last = claim["claimed_on"], claim["earliest_claim"], claim["latest_claim"]
            off = found.register.iloc[[at]]
            if on < first:
                said = f"Tax relief was claimed on {day(on)}, before {day(first)}."
            elif on > last:
                said = f"Tax relief was claimed on {day(on)}, after {day(last)}."
            elif claim["status"] == ReliefStatus.LAPSED:
                said = f"Tax relief of {money(claim['tax_amount'], row['currency'])} was not claimed by {day(last)}."
            else:
                continue
            yield _flag(Flag.RELIEF_DATES, off, said)


PATTERNS = (
    _self_approved, _splits, _over_limit, _no_approver, _disputed, _held, _credits, _planned, _promised, _new_sales, _quick,
    _repeated, _relief_dates,
)  # fmt: skip


def _flag(flag: Flag, rows: pd.DataFrame, finding: str) -> dict[str, Any]:
    ordered = rows.sort_values(["written_off_on", "item_id"], kind="stable")
    first = ordered.iloc[0]
    people = [
        name
        for column in ("proposed_by", "approved_by", "user")
        for name in ordered[column].dropna()
        if name.strip()
    ]
    return {
        "rank": RANK[flag], "flag": flag.value,
        "reference": f"{flag.value}/{first['item_id']}/{first['written_off_on']:%Y-%m-%d}",
        "customer_id": first["customer_id"], "customer_name": first["customer_name"], "items": len(rows),
        "documents": listed(ordered["document_no"]), "currency": first["currency"], "amount": int(rows["amount"].sum()),
        "first_on": first["written_off_on"], "in_period": bool(rows["in_period"].any()),
        "people": ", ".join(dict.fromkeys(people)), "finding": finding,
    }  # fmt: skip


def _items(rows: pd.DataFrame) -> str:
    return f"{many(len(rows), 'write-off')} ({listed(rows['document_no'])})"


def _days(rows: pd.DataFrame) -> str:
    days = (rows["written_off_on"].max() - rows["written_off_on"].min()).days + 1
    return "one day" if days == 1 else f"{days} days"


def _amount(rows: pd.DataFrame) -> str:
    return (
        f"{money(int(rows['amount'].sum()), str(rows['currency'].iloc[0]))} ({listed(rows['document_no'])})"
    )


__all__: Sequence[str] = ("RANK", "flags", "over_limits", "same_person")
