"""Earlier allowances against what became of the receivables since, by bucket, and which way they erred. Floor 1.

What was lost, recovered and is still open is that of the back-test of `credit.allowance`, bucket by bucket; cash and
credits stand apart here. The review judges the estimate by its outcome and not the judgement of then: what was known
then decides (ISA 540 (Revised).14; AS 2501; AS 2401.64). Errors that all lie on one side may point to bias (ISA 540.32).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames_parties import LOOK_BACK_DATES, OUTCOME_ITEMS, OUTCOMES
from arlib.audit.ledger.population import Split, ledger_controls, split
from arlib.audit.options.ledger import LookBackOptions
from arlib.controls import Control, Identity
from arlib.credit.allowance.backtest import back_test, scope_at
from arlib.credit.allowance.booked import BookedAllowance, booked_allowance
from arlib.credit.allowance.flows import loss_flows, losses
from arlib.credit.allowance.frames import rate_text
from arlib.credit.allowance.frames_movement import LossFlow
from arlib.credit.allowance.frameworks import resolved
from arlib.credit.allowance.history import Flow, history_of
from arlib.credit.allowance.lookback import look_back
from arlib.credit.allowance.measure import Measured, measure
from arlib.credit.allowance.standing import buckets_of
from arlib.ledger.openitems import open_items
from arlib.ledger.replaced import carried_items
from arlib.money import allocate, divide, total, totals_by
from arlib.policy import AllowancePolicy, Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import AllowancePart, ItemType
from arlib.tables.rows import is_none, records

PARTS = ("cash", "credited", "lost", "still_open", "recovered")


@dataclass(frozen=True, kw_only=True)
class LookedBack:
    """What became of the receivables of earlier dates."""

    dates: pd.DataFrame  # LOOK_BACK_DATES, latest first
    buckets: pd.DataFrame  # OUTCOMES
    losses: pd.DataFrame  # OUTCOME_ITEMS
    windows: pd.DataFrame  # LOOK_BACK of credit.allowance: what was booked, by twelve months
    booked: BookedAllowance
    direction: str  # over, under, even, mixed, not_yet or unknown
    population: Split
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]


def looked_back(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> LookedBack:
    """The month ends so many months before the as-of date, their allowances, and the outcome up to the as-of date.

    Needs what `measure` and `loss_flows` need; uses ALLOWANCE_ENTRIES for what was booked. The allowance of then is
    measured by today's policy on the facts posted by then. The outcome counts from the day after a date to the as-of
    date, both in, on the debts themselves and on what carries them on; amounts are carrying amounts of then, and shares of
    them. A date before the first posted item is left out and said. The population limits nothing here but what stands
    in the table of losses. Every identity is required to hold. Raises what `measure` raises.
    """
    scope = replace(scope, basis=Basis.POSTING)
    options = ask.options or LookBackOptions()
    policies = replace(policies, allowance=replace(policies.allowance, backtest_months=options.months_back))
    policy = resolved(policies.allowance)
    booked = booked_allowance(book, scope=scope, ledger=policies.tie_out.ledger)
    flows = loss_flows(book, scope=scope, policy=policy)
    tested, limits = back_test(book, flows, booked, scope=scope, policies=policies)
    now = open_items(book, scope=scope)
    roots = _Roots(book, scope)
    settled = _settled(book, scope, policy) if len(tested) else {}
    dates, buckets, items, identities, controls = [], [], [], [], []
    for row in records(tested):
        then = row["as_of"].date()
        measured = measure(book, scope=scope_at(scope, then), policies=policies)
        parts = _outcomes(measured, flows, now, roots, settled, then=then, scope=scope)
        dates.append(_date_row(row, parts))
        buckets += _bucket_rows(then, parts, measured, buckets_of(policies.aging))
        items.append(_lost_items(then, parts, roots, ask, book, scope))
        identities += _identities(row, parts, measured, buckets, then, scope)
        controls.append(_control(row, parts, then, scope))
    for identity in identities:
        identity.require()
    part = split(now, ask.population, amount="outstanding", entity=scope.entity)
    frame = LOOK_BACK_DATES.from_rows(dates)
    return LookedBack(
        dates=frame, buckets=OUTCOMES.from_rows(buckets),
        losses=pd.concat(items, ignore_index=True) if items else OUTCOME_ITEMS.empty(),
        windows=look_back(flows, booked, scope=scope, credits_recoveries=bool(policy.credits_recoveries)),
        booked=booked, direction=direction_of(frame["direction"].tolist()), population=part,
        controls=(*ledger_controls(book, now, scope=scope, name="look_back"), *controls),
        identities=(*identities, *part.identities), limits=limits,
    )  # fmt: skip


def direction_of(each: list[str]) -> str:
    """Over, under or even where all dates that can be judged say so, else mixed; not_yet or unknown where none can."""
    said = {one for one in each if one not in ("unknown", "not_yet")}
    if not said:
        return "not_yet" if "not_yet" in each else "unknown"
    return said.pop() if len(said) == 1 else "mixed"


def judged(over: int | None, still_open: int) -> str:
    """One date: less than was lost is under, whatever is still open; more is over only by what may not be lost yet.

    `over` is the allowance less the net loss so far, `still_open` what of the receivables of then may yet be lost at most.
    """
    if over is None:
        return "unknown"
    if over < 0:
        return "under"
    if over > still_open:
        return "over"
    return "not_yet" if still_open else "even"


class _Roots:
    """The first document that each item carries on; a recovery carries on nothing."""

    def __init__(self, book: Book, scope: Scope) -> None:
        items = book["items"]
        mine = items[
            (items["entity"].eq(scope.entity) & items["item_type"].ne(ItemType.RECOVERY.value)).to_numpy(
                dtype=bool
            )
        ]
        kept = Book(tables={"items": mine})
        self.first = {item: chain[-1] for item, chain in carried_items(kept, entity=scope.entity).items()}

    def of(self, item_ids: pd.Series) -> pd.Series:
        """The root of each item, itself where it carries on nothing."""
        return pd.Series([self.first.get(item, item) for item in item_ids], index=item_ids.index, dtype="str")


def _settled(book: Book, scope: Scope, policy: AllowancePolicy) -> dict[str, Any]:
    """The history of all debts once, and the place of each in it."""
    history = history_of(book, scope=scope, policy=policy)
    return {"history": history, "place": {item: at for at, item in enumerate(history.lives.ids)}}


def _outcomes(
    measured: Measured,
    flows: pd.DataFrame,
    now: pd.DataFrame,
    roots: _Roots,
    settled: dict[str, Any],
    *,
    then: date,
    scope: Scope,
) -> pd.DataFrame:
    """One row a debt and bucket of then: gross, and what became of it; parts of gross add up to it."""
    rows = measured.exposures.assign(root=roots.of(measured.exposures["item_id"]))
    by_root = totals_by(rows, "root", ["gross", "outstanding"]).set_index("root")
    mine = now[(now["outstanding"].gt(0) & now["item_type"].ne(ItemType.RECOVERY.value)).to_numpy(dtype=bool)]
    rest = mine.groupby(roots.of(mine["item_id"]))["outstanding"].sum()
    made = by_root.assign(rest=rest.reindex(by_root.index).fillna(0).astype("Int64"))
    made["still_open"] = pd.array([
        divide(int(gross) * min(int(left), int(open_)), int(open_)) if open_ else 0
        for gross, open_, left in zip(made["gross"], made["outstanding"], made["rest"], strict=True)
    ], dtype="Int64")  # fmt: skip
    for name, flow in (("lost", LossFlow.WRITE_OFF), ("recovered", LossFlow.RECOVERY)):
        since = losses(flows, flow, after=then, until=scope.as_of)
        sums = totals_by(since.assign(root=roots.of(since["item_id"])), "root", "loss").set_index("root")[
            "loss"
        ]
        made[name] = sums.reindex(made.index).fillna(0).astype("Int64")
    gone = made["gross"] - made["lost"] - made["still_open"]
    made["credited"] = _credited(made, gone, settled, then)
    made["cash"] = gone - made["credited"]
    return _by_bucket(rows, made)


def _credited(made: pd.DataFrame, gone: pd.Series, settled: dict[str, Any], then: date) -> pd.Series:
    """What credit memos, discounts and adjustments settled since: their share of what cash and credits settled together."""
    history, place = settled["history"], settled["place"]
    day = int(np.datetime64(then, "D").astype(np.int64))
    upto, all_ = history.settled(day), history.settled()
    since = {flow: all_[int(flow)] - upto[int(flow)] for flow in (Flow.PAID, Flow.CREDITED)}
    credited = []
    for root, amount in zip(made.index, gone, strict=True):
        at = place.get(root)
        paid, credit = (
            (0, 0)
            if at is None
            else (max(int(since[Flow.PAID][at]), 0), max(int(since[Flow.CREDITED][at]), 0))
        )
        credited.append(divide(int(amount) * credit, paid + credit) if paid + credit else 0)
    return pd.Series(pd.array(credited, dtype="Int64"), index=made.index)


def _by_bucket(rows: pd.DataFrame, outcome: pd.DataFrame) -> pd.DataFrame:
    """The outcome of each debt in its bucket; of a debt that stood in several, shared out by gross amount."""
    by = ["root", "bucket"]
    made = totals_by(rows, by, "gross")
    counts = rows.groupby(by).size().rename("items").reset_index()
    is_specific = rows.assign(specific=rows["part"].eq(AllowancePart.SPECIFIC.value))
    specific = is_specific.groupby(by)["specific"].any().reset_index()
    first = rows.drop_duplicates(by)[[*by, "customer_id", "document_no"]]
    made = made.merge(counts, on=by).merge(specific, on=by).merge(first, on=by)
    for name in PARTS:
        made[name] = made["root"].map(outcome[name]).astype("Int64")
    for root in made.loc[made["root"].duplicated(), "root"].unique():
        at = made.index[made["root"].eq(root).to_numpy(dtype=bool)]
        weights = [int(value) for value in made.loc[at, "gross"]]
        left = list(weights)
        for name in ("lost", "still_open", "credited", "recovered"):
            shared = allocate(int(outcome[name].loc[root]), weights)
            made.loc[at, name] = pd.array(shared, dtype="Int64")
            left = left if name == "recovered" else [a - b for a, b in zip(left, shared, strict=True)]
        made.loc[at, "cash"] = pd.array(left, dtype="Int64")
    return made


def _date_row(row: dict[str, Any], parts: pd.DataFrame) -> dict[str, Any]:
    """LOOK_BACK_DATES from a row of the back-test and the outcomes behind it."""
    sums = {name: total(parts[name]) for name in ("gross", *PARTS)}
    net = sums["lost"] - sums["recovered"]
    booked = None if is_none(row["booked"]) else int(row["booked"])
    over = None if is_none(row["over"]) else int(row["over"])
    booked_over = None if booked is None else booked - net
    resolved = Fraction(sums["gross"] - sums["still_open"], sums["gross"]) if sums["gross"] else Fraction(1)
    return {
        **sums, "as_of": row["as_of"], "months_since": int(row["months_since"]), "history_months": int(row["history_months"]),
        "booked": booked, "allowance": int(row["allowance"]), "booked_over": booked_over, "over": over,
        "resolved": rate_text(resolved) if sums["gross"] else None,
        "direction": judged(over if booked_over is None else booked_over, max(sums["still_open"], 0)),
    }  # fmt: skip


def _bucket_rows(
    then: date, parts: pd.DataFrame, measured: Measured, buckets: tuple[str, ...]
) -> list[dict[str, Any]]:
    """OUTCOMES of one date, in the order of the aging."""
    allowances = _allowances(measured)
    sums = {row["bucket"]: row for row in records(totals_by(parts, "bucket", ["gross", "items", *PARTS]))}
    made = []
    for number, bucket in enumerate(buckets, start=1):
        if bucket not in sums:
            continue
        row = {name: int(sums[bucket][name]) for name in ("gross", "items", *PARTS)}
        allowance, net = allowances.get(bucket, 0), row["lost"] - row["recovered"]
        made.append({
            **row, "as_of": pd.Timestamp(then), "bucket_no": number, "bucket": bucket, "allowance": allowance, "over": allowance - net,
            "loss_rate": rate_text(Fraction(net, row["gross"])) if row["gross"] else None,
            "allowance_rate": rate_text(Fraction(allowance, row["gross"])) if row["gross"] else None,
        })  # fmt: skip
    return made


def _allowances(measured: Measured) -> dict[str, int]:
    """The allowance by bucket: the pool's lines, and each specific reserve shared out over its items by exposure."""
    made: dict[str, int] = {}
    for bucket, amount in zip(measured.lines["bucket"], measured.lines["allowance"], strict=True):
        made[str(bucket)] = made.get(str(bucket), 0) + int(amount)
    rows = measured.exposures[
        measured.exposures["part"].eq(AllowancePart.SPECIFIC.value).to_numpy(dtype=bool)
    ]
    reserves = dict(zip(measured.specific["line_id"], measured.specific["allowance"], strict=True))
    for line, part in rows.groupby("line_id", sort=True):
        sums = part.groupby("bucket", sort=True)[["exposure", "gross"]].sum()
        column = "exposure" if int(sums["exposure"].sum()) else "gross"
        weights = [int(value) for value in sums[column]]
        shared = allocate(int(reserves.get(str(line), 0)), weights) if sum(weights) else [0] * len(weights)
        for bucket, amount in zip(sums.index, shared, strict=True):
            made[str(bucket)] = made.get(str(bucket), 0) + amount
    return made


def _lost_items(
    then: date, parts: pd.DataFrame, roots: _Roots, ask: Ask, book: Book, scope: Scope
) -> pd.DataFrame:
    """OUTCOME_ITEMS of one date, as far as the question is about them, largest loss first."""
    hit = parts[(parts["lost"].ne(0) | parts["recovered"].ne(0)).to_numpy(dtype=bool)]
    items = book["items"]
    own = items[items["entity"].eq(scope.entity).to_numpy(dtype=bool)].drop_duplicates("item_id")
    asked = set(own.loc[ask.population.chosen(own, amount="amount").to_numpy(dtype=bool), "item_id"])
    hit = hit[hit["root"].isin(asked).to_numpy(dtype=bool)].sort_values("bucket", kind="stable")
    first = hit.drop_duplicates("root")[["root", "customer_id", "bucket", "specific"]]
    sums = totals_by(hit, "root", ["gross", "lost", "recovered"]).merge(first, on="root")
    numbers = own.set_index("item_id")["document_no"]
    made = OUTCOME_ITEMS.typed(sums.assign(
        as_of=pd.Timestamp(then), item_id=sums["root"], document_no=sums["root"].map(numbers), was_specific=sums["specific"],
    ))  # fmt: skip
    return made.sort_values(["lost", "item_id"], ascending=[False, True], kind="stable", ignore_index=True)


def _identities(
    row: dict[str, Any],
    parts: pd.DataFrame,
    measured: Measured,
    buckets: list[dict[str, Any]],
    then: date,
    scope: Scope,
) -> list[Identity]:
    """The buckets' gross and allowance = those of the back-test; what became of the gross amount adds up to it."""
    sums = {name: total(parts[name]) for name in ("gross", *PARTS)}
    mine = [one for one in buckets if one["as_of"] == pd.Timestamp(then)]
    pairs = [
        ("exposure", sum(one["gross"] for one in mine), "back-test", int(row["exposure"])),
        ("allowance", sum(one["allowance"] for one in mine), "back-test", measured.total),
        (
            "outcome",
            sums["cash"] + sums["credited"] + sums["lost"] + sums["still_open"],
            "gross",
            sums["gross"],
        ),
    ]
    return [
        Identity(name=f"look-back at {then:%Y-%m-%d}, {name}", entity=scope.entity, currency=scope.functional_currency,
                 left_label="by bucket", left=left, right_label=against, right=right)
        for name, left, against, right in pairs
    ]  # fmt: skip


def _control(row: dict[str, Any], parts: pd.DataFrame, then: date, scope: Scope) -> Control:
    """What was lost or is still open, debt by debt, against the back-test of the allowance, which counts it in total."""
    left = total(parts["lost"]) - total(parts["recovered"]) + total(parts["still_open"])
    return Control(
        name="look_back_outcome", title=f"Lost, less recovered, and still open of {then:%Y-%m-%d}: by bucket = back-test",
        entity=scope.entity, currency=scope.functional_currency, left_label="by bucket", left=left, right_label="back-test",
        right=int(row["lost"]) - int(row["recovered"]) + int(row["still_open"]),
    )  # fmt: skip
