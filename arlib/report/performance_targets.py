"""What the performance report shows of targets, collectors and portfolios. Floor 3."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from arlib.collect.targets import Collected, by_collector, collected
from arlib.collect.targets.frames import (
    ACTIVITY_BY_COLLECTOR,
    CLEARED,
    COLLECTED_LINES,
    COLLECTED_TOTALS,
    PORTFOLIO_MOVED,
    PORTFOLIO_MOVES,
    Level,
)
from arlib.money import iso_code
from arlib.policy import Policies, Scope
from arlib.report.model import Chart, ChartKind, ResultTable
from arlib.report.performance_shown import shown_table
from arlib.report.tables import in_words
from arlib.report.words import amount_text, money_text
from arlib.tables import Book
from arlib.tables.rows import is_none, records, text

NOBODY = "(nobody)"
SETTLED = (
    "frozen",
    "collected",
    "rate",
    "target_rate",
    "target_amount",
    "to_collect",
    "pro_rata",
    "ahead",
    "still_open",
)
AMOUNTS = ("target_amount", "difference", "to_collect", "pro_rata", "ahead")
HEADINGS = {
    "frozen": "Open at the start", "rate": "Collected, share", "target_rate": "Target, share", "target_amount": "Target, quarter",
    "to_collect": "Still to collect", "pro_rata": "Target, pro rata", "ahead": "Ahead, behind (−)",
    "what": "In words", "accounts_at_start": "Accounts", "amount_at_start": "Open at the start", "from_collector": "From",
    "to_collector": "To", "at_start": "Open at the start", "left": "Still open", "other": "Other", "name": "Name",
    "contacts_target": "Target", "kept_rate": "Kept, share", "kept_target": "Target, kept", "right_rate": "Right, share",
}  # fmt: skip
RATES = ("rate", "target_rate")
NO_QUARTER = (
    "The source is a snapshot of one day, or says nothing of applications: what was open at the start of the quarter, and "
    "so collected against target, is not known."
)


def quarter(book: Book, *, scope: Scope, policies: Policies) -> Collected | None:
    """Collected against target; None where the source keeps no history, or no applications."""
    if "snapshot" in book.features or not book.has("applications"):
        return None
    return collected(book, scope=scope, policies=policies)


def target_tables(
    found: Collected | None, book: Book, *, scope: Scope, policies: Policies
) -> tuple[ResultTable, ...]:
    """Collected against target by bucket, region and collector, credits cleared, activity and portfolio movements."""
    code = scope.functional_currency
    totals = found.totals if found else COLLECTED_TOTALS.empty()
    names = {level: totals[totals["level"].eq(level.value)].reset_index(drop=True) for level in Level}
    names[Level.BUCKET] = _by_age(names[Level.BUCKET], policies)
    against = tuple(
        shown_table(
            COLLECTED_TOTALS, names[level], name=f"collected_by_{level.value}", functional=code, headings=HEADINGS | {"name": head},
            title=f"Collected against target, by {level.value}", on_page=("name", *SETTLED), is_ordered=level is Level.BUCKET,
            words={"name": _names(names[level]["name"], is_bucket=level is Level.BUCKET)}, shares=RATES, not_totalled=AMOUNTS,
            note=_note(found) + (_tie(found) if level is Level.BUCKET else ""),
        )
        for level, head in ((Level.BUCKET, "At the start of the quarter"), (Level.REGION, "Region"), (Level.COLLECTOR, "Collector"))
    )  # fmt: skip
    activity = by_collector(book, scope=scope, policies=policies)
    moves = found.moves if found else PORTFOLIO_MOVES.empty()
    return (
        *against,
        shown_table(
            CLEARED, found.cleared if found else CLEARED.empty(), functional=code, shares=("rate",),
            headings=HEADINGS | {"rate": "Cleared, share"}, title="Unapplied cash and open credits cleared in the quarter",
            on_page=("kind", "currency", "items", "at_start", "applied", "refunded", "other", "left", "rate", "now"),
        ),
        shown_table(
            ACTIVITY_BY_COLLECTOR, activity, title="What each collector did in the month", functional=code, headings=HEADINGS,
            words={"collector": {"": NOBODY}}, shares=("right_rate", "kept_rate", "kept_target"),
            on_page=("collector", "contacts", "contacts_target", "calls", "emails", "letters", "right_contacts", "promises_taken",
                     "promises_due", "promises_kept"),
        ),
        shown_table(
            PORTFOLIO_MOVES, moves, title="Portfolio movements of the quarter", functional=code, headings=HEADINGS,
            words={"collector": {"": NOBODY}},
            on_page=("collector", "accounts_at_start", "amount_at_start", "accounts_out", "amount_out", "accounts_in", "amount_in", "net"),
        ),
        shown_table(
            PORTFOLIO_MOVED, found.moved if found else PORTFOLIO_MOVED.empty(), title="Accounts that changed collector", functional=code,
            headings=HEADINGS, words={"from_collector": {"": NOBODY}, "to_collector": {"": NOBODY}}, is_detail=True,
        ),
        shown_table(
            COLLECTED_LINES, found.lines if found else COLLECTED_LINES.empty(), functional=code, is_detail=True, headings=HEADINGS,
            title="Collected against target, by collector, region and bucket", shares=RATES, not_totalled=AMOUNTS,
            words={"collector": {"": NOBODY}, "region": {"": "(none)"}},
        ),
    )  # fmt: skip


def _by_age(buckets: pd.DataFrame, policies: Policies) -> pd.DataFrame:
    """The lines of buckets in the order of the aging."""
    order = {name: place for place, name in enumerate(policies.aging.buckets)}
    places = buckets["name"].map(order).fillna(len(order))
    return (
        buckets.assign(place=places)
        .sort_values("place", kind="stable", ignore_index=True)
        .drop(columns="place")
    )


def target_chart(found: Collected | None, *, scope: Scope, policies: Policies) -> Chart:
    """Collected beside its target, by bucket at the start of the quarter."""
    code = scope.functional_currency
    rows = records(_by_age(found.by_bucket, policies)) if found else []
    parts = []
    for row in rows:
        label = in_words(text(row["name"]))
        share = (
            ""
            if is_none(row["rate"])
            else f"{(Decimal(str(row['rate'])) * 100).quantize(Decimal('0.1'))} % of what was open"
        )
        parts.append({"label": label, "series": "collected", "amount": int(row["collected"]), "note": share})
        if not is_none(row["target_amount"]):
            parts.append(
                {"label": label, "series": "target", "amount": int(row["target_amount"]), "note": ""}
            )
    frame = pd.DataFrame({
        "label": pd.Series([p["label"] for p in parts], dtype="str"), "series": pd.Series([p["series"] for p in parts], dtype="str"),
        "amount": pd.Series([p["amount"] for p in parts], dtype="Int64"), "note": pd.Series([p["note"] for p in parts], dtype="str"),
    })  # fmt: skip
    sentence = _sentence(found, code)
    said = "; ".join(f"{p['label']} {p['series']} {amount_text(int(str(p['amount'])), code)}" for p in parts)
    return Chart(name="collected", title=f"Collected against target, quarter to date, {iso_code(code)}", sentence=sentence,
                 alt=f"Bars by bucket: {said}. {sentence}", kind=ChartKind.GROUPED_BARS, frame=frame, currency=code)  # fmt: skip


def target_findings(found: Collected | None) -> tuple[str, ...]:
    """The whole quarter so far, and collectors that are behind an even pace to their target."""
    if found is None:
        return ()
    whole = records(found.by(Level.ALL))
    behind = [
        row for row in records(found.by_collector) if not is_none(row["ahead"]) and int(row["ahead"]) < 0
    ]
    said = [f"Quarter to date, all collectors: {row['what']}" for row in whole]
    return (*said, *(f"{text(row['name']) or NOBODY}: {row['what']}" for row in behind))


def _sentence(found: Collected | None, code: str) -> str:
    if found is None:
        return NO_QUARTER
    whole = records(found.by(Level.ALL))
    if not whole:
        return "Nothing was open at the start of the quarter."
    row = whole[0]
    cash, start = money_text(int(row["collected"]), code), money_text(int(row["frozen"]), code)
    said = f"{cash} was collected of {start} open at the start of the quarter"
    return said + (
        "."
        if is_none(row["target_amount"])
        else f"; the target of the quarter is {money_text(int(row['target_amount']), code)}, pro rata "
        f"{money_text(int(row['pro_rata']), code)} ({found.quarter.told(found.as_of)})."
    )


def _names(names: pd.Series, *, is_bucket: bool) -> dict[str, str]:
    return {str(n): in_words(str(n)) if is_bucket and n else str(n) or NOBODY for n in names.unique()}


def _note(found: Collected | None) -> str:
    if found is None:
        return NO_QUARTER
    return (
        f"{found.quarter.name}, {found.quarter.told(found.as_of)}: cash net of returns, {found.rule}; closing rates of "
        f"{found.quarter.frozen_on:%Y-%m-%d}, the group's own left out."
    )


def _tie(found: Collected | None) -> str:
    """From the balances at booking rates that other tables of the page show to what was frozen."""
    made = ""
    for each in found.reconciled if found else ():
        if each.booked is None:
            continue
        booked, internal, rates, frozen = (
            amount_text(amount, found.currency) if found else ""
            for amount in (each.booked, -each.internal, each.rates or 0, each.frozen)
        )
        made += f" {each.part.capitalize()}: {booked} at booking rates, {internal} the group's own, {rates} to closing rates = {frozen}."
    return made
