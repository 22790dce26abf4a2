"""How the month went: every figure by its convention, its trend and the documents behind it. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from arlib.collect.contact.cadence import account_touches
from arlib.collect.contact.promises import judged_promises
from arlib.collect.kpi.billing import fell_off
from arlib.collect.kpi.goals import kpi_targets
from arlib.collect.kpi.items import kpi_items
from arlib.collect.kpi.months import DOCUMENT, FUNCTIONAL, Monthly, monthly
from arlib.collect.kpi.past_due import past_due_bridge, redated_note
from arlib.collect.kpi.runs import SALES_TYPES
from arlib.collect.kpi.trend import YEAR, season, trend
from arlib.collect.kpi.values import month_values
from arlib.collect.kpi.windows import FULL_FROM, windows
from arlib.collect.position import Position
from arlib.controls import Control, Identity
from arlib.credit.allowance.booked import BookedAllowance, booked_allowance
from arlib.ledger.facts import counted, fact_dates, in_functional, of_entity
from arlib.ledger.frames_control import RollLine
from arlib.ledger.rollforward import line_amount, roll_forward
from arlib.money import iso_code, total
from arlib.policy import AgeFrom, Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import is_none


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """Figures of the trend's months, and of the as-of month what is behind them."""

    months: pd.DataFrame  # KPI_MONTHS of the trend's months
    figures: pd.DataFrame  # KPI_VALUES of the trend's months
    trend: pd.DataFrame  # KPI_TREND
    season: pd.DataFrame  # SEASON
    past_due: pd.DataFrame  # PAST_DUE_BRIDGE
    targets: dict[str, str]  # by figure, decimal text in its unit; held against the headline convention
    items: pd.DataFrame = field(repr=False)  # KPI_ITEMS
    controls: tuple[Control, ...] = ()
    identities: tuple[Identity, ...] = ()
    limits: tuple[str, ...] = ()
    period: str = ""  # the as-of month

    def now(self, kpi: str, convention: str, *, currency: str = "") -> pd.Series | None:
        """The row of a figure for the as-of month, in the books' currency or a document currency; None where there is none."""
        measure = DOCUMENT if currency else FUNCTIONAL
        rows = self.figures[
            self.figures["kpi"].eq(kpi) & self.figures["convention"].eq(convention) & self.figures["period"].eq(self.period)
            & self.figures["measure"].eq(measure)
        ]  # fmt: skip
        rows = rows[rows["currency"].eq(currency)] if currency else rows
        return None if rows.empty else rows.iloc[0]


def performance(
    book: Book, *, position: Position, policies: Policies, promises: pd.DataFrame | None = None,
    items: pd.DataFrame | None = None,
) -> Performance:  # fmt: skip
    """Every KPI by its convention for the last `trend_months` calendar months to the as-of date.

    Needs ITEMS and APPLICATIONS; uses INSTALMENTS, DISPUTES, PROMISES, ACTIVITIES, ALLOWANCE_ENTRIES. The month of the
    as-of date ends on it. What the source cannot tell is a row with the reason. Receivables are those of the aging at
    booking rates: identities by document currency, and a control in the books' currency; sales are held against the
    roll-forward. `promises` and `items` are JUDGED_PROMISES and ITEM_TOUCHES where they are at hand.
    """
    scope = position.scope
    shown = policies.performance.trend_months
    window = windows(book, scope=scope, months=max(shown, YEAR + 1) + YEAR)
    found = monthly(book, scope=scope, policies=policies, windows=window)
    judged = touched = None
    if book.has("promises"):
        judged = judged_promises(book, position=position, policies=policies) if promises is None else promises
    if book.has("activities"):
        touched = account_touches(book, position=position, policies=policies, items=items)
    count = len(window.months)
    numbers = range(count - max(shown, YEAR + 1), count)
    values = month_values(
        found, numbers=numbers, policy=policies.performance, allowance=_allowance(book, scope), promises=judged,
        contacts=touched,
    )  # fmt: skip
    short = fell_off(found.runs.items, windows=window, scope=scope)
    names = [month.name for month in window.months[-shown:]]
    bridge = past_due_bridge(book, found, scope=scope, policies=policies)
    return Performance(
        months=found.frame[found.frame["month"].isin(names)].reset_index(drop=True),
        figures=_remarked(values[values["period"].isin(names)], bridge, scope, window.months[-1].name),
        trend=trend(
            values,
            windows=window,
            noise_factor=policies.performance.noise_factor,
            fell_off=short.short if short else "",
        ),
        season=season(found.frame, windows=window, shown=shown),
        past_due=bridge,
        targets=kpi_targets(book, scope=scope),
        items=kpi_items(book, found.runs, scope=scope, policies=policies, windows=window, promises=judged),
        controls=(
            *_aging_controls(found, position),
            *_bridge_controls(bridge, position, policies),
            *_sales_controls(book, found, scope, policies),
        ),
        identities=_identities(found, position),
        limits=(*((short.limit,) if short else ()), *_limits(found, scope)),
        period=window.months[-1].name,
    )


def _remarked(values: pd.DataFrame, bridge: pd.DataFrame, scope: Scope, period: str) -> pd.DataFrame:
    """The figures, with a remark on the share not yet due where a later due date raised it."""
    made = values.reset_index(drop=True)
    note = redated_note(bridge, scope.functional_currency)
    if note:
        here = made["kpi"].eq("percent_current") & made["measure"].eq(FUNCTIONAL) & made["period"].eq(period)
        made.loc[(here & made["value"].notna()).to_numpy(dtype=bool), "why"] = note
    return made


def _allowance(book: Book, scope: Scope) -> BookedAllowance | None:
    return booked_allowance(book, scope=scope) if book.has("allowance_entries") else None


def _last(found: Monthly, measure: str, currency: str, name: str) -> int | None:
    """A figure of the last month, None where it is not known."""
    frame = found.frame
    rows = frame[
        frame["measure"].eq(measure)
        & frame["currency"].eq(currency)
        & frame["month"].eq(found.windows.months[-1].name)
    ]
    return None if rows.empty or is_none(rows[name].iloc[0]) else int(rows[name].iloc[0])


def _identities(found: Monthly, position: Position) -> tuple[Identity, ...]:
    """Receivables of the last month end = open items, counted another way, by document currency."""
    items = position.items
    known = found.frame[
        found.frame["measure"].eq(DOCUMENT) & found.frame["month"].eq(found.windows.months[-1].name)
    ]
    codes = sorted({*items["currency"].dropna(), *known.loc[known["total"].notna(), "currency"]})
    return tuple(
        Identity(
            name="receivables of the KPIs = aging", entity=position.scope.entity, currency=code, left_label="KPIs",
            left=_last(found, DOCUMENT, code, "total") or 0, right_label="open items",
            right=total(items.loc[items["currency"].eq(code), "outstanding"]),
        ).require()
        for code in codes
    )  # fmt: skip


def _aging_controls(found: Monthly, position: Position) -> tuple[Control, ...]:
    """The same in the books' currency at booking rates."""
    scope, amounts = position.scope, position.items["functional_outstanding"]
    unknown = int(amounts.isna().sum())
    left = _last(found, FUNCTIONAL, scope.functional_currency, "total")
    return (
        Control(
            name="kpi_receivables", title="Receivables of the KPIs = aging, at booking rates", entity=scope.entity,
            currency=scope.functional_currency, left_label="KPIs", left=None if unknown else left, right_label="aging",
            right=None if unknown else total(amounts),
            note=f"{unknown} open items have no amount in {iso_code(scope.functional_currency)}" if unknown else "",
        ),
    )  # fmt: skip


def _bridge_controls(bridge: pd.DataFrame, position: Position, policies: Policies) -> tuple[Control, ...]:
    """The end of the past-due bridge against the aging, where the aging goes by contractual due date as the bridge does."""
    if bridge.empty or policies.aging.age_from is not AgeFrom.DUE_DATE:
        return ()
    return (
        Control(
            name="kpi_past_due", title="Past due at the end of the bridge = aging", entity=position.scope.entity,
            currency=position.currency, left_label="bridge", left=int(bridge["amount"].iloc[-1]), right_label="aging",
            right=total(position.past_due["functional_outstanding"]),
        ),
    )  # fmt: skip


def _sales_controls(book: Book, found: Monthly, scope: Scope, policies: Policies) -> tuple[Control, ...]:
    """Credit sales of the month = lines of the roll-forward, in the books' currency and each document currency.

    The roll-forward goes by posting date; under the customer view, documents dated in another month than they are posted
    explain the difference.
    """
    month = found.windows.months[-1]
    common = Control(
        name="kpi_sales", title="Credit sales of the month = roll-forward", entity=scope.entity,
        currency=scope.functional_currency, left_label="KPIs", right_label="roll-forward",
    )  # fmt: skip
    if not found.windows.knows_flow(len(found.windows.months) - 1):
        why = (
            "the source keeps no history of billing"
            if found.windows.is_snapshot
            else "no document of the month"
        )
        return (replace(common, note=why),)
    rolled = roll_forward(book, scope=replace(scope, starts_on=month.starts_on))
    lines = [RollLine.INVOICES, RollLine.DEBIT_MEMOS]
    if policies.performance.sales_net_of_credit_memos:
        lines.append(RollLine.CREDIT_MEMOS)
    made = []
    for measure, code in found.keys:
        frame = rolled.functional if measure == FUNCTIONAL else rolled.document
        left = _last(found, measure, code, "sales")
        if measure == FUNCTIONAL and frame.empty:
            made.append(replace(common, note=f"a document has no amount in {iso_code(code)}"))
            continue
        explained, count = _dated_elsewhere(book, scope, month.starts_on, measure, code, lines)
        unit = f"{iso_code(code)} {'of the books' if measure == FUNCTIONAL else 'documents'}"
        right = sum(line_amount(frame, line, currency=code) for line in lines)
        made.append(replace(
            common, title=f"{common.title}, {unit}", currency=code, left=left, right=right, explained=explained, count=count,
        ))  # fmt: skip
    return tuple(made)


def _dated_elsewhere(
    book: Book, scope: Scope, first: object, measure: str, currency: str, lines: list[RollLine]
) -> tuple[int, int]:
    """Sales documents that count in the month by the scope's basis but not by posting date, less the other way round."""
    if scope.basis is Basis.POSTING:
        return 0, 0
    types = [*SALES_TYPES, *([ItemType.CREDIT_MEMO.value] if RollLine.CREDIT_MEMOS in lines else [])]
    items = of_entity(book["items"], scope.entity)
    items = items[items["item_type"].isin(types).to_numpy(dtype=bool)]
    if measure == DOCUMENT:
        items = items[items["currency"].eq(currency).to_numpy(dtype=bool)]
    sides = [
        fact_dates(items, basis).ge(pd.Timestamp(str(first))).to_numpy(dtype=bool) & counted(items, scope=scope, basis=basis)
        for basis in (scope.basis, Basis.POSTING)
    ]  # fmt: skip
    own = in_functional(items, "functional_amount", "amount", "currency", scope.functional_currency)
    amount = (own if measure == FUNCTIONAL else items["amount"]).fillna(0)
    differs = sides[0] != sides[1]
    return total(amount[sides[0] & differs]) - total(amount[sides[1] & differs]), int(differs.sum())


def _limits(found: Monthly, scope: Scope) -> tuple[str, ...]:
    """What the figures do not say."""
    windows = found.windows
    said = []
    if windows.is_snapshot:
        said.append(
            f"The source is a snapshot of {scope.as_of:%Y-%m-%d}: only what stands open that day is known. Sales, DSO, CEI, "
            "turnover, cash and losses of any month cannot be computed from it."
        )
    elif windows.first > 0 and windows.begins:
        rest = "with the balances brought forward" if windows.has_opening else (
            "without balances brought forward, so receivables of its first months leave out what was billed before"
        )  # fmt: skip
        said.append(
            f"The ledger begins in {windows.begins}, {rest}; figures that need an earlier month are not computed."
        )
    if windows.partial in {month.name for month in windows.months}:
        said.append(
            f"The first document of {windows.partial}, the ledger's first month, is dated after its day {FULL_FROM}: no figure is "
            "compared with that month."
        )
    if (windows.months[-1].ends_on.month, windows.months[-1].ends_on) == (
        scope.as_of.month,
        scope.as_of,
    ) and not _is_end(scope):
        said.append(
            f"The last month ends on {scope.as_of:%Y-%m-%d}, before its end: its flows are those so far."
        )
    said.append(
        "Amounts in the books' currency are at booking rates, without revaluation; intercompany customers are included, as in "
        "the aging. Figures of different conventions are never compared."
    )
    return tuple(said)


def _is_end(scope: Scope) -> bool:
    return (pd.Timestamp(scope.as_of) + pd.Timedelta(days=1)).day == 1
