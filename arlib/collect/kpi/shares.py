"""Shares of cash, losses, promises and disputes. Floor 1. Pure formulas on exact numbers.

No standards body publishes these: the source of each is a vendor's definition, or it is named as derived.
"""

from __future__ import annotations

from arlib.collect.kpi.figure import Convention, Figure, Number, Unit, cannot, exact, quotient


def _share(kpi: str, name: str, words: str, source: str, *, better: bool = False) -> Convention:
    return Convention(
        kpi=kpi, name=name, unit=Unit.PERCENT, words=words, source=source, higher_is_better=better
    )


CASH_APPLIED = _share(
    "cash_application_rate",
    "receipts_of_month",
    "applied ÷ receipts less returns and refunds",
    "vendor definition",
    better=True,
)
ACCURACY = _share(
    "cash_application_accuracy",
    "by_number",
    "applications that stood ÷ applications",
    "vendor definition",
    better=True,
)
UNAPPLIED = _share(
    "unapplied_rate",
    "receipts_of_month",
    "unapplied and on account ÷ receipts less returns and refunds",
    "derived from the cash application rate",
)
BAD_DEBT = _share(
    "bad_debt_to_sales",
    "month",
    "write-offs net of recoveries ÷ credit sales of the month",
    "vendor definition",
)
BAD_DEBT_YEAR = _share(
    "bad_debt_to_sales",
    "twelve_months",
    "write-offs net of recoveries ÷ credit sales, of twelve months",
    "vendor definition",
)
RECOVERY = _share(
    "recovery_rate",
    "month",
    "collected net of returns ÷ receivables at the start of the month",
    "vendor definition",
    better=True,
)
KEPT_BY_NUMBER = _share(
    "promises_kept", "by_number", "promises kept ÷ promises due, by number", "vendor definitions", better=True
)
KEPT_BY_AMOUNT = _share(
    "promises_kept",
    "by_amount",
    "amount of promises kept ÷ amount of promises due",
    "vendor definitions",
    better=True,
)
DISPUTED_BY_NUMBER = _share(
    "dispute_rate", "opened_by_number", "disputes opened ÷ invoices billed, by number", "vendor definitions"
)
DISPUTED_BY_AMOUNT = _share(
    "dispute_rate", "opened_by_amount", "amount of disputes opened ÷ credit sales", "vendor definitions"
)
CYCLE = Convention(kpi="dispute_cycle", name="closed_in_month", unit=Unit.DAYS,
                   words="mean days from opening to closing of the disputes closed", source="vendor definitions")  # fmt: skip
COVERED = _share(
    "contact_coverage",
    "by_accounts",
    "open accounts contacted within their days ÷ open accounts in cadence",
    "policy of contact",
    better=True,
)
RIGHT_CONTACT = _share(
    "right_contact_coverage",
    "by_accounts",
    "open accounts whose right contact was reached within their days ÷ open accounts in cadence",
    "policy of contact",
    better=True,
)

SHARES = (
    CASH_APPLIED, ACCURACY, UNAPPLIED, BAD_DEBT, BAD_DEBT_YEAR, RECOVERY, KEPT_BY_NUMBER, KEPT_BY_AMOUNT,
    DISPUTED_BY_NUMBER, DISPUTED_BY_AMOUNT, CYCLE, COVERED, RIGHT_CONTACT,
)  # fmt: skip
BY_NUMBER = frozenset({ACCURACY, KEPT_BY_NUMBER, DISPUTED_BY_NUMBER, CYCLE, COVERED, RIGHT_CONTACT})


def cash_application_rate(*, applied: Number, receipts: Number) -> Figure:
    """Cash applied ÷ receipts × 100."""
    return quotient(CASH_APPLIED, applied, receipts, times=100, under_is="receipts")


def unapplied_rate(*, unapplied: Number, on_account: Number, receipts: Number) -> Figure:
    """Cash not applied, on-account cash included, ÷ receipts × 100."""
    return quotient(UNAPPLIED, exact(unapplied) + exact(on_account), receipts, times=100, under_is="receipts")


def application_accuracy(*, accurate: int, applications: int) -> Figure:
    """Applications that were right ÷ applications × 100, by number."""
    return quotient(ACCURACY, accurate, applications, times=100, under_is="applications")


def bad_debt_to_sales(
    *, written_off: Number, recovered: Number, sales: Number, of_year: bool = False
) -> Figure:
    """Write-offs less recoveries ÷ credit sales × 100. Negative where more came back than was written off."""
    return quotient(
        BAD_DEBT_YEAR if of_year else BAD_DEBT, exact(written_off) - exact(recovered), sales, times=100,
        under_is="credit sales",
    )  # fmt: skip


def recovery_rate(*, collected: Number, outstanding: Number) -> Figure:
    """Collected in the period ÷ what was outstanding at its start × 100."""
    return quotient(RECOVERY, collected, outstanding, times=100, under_is="receivables at the start")


def promises_kept(*, kept: Number, due: Number, by_amount: bool = False) -> Figure:
    """Promises kept, by date with grace and by amount, ÷ promises that fell due × 100."""
    convention = KEPT_BY_AMOUNT if by_amount else KEPT_BY_NUMBER
    return quotient(convention, kept, due, times=100, under_is="promises due")


def dispute_rate(*, disputed: Number, billed: Number, by_amount: bool = False) -> Figure:
    """Disputes opened ÷ invoices billed × 100, by number or by amount, of one period."""
    if by_amount:
        return quotient(DISPUTED_BY_AMOUNT, disputed, billed, times=100, under_is="credit sales")
    return quotient(DISPUTED_BY_NUMBER, disputed, billed, times=100, under_is="invoices billed")


def dispute_cycle(*, days: int, disputes: int) -> Figure:
    """Mean days that the disputes closed in the period had been open."""
    if disputes == 0:
        return cannot(CYCLE, "no dispute was closed")
    return quotient(CYCLE, days, disputes, under_is="disputes closed")


def contact_coverage(*, contacted: int, accounts: int, is_right: bool = False) -> Figure:
    """Accounts contacted within the days of the policy ÷ accounts in cadence × 100; with `is_right`, the right person."""
    convention = RIGHT_CONTACT if is_right else COVERED
    return quotient(convention, contacted, accounts, times=100, under_is="accounts in cadence")
