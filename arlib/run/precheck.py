"""What can be told before a kernel starts: that the extracts can answer what the policies ask. Floor 4.

A fault found here leaves nothing behind; the same fault inside a notebook would be a failed run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, RateError
from arlib.policy import Unit
from arlib.run.plan import ClosePlan

if TYPE_CHECKING:
    from arlib.tables import Book

USES_LIMIT = {"aging", "month_end_summary"}  # notebooks that cannot do without the limit


def require_answerable(
    book: Book, plan: ClosePlan, entities: Iterable[str], *, notebooks: Iterable[str]
) -> None:
    """Raise RateError for a currency without the closing rate that a limit needs, naming all of them at once.

    Raises ParameterError where the book shows a single day and the period ends on another.
    """
    ends_on = plan.period_dates().ends_on
    if "snapshot" in book.features and book.snapshot_date != ends_on.isoformat():
        raise ParameterError(
            "the extract shows one day only", where=f"period {plan.period}", found=ends_on.isoformat(),
            wanted=book.snapshot_date, fix="Close the period that ends on that day, or age it with `arlib age`.",
        )  # fmt: skip
    if plan.policies.large_balance.unit is not Unit.REPORTING or not USES_LIMIT & set(notebooks):
        return
    from arlib.money import Rates

    rates = Rates.of(book["fx_rates"])
    items = book["items"]
    missing: list[str] = []
    for code in entities:
        reporting = plan.policies.large_balance.reporting_currency or plan.entity(code).functional_currency
        for currency in sorted(items.loc[items["entity"].eq(code), "currency"].dropna().unique()):
            try:
                rates.find(currency, reporting, ends_on)
            except RateError:
                missing.append(f"{currency} to {reporting} ({code})")
    if missing:
        raise RateError(
            f"no closing rate on {ends_on} for {', '.join(missing)}", where="large_balance",
            fix='Give fx_rates, or set large_balance: {unit: "document"}.',
        )  # fmt: skip
