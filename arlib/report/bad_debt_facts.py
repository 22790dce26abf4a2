"""What the bad-debt report is made from, worked out once. Floor 3: frames of `credit.allowance`, no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from arlib.controls import Control, Identity
from arlib.credit.allowance.backtest import back_test
from arlib.credit.allowance.booked import BookedAllowance, booked_allowance
from arlib.credit.allowance.checks import allowance_controls, required_control
from arlib.credit.allowance.discount import unwind
from arlib.credit.allowance.flows import loss_flows
from arlib.credit.allowance.frames import LossRates
from arlib.credit.allowance.frameworks import resolved
from arlib.credit.allowance.lookback import gross_debits, look_back, loss_trend, month_ends
from arlib.credit.allowance.measure import Measured
from arlib.credit.allowance.movement import Movement, Place, movement
from arlib.credit.allowance.past import Past, past_of
from arlib.credit.allowance.proposal import allowance_proposal
from arlib.credit.allowance.rates import given_rates, rates_of
from arlib.credit.allowance.segments import segment_of
from arlib.credit.allowance.sensitivity import sensitivity
from arlib.credit.allowance.standing import buckets_of
from arlib.credit.allowance.support import thin_support
from arlib.credit.allowance.views import Views, views
from arlib.ledger.attributes import customer_attributes
from arlib.ledger.facts import fact_dates, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import allocate
from arlib.policy import AttributesAt, Basis, Policies, Scope
from arlib.policy.allowance import RateMethod
from arlib.report.bad_debt_words import before_approval, pooled_segments_said, weaknesses
from arlib.tables import Book
from arlib.tables.choices import AllowancePart

TREND_MONTHS = 12
OF_HISTORY = (RateMethod.COHORT, RateMethod.ROLL_RATE, RateMethod.VINTAGE)


@dataclass(frozen=True, kw_only=True)
class BadDebt:
    """Everything that tables, charts and sentences of the report show."""

    past: Past
    by_method: Mapping[str, LossRates]  # of each method that looks at history
    views: Views
    flows: pd.DataFrame  # LOSS_FLOWS with part and segment
    booked: BookedAllowance
    movement: Movement
    look_back: pd.DataFrame
    trend: pd.DataFrame
    back_test: pd.DataFrame
    sensitivity: pd.DataFrame
    differences: pd.DataFrame  # ONE_SIDED
    proposals: pd.DataFrame
    blocked: pd.DataFrame
    attributes: pd.DataFrame  # ATTRIBUTES
    item_allowances: pd.DataFrame  # of each customer and bucket: exposure and allowance, pool and specific
    buckets: tuple[str, ...]
    doubts: tuple[str, ...]  # sentences on what the allowance rests on, for who approves it
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]
    credits_recoveries: bool

    @property
    def measured(self) -> Measured:
        """The allowance by the company's own policy."""
        return self.views.management


def gather(book: Book, *, scope: Scope, policies: Policies) -> BadDebt:
    """All parts of the report. The allowance goes by posting dates whatever the scope's basis.

    Needs and raises what `measure` does; every identity is required to hold.
    """
    scope = replace(scope, basis=Basis.POSTING)
    policy = resolved(policies.allowance)
    past = past_of(book, scope=scope, aging=policies.aging, policy=policy)
    is_given = policy.method is RateMethod.GIVEN
    rates = given_rates(aging=policies.aging, policy=policy) if is_given else rates_of(past)
    seen = views(book, scope=scope, policies=policies, rates=rates)
    measured = seen.management
    booked = booked_allowance(book, scope=scope, ledger=policies.tie_out.ledger)
    flows = _placed(book, loss_flows(book, scope=scope, policy=policy), booked, measured, scope, policies)
    credits_recoveries = bool(policy.credits_recoveries)
    moved = movement(
        flows, booked, _closing(measured), scope=scope, credits_recoveries=credits_recoveries,
        unwind=_unwound(booked, scope, policies),
    )  # fmt: skip
    by_method = {
        method.value: rates_of(replace(past, policy=replace(policy, method=method))) for method in OF_HISTORY
    }
    tested, untested = back_test(book, flows, booked, scope=scope, policies=policies)
    doubts = (
        *thin_support(measured.lines, rates, currency=scope.functional_currency),
        *before_approval(measured, booked, by_method, currency=scope.functional_currency),
    )
    proposals, blocked = allowance_proposal(
        book, booked, required=measured.total, specific=measured.specific_total, scope=scope, policy=policy,
        cautions=(*doubts, *weaknesses(measured, tested, currency=scope.functional_currency), *rates.warnings),
    )  # fmt: skip
    controls, differences = allowance_controls(
        book,
        flows,
        booked,
        scope=scope,
        credits_recoveries=credits_recoveries,
        ledger=policies.tie_out.ledger,
    )
    name = next((str(frame["proposal_id"].iloc[0]) for frame in (proposals, blocked) if len(frame)), "")
    buckets = buckets_of(policies.aging)
    otherwise, held = sensitivity(measured.lines, measured.rates, specific=measured.specific_total, buckets=buckets,
                                  scope=scope, policy=policy)  # fmt: skip
    return BadDebt(
        past=past,
        by_method=by_method,
        views=seen,
        flows=flows,
        booked=booked,
        movement=moved,
        look_back=look_back(flows, booked, scope=scope, credits_recoveries=credits_recoveries),
        trend=loss_trend(flows, booked, _gross_by_month(book, scope), scope=scope),
        back_test=tested,
        sensitivity=otherwise,
        differences=differences,
        proposals=proposals,
        blocked=blocked,
        attributes=customer_attributes(book, on=scope.as_of, at=AttributesAt.AS_OF, entity=scope.entity),
        item_allowances=_shared_out(measured),
        buckets=buckets,
        doubts=doubts,
        controls=(*controls, required_control(booked, measured.total, scope=scope, proposal=name)),
        identities=(*measured.identities, *moved.identities, *held),
        limits=(
            *measured.rates.warnings,
            *pooled_segments_said(measured),
            *measured.limits,
            *moved.limits,
            *untested,
        ),
        credits_recoveries=credits_recoveries,
    )


def _placed(
    book: Book,
    flows: pd.DataFrame,
    booked: BookedAllowance,
    measured: Measured,
    scope: Scope,
    policies: Policies,
) -> pd.DataFrame:
    """Each flow with the part of the allowance it belongs to.

    Specific where the books hold, or a person set, a reserve for the customer, or it is measured one by one today.
    """
    kept = booked.entries[booked.entries["part"].eq(AllowancePart.SPECIFIC.value).to_numpy(dtype=bool)]
    reserves = of_entity(book["specific_reserves"], scope.entity)
    named = {*kept["customer_id"].dropna(), *measured.specific["customer_id"], *reserves["customer_id"]}
    is_specific = flows["customer_id"].isin(named)
    return flows.assign(
        part=is_specific.map({True: AllowancePart.SPECIFIC.value, False: AllowancePart.POOL.value}).astype(
            "str"
        ),
        segment=segment_of(book, flows, scope=scope, policy=policies.allowance).fillna("").astype("str"),
    )


def _closing(measured: Measured) -> dict[Place, int]:
    made: dict[Place, int] = {}
    rows = measured.by_segment
    for part, segment, amount in zip(
        rows["part"], rows["segment"].fillna(""), rows["allowance"], strict=True
    ):
        made[part, segment] = made.get((part, segment), 0) + int(amount)
    return made


def _unwound(booked: BookedAllowance, scope: Scope, policies: Policies) -> dict[Place, int]:
    """Interest on the pool's opening; none without a discount rate or entries."""
    if not policies.allowance.discount_rate:
        return {}
    before = booked.entries[
        (booked.entries["posting_date"] < pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    ]
    pool = before[before["part"].eq(AllowancePart.POOL.value).to_numpy(dtype=bool)]
    return {
        (AllowancePart.POOL.value, str(segment)): unwind(
            int(rows["amount"].sum()),
            starts_on=scope.starts_on,
            ends_on=scope.as_of,
            policy=policies.allowance,
        )
        for segment, rows in pool.groupby(pool["segment"].fillna(""))
    }


def _gross_by_month(book: Book, scope: Scope) -> dict[date, int]:
    """Gross open debits of outside customers at the ends of the last twelve months that the records cover."""
    if "snapshot" in book.features:
        ends = [scope.as_of]
    else:
        first = fact_dates(of_entity(book["items"], scope.entity), Basis.POSTING).min()
        start = (pd.Timestamp(scope.as_of) - pd.DateOffset(months=TREND_MONTHS)).date()
        ends = month_ends(max(start, first.date()) if not pd.isna(first) else scope.as_of, scope.as_of)
    customers = book["customers"]
    group = set(customers.loc[customers["is_intercompany"].fillna(False).to_numpy(dtype=bool), "customer_id"])
    made = {}
    for day in ends:
        found = open_items(book, scope=replace(scope, as_of=day))
        made[day] = gross_debits(found, outside=~found["customer_id"].fillna("").isin(group))
    return made


def _shared_out(measured: Measured) -> pd.DataFrame:
    """Allowance by customer and bucket: each line of the matrix and each reserve shared out by exposure, to the cent."""
    rows = measured.exposures
    at_risk = rows["exposure"] - rows["cover"]
    pool = rows.assign(at_risk=at_risk, line=rows["segment"].fillna("") + "\0" + rows["bucket"])
    lines = measured.lines
    of_line = dict(zip(lines["segment"].fillna("") + "\0" + lines["bucket"], lines["allowance"], strict=True))
    of_reserve = dict(zip(measured.specific["line_id"], measured.specific["allowance"], strict=True))
    parts = []
    for part, key, amounts, weight in (
        (AllowancePart.POOL.value, "line", of_line, "at_risk"),
        (AllowancePart.SPECIFIC.value, "line_id", of_reserve, "exposure"),
    ):
        mine = pool[pool["part"].eq(part).to_numpy(dtype=bool)]
        sums = mine.groupby([key, "customer_id", "bucket"], as_index=False)[
            ["gross", "exposure", "at_risk"]
        ].sum()
        shares: dict[int, int] = {}
        for name, group in sums.groupby(key, sort=False):
            weights = [int(x) for x in group[weight]]
            shared = allocate(int(amounts[str(name)]), weights) if sum(weights) else [0] * len(weights)
            shares |= dict(zip(group.index.tolist(), shared, strict=True))
        allowance = pd.Series([shares[at] for at in sums.index.tolist()], index=sums.index, dtype="Int64")
        parts.append(sums.assign(part=part, allowance=allowance))
    columns = ["customer_id", "bucket", "part", "gross", "exposure", "allowance"]
    return pd.concat([part[columns] for part in parts], ignore_index=True)
