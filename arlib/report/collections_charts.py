"""The charts of the collections report: past due by collector and bucket, contact against target. Floor 3."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from arlib.money import iso_code, times, total, totals_by
from arlib.policy import Policies, Scope
from arlib.report.bad_debt_percents import percent_of, share_percent
from arlib.report.collections_facts import CollectionFacts
from arlib.report.model import Chart, ChartKind
from arlib.report.tables import in_words
from arlib.report.words import amount_text, counted, money_text
from arlib.tables.rows import is_none, records

MOST = 8  # collectors that stand by themselves; the rest is one group
MOST_SERIES = 4
NOBODY, REST = "(no collector)", "other collectors"


def charts(facts: CollectionFacts, *, scope: Scope, policies: Policies) -> tuple[Chart, ...]:
    """Both in the books' currency at closing rates; amounts without a rate are in neither, as the limits say."""
    return (_past_due(facts, scope, policies), _coverage(facts, scope))


def _past_due(facts: CollectionFacts, scope: Scope, policies: Policies) -> Chart:
    """What is past due by collector, a bar a bucket; the collectors with most first."""
    code = scope.functional_currency
    late = facts.position.past_due
    rows = late[late["books_amount"].notna()].assign(label=late["collector"].fillna("").replace("", NOBODY))
    by_label = totals_by(rows, ["label"], "books_amount").sort_values(
        ["books_amount", "label"], ascending=[False, True], kind="stable"
    )
    first = list(by_label["label"].head(MOST if len(by_label) > MOST + 1 else len(by_label)))
    series = _series(policies)
    rows = rows.assign(
        label=rows["label"].where(rows["label"].isin(first), REST), bucket=rows["bucket"].map(series)
    )
    sums = totals_by(rows, ["label", "bucket"], "books_amount").set_index(["label", "bucket"])["books_amount"]
    labels = [*first, *([REST] if rows["label"].eq(REST).any() else [])]
    lines = [
        {"label": label, "series": bucket, "amount": int(sums[label, bucket])}
        for label in labels
        for bucket in dict.fromkeys(series.values())
        if (label, bucket) in sums.index
    ]
    whole = total(rows["books_amount"])
    sentence = (
        f"{money_text(whole, code)} is past due with {counted(len(by_label), 'collector')}; "
        f"{by_label['label'].iloc[0]} has {money_text(int(by_label['books_amount'].iloc[0]), code)} of it."
        if whole
        else "Nothing is past due."
    )
    return Chart(
        name="past_due", title=f"Past due by collector and bucket, {iso_code(code)}", sentence=sentence,
        alt=_alt("Bars by collector and bucket", lines, code, sentence), kind=ChartKind.GROUPED_BARS, frame=_frame(lines), currency=code,
    )  # fmt: skip


def _series(policies: Policies) -> dict[str, str]:
    """What each bucket is called in the chart: four at most, so that each has a look of its own; the last are one."""
    buckets = policies.aging.past_due_buckets
    last = buckets[MOST_SERIES - 1 :]
    tail = f"{last[0].split('-')[0].rstrip('+')}+ days" if last else ""
    return {bucket: tail if bucket in last else in_words(bucket) for bucket in buckets}


def _coverage(facts: CollectionFacts, scope: Scope) -> Chart:
    """Open debits of each band of days past due: all, touched in time, and the target."""
    code = scope.functional_currency
    rows = facts.coverage[facts.coverage["collector"].fillna("").eq("")]
    lines = []
    for row in records(rows[rows["accounts"].gt(0) & rows["books_amount"].notna()]):
        label, open_ = f"{row['band']} days", int(row["books_amount"])
        lines.append({"label": label, "series": "open", "amount": open_, "note": ""})
        if not is_none(row["books_touched"]):
            in_time = int(row["books_touched"])
            lines.append({"label": label, "series": "touched in time", "amount": in_time,
                          "note": _percent(share_percent(in_time, open_, 1))})  # fmt: skip
        if isinstance(row["target"], str):
            share = Decimal(row["target"])
            lines.append({"label": label, "series": "target", "amount": times(open_, share),
                          "note": _percent(percent_of(row["target"], 1))})  # fmt: skip
    accounts, touched = int(rows["accounts"].sum()), rows["touched"].dropna()
    sentence = (
        f"{int(touched.sum()):,} of {counted(accounts, 'account')} in the cadence were touched in time."
    )
    if not accounts:
        sentence = "No account is in the cadence."
    elif touched.empty:
        sentence = "When accounts were touched is not known."
    return Chart(
        name="coverage", title=f"Contact against target, open amounts, {iso_code(code)}", sentence=sentence,
        alt=_alt("Bars by days past due: open, touched in time, target", lines, code, sentence), kind=ChartKind.GROUPED_BARS,
        frame=_frame(lines), currency=code,
    )  # fmt: skip


def _percent(share: str | None) -> str:
    return "" if share is None else f"{share} %"


def _frame(lines: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": pd.Series([line["label"] for line in lines], dtype="str"),
            "series": pd.Series([line["series"] for line in lines], dtype="str"),
            "amount": pd.Series([line["amount"] for line in lines], dtype="Int64"),
            "note": pd.Series([line.get("note", "") for line in lines], dtype="str"),
        }
    )


def _alt(what: str, lines: list[dict[str, object]], code: str, sentence: str) -> str:
    said = "; ".join(
        f"{line['label']} {line['series']} {amount_text(int(str(line['amount'])), code)}" for line in lines
    )
    return f"{what}: {said}. {sentence}" if said else sentence
