"""The allowance that the open debts require: pool by segment and bucket, specific reserves, and what stays apart.

Floor 1. What is measured, in this order: open debits less set-off (`exposure`), less what disputes will be credited
(`disputes`), less tax where the policy counts net; then specific customers and items go out of the pool (`specific`),
integral security covers a part (`insurance`), and the rest takes its loss rate (`matrix`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.controls import Identity
from arlib.credit.allowance.discount import discount_factors
from arlib.credit.allowance.disputes import dispute_reserve
from arlib.credit.allowance.exposure import Exposed, exposed, tax_share
from arlib.credit.allowance.frames import LossRates, rate_text
from arlib.credit.allowance.frames_measure import (
    ALLOWANCE_LINES,
    BY_SEGMENT,
    EXPOSURES,
)
from arlib.credit.allowance.frameworks import resolved
from arlib.credit.allowance.insurance import cover_exposures, security_used
from arlib.credit.allowance.matrix import Matrix, provision_matrix
from arlib.credit.allowance.overlay import overlays_in_force, require_known
from arlib.credit.allowance.rates import loss_rates
from arlib.credit.allowance.segments import segment_of
from arlib.credit.allowance.specific import Assigned, assign_specific, specific_lines
from arlib.ledger.facts import Ints, ints
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import AgingPolicy, AllowancePolicy, Policies, Scope
from arlib.policy.allowance import Framework
from arlib.tables import Book
from arlib.tables.choices import AllowancePart

KEY = ["item_id", "instalment_no"]
Line = tuple[str, str]  # segment, bucket


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The allowance of one entity at the as-of date under one framework. Amounts are functional minor units."""

    framework: Framework
    rates: LossRates
    exposures: pd.DataFrame  # EXPOSURES: each is in the pool or specific
    excluded: pd.DataFrame  # EXCLUDED: every other open item, with its reason
    lines: pd.DataFrame  # ALLOWANCE_LINES: the pool
    specific: pd.DataFrame  # SPECIFIC_LINES
    dispute_reserve: pd.DataFrame  # DISPUTE_RESERVE: against revenue, no part of the allowance
    security: pd.DataFrame  # SECURITY_USED
    by_segment: pd.DataFrame  # BY_SEGMENT, adds up to the total
    identities: tuple[Identity, ...]  # all hold
    limits: tuple[str, ...]  # sentences

    @property
    def pool(self) -> int:
        """Allowance of the pool: the sum of its lines."""
        return total(self.lines["allowance"])

    @property
    def specific_total(self) -> int:
        """Sum of the specific reserves."""
        return total(self.specific["allowance"])

    @property
    def total(self) -> int:
        """The allowance required: pool and specific."""
        return self.pool + self.specific_total

    @property
    def credit_note_reserve(self) -> int:
        """Expected credits of disputes, against revenue; not in `total`."""
        return total(self.dispute_reserve["reserve"])

    @property
    def separate_reimbursement(self) -> int:
        """Expected reimbursement by security that does not reduce the allowance: an asset or a disclosure."""
        return total(self.security.loc[~self.security["counts"], "reimbursement"])


def measure(book: Book, *, scope: Scope, policies: Policies, rates: LossRates | None = None) -> Measured:
    """The allowance required at the as-of date, by the company's own policy.

    Needs ITEMS, APPLICATIONS and CUSTOMERS; uses INSTALMENTS, REVALUATIONS, CUSTOMER_HISTORY, CUSTOMER_MERGES,
    CONTROL_ACCOUNTS, DISPUTES, SECURITY, SPECIFIC_RESERVES, CLAIMS and FX_RATES where they are. `rates` are
    those of `loss_rates`, worked out where none are given. Facts of the as-of date count. Every identity is
    required to hold. Raises RateError for an open item without functional amount or a limit without a closing
    rate, ParameterError for a policy that leaves a bucket with exposure without a rate, TableError for rows
    that contradict each other.
    """
    opened = open_items(book, scope=scope)
    found = rates or loss_rates(book, scope=scope, aging=policies.aging, policy=policies.allowance)
    return measure_open(
        book, opened, scope=scope, aging=policies.aging, policy=policies.allowance, rates=found
    )


def measure_open(
    book: Book,
    opened: pd.DataFrame,
    *,
    scope: Scope,
    aging: AgingPolicy,
    policy: AllowancePolicy,
    rates: LossRates,
) -> Measured:
    """`measure` with the open items and the rates already at hand: OPEN_ITEMS and LossRates of the same scope."""
    policy = resolved(policy)
    base = exposed(book, opened, scope=scope, aging=aging, policy=policy)
    rows = base.rows
    disputed = dispute_reserve(book, rows, scope=scope, policy=policy)
    undisputed = ints(rows["rest"]) - disputed.expected
    tax, limits = _tax(book, rows, undisputed, scope=scope, policy=policy)
    rows = rows.assign(
        disputed=disputed.expected,
        tax=tax,
        exposure=undisputed - tax,
        segment=segment_of(book, rows, scope=scope, policy=policy).fillna("").astype("str"),
    )
    assigned = assign_specific(book, rows, scope=scope, policy=policy)
    rows = rows.assign(line_id=assigned.line_ids, is_by_person=assigned.is_by_person)
    covered = cover_exposures(book, rows, scope=scope, policy=policy)
    is_pool = rows["line_id"].eq("")
    part = is_pool.map({True: AllowancePart.POOL.value, False: AllowancePart.SPECIFIC.value})
    rows = rows.assign(cover=covered.cover, part=part)

    overlays, on_overlays = overlays_in_force(policy)
    segments = tuple(rows.loc[is_pool, "segment"].unique())
    idle = require_known(overlays, buckets=aging.buckets, segments=segments)
    pool, matrix = _pool(rows[is_pool], rates, scope=scope, aging=aging, policy=policy)
    specific = specific_lines(assigned, rows, scope=scope, policy=policy)
    exact = _row_rates(rows, assigned, matrix)
    made = EXPOSURES.typed(rows).sort_values(KEY, kind="stable", ignore_index=True)
    by_segment = _by_segment(pool, specific, scope=scope)
    identities = _identities(opened, base, made, pool, specific, by_segment, disputed.lines, scope=scope)
    return Measured(
        framework=policy.framework,
        rates=rates,
        exposures=made,
        excluded=base.excluded,
        lines=pool,
        specific=specific,
        dispute_reserve=disputed.lines,
        security=security_used(covered, exact, policy=policy),
        by_segment=by_segment,
        identities=tuple(identity.require() for identity in identities),
        limits=(
            *base.limits,
            *disputed.limits,
            *limits,
            *assigned.limits,
            *on_overlays,
            *idle,
            *_missing(book),
        ),
    )


def _tax(
    book: Book, rows: pd.DataFrame, amounts: Ints, *, scope: Scope, policy: AllowancePolicy
) -> tuple[Ints, tuple[str, ...]]:
    """Tax to leave out of each row, and how many rows do not say theirs."""
    if not policy.is_net_of_tax:
        return np.zeros(len(rows), dtype=np.int64), ()
    tax, silent = tax_share(book, rows, amounts, scope=scope)
    said = f"{silent} open items name no tax amount and are counted whole, though exposures are net of tax."
    return tax, (said,) if silent else ()


def _pool(
    rows: pd.DataFrame, rates: LossRates, *, scope: Scope, aging: AgingPolicy, policy: AllowancePolicy
) -> tuple[pd.DataFrame, Matrix[Line]]:
    """ALLOWANCE_LINES: every segment and bucket that has exposure, in the order of the aging."""
    groups = rows.groupby(["segment", "bucket"], sort=True)
    sums = groups[["exposure", "cover"]].sum().assign(items=groups.size())
    found = {
        (str(segment), str(bucket)): (int(exposure), int(cover), int(items))
        for segment, bucket, exposure, cover, items in sums.reset_index().itertuples(index=False)
    }
    place = {bucket: at for at, bucket in enumerate(aging.buckets)}
    keys = sorted(found, key=lambda key: (key[0], place[key[1]]))
    at_risk = {key: found[key][0] - found[key][1] for key in keys}
    factors = discount_factors(sorted({bucket for _, bucket in keys}), policy=policy)
    matrix = provision_matrix(
        at_risk,
        {key: rates.rate(*key) for key in keys},
        overlays_in_force(policy)[0],
        policy.rounding,
        rounds_at=policy.rounds_at,
        factors={key: factors[key[1]] for key in keys},
    )
    made = [
        {
            "entity": scope.entity, "segment": line.key[0], "bucket": line.key[1], "items": found[line.key][2],
            "exposure": found[line.key][0], "cover": found[line.key][1],
            "at_risk": line.balance, "historical_rate": rate_text(line.historical_rate),
            "applied_rate": rate_text(line.applied.rate), "discount_factor": rate_text(line.factor),
            "at_history": line.at_history, "overlay": line.overlay, "discount": line.discount,
            "allowance": line.allowance, "overlay_reason": _reasons(line.applied.reasons, line.applied.is_capped),
        }
        for line in matrix.lines
    ]  # fmt: skip
    return ALLOWANCE_LINES.from_rows(made), matrix


def _reasons(reasons: tuple[str, ...], is_capped: bool) -> str:
    return "; ".join((*reasons, "held to a rate from 0 to 1") if is_capped else reasons)


def _row_rates(rows: pd.DataFrame, assigned: Assigned, matrix: Matrix[Line]) -> pd.Series:
    """The exact share expected to be lost of each exposure, in present value where it is discounted."""
    of_line = {line.key: line.applied.rate * line.factor for line in matrix.lines}
    of_reserve = {key: each.rate or Fraction(0) for key, each in assigned.reserves.items()}
    places = rows.groupby(["segment", "bucket", "line_id"], sort=False).ngroup().to_numpy()
    first = rows[["segment", "bucket", "line_id"]].assign(place=places).drop_duplicates("place")
    found = {
        int(place): of_reserve[line_id] if line_id else of_line[(segment, bucket)]
        for segment, bucket, line_id, place in first.itertuples(index=False)
    }
    return pd.Series([found[place] for place in places.tolist()], index=rows.index, dtype="object")


def _by_segment(pool: pd.DataFrame, specific: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """BY_SEGMENT: the pool by segment, specific reserves by customer."""
    collective = pool.groupby("segment", as_index=False)[["exposure", "allowance"]].sum()
    single = specific.groupby("customer_id", as_index=False)[["exposure", "allowance"]].sum()
    rows = pd.concat(
        [
            collective.assign(part=AllowancePart.POOL.value, customer_id=""),
            single.assign(part=AllowancePart.SPECIFIC.value, segment=""),
        ],
        ignore_index=True,
    )
    made = BY_SEGMENT.typed(rows.assign(entity=scope.entity))
    return made.sort_values(list(BY_SEGMENT.key), kind="stable", ignore_index=True)


def _identities(
    opened: pd.DataFrame,
    base: Exposed,
    exposures: pd.DataFrame,
    pool: pd.DataFrame,
    specific: pd.DataFrame,
    by_segment: pd.DataFrame,
    disputes: pd.DataFrame,
    *,
    scope: Scope,
) -> tuple[Identity, ...]:
    """What must hold: nothing is lost, nothing is counted twice, and the lines add up."""
    out, own = base.excluded, scope.functional_currency

    def same(
        name: str, left_label: str, left: int, right_label: str, right: int, currency: str = own
    ) -> Identity:
        return Identity(name=f"allowance, {name}", left_label=left_label, left=left, right_label=right_label,
                        right=right, currency=currency, entity=scope.entity)  # fmt: skip

    carried = total(opened["functional_outstanding"]) + total(opened["revaluation"])
    gross, exposure = total(exposures["gross"]), total(exposures["exposure"])
    taken_off = sum(total(exposures[name]) for name in ("set_off", "disputed", "tax"))
    documents = tuple(
        same(
            "open items", "exposures and excluded",
            sum(total(f.loc[f["currency"].eq(code), "outstanding"]) for f in (exposures, out)), "open items",
            total(opened.loc[opened["currency"].eq(code), "outstanding"]), code,
        )
        for code in sorted(opened["currency"].unique())
    )  # fmt: skip
    parts = [
        total(exposures.loc[exposures["part"].eq(part.value), "exposure"])
        for part in (AllowancePart.POOL, AllowancePart.SPECIFIC)
    ]
    return (
        *documents,
        same("rows", "exposures and excluded", len(exposures) + len(out), "open items", len(opened), ""),
        same("carrying amount", "exposures and excluded", gross + total(out["amount"]), "open items", carried),
        same("exposure", "gross less what is taken off", gross - taken_off, "exposure", exposure),
        same("set-off", "taken off debits", total(exposures["set_off"]), "used of credits", total(out["set_off"])),
        same("disputes", "taken off debits", total(exposures["disputed"]), "expected credits",
             total(disputes["expected_credit"])),
        same("pool", "pool lines", total(pool["exposure"]), "exposures in the pool", parts[0]),
        same("specific", "specific lines", total(specific["exposure"]), "specific exposures", parts[1]),
        same("lines", "history, overlay and discount",
             sum(total(pool[name]) for name in ("at_history", "overlay", "discount")), "allowance of the pool",
             total(pool["allowance"])),
        same("segments", "by segment and customer", total(by_segment["allowance"]), "pool and specific",
             total(pool["allowance"]) + total(specific["allowance"])),
    )  # fmt: skip


def _missing(book: Book) -> tuple[str, ...]:
    """What was not looked at, because the book has no such table."""
    words = {
        "specific_reserves": "specific reserves that people set",
        "claims": "claims in bankruptcies and estates",
        "security": "insurance, guarantees and rights of set-off",
        "disputes": "disputes",
        "control_accounts": "roles of accounts",
    }
    named = [f"{text} ({name})" for name, text in words.items() if not book.has(name)]
    return (f"The book does not tell, and the allowance does not know: {'; '.join(named)}.",) if named else ()
