"""One amount in parts, each just below a limit: changes of one customer and person within some days. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

import pandas as pd

from arlib.credit.write_off.limits import limit_minor
from arlib.errors import RateError
from arlib.money import Rates, Rounding, times
from arlib.policy import Policies, Scope
from arlib.policy.authority import bare_name
from arlib.policy.write_off import WriteOffLimit

_FEWEST = 2


def split_changes(
    rows: pd.DataFrame, *, scope: Scope, policies: Policies, rates: Rates, days: int, within: Fraction
) -> dict[int, str]:
    """Rows (by place) that are parts of an amount above a limit, with the sentence.

    The rule is that of the flags on write-offs (`credit.write_off.flags`): at least two changes of one kind, customer, currency
    and person, first and last within `days`, each of at least 1 - `within` of a limit and not above it, together above it.
    Limits are the grants of the authority policy for the kind and, for write-offs, those of the write-off policy; the
    lowest that explains a run is named. A limit without a closing rate is left out here. Rows need `kind`, `authority_kind`,
    `customer_id`, `currency`, `person`, `day`, `change`, `reason`, `document_no`.
    """
    made: dict[int, str] = {}
    who = rows["person"].fillna("").map(bare_name)
    work = rows.assign(who=who, place=range(len(rows)))
    work = work[work["who"].ne("").to_numpy(dtype=bool)]
    for (kind, _, code, _), part in work.groupby(["kind", "customer_id", "currency", "who"], sort=True):
        if len(part) < _FEWEST:
            continue
        ordered = part.sort_values(["day", "place"], kind="stable")
        for run in _runs(ordered, timedelta(days=days)):
            most = _limits(run, str(kind), str(code), scope=scope, policies=policies, rates=rates)
            for place, said in _below(run, most, within):
                made[place] = said
    return made


def _runs(part: pd.DataFrame, window: timedelta) -> Iterator[pd.DataFrame]:
    """Runs whose first and last day are within the window, each row in one run."""
    days, start = part["day"].tolist(), 0
    for end in range(1, len(days) + 1):
        if end == len(days) or days[end] - days[start] > window:
            if end - start >= _FEWEST:
                yield part.iloc[start:end]
            start = end


def _below(run: pd.DataFrame, limits: Sequence[int], within: Fraction) -> Iterator[tuple[int, str]]:
    for most in limits:
        least = times(most, 1 - within, Rounding.CEILING)
        mine = run[run["change"].between(least, most).to_numpy(dtype=bool)]
        if most > 0 and len(mine) >= _FEWEST and int(mine["change"].sum()) > most:
            named = ", ".join(mine["document_no"].astype(str))
            for place in mine["place"]:
                yield int(place), f"{len(mine)} changes just below one limit, together above it ({named})"
            return


def _limits(
    run: pd.DataFrame, kind: str, code: str, *, scope: Scope, policies: Policies, rates: Rates
) -> list[int]:
    """Amounts in minor units of a currency that somebody may have wanted to keep below, the lowest first."""
    kinds = set(run["authority_kind"])
    named = [
        WriteOffLimit(amount=grant.up_to, currency=grant.currency or scope.functional_currency)
        for grant in policies.authority.grants
        if grant.up_to and grant.may == "approve" and (not grant.kinds or kinds & set(grant.kinds))
        and (not grant.entities or scope.entity in grant.entities)
    ]  # fmt: skip
    if kind == "write_off":
        values = {
            "business_unit": {scope.entity},
            "customer": set(run["customer_id"]),
            "reason": set(run["reason"]),
        }
        named += [
            limit for limit in policies.write_off.limits
            if limit.amount and (not limit.of or limit.of in values.get(limit.scope.value, set()))
        ]  # fmt: skip
    made = set()
    for limit in named:
        try:
            made.add(limit_minor(limit, code, rates=rates, on=scope.as_of))
        except RateError:
            continue
    return sorted(made)
