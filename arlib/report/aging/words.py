"""The chart and the sentences of an aging. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.ledger.aging import CREDIT, UNAPPLIED
from arlib.money import Rounding, divide, iso_code, total
from arlib.policy import AgeFrom, AgingPolicy, Credits, Policies, Scope
from arlib.report.aging.part import AgingPart
from arlib.report.model import Chart, ChartKind
from arlib.report.tables import in_words
from arlib.report.words import amount_text, counted, day_text, money_text

AGE_FROM = {
    AgeFrom.DUE_DATE: "due date",
    AgeFrom.ORIGINAL_DUE_DATE: "original due date",
    AgeFrom.DOCUMENT_DATE: "document date",
}


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind an aging, in words."""
    aging_, large = policies.aging, policies.large_balance
    limit = "at or above" if large.is_inclusive else "above"
    credits_ = "in columns of their own" if aging_.credits is Credits.SHOWN else "netted"
    return {
        "Aged from": AGE_FROM[aging_.age_from],
        "Buckets": ", ".join(aging_.past_due_buckets),
        "Credits and unapplied cash": credits_,
        "By instalment": "yes" if aging_.by_instalment else "no",
        "Large balance": f"{limit} {large.amount:,} at {large.min_days_past_due} days past due and more, "
        f"in {large.unit.value} currency",
    }  # fmt: skip


def charts(part: AgingPart, scope: Scope, policy: AgingPolicy) -> tuple[Chart, ...]:
    """Open amounts by age: of all currencies in functional currency, else of the currency with most lines."""
    counted_ = part.sums[part.sums["lines"] > 0].sort_values(["lines", "currency"], ascending=[False, True])
    if part.functional is not None:
        long, code, said = part.functional, scope.functional_currency, "all currencies at booking rates"
    elif len(counted_):
        code = str(counted_["currency"].iloc[0])
        everything = part.by["currency"]
        long, said = everything[everything["currency"].eq(code)], f"items in {iso_code(code)} only"
    else:
        long, code, said = part.by["currency"], scope.functional_currency, "no open items"
    sums = {bucket: total(long.loc[long["bucket"].eq(bucket), "amount"]) for bucket in policy.buckets}
    frame = pd.DataFrame({
        "label": pd.Series([in_words(bucket) for bucket in sums], dtype="str"),
        "amount": pd.Series(list(sums.values()), dtype="Int64"),
    })  # fmt: skip
    whole = sum(sums.values())
    late = sum(sums[bucket] for bucket in policy.past_due_buckets)
    # open credits are no part of what could be past due: set against them, all of it might be
    debits = sum(amount for bucket, amount in sums.items() if bucket not in (CREDIT, UNAPPLIED))
    of = "of which" if debits == whole else "of the debits"
    share = f", {of} {percent(late, debits)} past due" if debits > 0 else ""
    sentence = f"{money_text(whole, code)} is open at {day_text(scope.as_of)}{share} ({said})."
    alt = "Bars by age: " + "; ".join(
        f"{in_words(bucket)} {amount_text(amount, code)}" for bucket, amount in sums.items()
    )
    return (
        Chart(name="aging", title=f"Open amount by age, {iso_code(code)}", sentence=sentence, alt=f"{alt}. {sentence}",
              kind=ChartKind.AGING_BARS, frame=frame, currency=code),
    )  # fmt: skip


def percent(part: int, whole: int) -> str:
    """A share in percent with one place, from whole numbers: `12.3 %`."""
    tenths = divide(1000 * part, whole, Rounding.HALF_UP)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10} %"


def findings(part: AgingPart, policies: Policies) -> tuple[str, ...]:
    """What to decide next."""
    made = []
    if part.counts["large_balances"]:
        unit, worth = str(part.large_sums["reporting_currency"].iloc[0]), part.large_sums["reporting_amount"]
        money = f", together {money_text(int(worth.iloc[0]), unit)}" if len(worth) == 1 else ""
        made.append(
            f"Decide on {counted(part.counts['large_customers'], 'customer')} with large balances "
            f"{policies.large_balance.min_days_past_due} days past due and more{money}."
        )
    for bucket, what in (
        ("unapplied", "Apply or refund unapplied cash"),
        ("credit", "Settle open credits"),
        ("no_due_date", "Set due dates"),
    ):
        rows = part.buckets[part.buckets["bucket"].eq(bucket)]
        if len(rows):
            items = counted(int(rows["items"].sum()), "item")
            made.append(f"{what}: {items}, {_by_currency(rows, 'outstanding')}.")
    if part.counts["nameless"]:
        items = counted(part.counts["nameless"], "item")
        made.append(f"{items} re-aged in the period without a named authoriser.")
    differ = part.sums[part.sums["differing"] > 0]
    if len(differ):
        made.append(
            f"The customer view differs from the ledger view by {_by_currency(differ, 'bridge')} "
            f"({counted(int(differ['differing'].sum()), 'fact')})."
        )
    return tuple(made)


def _by_currency(rows: pd.DataFrame, column: str) -> str:
    """Totals in words: `EUR 12.00, USD -3.50`; one row a currency."""
    ordered = rows.sort_values("currency")
    return ", ".join(
        money_text(int(amount), str(code))
        for code, amount in zip(ordered["currency"], ordered[column], strict=True)
    )
