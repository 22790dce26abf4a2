"""What the allowance would be with another overlay or other loss rates, beside the policy's. Nothing is booked. Floor 5.

Exposures, specific reserves and the rates of history are the report's own and stay as they are; only the last step, the
provision matrix, is worked out again, so that a slider answers at once whatever the size of the book.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from arlib.controls import Identity
from arlib.credit.allowance.discount import discount_factors
from arlib.credit.allowance.frames import rate_text
from arlib.credit.allowance.frameworks import resolved
from arlib.credit.allowance.matrix import Matrix, provision_matrix
from arlib.credit.allowance.measure import Measured, measure
from arlib.credit.allowance.overlay import overlays_in_force
from arlib.credit.allowance.standing import buckets_of
from arlib.errors import ParameterError, nearest
from arlib.explore.twins.frames import ALLOWANCE_EFFECT
from arlib.explore.twins.yaml import parameters_text, policy_text
from arlib.money import total
from arlib.policy import AllowancePolicy, Basis
from arlib.policy.allowance import GivenRate, Overlay, RateMethod
from arlib.report.words import day_text, money_text

if TYPE_CHECKING:
    from arlib.explore.books import BookSource
    from arlib.policy import Scope
    from arlib.run.context import Context
    from arlib.run.explore_params import BadDebtWhatIfParams
    from arlib.run.plan import ClosePlan
    from arlib.tables import Book

NOTEBOOK = "bad_debt_what_if"
REASON = "what-if: not approved"
_SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?")
Line = tuple[str, str]  # segment, bucket


@dataclass(frozen=True, kw_only=True, eq=False)
class AllowanceWhatIf:
    """One set of values tried, and their effect. `tried` gives another one; what was measured is kept."""

    source: BookSource
    entity: str
    as_of: date
    overlay: Decimal | None = None  # one factor on every rate instead of the policy's overlays; None: theirs
    rates: Mapping[str, Decimal] = field(
        default_factory=dict
    )  # by bucket, for every segment, instead of history's
    reason: str = REASON
    _books: dict[str, Book] = field(default_factory=dict, repr=False)
    _measured: dict[tuple[str, date], Measured] = field(default_factory=dict, repr=False)

    @property
    def plan(self) -> ClosePlan:
        """The close file's plan."""
        return self.source.plan

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities of the close file."""
        return tuple(each.code for each in self.plan.entities)

    @property
    def buckets(self) -> tuple[str, ...]:
        """The buckets that have a loss rate, by age."""
        return buckets_of(self.plan.policies.aging)

    @cached_property
    def scope(self) -> Scope:
        """Whose books, as of when; by posting dates, as the allowance goes."""
        return self.plan.scope(self.entity, basis=Basis.POSTING, as_of=self.as_of)

    @cached_property
    def measured(self) -> Measured:
        """The allowance by the policy of the close file: what the bad-debt report shows."""
        key = (self.entity, self.as_of)
        if key not in self._measured:
            if self.entity not in self._books:
                self._books[self.entity] = self.source.book(self.entity)
            self._measured[key] = measure(
                self._books[self.entity], scope=self.scope, policies=self.plan.policies
            )
        return self._measured[key]

    def tried(self, **changed: Any) -> AllowanceWhatIf:
        """The same with other: entity, as_of, overlay (Decimal, None for the policy's), rates, reason.

        Raises ParameterError for an entity that is not declared and for values that no policy may have.
        """
        made = replace(self, **changed)
        unknown = sorted(set(made.rates) - set(made.buckets))
        if unknown:
            near = nearest(unknown[0], made.buckets)
            raise ParameterError(
                "a loss rate for a bucket that the aging has not",
                found=", ".join(unknown),
                wanted=", ".join(made.buckets),
                fix=f"Did you mean {near!r}?" if near else "",
            )
        _ = made.scope
        if made.rates or made.overlay is not None:
            replace(
                self.plan.policies.allowance, overlays=made._overlays(),
                given_rates=tuple(GivenRate(bucket=name, rate=rate) for name, rate in made.rates.items()),
            )  # fmt: skip
        return made

    def _overlays(self) -> tuple[Overlay, ...]:
        if self.overlay is None:
            return self.plan.policies.allowance.overlays
        return (
            (Overlay(value=self.overlay, reason=self.reason.strip() or REASON),) if self.overlay != 1 else ()
        )

    @cached_property
    def policy(self) -> AllowancePolicy:
        """The policy that would give the values tried. Where a rate is given, all are: the others as measured, 12 digits."""
        own = replace(self.plan.policies.allowance, overlays=self._overlays())
        if not self.rates:
            return own
        given = [GivenRate(bucket=name, rate=self.rates[name]) for name in self.buckets if name in self.rates]
        for (segment, bucket), rate in sorted(
            self.measured.rates.exact.items(), key=lambda each: self._place(each[0])
        ):
            if bucket not in self.rates:
                given.append(GivenRate(segment=segment, bucket=bucket, rate=Decimal(rate_text(rate))))
        return replace(own, method=RateMethod.GIVEN, given_rates=tuple(given))

    def _place(self, line: Line) -> tuple[str, int]:
        return line[0], self.buckets.index(line[1])

    def _rate(self, line: Line) -> Fraction:
        """The loss rate tried of a line of the pool, before overlays."""
        if not self.rates:
            return self.measured.rates.rate(*line)
        if line[1] in self.rates:
            return Fraction(self.rates[line[1]])
        return Fraction(rate_text(self.measured.rates.rate(*line)))

    @cached_property
    def matrix(self) -> Matrix[Line]:
        """The provision matrix with the values tried."""
        policy = resolved(self.policy)
        rows = self.measured.lines
        at_risk = {
            (str(segment), str(bucket)): int(amount)
            for segment, bucket, amount in zip(
                rows["segment"].fillna(""), rows["bucket"], rows["at_risk"], strict=True
            )
        }
        factors = discount_factors(sorted({bucket for _, bucket in at_risk}), policy=policy)
        return provision_matrix(
            at_risk,
            {line: self._rate(line) for line in at_risk},
            overlays_in_force(policy)[0],
            policy.rounding,
            rounds_at=policy.rounds_at,
            factors={line: factors[line[1]] for line in at_risk},
        )

    @cached_property
    def effect(self) -> pd.DataFrame:
        """ALLOWANCE_EFFECT: every line of the pool, the policy's allowance, what changes it, and the allowance tried."""
        made = []
        for was, line in zip(self.measured.lines.to_dict("records"), self.matrix.lines, strict=True):
            made.append(
                {
                    "entity": self.entity,
                    "segment": line.key[0],
                    "bucket": line.key[1],
                    "at_risk": line.balance,
                    "policy_rate": was["historical_rate"],
                    "tried_rate": rate_text(line.historical_rate),
                    "policy_allowance": int(was["allowance"]),
                    "by_rate": line.at_history - int(was["at_history"]),
                    "by_overlay": line.overlay - int(was["overlay"]),
                    "by_discount": line.discount - int(was["discount"]),
                    "tried_allowance": line.allowance,
                }
            )
        return ALLOWANCE_EFFECT.from_rows(made)

    @property
    def total(self) -> int:
        """The allowance with the values tried: pool and specific reserves, in minor units of the books' currency."""
        return self.matrix.total + self.measured.specific_total

    @cached_property
    def identities(self) -> tuple[Identity, ...]:
        """The policy's allowance and its changes add up to the allowance tried. All hold."""
        rows, code = self.effect, self.scope.functional_currency
        parts = sum(
            total(rows[name]) for name in ("policy_allowance", "by_rate", "by_overlay", "by_discount")
        )
        sides = (
            ("pool", "policy and what changes it", parts, "pool tried", self.matrix.total),
            ("whole", "policy and difference", self.measured.total + parts - total(rows["policy_allowance"]),
             "allowance tried", self.total),
        )  # fmt: skip
        return tuple(
            Identity(name=f"what-if, {name}", left_label=left, left=one, right_label=right, right=other, currency=code,
                     entity=self.entity).require()
            for name, left, one, right, other in sides
        )  # fmt: skip

    @property
    def sentence(self) -> str:
        """The effect in words."""
        code, was = self.scope.functional_currency, self.measured.total
        change = self.total - was
        word = (
            "the same as"
            if not change
            else f"{money_text(abs(change), code)} {'more' if change > 0 else 'less'} than"
        )
        return (
            f"{self.entity}, {day_text(self.as_of)}: the values tried give {money_text(self.total, code)}, {word} the policy's "
            f"{money_text(was, code)}. Specific reserves of {money_text(self.measured.specific_total, code)} are in both."
        )

    @property
    def parameters(self) -> dict[str, str | int]:
        """The values as the parameters of the notebook."""
        is_end = self.as_of == self.plan.period_dates().ends_on
        return {
            "close_file": self.plan.close_file,
            "entity": self.entity,
            "period": self.plan.period,
            "as_of": "" if is_end else self.as_of.isoformat(),
            "overlay": "" if self.overlay is None else format(self.overlay, "f"),
            "rates": ", ".join(f"{name} {self.rates[name]:f}" for name in self.buckets if name in self.rates),
        }

    def saved(self) -> str:
        """The values as YAML parameters for papermill, checked as the notebook checks them."""
        return parameters_text(NOTEBOOK, self.parameters)

    def saved_policy(self) -> str:
        """The values as a policy file for the close, checked as the close checks it. Nothing is saved."""
        return policy_text("allowance", self.policy)


def share_of(text: str) -> Decimal | None:
    """A rate or factor as a person types it: '0.02' or '2 %'; '' is None. ParameterError for anything else."""
    said = text.strip()
    is_percent = said.endswith("%")
    number = said.removesuffix("%").strip()
    if not said:
        return None
    if not _SHARE.fullmatch(number):
        raise ParameterError("a rate", found=text[:40], wanted="decimal text such as 0.02 or 2 %")
    return Decimal(number) / 100 if is_percent else Decimal(number)


def rates_of(text: str) -> dict[str, Decimal]:
    """Rates by bucket as the parameter has them: '1-30 0.02, 31-60 0.05'. ParameterError for anything else."""
    made: dict[str, Decimal] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        bucket, _, rate = part.partition(" ")
        found = share_of(rate)
        if found is None or bucket in made:
            raise ParameterError(
                "rates", found=part[:40], wanted="a bucket and its rate, each once, such as 1-30 0.02"
            )
        made[bucket] = found
    return made


def open_what_if(context: Context) -> AllowanceWhatIf:
    """The what-if of a notebook: ctx = begin("bad_debt_what_if", globals()). Raises what reading the books raises."""
    from arlib.explore.books import BookSource

    given: BadDebtWhatIfParams = context.parameters  # type: ignore[assignment]
    made = AllowanceWhatIf(
        source=BookSource(plan=context.plan), entity=context.scope.entity, as_of=context.scope.as_of
    )
    return made.tried(overlay=share_of(given.overlay), rates=rates_of(given.rates))
