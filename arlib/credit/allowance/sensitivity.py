"""What the allowance would be if the rates, the overlays or the ages were otherwise. Floor 1.

Each scenario is the whole provision matrix once more, with the same function, cap and rounding as the measurement: no
result is scaled. Specific reserves stay, since a person set them or the policy did by status.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from arlib.controls import Identity
from arlib.credit.allowance.discount import discount_factors
from arlib.credit.allowance.frames import LossRates
from arlib.credit.allowance.frames_movement import SENSITIVITY
from arlib.credit.allowance.matrix import provision_matrix
from arlib.credit.allowance.overlay import overlays_in_force
from arlib.policy import AllowancePolicy, Scope
from arlib.policy.allowance import Overlay

Line = tuple[str, str]  # segment, bucket
ONE = Fraction(1)


def sensitivity(
    lines: pd.DataFrame,
    rates: LossRates,
    *,
    specific: int,
    buckets: Sequence[str],
    scope: Scope,
    policy: AllowancePolicy,
) -> tuple[pd.DataFrame, tuple[Identity, ...]]:
    """The allowance as measured, and otherwise: SENSITIVITY from the lowest rates to one bucket later.

    `lines` is ALLOWANCE_LINES, `buckets` their order, `specific` the specific allowance in minor units. Scenarios: the
    historical rates less and plus each of the policy's `sensitivity_changes`, capped at 1; no overlays, where any act;
    every amount at the rate of the next bucket, the last one at its own. The identity holds the base against `lines`.
    """
    balances = {
        (str(segment or ""), str(bucket)): int(at_risk)
        for segment, bucket, at_risk in zip(
            lines["segment"].fillna(""), lines["bucket"], lines["at_risk"], strict=True
        )
    }
    exact = {line: rates.rate(*line) for line in balances}
    overlays, _ = overlays_in_force(policy)
    changes = sorted(policy.sensitivity_changes)
    scenarios: list[tuple[str, Mapping[Line, Fraction], Sequence[Overlay]]] = [
        *((f"Rates {_percent(-change)}", _scaled(exact, -change), overlays) for change in reversed(changes)),
        ("As measured", exact, overlays),
        *((f"Rates {_percent(change)}", _scaled(exact, change), overlays) for change in changes),
    ]
    if overlays:
        scenarios.append(("Without overlays", exact, ()))
    scenarios.append(("Everything one bucket later", _shifted(balances, rates, buckets), overlays))

    pools = [(words, _pool(balances, given, acting, policy)) for words, given, acting in scenarios]
    base = next(amount for words, amount in pools if words == "As measured")
    frame = SENSITIVITY.typed(
        pd.DataFrame([
            {"line_no": number, "scenario": words, "pool": pool, "specific": specific, "total": pool + specific,
             "change": pool - base, "is_base": words == "As measured"}
            for number, (words, pool) in enumerate(pools, start=1)
        ])
    )  # fmt: skip
    held = Identity(
        name="sensitivity, base", left_label="matrix once more", left=base, right_label="allowance lines",
        right=int(lines["allowance"].sum()), currency=scope.functional_currency, entity=scope.entity,
    )  # fmt: skip
    return frame, (held.require(),)


def _pool(
    balances: Mapping[Line, int],
    rates: Mapping[Line, Fraction],
    overlays: Sequence[Overlay],
    policy: AllowancePolicy,
) -> int:
    by_bucket = discount_factors(sorted({bucket for _, bucket in balances}), policy=policy)
    matrix = provision_matrix(
        balances, rates, overlays, policy.rounding, rounds_at=policy.rounds_at,
        factors={line: by_bucket[line[1]] for line in balances},
    )  # fmt: skip
    return matrix.total


def _scaled(rates: Mapping[Line, Fraction], change: Decimal) -> dict[Line, Fraction]:
    return {line: min(rate * (1 + Fraction(change)), ONE) for line, rate in rates.items()}


def _shifted(balances: Mapping[Line, int], rates: LossRates, buckets: Sequence[str]) -> dict[Line, Fraction]:
    """For each line the rate of the bucket after its own; the last bucket, and one out of the row, keep theirs."""
    later = dict(itertools.pairwise(buckets))
    return {(segment, bucket): rates.rate(segment, later.get(bucket, bucket)) for segment, bucket in balances}


def _percent(change: Decimal) -> str:
    return f"{(change * 100).normalize():+f} %"
